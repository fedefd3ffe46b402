package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"p1/pkg/record"
	"p1/pkg/sim"
	"p1/pkg/tool"
)

// noisy makes an archive of chunks from a line with late edges.
func noisy(t *testing.T) (dir string) {
	t.Helper()
	o, err := sim.ParseOptions("?meter=nl&telegrams=300&noise=slow-rise&rate=0.001&seed=4")
	if err != nil {
		t.Fatal(err)
	}
	s, err := sim.New(o)
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	w := record.NewWriter(&file, false)
	offset := int64(0)
	for sent, ok := s.Next(); ok; sent, ok = s.Next() {
		if err := w.Write(&record.Chunk{Origin: record.Origin{Source: "demo", Offset: offset}, Data: sent.Logged}); err != nil {
			t.Fatal(err)
		}
		offset += int64(len(sent.Logged))
	}
	dir = t.TempDir()
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "p1-2026-03-01.jsonl"), file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Over pipes, as a client starts it: chunks are framed and repaired, the diagnosis is that of
// p1noise, standard output has nothing but the protocol, and the end of standard input ends it.
func TestMCP(t *testing.T) {
	own := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", own)
	t.Setenv("HOME", own)
	t.Setenv("AppData", own)
	in, asked := io.Pipe()
	answers, out := io.Pipe()
	var said bytes.Buffer
	ended := make(chan int, 1)
	dir := noisy(t)
	go func() { ended <- tool.Run(app(), []string{"p1csv", "--mcp", dir}, in, out, &said) }()
	session, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(), &mcp.IOTransport{Reader: answers, Writer: asked}, nil)
	if err != nil {
		t.Fatal(err)
	}
	tools, err := session.ListTools(t.Context(), nil)
	if err != nil || len(tools.Tools) != 9 {
		t.Fatalf("%v, %v", tools, err)
	}
	for _, tool := range tools.Tools {
		if tool.Description == "" || tool.InputSchema == nil || !tool.Annotations.ReadOnlyHint {
			t.Errorf("%+v", tool)
		}
		if tool.Name == "explain" {
			continue
		}
		called(t, session, tool.Name, nil)
	}
	noise := called(t, session, "noise", nil)
	first := noise["rows"].([]any)[0].(map[string]any)
	if first["cause"] != "ones-lost" {
		t.Errorf("late rising edges are taken for %v", first)
	}
	if v := called(t, session, "coverage", nil)["total"].(map[string]any); v["repaired"].(float64) == 0 {
		t.Errorf("nothing is repaired: %v", v)
	}
	if err := session.Close(); err != nil {
		t.Error(err)
	}
	if code := <-ended; code != 0 || said.Len() > 0 {
		t.Errorf("exit code %d, %s", code, &said)
	}
	keys, _ := filepath.Glob(filepath.Join(own, "p1", "*"))
	other, _ := filepath.Glob(filepath.Join(own, "Library", "Application Support", "p1", "*"))
	if len(keys)+len(other) != 1 {
		t.Errorf("keys %v %v", keys, other)
	}
}

func called(t *testing.T, s *mcp.ClientSession, name string, args map[string]any) map[string]any {
	t.Helper()
	r, err := s.CallTool(context.Background(), &mcp.CallToolParams{Name: name, Arguments: args})
	if err != nil {
		t.Fatal(err)
	}
	text := r.Content[0].(*mcp.TextContent).Text
	var answer map[string]any
	if err := json.Unmarshal([]byte(text), &answer); r.IsError || err != nil {
		t.Fatalf("%s: %s, %v", name, text, err)
	}
	return answer
}

// What cannot be is said before anything begins.
func TestMCPUsage(t *testing.T) {
	for _, args := range [][]string{{"--mcp"}, {"--mcp", "--every", "1d", "x"}, {"--mcp", "-o", "x", "y"}, {"--show-numbers", "x"}} {
		var out, said bytes.Buffer
		if code := tool.Run(app(), append([]string{"p1csv"}, args...), &bytes.Buffer{}, &out, &said); code != tool.ExitUsage || out.Len() > 0 {
			t.Errorf("%v: exit code %d, %s", args, code, &said)
		}
	}
	var out, said bytes.Buffer
	if code := tool.Run(app(), []string{"p1csv", "--mcp", filepath.Join(t.TempDir(), "gone")}, &bytes.Buffer{}, &out, &said); code != tool.ExitFailed || said.Len() == 0 {
		t.Errorf("exit code %d, %s", code, &said)
	}
}
