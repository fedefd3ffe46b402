package sources

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"

	"p1/pkg/record"
)

// bridge is a TCP server that gives each connection to the test.
type bridge struct {
	t     *testing.T
	l     net.Listener
	conns chan *net.TCPConn
}

func newBridge(t *testing.T) *bridge {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &bridge{t: t, l: l, conns: make(chan *net.TCPConn, 100)}
	t.Cleanup(func() { _ = l.Close() })
	go b.accept(l)
	return b
}

func (b *bridge) accept(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		b.conns <- c.(*net.TCPConn)
	}
}

func (b *bridge) name() string { return "tcp://" + b.l.Addr().String() }

func (b *bridge) conn() *net.TCPConn {
	b.t.Helper()
	select {
	case c := <-b.conns:
		return c
	case <-time.After(patience):
		b.t.Fatal("nobody connects")
	}
	return nil
}

func openBridge(t *testing.T, name string) (*taker, *sayings) {
	t.Helper()
	var s sayings
	src, err := openTCP(name, quick(), s.say)
	if err != nil {
		t.Fatal(err)
	}
	return take(t, src), &s
}

// sendTo writes data in pieces of all sizes.
func sendTo(t *testing.T, c *net.TCPConn, rng *rand.Rand, data []byte) {
	t.Helper()
	for len(data) > 0 {
		n := min(len(data), 1+rng.IntN(3000))
		if _, err := c.Write(data[:n]); err != nil {
			t.Fatal(err)
		}
		data = data[n:]
		if rng.IntN(20) == 0 {
			time.Sleep(time.Duration(rng.IntN(40)) * time.Millisecond)
		}
	}
}

// What a bridge says before it hangs up is told.
func TestBridgeThatIsInUse(t *testing.T) {
	b := newBridge(t)
	_, s := openBridge(t, b.name())
	for range 3 {
		c := b.conn()
		for _, part := range []string{"Port already ", "in use\r\n"} {
			if _, err := c.Write([]byte(part)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond) // two chunks
		}
		_ = c.Close()
	}
	const words = `ended the connection: connecting again; all that has come is "Port already in use\r\n"`
	s.await(t, words)
	if n := s.count(words); n != 1 {
		t.Errorf("it is said %d times", n)
	}
}

// However often the other side hangs up, what it has sent comes once, in order,
// with a gap for each connection after bytes.
func TestBridgeThatHangsUp(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	b := newBridge(t)
	k, s := openBridge(t, b.name())
	var want []byte
	var parts [][]byte
	gaps := "start@0"
	for i := range 12 {
		if i > 0 && !strings.HasSuffix(gaps, fmt.Sprintf("@%d", len(want))) {
			gaps += fmt.Sprintf(" reconnect@%d", len(want))
		}
		var data []byte // every fourth time it hangs up at once
		if i%4 != 3 {
			data = noise(4 + rng.IntN(50_000))
		}
		parts, want = append(parts, data), append(want, data...)
	}
	go func() {
		for _, data := range parts {
			c := b.conn()
			sendTo(t, c, rng, data)
			_ = c.Close()
		}
	}()
	k.until("the last gap", func() bool { return len(k.data) == len(want) && k.gaps[len(k.gaps)-1].Offset == int64(len(want)) })
	if !bytes.Equal(k.data, want) {
		t.Errorf("%d bytes, want %d", len(k.data), len(want))
	}
	if got := k.whys(); got != fmt.Sprintf("%s reconnect@%d", strings.TrimSuffix(gaps, fmt.Sprintf(" reconnect@%d", len(want))), len(want)) {
		t.Errorf("gaps %s, want %s", got, gaps)
	}
	s.await(t, "the other side has ended the connection: connecting again")
}

// A connection that breaks without a word may lose bytes, and a gap says where.
func TestBridgeThatBreaks(t *testing.T) {
	b := newBridge(t)
	k, s := openBridge(t, b.name())
	c := b.conn()
	_, _ = c.Write([]byte(obisLine))
	k.bytes(len(obisLine))
	_ = c.SetLinger(0)
	_ = c.Close()
	c = b.conn()
	_, _ = c.Write([]byte(obisLine))
	k.bytes(2 * len(obisLine))
	if got := k.whys(); got != fmt.Sprintf("start@0 reconnect@%d", len(obisLine)) {
		t.Errorf("gaps %s", got)
	}
	s.await(t, "connection reset by peer")
	s.await(t, "the meter is heard")
}

