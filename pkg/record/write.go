package record

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"unicode/utf8"
)

// Writer takes records and hands them on. Write may keep the line back until
// Flush; it does not keep the record's memory.
type Writer interface {
	Write(Record) error
	Flush() error
}

// writeSize is how many bytes a writer gathers before it writes them: pipes
// carry large writes at twice the speed of 4 KiB ones.
const writeSize = 128 << 10

// LineWriter writes records as JSON lines.
type LineWriter struct {
	w     io.Writer
	ascii bool
	buf   []byte
	last  twin // the raw that was written last
}

// NewWriter returns a Writer of JSON lines. With ascii, everything above 0x7E
// is written as \u00xx, for shells that re-encode what passes through their
// pipes.
func NewWriter(w io.Writer, ascii bool) *LineWriter {
	return &LineWriter{w: w, ascii: ascii, buf: make([]byte, 0, writeSize+MaxData)}
}

// Write appends the record's line to the buffer, and writes the buffer once it
// is full.
func (w *LineWriter) Write(r Record) error {
	buf, err := appendRecord(w.buf, r, w.ascii, &w.last)
	if err != nil {
		return err
	}
	w.buf = append(buf, '\n')
	if len(w.buf) >= writeSize {
		return w.Flush()
	}
	return nil
}

// Flush writes what is buffered.
func (w *LineWriter) Flush() error {
	if len(w.buf) == 0 {
		return nil
	}
	_, err := w.w.Write(w.buf)
	w.buf = w.buf[:0]
	return err
}

func appendRecord(b []byte, r Record, ascii bool, last *twin) ([]byte, error) {
	l := line{b: b, ascii: ascii, last: last}
	switch r := r.(type) {
	case *Chunk:
		l.begin("chunk", r.Origin, r.Live)
		l.integer("offset", r.Offset)
		l.text("time", r.Time)
		l.text("end", r.End)
		l.texts("unwrapped", r.Unwrapped)
		l.bytes("data", r.Data)
		l.end(r.Extra)
	case *Gap:
		l.begin("gap", r.Origin, r.Live)
		l.integer("offset", r.Offset)
		l.text("time", r.Time)
		l.text("why", r.Why)
		l.end(r.Extra)
	case *Noise:
		l.begin("noise", r.Origin, r.Live)
		l.integer("offset", r.Offset)
		l.text("time", r.Time)
		l.bytes("data", r.Data)
		l.end(r.Extra)
	case *Telegram:
		l.telegram(r)
	case *Other:
		return appendJSON(b, r.Line, ascii), nil
	default:
		return b, fmt.Errorf("record: no line for a %T", r)
	}
	return l.b, nil
}

// line builds one JSON object; the short keys stand before the bytes, so that a
// person who looks at a stream sees them.
type line struct {
	b     []byte
	ascii bool
	last  *twin
}

func (l *line) begin(typ string, o Origin, live bool) {
	l.b = append(l.b, `{"v":1,"type":"`...)
	l.b = append(l.b, typ...)
	l.b = append(l.b, `","source":`...)
	l.b = appendString(l.b, o.Source, l.ascii)
	l.text("session", o.Session)
	if live {
		l.b = append(l.b, `,"live":true`...)
	}
}

func (l *line) key(name string) {
	l.b = append(l.b, ',', '"')
	l.b = append(l.b, name...)
	l.b = append(l.b, '"', ':')
}

func (l *line) integer(name string, n int64) {
	l.key(name)
	l.b = strconv.AppendInt(l.b, n, 10)
}

// text writes a key whose empty value is an absent one.
func (l *line) text(name, s string) {
	if s != "" {
		l.key(name)
		l.b = appendString(l.b, s, l.ascii)
	}
}

func (l *line) bytes(name string, p []byte) {
	l.key(name)
	l.b = AppendBytes(l.b, p, l.ascii)
}

// texts writes a key whose empty list is an absent one.
func (l *line) texts(name string, list []string) {
	if len(list) == 0 {
		return
	}
	l.key(name)
	for i, s := range list {
		l.b = append(l.b, "[,"[min(i, 1)])
		l.b = appendString(l.b, s, l.ascii)
	}
	l.b = append(l.b, ']')
}

// raw is bytes for what is most often like the one before.
func (l *line) raw(raw []byte) {
	l.key("raw")
	if !l.last.asRaw(raw) {
		l.last.learn(raw, l.ascii)
	}
	l.b = append(l.b, '"')
	l.b = append(l.b, l.last.text...)
}

func (l *line) members(extra []Member) {
	for _, m := range extra {
		l.b = append(l.b, ',')
		l.b = appendString(l.b, m.Key, l.ascii)
		l.b = append(l.b, ':')
		l.b = appendJSON(l.b, m.Value, l.ascii)
	}
}

func (l *line) end(extra []Member) {
	l.members(extra)
	l.b = append(l.b, '}')
}

