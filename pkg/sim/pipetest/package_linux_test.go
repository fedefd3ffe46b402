package pipetest

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"p1/pkg/sim/longtest"
)

var packageRoot = flag.String("package.root", "", "a tar of a Debian as mmdebstrap makes it for TestPackage, else a new one")

// TestPackage: what the Debian package does to a machine: a fresh Debian is booted in a
// container, with a broker and a pty for a cable, and the package installed, upgraded,
// removed and purged, and installed over an installation by hand. There is systemd itself,
// so that the units run as they are written.
func TestPackage(t *testing.T) {
	longtest.NeedsHours(t, "it makes a Debian, and boots it")
	for _, needed := range []string{"mmdebstrap", "systemd-nspawn", "nsenter"} {
		if _, err := exec.LookPath(needed); err != nil {
			t.Fatalf("%v: apt-get install mmdebstrap systemd-container", err)
		}
	}
	if os.Getuid() != 0 {
		t.Fatal("only root may boot a Debian")
	}
	began := time.Now()
	m := newMachine(t)
	t.Logf("a fresh Debian: %.0f s", time.Since(began).Seconds())
	stage := newStage(t)
	first, second := debian(t, stage)
	for _, file := range []string{first, second} {
		must(t, exec.Command("cp", file, filepath.Join(m.root, "root")).Run())
	}
	must(t, exec.Command("cp", "-r", filepath.Join(stage, "bin"), "../../../cmd/p1cat/service", "byhand", filepath.Join(m.root, "root")).Run())
	t.Logf("two packages: %.0f s", time.Since(began).Seconds())
	m.boot()
	t.Logf("booted: %.0f s", time.Since(began).Seconds())
	for _, part := range []struct {
		name string
		test func(*machine)
	}{
		{"fresh", (*machine).fresh},
		{"configured", (*machine).configured},
		{"upgraded", (*machine).upgraded},
		{"removed", (*machine).removed},
		{"purged", (*machine).purged},
		{"by hand", (*machine).byHand},
		{"by hand and changed", (*machine).byHandAndChanged},
	} {
		began := time.Now()
		if !t.Run(part.name, func(t *testing.T) { m.t = t; part.test(m) }) {
			return // what comes next builds on it
		}
		t.Logf("%s: %.0f s", part.name, time.Since(began).Seconds())
	}
}

// newStage makes what nfpm.yaml wants: programs, man pages, completions, pages, licences.
func newStage(t *testing.T) string {
	t.Helper()
	stage := t.TempDir()
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", filepath.Join(stage, "bin")+string(filepath.Separator), "p1/cmd/...")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	must(t, build.Run())
	script := `set -eu; cd "$1"
mkdir man licences completions completions/bash completions/zsh completions/fish
for page in "$2"/cmd/*/*.1; do gzip -9n <"$page" >man/${page##*/}.gz; done
cp "$2/LICENSE" licences/p1
go run -C "$2/.ci/packaging" . pages -source "$2" "$1/doc"
for command in bin/*; do
	name=${command##*/}
	$command --completion bash >completions/bash/$name
	$command --completion zsh >completions/zsh/_$name
	$command --completion fish >completions/fish/$name.fish
done`
	if out, err := exec.Command("sh", "-c", script, "sh", stage, above(t)).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return stage
}

// above is the folder of the module.
func above(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../../..")
	must(t, err)
	return dir
}

