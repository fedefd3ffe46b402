package record

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/go-faster/jx"
)

// Reader hands out records in the order they came.
type Reader interface {
	// Read returns the next record, io.EOF after the last one, a [*LineError]
	// for a line that is not a record (the next Read goes on after it), or
	// the error of the reader below.
	Read() (Record, error)
	// More reports whether another line is at hand, so that the next Read
	// will not wait for input.
	More() bool
}

// LineError says which line of which input is not a record, and why.
type LineError struct {
	Name string
	Line int64
	Err  error
	Text []byte // how the line begins, if it is known
}

func (e *LineError) Error() string { return fmt.Sprintf("%s:%d: %v", e.Name, e.Line, e.Err) }

// Unwrap returns what is wrong with the line.
func (e *LineError) Unwrap() error { return e.Err }

// What can be wrong with a line, for errors.Is.
var (
	ErrNotJSON   = errors.New("not JSON")
	ErrNotRecord = errors.New("not a record")
	ErrNewer     = errors.New("made by a newer version of these programs: update this one")
	ErrTooLong   = errors.New("the line is longer than 4 MiB")
	ErrChunks    = errors.New("these are chunks: p1frame is missing")
)

// LineReader reads records from JSON lines.
type LineReader struct {
	name  string
	r     io.Reader
	buf   []byte // buf[from:] is read but not handed out
	from  int
	seen  int // buf[from:seen] holds no line end
	line  int64
	err   error
	rest  bool // what comes up to the next line end belongs to a line that was too long
	dec   jx.Decoder
	keys  []member
	quick quick
}

var byteOrderMark = []byte("\uFEFF")

// readSize is how many bytes a reader asks for at once.
const readSize = 256 << 10

// NewReader returns a Reader of the JSON lines of r; name stands in its errors.
// A line may end in LF or CRLF, it may begin with a byte order mark, as it does where
// files were joined, and lines of nothing but white space are passed over.
func NewReader(name string, r io.Reader) *LineReader {
	return &LineReader{name: name, r: r}
}

// More reports whether a whole line is buffered. Blank lines do not count: Read
// would pass over them and wait.
func (r *LineReader) More() bool {
	if r.rest && !r.passOver() {
		return false
	}
	if n := bytes.IndexByte(r.buf[r.seen:], '\n'); n >= 0 {
		r.seen += n // where next finds it again
		if len(bytes.TrimSpace(r.buf[r.from:r.seen])) > 0 {
			return true
		}
	}
	for rest := r.buf[r.from:]; ; {
		line, after, whole := bytes.Cut(rest, []byte{'\n'})
		if len(bytes.TrimSpace(line)) > 0 {
			return whole || r.err != nil
		}
		if !whole {
			return false
		}
		rest = after
	}
}

// Line returns the number of the line that was read last, counted from 1.
func (r *LineReader) Line() int64 { return r.line }

// Read returns the next record; see [Reader].
func (r *LineReader) Read() (Record, error) { return r.ReadInto(nil) }

