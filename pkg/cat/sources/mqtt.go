package sources

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
	"github.com/eclipse/paho.mqtt.golang/packets"

	"p1/pkg/record"
)

const (
	mqttScheme  = "mqtt://"
	mqttsScheme = "mqtts://"
)

// Ports of brokers, by the register of the IANA.
const (
	mqttPort  = "1883"
	mqttsPort = "8883"
)

// mqttDialer subscribes to a topic in which each message is a telegram or a line of one.
//
//	meter/telegram   /ISK5\2M550T-1012 … !5B60
//
//	meter/lines      /ISK5\2M550T-1012
//	meter/lines
//	meter/lines      1-3:0.2.8(50)
//	meter/lines      …
//
// A broker hands a message out again that it keeps for the topic (retained), even an older
// one after it was killed, or one of which it does not know whether it has arrived (quality
// of service 1); and a bridge publishes a telegram again of which it does not know that.
// None of these counts twice. What is published while there is no connection is lost, and a gap record says so.
type mqttDialer struct {
	host   string
	secure bool
	topic  string
	access access
	pace   pace

	mu   sync.Mutex // a client that is given up may still hand over messages
	seen *seen      // the messages that have been handed on
}

func isMQTT(name string) bool {
	return strings.HasPrefix(name, mqttScheme) || strings.HasPrefix(name, mqttsScheme)
}

func openMQTT(name string, p pace, say func(text string)) (Source, error) {
	d, err := mqttName(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", shownPattern(name), err)
	}
	d.pace = p
	return openLive(Shown(name), d, p, say), nil
}

// shownPattern is how a name is shown whose topic may have a # in it, which does not begin
// a fragment there.
func shownPattern(name string) string {
	end := strings.LastIndexByte(name, '@') + 1 // of a password, in which a # may be, too
	topic, _, _ := strings.Cut(name[end:], "?")
	if strings.Contains(topic, "#") {
		return Shown(name) + "#"
	}
	return Shown(name)
}

// mqttName reads mqtts://user@host:8883/topic/of/telegrams?password-file=FILE.
func mqttName(name string) (*mqttDialer, error) {
	const example = "mqtt://host/topic/of/telegrams"
	u, a, err := parseAddress(name, example)
	switch {
	case err != nil:
		return nil, err
	case strings.Contains(name, "#"), strings.ContainsAny(u.Path, "+#"): // %23 is a # to the broker
		return nil, errors.New("nobody knows how many meters send to topics with + or #: name one topic, and run a p1cat for each")
	}
	d := &mqttDialer{secure: u.Scheme == "mqtts", access: a, seen: newSeen()}
	port := u.Port()
	switch {
	case port == "" && d.secure:
		port = mqttsPort
	case port == "":
		port = mqttPort
	}
	d.host = net.JoinHostPort(u.Hostname(), port)
	if d.topic = strings.TrimPrefix(u.Path, "/"); d.topic == "" {
		return nil, errors.New("no topic, as in " + example)
	}
	options, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, errors.New("what stands after ? is no list of options, as in ?password-file=FILE&ca=FILE")
	}
	for key, values := range options {
		known, err := d.access.set(key, values[len(values)-1])
		if err != nil {
			return nil, err
		}
		if !known {
			return nil, fmt.Errorf("unknown option %q (there are %s)", key, accessOptions)
		}
	}
	return d, nil
}

func (d *mqttDialer) why() string { return record.GapReconnect }

func (d *mqttDialer) asks() questions {
	return questions{
		silent:  "subscribed, but nothing new has come for %v: is this the right topic, and does anybody publish there?",
		foreign: "is this the right topic?",
	}
}

const (
	// keepAlive is after which silence a broker is asked whether it is still there, and
	// how long it has to answer.
	keepAlive, answerWithin = 15 * time.Second, 5 * time.Second
	// atLeastOnce is the quality of service that is asked for: the broker sends a message
	// again that has not arrived.
	atLeastOnce = 1
	// denied is the answer of a broker that does not let this client read the topic (MQTT
	// 3.1.1, 3.9.3).
	denied = 0x80
)

func (d *mqttDialer) dial(ctx context.Context) (line, error) {
	l := &subscribed{inbox: newInbox()}
	l.client = mqtt.NewClient(d.options(ctx, l.inbox))
	if err := settled(ctx, l.client.Connect(), d.pace.connect); err != nil {
		l.drop()
		return nil, unconnected(err)
	}
	subscription := l.client.Subscribe(d.topic, atLeastOnce, func(_ mqtt.Client, m mqtt.Message) { d.take(m, l.inbox) })
	if err := settled(ctx, subscription, d.pace.connect); err != nil {
		l.drop()
		return nil, fmt.Errorf("the broker does not answer (%s): connecting again", inner(err))
	}
	if t, ok := subscription.(*mqtt.SubscribeToken); ok && t.Result()[d.topic] == denied {
		l.drop()
		return nil, &hopelessError{fmt.Errorf("the broker does not let this user read the topic %s", d.topic)}
	}
	return l, nil
}

