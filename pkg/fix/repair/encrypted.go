package repair

import (
	"bytes"

	"p1/pkg/record"
)

// encrypted reports whether a telegram came in an encrypted frame: its raw is
// neither the received bytes nor these without their parity bits.
func encrypted(t *record.Telegram) bool {
	raw := t.Raw
	if t.EOL == record.EOLLF {
		raw = bytes.ReplaceAll(raw, []byte{'\r'}, nil)
	}
	if len(raw) != len(t.ReceivedRaw) {
		return true
	}
	for i, b := range raw {
		if b != t.ReceivedRaw[i]&0x7F {
			return true
		}
	}
	return false
}

// passEncrypted hands on such a telegram. Its frame is as good as its tag says:
// there is nothing to learn for others, and nothing to repair in one that is bad,
// whose why says what is wrong.
func (f *Fixer) passEncrypted(e entry) error {
	if t := e.record.(*record.Telegram); t.Status == record.Bad {
		t.Status = record.Lost
		if t.Why == "" {
			t.Why = string(sealed)
		}
	}
	return f.pass(e)
}
