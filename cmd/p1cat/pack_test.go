package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"p1/pkg/cat/seal"
	"p1/pkg/record"
	"p1/pkg/sim"
	"p1/pkg/sim/longtest"
)

var packKills = flag.Int("pack-kills", longtest.Pick(6, 30, 200), "how often p1cat is killed while it packs")

// grownDay writes the file of a finished day as the archive does, and returns the lines in it.
func grownDay(t *testing.T, path string, size int, rng *rand.Rand) string {
	t.Helper()
	var out bytes.Buffer
	z, err := zstd.NewWriter(&out, zstd.WithEncoderCRC(false), zstd.WithWindowSize(256<<10), zstd.WithEncoderConcurrency(1))
	must(t, err)
	var all strings.Builder
	w := record.NewWriter(io.MultiWriter(z, &all), false)
	for offset := 0; offset < size; {
		data := fmt.Appendf(nil, "/TST5\r\n\r\n1-0:1.8.0(%06d.%03d*kWh)\r\n0-0:96.13.0(%0900d)\r\n!%04X\r\n", rng.IntN(1e6), rng.IntN(1000), rng.IntN(1e9), rng.IntN(1<<16))
		must(t, w.Write(&record.Chunk{Origin: record.Origin{Source: "tty", Session: "s", Offset: int64(offset)}, Data: data}))
		offset += len(data)
		if offset%3 == 0 {
			must(t, w.Flush())
			must(t, z.Flush())
		}
	}
	must(t, w.Flush())
	must(t, z.Close())
	must(t, os.WriteFile(path, out.Bytes(), 0o600))
	return all.String()
}

// dutchDay writes the file of a day of a Dutch meter, as the archive does.
func dutchDay(t *testing.T, path string, telegrams int) {
	t.Helper()
	o, err := sim.ParseOptions(fmt.Sprintf("?meter=nl&logger=raw&telegrams=%d", telegrams))
	must(t, err)
	stream, err := sim.New(o)
	must(t, err)
	out, err := os.Create(path)
	must(t, err)
	z, err := zstd.NewWriter(out, zstd.WithEncoderCRC(false), zstd.WithWindowSize(256<<10), zstd.WithEncoderConcurrency(1))
	must(t, err)
	w, offset := record.NewWriter(z, false), int64(0)
	for x, ok := stream.Next(); ok; x, ok = stream.Next() {
		must(t, w.Write(&record.Chunk{
			Origin: record.Origin{Source: "tty", Session: "s", Offset: offset}, Live: true,
			Time: x.Clock.UTC().Format("2006-01-02T15:04:05.000Z07:00"), End: record.EndPause, Data: x.Logged,
		}))
		if offset += int64(len(x.Logged)); x.Seq%2 == 0 {
			must(t, w.Flush())
			must(t, z.Flush())
		}
	}
	must(t, w.Flush())
	must(t, z.Close())
	must(t, out.Close())
}

// hasSum reports whether a file's first stream has a checksum (RFC 8878 §3.1.1.1.1).
func hasSum(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 5)
	_, err = io.ReadFull(f, head)
	return err == nil && head[4]&4 != 0
}

// Killed at any moment of packing, p1cat leaves every day whole under its name, and only there, and
// the next one finishes.
func TestKilledWhilePacking(t *testing.T) {
	const n = 4
	kept, want := t.TempDir(), ""
	rng := rand.New(rand.NewPCG(8, 8))
	for i := range n {
		want += grownDay(t, filepath.Join(kept, fmt.Sprintf("p1-2026-01-0%d.jsonl.zst", i+1)), 400000, rng)
	}
	packed := func(dir string) (done int) {
		for i := range n {
			if hasSum(filepath.Join(dir, fmt.Sprintf("p1-2026-01-0%d.jsonl.zst", i+1))) {
				done++
			}
		}
		return done
	}
	if packed(kept) != 0 {
		t.Fatal("the days are packed before they are")
	}
	took, middle := time.Duration(0), 0
	for i := range *packKills + 1 { // the first one is not killed, and says how long it takes
		dir := t.TempDir()
		must(t, os.CopyFS(dir, os.DirFS(kept)))
		cmd := exec.Command("p1cat", "--archive", dir)
		began := time.Now()
		must(t, cmd.Start())
		if i > 0 {
			time.Sleep(time.Duration(rng.Int64N(int64(took))))
			_ = cmd.Process.Kill()
		}
		if err := cmd.Wait(); i == 0 {
			took = time.Since(began)
			must(t, err)
		}
		if done := packed(dir); done > 0 && done < n {
			middle++
		}
		if got := lines(t, dir, &seal.Identities{}); got != want {
			t.Fatalf("killed %d times: %d bytes can be read, of %d", i, len(got), len(want))
		}
		must(t, exec.Command("p1cat", "--archive", dir).Run())
		if names, _ := filepath.Glob(filepath.Join(dir, "p1-*")); packed(dir) != n || len(names) != n {
			t.Fatalf("after the next start %d days are packed, and there are %q", packed(dir), names)
		}
		if got := lines(t, dir, &seal.Identities{}); got != want {
			t.Fatalf("after the next start %d bytes can be read, of %d", len(got), len(want))
		}
		_ = os.RemoveAll(dir)
	}
	t.Logf("%d kills within %v, %d of them between the first and the last day", *packKills, took, middle)
	if middle == 0 && *packKills >= 100 {
		t.Error("no kill came while it packed: this shows nothing")
	}
}

