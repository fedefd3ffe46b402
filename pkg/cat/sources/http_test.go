package sources

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"p1/pkg/sim/wiretest"
)

// webBridge is a bridge that answers what it is told to, can be switched off, and comes
// back at the same address.
type webBridge struct {
	t       *testing.T
	address string
	server  *httptest.Server

	mu     sync.Mutex
	answer func(w http.ResponseWriter, r *http.Request)
	asked  int
}

func newWebBridge(t *testing.T) *webBridge {
	t.Helper()
	b := &webBridge{t: t}
	b.on("127.0.0.1:0")
	t.Cleanup(b.off)
	return b
}

func (b *webBridge) on(address string) {
	b.t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		b.t.Fatal(err)
	}
	b.address = l.Addr().String()
	b.server = httptest.NewUnstartedServer(http.HandlerFunc(b.serve))
	b.server.Listener = l
	b.server.Start()
}

func (b *webBridge) off() {
	b.server.CloseClientConnections()
	b.server.Close()
}

func (b *webBridge) serve(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	b.asked++
	answer := b.answer
	b.mu.Unlock()
	answer(w, r)
}

func (b *webBridge) does(answer func(w http.ResponseWriter, r *http.Request)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.answer = answer
}

func (b *webBridge) says(status int, body string) {
	b.does(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	})
}

// answered waits until it has been asked so many times more.
func (b *webBridge) answered(n int) {
	b.t.Helper()
	asked := func() int { b.mu.Lock(); defer b.mu.Unlock(); return b.asked }
	from := asked()
	for end := time.Now().Add(patience); asked() < from+n; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			b.t.Fatal("nobody asks")
		}
	}
}

func (b *webBridge) name() string { return "http://" + b.address + "/api/v1/telegram" }

// often is the option by which a test need not wait.
const often = "#every=100ms"

func openWeb(t *testing.T, name string, p pace) (*taker, *sayings) {
	t.Helper()
	var s sayings
	src, err := openHTTP(name, p, s.say)
	if err != nil {
		t.Fatal(err)
	}
	return take(t, src), &s
}

func telegramsOf(t *testing.T, n int) []string {
	t.Helper()
	var all []string
	for _, text := range wiretest.Telegrams(t, "../../../testdata/nl-clean.log")[:n] {
		all = append(all, string(withEnd(text)))
	}
	return all
}

// Each telegram is counted once, however often the bridge is asked.
func TestPolledTelegramsCountOnce(t *testing.T) {
	t.Parallel()
	b := newWebBridge(t)
	texts := telegramsOf(t, 4)
	b.says(http.StatusOK, texts[0])
	k, s := openWeb(t, b.name()+often, quick())
	want := ""
	for _, text := range texts {
		b.says(http.StatusOK, text)
		want += text
		k.bytes(len(want))
		b.answered(3)
	}
	if string(k.data) != want || len(k.chunks) != len(texts) || k.whys() != "start@0" || len(s.all()) > 0 {
		t.Errorf("%d bytes of %d in %d chunks, gaps %s, said %q", len(k.data), len(want), len(k.chunks), k.whys(), s.all())
	}
	if source := k.chunks[0].Source; source != b.name() {
		t.Errorf("source %s", source)
	}
}

// A bridge that is gone and back is asked on: what it still has counts once, and a gap
// says that something may be missing.
func TestBridgeOfTheWebIsGoneAndBack(t *testing.T) {
	t.Parallel()
	b := newWebBridge(t)
	texts := telegramsOf(t, 3)
	b.says(http.StatusOK, texts[0])
	p := quick()
	p.again = 0
	k, s := openWeb(t, b.name()+often, p)
	k.bytes(len(texts[0]))
	for i, text := range texts[1:] {
		b.off()
		s.awaitTimes(t, "no answer (", i+1)
		time.Sleep(time.Duration(i) * 200 * time.Millisecond)
		b.on(b.address)
		k.until("a gap", func() bool { return len(k.gaps) == i+2 })
		b.answered(3)
		b.says(http.StatusOK, text)
		k.bytes(len(k.data) + len(text))
	}
	a, c := len(texts[0]), len(texts[0])+len(texts[1])
	if got, want := k.whys(), fmt.Sprintf("start@0 reconnect@%d reconnect@%d", a, c); got != want {
		t.Errorf("gaps %s, want %s", got, want)
	}
	if string(k.data) != strings.Join(texts, "") {
		t.Errorf("%d bytes", len(k.data))
	}
	s.awaitTimes(t, "the meter is heard", 2)
	if s.count("no answer") != 2 || s.count("the meter is heard") != 2 {
		t.Errorf("said %q", s.all())
	}
}

