package serve

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// Address is where to listen: tcp://:2001, tcp://192.168.1.5:2001.
type Address struct {
	name     string
	loopback bool // no host is named: this machine only
	host     string
	port     string
}

// ParseAddress reads an address. Without a host it is that of this machine alone.
func ParseAddress(name string) (Address, error) {
	const example = "such as tcp://:2001 (this machine only) or tcp://0.0.0.0:2001 (the whole network)"
	rest, ok := strings.CutPrefix(name, "tcp://")
	if !ok {
		return Address{}, fmt.Errorf("%q is no address to listen on, %s", name, example)
	}
	host, port, err := net.SplitHostPort(rest)
	if err != nil {
		return Address{}, fmt.Errorf("%q lacks a host or port, %s", name, example)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil || strings.ContainsAny(host, "/?#@") {
		return Address{}, fmt.Errorf("%q: the port is no number up to 65535, %s", name, example)
	}
	return Address{name, host == "" || host == "localhost", host, port}, nil
}

// Listen opens the address. Its errors have a hint.
func (a Address) Listen() ([]net.Listener, error) {
	if a.loopback {
		return a.listenLoopback(net.Listen)
	}
	l, err := net.Listen(a.network(), net.JoinHostPort(a.host, a.port))
	if err != nil {
		return nil, a.explain(err)
	}
	return []net.Listener{l}, nil
}

// network keeps 0.0.0.0 from meaning IPv6 too; [::] is for both.
func (a Address) network() string {
	ip, err := netip.ParseAddr(a.host)
	switch {
	case err != nil || ip == netip.IPv6Unspecified():
		return "tcp"
	case ip.Is4():
		return "tcp4"
	}
	return "tcp6"
}

// listenLoopback listens on 127.0.0.1 and, where there is IPv6, on ::1, since
// "localhost" may be either.
func (a Address) listenLoopback(listen func(network, address string) (net.Listener, error)) ([]net.Listener, error) {
	const attempts = 10 // where any port will do, it must be free on both
	for n := 1; ; n++ {
		four, err := listen("tcp4", net.JoinHostPort("127.0.0.1", a.port))
		if err != nil {
			return nil, a.explain(err)
		}
		port := strconv.Itoa(four.Addr().(*net.TCPAddr).Port)
		six, err := listen("tcp6", net.JoinHostPort("::1", port))
		switch {
		case err == nil:
			return []net.Listener{four, six}, nil
		case !isErrno(err, inUse) && !isErrno(err, noRight):
			return []net.Listener{four}, nil // there is no IPv6
		}
		_ = four.Close()
		if port == a.port || n == attempts {
			return nil, a.explain(err)
		}
	}
}

// Errors of the system, with their numbers on Windows, which the syscall package
// does not know by their names.
type errno struct {
	unix    syscall.Errno
	windows syscall.Errno
}

var (
	inUse     = errno{syscall.EADDRINUSE, 10048}
	noRight   = errno{syscall.EACCES, 10013}
	noAddress = errno{syscall.EADDRNOTAVAIL, 10049}
)

func isErrno(err error, e errno) bool {
	if runtime.GOOS == "windows" {
		return errors.Is(err, e.windows)
	}
	return errors.Is(err, e.unix)
}

// listenError is why an address cannot be listened on, and what to do.
type listenError struct {
	error
	hint string
}

func (e listenError) Unwrap() error { return e.error }

// Hint says what to do.
func (e listenError) Hint() string { return e.hint }

func (a Address) explain(err error) error {
	var unknown *net.DNSError
	switch {
	case isErrno(err, inUse):
		return listenError{fmt.Errorf("%s: port %s is in use: %w", a.name, a.port, err),
			"end the program that listens there (ss -ltnp, netstat -ano name it), or take another port"}
	case isErrno(err, noRight):
		return listenError{fmt.Errorf("%s: no permission to listen on port %s: %w", a.name, a.port, err),
			"ports below 1024 are for the system: take one from 1024 on, such as 2001"}
	case isErrno(err, noAddress):
		return listenError{fmt.Errorf("%s: this machine has no address %s: %w", a.name, a.host, err),
			fmt.Sprintf("tcp://0.0.0.0:%s listens on all that it has, tcp://:%s for this machine only", a.port, a.port)}
	case errors.As(err, &unknown):
		return listenError{fmt.Errorf("%s: %w", a.name, err), "name the host by its address"}
	}
	return fmt.Errorf("%s: %w", a.name, err)
}
