package unwrap

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-faster/jx"
)

// JSON lines, each an object of which one field holds a line or a telegram, and perhaps one
// the time.
//
//	{"time":"2026-11-29T13:00:00Z","line":"1-0:1.8.0(008234.524*kWh)"}␊
//	        └─── when it came ──┘         └────── the meter's ─────┘
//	["/ABC5…","","1-0:1.8.0(008234.524*kWh)", … ,"!5B60"]␊     a telegram as the list of its lines
//
// A string may be the line itself ("1-0:…"). Line ends are those within the text, or where
// there are none, those of the file. A character up to U+00FF is one byte; others are
// written as UTF-8.
func jsonForm() form {
	return form{
		name: "JSON", live: true,
		says: "each line is JSON: the field that holds the meter's text is read",
		look: lookJSON,
	}
}

func lookJSON(s *sample) maker {
	values := map[string][][]byte{}
	fit := 0
	for _, line := range s.first() {
		fields := jsonFields(line)
		if len(fields) == 0 {
			continue
		}
		fit++
		for key, value := range fields {
			values[key] = append(values[key], value)
		}
	}
	if fit == 0 || !s.fits(fit, len(s.first())) && !(10*fit >= 9*len(s.first()) && s.wholeIn(values)) {
		return nil
	}
	l := jsonLayer{zoned: s.zoned}
	best := -1
	for key, list := range values {
		if n := plainLines(list); n > best || n == best && key < l.key {
			l.key, best = key, n
		}
	}
	if best == 0 && !s.told {
		if l.key = s.sensible(values); l.key == "" {
			return nil
		}
	}
	for key, list := range values {
		_, n := parseClock(list[0])
		if key != l.key && n > 0 && n == len(list[0]) && (l.time == "" || key < l.time) {
			l.time = key
		}
	}
	l.ends = bytes.IndexByte(bytes.Join(values[l.key], nil), '\n') >= 0
	return func() layer {
		fresh := l
		fresh.keys = []string{l.key}
		fresh.each = fresh.line
		return &fresh
	}
}

// wholeIn reports whether a telegram stands in one of the values.
func (s *sample) wholeIn(values map[string][][]byte) bool {
	for _, list := range values {
		if plainLines(list) >= fewLines {
			return true
		}
	}
	return false
}

// sensible returns the key whose values are another form, or "".
func (s *sample) sensible(values map[string][][]byte) string {
	var keys []string
	for key := range values {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		if s.makesSense(values[key]) {
			return key
		}
	}
	return ""
}

// plainLines counts the lines of P1 in texts.
func plainLines(texts [][]byte) int {
	n := 0
	for _, text := range texts {
		for line := range bytes.SplitSeq(text, newline) {
			if isPlain(line) {
				n++
			}
		}
	}
	return n
}

// jsonFields returns the texts of an object, those of objects within it too, by their keys;
// of a list alone the key is "". nil where the line is no JSON of these kinds.
func jsonFields(line []byte) map[string][]byte {
	text := bytes.TrimRight(bytes.TrimSpace(line), ",")
	if len(text) < 2 || text[0] != '{' && text[0] != '[' {
		return nil
	}
	fields := map[string][]byte{}
	if err := collect(jx.DecodeBytes(text), "", fields, 0); err != nil {
		return nil
	}
	return fields
}

// collect adds the texts of a value to fields.
func collect(d *jx.Decoder, key string, fields map[string][]byte, depth int) error {
	const deepest = 8
	switch d.Next() {
	case jx.String:
		text, err := d.Str()
		if err == nil {
			fields[key] = meterBytes(text)
		}
		return err
	case jx.Number:
		n, err := d.Num()
		if err == nil {
			fields[key] = []byte(n)
		}
		return err
	case jx.Object:
		if depth == deepest {
			return d.Skip()
		}
		return d.Obj(func(d *jx.Decoder, name string) error { return collect(d, name, fields, depth+1) })
	case jx.Array:
		lines, err := jsonLines(d)
		if len(lines) > 0 {
			fields[key] = lines
		}
		return err
	}
	return d.Skip()
}

// jsonLines returns the texts of a list, each as a line.
func jsonLines(d *jx.Decoder) (lines []byte, err error) {
	err = d.Arr(func(d *jx.Decoder) error {
		if d.Next() != jx.String {
			return d.Skip()
		}
		text, err := d.Str()
		lines = append(lines, meterBytes(text)...)
		if !strings.HasSuffix(text, "\n") {
			lines = append(lines, '\n')
		}
		return err
	})
	return lines, err
}

// meterBytes returns the bytes that a text stands for.
func meterBytes(text string) []byte {
	out := make([]byte, 0, len(text))
	for i, r := range text {
		if r == utf8.RuneError {
			_, n := utf8.DecodeRuneInString(text[i:])
			out = append(out, text[i:i+n]...)
			continue
		}
		out = appendChar(out, r)
	}
	return out
}

// jsonLayer reads the field of a key, and of those that hold lines of P1 where it is missing:
// a program may have been changed.
type jsonLayer struct {
	lined
	key, time string
	keys      []string // in which lines were found, key being the first
	ends      bool     // line ends stand in the text
	zoned     *zoning
	out       misfitCount
}

// maxKeys is how many keys are believed.
const maxKeys = 8

func (l *jsonLayer) line(p stamped, out sink) {
	fields := jsonFields(p.data)
	if fields == nil {
		l.pass(p, out)
		return
	}
	text, ok := l.text(fields)
	if !ok {
		l.out.add(p.line)
		return
	}
	if l.time != "" {
		p.at(l.clock(fields))
	}
	if p.data = text; !l.ends {
		p.data = append(p.data, '\n')
	}
	out(p)
}

// text is the meter's text among the fields.
func (l *jsonLayer) text(fields map[string][]byte) (text []byte, ok bool) {
	for _, key := range l.keys {
		if text, ok = fields[key]; ok {
			return text, true
		}
	}
	if len(l.keys) == maxKeys {
		return nil, false
	}
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		if key != l.time && plainLines([][]byte{fields[key]}) > 0 {
			l.keys = append(l.keys, key)
			return fields[key], true
		}
	}
	return nil, false
}

// leftOut counts the objects that have no such field.
func (l *jsonLayer) leftOut() (n, first int64) { return l.out.n, l.out.first }

// clock is the time that a line says.
func (l *jsonLayer) clock(fields map[string][]byte) (time.Time, bool) {
	c, n := parseClock(fields[l.time])
	if n == 0 {
		return time.Time{}, false
	}
	return l.zoned.time(c)
}

// kept says what becomes of the times, and what is lost.
func (l *jsonLayer) kept(z *zoning) string {
	text := ""
	if l.time != "" {
		text = " (and the one that holds a time" + z.says() + ")"
	}
	if !l.ends {
		text += "; " + ownEnds
	}
	return text
}
