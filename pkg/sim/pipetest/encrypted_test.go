package pipetest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"p1/pkg/sim"
)

// keyFile writes the key of the simulated meters into a file.
func keyFile(t testing.TB) string {
	name := write(t, filepath.Join(t.TempDir(), "meter.key"), []byte("# demo\n"+sim.DemoKey+"\n"))
	must(t, os.Chmod(name, 0o600)) // else it is warned about
	return name
}

// What an encrypting meter sends comes out as rows, like that of any other meter.
func TestEncrypted(t *testing.T) {
	t.Parallel()
	key := keyFile(t)
	for _, name := range []string{"lu", "at"} {
		query := "meter=" + name + "&telegrams=20"
		x := simulate(t, query)
		middle := run(t, "", "p1cat demo:?"+query+" | p1frame --key-file "+key+" | p1fix")
		list := lines(t, middle)
		conserve(t, name, list, x.log)
		x.checkTruth(t, list)
		rows := parseTable(t, feed(t, middle, "p1csv"))
		if len(rows.rows) != 20 {
			t.Errorf("%s: %d rows of 20 telegrams", name, len(rows.rows))
		}
		if name == "lu" { // the Austrian one sends Wh
			checkRows(t, rows, x)
		}
	}
}

// A byte hit in a frame makes that one telegram bad; no byte is lost, and p1fix, which has the
// key from the environment, repairs it.
func TestEncryptedByteHit(t *testing.T) {
	t.Parallel()
	key := keyFile(t)
	x := simulate(t, "meter=lu&telegrams=5")
	for _, at := range []int64{20, 300, -1} { // from the third frame's beginning
		log := bytes.Clone(x.log)
		place := x.ends[1] + at
		if at < 0 {
			place = x.ends[2] + at
		}
		log[place] ^= 0x10
		name := write(t, filepath.Join(t.TempDir(), "p1.log"), log)
		middle := run(t, "", "p1cat "+name+" | p1frame --key-file "+key)
		list := lines(t, middle)
		conserve(t, "p1frame", list, log)
		bad := telegrams(list, "bad")
		if len(bad) != 1 || bad[0].Offset != x.ends[1] || bad[0].Why != "tag not verified" || !bytes.Equal(bad[0].Raw, bad[0].Received) {
			t.Fatalf("byte %d: %d are bad: %+v", at, len(bad), bad)
		}
		fixed := lines(t, feed(t, middle, "p1fix"))
		conserve(t, "p1fix", fixed, log)
		x.checkTruth(t, fixed)
		done := telegrams(fixed, "repaired")
		if len(done) != 1 || done[0].Offset != x.ends[1] || string(done[0].Raw) != string(x.sent[2].Plain) || len(telegrams(fixed, "ok")) != 4 {
			t.Errorf("byte %d: %d are repaired", at, len(done))
		}
		rows := parseTable(t, feed(t, middle, "p1fix | p1csv"))
		if n := checkRows(t, rows, x); n != 5 {
			t.Errorf("byte %d: %d rows of 5 telegrams", at, n)
		}
	}
}

// Whatever the line does to an encrypted stream, no byte is lost, nothing is called ok
// that is not what the meter sent, and what came through undamaged is read.
func TestEncryptedNoise(t *testing.T) {
	t.Parallel()
	key := keyFile(t)
	for _, noise := range []string{"flip", "delete", "overrun", "burst", "cut", "slow-rise"} {
		for _, flags := range []string{"", " --allow-unverified"} {
			query := "meter=lu&telegrams=60&noise=" + noise
			x := simulate(t, query)
			p := start(t, "", nil, "p1cat demo:?"+query+" | p1frame --key-file "+key+flags+" | p1fix")
			list := lines(t, p.rest())
			conserve(t, noise, list, x.log)
			x.checkTruth(t, list)
			ok := map[string]bool{}
			for _, l := range telegrams(list, "ok") {
				ok[string(l.Raw)] = true
			}
			whole := 0
			for _, tx := range x.sent {
				if tx.Hits == 0 {
					whole++
					if !ok[string(tx.Plain)] {
						t.Errorf("%s%s: the telegram of %s came through undamaged and is not read", noise, flags, tx.Clock.Format("15:04:05"))
					}
				}
			}
			t.Logf("%s%s: %d of 60 telegrams are read, %d came through", noise, flags, len(ok), whole)
		}
	}
}

// Frames and plain telegrams may follow each other in one stream; of those without a
// CRC among them p1frame has a word to say.
func TestEncryptedAmongOthers(t *testing.T) {
	t.Parallel()
	key := keyFile(t)
	var log []byte
	var want []string
	for i, query := range []string{"meter=hu", "meter=lu", "meter=dsmr3", "meter=at", "meter=nl"} {
		x := simulate(t, fmt.Sprintf("%s&telegrams=4&logger=raw&seed=%d", query, i+1))
		log = append(log, x.log...)
		for _, tx := range x.sent {
			want = append(want, string(tx.Plain))
		}
	}
	name := write(t, filepath.Join(t.TempDir(), "p1.log"), log)
	list := lines(t, runSaying(t, "", "p1cat "+name+" | p1frame --key-file "+key))
	conserve(t, "p1frame", list, log)
	var got []string
	for _, l := range telegrams(list) {
		got = append(got, string(l.Raw))
	}
	if strings.Join(got, "") != strings.Join(want, "") {
		t.Errorf("%d telegrams come out of %d, or others", len(got), len(want))
	}
}