// ReadInto returns the next record. It may stand in the room, from where it is gone
// once that is reset; a nil room gives it memory of its own.
func (r *LineReader) ReadInto(m *Room) (Record, error) {
	for {
		line, err := r.next()
		if err != nil {
			return nil, err
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if rec, ok := r.quick.read(line, m); ok {
			return rec, nil
		}
		rec, err := r.parse(line)
		if err != nil {
			if r.cutOff() {
				return nil, r.err
			}
			e := r.lineError(err)
			e.Text = bytes.Clone(line[:min(len(line), maxShown)])
			return nil, e
		}
		return rec, nil
	}
}

// maxShown is how much of a line an error keeps.
const maxShown = 64

func (r *LineReader) lineError(err error) *LineError {
	return &LineError{Name: r.name, Line: r.line, Err: err}
}

// cutOff reports whether the line that was read last ends where reading failed:
// then that failure is what is wrong with it.
func (r *LineReader) cutOff() bool {
	return r.err != nil && r.err != io.EOF && r.from == len(r.buf) && r.buf[r.from-1] != '\n'
}

// next returns the next line without its end; it is valid until the next call.
func (r *LineReader) next() ([]byte, error) {
	for {
		if r.rest && !r.passOver() {
			if r.err != nil {
				return nil, r.err
			}
			r.fill()
			continue
		}
		if n := bytes.IndexByte(r.buf[r.seen:], '\n'); n >= 0 {
			return r.take(r.seen+n, 1)
		}
		r.seen = len(r.buf)
		switch {
		case r.seen-r.from > MaxLine:
			return nil, r.refuse()
		case r.err != nil && r.from < r.seen:
			return r.take(r.seen, 0)
		case r.err != nil:
			return nil, r.err
		}
		r.fill()
	}
}

// take hands out buf[from:end] and passes over the line end after it.
func (r *LineReader) take(end, eol int) ([]byte, error) {
	line := r.buf[r.from:end]
	r.from = end + eol
	r.seen = r.from
	r.line++
	line = bytes.TrimPrefix(line, byteOrderMark)
	if len(line)+eol > MaxLine {
		return nil, r.lineError(ErrTooLong)
	}
	return bytes.TrimRight(line, "\r"), nil
}

// fill reads once; what is buffered moves to the front first.
func (r *LineReader) fill() {
	if r.from > 0 {
		n := copy(r.buf, r.buf[r.from:])
		r.buf, r.seen, r.from = r.buf[:n], r.seen-r.from, 0
	}
	if cap(r.buf)-len(r.buf) < readSize/2 {
		grown := make([]byte, len(r.buf), 2*cap(r.buf)+readSize)
		copy(grown, r.buf)
		r.buf = grown
	}
	n, err := r.r.Read(r.buf[len(r.buf):cap(r.buf)])
	r.buf = r.buf[:len(r.buf)+n]
	r.err = err
}

// refuse says that a line is too long as soon as it is: it may have no end. Its rest is
// passed over when somebody wants the next one.
func (r *LineReader) refuse() error {
	r.line++
	r.rest = true
	r.passOver()
	return r.lineError(ErrTooLong)
}

// passOver drops what is buffered of a line that was too long, and reports whether its
// end was there.
func (r *LineReader) passOver() bool {
	if n := bytes.IndexByte(r.buf[r.from:], '\n'); n >= 0 {
		r.from += n + 1
		r.seen = r.from
		r.rest = false
		return true
	}
	r.buf, r.from, r.seen = r.buf[:0], 0, 0
	return false
}

// member is one key of the line being read, with its JSON value.
type member struct {
	key   string
	value []byte
	taken bool
}

// parse makes a record of a line. It looks at the keys first and at their
// values once the type is known, so that they may come in any order, and keys
// of an unknown type may mean anything.
func (r *LineReader) parse(text []byte) (Record, error) {
	if !utf8.Valid(text) {
		return nil, fmt.Errorf("%w: not UTF-8", ErrNotJSON)
	}
	if first := bytes.TrimLeft(text, " \t\r")[0]; first != '{' && jx.Valid(text) {
		return nil, fmt.Errorf("%w: no JSON object", ErrNotRecord)
	}
	if err := r.split(text); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrNotJSON, err)
	}
	f := fields{members: r.keys}
	if err := f.version(); err != nil {
		return nil, err
	}
	typ := f.str("type")
	var rec Record
	switch typ {
	case "chunk":
		rec = f.chunk()
	case "gap":
		rec = f.gap()
	case "noise":
		rec = f.noise()
	case "telegram":
		rec = f.telegram()
	case "":
		return nil, fmt.Errorf("%w: it has no type", ErrNotRecord)
	default:
		rec = &Other{Type: typ, Line: bytes.Clone(text)}
	}
	if f.err != nil {
		return nil, fmt.Errorf("%w: %v", ErrNotRecord, f.err)
	}
	return rec, nil
}

