package sources

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"p1/pkg/record"
)

const (
	tcpScheme    = "tcp://"
	telnetScheme = "telnet://"
)

// tcpDialer connects to a bridge that passes a meter's bytes on: ser2net, an
// esp-link, socat, another p1cat.
type tcpDialer struct {
	address string
	speech  speech
	pace    pace
}

func isTCP(name string) bool {
	return strings.HasPrefix(name, tcpScheme) || strings.HasPrefix(name, telnetScheme)
}

func openTCP(name string, p pace, say func(text string)) (Source, error) {
	d, err := tcpName(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", Shown(name), err)
	}
	d.pace = p
	source, _, _ := strings.Cut(name, "?")
	return openLive(source, d, p, say), nil
}

// tcpName reads tcp://host:port, tcp://host:port?telnet=1 and telnet://host.
func tcpName(name string) (*tcpDialer, error) {
	u, err := url.Parse(name)
	if err != nil {
		return nil, errors.New("no address, as in tcp://host:2001")
	}
	d := &tcpDialer{}
	port := u.Port()
	if u.Scheme == "telnet" {
		d.speech = speaksTelnet
		if port == "" {
			port = "23"
		}
	}
	if u.Hostname() == "" || port == "" || u.Path != "" && u.Path != "/" || u.User != nil {
		return nil, errors.New("no host and port, as in tcp://host:2001")
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return nil, fmt.Errorf("%s is no port: they are numbers from 1 to 65535", port)
	}
	d.address = net.JoinHostPort(u.Hostname(), port)
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, err
	}
	for key, values := range query {
		switch value := values[len(values)-1]; {
		case key != "telnet" || u.Scheme == "telnet":
			return nil, fmt.Errorf("unknown option %q (there is telnet, of tcp)", key)
		case value == "0":
			d.speech = speaksRaw
		case value == "1":
			d.speech = speaksTelnet
		default:
			return nil, fmt.Errorf("telnet=%s: want 0 or 1", value)
		}
	}
	return d, nil
}

func (d *tcpDialer) why() string     { return record.GapReconnect }
func (d *tcpDialer) asks() questions { return ofPort() }

func (d *tcpDialer) dial(ctx context.Context) (line, error) {
	nd := net.Dialer{
		Timeout: d.pace.connect,
		// A bridge whose power fails says nothing: it is missed after 30 s.
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3},
	}
	conn, err := nd.DialContext(ctx, "tcp", d.address)
	if err != nil {
		return nil, fmt.Errorf("cannot connect (%s): trying again", inner(err))
	}
	return &tcpLine{conn: conn, telnet: telnet{speech: d.speech}}, nil
}

// inner is what an error of the network says, without the addresses.
func inner(err error) string {
	var web *url.Error
	if errors.As(err, &web) {
		err = web.Err
	}
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	var call *os.SyscallError
	if errors.As(err, &call) {
		err = call.Err
	}
	return err.Error()
}

type tcpLine struct {
	conn   net.Conn
	telnet telnet
}

// answerTime is how long a peer may take to take a few bytes of negotiation.
const answerTime = time.Second

func (l *tcpLine) read(p []byte, wait time.Duration) (int, error) {
	if err := l.conn.SetReadDeadline(time.Now().Add(wait)); err != nil {
		return 0, lostWords(err)
	}
	into := p
	if l.telnet.held {
		into = p[:len(p)-1] // nothing has been handed on yet, so that p is large
	}
	n, err := l.conn.Read(into)
	n, answer := l.telnet.decode(p[:n])
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = nil
	}
	if len(answer) > 0 && err == nil {
		_ = l.conn.SetWriteDeadline(time.Now().Add(answerTime))
		_, err = l.conn.Write(answer)
	}
	if err != nil {
		return l.telnet.rest(p, n), lostWords(err)
	}
	return n, nil
}

func lostWords(err error) error {
	switch {
	case err == io.EOF:
		return errors.New("the other side has ended the connection: connecting again")
	case errors.Is(err, syscall.ETIMEDOUT):
		return errors.New("the other side does not answer any more: connecting again")
	}
	return fmt.Errorf("the connection is lost (%s): connecting again", inner(err))
}

func (l *tcpLine) close() error { return l.conn.Close() }
