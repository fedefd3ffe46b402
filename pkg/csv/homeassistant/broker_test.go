package homeassistant

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"p1/pkg/csv/tables"
)

// broker starts mosquitto on a free port of the loopback, and returns that port.
func broker(t *testing.T) string {
	t.Helper()
	server, err := exec.LookPath("mosquitto")
	if err != nil {
		if server, err = exec.LookPath("/usr/sbin/mosquitto"); err != nil {
			t.Skip("mosquitto is not installed")
		}
	}
	for _, client := range []string{"mosquitto_pub", "mosquitto_sub", "sh", "setsid"} {
		if _, err := exec.LookPath(client); err != nil {
			t.Skip(client + " is not installed")
		}
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(free.Addr().String())
	free.Close()
	config := filepath.Join(t.TempDir(), "mosquitto.conf")
	text := fmt.Sprintf("listener %s 127.0.0.1\nallow_anonymous true\npersistence false\n", port)
	if os.Getuid() == 0 {
		text += "user root\n" // else it looks for a user of its own
	}
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	run := exec.CommandContext(ctx, server, "-c", config)
	var said bytes.Buffer
	run.Stderr = &said
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(); _ = run.Wait() })
	for range 200 {
		if c, err := net.Dial("tcp", "127.0.0.1:"+port); err == nil {
			c.Close()
			return port
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("mosquitto does not listen: %s", &said)
	return ""
}

// shell runs a script with PORT set, and returns what it writes.
func shell(t *testing.T, port, script, input string) string {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), 30*time.Second)
	defer stop()
	c := exec.CommandContext(ctx, "sh", "-eu", "-c", script)
	c.Env = append(os.Environ(), "PORT="+port, "TMP="+filepath.Join(t.TempDir(), "kept"))
	c.Stdin = strings.NewReader(input)
	var said bytes.Buffer
	c.Stderr = &said
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s", script, err, &said)
	}
	return string(out)
}

// retained reads what the broker keeps below a topic: what a subscriber gets that
// comes late.
func retained(t *testing.T, port, topic string, n int) map[string]string {
	t.Helper()
	out := shell(t, port, fmt.Sprintf(`mosquitto_sub -p "$PORT" -W 20 -C %d --retained-only -t '%s' -F '%%r %%t %%p'`, n, topic), "")
	kept := map[string]string{}
	for line := range strings.Lines(out) {
		parts := strings.SplitN(strings.TrimSuffix(line, "\n"), " ", 3)
		if len(parts) != 3 || parts[0] != "1" {
			t.Fatalf("%q is not retained", line)
		}
		kept[parts[1]] = parts[2]
	}
	return kept
}

// TestBroker: p1-announce publishes the discovery, p1-mqtt the rows, and a real broker
// gives both back.
func TestBroker(t *testing.T) {
	t.Parallel()
	port := broker(t)
	o := tables.Options{Profile: tables.All}
	list := telegrams(t, "meter=nl&telegrams=12&mbus=gas")
	messages, rows := messagesOf(t, o, "p1", list), rowsOf(t, o, list)

	shell(t, port, `../../../cmd/p1cat/service/p1-announce -p "$PORT"`, messages)
	want := parse(t, messages)
	kept := retained(t, port, "homeassistant/#", len(want))
	if len(kept) != len(want) {
		t.Errorf("%d topics are kept, %d messages were sent", len(kept), len(want))
	}
	for _, s := range want {
		var got map[string]any
		if err := json.Unmarshal([]byte(kept[s.Topic]), &got); err != nil || !reflect.DeepEqual(got, s.Keys) {
			t.Errorf("%s: %v, want %v (%v)", s.Topic, got, s.Keys, err)
		}
	}

	out := shell(t, port, `
		mosquitto_sub -p "$PORT" -W 20 -C 12 -t p1/state -F '%r %p' > "$TMP" 2>&1 & sub=$!
		sleep 1
		../../../cmd/p1cat/service/p1-mqtt p1 -p "$PORT"
		wait $sub
		cat "$TMP"
		rm "$TMP"`, rows)
	var wantRows strings.Builder
	for row := range strings.Lines(rows) {
		wantRows.WriteString("0 " + row) // a row is not kept: an old register is not one of now
	}
	if out != wantRows.String() {
		t.Errorf("the rows came as\n%.600s\nthey were\n%.600s", out, &wantRows)
	}
	if kept := retained(t, port, "p1/availability", 1); kept["p1/availability"] != "offline" {
		t.Errorf("at the end of the rows: %v", kept)
	}
}