// debian makes the package, by the nfpm that releases are made with, and the same as a later
// version, whose p1.conf has another comment.
func debian(t *testing.T, stage string) (first, second string) {
	t.Helper()
	dir := t.TempDir()
	first, second = filepath.Join(dir, "p1_1.0.0.deb"), filepath.Join(dir, "p1_1.0.1.deb")
	script := `set -eu; cd "$1"
go build -C .ci/packaging -o "$2/nfpm" github.com/goreleaser/nfpm/v2/cmd/nfpm
VERSION=1.0.0 ARCH=$3 STAGE=$2 "$2/nfpm" package -f .ci/packaging/nfpm.yaml -p deb -t "$4"
dpkg-deb -R "$4" "$2/later"
sed -i 's/^Version: 1.0.0$/Version: 1.0.1/' "$2/later/DEBIAN/control"
echo "# another comment" >>"$2/later/usr/share/p1/p1.conf"
dpkg-deb -Znone -b "$2/later" "$5"`
	if out, err := exec.Command("sh", "-c", script, "sh", above(t), stage, runtime.GOARCH, first, second).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return first, second
}

// machine is a Debian in a container, with a meter at /dev/p1.
type machine struct {
	t      *testing.T
	root   string
	init   string // its first process, as others see it
	device string // the pty that is /dev/p1
}

// newMachine makes a Debian in which there is what belongs to a machine of somebody who has
// Home Assistant, and nothing of ours.
func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{t: t, root: filepath.Join(t.TempDir(), "debian")}
	must(t, os.Mkdir(m.root, 0o755))
	if *packageRoot != "" {
		must(t, exec.Command("tar", "-xpf", *packageRoot, "-C", m.root).Run())
		return m
	}
	bootstrap := exec.Command("mmdebstrap", "--quiet", "--variant=minbase",
		"--include=systemd-sysv,dbus,udev,mosquitto,mosquitto-clients,man-db,bash-completion", "bookworm", m.root)
	if out, err := bootstrap.CombinedOutput(); err != nil {
		t.Fatalf("mmdebstrap: %v: %s", err, out)
	}
	return m
}

// boot starts the machine, and a meter at its cable.
func (m *machine) boot() {
	m.t.Helper()
	master, slave, err := pty.Open()
	must(m.t, err)
	m.t.Cleanup(func() { master.Close(); slave.Close() })
	must(m.t, os.Chown(slave.Name(), 0, 20)) // the group dialout, as by our rule
	must(m.t, os.Chmod(slave.Name(), 0o660))
	meter := simulate(m.t, "meter=nl&telegrams=3000&logger=raw")
	go func() {
		for _, x := range meter.sent {
			if _, err := master.Write(x.Sent); err != nil {
				return
			}
			time.Sleep(200 * time.Millisecond)
		}
	}()
	c := exec.Command("systemd-nspawn", "--quiet", "--directory="+m.root, "--boot", "--register=no", "--keep-unit",
		"--private-network", "--machine=p1test", "--bind="+slave.Name()+":/dev/p1")
	var said bytes.Buffer
	c.Stdout, c.Stderr = &said, &said
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	must(m.t, c.Start())
	m.t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		_ = c.Wait()
	})
	children := fmt.Sprintf("/proc/%d/task/%[1]d/children", c.Process.Pid)
	for end := time.Now().Add(patience); m.init == ""; time.Sleep(100 * time.Millisecond) {
		text, _ := os.ReadFile(children)
		child := strings.TrimSpace(string(text))
		if name, _ := os.ReadFile("/proc/" + child + "/comm"); string(name) == "systemd\n" {
			m.init = child
		}
		if time.Now().After(end) {
			m.t.Fatalf("it does not boot: %s", &said)
		}
	}
	m.until("it runs", `systemctl is-system-running --wait 2>/dev/null | grep -qE "running|degraded"`)
}

// try runs a script in the machine, and returns what it writes, both outputs.
func (m *machine) try(script string) (string, error) {
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	c := exec.CommandContext(ctx, "nsenter", "-t", m.init, "-m", "-u", "-i", "-n", "-p", "-r", "-w", "--",
		"/usr/bin/env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "HOME=/root", "LANG=C.UTF-8",
		"DEBIAN_FRONTEND=noninteractive", "/bin/bash", "-c", script)
	c.WaitDelay = time.Second
	out, err := c.CombinedOutput()
	return string(out), err
}