// An answer that is cut off is no telegram, and nor is the error of a bridge that has just
// been switched on.
func TestAnswersThatDoNotCome(t *testing.T) {
	t.Parallel()
	text := telegramsOf(t, 1)[0]
	for what, c := range map[string]struct {
		answer func(w http.ResponseWriter, r *http.Request)
		said   string
	}{
		"cut off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(text)))
			_, _ = w.Write([]byte(text[:100]))
		}, "no answer (unexpected EOF)"},
		"no telegram yet": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, "503 Service Unavailable: the bridge has no telegram"},
		"broken":          {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, "500 Internal Server Error: asking again"},
		"too often":       {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(429) }, "asked too often; #every=5s"},
		"empty":           {func(w http.ResponseWriter, _ *http.Request) {}, "the answer is empty"},
		"slow":            {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "no answer within 300ms"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			b := newWebBridge(t)
			b.does(c.answer)
			p := quick()
			if what == "slow" {
				p.connect = 300 * time.Millisecond
			}
			k, s := openWeb(t, b.name()+often, p)
			s.await(t, c.said)
			time.Sleep(2 * p.grace)
			b.says(http.StatusOK, text)
			k.bytes(len(text))
			s.await(t, "the meter is heard")
			if string(k.data) != text || k.whys() != "start@0" || s.count(c.said) != 1 || s.count("the meter is heard") != 1 {
				t.Errorf("%d bytes, gaps %s, said %q", len(k.data), k.whys(), s.all())
			}
		})
	}
}

// What will never be a telegram ends the source at the start, with what to do about it.
func TestAnswersThatAreNoTelegram(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]struct {
		status int
		body   string
	}{
		"401 Unauthorized: it wants a password":                           {401, ""},
		"403 Forbidden: it does not let us in":                            {403, `{"error":"api not enabled"}`},
		"404 Not Found: the bridge has no such address":                   {404, "<html>"},
		"405 Method Not Allowed: the bridge does not answer this address": {405, ""},
		`the answer is JSON and no telegram ("{\"power\":1}")`:            {200, "\n{\"power\":1}\n"},
		`the answer is a page and no telegram ("<!DOCTYPE html>`:          {200, "<!DOCTYPE html><html><p>0-0:1.0.0"},
		"the answer has more than 64 KiB":                                 {200, strings.Repeat("1-0:1.8.0(1*kWh)\r\n", 4000)},
	} {
		b := newWebBridge(t)
		b.says(c.status, c.body)
		k, s := openWeb(t, b.name(), quick())
		if err := k.next(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%d %.20q: %v, want %q", c.status, c.body, err, want)
		}
		if len(s.all()) > 0 || len(k.data) > 0 {
			t.Errorf("said %q, %d bytes", s.all(), len(k.data))
		}
	}
}

// A telegram that is damaged, or has something around it, is handed on as it is.
func TestDamagedAnswer(t *testing.T) {
	t.Parallel()
	b := newWebBridge(t)
	want := ""
	var k *taker
	for i, begin := range []string{"<", "{", "[", "", "\xff", "<pre>/"} {
		text := begin + telegramsOf(t, i+1)[i][1:]
		b.says(http.StatusOK, text)
		if k == nil {
			k, _ = openWeb(t, b.name()+often, quick())
		}
		want += text
		k.bytes(len(want))
	}
	if string(k.data) != want {
		t.Errorf("%d bytes of %d", len(k.data), len(want))
	}
}

