package ask

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// One line that is no message is answered with its error, and what comes after it as if it
// were not there.
func TestMessages(t *testing.T) {
	h := build(t, "?meter=nl&every=1m&telegrams=20&seed=5", nil)
	in, asked := io.Pipe()
	answers, out := io.Pipe()
	reader, writer := Messages(in, out)
	ended := make(chan error, 1)
	a := New(Options{Names: []string{h.dir}, Repaired: repaired, Key: []byte("a key of the test")})
	go func() { ended <- a.Server().Run(t.Context(), &mcp.IOTransport{Reader: reader, Writer: writer}) }()
	lines := bufio.NewReader(answers)
	say := func(line string) map[string]any {
		t.Helper()
		go func() { _, _ = io.WriteString(asked, line+"\n") }()
		if strings.Contains(line, "notifications/") {
			return nil
		}
		got := make(chan string, 1)
		go func() {
			text, _ := lines.ReadString('\n')
			got <- text
		}()
		select {
		case text := <-got:
			var answer map[string]any
			if err := json.Unmarshal([]byte(text), &answer); err != nil {
				t.Fatalf("%.80q is answered by %q", line, text)
			}
			return answer
		case err := <-ended:
			t.Fatalf("%.80q ends the server: %v", line, err)
		case <-time.After(time.Minute):
			t.Fatalf("%.80q is not answered", line)
		}
		return nil
	}
	say(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}`)
	say(`{"jsonrpc":"2.0","method":"notifications/initialized"}`)
	ping := `{"jsonrpc":"2.0","id":%d,"method":"ping"}`
	for i, bad := range []struct {
		line string
		code float64
		id   any
	}{
		{`this is no json`, noJSON, nil}, {`{`, noJSON, nil}, {fmt.Sprintf(ping+ping, 7, 8), noJSON, nil}, {"\x00", noJSON, nil},
		{`[]`, noRequest, nil}, {`3`, noRequest, nil}, {`null`, noRequest, nil}, {`"text"`, noRequest, nil}, {`{}`, noRequest, nil},
		{`[` + fmt.Sprintf(ping, 7) + `]`, noRequest, nil}, {`{"jsonrpc":"1.0","id":9,"method":"ping"}`, noRequest, 9.0},
		{`{"jsonrpc":"2.0","id":"a","method":5}`, noRequest, nil}, {`{"jsonrpc":"2.0","id":{},"method":"ping"}`, noRequest, nil},
		{strings.Repeat("[", maxMessage+100), noRequest, nil},
	} {
		answer := say(bad.line)
		e, _ := answer["error"].(map[string]any)
		if e["code"] != bad.code || bad.id != nil && answer["id"] != bad.id {
			t.Errorf("%.80q is answered by %v", bad.line, answer)
		}
		if answer := say(fmt.Sprintf(ping, 100+i)); answer["id"] != float64(100+i) || answer["result"] == nil {
			t.Errorf("after %.80q: %v", bad.line, answer)
		}
	}
	_ = asked.Close()
	select {
	case <-ended:
	case <-time.After(time.Minute):
		t.Error("it does not end with its input")
	}
}
