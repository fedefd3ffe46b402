package channel

import (
	"p1/pkg/crc"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// Masked returns what somebody has replaced by hand in a telegram that verifies by a kind of
// CRC, before the log was handed on: what looks so, where the kind is a known one that has
// moved by that. Nothing is masked where a known CRC holds as it is, nor where the meter
// signs in a way of its own.
func Masked(kind crc.Kind, raw []byte) (list []record.Mask) {
	if !kind.Moved() {
		return nil
	}
	for _, s := range telegram.Masks(raw) {
		list = append(list, record.Mask{At: s.Start, Length: s.End - s.Start})
	}
	return list
}
