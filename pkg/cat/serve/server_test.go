package serve

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"p1/pkg/sim/longtest"
)

// said keeps words; several goroutines may say some at once.
type said struct {
	mu    sync.Mutex
	words []string
}

func (s *said) say(words string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.words = append(s.words, words)
}

// with returns how many of the words hold a text.
func (s *said) with(text string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.words {
		if strings.Contains(w, text) {
			n++
		}
	}
	return n
}

const dropped = "does not take its telegrams: dropped"

// sample is a telegram of its own for each number, as long as those of Hungary.
func sample(n int) []byte {
	return fmt.Appendf(nil, "/SIM5test\r\n\r\n1-0:1.8.0(%09d*kWh)\r\n0-0:96.13.0(%s)\r\n!0000\r\n", n, strings.Repeat("F", 2300))
}

func samples(from, to int) string {
	var all strings.Builder
	for n := from; n < to; n++ {
		all.Write(sample(n))
	}
	return all.String()
}

// pipes is a listener whose connections are pipes in memory, where time may be
// simulated: what is written to them waits until it is read.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func newPipes() *pipes { return &pipes{make(chan net.Conn), make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { close(p.closed); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 2001} }

// connect returns a client's end.
func (p *pipes) connect() net.Conn {
	client, server := net.Pipe()
	p.conns <- server
	synctest.Wait()
	return client
}

// reader reads a connection to its end, as fast as it comes or with a pause after
// each telegram.
type reader struct {
	got  bytes.Buffer
	done chan struct{}
}

func readAll(c net.Conn, pause time.Duration) *reader {
	r := &reader{done: make(chan struct{})}
	go func() {
		defer close(r.done)
		buf := make([]byte, 64<<10)
		for {
			n, err := c.Read(buf)
			r.got.Write(buf[:n])
			if err != nil {
				return
			}
			time.Sleep(pause)
		}
	}()
	return r
}

func (r *reader) all() string { <-r.done; return r.got.String() }

// simulated runs a test with a server on pipes, in simulated time.
func simulated(t *testing.T, test func(t *testing.T, s *Server, p *pipes, words *said)) {
	synctest.Test(t, func(t *testing.T) {
		words := &said{}
		p := newPipes()
		test(t, Serve([]net.Listener{p}, DefaultLimits(), words.say, nil), p, words)
	})
}

// timed returns how long something takes, in simulated time.
func timed(do func()) time.Duration {
	start := time.Now()
	do()
	return time.Since(start)
}

// On a live line nobody waits for those that are dead.
func TestDeadClientsLive(t *testing.T) {
	simulated(t, func(t *testing.T, s *Server, p *pipes, words *said) {
		good := readAll(p.connect(), 0)
		for range 10 {
			defer p.connect().Close()
		}
		const n = 60
		for i := range n {
			if d := timed(func() { _ = s.Send(sample(i)) }); d > 0 {
				t.Errorf("telegram %d waits %v", i, d)
			}
			time.Sleep(time.Second)
		}
		if words.with(dropped) != 10 || s.Clients() != 1 {
			t.Errorf("%d are dropped, %d remain", words.with(dropped), s.Clients())
		}
		if d := timed(func() { must(t, s.Close()) }); d > 0 || good.all() != samples(0, n) {
			t.Errorf("closing takes %v, the other client got %d bytes", d, good.got.Len())
		}
	})
}

// At full speed all those that are dead together cost their patience once.
func TestDeadClientsAtFullSpeed(t *testing.T) {
	simulated(t, func(t *testing.T, s *Server, p *pipes, words *said) {
		good := readAll(p.connect(), 0)
		for range 10 {
			defer p.connect().Close()
		}
		const n = 2000
		took := timed(func() {
			for i := range n {
				_ = s.Send(sample(i))
			}
		})
		if want := DefaultLimits().Patience; took != want {
			t.Errorf("%v for %d telegrams, want %v", took, n, want)
		}
		must(t, s.Close())
		if words.with(dropped) != 10 || good.all() != samples(0, n) {
			t.Errorf("%d are dropped, the other one got %d bytes", words.with(dropped), good.got.Len())
		}
	})
}

