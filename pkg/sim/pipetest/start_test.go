package pipetest

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"p1/pkg/sim/longtest"
)

// mostAtStart is how many bytes the packages of this module may allocate before main. A
// pattern of Unicode letters takes 90 kB and a third of a millisecond, in each run of each
// command that knows it.
const mostAtStart = 200_000

// What few runs need is made when it is first needed, not before main.
func TestLittleIsMadeBeforeMain(t *testing.T) {
	t.Parallel()
	for _, name := range strings.Fields(every) {
		c := exec.Command(filepath.Join(bin, name), "--help")
		c.Env = append(c.Environ(), "GODEBUG=inittrace=1")
		var told bytes.Buffer
		c.Stderr = &told
		must(t, c.Run())
		packages, own := 0, 0
		for line := range strings.Lines(told.String()) {
			// init p1/pkg/crc @3.4 ms, 0.17 ms clock, 19080 bytes, 5 allocs
			words := strings.Fields(line)
			if len(words) != 11 || words[0] != "init" {
				continue
			}
			packages++
			n, err := strconv.Atoi(words[7])
			must(t, err)
			if strings.HasPrefix(words[1], "p1/") {
				own += n
			}
		}
		if packages < 20 || own == 0 {
			t.Errorf("%s: only %d packages tell what they allocate, %d bytes: has the form of GODEBUG=inittrace=1 changed?", name, packages, own)
		}
		if own > mostAtStart {
			t.Errorf("%s: %d bytes are allocated before main, and %d are enough: see GODEBUG=inittrace=1 %s --help", name, own, mostAtStart, name)
		}
	}
}

// TestStart: a command is there at once. What it makes before it reads its first byte, such
// as tables of all that it knows, each of the four in a pipe makes.
func TestStart(t *testing.T) {
	longtest.Needs(t, "it measures")
	const most = 30 * time.Millisecond // of a processor
	for _, command := range strings.Fields(every) {
		var all []time.Duration
		for range 20 {
			help := exec.Command(filepath.Join(bin, command), "--help")
			must(t, help.Run())
			all = append(all, help.ProcessState.UserTime()+help.ProcessState.SystemTime())
		}
		slices.Sort(all)
		middle := all[len(all)/2]
		t.Logf("%-8s %5.1f ms", command, middle.Seconds()*1000)
		if middle > most {
			t.Errorf("%s --help takes %v of a processor, and may take %v", command, middle, most)
		}
	}
}
