package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// needs skips the test where a program is missing.
func needs(t *testing.T, found ...error) {
	t.Helper()
	for _, err := range found {
		if err != nil {
			t.Skip(err)
		}
	}
}

func installed(program string) error {
	_, err := exec.LookPath(program)
	return err
}

// service reads one of the files to copy.
func service(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("service", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// within runs a program that must end soon, and returns all that it says.
func within(t *testing.T, c func(context.Context) *exec.Cmd) (string, error) {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), 5*time.Minute) // a whole build is among them
	defer stop()
	run := c(ctx)
	run.WaitDelay = time.Second
	out, err := run.CombinedOutput()
	return string(out), err
}

// TestUnits: systemd knows every line of the units, and finds little to attack.
func TestUnits(t *testing.T) {
	_, err := exec.LookPath("systemd-analyze")
	needs(t, err)
	dir := t.TempDir()
	units := []string{"p1.service", "p1-mqtt.service", "p1-watchdog.service", "p1-watchdog.timer"}
	for i, name := range units {
		units[i] = filepath.Join(dir, name)
		write(t, units[i], service(t, name), 0o644)
	}
	said, err := within(t, func(ctx context.Context) *exec.Cmd {
		return exec.CommandContext(ctx, "systemd-analyze", append([]string{"verify", "--man=no"}, units...)...)
	})
	if err != nil || said != "" {
		t.Errorf("systemd-analyze verify: %v: %s", err, said)
	}
	for _, unit := range units[:2] {
		// 1.5 of 10: what is left is the network and, of one of them, the device.
		said, err := within(t, func(ctx context.Context) *exec.Cmd {
			return exec.CommandContext(ctx, "systemd-analyze", "security", "--offline=true", "--threshold=15", unit)
		})
		if err != nil {
			t.Errorf("%s: %v: %s", filepath.Base(unit), err, said)
		}
	}
}

// TestShell: the scripts are free of the usual mistakes.
func TestShell(t *testing.T) {
	_, err := exec.LookPath("shellcheck")
	needs(t, err)
	scripts, err := filepath.Glob("../../.ci/packaging/scripts/*")
	if err != nil || len(scripts) < 7 {
		t.Fatalf("%v: the packages' scripts are %v", err, scripts)
	}
	scripts = slices.DeleteFunc(scripts, func(name string) bool { return filepath.Ext(name) == ".templates" })
	said, err := within(t, func(ctx context.Context) *exec.Cmd {
		return exec.CommandContext(ctx, "shellcheck", append(scripts, "service/p1-watchdog", "service/p1-mqtt", "service/p1-announce", "service/p1-container")...)
	})
	if err != nil {
		t.Errorf("%v: %s", err, said)
	}
}

// TestPublisherSaysWhy: where p1-mqtt.service ends, it leads to the file in which that can be
// mended, and to no other.
func TestPublisherSaysWhy(t *testing.T) {
	needs(t, installed("bash"), installed("systemd-analyze"))
	_, script, _ := strings.Cut(service(t, "p1-mqtt.service"), "ExecStart=/bin/bash -c '\\\n")
	script, _, found := strings.Cut(script, "'\nRestart=")
	if !found {
		t.Fatal("the unit has another form")
	}
	script = strings.NewReplacer("\\\n", "", "$$", "$").Replace(script)
	for _, c := range []struct{ rows, announce, mqtt, want string }{
		{"2", "1", "0", "the profile is P1_PROFILE in /etc/p1/p1.conf"},
		{"1", "1", "0", "systemctl status p1.service"},
		{"0", "14", "0", "stand in /etc/p1/mosquitto_pub, one option a line"},
		{"141", "14", "0", "stand in /etc/p1/mosquitto_pub, one option a line"},
		{"0", "0", "0", ""},
	} {
		dir := t.TempDir()
		for name, code := range map[string]string{"p1cat": "0", "p1frame": "0", "p1csv": c.rows, "p1-announce": c.announce, "p1-mqtt": c.mqtt} {
			write(t, filepath.Join(dir, name), "#!/bin/sh\nexit "+code+"\n", 0o755)
		}
		said, err := within(t, func(ctx context.Context) *exec.Cmd {
			run := exec.CommandContext(ctx, "/bin/bash", "-c", script)
			run.Env = []string{"P1_PROFILE=nl", "PATH=" + dir}
			return run
		})
		if (err != nil) != (c.want != "") || !strings.Contains(said, c.want) || c.want != "" && strings.Count(said, "/etc/p1")+strings.Count(said, "systemctl") != 1 || c.want == "" && said != "" {
			t.Errorf("%+v: %v: said is %q", c, err, said)
		}
	}
}