// run is try where nothing may fail.
func (m *machine) run(script string) string {
	m.t.Helper()
	out, err := m.try(script)
	if err != nil {
		m.t.Fatalf("%s: %v: %s\n%s", script, err, out, m.journal())
	}
	return out
}

// journal is what the machine has said last.
func (m *machine) journal() string {
	out, _ := m.try("journalctl --no-pager -n 40 -o cat")
	return out
}

// is fails unless a script writes this, whatever its exit code.
func (m *machine) is(script, want string) {
	m.t.Helper()
	if got, _ := m.try(script); strings.TrimSpace(got) != want {
		m.t.Errorf("%s: %q, want %q", script, got, want)
	}
}

// says fails unless words are in a text.
func (m *machine) says(text string, words ...string) {
	m.t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			m.t.Errorf("it does not say %q, but %.600s", w, text)
		}
	}
}

// until waits for a script to succeed.
func (m *machine) until(what, script string) {
	m.t.Helper()
	said := ""
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(300 * time.Millisecond) {
		out, err := m.try(script)
		if err == nil {
			return
		}
		said = out
	}
	m.t.Fatalf("not within a minute: %s: %s\n%s", what, said, m.journal())
}

const (
	states   = "systemctl is-active p1.service p1-mqtt.service p1-watchdog.timer | paste -sd ' '"
	enabled  = "systemctl is-enabled p1.service p1-mqtt.service p1-watchdog.timer | paste -sd ' '"
	runID    = "systemctl show -P InvocationID p1.service"
	programs = "readlink /proc/[0-9]*/exe | grep '/p1' | sort | paste -sd ' '"
	// holdings lists the archive, the state and who may read them.
	holdings = `cd /var/lib/private/p1 && find . -not -name '*.tmp' -not -name '*.lock' -printf '%M %U %i %p\n' | grep -v meters.json | sort
stat -c '%A %U %n' meters.json 2>/dev/null || :`
	// sensors lists the topics and ids by which Home Assistant knows what it is told.
	sensors = "mosquitto_sub -h 127.0.0.1 -t 'homeassistant/#' -F '%t %p' --retained-only -W 3 2>/dev/null | cut -d , -f 1 | sort"
	forget  = "systemctl stop mosquitto && rm -f /var/lib/mosquitto/mosquitto.db && systemctl start mosquitto"
)

// install installs a package with nothing from elsewhere, and nobody there to be asked.
func (m *machine) install(version string) string {
	m.t.Helper()
	return m.run("apt-get install -y -q --no-install-recommends /root/p1_" + version + ".deb 2>&1")
}

// keeps fails unless all files are there still, for the same user and no others; of the archive
// they are the same ones.
func (m *machine) keeps(files string) {
	m.t.Helper()
	now := m.run(holdings)
	for file := range strings.Lines(files) {
		if !strings.Contains(now, file) {
			m.t.Errorf("there was %s, and there is\n%s", file, now)
		}
	}
}

// pipeOf is what programs writes where these run.
func pipeOf(dir, names string) string {
	return dir + "/" + strings.ReplaceAll(names, " ", " "+dir+"/")
}

// listening waits until a service has begun to keep and hand on what the meter says.
func (m *machine) listening() {
	m.t.Helper()
	m.until("telegrams are archived", "ls /var/lib/p1/archive/p1-*.jsonl.zst && p1cat /var/lib/p1/archive/p1-*.jsonl.zst 2>/dev/null | p1frame | p1csv 2>/dev/null | grep -q ',ok,'")
	m.until("telegrams are counted", "grep -q '^p1_last_telegram_timestamp_seconds' /run/p1/p1.prom")
	m.until("telegrams are handed on", "timeout 5 p1cat tcp://127.0.0.1:2001 2>/dev/null | p1frame | p1csv 2>/dev/null | grep -q ',ok,'")
}

