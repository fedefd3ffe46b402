package sources

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
)

// broker is mosquitto on a free port, which can be killed and started again.
type broker struct {
	t       *testing.T
	server  string
	address string
	config  string
	run     *exec.Cmd
}

// newBroker starts mosquitto. What is configured beside its listener is more lines of its
// configuration.
func newBroker(t *testing.T, config string) *broker {
	t.Helper()
	server, err := exec.LookPath("mosquitto")
	if err != nil {
		if server, err = exec.LookPath("/usr/sbin/mosquitto"); err != nil {
			t.Skip("mosquitto is not installed")
		}
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &broker{t: t, server: server, address: free.Addr().String()}
	_, port, _ := net.SplitHostPort(b.address)
	_ = free.Close()
	text := fmt.Sprintf("listener %s 127.0.0.1\n%s\n", port, config)
	if os.Getuid() == 0 {
		text += "user root\n" // else it looks for a user of its own
	}
	b.config = writeFile(t, "mosquitto.conf", []byte(text))
	b.start()
	t.Cleanup(b.kill)
	return b
}

func (b *broker) start() {
	b.t.Helper()
	b.run = exec.Command(b.server, "-c", b.config)
	var said bytes.Buffer
	b.run.Stderr = &said
	if err := b.run.Start(); err != nil {
		b.t.Fatal(err)
	}
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if c, err := net.Dial("tcp", b.address); err == nil {
			_ = c.Close()
			return
		}
	}
	b.kill()
	b.t.Fatalf("mosquitto does not listen: %s", &said)
}

func (b *broker) kill() {
	_ = b.run.Process.Kill()
	_ = b.run.Wait()
}

func (b *broker) name(topic string) string { return "mqtt://" + b.address + "/" + topic }

// publisher is a client that publishes.
type publisher struct {
	t *testing.T
	mqtt.Client
}

func (b *broker) publisher(id string) *publisher {
	b.t.Helper()
	p := &publisher{b.t, mqtt.NewClient(mqtt.NewClientOptions().AddBroker("tcp://" + b.address).SetClientID(id).
		SetUsername("bridge").SetPassword("hush"))}
	p.done(p.Connect())
	b.t.Cleanup(func() { p.Disconnect(0) })
	return p
}

func (p *publisher) done(token mqtt.Token) {
	p.t.Helper()
	if !token.WaitTimeout(patience) || token.Error() != nil {
		p.t.Fatal(token.Error())
	}
}

func (p *publisher) send(topic string, retained bool, text string) {
	p.t.Helper()
	p.done(p.Publish(topic, 1, retained, text))
}

func openTopic(t *testing.T, name string, p pace) (*taker, *sayings) {
	t.Helper()
	var s sayings
	src, err := openMQTT(name, p, s.say)
	if err != nil {
		t.Fatal(err)
	}
	return take(t, src), &s
}

const openToAll = "allow_anonymous true\npersistence false"

// Telegrams come as they are published, each a chunk; one that is published again counts
// once.
func TestTopicOfTelegrams(t *testing.T) {
	t.Parallel()
	b := newBroker(t, openToAll)
	p := quick()
	k, s := openTopic(t, b.name("meter/telegram"), p)
	k.opened(1)
	pub := b.publisher("bridge")
	want := ""
	for _, text := range telegramsOf(t, 5) {
		pub.send("meter/other", false, "1-0:1.8.0(9*kWh)")
		pub.send("meter/telegram", false, strings.TrimSuffix(text, "\r\n")) // as many bridges do
		pub.send("meter/telegram", false, strings.TrimSuffix(text, "\r\n"))
		want += text
		k.bytes(len(want))
		time.Sleep(3 * p.pause)
	}
	pub.send("meter/telegram", false, allText)
	k.bytes(len(want) + len(allText))
	if string(k.data) != want+allText || len(k.chunks) != 6 || k.whys() != "start@0" || len(s.all()) > 0 {
		t.Errorf("%d bytes of %d in %d chunks, gaps %s, said %q", len(k.data), len(want), len(k.chunks), k.whys(), s.all())
	}
	if source := k.chunks[0].Source; source != b.name("meter/telegram") {
		t.Errorf("source %s", source)
	}
}

// allText is a message with every byte.
var allText = string(allBytesTwice())

