package pipetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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

// A day without a telegram has no tables, and keeps none from the days after it; a log may be
// compressed, and the table another one.
func TestFleetOfOddDays(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	meter, out := fleetOf(t, dir, 1, 3, 40)[0], filepath.Join(dir, "out")
	if err := os.Truncate(filepath.Join(meter, "2026-03-01.log"), 0); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.Command("gzip", filepath.Join(meter, "2026-03-02.log")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	said, err := fleetCommand(context.Background(), filepath.Join(fleetScripts, "meter.sh"), "repair", meter, out).CombinedOutput()
	if err != nil || string(said) != "p1cat: 2026-03-01.log: it is empty\n" {
		t.Errorf("%v\n%s", err, said)
	}
	fleetRun(t, out, "tables", meter)
	for day, want := range map[string]string{"01": "", "02": "/day=2026-03-02/", "03": "/day=2026-03-03/"} {
		list, err := os.ReadFile(filepath.Join(out, "days", "1", "2026-03-"+day+".tables"))
		if err != nil || want == "" && len(list) > 0 || !strings.Contains(string(list), want) {
			t.Errorf("day %s: %q %v, want %q", day, list, err, want)
		}
	}
	if err := os.RemoveAll(filepath.Join(out, "tables")); err != nil {
		t.Error(err)
	}
	for _, list := range []string{"01", "02", "03"} {
		if err := os.Remove(filepath.Join(out, "days", "1", "2026-03-"+list+".tables")); err != nil {
			t.Error(err)
		}
	}
	c := fleetCommand(context.Background(), filepath.Join(fleetScripts, "meter.sh"), "tables", meter, out)
	c.Env = append(c.Env, "P1_TABLE_FLAGS=--columns time,meter,import_kwh")
	if said, err := c.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, said)
	}
	again, err := filepath.Glob(filepath.Join(out, "tables", "*", "*", "*"))
	if err != nil || len(again) != 2 {
		t.Fatalf("%q %v", again, err)
	}
	for _, name := range again {
		if table, err := os.ReadFile(name); err != nil || !bytes.Contains(table, []byte("import_kwh")) || bytes.Contains(table, []byte("export_kwh")) {
			t.Errorf("%s is no table of one register: %v", name, err)
		}
	}
}

// A log that has grown since its day was made, and one that is another now, are repaired again, with the days
// after them; their tables are made again, and none of those that they had is left over. What has not changed is left alone.
func TestFleetGrows(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	meter := fleetOf(t, dir, 1, 3, 15)[0]
	out, want := filepath.Join(dir, "out"), filepath.Join(dir, "want")
	made := func(day string) os.FileInfo {
		info, err := os.Stat(filepath.Join(out, "days", "1", day))
		if err != nil {
			t.Fatal(err)
		}
		return info
	}
	both := func(out string) {
		fleetRun(t, out, "repair", meter)
		fleetRun(t, out, "tables", meter)
	}
	both(out)
	first, second := made("2026-03-01.jsonl.zst"), made("2026-03-02.jsonl.zst")
	run(t, meter, "p1cat --raw -o more.raw demo:?seed=1&start=2026-03-02T12:00:00&telegrams=15&noise=slow-rise")
	more, err := os.ReadFile(filepath.Join(meter, "more.raw"))
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.OpenFile(filepath.Join(meter, "2026-03-02.log"), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = log.Write(more)
	if err := errors.Join(err, log.Close(), os.WriteFile(filepath.Join(meter, "2026-03-03.log"), more, 0o600)); err != nil {
		t.Fatal(err)
	}
	both(out)
	both(want)
	sameFleet(t, want, out)
	second2 := made("2026-03-02.jsonl.zst")
	if !os.SameFile(first, made("2026-03-01.jsonl.zst")) || os.SameFile(second, second2) {
		t.Error("want the second day made again, and not the first")
	}
	both(out)
	if !os.SameFile(second2, made("2026-03-02.jsonl.zst")) {
		t.Error("nothing has changed, and it was made again")
	}
}

// A day whose state is lost is made again, and the next one begins with it. Where the tables of a day were ended
// before their list was kept, and the log is another one then, none of those of the first is left over.
func TestFleetInterrupted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	meter := fleetOf(t, dir, 1, 2, 15)[0]
	out, want := filepath.Join(dir, "out"), filepath.Join(dir, "want")
	fleetRun(t, out, "repair", meter)
	ends := filepath.Join(dir, "ends")
	must(t, os.Mkdir(ends, 0o700))
	const mv = "#!/bin/sh\ncase $2 in *.tables) [ ! -e %s ] || { kill -KILL $PPID; exit; } ;; esac\nPATH=%s exec mv \"$@\"\n"
	must(t, os.WriteFile(filepath.Join(ends, "mv"), fmt.Appendf(nil, mv, filepath.Join(out, "tables"), os.Getenv("PATH")), 0o700))
	c := fleetCommand(t.Context(), filepath.Join(fleetScripts, "meter.sh"), "tables", meter, out)
	c.Env = append(c.Env, "PATH="+ends+":"+bin+":"+os.Getenv("PATH"))
	if said, err := c.CombinedOutput(); err == nil {
		t.Fatalf("it was not ended: %s", said)
	}
	if parts, err := filepath.Glob(filepath.Join(out, "tables", "*", "*", "*.parquet")); len(parts) != 1 || err != nil {
		t.Fatalf("there are %q (%v)", parts, err)
	}
	run(t, meter, "p1cat --raw -o 2026-03-01.log demo:?seed=1&start=2026-03-01T12:00:00&telegrams=15")
	for _, out := range []string{out, want} {
		fleetRun(t, out, "repair", meter)
		fleetRun(t, out, "tables", meter)
	}
	must(t, os.Remove(filepath.Join(out, "days", "1", "2026-03-01.state.json")))
	must(t, os.Chtimes(filepath.Join(meter, "2026-03-02.log"), time.Time{}, time.Now()))
	fleetRun(t, out, "repair", meter)
	fleetRun(t, out, "tables", meter)
	sameFleet(t, want, out)
}

