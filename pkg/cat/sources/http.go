package sources

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"p1/pkg/record"
)

const (
	httpScheme  = "http://"
	httpsScheme = "https://"
)

// pollEvery is the usual time from one request to the next: twice in the second that
// passes between two telegrams at least, and no more often than makers of bridges allow
// (https://api-documentation.homewizard.com: "every 500ms").
const pollEvery = 500 * time.Millisecond

// examples are where two makers of bridges have the telegram, by their documentation.
const examples = "/api/v1/telegram or /api/v1/sm/telegram"

// httpDialer asks a bridge again and again for the last telegram that it has heard:
//
//	GET /api/v1/telegram HTTP/1.1
//
//	HTTP/1.1 200 OK
//
//	/ISK5\2M550T-1012 … !5B60
//
// An answer that is the same as the one before is the same telegram, and not counted
// again. What the bridge hears between two requests and has forgotten at the second one,
// nobody sees.
type httpDialer struct {
	address string
	header  http.Header
	access  access
	client  *http.Client
	every   time.Duration
	pace    pace
	seen    *seen // the answers that have been handed on
}

func isHTTP(name string) bool {
	return strings.HasPrefix(name, httpScheme) || strings.HasPrefix(name, httpsScheme)
}

func openHTTP(name string, p pace, say func(text string)) (Source, error) {
	d, err := httpName(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", Shown(name), err)
	}
	d.pace = p
	return openLive(Shown(name), d, p, say), nil
}

