package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"p1/pkg/cat/seal"
	"p1/pkg/record"
	"p1/pkg/sim"
	"p1/pkg/tool"
)

// noisy makes an archive of chunks from a line with late edges.
func noisy(t *testing.T) (dir string) {
	t.Helper()
	return captured(t, "?meter=nl&telegrams=300&noise=slow-rise&rate=0.001&seed=4")
}

// captured makes an archive of chunks, of one day that is over.
func captured(t *testing.T, query string) (dir string) {
	t.Helper()
	o, err := sim.ParseOptions(query)
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
	name := filepath.Join(dir, day)
	if err := os.WriteFile(name, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	long := time.Now().Add(-time.Hour)
	if err := os.Chtimes(name, long, long); err != nil {
		t.Fatal(err)
	}
	return dir
}

// day is the file of an archive's only day.
const day = "p1-2026-03-01.jsonl"

// ownFolders gives the user a folder of their own, for keys and indexes.
func ownFolders(t *testing.T) (own string) {
	t.Helper()
	own = t.TempDir()
	for _, name := range []string{"XDG_CONFIG_HOME", "XDG_CACHE_HOME", "HOME", "AppData", "LocalAppData"} {
		t.Setenv(name, own)
	}
	return own
}

// talked asks p1csv --mcp with such arguments, and returns the answers, or what went wrong, of
// tools, and what was said.
func talked(t *testing.T, args []string, tools ...string) (answers []string, said string) {
	t.Helper()
	in, asked := io.Pipe()
	told, out := io.Pipe()
	var words bytes.Buffer
	ended := make(chan int, 1)
	go func() { ended <- tool.Run(app(), append([]string{"p1csv", "--mcp"}, args...), in, out, &words) }()
	session, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(), &mcp.IOTransport{Reader: told, Writer: asked}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range tools {
		r, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: name})
		if err != nil {
			t.Fatal(err)
		}
		answers = append(answers, r.Content[0].(*mcp.TextContent).Text)
	}
	if err := session.Close(); err != nil {
		t.Error(err)
	}
	if code := <-ended; code != 0 {
		t.Errorf("exit code %d, %s", code, &words)
	}
	return answers, words.String()
}