// A client that takes some, but fewer than come, is dropped too.
func TestSlowClient(t *testing.T) {
	simulated(t, func(t *testing.T, s *Server, p *pipes, words *said) {
		good, slow := readAll(p.connect(), 0), readAll(p.connect(), 300*time.Millisecond)
		const n = 1200
		waited := time.Duration(0)
		for i := range n {
			waited += timed(func() { _ = s.Send(sample(i)) })
			time.Sleep(100 * time.Millisecond)
		}
		if words.with(dropped) != 1 || waited > DefaultLimits().Patience {
			t.Errorf("dropped %d, waited %v", words.with(dropped), waited)
		}
		must(t, s.Close())
		if got := slow.all(); !strings.HasPrefix(samples(0, n), got) || len(got) == 0 {
			t.Errorf("the slow one got %d bytes that were not sent so", len(got))
		}
		if good.all() != samples(0, n) {
			t.Errorf("the other one got %d bytes", good.got.Len())
		}
	})
}

// A log is read no faster than the slowest client that keeps up at all.
func TestReplayWaits(t *testing.T) {
	simulated(t, func(t *testing.T, s *Server, p *pipes, words *said) {
		a, b := readAll(p.connect(), time.Millisecond), readAll(p.connect(), 5*time.Millisecond)
		const n = 3000
		for i := range n {
			_ = s.Send(sample(i))
		}
		must(t, s.Close())
		if a.all() != samples(0, n) || b.all() != samples(0, n) || len(words.words) > 0 {
			t.Errorf("%d and %d bytes of %d; it says %q", a.got.Len(), b.got.Len(), len(samples(0, n)), words.words)
		}
	})
}

// At the end clients get what is queued, but not for ever.
func TestDrain(t *testing.T) {
	simulated(t, func(t *testing.T, s *Server, p *pipes, words *said) {
		slow := readAll(p.connect(), 100*time.Millisecond)
		dead := p.connect()
		defer dead.Close()
		for i := range 40 {
			_ = s.Send(sample(i))
		}
		if d := timed(func() { must(t, s.Close()) }); d != DefaultLimits().Drain {
			t.Errorf("closing takes %v", d)
		}
		if slow.all() != samples(0, 40) || words.with(dropped) != 1 {
			t.Errorf("%d bytes, it says %q", slow.got.Len(), words.words)
		}
	})
}

// Clients get the telegrams from now on.
func TestLateClient(t *testing.T) {
	simulated(t, func(t *testing.T, s *Server, p *pipes, _ *said) {
		var readers []*reader
		for i := range 20 {
			readers = append(readers, readAll(p.connect(), 0))
			_ = s.Send(sample(i))
		}
		must(t, s.Close())
		for i, r := range readers {
			if r.all() != samples(i, 20) {
				t.Errorf("client %d got %d bytes", i, r.got.Len())
			}
		}
	})
}

func TestHold(t *testing.T) {
	simulated(t, func(t *testing.T, s *Server, p *pipes, _ *said) {
		s.hold = make(chan struct{})
		client, server := net.Pipe()
		r := readAll(client, 0)
		time.AfterFunc(time.Hour, func() { p.conns <- server })
		if d := timed(func() { _ = s.Send(sample(0)) }); d != time.Hour {
			t.Errorf("the first telegram waits %v", d)
		}
		must(t, s.Close())
		if r.all() != string(sample(0)) {
			t.Error("it does not get there")
		}
	})
	simulated(t, func(t *testing.T, s *Server, _ *pipes, _ *said) {
		stop := make(chan struct{})
		s.hold = stop
		time.AfterFunc(time.Minute, func() { close(stop) })
		if d := timed(func() { _ = s.Send(sample(0)); _ = s.Send(sample(1)) }); d != time.Minute {
			t.Errorf("it waits %v once nobody wants it to", d)
		}
		must(t, s.Close())
	})
}