// split takes the line apart into keys and values.
func (r *LineReader) split(text []byte) error {
	r.keys = r.keys[:0]
	r.dec.ResetBytes(text)
	err := r.dec.ObjBytes(func(d *jx.Decoder, key []byte) error {
		value, err := d.Raw()
		if err != nil {
			return err
		}
		r.keys = append(r.keys, member{key: string(key), value: bytes.TrimSpace(value)})
		return nil
	})
	if err != nil {
		return err
	}
	if err := r.dec.Skip(); err != io.EOF {
		return errors.New("something follows the object")
	}
	return nil
}

// fields takes values out of the members of one object; the first wrong value
// is kept in err. What is left at the end are the keys that are not known.
type fields struct {
	members []member
	dec     jx.Decoder
	err     error
}

// take removes a key and returns its value, or nil where it is absent or null.
// A key that is there twice is wrong: which of the two would hold?
func (f *fields) take(key string) []byte {
	var found *member
	for i := range f.members {
		m := &f.members[i]
		switch {
		case m.key != key:
		case found != nil:
			f.fail(key, "there only once")
		default:
			found = m
		}
	}
	if found == nil {
		return nil
	}
	found.taken = true
	if string(found.value) == "null" {
		return nil
	}
	return found.value
}

func (f *fields) fail(key, want string) {
	if f.err == nil {
		f.err = fmt.Errorf("%q is not %s", key, want)
	}
}

func (f *fields) version() error {
	value := f.take("v")
	v, err := strconv.Atoi(string(value))
	switch {
	case value == nil:
		return fmt.Errorf("%w: it has no v", ErrNotRecord)
	case err != nil || v < 1:
		return fmt.Errorf("%w: v is %s", ErrNotRecord, value)
	case v > Version:
		return fmt.Errorf("%w (it is of version %d)", ErrNewer, v)
	}
	return nil
}

func (f *fields) str(key string) string {
	value := f.take(key)
	if value == nil {
		return ""
	}
	f.dec.ResetBytes(value)
	s, err := f.dec.Str()
	if err != nil {
		f.fail(key, "a string")
	}
	return s
}

// texts reads a list of strings; nil where the key is absent or the list empty.
func (f *fields) texts(key string) []string {
	value := f.take(key)
	if value == nil {
		return nil
	}
	var list []string
	err := jx.DecodeBytes(value).Arr(func(d *jx.Decoder) error {
		s, err := d.Str()
		list = append(list, s)
		return err
	})
	if err != nil {
		f.fail(key, "a list of strings")
	}
	return list
}

// strOf is str for a key that every record of the type has.
func (f *fields) strOf(key string) string {
	s := f.str(key)
	if s == "" && f.err == nil {
		f.err = fmt.Errorf("it has no %s", key)
	}
	return s
}

func (f *fields) boolean(key string) bool {
	switch value := f.take(key); string(value) {
	case "true":
		return true
	case "", "false":
		return false
	}
	f.fail(key, "true or false")
	return false
}

// integer reads a whole number from 0.
// integer reads a whole number that leaves room to add the length of a record to it.
func (f *fields) integer(key string) int64 { return f.whole(key, 62) }

// place reads a whole number that an int has room for on every machine.
func (f *fields) place(key string) int { return int(f.whole(key, 31)) }

func (f *fields) whole(key string, bits int) int64 {
	value := f.take(key)
	if value == nil {
		return 0
	}
	n, err := strconv.ParseUint(string(value), 10, bits)
	if err != nil {
		f.fail(key, fmt.Sprintf("a whole number below 2^%d", bits))
	}
	return int64(n)
}

func (f *fields) confidence() float64 {
	value := f.take("confidence")
	if value == nil {
		return 0
	}
	c, err := strconv.ParseFloat(string(value), 64)
	if err != nil || !(c >= 0 && c <= 1) {
		f.fail("confidence", "a probability")
	}
	return c
}

// bytes reads meter bytes; nil where the key is absent.
func (f *fields) bytes(key string, limit int) Bytes {
	value := f.take(key)
	if value == nil {
		return nil
	}
	out, ok := ReadBytes(value)
	if !ok {
		f.fail(key, "a string of characters up to U+00FF")
	} else if len(out) > limit {
		f.fail(key, fmt.Sprintf("at most %d bytes long", limit))
	}
	return out
}