// found are the files below a folder whose names end so.
func found(t *testing.T, dir, end string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(path, end) {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// A sealed day is read with its identity, and answers are what they were before it was sealed.
// Of its index nothing stands beside it: the one from before goes with the plain file.
func TestMCPSealed(t *testing.T) {
	own, dir := ownFolders(t), noisy(t)
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte(id.String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tools := []string{"meters", "energy", "noise", "coverage"}
	before, _ := talked(t, []string{dir}, tools...)
	if n := found(t, dir, ".index.jsonl"); len(n) != 1 {
		t.Fatalf("%v", n)
	}
	to, err := seal.ParseRecipients([]string{id.Recipient().String()})
	if err != nil {
		t.Fatal(err)
	}
	if err := to.Day(filepath.Join(dir, day), func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	if n := found(t, dir, ""); len(n) != 1 || n[0] != filepath.Join(dir, day+".age") {
		t.Fatalf("beside the sealed day is %v", n)
	}
	without, _ := talked(t, []string{dir}, "energy")
	if !strings.Contains(without[0], "1 files are sealed") {
		t.Errorf("without an identity: %s", without[0])
	}
	after, said := talked(t, []string{"--identity", key, dir}, tools...)
	if !slices.Equal(before, after) || said != "" {
		t.Errorf("said %s\ngot  %s\nwant %s", said, after, before)
	}
	if n := found(t, dir, ".jsonl"); len(n) != 0 {
		t.Errorf("beside the sealed day is %v", n)
	}
	kept := found(t, filepath.Join(own), ".jsonl")
	if len(kept) != 1 {
		t.Fatalf("%v", kept)
	}
	if info, err := os.Stat(kept[0]); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// An identity that others may read is refused before anything is read, and so is one that
// somebody would have to be asked for.
func TestMCPIdentities(t *testing.T) {
	ownFolders(t)
	dir := t.TempDir()
	key := filepath.Join(dir, "key")
	if err := os.WriteFile(key, []byte("AGE-SECRET-KEY-1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	refused := func(want string) {
		t.Helper()
		var out, said bytes.Buffer
		if code := tool.Run(app(), []string{"p1csv", "--mcp", "--identity", key, dir}, &bytes.Buffer{}, &out, &said); code != tool.ExitFailed || !strings.Contains(said.String(), want) {
			t.Errorf("exit code %d, %s", code, &said)
		}
	}
	refused("no identity that is known here")
	var locked bytes.Buffer
	to, err := age.NewScryptRecipient("secret")
	if err != nil {
		t.Fatal(err)
	}
	to.SetWorkFactor(10)
	w, err := age.Encrypt(&locked, to)
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(key, locked.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	refused("nobody can be asked for it here")
	if runtime.GOOS == "windows" {
		return // modes do not say who may read
	}
	if err := os.Chmod(key, 0o644); err != nil {
		t.Fatal(err)
	}
	refused("hint: chmod 600 ")
}

// What the meter encrypts is read with its key, and its index is where the key is. With another
// key the day is left out, and it is said; it is read once the key is right.
func TestMCPKey(t *testing.T) {
	own, dir := ownFolders(t), captured(t, "?meter=lu&telegrams=40&seed=4")
	key := filepath.Join(t.TempDir(), "key")
	ask := func(text string) (answer, said string) {
		t.Helper()
		if err := os.WriteFile(key, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		answers, said := talked(t, []string{"--key-file", key, dir}, "energy")
		return answers[0], said
	}
	plain, _ := talked(t, []string{dir}, "energy")
	wrong, said := ask(strings.Repeat("5", 32))
	if strings.Contains(plain[0], "import_kwh") || strings.Contains(wrong, "import_kwh") || !strings.Contains(said, "the key opens none of") {
		t.Errorf("%s\n%s\n%s", plain, wrong, said)
	}
	right, said := ask(sim.DemoKey)
	if !strings.Contains(right, "import_kwh") || said != "" {
		t.Errorf("%s\n%s", right, said)
	}
	if n := found(t, filepath.Join(own, "p1", "index"), ".jsonl"); len(n) != 1 && runtime.GOOS == "linux" {
		t.Errorf("indexes %v", n)
	}
}

// Over pipes, as a client starts it: chunks are framed and repaired, the diagnosis is that of
// p1noise, standard output has nothing but the protocol, and the end of standard input ends it.
func TestMCP(t *testing.T) {
	own := ownFolders(t)
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
	for _, args := range [][]string{{"--mcp"}, {"--mcp", "--every", "1d", "x"}, {"--mcp", "-o", "x", "y"}, {"--show-numbers", "x"}, {"--identity", "x", "y"}, {"--key-file", "x", "y"}} {
		var out, said bytes.Buffer
		if code := tool.Run(app(), append([]string{"p1csv"}, args...), &bytes.Buffer{}, &out, &said); code != tool.ExitUsage || out.Len() > 0 {
			t.Errorf("%v: exit code %d, %s", args, code, &said)
		}
	}
	var out, said bytes.Buffer
	if code := tool.Run(app(), []string{"p1csv", "--mcp", filepath.Join(t.TempDir(), "gone")}, &bytes.Buffer{}, &out, &said); code != tool.ExitFailed || said.Len() == 0 {
		t.Errorf("exit code %d, %s", code, &said)
	}
	above := t.TempDir()
	if err := os.Mkdir(filepath.Join(above, "archive"), 0o700); err != nil {
		t.Fatal(err)
	}
	said.Reset()
	if code := tool.Run(app(), []string{"p1csv", "--mcp", "--show-numbers", above}, &bytes.Buffer{}, &out, &said); code != 0 || !strings.Contains(said.String(), "no file of records is in "+above) {
		t.Errorf("the folder above an archive: exit code %d, %s", code, &said)
	}
}