func allBytesTwice() []byte {
	var all []byte
	for i := range 512 {
		all = append(all, byte(i+1))
	}
	return all
}

// Lines come without their ends, and are a telegram again.
func TestTopicOfLines(t *testing.T) {
	t.Parallel()
	b := newBroker(t, openToAll)
	k, _ := openTopic(t, b.name("meter/lines"), quick())
	k.opened(1)
	pub := b.publisher("bridge")
	want := ""
	for _, text := range telegramsOf(t, 3) {
		for line := range strings.Lines(text) {
			pub.send("meter/lines", false, strings.TrimRight(line, "\r\n"))
		}
		pub.send("meter/lines", false, "0-0:96.13.0()")
		pub.send("meter/lines", false, "0-0:96.13.0()") // an equal line is another line
		want += text + "0-0:96.13.0()\r\n0-0:96.13.0()\r\n"
	}
	k.bytes(len(want))
	if string(k.data) != want {
		t.Errorf("%q", k.data)
	}
}

// What is kept for a topic and was published while there was no connection comes.
func TestKeptMessageThatIsNew(t *testing.T) {
	t.Parallel()
	b := newBroker(t, openToAll)
	gate := newGate(t, b.address)
	texts := telegramsOf(t, 3)
	pub := b.publisher("bridge")
	pub.send("t", true, texts[0])
	k, s := openTopic(t, "mqtt://"+gate.address()+"/t", quick())
	k.bytes(len(texts[0]))
	gate.shut()
	s.await(t, "the connection is lost (")
	pub.send("t", true, texts[1])
	gate.open()
	k.bytes(len(texts[0]) + len(texts[1]))
	gate.shut()
	gate.open()
	k.until("a gap", func() bool { return len(k.gaps) == 3 })
	pub.send("t", true, texts[0])
	pub.send("t", true, texts[2])
	k.bytes(len(texts[0]) + len(texts[1]) + len(texts[2]))
	if string(k.data) != strings.Join(texts, "") {
		t.Errorf("%d bytes, gaps %s", len(k.data), k.whys())
	}
}

// gate passes connections on to another address, and breaks them off.
type gate struct {
	t     *testing.T
	to    string
	l     net.Listener
	conns chan net.Conn
}

func newGate(t *testing.T, to string) *gate {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{t: t, to: to, l: l, conns: make(chan net.Conn, 100)}
	t.Cleanup(func() { g.shut() })
	go g.pass(l)
	return g
}

func (g *gate) address() string { return g.l.Addr().String() }

func (g *gate) pass(l net.Listener) {
	for {
		in, err := l.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", g.to)
		if err != nil {
			_ = in.Close()
			continue
		}
		g.conns <- in
		g.conns <- out
		go func() { _, _ = io.Copy(out, in); _ = out.Close() }()
		go func() { _, _ = io.Copy(in, out); _ = in.Close() }()
	}
}

func (g *gate) shut() {
	_ = g.l.Close()
	for len(g.conns) > 0 {
		_ = (<-g.conns).Close()
	}
}

func (g *gate) open() {
	g.t.Helper()
	l, err := net.Listen("tcp", g.address())
	if err != nil {
		g.t.Fatal(err)
	}
	g.l = l
	go g.pass(l)
}

