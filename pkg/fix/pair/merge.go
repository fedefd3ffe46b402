package pair

import (
	"bytes"

	"p1/pkg/align"
	"p1/pkg/record"
)

// cut is a telegram without its filler, a long run of one byte.
type cut struct {
	text []byte
	at   int    // where the filler stood
	fill []byte // the filler; empty where there is none
}

// filler is how long a run of one byte is that is one.
const filler = 64

// without cuts the filler out of a telegram.
func without(raw []byte) cut {
	from := 0
	for i := 1; i <= len(raw); i++ {
		if i < len(raw) && raw[i] == raw[from] {
			continue
		}
		if i-from >= filler {
			text := append(bytes.Clone(raw[:from]), raw[i:]...)
			return cut{text, from, raw[from:i]}
		}
		from = i
	}
	return cut{text: raw, at: -1}
}

// Merge returns what two telegrams that are the same one say together, and the edits that
// lead to it from the first: what the first lacks is taken from the second, and where they
// differ what rather stands in a telegram. It returns nil where they cannot be aligned.
func Merge(first, second []byte) (merged []byte, edits []record.Edit) {
	a, b := without(first), without(second)
	ops := align.Within(differences, len(b.text), len(a.text), equal(b.text, a.text))
	if ops == nil {
		return nil, nil
	}
	m := merger{}
	i, j := 0, 0
	for k := 0; ; k++ {
		if at := b.at; at == i && !m.filled || at < 0 && a.at == j && !m.filled {
			if a.at >= 0 && a.at != j {
				return nil, nil
			}
			m.fill(a.fill, b.fill)
		}
		if k == len(ops) {
			break
		}
		switch o := ops[k]; {
		case o == align.Same:
			m.out = append(m.out, a.text[j])
		case o == align.Added:
			m.out = append(m.out, a.text[j])
		case o == align.Lost:
			m.edit(nil, b.text[i:i+1])
		case likelier(b.text[i], a.text[j]):
			m.edit(a.text[j:j+1], b.text[i:i+1])
		default:
			m.out = append(m.out, a.text[j])
		}
		i, j = on(ops[k], i, j)
	}
	return m.out, m.edits
}

// merger writes what two telegrams say together.
type merger struct {
	out    []byte
	edits  []record.Edit
	filled bool
}

// edit writes now for got. What was lost in a row is one edit.
func (m *merger) edit(got, now []byte) {
	if n := len(m.edits) - 1; n >= 0 && len(got) == 0 && len(m.edits[n].Got) == 0 && m.edits[n].At+len(m.edits[n].Now) == len(m.out) {
		m.edits[n].Now = append(bytes.Clone(m.edits[n].Now), now...)
	} else {
		m.edits = append(m.edits, record.Edit{At: len(m.out), Got: append(record.Bytes{}, got...), Now: append(record.Bytes{}, now...)})
	}
	m.out = append(m.out, now...)
}

// fill writes the longer one of two fillers.
func (m *merger) fill(a, b []byte) {
	m.filled = true
	if len(b) > len(a) {
		m.edit(nil, b[:len(b)-len(a)])
	}
	m.out = append(m.out, a...)
}

// likelier reports whether b stands in telegrams rather than a.
func likelier(b, a byte) bool {
	return printable(b) && !printable(a)
}

func printable(c byte) bool { return ' ' <= c && c <= '~' || c == '\r' || c == '\n' }
