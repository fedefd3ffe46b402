package pipetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"p1/pkg/sim/longtest"
)

// mcpClient is a client of the TypeScript SDK; package-lock.json says of which version.
const mcpClient = "../../../cmd/p1csv/testdata/mcp-client"

// asked is what that client asks, and finds.
type (
	askedByNode struct {
		Name      string         `json:"name"`
		Tool      string         `json:"tool"`
		Arguments map[string]any `json:"arguments"`
	}
	foundByNode struct {
		Tools []struct {
			Name, Description string
			InputSchema       struct {
				Type       string
				Properties map[string]any
			}
			Annotations struct{ ReadOnlyHint bool }
		}
		Server       struct{ Name string }
		Instructions string
		Progress     int
		Cancelled    string
		Answers      map[string]string
		Refusals     map[string]string
		Milliseconds map[string]int
	}
)

// withNode installs what a folder's lock file says, in a copy of it, beside the test's other files.
func withNode(t *testing.T, folder string) (dir string) {
	t.Helper()
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("%s is missing: this test runs a program for it (Debian: apt-get install nodejs npm)", program)
		}
	}
	dir = t.TempDir()
	must(t, os.CopyFS(dir, os.DirFS(folder)))
	install := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	install.Dir = dir
	if said, err := install.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v, %s", err, said)
	}
	return dir
}

// The TypeScript SDK's client drives the server: it lists the tools, takes a question back while
// the archive is read, is told of progress, asks each tool, and is refused what is wrong. The
// archive is of a year, a telegram each ten seconds, or, where that is too long, of a month with one a minute.
func TestTypeScriptClient(t *testing.T) {
	longtest.Needs(t, "npm ci, and an archive of a month")
	script := filepath.Join(withNode(t, mcpClient), "client.mjs")
	h := newHouse(t, "Europe/Amsterdam")
	months := longtest.Pick(1, 1, 12)
	begin := h.when("2026-01-01")
	every := longtest.Pick("1m", "1m", "10s")
	step, err := time.ParseDuration(every)
	must(t, err)
	end := begin.AddDate(0, months, 0)
	h.only = func(at time.Time) bool {
		return at.Day() == 1 && at.Hour() == 0 && at.Minute() == 0 && at.Second() == 0
	}
	h.add(t, fmt.Sprintf("meter=nl&every=%s&start=2026-01-01T00:00:00&telegrams=%d&seed=6", every, int(end.Sub(begin)/step)+1), nil)
	ask := func(name, tool, args string) askedByNode { return askedByNode{name, tool, arguments(args)} }
	list := []askedByNode{
		ask("meters", "meters", ""), ask("coverage", "coverage", ""), ask("energy", "energy", "every=1mo"), ask("days", "energy", "every=1d by=import_kwh highest=3"),
		ask("power", "power", ""), ask("voltage", "voltage", ""), ask("peaks", "peaks", ""), ask("events", "events", ""), ask("noise", "noise", ""), ask("explain", "explain", "at=2026-01-02T00:00"),
		ask("no tool", "wine", ""), ask("no argument", "energy", "path=/etc/passwd"), ask("no time", "energy", "from=yesterday"), ask("reversed", "energy", "from=2026-01-03 to=2026-01-02"),
		ask("nothing said", "explain", ""), {"no text", "energy", map[string]any{"from": 5}}, {"too many", "peaks", map[string]any{"highest": 1000}},
	}
	found := runNode(t, script, h.dir, list)
	if len(found.Tools) != 9 || found.Server.Name != "p1csv" || found.Instructions == "" {
		t.Errorf("%d tools of %v", len(found.Tools), found.Server)
	}
	for _, tool := range found.Tools {
		if tool.Description == "" || tool.InputSchema.Type != "object" || !tool.Annotations.ReadOnlyHint {
			t.Errorf("%+v", tool)
		}
	}
	if !strings.Contains(found.Cancelled, "taken back") || found.Progress == 0 {
		t.Errorf("the question that was taken back ended with %q; progress was told %d times", found.Cancelled, found.Progress)
	}
	const tools, wrong = 10, 7
	if len(found.Answers) != tools || len(found.Refusals) != wrong {
		t.Errorf("%d answers and these refusals: %v", len(found.Answers), found.Refusals)
	}
	for name, words := range map[string]string{"no tool": "wine", "no argument": "path", "no time": "from is no time", "reversed": "not before", "nothing said": "at", "no text": "from", "too many": "1 to 50"} {
		if !strings.Contains(found.Refusals[name], words) {
			t.Errorf("%s: %q", name, found.Refusals[name])
		}
	}
	h.checkMonths(t, found.Answers["energy"], months)
	for _, q := range list {
		t.Logf("%s: %d ms", q.Name, found.Milliseconds[q.Name])
	}
}

// runNode runs the client.
func runNode(t *testing.T, script, archive string, list []askedByNode) (found foundByNode) {
	t.Helper()
	questions, err := json.Marshal(list)
	must(t, err)
	node := exec.Command("node", script, filepath.Join(bin, "p1csv"), archive)
	node.Dir = filepath.Dir(script)
	own := t.TempDir()
	node.Env = append(os.Environ(), "HOME="+own, "XDG_CONFIG_HOME="+own, "XDG_CACHE_HOME="+own)
	node.Stdin = bytes.NewReader(questions)
	var said bytes.Buffer
	node.Stderr = &said
	out, err := node.Output()
	if err != nil || said.Len() > 0 {
		t.Fatalf("node: %v, %s", err, &said)
	}
	must(t, json.Unmarshal(out, &found))
	return found
}

// checkMonths compares the months of an answer with what the meter counted.
func (h *askedHouse) checkMonths(t *testing.T, text string, months int) {
	t.Helper()
	lines := json.NewDecoder(strings.NewReader(text))
	lines.UseNumber()
	var answer map[string]any
	must(t, lines.Decode(&answer))
	for i := range months {
		from, to := h.when("2026-01-01").AddDate(0, i, 0), h.when("2026-01-01").AddDate(0, i+1, 0)
		for column, code := range map[string]string{"import_t1_kwh": inT1, "import_t2_kwh": inT2, "export_t2_kwh": outT2, "gas_m3": gasCode} {
			if why := is(fmt.Sprintf("rows/%d/%s", i, column), h.between(from, to, code)).check(answer, ""); why != "" {
				t.Errorf("month %d: %s: %s", i+1, column, why)
			}
		}
	}
}
