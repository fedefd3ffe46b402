package main

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"

	"p1/pkg/cat/seal"
	"p1/pkg/fileio"
	"p1/pkg/record"
	"p1/pkg/sim/longtest"
)

var sealKills = flag.Int("seal-kills", longtest.Pick(6, 30, 200), "how often p1cat is killed while it seals")

// keys writes an identity for p1cat, and returns the file and the recipient.
func keys(t testing.TB) (file, recipient string) {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "key.txt")
	if err := os.WriteFile(file, []byte(id.String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file, id.Recipient().String()
}

// days fills an archive with finished days, and returns the lines in them. Each has random
// bytes, so that it is large.
func days(t testing.TB, dir string, n, size int, rng *rand.ChaCha8) string {
	t.Helper()
	var all bytes.Buffer
	offset := int64(0)
	for i := range n {
		at := time.Date(2026, 1, 1+i, 12, 0, 0, 0, time.UTC)
		path := filepath.Join(dir, "p1-"+at.Format(time.DateOnly)+".jsonl.zst")
		out, err := fileio.Create(path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for written := 0; written < size; {
			data := make([]byte, min(size-written, 60000))
			_, _ = rng.Read(data)
			var line bytes.Buffer
			w := record.NewWriter(&line, false)
			err := w.Write(&record.Chunk{
				Origin: record.Origin{Source: "tty", Session: "s", Offset: offset},
				Time:   at.Format(time.RFC3339Nano), Data: data,
			})
			if err = errors.Join(err, w.Flush()); err != nil {
				t.Fatal(err)
			}
			all.Write(line.Bytes())
			if _, err := out.Write(line.Bytes()); err != nil {
				t.Fatal(err)
			}
			offset += int64(len(data))
			written += len(data)
		}
		if err := out.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}

// replayed is what p1cat reads of an archive with an identity.
func replayed(t testing.TB, dir, identity string) string {
	t.Helper()
	var said bytes.Buffer
	cmd := exec.Command("p1cat", filepath.Join(dir, "p1-*"), "--identity", identity, "--ascii=false")
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil || said.Len() > 0 {
		t.Fatalf("%v, it says %s", err, &said)
	}
	return string(out)
}

// lines is what is in an archive, as p1cat reads it, but without a process of its own.
func lines(t testing.TB, dir string, ids *seal.Identities) string {
	t.Helper()
	names, err := fileio.Expand([]string{filepath.Join(dir, "p1-*")})
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, name := range names {
		in, err := fileio.OpenSealed(name, nil, fileio.Records, ids.Unseal)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&all, in); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		_ = in.Close()
	}
	return all.String()
}

// checkPlaces looks whether each day is whole in one file, or in both.
func checkPlaces(t testing.TB, dir string, n int) (plain, sealed int) {
	t.Helper()
	for i := range n {
		path := filepath.Join(dir, "p1-"+time.Date(2026, 1, 1+i, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)+".jsonl.zst")
		_, errPlain := os.Stat(path)
		_, errSealed := os.Stat(path + ".age")
		if errPlain != nil && errSealed != nil {
			t.Fatalf("%s is in no place", path)
		}
		if errPlain == nil {
			plain++
		}
		if errSealed == nil {
			sealed++
		}
	}
	return plain, sealed
}

// Killed at any moment of sealing, p1cat leaves every byte in one readable place, or in two, and
// the next one finishes.
func TestKilledWhileSealing(t *testing.T) {
	const n, size = 4, 100000
	identity, recipient := keys(t)
	ids, err := seal.ReadIdentities(identity, nil)
	must(t, err)
	rng := rand.NewChaCha8([32]byte{7})
	wait := rand.New(rand.NewPCG(7, 7))
	kept := t.TempDir()
	want := days(t, kept, n, size, rng)
	indexed(t, kept)
	took, middle := time.Duration(0), 0
	for i := range *sealKills + 1 { // the first one is not killed, and says how long it takes
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(kept)); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("p1cat", "--archive", dir, "--seal", recipient)
		began := time.Now()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			time.Sleep(time.Duration(wait.Int64N(int64(took))))
			_ = cmd.Process.Kill()
		}
		err := cmd.Wait()
		if i == 0 {
			if took = time.Since(began); err != nil {
				t.Fatal(err)
			}
		}
		if _, sealed := checkPlaces(t, dir, n); sealed > 0 && sealed < n {
			middle++
		}
		if got := lines(t, dir, ids); got != want {
			t.Fatalf("killed %d times: %d bytes can be read, of %d", i, len(got), len(want))
		}
		if err := exec.Command("p1cat", "--archive", dir, "--seal", recipient).Run(); err != nil {
			t.Fatal(err)
		}
		if plain, sealed := checkPlaces(t, dir, n); plain != 0 || sealed != n {
			t.Fatalf("after the next start %d days are plain, %d sealed", plain, sealed)
		}
		if got := lines(t, dir, ids); got != want {
			t.Fatalf("after the next start %d bytes can be read, of %d", len(got), len(want))
		}
		noPlainByte(t, dir, kept)
		_ = os.RemoveAll(dir)
	}
	t.Logf("%d kills within %v, %d of them between the first and the last day", *sealKills, took, middle)
	if middle == 0 && *sealKills >= 100 {
		t.Error("no kill came while it sealed: this shows nothing")
	}
}

