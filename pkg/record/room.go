package record

import "bytes"

// Room is memory that records are read into: chunks and telegrams as stages write them;
// all others have their own. They are valid until Reset; the zero value is ready.
type Room struct {
	telegrams, chunks int // those in use
	telegram          []*Telegram
	chunk             []*Chunk
	bytes             []byte
}

// Reset makes room for the next records, in place of those that were read.
func (m *Room) Reset() { m.telegrams, m.chunks, m.bytes = 0, 0, m.bytes[:0] }

// Keep returns a record that stays as it is when the room that it was read into is
// reset, or the bytes that it was made of change: a copy that has its data or raw for
// itself.
func Keep(r Record) Record {
	switch r := r.(type) {
	case *Telegram:
		t := *r
		t.Raw, t.ReceivedRaw = bytes.Clone(r.Raw), bytes.Clone(r.ReceivedRaw)
		return &t
	case *Noise:
		n := *r
		n.Data = bytes.Clone(r.Data)
		return &n
	case *Chunk:
		c := *r
		c.Data = bytes.Clone(r.Data)
		return &c
	}
	return r
}

func (m *Room) newTelegram() *Telegram {
	if m == nil {
		return &Telegram{}
	}
	if m.telegrams == len(m.telegram) {
		m.telegram = append(m.telegram, &Telegram{})
	}
	m.telegrams++
	return m.telegram[m.telegrams-1]
}

// keep returns a copy of the bytes.
func (m *Room) keep(data []byte) Bytes {
	if m == nil || len(data) == 0 {
		return append(make(Bytes, 0, len(data)), data...)
	}
	from := len(m.bytes)
	m.bytes = append(m.bytes, data...)
	return Bytes(m.bytes[from:len(m.bytes):len(m.bytes)])
}

func (m *Room) newChunk() *Chunk {
	if m == nil {
		return &Chunk{}
	}
	if m.chunks == len(m.chunk) {
		m.chunk = append(m.chunk, &Chunk{})
	}
	m.chunks++
	return m.chunk[m.chunks-1]
}
