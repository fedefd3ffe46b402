package pseudonym

import (
	"bytes"
	"encoding/hex"
	"strings"

	"p1/pkg/telegram"
)

// A name is a line that names the meter, a customer or a device, and what becomes
// of it. Both texts have the same length.
//
//	line    0-0:96.1.0(7776772044)     /AUX57776772044
//	hidden  0-0:96.1.0(0000026385)     /AUX50000026385
type name struct {
	line, hidden []byte
	from, to     int // all that differs lies between
}

// changed reports whether there is anything to hide.
func (n *name) changed() bool { return n.from < n.to }

// names reports whether the lines of an OBIS code name somebody.
func names(code string) bool {
	return telegram.Lookup(code).Kind == telegram.Identifier
}

// namesOf returns the spans of raw that are identifiers of their own: the values
// of the lines that name somebody, and long numbers in the header.
func namesOf(t *telegram.Telegram) []telegram.Span {
	var spans []telegram.Span
	if t.Header() != nil {
		spans = headerNumbers(t.Raw, t.Lines[0].Span)
	}
	for i := range t.Lines {
		spans = append(spans, valuesOf(t.Raw, &t.Lines[i])...)
	}
	return spans
}

// valuesOf returns those of a line.
func valuesOf(raw []byte, l *telegram.Line) []telegram.Span {
	if l.Code.End == 0 || !names(string(l.Code.Of(raw))) {
		return nil
	}
	var spans []telegram.Span
	for _, v := range l.Values {
		spans = append(spans, telegram.Span{Start: v.Text.Start, End: v.Unit.End})
	}
	return spans
}

// headerNumbers returns the numbers of six digits or more after the maker's
// letters. A '\' and the character after it name the protocol (IEC 62056-21).
//
//	/FLU5\256772044_A        56772044
//	/ISK5\2M550T-1012        none: the model stays
func headerNumbers(raw []byte, header telegram.Span) []telegram.Span {
	var spans []telegram.Span
	at := header.Start + 5
	if at+1 < header.End && raw[at] == '\\' {
		at += 2
	}
	for at < header.End {
		n := digits(raw[at:header.End])
		if n >= enoughDigits {
			spans = append(spans, telegram.Span{Start: at, End: at + n})
		}
		at += n + 1
	}
	return spans
}

// digits returns how many digits a text begins with.
func digits(text []byte) int {
	for i, c := range text {
		if !telegram.IsDigit(c) {
			return i
		}
	}
	return len(text)
}

// secrets are what must not be seen any more: each run of six digits of the
// identifiers, and of those that code text in hex the hex form too.
type secrets map[string]bool

const (
	secretLen    = enoughDigits
	hexSecretLen = 2 * enoughDigits
)

// add adds what is in an identifier.
func (s secrets) add(identifier []byte) {
	if codesText(identifier) {
		for i := 0; i+hexSecretLen <= len(identifier); i += 2 {
			s.addRun(identifier[i : i+hexSecretLen])
		}
		identifier, _ = hex.DecodeString(string(identifier)) // it is hex: codesText has seen to that
	}
	_, alphabet := varying(identifier)
	for i := 0; i+secretLen <= len(identifier); i++ {
		if run := identifier[i : i+secretLen]; digits(run) == secretLen || len(alphabet) > len(decimal) {
			s.addRun(run)
		}
	}
}

// addRun adds a run, unless it is one digit all over: that tells nothing, and any
// reading may begin with as many zeros.
func (s secrets) addRun(run []byte) {
	period := len(run) / enoughDigits
	if !bytes.Equal(run[period:], run[:len(run)-period]) {
		s[strings.ToUpper(string(run))] = true
	}
}

// at returns how long the secret is that a text begins with, or 0.
func (s secrets) at(text []byte) int {
	for _, n := range []int{secretLen, hexSecretLen} {
		if len(text) >= n && telegram.IsHex(text[0]) && s[string(bytes.ToUpper(text[:n]))] {
			return n
		}
	}
	return 0
}

// in reports whether a text holds a secret.
func (s secrets) in(text []byte) bool {
	for i := range text {
		if s.at(text[i:]) > 0 {
			return true
		}
	}
	return false
}
