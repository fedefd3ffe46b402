package pipetest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"p1/pkg/fileio"
	"p1/pkg/sim/longtest"
)

// fleetScripts is where the recipe for many meters stands.
const fleetScripts = "../../../cmd/p1csv/fleet"

// Many meters come out as one after the other does, record by record and byte by byte of
// each table, though the work on them is killed at any moment, begun again while the old copy
// runs on, and both write into one folder.
func TestFleet(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fleet := fleetOf(t, dir, 2, 2, 20)
	want := filepath.Join(dir, "want")
	for _, meter := range fleet {
		fleetRun(t, want, "repair", meter)
		fleetRun(t, want, "tables", meter)
	}

	out := filepath.Join(dir, "out")
	random := rand.New(rand.NewPCG(21, 5))
	for _, stage := range []string{"repair", "tables"} {
		var all sync.WaitGroup
		for _, meter := range fleet {
			all.Go(func() { fleetRun(t, out, stage, meter) })
			fleetKilled(t, out, stage, meter, time.Duration(random.IntN(600))*time.Millisecond)
		}
		all.Wait()
	}
	sameFleet(t, want, out)
}

// A cluster of two nodes makes the same as one machine, though the disk of one is full, its slurmd
// is killed while its tasks run on, and so is a step of the other. What a million telegrams
// cost is logged.
func TestSlurm(t *testing.T) {
	longtest.NeedsHours(t, "a cluster of two nodes, 40 meters")
	for _, command := range []string{"slurmctld", "slurmd", "munged", "unshare"} {
		if _, err := exec.LookPath(command); err != nil {
			t.Skipf("there is no %s: the Debian packages slurm-wlm and munge have it", command)
		}
	}
	if os.Getuid() != 0 {
		t.Skip("only root may start a cluster")
	}
	const meters, days, telegrams = 40, 3, 400
	dir := t.TempDir()
	fleet := fleetOf(t, dir, meters, days, telegrams)

	want := filepath.Join(dir, "want")
	begun, used := time.Now(), childrenTime()
	for _, meter := range fleet {
		fleetRun(t, want, "repair", meter)
		fleetRun(t, want, "tables", meter)
	}
	million := 1e6 / float64(meters*days*telegrams)
	t.Logf("one machine, one meter after the other: %.0f s and %.0f CPU seconds for a million telegrams, computed from %d",
		time.Since(begun).Seconds()*million, (childrenTime()-used).Seconds()*million, meters*days*telegrams)

	out, root := filepath.Join(dir, "out"), filepath.Join(dir, "root")
	if err := os.Mkdir(root, 0o700); err != nil {
		t.Fatal(err)
	}
	begun = time.Now()
	command := fleetCommand(context.Background(), "unshare", "--mount", "--pid", "--uts", "--fork", "--mount-proc",
		filepath.Join(fleetScripts, "testdata", "cluster.sh"), root, filepath.Join(dir, "fleet"), out)
	said, err := command.CombinedOutput()
	t.Logf("the cluster, with its accidents: %.0f s\n%s", time.Since(begun).Seconds(), said)
	if err != nil {
		t.Fatal(err)
	}
	slurm, err := os.ReadFile(filepath.Join(out, "log", "slurm", "ctl"))
	if err != nil {
		t.Fatal(err)
	}
	logs, _ := filepath.Glob(filepath.Join(out, "log", "repair.*"))
	full := 0
	for _, name := range logs {
		log, err := os.ReadFile(name)
		if err == nil && bytes.Contains(log, []byte("no space left on device")) {
			full++
		}
	}
	lost := strings.Count(string(slurm), "due to node failure")
	t.Logf("%d tasks found a full disk, %d were begun again because of their node", full, lost)
	if full == 0 || lost == 0 {
		t.Error("want accidents of both kinds: this run shows nothing")
	}
	sameFleet(t, want, out)
}

// fleetOf writes the logs of meters, in dir/fleet, and returns their folders.
func fleetOf(t *testing.T, dir string, meters, days, telegrams int) []string {
	t.Helper()
	var fleet []string
	for meter := 1; meter <= meters; meter++ {
		folder := filepath.Join(dir, "fleet", fmt.Sprint(meter))
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		fleet = append(fleet, folder)
		for day := 1; day <= days; day++ {
			run(t, folder, fmt.Sprintf("p1cat --raw -o 2026-03-%02d.log demo:?seed=%d&start=2026-03-%02dT00:00:00&telegrams=%d&noise=slow-rise", day, meter, day, telegrams))
		}
	}
	return fleet
}

// fleetCommand is a command that finds ours.
func fleetCommand(ctx context.Context, name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, name, args...)
	c.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
	return c
}

// fleetRun does one stage of the work on one meter.
func fleetRun(t *testing.T, out, stage, meter string) {
	t.Helper()
	said, err := fleetCommand(context.Background(), filepath.Join(fleetScripts, "meter.sh"), stage, meter, out).CombinedOutput()
	if err != nil || len(said) > 0 {
		t.Errorf("%s of %s: %v\n%s", stage, filepath.Base(meter), err, said)
	}
}

// fleetKilled begins a stage, and kills all that belongs to it after a while.
func fleetKilled(t *testing.T, out, stage, meter string, after time.Duration) {
	t.Helper()
	c := fleetCommand(context.Background(), filepath.Join(fleetScripts, "meter.sh"), stage, meter, out)
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := c.Start(); err != nil {
		t.Error(err)
		return
	}
	time.Sleep(after)
	_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
	_ = c.Wait()
}

// childrenTime is the CPU time that finished processes have used.
func childrenTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_CHILDREN, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// sameFleet checks that two folders hold the same files, but for their compression, and that nothing that
// is not finished has a name of its own.
func sameFleet(t *testing.T, want, got string) {
	t.Helper()
	a, b := fleetFiles(t, want), fleetFiles(t, got)
	for name, text := range a {
		if other, ok := b[name]; !ok {
			t.Errorf("%s is missing", name)
		} else if !bytes.Equal(text, other) {
			t.Errorf("%s differs", name)
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok && !strings.HasSuffix(name, ".tmp") {
			t.Errorf("%s is there, and is not wanted", name)
		}
	}
	if len(a) == 0 {
		t.Error("nothing was made")
	}
}

// fleetFiles are the files below a folder, unpacked, but for the logs of the cluster and its list.
func fleetFiles(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		name, _ := filepath.Rel(dir, path)
		switch {
		case err != nil:
			return err
		case name == "log":
			return fs.SkipDir
		case d.IsDir() || name == "meters.txt":
			return nil
		}
		files[filepath.ToSlash(name)] = unpacked(t, path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// unpacked is what a file holds, whatever its compression.
func unpacked(t *testing.T, name string) []byte {
	t.Helper()
	in, err := fileio.Open(name, nil, fileio.Log)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	text, err := io.ReadAll(in)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return text
}

// The scripts hold for a shell's checker.
func TestFleetScripts(t *testing.T) {
	if _, err := exec.LookPath("shellcheck"); err != nil {
		t.Skip("there is no shellcheck")
	}
	scripts, _ := filepath.Glob(filepath.Join(fleetScripts, "*.sh"))
	more, _ := filepath.Glob(filepath.Join(fleetScripts, "testdata", "*.sh"))
	if len(scripts) != 3 || len(more) != 1 {
		t.Fatalf("there are %d and %d scripts", len(scripts), len(more))
	}
	if said, err := exec.CommandContext(t.Context(), "shellcheck", append(scripts, more...)...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, said)
	}
}