// fresh: everything is there, and the services wait for a source, and say so.
func (m *machine) fresh() {
	m.says(m.install("1.0.0"), "name it in /etc/p1/p1.conf")
	m.is(enabled, "enabled enabled enabled")
	m.is(states, "inactive inactive active")
	m.says(m.run("systemctl status --no-pager -l p1.service p1-mqtt.service || :"),
		"P1_SOURCE in /etc/p1/p1.conf does not say yet where the meter is", "ConditionPathExists=/etc/p1/mosquitto_pub was not met")
	m.is("stat -c '%a %U' /etc/p1 /etc/p1/p1.conf | paste -sd ' '", "700 root 600 root")
	m.is("find /var/lib/private -type f 2>/dev/null", "") // nothing has run
	pages := exec.Command("go", "-C", filepath.Join(above(m.t), ".ci/packaging"), "test", "-run=^TestPages$", ".", "-pages="+filepath.Join(m.root, "usr/share/doc/p1"))
	if out, err := pages.CombinedOutput(); err != nil {
		m.t.Errorf("%v: %s", err, out)
	}
	m.is("systemctl --failed --no-legend; for page in $(systemctl show -P Documentation p1.service | grep -o '/usr/[^ ]*'); do head -n 1 $page; done", "# A service that stays")
	const pipe = "p1cat 'demo:?meter=hu&telegrams=60&noise=slow-rise' | p1frame | p1fix | p1csv"
	here := exec.Command("bash", "-c", pipe)
	here.Env = append(os.Environ(), "PATH="+bin+":/usr/bin:/bin")
	want, err := here.Output()
	must(m.t, err)
	if got := m.run(pipe); got != string(want) || strings.Count(got, "\n") != 61 {
		m.t.Errorf("%s: here and there:\n%s", pipe, difference(want, []byte(got)))
	}
	for _, command := range []string{"p1cat", "p1frame", "p1fix", "p1csv", "p1noise"} {
		m.says(m.run("MANPAGER=cat man "+command), "NAME\n       "+command+" ")
		m.says(m.run(completion(command+" --he")), "--help")
	}
	m.says(m.run("p1-history --help 2>&1 || :; p1-mqtt 2>&1 || :"), "usage: p1-mqtt TOPIC")
}

// completion is a script that writes what bash offers after some words, by what it has
// installed for that.
func completion(words string) string {
	command, _, _ := strings.Cut(words, " ")
	return fmt.Sprintf(`set -e; . /usr/share/bash-completion/bash_completion; _completion_loader %[1]s || [ $? = 124 ]
COMP_LINE=%[2]q; COMP_POINT=${#COMP_LINE}; COMP_WORDS=(%[2]s); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
function=$(complete -p %[1]s | sed -n 's/.*-F \([^ ]*\).*/\1/p')
[ "$function" ]
compopt() { :; } # bash has it only while it completes
$function %[1]s "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
printf '%%s\n' "${COMPREPLY[@]}"`, command, words)
}

// configured: a source in p1.conf is all that is needed.
func (m *machine) configured() {
	m.run("sed -i 's|^#P1_SOURCE=.*|P1_SOURCE=/dev/p1|' /etc/p1/p1.conf && chmod 640 /etc/p1/p1.conf && systemctl restart p1.service")
	m.listening()
	m.run("systemctl stop p1.service; chmod 755 /var/lib/private; systemctl start p1.service || :; sleep 1; chmod 700 /var/lib/private") // which systemd refuses
	m.until("what has failed at the start is tried again", "systemctl is-active p1.service")
	m.run("umask 077; echo '-h 127.0.0.1' >/etc/p1/mosquitto_pub; systemctl restart p1-mqtt.service")
	m.until("rows come to the broker", "mosquitto_sub -h 127.0.0.1 -t p1/state -C 1 -W 5 | grep -q import")
	m.is(programs, pipeOf("/usr/bin", "p1cat p1cat p1cat p1csv p1fix p1frame p1frame p1noise"))
	m.run(`[ "$(stat -c %u /proc/$(basename $(dirname $(ls -l /proc/[0-9]*/exe | grep /p1fix$ | grep -o '/proc/[0-9]*/exe')))/)" -ge 61184 ]`) // a user for the time being
	for _, unit := range []string{"p1.service", "p1-mqtt.service"} {
		m.run("systemd-analyze security --threshold=15 " + unit)
	}
}

