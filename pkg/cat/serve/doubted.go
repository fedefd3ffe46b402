package serve

import (
	"bytes"
	"slices"
	"strings"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// withoutDoubted returns the telegram without the lines that contradict what is known of
// the meter, and those that go on with their values: whoever reads it takes every register
// in it for true. What is signed is signed anew, in the meter's kind of CRC.
//
//	1-0:1.8.0(000000.000*kWh)␍␊   doubted: cut
//	1-0:2.8.0(001234.567*kWh)␍␊
//	!5B60␍␊                       another CRC
func (b body) withoutDoubted(doubted []record.Doubt) (body, []string) {
	t := telegram.Parse(b.text)
	var text []byte
	var cut []string
	for i := 0; i < len(t.Lines); {
		n := 1
		if d := doubtOf(t, i, doubted); d != "" {
			cut = append(cut, d)
			for i+n < len(t.Lines) && t.Lines[i+n].Code.End == 0 && bytes.HasPrefix(t.Lines[i+n].Of(t.Raw), []byte{'('}) {
				n++
			}
		} else {
			text = append(text, lineOf(t, i)...)
		}
		i += n
	}
	if cut == nil {
		return b, nil
	}
	b.text = text
	if len(b.digits) > 0 {
		b.digits = []byte(b.kind.Digits(text))
	}
	return b, cut
}

// untrusted lists the lines of an unchecked telegram that p1fix does not trust, where it says which
// ones it does.
func untrusted(t *record.Telegram) (list []record.Doubt) {
	if t.Status != record.Unchecked || t.Trusted == nil {
		return nil
	}
	said := telegram.Parse(t.Raw)
	for i := range said.Lines {
		code := string(said.Lines[i].Code.Of(t.Raw))
		if code != "" && !slices.ContainsFunc(t.Trusted, func(x record.Trusted) bool { return x.Line == i+1 && x.Code == code }) {
			list = append(list, record.Doubt{Line: i + 1, Code: code})
		}
	}
	return list
}

// doubtOf is the code of a line that is doubted, "" of another one.
func doubtOf(t *telegram.Telegram, line int, doubted []record.Doubt) string {
	code := string(t.Lines[line].Code.Of(t.Raw))
	if code == "" || !slices.ContainsFunc(doubted, func(d record.Doubt) bool { return d.Line == line+1 && d.Code == code }) {
		return ""
	}
	return code
}

// lineOf is a line with its end.
func lineOf(t *telegram.Telegram, i int) []byte {
	end := len(t.Raw)
	if i+1 < len(t.Lines) {
		end = t.Lines[i+1].Start
	}
	return t.Raw[t.Lines[i].Start:end]
}

// cutWords say once that lines are cut.
func cutWords(codes []string, signed bool) string {
	anew := ""
	if signed {
		anew = ", and the CRC is calculated anew"
	}
	return "lines that contradict what is known of the meter, or cannot be trusted, are left out" + anew + ", first " +
		strings.Join(codes, ", ") + "; --as-sent leaves them"
}
