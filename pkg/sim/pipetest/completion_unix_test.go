//go:build unix

package pipetest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"p1/pkg/sim/longtest"
)

// asks are command lines of which the last word is completed, and the words that a person is to
// be offered for it; those of a list, or behind a =, without what stands before.
var asks = []struct{ line, want string }{
	{"p1csv --ta", "--table"},
	{"p1csv --table ga", "gas"},
	{"p1csv --table=ga", "gas"},
	{"p1csv --table records,ga", "gas"},
	{"p1csv --columns=time,import_k", "import_kw import_kwh"},
	{"p1csv --tz Europe/Buda", "Europe/Budapest"},
	{"p1csv --profile se", "se seed"},
	{"p1csv --every 1m", "1mo"},
	{"p1csv 'da ta.csv' --format x", "xlsx"},
	{"p1noise --chart ", "bits causes edge hours marks positions reliability"},
	{"p1noise --receiver=", "direct ftdi hc14 opto transistor unknown"},
	{"p1fix --state-from=da", "'da ta.csv' data.jsonl"},
	{"p1fix da", "'da ta.csv' data.jsonl"},
	{"p1csv --partition ", "lake/"},
	{"p1csv --partition=l", "lake/"},
	{"p1cat --only ok,", "repaired unchecked"},
	{"p1cat --seal x --sea", "--seal"},
	{"p1cat 'demo:?meter=hu&noise=slow-r", "slow-rise"},
	{"p1cat 'demo:?meter=hu&noi", "noise="},
	{"p1cat demo:?meter=hu-w", "hu-wasion"},
	{"p1cat tc", "tcp://"},
	{"p1cat --completion ", "bash fish powershell zsh"},
	{"p1frame --", ""},                // every flag, see below
	{"p1csv --table nothing", "none"}, // not even files
}

// A shell in which commands are completed.
type completing struct {
	command []string
	// begin has it know the five commands, and write the line that is typed between [[ and ]] at
	// Ctrl-G, and all that the last word may become at Ctrl-Y.
	begin string
}

var interactive = map[string]completing{
	"bash": {[]string{"bash", "--norc", "--noprofile", "-i"}, `PS1=; eval "$(for c in p1cat p1frame p1fix p1csv p1noise; do $c --completion bash; done)"
		bind 'set completion-query-items 0'; bind 'set bell-style none'
		dump() { printf '[[%s]]\n' "$READLINE_LINE"; READLINE_LINE=; }; bind -x '"\C-g": dump'; bind '"\C-y": insert-completions'`},
	"zsh": {[]string{"zsh", "-f", "-i"}, `PS1=; PROMPT=; autoload -Uz compinit; compinit -u -D
		for c in p1cat p1frame p1fix p1csv p1noise; do eval "$($c --completion zsh)"; done
		dump() { print -r -- "[[$BUFFER]]"; BUFFER= }; zle -N dump; bindkey '^G' dump
		all() { _main_complete; compstate[insert]=all }; zle -C all complete-word all; bindkey '^Y' all`},
}

// TestCompletion: in the shells themselves, what is typed becomes what is meant. A shell that
// is not installed is left out, with a word.
func TestCompletion(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"da ta.csv", "data.jsonl"} {
		write(t, filepath.Join(dir, name), nil)
	}
	must(t, os.Mkdir(filepath.Join(dir, "lake"), 0o777))
	for _, shell := range []string{"bash", "zsh", "fish"} {
		t.Run(shell, func(t *testing.T) {
			if _, err := exec.LookPath(shell); err != nil {
				t.Skipf("%s is not here", shell)
			}
			var got []string
			if shell == "fish" {
				got = askFish(t, dir)
			} else {
				got = interactive[shell].ask(t, dir)
			}
			for i, a := range asks {
				words := offeredWords(a.line, got[i])
				want := offeredWords("", a.want)
				switch {
				case a.line == "p1frame --":
					want = slices.DeleteFunc(flags(t, "p1frame"), func(f string) bool { return !strings.HasPrefix(f, "--") })
				case a.want == "none":
					want = offeredWords(a.line, a.line)
					if shell == "fish" {
						want = nil
					}
				}
				slices.Sort(want)
				if !slices.Equal(words, want) {
					t.Errorf("%s: %q, want %q (%q)", a.line, words, want, got[i])
				}
			}
		})
	}
}

