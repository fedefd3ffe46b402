package record

import (
	"bytes"
	"unicode/utf8"

	"p1/pkg/crc"
)

// The quick reader takes the lines that a stage of this version writes for what was
// received well: the keys of the contract in their order, without white space, none
// beside them, and no escapes but in meter bytes.
//
//	{"v":1,"type":"telegram","source":"p1.log","seq":17,"offset":39948,"status":"ok",
//	 "crc":"ARC","crc_sent":"5B60","crc_calc":"5B60","raw":"/AUX5990…!5B60\r\n"}
//
// It gives what [LineReader.parse] gives, and leaves every other line to that,
// errors too.
type quick struct {
	rest []byte // of the line
	memo memo
	own  []byte // the bytes being read, before they are copied
	last twin   // the raw that was read last
}

// memo holds the text of each key in the line before, which is most often that of
// this line too, and then needs no memory of its own.
type memo struct {
	source, session, time, end, status, crc, sent, calc, eol string
	unwrapped                                                []string
	list                                                     string // the text of these
}

// read reads a line into the room, or into memory of its own where that is nil.
func (q *quick) read(line []byte, m *Room) (Record, bool) {
	q.rest = line
	switch {
	case q.skip(`{"v":1,"type":"telegram","source":"`):
		if t, ok := q.telegram(m); ok {
			return t, true
		}
	case q.skip(`{"v":1,"type":"chunk","source":"`):
		if c, ok := q.chunk(m); ok {
			return c, true
		}
	}
	return nil, false
}

func (q *quick) telegram(m *Room) (*Telegram, bool) {
	t := m.newTelegram()
	*t = Telegram{}
	ok := q.origin(&t.Origin, &t.Live) &&
		q.skip(`,"seq":`) && q.integer(&t.Seq) &&
		q.skip(`,"offset":`) && q.integer(&t.Offset) &&
		q.text(`,"time":"`, &t.Time, &q.memo.time) &&
		q.text(`,"status":"`, (*string)(&t.Status), &q.memo.status) && known(t.Status) &&
		q.text(`,"crc":"`, &t.CRC, &q.memo.crc) &&
		q.digits(`,"crc_sent":"`, &t.CRCSent, &q.memo.sent) &&
		q.digits(`,"crc_calc":"`, &t.CRCCalc, &q.memo.calc) &&
		q.text(`,"eol":"`, &t.EOL, &q.memo.eol) &&
		q.skip(`,"raw":"`) && q.raw(&t.Raw, m)
	return t, ok
}

// known reports whether a status is one of the contract.
func known(s Status) bool {
	switch s {
	case OK, Bad, Unchecked, Repaired, Salvaged, Lost:
		return true
	}
	return false
}

func (q *quick) chunk(m *Room) (*Chunk, bool) {
	c := m.newChunk()
	*c = Chunk{}
	ok := q.origin(&c.Origin, &c.Live) &&
		q.skip(`,"offset":`) && q.integer(&c.Offset) &&
		q.text(`,"time":"`, &c.Time, &q.memo.time) &&
		q.text(`,"end":"`, &c.End, &q.memo.end) &&
		q.texts(`,"unwrapped":[`, &c.Unwrapped) &&
		q.skip(`,"data":"`) && q.bytes(&c.Data, MaxData, m)
	return c, ok
}

func (q *quick) origin(o *Origin, live *bool) bool {
	if !q.string(&o.Source, &q.memo.source) || o.Source == "" || !q.text(`,"session":"`, &o.Session, &q.memo.session) {
		return false
	}
	*live = q.skip(`,"live":true`)
	return true
}

// skip passes over what the rest begins with, if it is that.
func (q *quick) skip(lead string) bool {
	if len(q.rest) < len(lead) || string(q.rest[:len(lead)]) != lead {
		return false
	}
	q.rest = q.rest[len(lead):]
	return true
}

// integer reads a whole number of few digits.
func (q *quick) integer(to *int64) bool {
	n, i := int64(0), 0
	for i < len(q.rest) && i < 18 && q.rest[i]-'0' < 10 {
		n = n*10 + int64(q.rest[i]-'0')
		i++
	}
	if i == 0 || q.rest[0] == '0' && i > 1 {
		return false
	}
	*to, q.rest = n, q.rest[i:]
	return true
}

// text reads the string of a key that may be absent.
func (q *quick) text(key string, to, memo *string) bool {
	return !q.skip(key) || q.string(to, memo)
}

// string reads a string that holds no escape, up to its closing quote.
func (q *quick) string(to, memo *string) bool {
	if n := len(*memo); n > 0 && len(q.rest) > n && q.rest[n] == '"' && string(q.rest[:n]) == *memo {
		*to, q.rest = *memo, q.rest[n+1:]
		return true
	}
	n := bytes.IndexByte(q.rest, '"')
	if n < 0 {
		return false
	}
	text := q.rest[:n]
	for _, c := range text {
		if c < 0x20 || c == '\\' {
			return false
		}
	}
	if !utf8.Valid(text) {
		return false
	}
	*memo = string(text)
	*to, q.rest = *memo, q.rest[n+1:]
	return true
}

// texts reads the list of a key that may be absent, where it is that of the line before, or
// holds strings without escapes.
func (q *quick) texts(key string, to *[]string) bool {
	if !q.skip(key) {
		return true
	}
	if n := len(q.memo.list); n > 0 && q.skip(q.memo.list) {
		*to = q.memo.unwrapped
		return true
	}
	before, list := q.rest, []string(nil)
	for {
		var text, memo string
		if !q.skip(`"`) || !q.string(&text, &memo) {
			return false
		}
		if list = append(list, text); q.skip("]") {
			break
		}
		if !q.skip(",") {
			return false
		}
	}
	q.memo.unwrapped, q.memo.list = list, string(before[:len(before)-len(q.rest)])
	*to = list
	return true
}

// digits reads a string as text does; four hex digits need no memory of their own.
func (q *quick) digits(key string, to, memo *string) bool {
	if !q.skip(key) {
		return true
	}
	sum, i := uint16(0), 0
	for ; i < 4 && i < len(q.rest); i++ {
		switch c := q.rest[i]; {
		case c-'0' < 10:
			sum = sum<<4 | uint16(c-'0')
		case c-'A' < 6:
			sum = sum<<4 | uint16(c-'A'+10)
		default:
			return q.string(to, memo)
		}
	}
	if i < len(q.rest) && q.rest[i] == '"' {
		*to, q.rest = crc.Digits(sum), q.rest[i+1:]
		return true
	}
	return q.string(to, memo)
}

// bytes reads the meter bytes that end a record.
func (q *quick) bytes(to *Bytes, limit int, m *Room) bool {
	var ok bool
	if q.own, q.rest, ok = appendText(q.own[:0], q.rest); !ok || len(q.own) > limit || string(q.rest) != "}" {
		return false
	}
	*to = m.keep(q.own)
	return true
}

// raw is bytes for what is most often like the one before.
func (q *quick) raw(to *Bytes, m *Room) bool {
	if q.last.asText(q.rest) && string(q.rest[len(q.last.text):]) == "}" {
		*to = m.keep(q.last.raw)
		return true
	}
	ok := q.bytes(to, MaxTelegram, m)
	if ok {
		q.last.learn(*to, false)
	}
	return ok
}