// TestWill: while rows may come the meter is online; when whoever publishes them is
// killed, the broker itself says offline.
func TestWill(t *testing.T) {
	t.Parallel()
	port := broker(t)
	out := shell(t, port, `
		mkfifo "$TMP"
		mosquitto_sub -p "$PORT" -W 25 -C 2 -t p1/availability > "$TMP.out" & sub=$!
		sleep 25 > "$TMP" & holds=$!
		setsid ../../../cmd/p1cat/service/p1-mqtt p1 -p "$PORT" < "$TMP" & pub=$!
		for try in 1 2 3 4 5 6 7 8 9 10; do
			if [ -s "$TMP.out" ]; then break; fi
			sleep 1
		done
		kill -s KILL -- -$pub
		wait $sub
		kill $holds
		cat "$TMP.out"`, "")
	if out != "online\noffline\n" {
		t.Errorf("the meter is %q", out)
	}
	if kept := retained(t, port, "p1/availability", 1); kept["p1/availability"] != "offline" {
		t.Errorf("a late subscriber is told %v", kept)
	}
}

// TestNetworkFalls: a connection that is lost comes back by itself, and the meter with
// it, although the broker has published the will meanwhile.
func TestNetworkFalls(t *testing.T) {
	t.Parallel()
	port := broker(t)
	bridge := newBridge(t, port)
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	hears := exec.CommandContext(ctx, "mosquitto_sub", "-p", port, "-t", "p1/#", "-F", "%t %p")
	said, err := hears.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	rows := exec.CommandContext(ctx, "../../../cmd/p1cat/service/p1-mqtt", "p1", "-p", bridge.port)
	rows.Env = append(os.Environ(), "PATH="+quickSleep(t)+":"+os.Getenv("PATH"))
	row, err := rows.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*exec.Cmd{hears, rows} {
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
	}
	go func() {
		for ctx.Err() == nil {
			fmt.Fprintln(row, "{}")
			time.Sleep(100 * time.Millisecond)
		}
		row.Close()
	}()
	lines := bufio.NewScanner(said)
	for _, want := range []string{
		"p1/availability online", "p1/state {}",
		"p1/availability offline", // the network falls
		"p1/availability online", "p1/state {}",
	} {
		for ok := false; !ok; ok = lines.Text() == want {
			if want == "p1/availability offline" {
				bridge.fall()
			}
			if !lines.Scan() {
				t.Fatalf("the broker does not say %q", want)
			}
		}
	}
	stop()
	_ = rows.Wait()
	_ = hears.Wait()
}

// quickSleep is a directory with a sleep of a twentieth of the time.
func quickSleep(t *testing.T) string {
	t.Helper()
	real, err := exec.LookPath("sleep")
	if err != nil {
		t.Skip("sleep is not installed")
	}
	dir := t.TempDir()
	script := fmt.Sprintf("#!/bin/sh\nexec %s 0.1\n", real)
	if err := os.WriteFile(filepath.Join(dir, "sleep"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A bridge is a network between a broker and its clients that can fall.
type bridge struct {
	port string
	mu   sync.Mutex
	open []net.Conn
}

func newBridge(t *testing.T, to string) *bridge {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	b := &bridge{port: port}
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", "127.0.0.1:"+to)
			if err != nil {
				in.Close()
				continue
			}
			b.mu.Lock()
			b.open = append(b.open, in, out)
			b.mu.Unlock()
			for _, way := range [][2]net.Conn{{in, out}, {out, in}} {
				go func() {
					_, _ = io.Copy(way[0], way[1])
					way[0].Close()
				}()
			}
		}
	}()
	t.Cleanup(func() { l.Close(); b.fall() })
	return b
}

// fall ends all connections.
func (b *bridge) fall() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.open {
		c.Close()
	}
	b.open = nil
}

// TestNoBroker: both end with an error, so that what has started them tries again.
func TestNoBroker(t *testing.T) {
	t.Parallel()
	for _, need := range []string{"mosquitto_pub", "sh"} {
		if _, err := exec.LookPath(need); err != nil {
			t.Skip(need + " is not installed")
		}
	}
	for _, c := range []struct {
		args        []string
		input, says string
	}{
		{[]string{"p1-mqtt", "p1", "-p", "1"}, "{}\n", "refused"},
		{[]string{"p1-announce", "-p", "1"}, "homeassistant/sensor/x/y/config {}\n", "refused"},
		{[]string{"p1-announce", "-p", "1"}, "", "nothing has come"}, // no telegram
	} {
		run := exec.Command("../../../cmd/p1cat/service/"+c.args[0], c.args[1:]...)
		run.Stdin = strings.NewReader(c.input)
		if out, err := run.CombinedOutput(); err == nil || !bytes.Contains(out, []byte(c.says)) {
			t.Errorf("%s of %q: %v: %s", c.args[0], c.input, err, out)
		}
	}
	run := exec.Command("../../../cmd/p1cat/service/p1-announce")
	run.Env = []string{"PATH="}
	if out, err := run.CombinedOutput(); err == nil || !bytes.Contains(out, []byte("mosquitto_pub is missing")) {
		t.Errorf("p1-announce without mosquitto_pub: %v: %s", err, out)
	}
}