// httpName reads http://host/path?query#every=2s&headers=FILE. What stands after # is for
// us, and is never sent: the query belongs to the bridge.
func httpName(name string) (*httpDialer, error) {
	u, a, err := parseAddress(name, "http://host/api/v1/telegram")
	if err != nil {
		return nil, err
	}
	options, err := url.ParseQuery(u.EscapedFragment())
	if err != nil {
		return nil, errors.New("what stands after # is no list of options, as in #every=2s&verify=0")
	}
	u.User, u.Fragment, u.RawFragment = nil, "", ""
	d := &httpDialer{address: u.String(), header: http.Header{}, access: a, every: pollEvery, seen: newSeen()}
	for key, values := range options {
		if err := d.set(key, values[len(values)-1]); err != nil {
			return nil, err
		}
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = d.access.tls
	transport.MaxResponseHeaderBytes = record.MaxTelegram
	d.client = &http.Client{Transport: transport, CheckRedirect: d.follow}
	return d, nil
}

func (d *httpDialer) set(key, value string) (err error) {
	if known, err := d.access.set(key, value); known {
		return err
	}
	switch key {
	case "every":
		const least, most = 100 * time.Millisecond, time.Hour
		if d.every, err = time.ParseDuration(value); err != nil || d.every < least || d.every > most {
			return fmt.Errorf("every=%s: want a time from %v to %v, such as 2s", value, least, most)
		}
	case "headers":
		if d.header, err = headersOf(value); err != nil {
			return fmt.Errorf("headers: %w", err)
		}
	default:
		return fmt.Errorf("unknown option %q (there are every, headers, %s)", key, accessOptions)
	}
	return nil
}

// headersOf reads header lines from a file, such as the token that a bridge wants:
//
//	Authorization: Bearer 0123456789ABCDEF
func headersOf(file string) (http.Header, error) {
	text, err := readSmall(file)
	if err != nil {
		return nil, err
	}
	header, n := http.Header{}, 0
	for line := range strings.Lines(string(text)) {
		n++
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		key, value, ok := strings.Cut(line, ":")
		if !ok { // the line may hold a token
			return nil, fmt.Errorf("%s:%d: no header, as in Authorization: Bearer TOKEN", file, n)
		}
		header.Set(key, strings.TrimSpace(value))
	}
	return header, nil
}

func (d *httpDialer) why() string { return record.GapReconnect }

func (d *httpDialer) asks() questions {
	return questions{
		silent:  "it answers, but with the same telegram for %v: does the bridge still hear the meter?",
		foreign: "is this the address of a telegram?",
	}
}

func (d *httpDialer) dial(ctx context.Context) (line, error) {
	body, err := d.ask(ctx)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	l := &polled{inbox: newInbox(), stop: stop, done: make(chan struct{})}
	l.deliver(d, body)
	go l.poll(ctx, d)
	return l, nil
}

// ask returns what the bridge answers.
func (d *httpDialer) ask(ctx context.Context) ([]byte, error) {
	ctx, stop := context.WithTimeout(ctx, d.pace.connect)
	defer stop()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.address, nil)
	if err != nil {
		return nil, &hopelessError{errors.New("no address that can be asked for")}
	}
	request.Header = d.header.Clone()
	if d.access.user != "" || d.access.password != "" {
		request.SetBasicAuth(d.access.user, d.access.password)
	}
	answer, err := d.client.Do(request)
	if err != nil {
		return nil, d.unanswered(ctx, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, refusal(answer.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, record.MaxTelegram+1))
	if err != nil {
		return nil, d.unanswered(ctx, err)
	}
	return body, unfit(body)
}

// follow decides whether a redirection is followed: passwords and headers are for the host, the port and the scheme that were named, and for no others.
func (d *httpDialer) follow(next *http.Request, before []*http.Request) error {
	const most = 10
	first := before[0].URL
	switch {
	case len(before) == most:
		return &hopelessError{fmt.Errorf("it points on to another address %d times", most)}
	case !d.hasSecrets() || next.URL.Scheme == first.Scheme && origin(next.URL) == origin(first):
		return nil
	}
	return &hopelessError{fmt.Errorf("it points to %s, which is another host, port or scheme: no password or header is sent there; if it is yours, name that address", Shown(next.URL.String()))}
}

// hasSecrets reports whether a request holds what is not for everybody.
func (d *httpDialer) hasSecrets() bool {
	return d.access.user != "" || d.access.password != "" || len(d.header) > 0
}

// origin is the host and the port of an address.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// unanswered says why there is no answer.
func (d *httpDialer) unanswered(ctx context.Context, err error) error {
	var name *net.DNSError
	var hopeless *hopelessError
	switch {
	case errors.As(err, &hopeless): // of a redirection
		return hopeless
	case ctx.Err() == context.DeadlineExceeded:
		return fmt.Errorf("no answer within %v: asking again", d.pace.connect)
	case errors.As(err, &name):
		return fmt.Errorf("there is no host of that name (%s): asking again", name.Err)
	}
	return fmt.Errorf("no answer (%s): asking again", inner(err))
}

// refusal says what a status other than 200 means for the owner of a bridge.
func refusal(status int) error {
	text := fmt.Sprintf("%d %s", status, http.StatusText(status))
	switch {
	case status == http.StatusUnauthorized:
		return &hopelessError{errors.New(text + ": it wants a password (user@host and #password-file=FILE) or a token (#headers=FILE)")}
	case status == http.StatusForbidden:
		return &hopelessError{errors.New(text + ": it does not let us in; many bridges have a switch for their local API")}
	case status == http.StatusNotFound:
		return &hopelessError{errors.New(text + ": the bridge has no such address; its maker says where telegrams are, such as " + examples)}
	case status == http.StatusServiceUnavailable:
		return errors.New(text + ": the bridge has no telegram; asking again")
	case status == http.StatusTooManyRequests:
		return errors.New(text + ": asked too often; #every=5s asks less often")
	case status < 500:
		return &hopelessError{errors.New(text + ": the bridge does not answer this address with a telegram")}
	}
	return errors.New(text + ": asking again")
}

// unfit says why an answer can be no telegram; nil where it may be one, damaged or not.
func unfit(body []byte) error {
	text := bytes.TrimSpace(body)
	switch {
	case len(body) > record.MaxTelegram:
		return &hopelessError{errors.New("the answer has more than 64 KiB, so it is no telegram; a log is read by: curl ADDRESS | p1cat")}
	case len(text) == 0:
		return errors.New("the answer is empty: asking again")
	case hasMeterLine(body):
		return nil // whatever is around it, or has become of its beginning
	case text[0] == '{' || text[0] == '[':
		return &hopelessError{fmt.Errorf("the answer is JSON and no telegram (%s): bridges give the telegram at another address, such as "+examples, quoted(text))}
	case text[0] == '<':
		return &hopelessError{fmt.Errorf("the answer is a page and no telegram (%s): bridges give the telegram at another address, such as "+examples, quoted(text))}
	}
	return nil
}

// polled is a line whose bridge is asked again and again, beside the reader.
type polled struct {
	*inbox
	stop context.CancelFunc
	done chan struct{}
}

// poll asks until there is no answer, or ctx is done.
func (l *polled) poll(ctx context.Context, d *httpDialer) {
	defer close(l.done)
	tick := time.NewTicker(d.every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		body, err := d.ask(ctx)
		if err != nil {
			l.end(err)
			return
		}
		l.deliver(d, body)
	}
}

// deliver hands on an answer, unless that has been done.
func (l *polled) deliver(d *httpDialer, body []byte) {
	if d.seen.isNew(body, max(reachOf(body), last)) {
		l.put(withEnd(body))
	}
}

func (l *polled) close() error {
	l.end(context.Canceled)
	l.stop()
	<-l.done
	return nil
}