// upgraded: what ran is started again and goes on with what it had, what was stopped stays so.
func (m *machine) upgraded() {
	ids := m.run(sensors)
	if strings.Count(ids, "\n") < 5 {
		m.t.Errorf("few sensors: %s", ids)
	}
	m.run("systemctl stop p1-mqtt.service; " + forget)
	files, run, conf := m.run(holdings), m.run(runID), m.run("stat -c '%a' /etc/p1/p1.conf; cat /etc/p1/p1.conf")
	said := m.install("1.0.1")
	m.is("dpkg-query -W -f '${Version}' p1", "1.0.1")
	m.is(states, "active inactive active")
	if m.run(runID) == run {
		m.t.Errorf("p1.service goes on as it was: %s", said)
	}
	m.is("stat -c '%a' /etc/p1/p1.conf; cat /etc/p1/p1.conf", strings.TrimSpace(conf))
	m.listening()
	m.keeps(files)
	m.run("systemctl start p1-mqtt.service")
	m.until("rows come again", "mosquitto_sub -h 127.0.0.1 -t p1/state -C 1 -W 5 | grep -q import")
	m.is(sensors, strings.TrimSpace(ids))
	m.install("1.0.1") // again: what runs goes on
	m.is(states, "active active active")
}

// removed: nothing runs, and what was measured and written into /etc stays.
func (m *machine) removed() {
	files := m.run(holdings)
	m.run("apt-get remove -y -q p1 2>&1")
	m.is(programs+"; ls /usr/bin/p1* /usr/lib/systemd/system/p1* 2>/dev/null", "")
	m.keeps(files)
	m.run("grep -q ^P1_SOURCE=/dev/p1 /etc/p1/p1.conf")
	m.install("1.0.1")
	m.listening()
	m.is(states, "active active active")
	m.run("apt-get remove -y -q p1 2>&1; rm -r /etc/p1")
	m.says(m.install("1.0.0"), "name it in /etc/p1/p1.conf")
	m.is("stat -c '%a %U' /etc/p1 /etc/p1/p1.conf | paste -sd ' '; cmp /etc/p1/p1.conf /usr/share/p1/p1.conf", "700 root 600 root")
}

// purged: the configuration goes, the data only if somebody says so.
func (m *machine) purged() {
	m.says(m.run("apt-get purge -y -q p1 2>&1"), "are kept in /var/lib/p1")
	m.is("ls -d /etc/p1 /etc/systemd/system/*/p1* /etc/systemd/system/p1* /var/lib/systemd/deb-systemd-helper-*/p1* 2>/dev/null", "")
	m.run("ls /var/lib/p1/archive/p1-*.jsonl.zst /var/lib/p1/meters.json")
	m.install("1.0.1")
	m.run("echo 'p1 p1/remove-data boolean true' | debconf-set-selections && apt-get purge -y -q p1 2>&1")
	m.is("ls -d /var/lib/p1 /var/lib/private/p1 2>/dev/null", "")
	m.is("debconf-show p1", "")
}