func (f *fields) bytesOf(key string, limit int) Bytes {
	b := f.bytes(key, limit)
	if b == nil && f.err == nil {
		f.err = fmt.Errorf("it has no %s", key)
	}
	return b
}

func (f *fields) origin() Origin {
	return Origin{Source: f.strOf("source"), Session: f.str("session"), Offset: f.integer("offset")}
}

// extra returns the members that nobody has taken.
func (f *fields) extra() []Member {
	var extra []Member
	for _, m := range f.members {
		if !m.taken {
			extra = append(extra, Member{Key: m.key, Value: bytes.Clone(m.value)})
		}
	}
	return extra
}

func (f *fields) chunk() *Chunk {
	c := &Chunk{Origin: f.origin(), Live: f.boolean("live"), Time: f.str("time"), End: f.str("end")}
	c.Unwrapped = f.texts("unwrapped")
	c.Data = f.bytesOf("data", MaxData)
	c.Extra = f.extra()
	return c
}

func (f *fields) gap() *Gap {
	g := &Gap{Origin: f.origin(), Live: f.boolean("live"), Time: f.str("time"), Why: f.str("why")}
	g.Extra = f.extra()
	return g
}

func (f *fields) noise() *Noise {
	n := &Noise{Origin: f.origin(), Live: f.boolean("live"), Time: f.str("time")}
	n.Data = f.bytesOf("data", MaxData)
	n.Extra = f.extra()
	return n
}

func (f *fields) telegram() *Telegram {
	t := &Telegram{
		Origin: f.origin(), Live: f.boolean("live"), Seq: f.integer("seq"), Time: f.str("time"),
		Status: Status(f.strOf("status")),
		CRC:    f.str("crc"), CRCSent: f.str("crc_sent"), CRCCalc: f.str("crc_calc"), EOL: f.str("eol"),
		Confidence: f.confidence(), Suspect: f.str("suspect"), Why: f.str("why"),
	}
	switch t.Status {
	case "", OK, Bad, Unchecked, Repaired, Salvaged, Lost:
	default:
		f.fail("status", "one of ok, bad, unchecked, repaired, salvaged, lost")
	}
	f.objects("doubted", func(in *fields) {
		t.Doubted = append(t.Doubted, Doubt{Line: in.place("line"), Code: in.str("code"), Why: in.str("why"), Extra: in.extra()})
	})
	f.objects("trusted", func(in *fields) {
		t.Trusted = append(t.Trusted, Trusted{Line: in.place("line"), Code: in.str("code"), Confidence: in.confidence(), Extra: in.extra()})
	})
	f.objects("masked", func(in *fields) {
		t.Masked = append(t.Masked, Mask{At: in.place("at"), Length: in.place("length"), Extra: in.extra()})
	})
	f.objects("edits", func(in *fields) {
		t.Edits = append(t.Edits, Edit{
			At:  in.place("at"),
			Got: in.bytes("got", MaxTelegram), Now: in.bytes("now", MaxTelegram),
			By: in.str("by"), Extra: in.extra(),
		})
	})
	t.Raw = f.bytesOf("raw", MaxTelegram)
	t.ReceivedRaw = f.bytes("received", MaxTelegram)
	t.Cipher, t.Explain = f.str("cipher"), bytes.Clone(f.take("explain"))
	t.Extra = f.extra()
	return t
}

// objects calls take for each object of the list under key.
func (f *fields) objects(key string, take func(*fields)) {
	value := f.take(key)
	if value == nil {
		return
	}
	in := fields{}
	dec := jx.DecodeBytes(value)
	err := dec.Arr(func(d *jx.Decoder) error {
		in.members = in.members[:0]
		err := d.ObjBytes(func(d *jx.Decoder, name []byte) error {
			v, err := d.Raw()
			in.members = append(in.members, member{key: string(name), value: bytes.TrimSpace(v)})
			return err
		})
		if err == nil {
			take(&in)
			err = in.err
		}
		return err
	})
	if err != nil {
		f.fail(key, "a list of objects as it should be")
	}
}
