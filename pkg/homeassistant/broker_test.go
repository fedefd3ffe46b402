package homeassistant

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"p1/pkg/table"
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

// TestBroker: the loop of the README publishes the discovery, p1-mqtt the rows, and
// a real broker gives both back.
func TestBroker(t *testing.T) {
	port := broker(t)
	o := table.Options{Profile: table.All}
	list := telegrams(t, "meter=nl&telegrams=12&mbus=gas")
	messages, rows := messagesOf(t, o, "p1", list), rowsOf(t, o, list)

	shell(t, port, `while read -r topic payload; do mosquitto_pub -p "$PORT" -r -t "$topic" -m "$payload"; done`, messages)
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
		../../cmd/p1cat/service/p1-mqtt p1 -p "$PORT"
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
	port := broker(t)
	out := shell(t, port, `
		mkfifo "$TMP"
		mosquitto_sub -p "$PORT" -W 25 -C 2 -t p1/availability > "$TMP.out" & sub=$!
		sleep 25 > "$TMP" & holds=$!
		setsid ../../cmd/p1cat/service/p1-mqtt p1 -p "$PORT" < "$TMP" & pub=$!
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

// TestNoBroker: p1-mqtt ends with an error, so that what has started it tries again.
func TestNoBroker(t *testing.T) {
	for _, need := range []string{"mosquitto_pub", "sh"} {
		if _, err := exec.LookPath(need); err != nil {
			t.Skip(need + " is not installed")
		}
	}
	c := exec.Command("../../cmd/p1cat/service/p1-mqtt", "p1", "-p", "1")
	c.Stdin = strings.NewReader("{}\n")
	if out, err := c.CombinedOutput(); err == nil || !bytes.Contains(out, []byte("refused")) {
		t.Errorf("%v: %s", err, out)
	}
}
