package serve

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Limits are what a server grants its clients.
type Limits struct {
	Clients int // at once
	// Queue is how many telegrams may wait for a client. All clients share the
	// telegrams' memory: it is Queue times 64 KiB at most, however many there are.
	Queue int
	// Patience is how long Send waits, once a client's queue is full, while Queue
	// telegrams pass, if the client takes any at all: a log is read faster than the
	// network may be. On a live line whose telegrams come each second, a queue that
	// is full belongs to a client that has taken none for minutes.
	Patience time.Duration
	Write    time.Duration // that a single telegram may take
	Drain    time.Duration // that all clients have at the end
}

// DefaultLimits are those for a meter.
func DefaultLimits() Limits {
	return Limits{Clients: 200, Queue: 256, Patience: 2 * time.Second, Write: 30 * time.Second, Drain: 5 * time.Second}
}

// Server hands each telegram to all clients that are connected.
type Server struct {
	limits    Limits
	say       func(string)
	listeners []net.Listener
	tasks     sync.WaitGroup
	first     chan struct{} // closed once there has been a client
	hold      <-chan struct{}

	mu      sync.Mutex
	clients map[*client]struct{}
	closing bool
	met     bool // first is closed
	full    bool // that there are too many has been said

	list, late []*client // of Send, kept for their memory
}

// client is one connection. Its queue is only written to, and closed, by Send and
// Close.
type client struct {
	conn   net.Conn
	queue  chan []byte
	gone   chan struct{} // closed with conn
	once   sync.Once
	taken  atomic.Int64 // when a telegram was written last, or queued where none was, in nanoseconds since 1970
	passed int
	waited time.Duration // for this client, since passed was a multiple of the queue
}

// Serve takes connections from listeners until Close. Words about clients go to say,
// which several goroutines may call at once. The first Send waits for the first client,
// or until hold is closed; where that is nil it does not.
func Serve(listeners []net.Listener, limits Limits, say func(string), hold <-chan struct{}) *Server {
	s := &Server{
		limits: limits, say: say, listeners: listeners, hold: hold,
		first: make(chan struct{}), clients: map[*client]struct{}{},
	}
	for _, l := range listeners {
		s.tasks.Add(1)
		go s.accept(l)
	}
	return s
}

// Where says what the server listens on: "127.0.0.1:2001 and [::1]:2001".
func (s *Server) Where() string {
	var names []string
	for _, l := range s.listeners {
		names = append(names, l.Addr().String())
	}
	return strings.Join(names, " and ")
}

// Clients returns how many clients are connected.
func (s *Server) Clients() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.clients)
}

// accept takes connections until its listener is closed.
func (s *Server) accept(l net.Listener) {
	defer s.tasks.Done()
	const pause, again = 100 * time.Millisecond, time.Minute
	var said time.Time
	for {
		conn, err := l.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil: // such as too many open files, until one client goes, and soon again
			if time.Since(said) >= again {
				said = time.Now()
				s.say(fmt.Sprintf("no new clients on %s: %v", l.Addr(), err))
			}
			time.Sleep(pause)
		default:
			s.admit(conn)
		}
	}
}

// admit makes a connection a client, if there is room.
func (s *Server) admit(conn net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing || len(s.clients) >= s.limits.Clients {
		if !s.closing && !s.full {
			s.full = true
			s.say(fmt.Sprintf("%d clients are connected: %s and others beyond them are turned away", len(s.clients), conn.RemoteAddr()))
		}
		_ = conn.Close()
		return
	}
	tune(conn)
	c := &client{conn: conn, queue: make(chan []byte, s.limits.Queue), gone: make(chan struct{})}
	c.taken.Store(time.Now().UnixNano())
	s.clients[c] = struct{}{}
	if !s.met {
		s.met = true
		close(s.first)
	}
	s.tasks.Add(2)
	go s.write(c)
	go s.read(c)
}

// tune makes the system notice a client that is no longer there, and keep little for
// one that does not read.
func tune(conn net.Conn) {
	const kernelBuffer = 128 << 10
	if tcp, ok := conn.(*net.TCPConn); ok {
		// Where the system refuses, the limits of the queue still hold.
		_ = tcp.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: 30 * time.Second, Interval: 10 * time.Second, Count: 3})
		_ = tcp.SetWriteBuffer(kernelBuffer)
	}
}