// TestBrokerOptions: two options on one line of mosquitto_pub's file are told of, without what
// they say; blanks in a password are none.
func TestBrokerOptions(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a script of sh")
	}
	for text, line := range map[string]string{
		"-h localhost -u anna -P secret\n":             "1",
		"# mine\n-h localhost\n-u anna --pw secret\n":  "3",
		"-h localhost\n-u anna\n-P my secret - word\n": "",
		"# -h localhost -u anna\n-h my-host\n":         "",
		"":                                             "",
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "mosquitto_pub"), text, 0o600)
		said, err := within(t, func(ctx context.Context) *exec.Cmd {
			run := exec.CommandContext(ctx, "service/p1-mqtt", "--check", "/etc/p1/mosquitto_pub")
			run.Env = append(os.Environ(), "XDG_CONFIG_HOME="+dir)
			return run
		})
		begins := "p1-mqtt: /etc/p1/mosquitto_pub: line " + line + " "
		if err != nil || strings.HasPrefix(said, begins) != (line != "") || line == "" && said != "" || strings.Contains(said, "secret") {
			t.Errorf("%q: %v: said is %q", text, err, said)
		}
	}
}

// TestWatchdog: a unit is started again when its last telegram is old, or when none
// has come since it began, and not before.
func TestWatchdog(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("systemd is Linux's")
	}
	now := time.Now().Unix()
	metrics := func(started, last int64) string {
		text := fmt.Sprintf("# TYPE p1_start_time_seconds gauge\np1_start_time_seconds %d\n", started)
		if last > 0 {
			text += fmt.Sprintf("p1_last_telegram_timestamp_seconds{source=\"/dev/p1\"} %d.25\n", last) +
				"p1_last_telegram_timestamp_seconds{source=\"a } b\"} 17\n"
		}
		return text + "p1_last_telegram_age_seconds{source=\"/dev/p1\"} 99999999999\n"
	}
	for _, c := range []struct {
		name, metrics string
		begun         time.Duration // the unit's directory is that old, 0 for none
		want          bool
	}{
		{"fresh", metrics(now-10000, now-5), time.Hour, false},
		{"old", metrics(now-10000, now-301), time.Hour, true},
		{"large number", fmt.Sprintf("p1_last_telegram_timestamp_seconds %.9e\n", float64(now-5)), time.Hour, false},
		{"begun just now", metrics(now-20, now-1000), time.Hour, false},
		{"none since it began", metrics(now-400, 0), time.Hour, true},
		{"no metrics yet", "", 10 * time.Second, false},
		{"no metrics at all", "", time.Hour, true},
		{"the clock was put back", metrics(now+100000, now+99999), time.Hour, true},
		{"the clock was put back a little", metrics(now+200, 0), time.Hour, false},
		{"not running", "", 0, false},
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "systemctl"), "#!/bin/sh\necho \"did $*\"\n", 0o755)
		run := filepath.Join(dir, "run")
		if c.begun > 0 {
			if err := os.Mkdir(run, 0o755); err != nil {
				t.Fatal(err)
			}
			if c.metrics != "" {
				write(t, filepath.Join(run, "p1.prom"), c.metrics, 0o644)
			}
			then := time.Now().Add(-c.begun)
			if err := os.Chtimes(run, then, then); err != nil {
				t.Fatal(err)
			}
		}
		said, err := within(t, func(ctx context.Context) *exec.Cmd {
			w := exec.CommandContext(ctx, "service/p1-watchdog", filepath.Join(run, "p1.prom"), "300", "p1.service")
			w.Env = []string{"PATH=" + dir + ":" + os.Getenv("PATH")}
			return w
		})
		if did := strings.Contains(said, "did try-restart p1.service\n"); did != c.want || err != nil {
			t.Errorf("%s: %v, %q", c.name, err, said)
		}
	}
}

