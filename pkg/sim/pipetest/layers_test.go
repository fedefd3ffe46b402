package pipetest

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

// layers is what each room of pkg may need, from the ground up. A room is a folder of
// pkg, or what stands in it where it is one of the five stages; a name stands for
// the room and all within it.
//
//	a stage needs what stands before it in its own line, and the ground floor
//	a command needs its own stage only; but p1csv --mcp reads archives of chunks and says what
//	is wrong with the line, and hands the functions of p1cat, p1frame, p1fix and p1noise that do
//	so to csv/ask, so that this room, as all of pkg, knows none of them
//	the simulated world needs nothing, and of what people run only p1cat's demo: needs it
var layers = []struct{ room, needs string }{
	// The ground floor.
	{"align", ""},
	{"crc", ""},
	{"record", "crc align"},
	{"telegram", "crc align"},
	{"uart", ""},
	{"channel", "record crc telegram"},
	{"polarity", "telegram"},
	{"fileio", ""},
	{"display", ""},
	{"dlms", ""},
	{"foreign", ""},
	{"sequence", "record telegram display"},
	{"tool", "dlms record fileio foreign display"},
	{"sim", ""},

	// p1cat: where bytes come from, where they are kept, who is given them.
	{"cat/unwrap", "telegram foreign display crc"},
	{"cat/sources", "cat/unwrap record telegram polarity fileio foreign sim display"},
	{"cat/seal", "fileio"},
	{"cat/archive", "fileio record"},
	{"cat/capture", "cat/sources record fileio"},
	{"cat/serve", "record crc telegram"},
	{"cmd/p1cat", "cat record fileio tool"},

	// p1frame: telegrams out of bytes.
	{"frame", "dlms record crc telegram channel"},
	{"frame/pseudonym", "record crc telegram channel"},
	{"cmd/p1frame", "frame record fileio tool"},

	// p1fix: the most probable telegram, or a refusal.
	{"fix/expect", "record telegram"},
	{"fix/plausible", "fix/expect record telegram"},
	{"fix/prescribed", "fix/expect crc telegram align channel"},
	{"fix/pair", "record telegram align"},
	{"fix/repair", "dlms fix/expect fix/prescribed fix/plausible fix/pair record crc telegram align uart channel"},
	{"fix/statefile", "fileio"},
	{"cmd/p1fix", "fix record fileio tool"},

	// p1csv: telegrams to tables.
	{"csv/sorted", "fileio"},
	{"csv/prices", "telegram"},
	{"csv/workbook", ""},
	{"csv/parquet", ""},
	{"csv/lake", "csv/parquet fileio"},
	{"csv/tables", "csv/sorted csv/prices csv/workbook csv/parquet sequence record telegram display"},
	{"csv/homeassistant", "csv/tables telegram display"},
	{"csv/index", "csv/tables record telegram fileio"},
	{"csv/ask", "csv/index csv/prices csv/tables record telegram fileio"},
	{"cmd/p1csv", "csv dlms record telegram fileio tool display cat/seal frame fix/repair noise/diagnose"},

	// p1noise: what is wrong with the line, and what the voltages say.
	{"noise/verdict", "record telegram"},
	{"noise/words", ""},
	{"noise/diagnose", "noise/verdict noise/words record telegram align uart channel polarity foreign display hardware/lateness"},
	{"noise/report", "noise/verdict noise/words noise/diagnose record telegram display"},
	{"noise/voltage", "record telegram display"},
	{"noise/chart", "noise/words noise/diagnose noise/report noise/voltage"},
	{"noise/usage", "noise/words record telegram"},
	{"noise/page", "noise/words noise/chart noise/diagnose noise/report noise/voltage noise/usage display hardware/drawings"},
	{"hardware/lateness", ""},
	{"hardware/drawing", ""},
	{"hardware/drawings", "hardware/drawing"},
	{"noise/brief", "noise/words noise/diagnose noise/report noise/voltage noise/usage record telegram display"},
	{"noise/health", "noise/verdict noise/words record fileio display"},
	{"cmd/p1noise", "noise sequence record fileio tool display"},
}

// The commands import what the table above allows, and nothing else of this module:
// so arrows point down only, no stage needs another one, and what is made for tests,
// the simulation of circuits and the simulated world are in nobody's way.
func TestLayers(t *testing.T) {
	t.Parallel()
	needs := map[string]string{}
	for _, l := range layers {
		needs[l.room] = l.needs
	}
	met := map[string]bool{}
	for room, list := range imports(t) {
		allowed, ok := needs[room]
		if !ok {
			t.Errorf("%s is in no layer", room)
		}
		met[room] = true
		for _, needed := range list {
			if !within(needed, allowed) {
				t.Errorf("%s needs %s, and may need only: %s", room, needed, allowed)
			}
		}
	}
	for _, l := range layers {
		if !met[l.room] {
			t.Errorf("no command needs %s: does it still exist?", l.room)
		}
	}
}

// within reports whether a room is one of those named, or within one.
func within(room, names string) bool {
	for _, name := range strings.Fields(names) {
		if room == name || strings.HasPrefix(room, name+"/") {
			return true
		}
	}
	return false
}

// imports returns the packages of this module that the commands are made of, each
// with those that it imports, p1/ and pkg/ left out.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	short := func(path string) string {
		return strings.TrimPrefix(strings.TrimPrefix(path, "p1/"), "pkg/")
	}
	list := exec.Command("go", "list", "-deps", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "../../../cmd/...")
	var said bytes.Buffer
	list.Stderr = &said
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v %s", err, &said)
	}
	imported := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		if !strings.HasPrefix(words[0], "p1/") {
			continue
		}
		name := short(words[0])
		imported[name] = nil
		for _, w := range words[1:] {
			if strings.HasPrefix(w, "p1/") {
				imported[name] = append(imported[name], short(w))
			}
		}
	}
	return imported
}