// write hands a client what is queued for it, until the queue is closed.
func (s *Server) write(c *client) {
	defer s.tasks.Done()
	defer s.remove(c)
	for {
		select {
		case telegram, more := <-c.queue:
			if !more || !s.writeOne(c, telegram) {
				return
			}
		case <-c.gone:
			return
		}
	}
}

// writeOne reports whether the client has taken a telegram.
func (s *Server) writeOne(c *client, telegram []byte) bool {
	err := c.conn.SetWriteDeadline(time.Now().Add(s.limits.Write))
	if err == nil {
		_, err = c.conn.Write(telegram)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		s.drop(c)
	}
	c.taken.Store(time.Now().UnixNano())
	return err == nil
}

// read notices that a client has gone. What it sends is of no interest, and that it
// has nothing more to send does not mean that it does not listen.
func (s *Server) read(c *client) {
	defer s.tasks.Done()
	if _, err := io.Copy(io.Discard, c.conn); err != nil {
		s.remove(c)
	}
}

// remove ends a connection, and reports whether it was there.
func (s *Server) remove(c *client) (was bool) {
	c.once.Do(func() {
		was = true
		_ = c.conn.Close()
		close(c.gone)
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.clients, c)
		s.full = s.full && len(s.clients) > s.limits.Clients/2 // not for each that comes and goes
	})
	return was
}

// drop removes a client that is too slow, and says so.
func (s *Server) drop(c *client) {
	if s.remove(c) {
		s.say(fmt.Sprintf("%s does not take its telegrams: dropped", c.conn.RemoteAddr()))
	}
}

// Send queues a telegram for every client; one whose queue stays full is dropped.
func (s *Server) Send(telegram []byte) error {
	if s.hold != nil {
		select {
		case <-s.first:
		case <-s.hold:
		}
		s.hold = nil
	}
	s.list = s.connected(s.list[:0])
	s.late = s.late[:0]
	now := time.Now().UnixNano()
	for _, c := range s.list {
		if len(c.queue) == 0 {
			c.taken.Store(now) // it has taken all there was: its idleness begins anew
		}
		select {
		case c.queue <- telegram:
			c.pass(s.limits.Queue)
		default:
			s.late = append(s.late, c)
		}
	}
	// All of them have waited since the same moment: many that are dead cost no more
	// than one.
	for start, i := time.Now(), 0; i < len(s.late); i++ {
		s.sendLate(s.late[i], telegram, start)
	}
	clear(s.list)
	clear(s.late)
	return nil
}

func (s *Server) connected(list []*client) []*client {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.clients {
		list = append(list, c)
	}
	return list
}

// pass counts a telegram that has been queued.
func (c *client) pass(queue int) {
	if c.passed++; c.passed%queue == 0 {
		c.waited = 0
	}
}

// sendLate queues a telegram for a client whose queue was full. While others were
// waited for it may have taken some: then it is not late any more, however long ago
// start is.
func (s *Server) sendLate(c *client, telegram []byte, start time.Time) {
	select {
	case c.queue <- telegram:
		c.pass(s.limits.Queue)
		return
	default:
	}
	idle := start.Sub(time.Unix(0, c.taken.Load()))
	left := s.limits.Patience - max(c.waited, idle) - time.Since(start)
	if left <= 0 {
		s.drop(c)
		return
	}
	patience := time.NewTimer(left)
	defer patience.Stop()
	select {
	case c.queue <- telegram:
		c.waited += time.Since(start)
		c.pass(s.limits.Queue)
	case <-c.gone:
	case <-patience.C:
		s.drop(c)
	}
}

// Close takes no more clients, and gives those that there are what is queued for
// them, for as long as the limits say.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	var err error
	for _, l := range s.listeners {
		err = errors.Join(err, l.Close())
	}
	for _, c := range s.connected(nil) {
		close(c.queue)
	}
	over := time.AfterFunc(s.limits.Drain, func() {
		for _, c := range s.connected(nil) {
			s.drop(c)
		}
	})
	defer over.Stop()
	s.tasks.Wait()
	return err
}