// What is submitted are the meters that have logs, whatever the shell's options are; a task finds its own, though
// others were submitted meanwhile. Where there is nothing to be done, that is said, and nothing is submitted.
func TestFleetSubmit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fleetOf(t, dir, 1, 1, 15)
	fleet, out := filepath.Join(dir, "fleet"), filepath.Join(dir, "out")
	asked := filepath.Join(dir, "asked")
	const sbatch = "#!/bin/sh\nprintf '%s ' \"$@\" >>\"$0.asked\"\necho >>\"$0.asked\"\necho 7\n"
	if err := errors.Join(os.Mkdir(asked, 0o700), os.WriteFile(filepath.Join(asked, "sbatch"), []byte(sbatch), 0o700)); err != nil {
		t.Fatal(err)
	}
	submit := func(options, fleet string) (said string, code int) {
		c := fleetCommand(t.Context(), "bash", options, "nullglob", filepath.Join(fleetScripts, "submit.sh"), fleet, out)
		c.Env = append(c.Env, "PATH="+asked+":"+bin+":"+os.Getenv("PATH"))
		text, _ := c.CombinedOutput()
		return string(text), c.ProcessState.ExitCode()
	}
	empty := filepath.Join(dir, "empty")
	if err := errors.Join(os.MkdirAll(filepath.Join(empty, "nothing"), 0o700), os.Mkdir(filepath.Join(dir, "none"), 0o700)); err != nil {
		t.Fatal(err)
	}
	for _, options := range []string{"+O", "-O"} {
		for folder, want := range map[string]string{
			"none": "there is no folder with logs in it", "empty": "left out: nothing, in which there is no .log", "gone": "there is no such folder",
		} {
			if said, code := submit(options, filepath.Join(dir, folder)); code != 2 || !strings.Contains(said, want) {
				t.Errorf("%s of %s: %d %s", options, folder, code, said)
			}
		}
	}
	if _, err := os.Stat(filepath.Join(asked, "sbatch.asked")); err == nil {
		t.Error("it was submitted all the same")
	}
	if said, code := submit("-O", fleet); code != 0 || !strings.Contains(said, "submitted jobs 7 (repair) and 7 (tables), tasks 0-0 of ") {
		t.Fatal(code, said)
	}
	// A meter that sorts before the other comes, and is submitted.
	if err := os.CopyFS(filepath.Join(fleet, "0"), os.DirFS(filepath.Join(fleet, "1"))); err != nil {
		t.Fatal(err)
	}
	if said, code := submit("+O", fleet); code != 0 || !strings.Contains(said, "tasks 0-1 of ") {
		t.Fatal(code, said)
	}
	text, err := os.ReadFile(filepath.Join(asked, "sbatch.asked"))
	if err != nil {
		t.Fatal(err)
	}
	jobs := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(jobs) != 4 {
		t.Fatalf("%q", jobs)
	}
	args := strings.Fields(jobs[0])
	script := slices.Index(args, "repair") - 1
	if script < 0 {
		t.Fatalf("%q", args)
	}
	c := fleetCommand(t.Context(), args[script], args[script+1:]...)
	c.Env = append(c.Env, "P1_FLEET="+fleetScripts, "SLURM_ARRAY_JOB_ID=7", "SLURM_ARRAY_TASK_ID=0", "SLURMD_NODENAME=one")
	if said, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	if days, _ := filepath.Glob(filepath.Join(out, "days", "*", "*.jsonl.zst")); len(days) != 1 || filepath.Base(filepath.Dir(days[0])) != "1" {
		t.Errorf("the first task has made %q", days)
	}
}

// What cannot be done anywhere is said, and ends with 2, by which it is not tried elsewhere.
func TestFleetRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	twice := filepath.Join(dir, "twice")
	err := os.Mkdir(twice, 0o700)
	for _, name := range []string{"2026-03-01.log", "2026-03-01.log.gz", "2026-03-02.log"} {
		err = errors.Join(err, os.WriteFile(filepath.Join(twice, name), nil, 0o600))
	}
	if err = errors.Join(err, os.Mkdir(filepath.Join(dir, "none"), 0o700)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ stage, folder, want string }{
		{"repair", "none", "there is no .log, .log.gz or .log.zst in it"},
		{"repair", "gone", "there is no such folder"},
		{"repair", "twice", "there are several logs of 2026-03-01: move"},
		{"tables", "none", "the stage repair comes first"},
		{"both", "none", "unknown stage both: repair, tables"},
	} {
		for _, options := range []string{"+O", "-O"} {
			cmd := fleetCommand(t.Context(), "bash", options, "nullglob", filepath.Join(fleetScripts, "meter.sh"), c.stage, filepath.Join(dir, c.folder), filepath.Join(dir, "out"))
			if said, _ := cmd.CombinedOutput(); cmd.ProcessState.ExitCode() != 2 || !strings.Contains(string(said), c.want) {
				t.Errorf("%s of %s with %s nullglob: %d %s", c.stage, c.folder, options, cmd.ProcessState.ExitCode(), said)
			}
		}
	}
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

// fleetFiles are the files below a folder, unpacked, but for the logs of the cluster.
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
		case d.IsDir():
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