// indexed puts an index beside each day, as p1csv --mcp does.
func indexed(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		index := fileio.IndexOf(filepath.Join(dir, e.Name()))
		f, err := fileio.NewIndex(index)
		must(t, err)
		must(t, errors.Join(f.Close(), os.Rename(f.Name(), index)))
	}
}

// noPlainByte looks for what is not encrypted in an archive whose days are all sealed: any other
// file than those of age, or the beginning of a day in one; or any index.
func noPlainByte(t *testing.T, dir, kept string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		if e.Name() == fileio.IndexFolder {
			indexes, err := os.ReadDir(filepath.Join(dir, e.Name()))
			if err != nil || len(indexes) > 0 {
				t.Errorf("there are indexes %v, %v", indexes, err)
			}
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		must(t, err)
		if len(data) == 0 {
			continue // the lock
		}
		day, err := os.ReadFile(filepath.Join(kept, strings.TrimSuffix(e.Name(), ".age")))
		must(t, err)
		isAge := bytes.HasPrefix(data, []byte("age-encryption.org/v1\n"))
		if !isAge || bytes.Contains(data, day[:16]) {
			t.Errorf("%s is not encrypted", e.Name())
		}
	}
}

// runs runs p1cat, and returns what it says and its exit code.
func runs(t testing.TB, args ...string) (said string, code int) {
	t.Helper()
	var text bytes.Buffer
	cmd := exec.Command("p1cat", args...)
	cmd.Stderr = &text
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return text.String(), cmd.ProcessState.ExitCode()
}