func (d *mqttDialer) options(ctx context.Context, into *inbox) *mqtt.ClientOptions {
	const mqtt311 = 4
	o := mqtt.NewClientOptions().AddBroker("tcp://" + d.host).SetProtocolVersion(mqtt311)
	o.SetClientID("p1cat-" + rand.Text()[:12]) // a broker has one client of a name
	o.SetUsername(d.access.user).SetPassword(d.access.password)
	o.SetCleanSession(true).SetAutoReconnect(false).SetConnectRetry(false)
	o.SetKeepAlive(keepAlive).SetPingTimeout(answerWithin).SetConnectTimeout(d.pace.connect)
	o.SetConnectionLostHandler(func(_ mqtt.Client, err error) { into.end(disconnected(err)) })
	o.SetCustomOpenConnectionFn(func(*url.URL, mqtt.ClientOptions) (net.Conn, error) { return d.connect(ctx) })
	return o
}

// connect opens the connection to the broker.
func (d *mqttDialer) connect(ctx context.Context) (net.Conn, error) {
	ctx, stop := context.WithTimeout(ctx, d.pace.connect)
	defer stop()
	var conn net.Conn
	var err error
	if d.secure {
		conn, err = (&tls.Dialer{Config: d.access.tls}).DialContext(ctx, "tcp", d.host)
	} else {
		conn, err = (&net.Dialer{}).DialContext(ctx, "tcp", d.host)
	}
	if err != nil {
		return nil, err
	}
	return &bounded{Conn: conn}, nil
}

// settled waits for the client, but not for ever.
func settled(ctx context.Context, t mqtt.Token, patience time.Duration) error {
	select {
	case <-t.Done():
		return t.Error()
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(patience):
		return fmt.Errorf("nothing within %v", patience)
	}
}

// unconnected says why there is no connection, and what to do about it.
func unconnected(err error) error {
	switch {
	case errors.Is(err, packets.ErrorRefusedBadUsernameOrPassword), errors.Is(err, packets.ErrorRefusedNotAuthorised):
		return &hopelessError{errors.New("the broker does not know this user and password: mqtt://user@host/topic?password-file=FILE names them")}
	case errors.Is(err, packets.ErrorRefusedBadProtocolVersion), errors.Is(err, packets.ErrorProtocolViolation):
		return &hopelessError{errors.New("it does not speak MQTT 3.1.1")}
	}
	return fmt.Errorf("cannot connect (%s): trying again", inner(err))
}

func disconnected(err error) error {
	if errors.Is(err, errPacket) {
		return fmt.Errorf("%w: connecting again", errPacket)
	}
	return fmt.Errorf("the connection is lost (%s): connecting again", inner(err))
}

// take hands on a message, unless that has been done.
func (d *mqttDialer) take(m mqtt.Message, into *inbox) {
	if into.isOpen() && d.isNew(m) {
		into.put(withEnd(m.Payload()))
	}
}

// isNew reports whether a message has not been handed on.
func (d *mqttDialer) isNew(m mqtt.Message) bool {
	back := reachOf(m.Payload())
	if m.Retained() || m.Duplicate() {
		back = ever
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.seen.isNew(m.Payload(), back)
}

// withEnd gives a line, or the last line of a telegram, the line end that clients leave
// out: the one that the telegram has, else that of the standard. Anything else, such as
// what is sent in pieces, stays as it is.
func withEnd(text []byte) []byte {
	const frame = 0xDB // what meters that encrypt send, which has no lines
	first := bytes.IndexByte(text, '\n')
	switch {
	case len(text) > 0 && text[0] == frame:
		return text
	case first < 0:
		return append(bytes.Clone(bytes.TrimSuffix(text, []byte("\r"))), "\r\n"...)
	case !isTelegram(text), bytes.HasSuffix(text, []byte("\n")), bytes.IndexByte(text[bytes.LastIndexByte(text, '\n'):], '!') < 0:
		return text
	case first > 0 && text[first-1] == '\r':
		return append(bytes.Clone(bytes.TrimSuffix(text, []byte("\r"))), "\r\n"...)
	}
	return append(bytes.Clone(text), '\n')
}

// subscribed is a line from a broker.
type subscribed struct {
	*inbox
	client mqtt.Client
}

func (l *subscribed) close() error {
	l.drop()
	return nil
}

// drop ends the connection, and lets nobody wait who hands over a message.
func (l *subscribed) drop() {
	const lastWords = 250 // milliseconds
	l.end(context.Canceled)
	l.client.Disconnect(lastWords)
}

// bounded is a connection to a broker that ends where a message is too large for any
// telegram, before anybody makes room for it.
//
//	30        82 03     …
//	PUBLISH   length    that many bytes: 7 bits in each, the lowest first, bit 7 says that more come
//
// MQTT 3.1.1, 2.2.
type bounded struct {
	net.Conn
	skip   int  // bytes of a packet that are to come
	inside bool // its first byte has come
	length int  // as far as it is known
	shift  int
}

// maxPacket is a telegram and the longest topic.
const maxPacket = record.MaxTelegram + 1<<16

var errPacket = errors.New("the broker sends a message of more than 128 KiB, which is no telegram")

func (c *bounded) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	for data := p[:n]; len(data) > 0; {
		if c.skip > 0 {
			pass := min(c.skip, len(data))
			c.skip -= pass
			data = data[pass:]
			continue
		}
		b := data[0]
		data = data[1:]
		if !c.inside {
			c.inside, c.length, c.shift = true, 0, 0
			continue
		}
		c.length |= int(b&0x7F) << c.shift
		c.shift += 7
		if c.length > maxPacket || c.shift > 28 {
			return 0, errPacket
		}
		if b < 0x80 {
			c.inside, c.skip = false, c.length
		}
	}
	return n, err
}