// Who is not let in is told what to do, at the start; the password is shown nowhere.
func TestBrokerWithPasswords(t *testing.T) {
	t.Parallel()
	passwords := filepath.Join(t.TempDir(), "passwords")
	make, err := exec.LookPath("mosquitto_passwd")
	if err != nil {
		t.Skip("mosquitto_passwd is not installed")
	}
	for i, user := range []string{"bridge", "p1"} {
		args := []string{"-b", passwords, user, "hush"}
		if i == 0 {
			args = append([]string{"-c"}, args...)
		}
		if out, err := exec.Command(make, args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	acl := writeFile(t, "acl", []byte("user bridge\ntopic readwrite #\nuser p1\ntopic read meter/#\n"))
	b := newBroker(t, "allow_anonymous false\npassword_file "+passwords+"\nacl_file "+acl)
	secret := writeFile(t, "secret", []byte("hush\n"))
	text := telegramsOf(t, 1)[0]
	b.publisher("bridge").send("meter/t", true, text)
	for user, options := range map[string]string{"p1:hush@": "", "p1@": "?password-file=" + secret} {
		name := "mqtt://" + user + b.address + "/meter/t" + options
		k, s := openTopic(t, name, quick())
		k.bytes(len(text))
		if source := k.chunks[0].Source; source != b.name("meter/t") || len(s.all()) > 0 {
			t.Errorf("source %s, said %q", source, s.all())
		}
	}
	for name, want := range map[string]string{
		"mqtt://" + b.address + "/meter/t":             "the broker does not know this user and password",
		"mqtt://p1:hush2@" + b.address + "/meter/t":    "the broker does not know this user and password",
		"mqtt://nobody:hush@" + b.address + "/meter/t": "the broker does not know this user and password",
	} {
		k, s := openTopic(t, name, quick())
		if err := k.next(t.Context()); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
		if len(s.all()) > 0 {
			t.Errorf("said %q", s.all())
		}
	}
}

// By mqtts:// nobody listens, and the broker shows who it is.
func TestBrokerWithCertificate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	certificate(t, dir)
	b := newBroker(t, fmt.Sprintf("allow_anonymous true\ncertfile %s/cert.pem\nkeyfile %s/key.pem", dir, dir))
	text := telegramsOf(t, 1)[0]
	publish, err := exec.LookPath("mosquitto_pub")
	if err != nil {
		t.Skip("mosquitto_pub is not installed")
	}
	_, port, _ := net.SplitHostPort(b.address)
	out, err := exec.Command(publish, "-h", "127.0.0.1", "-p", port, "--cafile", dir+"/cert.pem", "-q", "1", "-r", "-t", "t", "-m", text).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, options := range []string{"?ca=" + dir + "/cert.pem", "?verify=0"} {
		k, _ := openTopic(t, "mqtts://"+b.address+"/t"+options, quick())
		k.bytes(len(text))
	}
	_, s := openTopic(t, "mqtts://"+b.address+"/t", quick())
	s.await(t, "certificate")
	_, s = openTopic(t, "mqtt://"+b.address+"/t", quick())
	s.await(t, "cannot connect (")
}

// certificate makes one for this machine, which vouches for itself.
func certificate(t *testing.T, dir string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	signed, err := x509.CreateCertificate(rand.Reader, about, about, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{
		"cert.pem": {Type: "CERTIFICATE", Bytes: signed}, "key.pem": {Type: "PRIVATE KEY", Bytes: secret},
	} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// A message that is no telegram by its size alone is not taken into memory, and the one
// after it comes.
func TestHugeMessage(t *testing.T) {
	t.Parallel()
	b := newBroker(t, openToAll)
	k, s := openTopic(t, b.name("t"), quick())
	k.opened(1)
	pub := b.publisher("bridge")
	largest := strings.Repeat("1-0:1.8.0(123456.789*kWh)\r\n", 65536/27)
	pub.send("t", false, largest)
	k.bytes(len(largest))
	pub.send("t", false, string(make([]byte, 5<<20)))
	s.await(t, "the broker sends a message of more than 128 KiB, which is no telegram")
	k.opened(2)
	pub.send("t", false, "!")
	k.bytes(len(largest) + 3)
	if string(k.data) != largest+"!\r\n" {
		t.Errorf("%d bytes", len(k.data))
	}
}

// Whatever the pieces in which packets come, their lengths are followed.
func TestPacketsAreBounded(t *testing.T) {
	t.Parallel()
	packet := func(size int) []byte {
		p := []byte{0x30}
		for n := size; ; {
			b := byte(n & 0x7F)
			if n >>= 7; n > 0 {
				p = append(p, b|0x80)
				continue
			}
			p = append(p, b)
			break
		}
		return append(p, make([]byte, min(size, 200_000))...)
	}
	for size, good := range map[int]bool{
		0: true, 1: true, 127: true, 128: true, 16383: true, 16384: true, maxPacket: true, maxPacket + 1: false, 1<<28 - 1: false,
	} {
		data := append(packet(5), packet(size)...)
		if good {
			data = append(data, packet(maxPacket)...)
		}
		for _, piece := range []int{1, 2, 3, 1000, len(data)} {
			c := &bounded{Conn: &slowConn{data: data, piece: piece}}
			got, err := io.ReadAll(c)
			if good && (err != nil || !bytes.Equal(got, data)) || !good && err != errPacket {
				t.Errorf("%d bytes in pieces of %d: %d of %d bytes, %v", size, piece, len(got), len(data), err)
			}
		}
	}
	c := &bounded{Conn: &slowConn{data: []byte{0x30, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, piece: 1}}
	if _, err := io.ReadAll(c); err != errPacket {
		t.Errorf("a length without end: %v", err)
	}
}

type slowConn struct {
	net.Conn
	data  []byte
	piece int
}

func (c *slowConn) Read(p []byte) (int, error) {
	if len(c.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.data[:min(c.piece, len(c.data))])
	c.data = c.data[n:]
	return n, nil
}

// What answers at a broker's port and is none is named.
func TestNoBroker(t *testing.T) {
	t.Parallel()
	b := newBridge(t)
	go func() {
		for c := range b.conns {
			_, _ = c.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
			_ = c.Close()
		}
	}()
	_, s := openTopic(t, "mqtt://"+b.l.Addr().String()+"/t", quick())
	s.await(t, "cannot connect (")
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	p := quick()
	p.connect = 300 * time.Millisecond
	_, s = openTopic(t, "mqtt://"+silent.Addr().String()+"/t", p)
	s.await(t, "cannot connect (")
}

// A broker may refuse a topic alone.
func TestTopicThatIsDenied(t *testing.T) {
	t.Parallel()
	b := newBridge(t)
	go func() {
		for c := range b.conns {
			p := make([]byte, 1000)
			_, _ = c.Read(p) // CONNECT
			_, _ = c.Write([]byte{0x20, 2, 0, 0})
			_, _ = c.Read(p) // SUBSCRIBE
			_, _ = c.Write([]byte{0x90, 3, p[2], p[3], denied})
		}
	}()
	k, s := openTopic(t, "mqtt://"+b.l.Addr().String()+"/t", quick())
	if err := k.next(t.Context()); err == nil || err.Error() != "the broker does not let this user read the topic t" {
		t.Errorf("%v, said %q", err, s.all())
	}
}

func TestNamesOfTopics(t *testing.T) {
	t.Parallel()
	empty := writeFile(t, "empty", nil)
	for name, want := range map[string]string{
		"mqtt://":                                "mqtt://: no address, as in mqtt://host/topic/of/telegrams",
		"mqtt://host":                            "mqtt://host: no topic",
		"mqtt://host/":                           "mqtt://host/: no topic",
		"mqtt://p1:hu#sh@host/t":                 "mqtt://host/t: of an address only the @",
		"mqtt://host/meters/#":                   "mqtt://host/meters/#: nobody knows how many meters send to topics with + or #: name one topic, and run a p1cat for each",
		"mqtt://host/meters/%23":                 "name one topic, and run a p1cat for each",
		"mqtt://host/meters/%2B/t":               "name one topic, and run a p1cat for each",
		"mqtt://host/meters/+/t":                 "name one topic, and run a p1cat for each",
		"mqtt://p1:hu/sh@host/t":                 "mqtt://host/t: of an address only the @",
		"mqtt://p1:hu sh@host/t":                 "mqtt://host/t: no address",
		"mqtt://host/t?password=hush":            `mqtt://host/t: unknown option "password" (there are password-file, ca and verify)`,
		"mqtt://host/t?password-file=" + empty:   "is empty",
		"mqtts://host/t?verify=2":                "verify=2: want 0 or 1",
		"mqtt://p1:hush@host/t?password-file=/x": "password-file: open /x: ",
		"mqqt://p1:hush@host/t":                  "mqqt://host/t: there is no source mqqt://, but",
	} {
		_, err := Open(name, nil)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") || strings.Contains(err.Error(), "sh@") {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	for name, want := range map[string]string{
		"mqtt://host/t": "host:1883 t", "mqtts://host//a/b%20c": "host:8883 /a/b c", "mqtt://u:p+w@[::1]:99/a%40b": "[::1]:99 a@b",
	} {
		d, err := mqttName(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got := d.host + " " + d.topic; got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if !Endless("mqtt://host/t") || !Endless("mqtts://host/t") {
		t.Error("a topic has an end")
	}
}