// What cannot be sealed for is said before anything is captured or made; so is a file of
// recipients that is gone or empty, and the archive stays as it was.
func TestRecipientsAreRefusedFirst(t *testing.T) {
	_, recipient := keys(t)
	quantum, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(t.TempDir(), "recipients.txt")
	if err := os.WriteFile(list, []byte(recipient+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	emptied := filepath.Join(t.TempDir(), "emptied.txt")
	if err := os.WriteFile(emptied, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	days(t, dir, 1, 1000, rand.NewChaCha8([32]byte{1}))
	before, _ := checkPlaces(t, dir, 1)
	out := filepath.Join(t.TempDir(), "out.jsonl")
	for _, c := range []struct {
		recipients []string
		says       string
	}{
		{[]string{recipient, quantum.Recipient().String()}, "no mixture"},
		{[]string{list, quantum.Recipient().String()}, "no mixture"},
		{[]string{list + ".gone"}, "recipients.txt.gone"},
		{[]string{emptied}, "there is no recipient in it"},
		{[]string{quantum.String()}, "this is an identity"},
	} {
		args := []string{"demo:?telegrams=1", "-o", out, "--archive", dir}
		for _, r := range c.recipients {
			args = append(args, "--seal", r)
		}
		said, code := runs(t, args...)
		if code != 2 || !strings.Contains(said, c.says) {
			t.Errorf("%.30q: exit code %d, says %q", c.recipients, code, said)
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%.30q: something was captured", c.recipients)
		}
	}
	if after, sealed := checkPlaces(t, dir, 1); after != before || sealed != 0 {
		t.Errorf("%d days are plain, %d sealed", after, sealed)
	}
	if said, code := runs(t, "demo:?telegrams=1", "-o", out, "--archive", dir, "--seal", list); code != 0 || !strings.Contains(said, "archive: "+dir+": files sealed now: 1; in all: 1; today's file is not, ") {
		t.Errorf("exit code %d, says %q", code, said)
	}
	if plain, sealed := checkPlaces(t, dir, 1); plain != 0 || sealed != 1 {
		t.Errorf("%d days are plain, %d sealed", plain, sealed)
	}
}

// A sealed day is read with its identity, by file or by descriptor, and by no other; a day that
// has been sealed since it was named is found.
func TestIdentity(t *testing.T) {
	identity, recipient := keys(t)
	stranger, _ := keys(t)
	dir := t.TempDir()
	want := days(t, dir, 2, 70000, rand.NewChaCha8([32]byte{2}))
	if said, code := runs(t, "--archive", dir, "--seal", recipient); code != 0 {
		t.Fatal(said)
	}
	pattern := filepath.Join(dir, "p1-*")
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{pattern}, "it is sealed (encrypted by age): p1cat --identity FILE reads it"},
		{[]string{pattern, "--identity", stranger}, "for other recipients than this identity's"},
		{[]string{pattern, "--identity", "-"}, "standard input is for the records"},
		{[]string{pattern, "--identity", identity + ".gone"}, "key.txt.gone: there is no such file of identities\nhint: "},
		{[]string{pattern, "--identity", os.Args[0]}, "identity"},
	} {
		var out, said bytes.Buffer
		cmd := exec.Command("p1cat", c.args...)
		cmd.Stdout, cmd.Stderr = &out, &said
		if err := cmd.Run(); err == nil || out.Len() > 0 || !strings.Contains(said.String(), c.says) {
			t.Errorf("%q: %v, %d bytes, says %q", c.args[1:], err, out.Len(), &said)
		}
	}
	if got := replayed(t, dir, identity); got != want {
		t.Errorf("%d bytes, want %d", len(got), len(want))
	}
	first := filepath.Join(dir, "p1-2026-01-01.jsonl.zst")
	said := bytes.Buffer{}
	cmd := exec.Command("p1cat", first, "--ascii=false", "--identity", identity)
	cmd.Stderr = &said
	if got, err := cmd.Output(); err != nil || !strings.HasPrefix(want, string(got)) || len(got) < 70000 {
		t.Errorf("by its plain name: %d bytes, %v, says %q", len(got), err, &said)
	}
	if _, err := os.Stat("/dev/fd"); err != nil {
		return
	}
	f, err := os.Open(identity)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	cmd = exec.Command("p1cat", pattern, "--ascii=false", "--identity", "/dev/fd/3")
	cmd.ExtraFiles = []*os.File{f}
	if got, err := cmd.Output(); err != nil || string(got) != want {
		t.Errorf("by a descriptor: %d bytes, %v", len(got), err)
	}
}

// The program that people have reads what is sealed here, and the other way round.
func TestOtherAge(t *testing.T) {
	needs(t, installed("age"))
	identity, recipient := keys(t)
	dir := t.TempDir()
	want := days(t, dir, 1, 70000, rand.NewChaCha8([32]byte{3}))
	if said, code := runs(t, "--archive", dir, "--seal", recipient); code != 0 {
		t.Fatal(said)
	}
	day := filepath.Join(dir, "p1-2026-01-01.jsonl.zst.age")
	packed, err := exec.Command("age", "-d", "-i", identity, day).Output()
	if err != nil {
		t.Fatal(err)
	}
	z, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	if got, err := z.DecodeAll(packed, nil); err != nil || string(got) != want {
		t.Errorf("age reads %d bytes, %v", len(got), err)
	}
	for _, form := range []string{"--armor", "--encrypt"} {
		other := filepath.Join(t.TempDir(), "p1-other.jsonl.zst.age")
		encrypt := exec.Command("age", form, "-r", recipient, "-o", other)
		encrypt.Stdin = bytes.NewReader(packed)
		if err := encrypt.Run(); err != nil {
			t.Fatal(err)
		}
		if got := replayed(t, filepath.Dir(other), identity); got != want {
			t.Errorf("%s: p1cat reads %d bytes", form, len(got))
		}
	}
}

// Sealing many days beside a live line delays none of its bytes by more than 20 ms.
func TestSealingDelaysNoByte(t *testing.T) {
	longtest.NeedsHours(t, "it measures time, of a machine that has nothing else to do")
	const n, pieces = 150, 100
	_, recipient := keys(t)
	kept := t.TempDir()
	days(t, kept, n, 1<<20, rand.NewChaCha8([32]byte{9}))
	measure := func(more ...string) (all []time.Duration, dir string) {
		dir = t.TempDir()
		must(t, os.CopyFS(dir, os.DirFS(kept)))
		all = delays(t, pieces, append([]string{"--archive", dir, "--ascii=false"}, more...))
		slices.Sort(all)
		return all, dir
	}
	without, _ := measure()
	with, dir := measure("--seal", recipient)
	plain, sealed := checkPlaces(t, dir, n)
	for name, all := range map[string][]time.Duration{"without": without, "with": with} {
		t.Logf("%s sealing, %d pieces, one each 60 ms, come after %v (the middle one), %v (the 90th), %v (the last)", name, pieces, all[pieces/2], all[pieces*9/10], all[pieces-1])
	}
	t.Logf("%d of %d days of 1 MB were sealed meanwhile", sealed, n)
	if sealed == 0 || plain+sealed < n {
		t.Errorf("%d days are plain, %d sealed", plain, sealed)
	}
	late := with[pieces-1] - without[pieces/2]
	if late > 20*time.Millisecond && without[pieces-1] > without[pieces/2]+20*time.Millisecond {
		t.Skip("the machine has other work, which delays them without sealing, too")
	}
	if late > 20*time.Millisecond {
		t.Errorf("sealing delays a byte by %v", late)
	}
}

// Reading a sealed day with its identity opens no file to write, so that nothing of either is
// left on a disk.
func TestNoPlainByteIsWritten(t *testing.T) {
	needs(t, installed("strace"))
	identity, recipient := keys(t)
	dir := t.TempDir()
	days(t, dir, 1, 70000, rand.NewChaCha8([32]byte{4}))
	if said, code := runs(t, "--archive", dir, "--seal", recipient); code != 0 {
		t.Fatal(said)
	}
	trace := filepath.Join(t.TempDir(), "trace")
	program, err := exec.LookPath("p1cat")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("strace", "-f", "-e", "trace=openat,open,creat,rename,renameat,renameat2,memfd_create", "-o", trace,
		program, filepath.Join(dir, "p1-*"), "--identity", identity)
	if err := cmd.Run(); errors.Is(err, syscall.EPERM) || cmd.ProcessState == nil {
		t.Skip(err)
	}
	text, err := os.ReadFile(trace)
	if err != nil || !bytes.Contains(text, []byte("p1-2026-01-01.jsonl.zst.age")) {
		t.Skipf("strace shows nothing here: %v", err)
	}
	for line := range strings.Lines(string(text)) {
		call := tracedCall.FindStringSubmatch(line) // not of a line that says how a call went on, or that a thread ended in one
		if call == nil || strings.Contains(line, `"/dev/tty"`) || strings.Contains(line, `"/dev/null"`) || strings.Contains(line, "/sys/") {
			continue
		}
		reads := strings.HasPrefix(call[1], "open") && !strings.Contains(line, "O_WRONLY") && !strings.Contains(line, "O_RDWR") && !strings.Contains(line, "O_CREAT")
		if !reads {
			t.Errorf("reading a sealed day opens a file to write: %s", line)
		}
	}
}

// tracedCall is a line of strace that begins a call: 10775 openat(AT_FDCWD, "p1.jsonl", O_RDONLY) = 3.
var tracedCall = regexp.MustCompile(`^\d+ +([a-z_0-9]+)\(`)

// delays sends so many pieces through a p1cat with these arguments, and returns how long each
// took from there to standard output.
func delays(t *testing.T, n int, args []string) []time.Duration {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	sent := make([]time.Time, n)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		for i := range sent {
			time.Sleep(60 * time.Millisecond)
			sent[i] = time.Now()
			if _, err := fmt.Fprintf(conn, "/TST5 piece%06d\r\n", i); err != nil {
				return
			}
		}
	}()
	cmd := exec.Command("p1cat", append([]string{"tcp://" + listener.Addr().String() + "?telnet=0"}, args...)...)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	piece := regexp.MustCompile(`piece(\d{6})`)
	var all []time.Duration
	for lines := bufio.NewScanner(out); len(all) < n && lines.Scan(); {
		for _, m := range piece.FindAllStringSubmatch(lines.Text(), -1) {
			i, err := strconv.Atoi(m[1])
			must(t, err)
			all = append(all, time.Since(sent[i]))
		}
	}
	if len(all) != n {
		t.Fatalf("%d of %d pieces came", len(all), n)
	}
	return all
}
