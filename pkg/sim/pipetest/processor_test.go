package pipetest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"p1/pkg/record"
	"p1/pkg/sim/longtest"
)

// TestFiguresAreRounded: what p1fix keeps and what p1noise writes have no digits that
// depend on the processor.
func TestFiguresAreRounded(t *testing.T) {
	t.Parallel()
	telegrams := run(t, testdata, "p1cat hu-noisy.log | p1frame")
	for what, text := range madeBy(t, telegrams, bin) {
		if rounded := record.RoundFigures(text); !bytes.Equal(text, rounded) {
			t.Errorf("the %s have more digits than they should have, first as they are:\n%s", what, difference(text, rounded))
		}
	}
}

// TestProcessor: on arm64, which adds to a product without rounding it before, and on ARMv6,
// of 32 bits, p1fix and p1noise write the same as on amd64, byte by byte: records, state and
// diagnosis.
func TestProcessor(t *testing.T) {
	longtest.NeedsHours(t, "an emulator is slow")
	if runtime.GOARCH != "amd64" {
		t.Skip("it compares amd64 with others")
	}
	others := []struct{ emulator, arch, folder string }{{"qemu-aarch64-static", "arm64", t.TempDir()}, {"qemu-arm-static", "arm", t.TempDir()}}
	for _, other := range others {
		if _, err := exec.LookPath(other.emulator); err != nil {
			t.Fatalf("%v: apt-get install qemu-user-static", err)
		}
		build := exec.Command("go", "build", "-o", other.folder+string(filepath.Separator), "p1/cmd/p1fix", "p1/cmd/p1noise")
		build.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+other.arch, "GOARM=6", "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("go build: %v\n%s", err, out)
		}
	}
	for _, meter := range []string{"hu", "nl", "be", "se", "dsmr3"} {
		for _, noise := range []string{"slow-rise", "slow-fall", "flip", "late", "delete", "overrun", "burst", "slip", "cut"} {
			name := fmt.Sprintf("demo:?meter=%s&telegrams=300&noise=%s&seed=11", meter, noise)
			t.Run(meter+" "+noise, func(t *testing.T) {
				telegrams := start(t, "", nil, "p1cat "+name+" | p1frame").rest() // which may have words about so many damaged ones
				here := madeBy(t, telegrams, bin)
				for _, other := range others {
					there := madeBy(t, telegrams, other.emulator, other.folder)
					for what, text := range here {
						if !bytes.Equal(text, there[what]) {
							t.Errorf("%s: the %s differ, here and on %s:\n%s", name, what, other.arch, difference(text, there[what]))
						}
					}
				}
				t.Logf("%s: %d bytes of records, %d of state, %d of diagnosis", name, len(here["records"]), len(here["state"]), len(here["diagnosis"]))
			})
		}
	}
}

// madeBy is what p1fix and p1noise make of telegrams; the last word is their folder, one
// before it the emulator that runs them.
func madeBy(t *testing.T, telegrams []byte, words ...string) map[string][]byte {
	t.Helper()
	state := filepath.Join(t.TempDir(), "state.json")
	call := func(in []byte, name string, args ...string) []byte {
		line := append(append([]string{}, words...), args...)
		line[len(words)-1] = filepath.Join(words[len(words)-1], name)
		c := exec.Command(line[0], line[1:]...)
		c.Stdin = bytes.NewReader(in)
		c.Stderr = os.Stderr
		out, err := c.Output()
		must(t, err)
		return out
	}
	records := call(telegrams, "p1fix", "--state", state)
	return map[string][]byte{"records": records, "state": read(t, state), "diagnosis": call(records, "p1noise", "--json")}
}

// difference shows the first lines that differ.
func difference(a, b []byte) string {
	as, bs := bytes.Split(a, []byte("\n")), bytes.Split(b, []byte("\n"))
	for i := range min(len(as), len(bs)) {
		if !bytes.Equal(as[i], bs[i]) {
			return fmt.Sprintf("line %d\n%.200s\n%.200s", i+1, as[i], bs[i])
		}
	}
	return fmt.Sprintf("%d and %d lines", len(as), len(bs))
}