// An answer without end, and one that is large when it is unpacked, are not read on.
func TestEndlessAnswer(t *testing.T) {
	t.Parallel()
	b := newWebBridge(t)
	sent := make(chan int, 100)
	b.does(func(w http.ResponseWriter, _ *http.Request) {
		n := 0
		for err := error(nil); err == nil; n++ {
			_, err = w.Write(make([]byte, 1<<20))
		}
		sent <- n
	})
	k, _ := openWeb(t, b.name(), quick())
	if err := k.next(t.Context()); err == nil || !strings.Contains(err.Error(), "64 KiB") {
		t.Error(err)
	}
	if n := <-sent; n > 20 {
		t.Errorf("%d MiB were taken", n)
	}
}

// A telegram that has lost its last line end gets it back, as the others are.
func TestLastLineEnd(t *testing.T) {
	for text, want := range map[string]string{
		"/TST5\r\n\r\n!1234":     "/TST5\r\n\r\n!1234\r\n",
		"/TST5\r\n\r\n!1234\r":   "/TST5\r\n\r\n!1234\r\n",
		"/TST5\r\n\r\n!1234\r\n": "/TST5\r\n\r\n!1234\r\n",
		"/TST5\n\n!1234":         "/TST5\n\n!1234\n",
		"/TST5\r\n\r\n1-0:1.8":   "/TST5\r\n\r\n1-0:1.8", // a piece
		".0(1*kWh)\r\n!12":       ".0(1*kWh)\r\n!12",
		"1-0:1.8.0(1*kWh)":       "1-0:1.8.0(1*kWh)\r\n",
		"1-0:1.8.0(1*kWh)\r":     "1-0:1.8.0(1*kWh)\r\n",
		"1-0:1.8.0(1*kWh)\n":     "1-0:1.8.0(1*kWh)\n",
		"0-0:96.13.0(\xff\xff)":  "0-0:96.13.0(\xff\xff)\r\n",
		"":                       "\r\n",
		"!":                      "!\r\n",
		"\xdb\x08frame":          "\xdb\x08frame",
	} {
		if got := withEnd([]byte(text)); string(got) != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// Passwords and tokens are sent, and shown nowhere.
func TestSecretsOfTheWeb(t *testing.T) {
	t.Parallel()
	b := newWebBridge(t)
	text := telegramsOf(t, 1)[0]
	var seen []string
	b.does(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		seen = append(seen, fmt.Sprint(user, " ", password, " ", r.URL.RawQuery, " ", r.Header.Get("X-Api-Version"), " ", r.Header.Get("Authorization")))
		_, _ = w.Write([]byte(text))
	})
	secret := writeFile(t, "password", []byte("hush\r\nmore\n"))
	headers := writeFile(t, "headers", []byte("Authorization: Bearer hush\n\nX-Api-Version: 2\n"))
	for options, want := range map[string]string{
		"owner:hush@ ?key=hush #every=100ms":         "owner hush key=hush  Basic b3duZXI6aHVzaA==",
		"owner@ #password-file=" + secret + " ":      "owner hush   Basic b3duZXI6aHVzaA==",
		" ?a=b #every=100ms&headers=" + headers:      "  a=b 2 Bearer hush",
		"owner:a%40b%2Fc@ ?x=hush ":                  "owner a@b/c x=hush  Basic b3duZXI6YUBiL2M=",
		"owner:hush@ " + "?k=hush#every=100ms" + " ": "owner hush k=hush  Basic b3duZXI6aHVzaA==",
	} {
		seen = nil
		user, rest, _ := strings.Cut(options, " ")
		name := "http://" + user + b.address + "/t" + strings.ReplaceAll(rest, " ", "")
		k, s := openWeb(t, name, quick())
		k.bytes(len(text))
		b.off()
		s.await(t, "no answer")
		b.on(b.address)
		if source := k.chunks[0].Source; source != "http://"+b.address+"/t" || Shown(name) != source {
			t.Errorf("source %s of %s, shown as %s", source, name, Shown(name))
		}
		if all := strings.Join(s.all(), "\n"); strings.Contains(all, "hush") || strings.Contains(all, "owner") {
			t.Errorf("said %s", all)
		}
		if err := k.s.Close(); err != nil {
			t.Error(err)
		}
		if seen[0] != want {
			t.Errorf("%s: the bridge sees %q, want %q", name, seen[0], want)
		}
	}
}

// What is not for everybody goes to the host, port and scheme that were named, and where a
// bridge points elsewhere that is said; within them, or with nothing to hide, it is followed.
func TestSecretsAreNotRedirected(t *testing.T) {
	t.Parallel()
	text := telegramsOf(t, 1)[0]
	b, other := newWebBridge(t), newWebBridge(t)
	b.does(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/out":
			http.Redirect(w, r, "http://"+other.address+"/x?token=hush", http.StatusFound)
		case "/in":
			http.Redirect(w, r, "/t", http.StatusFound)
		default:
			_, _ = w.Write([]byte(text))
		}
	})
	var heard atomic.Int32
	other.does(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Api-Key") != "" || r.Header.Get("Authorization") != "" {
			heard.Add(1)
		}
		_, _ = w.Write([]byte(text))
	})
	headers := writeFile(t, "headers", []byte("X-Api-Key: hush\n"))
	for _, name := range []string{"http://owner:hush@" + b.address + "/out", "http://" + b.address + "/out#headers=" + headers} {
		k, _ := openWeb(t, name, quick())
		want := "it points to http://" + other.address + "/x, which is another host, port or scheme"
		if err := k.next(t.Context()); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%v, want %q", err, want)
		}
	}
	for _, name := range []string{"http://owner:hush@" + b.address + "/in", "http://" + b.address + "/out"} {
		k, _ := openWeb(t, name, quick())
		k.bytes(len(text))
	}
	if n := heard.Load(); n > 0 {
		t.Errorf("secrets were sent to another bridge %d times", n)
	}
}

