package pipetest

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// realLog returns the absolute name of a real meter's log, and what is in it. They
// are no part of the module.
func realLog(t *testing.T, name string) (file string, data []byte) {
	t.Helper()
	file, err := filepath.Abs(filepath.Join("../../../shared/data", name))
	must(t, err)
	if data, err = os.ReadFile(file); err != nil {
		t.Skipf("the real log %s is not here", name)
	}
	return file, data
}

// 54 telegrams of a real meter, with CR LF and with LF.
func TestRealClean(t *testing.T) {
	t.Parallel()
	tables := map[string][]byte{}
	for _, name := range []string{"eon-clean.log", "eon-clean-lf.log"} {
		file, log := realLog(t, name)
		out := run(t, "", "p1cat "+file+" | p1frame | p1fix")
		list := lines(t, out)
		conserve(t, name, list, log)
		if all, ok := len(telegrams(list)), len(telegrams(list, "ok")); all != 54 || ok != 54 {
			t.Errorf("%s: %d telegrams, %d of them ok, want 54", name, all, ok)
		}
		if noise := len(list) - len(telegrams(list)); noise != 1 || list[0].Type != "noise" || !bytes.Contains(list[0].Data, []byte("PuTTY log")) {
			t.Errorf("%s: %d records are no telegrams, want PuTTY's line alone", name, noise)
		}
		for i, l := range telegrams(list) {
			if wantLF := name == "eon-clean-lf.log"; (l.EOL == "lf") != wantLF || l.Seq != int64(i+1) {
				t.Errorf("%s: telegram %d has eol %q and seq %d", name, i+1, l.EOL, l.Seq)
			}
		}
		tables[name] = feed(t, out, "p1csv")
	}
	crlf, lf := tables["eon-clean.log"], tables["eon-clean-lf.log"]
	if !bytes.Equal(crlf, lf) {
		t.Error("the two logs give different records")
	}
	rows := parseTable(t, crlf).rows
	if len(rows) != 54 {
		t.Fatalf("%d records, want 54", len(rows))
	}
	// As they stand in the log.
	for column, want := range map[string]string{"time": "2023-08-24T01:21:30+02:00", "utc_offset": "+02:00", "status": "ok"} {
		if rows[0][column] != want {
			t.Errorf("the first record's %s is %q, want %q", column, rows[0][column], want)
		}
	}
}

// 804 transmissions on a bad day.
func TestRealNoisy(t *testing.T) {
	t.Parallel()
	file, log := realLog(t, "eon-noisy.log")
	chunks := run(t, "", "p1cat "+file)
	conserve(t, "p1cat", lines(t, chunks), log)
	framed := feed(t, chunks, "p1frame")
	list := lines(t, framed)
	conserve(t, "p1frame", list, log)
	if n := len(telegrams(list)); n < 795 || n > 830 {
		t.Errorf("p1frame finds %d telegrams in 804 transmissions", n)
	}
	fixed := feed(t, framed, "p1fix")
	list = lines(t, fixed)
	conserve(t, "p1fix", list, log)
	if n := len(telegrams(list, "unchecked")); n != 0 {
		t.Errorf("%d telegrams are called unchecked, and this meter sends CRCs", n)
	}
	rows := parseTable(t, feed(t, fixed, "p1csv")).rows
	if len(rows) < 100 {
		t.Errorf("only %d records", len(rows))
	}
	seen := map[string]bool{}
	last := ""
	for _, row := range rows {
		if row["time"] <= last || seen[row["time"]] || row["import_kwh"] == "" {
			t.Errorf("a record of %q behind one of %q, import %q", row["time"], last, row["import_kwh"])
		}
		last = row["time"]
		seen[last] = true
	}
	t.Logf("%d records", len(rows))
}