// byHand: what was installed as the README says it, before there was a package, becomes the
// package's, with all that it had, and there is one of it. What the unit of then refuses killed
// p1cat when it packed its archive; who had it running had mended that beside the unit.
func (m *machine) byHand() {
	m.run(`cd /root && install -m 755 bin/p1* service/p1-announce service/p1-mqtt service/p1-watchdog /usr/local/bin &&
		install -m 644 byhand/99-p1.rules /etc/udev/rules.d && install -m 644 byhand/*.service byhand/*.timer /etc/systemd/system &&
		install -d /etc/p1 && echo '-h 127.0.0.1' >/etc/p1/mosquitto_pub && ` + forget + ` &&
		install -d /etc/systemd/system/p1.service.d && printf '[Service]\nSystemCallErrorNumber=EPERM\n' >/etc/systemd/system/p1.service.d/local.conf &&
		systemctl daemon-reload && systemctl enable --now p1.service p1-watchdog.timer p1-mqtt.service`)
	m.listening()
	m.until("rows come to the broker", "mosquitto_sub -h 127.0.0.1 -t p1/state -C 1 -W 5 | grep -q import")
	ids := m.run(sensors)
	m.run("systemctl disable --now p1-mqtt.service; " + forget) // as somebody does who needs it now and then
	files, run := m.run(holdings), m.run(runID)
	m.says(m.install("1.0.0"), "/etc/systemd/system/p1.service, installed by hand and not changed, is replaced",
		"come before the package's in most shells: rm /usr/local/bin/p1cat", "chmod 700 /etc/p1")
	m.is(enabled, "enabled disabled enabled")
	m.is(states, "active inactive active")
	m.is("ls -d /etc/systemd/system/p1*.service /etc/systemd/system/p1*.timer /etc/udev/rules.d/99-p1.rules 2>/dev/null", "")
	m.is("systemctl show -P FragmentPath p1.service", "/lib/systemd/system/p1.service")
	if m.run(runID) == run {
		m.t.Error("p1.service goes on as it was")
	}
	m.listening()
	m.is(programs, pipeOf("/usr/bin", "p1cat p1cat p1fix p1frame p1noise"))
	m.keeps(files)
	m.run("systemctl start p1-mqtt.service")
	m.until("rows come again", "mosquitto_sub -h 127.0.0.1 -t p1/state -C 1 -W 5 | grep -q import")
	m.is(sensors, strings.TrimSpace(ids))
	m.is("systemctl list-dependencies --plain multi-user.target | grep -o 'p1.*service'", "p1.service") // after the next start too
	m.run("systemctl stop p1-mqtt; apt-get purge -y -q p1; rm -rf /usr/local/bin/* /var/lib/p1 /var/lib/private/p1")
}

var source = regexp.MustCompile(`(?m)^ *p1cat --archive .*/dev/p1`)

// byHandAndChanged: a unit that somebody has changed is left to him, running as it was.
func (m *machine) byHandAndChanged() {
	unit := string(read(m.t, "byhand/p1.service"))
	changed := strings.Replace(unit, "--keep 400d", "--keep 30d", 1)
	if !source.MatchString(unit) || changed == unit {
		m.t.Fatal("the unit is another one")
	}
	write(m.t, filepath.Join(m.root, "etc/systemd/system/p1.service"), []byte(changed))
	const dropIn = "/etc/systemd/system/p1-mqtt.service.d/override.conf"
	m.run("mkdir " + filepath.Dir(dropIn) + " && printf '[Service]\\nExecStart=\\nExecStart=/bin/true\\n' >" + dropIn)
	m.run("install -m 755 /root/bin/p1* /usr/local/bin && systemctl daemon-reload && systemctl enable --now p1.service")
	m.listening()
	m.says(m.install("1.0.0"), "/etc/systemd/system/p1.service, installed by hand and changed, is used instead of the package's",
		dropIn+" says what p1-mqtt.service starts")
	m.is("cat /etc/systemd/system/p1.service", strings.TrimSpace(changed))
	m.is("systemctl is-active p1.service", "active")
	m.is(programs, pipeOf("/usr/local/bin", "p1cat p1cat p1fix p1frame p1noise"))
	m.run("apt-get purge -y -q p1")
	m.is("systemctl is-active p1.service; systemctl is-enabled p1.service", "active\nenabled") // it was never the package's
}