// A certificate that nobody vouches for is refused, unless it is named or not to be looked at.
func TestCertificateOfABridge(t *testing.T) {
	t.Parallel()
	text := telegramsOf(t, 1)[0]
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) }))
	defer server.Close()
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	ca := writeFile(t, "ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	for _, options := range []string{"#ca=" + ca, "#verify=0"} {
		k, _ := openWeb(t, server.URL+"/t"+options, quick())
		k.bytes(len(text))
	}
	_, s := openWeb(t, server.URL+"/t", quick())
	s.await(t, "certificate")
}

func TestNamesOfTheWeb(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	empty := writeFile(t, "empty", []byte("\nsecond"))
	odd := writeFile(t, "odd", []byte("A: b\nhush\n"))
	for name, want := range map[string]string{
		"http://":                                        "http://: no address, as in http://host/api/v1/telegram",
		"http://o:hush@":                                 "http://: no address",
		"http://o:hu/sh@host/t":                          "http://host/t: of an address only the @",
		"http://o:12#hush@host/t":                        "http://host/t: of an address only the @",
		"http://o:hu^sh@host/t":                          "http://host/t: no address",
		"http://o:12/hush@host/t":                        "http://host/t: of an address only the @",
		"http://host/t#every=1ms":                        "every=1ms: want a time from 100ms to 1h0m0s",
		"http://host/t#every=often":                      "every=often: want a time",
		"http://host/t#poll=1s":                          `unknown option "poll" (there are every, headers, password-file, ca and verify)`,
		"http://host/t#verify=no":                        "verify=no: want 0 or 1",
		"http://host/t#%zz":                              "no ",
		"http://host/t#password-file=" + empty:           "the first line of " + empty + " is empty",
		"http://host/t#headers=" + odd:                   odd + ":2: no header, as in Authorization: Bearer TOKEN",
		"http://host/t#ca=" + odd:                        "holds no certificate",
		"http://host/t#ca=" + filepath.Join(dir, "none"): "no such file",
		"htp://o:hush@host/t":                            "htp://host/t: there is no source htp://",
		"tcp://o:hush@host:1":                            "tcp://host:1: no host and port",
	} {
		_, err := Open(name, nil)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	if !Endless("http://host/t") || !Endless("https://host/t") {
		t.Error("a bridge has an end")
	}
}

// Whatever a password is made of, nothing shows it.
func TestNoPasswordIsShown(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 4))
	taken := 0
	for range 20_000 {
		password := make([]byte, 6)
		for i := range password {
			password[i] = byte(' ' + rng.IntN('~'-' '+1))
			if rng.IntN(3) == 0 {
				password[i] = "@/?#:%[]&=12"[rng.IntN(12)]
			}
		}
		for _, scheme := range []string{httpScheme, mqttScheme, tcpScheme} {
			name := scheme + "o:" + string(password) + "@host/t"
			err := named(scheme, name)
			if err == nil {
				taken++
			}
			shown := fmt.Sprint(Shown(name), " ", err)
			for n := len(password); n >= 5; n-- {
				if strings.Contains(shown, string(password[:n])) || strings.Contains(shown, string(password[len(password)-n:])) {
					t.Fatalf("%s shows as %s", name, shown)
				}
			}
		}
	}
	for _, name := range []string{"serial:///dev/serial/by-id/usb-A@B?baud=9600", "p1@home.log", "demo:?meter=nl"} {
		if Shown(name) != name {
			t.Errorf("%s shows as %s", name, Shown(name))
		}
	}
	if taken < 100 {
		t.Errorf("only %d are taken", taken)
	}
}