func TestTooManyClients(t *testing.T) {
	simulated(t, func(t *testing.T, s *Server, p *pipes, words *said) {
		limit := DefaultLimits().Clients
		var conns []net.Conn
		for range limit + 5 {
			conns = append(conns, p.connect())
		}
		for i, c := range conns {
			_ = c.SetReadDeadline(time.Now().Add(time.Second))
			if _, err := c.Read(make([]byte, 1)); (err == io.EOF) != (i >= limit) {
				t.Errorf("client %d: %v", i+1, err)
			}
		}
		if words.with("clients are connected") != 1 || s.Clients() != limit {
			t.Errorf("%d clients, it says %q", s.Clients(), words.words)
		}
		for _, c := range conns {
			_ = c.Close()
		}
		_ = s.Send(sample(0))
		synctest.Wait()
		if s.Clients() != 0 {
			t.Errorf("%d clients have gone and are still there", s.Clients())
		}
		must(t, s.Close())
	})
}

// patience bounds waits for the network.
const patience = longtest.Patience

// listening returns a server on a port of this machine.
func listening(t *testing.T, words *said) (*Server, string) {
	t.Helper()
	a, err := ParseAddress("tcp://127.0.0.1:0")
	must(t, err)
	listeners, err := a.Listen()
	must(t, err)
	return Serve(listeners, DefaultLimits(), words.say, nil), listeners[0].Addr().String()
}

func dial(t *testing.T, address string) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	must(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c.(*net.TCPConn)
}

func (s *Server) await(t *testing.T, n int) {
	t.Helper()
	for end := time.Now().Add(patience); s.Clients() != n; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d clients, want %d", s.Clients(), n)
		}
	}
}

// crowd is 50 clients: those that read, 10 that never do, 10 that go at random.
type crowd struct {
	t     *testing.T
	good  []net.Conn
	ready sync.WaitGroup
}

func newCrowd(t *testing.T, address string) *crowd {
	c := &crowd{t: t}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 50 {
		conn := dial(t, address)
		switch {
		case i%5 == 0:
			_ = conn.SetReadBuffer(4 << 10)
		case i%5 == 1:
			after := random.IntN(60_000)
			c.ready.Go(func() {
				_, _ = io.CopyN(io.Discard, conn, int64(after))
				if after%2 == 0 {
					_ = conn.SetLinger(0) // so that the server gets a reset
				}
				_ = conn.Close()
			})
		default:
			c.good = append(c.good, conn)
		}
	}
	return c
}

// expect reads what the good ones get, which must be the samples up to n and the end.
func (c *crowd) expect(n int) {
	for i, conn := range c.good {
		c.ready.Go(func() {
			_ = conn.SetReadDeadline(time.Now().Add(patience))
			buf := make([]byte, len(sample(0)))
			for k := range n {
				if _, err := io.ReadFull(conn, buf); err != nil || !bytes.Equal(buf, sample(k)) {
					c.t.Errorf("client %d, telegram %d of %d: %v, or it is another one", i, k, n, err)
					return
				}
			}
			if k, err := conn.Read(buf); k > 0 || err != io.EOF {
				c.t.Errorf("client %d: after the last telegram %d bytes, %v", i, k, err)
			}
		})
	}
}

func TestCrowdLive(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	n := longtest.Pick(30, 30, 300)
	words := &said{}
	s, address := listening(t, words)
	c := newCrowd(t, address)
	s.await(t, 50)
	c.expect(n)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for i := range n {
		must(t, s.Send(sample(i)))
		<-tick.C
	}
	must(t, s.Close())
	c.ready.Wait()
}