var udevItem = regexp.MustCompile(`^[A-Z]+(\{[A-Za-z_]+\})?(==|!=|\+=|=)"[^"]*"$`)

// TestUdevRule: udev's grammar, and that what is not a serial adapter is left alone.
func TestUdevRule(t *testing.T) {
	n := 0
	for line := range strings.Lines(service(t, "99-p1.rules")) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		n++
		for _, item := range strings.Split(line, ", ") {
			if !udevItem.MatchString(item) {
				t.Errorf("%q in %s", item, line)
			}
		}
		if strings.Contains(line, `TAG+=`) && (!strings.Contains(line, "idVendor") || !strings.Contains(line, "idProduct")) {
			t.Errorf("%s takes any device", line)
		}
		if strings.Contains(line, "SYMLINK") && !strings.HasPrefix(line, `TAG=="p1"`) {
			t.Errorf("%s names any device", line)
		}
	}
	if n < 5 {
		t.Errorf("only %d rules", n)
	}
}

// TestTask: the Task Scheduler gets well-formed XML without an encoding that the
// file has not, and cmd gets the line ends that it wants.
func TestTask(t *testing.T) {
	text := service(t, "p1-task.xml")
	var task struct {
		XMLName xml.Name `xml:"http://schemas.microsoft.com/windows/2004/02/mit/task Task"`
		Boot    struct{} `xml:"Triggers>BootTrigger"`
		Limit   string   `xml:"Settings>ExecutionTimeLimit"`
		Again   struct {
			Interval string
			Count    int
		} `xml:"Settings>RestartOnFailure"`
		Command string `xml:"Actions>Exec>Command"`
	}
	if err := xml.Unmarshal([]byte(text), &task); err != nil {
		t.Fatal(err)
	}
	if task.Limit != "PT0S" || task.Again.Interval == "" || task.Again.Count == 0 || !strings.Contains(task.Command, "p1.cmd") {
		t.Errorf("%+v", task)
	}
	if strings.Contains(text, "encoding=") || strings.ContainsFunc(text, func(r rune) bool { return r > 0x7E }) {
		t.Error("it is not plain ASCII")
	}
	pipe := service(t, "p1.cmd")
	if n := strings.Count(pipe, "2>>"); n != 1 {
		t.Errorf("p1.cmd opens its log %d times, and only one at a time can write there", n)
	}
	// What an account has made another one may not write: before the pipe begins, each file
	// that it keeps is tried, and where one cannot be written another folder is taken.
	began := strings.Index(pipe, "--archive")
	for _, file := range []string{"p1.log", "meters.json", "meters.json.lock"} {
		if !strings.Contains(pipe, `call :append "%DATA%\`+file+`"`) {
			t.Errorf("p1.cmd does not try whether it may write %s", file)
		}
	}
	for _, words := range []string{"call :writable", `set "DATA=%DATA%-%USERNAME%"`, "cannot be written"} {
		if at := strings.Index(pipe, words); at < 0 || at > began {
			t.Errorf("p1.cmd does not say %s before the pipe begins", words)
		}
	}
	for line := range strings.Lines(pipe) {
		if !strings.HasSuffix(line, "\r\n") {
			t.Errorf("%q does not end in CR LF", line)
		}
	}
}