// The script for PowerShell is one, by a grammar of its language: what it does there, no test
// sees where there is no PowerShell.
func TestCompletionScriptOfPowerShell(t *testing.T) {
	longtest.Needs(t, "npm ci")
	dir := withNode(t, "../../tool/testdata/powershell")
	for _, command := range strings.Fields(every) {
		script := run(t, "", command+" --completion powershell")
		for _, is := range []struct {
			script string
			good   bool
		}{{string(script), true}, {string(script) + "if (", false}} {
			parse := exec.Command("node", "--liftoff-only", filepath.Join(dir, "parse.mjs")) // else it compiles the grammar for seconds
			parse.Stdin = strings.NewReader(is.script)
			out, err := parse.Output()
			must(t, err)
			if parsed := string(out) == "parsed\n"; parsed != is.good {
				t.Errorf("%s: %s", command, out)
			}
		}
	}
}

// askFish asks fish itself what it would offer.
func askFish(t *testing.T, dir string) []string {
	script := "for c in p1cat p1frame p1fix p1csv p1noise; $c --completion fish | source; end\n"
	for _, a := range asks {
		script += "complete -C " + `"` + a.line + `"` + "; echo ]]\n"
	}
	c := exec.Command("fish", "--no-config", "-c", script)
	c.Dir, c.Env = dir, append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "HOME="+dir)
	out, err := c.Output()
	must(t, err)
	all := strings.Split(string(out), "]]\n")
	for i, text := range all {
		var words []string
		for line := range strings.Lines(text) {
			word, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
			words = append(words, strings.ReplaceAll(word, " ", `\ `))
		}
		all[i] = strings.Join(words, " ")
	}
	return all
}

var dumped = regexp.MustCompile(`(?s)\[\[(.*?)\]\]`)

// ask types the lines into a shell at a terminal, and returns what they become.
func (s completing) ask(t *testing.T, dir string) (all []string) {
	c := exec.Command(s.command[0], s.command[1:]...)
	c.Dir, c.Env = dir, append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "HOME="+dir, "TERM=dumb", "INPUTRC=/dev/null", "HISTFILE=")
	terminal, err := pty.Start(c)
	must(t, err)
	defer func() {
		terminal.Close()
		_ = c.Process.Kill()
		_ = c.Wait()
	}()
	said := make(chan []byte)
	go func() {
		defer close(said)
		for {
			buf := make([]byte, 4096)
			n, err := terminal.Read(buf)
			if err != nil {
				return
			}
			said <- buf[:n]
		}
	}()
	var seen bytes.Buffer
	await := func(is func([]byte) bool) {
		t.Helper()
		late := time.After(30 * time.Second)
		for !is(seen.Bytes()) {
			select {
			case more, ok := <-said:
				if !ok {
					t.Fatalf("the shell has ended: %q", seen.String())
				}
				seen.Write(more)
			case <-late:
				t.Fatalf("nothing more comes: %q", seen.String())
			}
		}
	}
	fmt.Fprintf(terminal, "%s\necho REA''DY\n", strings.ReplaceAll(s.begin, "\t", "")) // a tab would be one that is pressed
	await(func(b []byte) bool { return bytes.Contains(b, []byte("READY\r")) })
	for _, a := range asks {
		seen.Reset()
		fmt.Fprint(terminal, a.line+"\x19\x07")
		await(dumped.Match)
		all = append(all, string(dumped.FindSubmatch(seen.Bytes())[1]))
	}
	return all
}

var shellWord = regexp.MustCompile(`(?:\\.|'[^']*'?|[^\s\\'])+`)

// offeredWords are the words at the end of what a line has become, sorted, as they are meant:
// without quotes, and without what stands before them in a list or behind a =.
func offeredWords(line, became string) []string {
	fixed := ""
	if i := strings.LastIndexAny(line, " "); i >= 0 {
		fixed = line[:i+1]
	}
	word := strings.TrimPrefix(line, fixed)
	begun := word[:strings.LastIndexAny(word, "=,")+1]
	if strings.HasPrefix(word, "'") && begun == "" {
		begun = word[:strings.LastIndexAny(word, "&")+1]
	}
	plain := func(w string) string { return strings.NewReplacer(`\`, "", "'", "").Replace(w) }
	var all []string
	for _, w := range shellWord.FindAllString(strings.TrimPrefix(became, fixed), -1) {
		w = plain(w)
		w = strings.TrimPrefix(w, plain(begun))
		w = strings.TrimPrefix(w, begun[strings.LastIndex(begun, "=")+1:]) // bash has a = end a word
		if at := strings.LastIndex(w, "&"); at >= 0 {
			w = w[at+1:]
		}
		if w == "lake" {
			w = "lake/" // bash says so at Tab only
		}
		all = append(all, w)
	}
	slices.Sort(all)
	return all
}
