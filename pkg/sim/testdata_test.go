package sim

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// There is a log of each meter, and it is what the simulation makes now.
func TestLogOfEachMeter(t *testing.T) {
	const dir = "../../testdata/dialect"
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != len(Meters()) {
		t.Errorf("%d files in %s, and %d meters", len(entries), dir, len(Meters()))
	}
	for _, meter := range Meters() {
		have, err := os.ReadFile(filepath.Join(dir, meter+".log"))
		if err != nil {
			t.Error(err)
			continue
		}
		all := simulate(t, "telegrams=3&logger=raw&seed=1&meter="+meter)
		if !bytes.Equal(have, logged(all)) {
			t.Errorf("%s.log is another one: if that is meant, go test ./pkg/sim/pipetest -update makes it again", meter)
		}
		var sent []byte
		for _, x := range all {
			sent = append(sent, x.Sent...)
		}
		if !bytes.Equal(have, sent) {
			t.Errorf("%s.log is not what the meter sent", meter)
		}
	}
	models, err := os.ReadFile("models.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, meter := range Meters() {
		if !regexp.MustCompile(`// Follows: .{10,}\n\t\{name: "` + meter + `"`).Match(models) {
			t.Errorf("models.go does not say what %s follows", meter)
		}
	}
}