// The program of the format's makers reads a packed day, and of one that was cut off all that there
// is, and it finds no end.
func TestZstdcat(t *testing.T) {
	needs(t, installed("zstdcat"))
	dir := t.TempDir()
	path := filepath.Join(dir, "p1-2026-01-01.jsonl.zst")
	want := grownDay(t, path, 400000, rand.New(rand.NewPCG(9, 9)))
	if said, code := runs(t, "--archive", dir); code != 0 {
		t.Fatal(code, said)
	}
	got, err := exec.Command("zstdcat", path).Output()
	data, _ := os.ReadFile(path)
	if err != nil || string(got) != want || data[4]&4 == 0 {
		t.Errorf("%d bytes of %d, %v", len(got), len(want), err)
	}
	grownDay(t, path, 400000, rand.New(rand.NewPCG(9, 9)))
	data, err = os.ReadFile(path)
	must(t, err)
	must(t, os.WriteFile(path, data[:len(data)/2], 0o600))
	half, err := exec.Command("zstdcat", path).Output()
	if err == nil || len(half) == 0 || !strings.HasPrefix(want, string(half)) {
		t.Fatalf("%d bytes of half a day, %v", len(half), err)
	}
	if said, code := runs(t, "--archive", dir); code != 0 || !strings.Contains(said, path+": it ends in the middle: packed as far") {
		t.Error(code, said)
	}
	got, err = exec.Command("zstdcat", path).Output()
	if data, _ := os.ReadFile(path); err == nil || !bytes.Equal(got, half) || data[4]&4 == 0 {
		t.Errorf("%d bytes of %d, %v", len(got), len(half), err)
	}
	if said, code := runs(t, path); code != 0 || !strings.Contains(said, "it ends in the middle: the last 2 s may be missing") {
		t.Error(code, said)
	}
}

// Packing a day of a Dutch meter and 10 smaller ones, beside a line, p1cat takes no more than 64 MB,
// and less than 5 s of the processor.
func TestPackingIsSmall(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures memory, of which the race detector takes more")
	}
	if runtime.GOOS != "linux" {
		t.Skip("it is asked of /proc")
	}
	dir, rng := t.TempDir(), rand.New(rand.NewPCG(10, 10))
	for i := range 10 {
		grownDay(t, filepath.Join(dir, fmt.Sprintf("p1-2025-12-%02d.jsonl.zst", i+1)), 20000, rng)
	}
	path := filepath.Join(dir, "p1-2026-01-01.jsonl.zst")
	const day = 86400 // telegrams, one each second
	telegrams := longtest.Pick(3000, 3000, day)
	dutchDay(t, path, telegrams)
	cmd := exec.Command("p1cat", "-", "--archive", dir)
	line, err := cmd.StdinPipe()
	must(t, err)
	must(t, cmd.Start())
	began := time.Now()
	for deadline := time.Now().Add(5 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if hasSum(path) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("it is not packed after five minutes")
		}
	}
	took := time.Since(began)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
	must(t, err)
	_, most, _ := strings.Cut(string(status), "VmHWM:")
	fields := strings.Fields(most)
	must(t, line.Close())
	must(t, cmd.Wait())
	kB, err := strconv.Atoi(fields[0])
	must(t, err)
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	t.Logf("%d telegrams: %d kB of memory, %v of the processor", telegrams, kB, cpu)
	if kB > 64<<10 {
		t.Errorf("it took %d kB of memory", kB)
	}
	// It rests half of the time: where it took far longer, others had the machine, and its caches.
	if telegrams == day && cpu > 5*time.Second && took < 4*cpu {
		t.Errorf("it took %v", cpu)
	}
}
