package ask

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"p1/pkg/fix/repair"
	"p1/pkg/frame"
	"p1/pkg/record"
	"p1/pkg/sim"
)

// house is an archive as p1cat makes it of a simulated meter, and what the meter sent.
type house struct {
	dir  string
	sent []sim.Transmission
}

// build makes an archive, a file of chunks for each day in UTC, all of them finished.
func build(t *testing.T, query string, change func(*sim.Transmission)) *house {
	t.Helper()
	o, err := sim.ParseOptions(query)
	if err != nil {
		t.Fatal(err)
	}
	s, err := sim.New(o)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{dir: t.TempDir()}
	files := map[string]*bytes.Buffer{}
	writers := map[string]record.Writer{}
	offset := int64(0)
	for {
		sent, ok := s.Next()
		if !ok {
			break
		}
		if change != nil {
			change(&sent)
		}
		h.sent = append(h.sent, sent)
		day := sent.Clock.UTC().Format(time.DateOnly)
		if writers[day] == nil {
			files[day] = &bytes.Buffer{}
			writers[day] = record.NewWriter(files[day], false)
		}
		c := &record.Chunk{Origin: record.Origin{Source: "demo", Offset: offset}, Data: sent.Logged}
		offset += int64(len(sent.Logged))
		if err := writers[day].Write(c); err != nil {
			t.Fatal(err)
		}
	}
	for day, w := range writers {
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		h.keep(t, "p1-"+day+".jsonl", files[day].Bytes())
	}
	return h
}

// keep writes a file that nobody has touched for an hour.
func (h *house) keep(t *testing.T, name string, data []byte) {
	t.Helper()
	path := filepath.Join(h.dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	h.age(t, path)
}

// age makes a file one that nobody has touched for an hour.
func (h *house) age(t *testing.T, path string) {
	t.Helper()
	long := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, long, long); err != nil {
		t.Fatal(err)
	}
}

// value is a number in the telegram that a meter sent at a time, or first after it.
func (h *house) value(t *testing.T, at time.Time, code string) *big.Rat {
	t.Helper()
	for _, s := range h.sent {
		if !s.Clock.Before(at) {
			return valueOf(t, s.Plain, code)
		}
	}
	return valueOf(t, h.sent[len(h.sent)-1].Plain, code)
}

func valueOf(t *testing.T, text []byte, code string) *big.Rat {
	t.Helper()
	m := regexp.MustCompile(regexp.QuoteMeta(code) + `\((?:[0-9SW]+\)\()?([0-9.]+)\*`).FindSubmatch(text)
	if m == nil {
		t.Fatalf("no %s in %q", code, text)
	}
	r, _ := new(big.Rat).SetString(string(m[1]))
	return r
}

// piped is p1frame and p1fix, as cmd/p1csv hands them in.
type piped struct {
	*frame.Framer
	fixer *repair.Fixer
}

func (p piped) Close() error {
	if err := p.Framer.Close(); err != nil {
		return err
	}
	return p.fixer.Close()
}

type taking struct{ *repair.Fixer }

func (w taking) Write(r record.Record) error { return w.Take(r) }

func repaired(out record.Writer) (record.Stage, error) {
	f := repair.New(out, repair.Options{MinConfidence: 0.999})
	return piped{frame.New(taking{f}, frame.Options{}), f}, nil
}

// client asks an archive.
type client struct {
	*mcp.ClientSession
	t        *testing.T
	progress chan float64
	all      bytes.Buffer // everything that was answered
}

func (h *house) client(t *testing.T, change func(*Options)) *client {
	t.Helper()
	o := Options{Names: []string{h.dir}, Repaired: repaired, Key: []byte("a key of the test"), Version: "test"}
	if change != nil {
		change(&o)
	}
	here, there := mcp.NewInMemoryTransports()
	if _, err := New(o).Server().Connect(t.Context(), there, nil); err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, progress: make(chan float64, 1000)}
	session, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, &mcp.ClientOptions{
		ProgressNotificationHandler: func(_ context.Context, r *mcp.ProgressNotificationClientRequest) { c.progress <- r.Params.Progress },
	}).Connect(t.Context(), here, nil)
	if err != nil {
		t.Fatal(err)
	}
	c.ClientSession = session
	t.Cleanup(func() { _ = session.Close() })
	return c
}

// try asks, and returns the text of the answer and whether it is one.
func (c *client) try(ctx context.Context, tool string, args map[string]any) (text string, ok bool) {
	c.t.Helper()
	p := &mcp.CallToolParams{Name: tool, Arguments: args}
	p.SetProgressToken("a token")
	r, err := c.CallTool(ctx, p)
	if err != nil {
		return err.Error(), false
	}
	for _, part := range r.Content {
		text += part.(*mcp.TextContent).Text
	}
	c.all.WriteString(text)
	return text, !r.IsError
}

// ask asks what is to be answered.
func (c *client) ask(tool string, args map[string]any) map[string]any {
	c.t.Helper()
	text, ok := c.try(c.t.Context(), tool, args)
	if !ok {
		c.t.Fatalf("%s %v: %s", tool, args, text)
	}
	lines := json.NewDecoder(strings.NewReader(text))
	lines.UseNumber()
	var answer map[string]any
	if err := lines.Decode(&answer); err != nil {
		c.t.Fatalf("%s: %v", tool, err)
	}
	return answer
}

func rows(answer map[string]any) (list []map[string]any) {
	for _, r := range answer["rows"].([]any) {
		list = append(list, r.(map[string]any))
	}
	return list
}

// same reports a number that is not the one that is expected.
func same(t *testing.T, what string, got any, want *big.Rat) {
	t.Helper()
	text := fmt.Sprint(got)
	r, ok := new(big.Rat).SetString(text)
	if !ok || r.Cmp(want) != 0 {
		t.Errorf("%s: %v, want %s", what, got, want.FloatString(3))
	}
}