// Who is too slow is told by the clock, so that a busy machine drops others, too.
func TestCrowdAtFullSpeed(t *testing.T) {
	longtest.Needs(t, "who is too slow is told by the clock")
	words := &said{}
	s, address := listening(t, words)
	c := newCrowd(t, address)
	s.await(t, 50)
	const n = 1500
	c.expect(n)
	for i := range n {
		must(t, s.Send(sample(i)))
	}
	must(t, s.Close())
	c.ready.Wait()
	if k := words.with(dropped); k != 10 {
		t.Errorf("%d are dropped as too slow, want the 10 that never read", k)
	}
}

// Telegrams that wait for clients take memory once, and no more than the queue's.
func TestMemoryIsBounded(t *testing.T) {
	s, address := listening(t, &said{})
	for range 20 {
		_ = dial(t, address).SetReadBuffer(4 << 10)
	}
	good := readTo(t, dial(t, address))
	s.await(t, 21)
	const n, size = 1000, 64 << 10 // 64 MB
	const limit = 256*size + 12<<20
	peak := uint64(0)
	for i := range n {
		must(t, s.Send(bytes.Repeat([]byte{byte(i)}, size)))
		if i%50 == 0 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc)
		}
	}
	must(t, s.Close())
	if got := <-good; got != n*size {
		t.Errorf("the client that reads got %d bytes", got)
	}
	t.Logf("at most %d MB", peak>>20)
	if peak > limit {
		t.Errorf("%d MB are in use, want %d at most", peak>>20, limit>>20)
	}
}

// readTo counts what a client gets.
func readTo(t *testing.T, c net.Conn) <-chan int64 {
	done := make(chan int64, 1)
	go func() {
		n, err := io.Copy(io.Discard, c)
		if err != nil {
			t.Error(err)
		}
		done <- n
	}()
	return done
}

// A client that has nothing to say may still listen; one that talks does no harm.
func TestClientsThatTalk(t *testing.T) {
	s, address := listening(t, &said{})
	mute, talker := dial(t, address), dial(t, address)
	must(t, mute.CloseWrite())
	go func() { _, _ = talker.Write(make([]byte, 1<<20)) }()
	s.await(t, 2)
	buf := make([]byte, len(sample(0)))
	for i := range 20 {
		must(t, s.Send(sample(i)))
		for _, c := range []net.Conn{mute, talker} {
			_ = c.SetReadDeadline(time.Now().Add(patience))
			if _, err := io.ReadFull(c, buf); err != nil || !bytes.Equal(buf, sample(i)) {
				t.Fatalf("telegram %d: %v", i, err)
			}
		}
	}
	must(t, s.Close())
}

func TestClientThatHasGone(t *testing.T) {
	s, address := listening(t, &said{})
	c := dial(t, address)
	s.await(t, 1)
	must(t, c.SetLinger(0))
	must(t, c.Close())
	s.await(t, 0)
	must(t, s.Close())
	if c, err := net.Dial("tcp", address); err == nil {
		_ = c.Close()
		t.Error("it still listens")
	}
}

// full is a listener for which there are too many open files, but for one moment in two.
type full struct {
	*pipes
	n atomic.Int64
}

func (f *full) Accept() (net.Conn, error) {
	select {
	case <-f.closed:
		return nil, net.ErrClosed
	default:
	}
	if f.n.Add(1)%2 == 1 {
		return nil, errors.New("too many open files")
	}
	here, there := net.Pipe()
	return there, here.Close()
}

// That no clients can be taken is said at once, then once a minute, however often it
// comes and goes.
func TestNoNewClientsIsSaidOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var words said
		l := &full{pipes: newPipes()}
		s := Serve([]net.Listener{l}, DefaultLimits(), words.say, nil)
		for minute := range 5 {
			time.Sleep(time.Second)
			if n := words.with("no new clients"); n != minute+1 {
				t.Errorf("in minute %d it has been said %d times", minute, n)
			}
			time.Sleep(time.Minute - time.Second)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if n := l.n.Load(); n < 5000 {
			t.Errorf("taken only %d times", n)
		}
	})
}
