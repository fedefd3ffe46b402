// Package channel takes telegrams as they were logged and gives what line,
// receiver and logger have done to them.
//
// What the line does to a byte is a [Model]. What the logger does to all of a log
// [LoggerFinder] finds, and [Logger] undoes.
//
// One logger leaves out bytes: PuTTY's "printable output" drops everything outside
// 0x20 to 0x7E but CR and LF, and with it the filler that some meters put into an
// unused text field (0-0:96.13.0 with 1,024 bytes 0xFF). How many bytes are missing
// is not to be seen in any telegram, but one number makes the CRC of every
// undamaged one hold: [FillFinder].
package channel

import (
	"bytes"
	"strconv"

	"p1/pkg/crc"
	"p1/pkg/telegram"
)

// Fill is what a logger left out of a field: N times the byte B as the value of
// the line with the OBIS code.
type Fill struct {
	Code string `json:"code"`
	B    byte   `json:"byte"`
	N    int    `json:"n"`
}

const (
	// maxFill is the longest fill that is looked for; the P1 companion
	// standard 5.0.2 §6.12 gives a text message 1,024 characters at most.
	maxFill = 4096
	// agreeing telegrams make a fill known. One telegram alone has about
	// twenty fills that make its CRC hold; that three agree on one by accident
	// happens once in a thousand logs, and twice as often where the kind of the
	// CRC is not known either.
	agreeing = 3
	// maxVoters bounds the time that is spent on a log without any fill.
	maxVoters = 64
)

// FillFinder finds the fill that a logger left out, from telegrams that look
// undamaged but whose CRC does not hold.
type FillFinder struct {
	votes  map[filling]int
	seen   map[place]bool
	voters int
	found  filling
}

// filling is a fill with the kind of CRC that holds with it.
type filling struct {
	Fill
	kind crc.Kind
}

// place is an empty value and the register before it. From one register, all
// fills that make one telegram's CRC hold make that of every telegram hold: only
// different registers tell them apart.
type place struct {
	code   string
	before crc.State
}

// Found returns the fill, once enough telegrams agree on it.
func (f *FillFinder) Found() (Fill, bool) { return f.found.Fill, f.found.N > 0 }

// Kind returns the kind of CRC that holds with the fill that was found.
func (f *FillFinder) Kind() crc.Kind { return f.found.kind }

// Add lets a telegram vote whose CRC does not hold; sent is the CRC that it
// carries, four hex digits, of one of these kinds, or, where none is given, of
// any. Telegrams that break the grammar have no vote, nor have those that begin as
// one that has voted, up to the empty value.
func (f *FillFinder) Add(raw []byte, sent string, kinds ...crc.Kind) {
	want, err := strconv.ParseUint(sent, 16, 16)
	bang := bytes.LastIndexByte(raw, '!')
	if err != nil || bang < 0 || f.found.N > 0 || f.voters >= maxVoters || telegram.Check(raw) != nil {
		return
	}
	if f.seen == nil {
		f.seen, f.votes = map[place]bool{}, map[filling]int{}
	}
	voted := false
	t := telegram.Parse(raw)
	for _, l := range t.Lines {
		if len(l.Values) != 1 || l.Values[0].Text.Start != l.Values[0].Unit.End {
			continue
		}
		at := l.Values[0].Text.Start
		for _, kind := range anyOf(kinds) {
			p := place{string(l.Code.Of(raw)), kind.Start().After(raw[:at])}
			if !f.seen[p] {
				f.seen[p], voted = true, true
				f.vote(p, kind, kind.Ending(uint16(want)).Before(raw[at:bang+1]))
			}
		}
	}
	if voted {
		f.voters++
	}
}

// anyOf returns the kinds that a CRC may be of: where none is given, all.
func anyOf(kinds []crc.Kind) []crc.Kind {
	if len(kinds) > 0 {
		return kinds
	}
	return crc.Kinds()
}

// vote tries all fills of an empty value. The register that the bytes after it
// turn into the CRC was calculated backwards: a fill holds where the register
// after it is the one that is wanted.
func (f *FillFinder) vote(at place, kind crc.Kind, want crc.State) {
	for b := range 256 {
		if Printable(byte(b)) {
			continue
		}
		s := at.before
		for n := 1; n <= maxFill; n++ {
			s = s.Step(byte(b))
			if s == want {
				f.count(filling{Fill{at.code, byte(b), n}, kind})
			}
		}
	}
}

func (f *FillFinder) count(fill filling) {
	f.votes[fill]++
	if f.votes[fill] == agreeing {
		f.found = fill
	}
}

// Printable reports whether a logger of printable output keeps the byte: 0x20 to
// 0x7E, CR and LF.
func Printable(b byte) bool { return b >= 0x20 && b <= 0x7E || b == '\r' || b == '\n' }
