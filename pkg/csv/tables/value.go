package tables

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// form says which part of a value holds what it is.
type form uint8

const (
	absent     form = iota // nothing: an empty cell
	numberForm             // number
	clockForm              // clock; where there is text as well, that is how it was written
	offsetForm             // the offset of clock, which it has
	textForm               // text
)

// value is what a row says in one column, before it is written. Its unit is that of
// the column.
type value struct {
	form   form
	number telegram.Decimal
	clock  telegram.Clock
	text   string
}

func numberValue(d telegram.Decimal) value { return value{form: numberForm, number: d} }
func countValue(n int64) value             { return numberValue(telegram.Decimal{Digits: n}) }

// numberOr is the value of a number that is known or not.
func numberOr(d telegram.Decimal, known bool) value {
	if !known {
		return value{}
	}
	return numberValue(d)
}

func clockValue(c telegram.Clock, known bool) value {
	if !known {
		return value{}
	}
	return value{form: clockForm, clock: c}
}

// offsetValue is the offset of a clock, absent where that is not known.
func offsetValue(c telegram.Clock) value {
	if c.Season == 0 {
		return value{}
	}
	return value{form: offsetForm, clock: c}
}

func textValue(text string) value {
	if text == "" {
		return value{}
	}
	return value{form: textForm, text: text}
}

// confidenceValue is the confidence of a record as records have it, absent where there is none.
func confidenceValue(t *record.Telegram) value {
	if t.Confidence < record.MinConfidence {
		return value{}
	}
	var room [24]byte
	return numberOr(telegram.ParseDecimal(string(record.AppendConfidence(room[:0], t.Confidence))))
}

// append appends a value as all formats write it but for their marks around it: a
// number with a point, a time in RFC 3339, or, if local, as the meter's clock shows it.
func (v *value) append(b []byte, local bool) []byte {
	switch v.form {
	case numberForm:
		return v.number.Append(b)
	case offsetForm:
		return v.clock.AppendOffset(b)
	case textForm:
		return append(b, v.text...)
	case clockForm:
		switch {
		case local && (v.text == "" || v.clock.Season != 0):
			return v.clock.AppendLocal(b)
		case v.text != "":
			return append(b, v.text...)
		}
		return v.clock.AppendRFC3339(b)
	}
	return b
}

// instant is the moment that a time stands for, false where its offset is not known,
// so that no such moment is.
func (v *value) instant() (at time.Time, known bool) {
	written := v.form == clockForm && v.text != "" // with its offset
	return v.clock.Time, !v.clock.Time.IsZero() && (v.clock.Season != 0 || written)
}

// oneLine returns text fit for any reader: control characters, and what is not
// UTF-8, are U+FFFD, so that a row is always one line.
func oneLine(text string) string {
	for i := 0; i < len(text); i++ {
		if c := text[i]; c < 0x20 || c > 0x7E {
			return strings.Map(func(r rune) rune {
				if unicode.IsControl(r) {
					return utf8.RuneError
				}
				return r
			}, text)
		}
	}
	return text
}