// TestSer2net: ser2net understands its file, and listens.
func TestSer2net(t *testing.T) {
	server, err := exec.LookPath("ser2net")
	if err != nil {
		server, err = exec.LookPath("/usr/sbin/ser2net")
	}
	needs(t, err)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	free.Close()
	_, port, _ := net.SplitHostPort(address)
	text := service(t, "ser2net.yaml")
	const accepter = "accepter: tcp,2000"
	if !strings.Contains(text, accepter) {
		t.Fatal("where does it listen?")
	}
	config := filepath.Join(t.TempDir(), "ser2net.yaml")
	write(t, config, strings.Replace(text, accepter, "accepter: tcp,localhost,"+port, 1), 0o644)
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	run := exec.CommandContext(ctx, server, "-d", "-u", "-c", config)
	var said bytes.Buffer
	run.Stdout, run.Stderr = &said, &said
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	listens := false
	for range 100 {
		if c, err := net.Dial("tcp", "localhost:"+port); err == nil {
			c.Close()
			listens = true
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	stop()
	_ = run.Wait()
	// Only that the device is missing may be said.
	if text := strings.ToLower(said.String()); !listens || strings.Contains(text, "invalid") || strings.Contains(text, "yaml") {
		t.Errorf("it listens: %v; it says %s", listens, &said)
	}
}

// TestContainer builds what the Containerfile builds, and runs its pipe where there
// is nothing else, as its user, from TCP to a table. Then it is stopped.
func TestContainer(t *testing.T) {
	busybox, err := exec.LookPath("busybox")
	needs(t, err, installed("chroot"), installed("setsid"))
	if testing.Short() {
		t.Skip("builds everything anew")
	}
	if os.Getuid() != 0 {
		t.Skip("only root can change the root directory")
	}
	text := service(t, "Containerfile")
	const build = "CGO_ENABLED=0 go build -buildvcs=false -ldflags=-s -o /out/bin/ ./cmd/..."
	if !strings.Contains(text, "RUN "+build) {
		t.Fatalf("the Containerfile does not build by %s", build)
	}
	root := t.TempDir()
	for dir := root; len(dir) > len(os.TempDir()); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(root, "dev"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(root, "dev", "null"), "", 0o644) // every container has one
	bin := filepath.Join(root, "bin")
	said, err := within(t, func(ctx context.Context) *exec.Cmd {
		c := exec.CommandContext(ctx, "sh", "-c", strings.Replace(build, "/out/bin/", bin+"/", 1)+" && cp \"$0\" \"$1/sh\" && cp cmd/p1cat/service/p1-container \"$1\"", busybox, bin)
		c.Dir = "../.."
		return c
	})
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	inside := func(ctx context.Context, pipe string) *exec.Cmd {
		c := exec.CommandContext(ctx, "setsid", "chroot", "--userspec=65532:65532", root, "/bin/p1-container", pipe)
		c.Env = []string{"PATH=/bin"}
		return c
	}
	path := os.Getenv("PATH")
	said, err = within(t, func(ctx context.Context) *exec.Cmd {
		c := inside(ctx, "p1cat 'demo:?telegrams=3' | p1frame | p1fix | p1csv")
		c.Env = []string{"PATH=/bin:" + path}
		return c
	})
	if err != nil || strings.Count(said, "\n") != 4 || !strings.HasPrefix(said, "time,") {
		if strings.Contains(said, "/bin/sh") {
			t.Skipf("%s is not static: %s", busybox, said)
		}
		t.Fatalf("%v: %s", err, said)
	}
	said, err = within(t, func(ctx context.Context) *exec.Cmd {
		c := inside(ctx, "p1cat demo:?telegrams=3 | p1csv")
		c.Env = []string{"PATH=/bin:" + path}
		return c
	})
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 3 {
		t.Errorf("where the last stage fails, the container ends with %v: %s", err, said)
	}
	stopped(t, inside, path)
}

// stopped stops the pipe as a container is stopped: a signal to its first program.
// What was read comes out.
func stopped(t *testing.T, inside func(context.Context, string) *exec.Cmd, path string) {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), 30*time.Second)
	defer stop()
	c := inside(ctx, "p1cat 'demo:?telegrams=100000000' | p1frame | p1csv --columns time")
	c.Env = []string{"PATH=/bin:" + path}
	out := filepath.Join(t.TempDir(), "out")
	file, err := os.Create(out)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	c.Stdout = file
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if info, err := os.Stat(out); err == nil && info.Size() > 0 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if err := exec.Command("kill", "-s", "TERM", strconv.Itoa(c.Process.Pid)).Run(); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); ctx.Err() != nil || err != nil && c.ProcessState.ExitCode() != 130 {
		t.Fatalf("it does not end as its last stage does: %v", err)
	}
	if exec.Command("kill", "-s", "0", "--", "-"+strconv.Itoa(c.Process.Pid)).Run() == nil {
		t.Error("some of its stages go on")
	}
	rows, err := os.ReadFile(out)
	if err != nil || !bytes.HasSuffix(rows, []byte("+01:00\n")) && !bytes.HasSuffix(rows, []byte("+02:00\n")) {
		t.Errorf("the last row is cut off: %q, %v", rows[max(0, len(rows)-60):], err)
	}
}