func TestBridgeThatComesLater(t *testing.T) {
	b := newBridge(t)
	name := b.name()
	_ = b.l.Close()
	k, s := openBridge(t, name)
	s.await(t, name+": cannot connect (connection refused): trying again")
	time.Sleep(300 * time.Millisecond)
	l, err := net.Listen("tcp", strings.TrimPrefix(name, tcpScheme))
	if err != nil {
		t.Skip(err)
	}
	defer l.Close()
	go b.accept(l)
	_, _ = b.conn().Write([]byte(obisLine))
	k.bytes(len(obisLine))
	if s.count("cannot connect") != 1 {
		t.Errorf("said %q", s.all())
	}
}

func TestBridgesSpeech(t *testing.T) {
	t.Parallel()
	offer := "\xff\xfb\x03\xff\xfb\x00\xff\xfd\x2c"
	filler := strings.Repeat("\xff", 1024)
	for name, c := range map[string]struct{ query, sent, want, answer string }{
		"raw":                      {"", "/AUX\r\n" + filler + offer + ")", "/AUX\r\n" + filler + offer + ")", ""},
		"raw, inside the filler":   {"", filler + ")\r\n", filler + ")\r\n", ""},
		"raw, after the filler":    {"", "\xff)\r\n", "\xff)\r\n", ""},
		"telnet":                   {"", offer + "/AUX\r\n" + filler + filler + "\xff\xf1)", "/AUX\r\n" + filler + ")", "\xff\xfd\x03\xff\xfd\x00\xff\xfc\x2c"},
		"telnet told otherwise":    {"?telnet=0", offer + "/AUX", offer + "/AUX", ""},
		"telnet without an offer":  {"?telnet=1", "/AUX\xff\xff\xff\xfb\x01", "/AUX\xff", "\xff\xfe\x01"},
		"telnet, subnegotiation":   {"", "\xff\xfa\x2c\x01SIG\xff\xff\xff\xf0/AUX", "/AUX", ""},
		"telnet, CR NUL":           {"?telnet=1", "/AUX\r\x00\r\n\x00", "/AUX\r\r\n\x00", ""},
		"telnet, CR NUL in binary": {"", "\xff\xfb\x00/AUX\r\x00\r\n", "/AUX\r\x00\r\n", "\xff\xfd\x00"},
	} {
		for _, whole := range []bool{true, false} {
			b := newBridge(t)
			k, _ := openBridge(t, b.name()+c.query)
			conn := b.conn()
			if whole {
				_, _ = conn.Write([]byte(c.sent))
			} else {
				for i := range min(len(c.sent), 20) {
					_, _ = conn.Write([]byte{c.sent[i]})
					time.Sleep(time.Millisecond)
				}
				_, _ = conn.Write([]byte(c.sent[min(len(c.sent), 20):]))
			}
			k.bytes(len(c.want))
			answer := make([]byte, 100)
			_ = conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
			n, _ := conn.Read(answer)
			if m, err := conn.Read(answer[n:]); err == nil {
				n += m
			}
			if string(k.data) != c.want || !strings.HasPrefix(c.answer, string(answer[:n])) || n == 0 && c.answer != "" {
				t.Errorf("%s: %.60q, answered %q", name, k.data, answer[:n])
			}
			if k.chunks[0].Source != b.name() {
				t.Errorf("source %s", k.chunks[0].Source)
			}
			if err := k.s.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// A first byte that could begin a negotiation is not lost where nothing follows.
func TestFirstByteHeldBack(t *testing.T) {
	b := newBridge(t)
	k, _ := openBridge(t, b.name())
	c := b.conn()
	_, _ = c.Write([]byte{0xFF})
	_ = c.Close()
	k.bytes(1)
	if string(k.data) != "\xff" || k.chunks[0].End != record.EndEOF {
		t.Errorf("%q", k.data)
	}
}

func TestTCPNames(t *testing.T) {
	for name, want := range map[string]string{
		"tcp://meter:2001": "meter:2001 0", "tcp://[::1]:2001/": "[::1]:2001 0", "telnet://meter": "meter:23 1",
		"telnet://meter:2001": "meter:2001 1", "tcp://meter:1?telnet=0": "meter:1 2", "tcp://meter:1?telnet=1": "meter:1 1",
	} {
		if d, err := tcpName(name); err != nil || fmt.Sprint(d.address, " ", int(d.speech)) != want {
			t.Errorf("%s: %+v, %v", name, d, err)
		}
	}
	for name, want := range map[string]string{
		"tcp://meter": "no host and port", "tcp://meter:99999": "no port", "tcp://meter:0": "no port", "tcp://:2001": "no host", "tcp://meter:port": "no address", "tcp://": "no host",
		"tcp://meter:1?telnet=yes": "want 0 or 1", "tcp://meter:1?baud=9600": "unknown option", "tcp://meter:1/serial": "no host and port",
		"telnet://meter?telnet=1": "unknown option", "tcp://meter:1?%": "invalid",
	} {
		if _, err := Open(name, nil); err == nil || !strings.HasPrefix(err.Error(), name+": ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}