func (l *line) telegram(t *Telegram) {
	l.begin("telegram", t.Origin, t.Live)
	l.integer("seq", t.Seq)
	l.integer("offset", t.Offset)
	l.text("time", t.Time)
	l.text("status", string(t.Status))
	l.text("crc", t.CRC)
	l.text("crc_sent", t.CRCSent)
	l.text("crc_calc", t.CRCCalc)
	l.text("eol", t.EOL)
	if t.Confidence >= MinConfidence {
		l.key("confidence")
		l.b = AppendConfidence(l.b, t.Confidence)
	}
	l.text("suspect", t.Suspect)
	l.text("why", t.Why)
	l.doubted(t.Doubted)
	l.trusted(t.Trusted)
	l.masked(t.Masked)
	l.edits(t.Edits)
	l.raw(t.Raw)
	if t.ReceivedRaw != nil {
		l.bytes("received", t.ReceivedRaw)
	}
	l.text("cipher", t.Cipher)
	l.members(t.Extra)
	if t.Explain != nil {
		l.key("explain")
		l.b = appendJSON(l.b, t.Explain, l.ascii)
	}
	l.b = append(l.b, '}')
}

func (l *line) doubted(lines []Doubt) {
	l.list("doubted", len(lines), func(i int) {
		l.b = append(l.b, `{"line":`...)
		l.b = strconv.AppendInt(l.b, int64(lines[i].Line), 10)
		l.text("code", lines[i].Code)
		l.text("why", lines[i].Why)
		l.end(lines[i].Extra)
	})
}

func (l *line) trusted(lines []Trusted) {
	l.list("trusted", len(lines), func(i int) {
		l.b = append(l.b, `{"line":`...)
		l.b = strconv.AppendInt(l.b, int64(lines[i].Line), 10)
		l.text("code", lines[i].Code)
		if lines[i].Confidence >= MinConfidence {
			l.key("confidence")
			l.b = AppendConfidence(l.b, lines[i].Confidence)
		}
		l.end(lines[i].Extra)
	})
}

func (l *line) masked(spans []Mask) {
	l.list("masked", len(spans), func(i int) {
		l.b = append(l.b, `{"at":`...)
		l.b = strconv.AppendInt(l.b, int64(spans[i].At), 10)
		l.integer("length", int64(spans[i].Length))
		l.end(spans[i].Extra)
	})
}

func (l *line) edits(edits []Edit) {
	l.list("edits", len(edits), func(i int) {
		e := &edits[i]
		l.b = append(l.b, `{"at":`...)
		l.b = strconv.AppendInt(l.b, int64(e.At), 10)
		l.bytes("got", e.Got)
		l.bytes("now", e.Now)
		l.text("by", e.By)
		l.end(e.Extra)
	})
}

// list writes a key and n objects, each by a call; an empty list is an absent one.
func (l *line) list(name string, n int, object func(i int)) {
	if n == 0 {
		return
	}
	l.key(name)
	for i := range n {
		l.b = append(l.b, "[,"[min(i, 1)])
		object(i)
	}
	l.b = append(l.b, ']')
}

// AppendConfidence appends a confidence with [ConfidenceDecimals], rounded
// down, and never more than [MaxConfidence].
func AppendConfidence(b []byte, c float64) []byte {
	const million = 1e6
	// A value that has six decimals already must come out as it is, although
	// its product with a million may be a hair below the whole number.
	n := math.Floor(c*million + 1e-6)
	return strconv.AppendFloat(b, math.Min(n/million, MaxConfidence), 'f', ConfidenceDecimals, 64)
}

const hex = "0123456789abcdef"

// appendEscaped appends a byte that does not stand for itself.
func appendEscaped(b []byte, c byte, ascii bool) []byte {
	switch {
	case c == '"' || c == '\\':
		return append(b, '\\', c)
	case c == '\r':
		return append(b, '\\', 'r')
	case c == '\n':
		return append(b, '\\', 'n')
	case c >= 0xA0 && !ascii:
		return append(b, 0xC0|c>>6, 0x80|c&0x3F)
	}
	return append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}

// plain marks the bytes that stand for themselves in a JSON string.
var plain = func() (t [256]bool) {
	for c := 0x20; c < 0x7F; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// appendString appends text (a file's name, a reason) as a JSON string; what is
// not UTF-8 becomes U+FFFD.
func appendString(b []byte, s string, ascii bool) []byte {
	b = append(b, '"')
	n := 0
	for n < len(s) && plain[s[n]] {
		n++
	}
	b = append(b, s[:n]...)
	for _, r := range s[n:] {
		switch {
		case r < 0x7F && plain[byte(r)]:
			b = append(b, byte(r))
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r >= 0xA0 && !ascii:
			b = utf8.AppendRune(b, r)
		default:
			b = appendEscape(b, r)
		}
	}
	return append(b, '"')
}

// appendJSON appends JSON text as it is, but for what ascii forbids: characters
// above 0x7E stand in strings only, control characters between tokens only.
func appendJSON(b, text []byte, ascii bool) []byte {
	if !ascii {
		return append(b, text...)
	}
	for _, r := range string(text) {
		switch {
		case r < 0x20:
			b = append(b, ' ')
		case r < 0x7F:
			b = append(b, byte(r))
		default:
			b = appendEscape(b, r)
		}
	}
	return b
}

// appendEscape appends \uxxxx, as a surrogate pair above U+FFFF (RFC 8259 §7).
func appendEscape(b []byte, r rune) []byte {
	if r > 0xFFFF {
		r -= 0x10000
		b = appendEscape(b, 0xD800+r>>10)
		return appendEscape(b, 0xDC00+r&0x3FF)
	}
	return append(b, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
}
