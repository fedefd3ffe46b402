package serve

import (
	"errors"
	"net"
	"strings"
	"syscall"
	"testing"
)

func TestAddress(t *testing.T) {
	for name, want := range map[string]Address{
		"tcp://:2001":             {loopback: true, port: "2001"},
		"tcp://localhost:2001":    {loopback: true, host: "localhost", port: "2001"},
		"tcp://127.0.0.1:2001":    {host: "127.0.0.1", port: "2001"},
		"tcp://[fe80::1%eth0]:80": {host: "fe80::1%eth0", port: "80"},
		"tcp://0.0.0.0:0":         {host: "0.0.0.0", port: "0"},
	} {
		want.name = name
		if got, err := ParseAddress(name); err != nil || got != want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for _, name := range []string{
		"", ":2001", "2001", "udp://:2001", "tcp://", "tcp://:", "tcp://localhost", "tcp://:65536", "tcp://:-1",
		"tcp://:http", "tcp://:2001/", "tcp://:2001?x=y", "tcp://a/b:1", "tcp://::1:2001", "/dev/ttyUSB0",
	} {
		if got, err := ParseAddress(name); err == nil || !strings.Contains(err.Error(), "such as tcp://:2001") {
			t.Errorf("%q: %+v, %v", name, got, err)
		}
	}
}

// What is listened on is this machine's alone unless more is asked for.
func TestListen(t *testing.T) {
	for name, want := range map[string]func(net.IP) bool{
		"tcp://:0":          net.IP.IsLoopback,
		"tcp://localhost:0": net.IP.IsLoopback,
		"tcp://127.0.0.1:0": net.IP.IsLoopback,
		"tcp://0.0.0.0:0":   func(ip net.IP) bool { return ip.IsUnspecified() && ip.To4() != nil },
	} {
		a, err := ParseAddress(name)
		must(t, err)
		listeners, err := a.Listen()
		must(t, err)
		port := listeners[0].Addr().(*net.TCPAddr).Port
		for _, l := range listeners {
			if at := l.Addr().(*net.TCPAddr); !want(at.IP) || at.Port != port {
				t.Errorf("%s listens on %v", name, at)
			}
			must(t, l.Close())
		}
	}
}

func TestPortInUse(t *testing.T) {
	taken, err := net.Listen("tcp4", "127.0.0.1:0")
	must(t, err)
	defer taken.Close()
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	for _, host := range []string{"", "127.0.0.1"} {
		a, err := ParseAddress("tcp://" + host + ":" + port)
		must(t, err)
		l, err := a.Listen()
		if err == nil {
			t.Fatalf("%v listens on %v too", a, l)
		}
		hasHint(t, err, "port "+port+" is in use", "take another port")
	}
}

func TestNoSuchAddress(t *testing.T) {
	a, err := ParseAddress("tcp://192.0.2.1:2001") // for documentation: RFC 5737
	must(t, err)
	_, err = a.Listen()
	hasHint(t, err, "has no address 192.0.2.1", "tcp://:2001")
}

func hasHint(t *testing.T, err error, words, hint string) {
	t.Helper()
	var hinted interface{ Hint() string }
	if !errors.As(err, &hinted) || !strings.Contains(err.Error(), words) || !strings.Contains(hinted.Hint(), hint) {
		t.Errorf("it says %v", err)
	}
}

// system is one on which some addresses cannot be had.
func system(refuses map[string]error) func(network, address string) (net.Listener, error) {
	return func(network, address string) (net.Listener, error) {
		if err := refuses[network]; err != nil {
			return nil, &net.OpError{Op: "listen", Net: network, Err: err}
		}
		return newPipes(), nil
	}
}

func TestLoopback(t *testing.T) {
	for _, c := range []struct {
		four, six error
		listeners int
		words     string
	}{
		{nil, nil, 2, ""},
		{nil, inUse.unix, 0, "in use"}, // somebody else is localhost there
		{nil, noAddress.unix, 1, ""},   // no IPv6 at all
		{nil, syscall.EAFNOSUPPORT, 1, ""},
		{inUse.unix, nil, 0, "in use"},
		{noRight.unix, noRight.unix, 0, "no permission"},
	} {
		a, err := ParseAddress("tcp://:2001")
		must(t, err)
		if syscall.EADDRINUSE != 98 && syscall.EADDRINUSE != 48 {
			t.Skip("the numbers of these errors are another system's")
		}
		listeners, err := a.listenLoopback(system(map[string]error{"tcp4": c.four, "tcp6": c.six}))
		if len(listeners) != c.listeners || (err == nil) != (c.words == "") || err != nil && !strings.Contains(err.Error(), c.words) {
			t.Errorf("%v, %v: %d listeners, %v", c.four, c.six, len(listeners), err)
		}
	}
}
