package sources

import (
	"sync"
	"time"
)

// inbox is a line that is fed in whole telegrams or lines, by a client of HTTP or MQTT
// that runs beside its reader.
type inbox struct {
	pieces chan []byte
	ended  chan struct{}
	once   sync.Once
	err    error  // why it has ended; to be read once ended is closed
	rest   []byte // of a piece, not read yet
}

// maxPieces is how many pieces may wait for the reader.
const maxPieces = 16

func newInbox() *inbox {
	return &inbox{pieces: make(chan []byte, maxPieces), ended: make(chan struct{})}
}

// put hands over a piece, once there is room, unless the line has ended.
func (b *inbox) put(piece []byte) {
	select {
	case b.pieces <- piece:
	case <-b.ended:
	}
}

func (b *inbox) isOpen() bool {
	select {
	case <-b.ended:
		return false
	default:
		return true
	}
}

// end ends the line, once it has been read; the first reason counts.
func (b *inbox) end(why error) {
	b.once.Do(func() {
		b.err = why
		close(b.ended)
	})
}

func (b *inbox) read(p []byte, wait time.Duration) (int, error) {
	if len(b.rest) == 0 {
		var err error
		if b.rest, err = b.take(wait); err != nil {
			return 0, err
		}
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

// take returns the next piece, or nil where none has come in time.
func (b *inbox) take(wait time.Duration) ([]byte, error) {
	select {
	case piece := <-b.pieces:
		return piece, nil
	default:
	}
	select {
	case piece := <-b.pieces:
		return piece, nil
	case <-b.ended:
	case <-time.After(wait):
		return nil, nil
	}
	select {
	case piece := <-b.pieces: // handed over before the end
		return piece, nil
	default:
		return nil, b.err
	}
}