// named reads a name, and opens nothing.
func named(scheme, name string) (err error) {
	switch scheme {
	case httpScheme:
		_, err = httpName(name)
	case mqttScheme:
		_, err = mqttName(name)
	case tcpScheme:
		_, err = tcpName(name)
	}
	return err
}

// A bridge that forgets the meter goes on answering.
func TestBridgeThatRepeatsItself(t *testing.T) {
	t.Parallel()
	b := newWebBridge(t)
	b.says(http.StatusOK, telegramsOf(t, 1)[0])
	p := quick()
	p.silent = 500 * time.Millisecond
	k, s := openWeb(t, b.name()+often, p)
	k.until("a telegram", func() bool { return len(k.chunks) == 1 })
	s.await(t, "it answers, but with the same telegram for 500ms: does the bridge still hear the meter?")
}

// What a bridge has lost between two questions nobody knows; asked twice in the time from
// one telegram to the next, it has lost none.
func TestNoTelegramIsMissed(t *testing.T) {
	t.Parallel()
	b := newWebBridge(t)
	const period = 4 * 100 * time.Millisecond // 100 ms is the fastest that can be asked for
	began := time.Now()
	b.does(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, "/TST5\r\n\r\n0-0:96.7.21(%05d)\r\n!\r\n", time.Since(began)/period)
	})
	k, _ := openWeb(t, b.name()+often, quick())
	k.until("ten telegrams", func() bool { return len(k.chunks) == 10 })
	for i, c := range k.chunks {
		if !bytes.Contains(c.Data, fmt.Appendf(nil, "(%05d)", i)) {
			t.Errorf("chunk %d is %q", i, c.Data)
		}
	}
}

func TestInboxEndsAfterWhatIsInIt(t *testing.T) {
	b := newInbox()
	b.put([]byte("ab"))
	why := errors.New("over")
	b.end(why)
	b.end(os.ErrClosed)
	b.put([]byte("late")) // does not wait
	p := make([]byte, 1)
	got := ""
	for {
		n, err := b.read(p, patience)
		got += string(p[:n])
		if err != nil {
			if err != why || !strings.HasPrefix(got, "ab") {
				t.Errorf("%q, %v", got, err)
			}
			return
		}
	}
}
