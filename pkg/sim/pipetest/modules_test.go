package pipetest

import (
	"bytes"
	"fmt"
	"maps"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// every is each of the five commands.
const every = "p1cat p1frame p1fix p1csv p1noise"

// modules are what the commands are made of beside this module and the library of Go:
// what else go.mod names is for tests, and for the simulation of circuits. What is not
// here, as a library that plots with twelve fonts and a writer of PDF, nobody downloads.
var modules = []struct{ module, commands string }{
	{"github.com/urfave/cli/v2", every},
	{"github.com/cpuguy83/go-md2man/v2", every},   // of cli
	{"github.com/russross/blackfriday/v2", every}, // of cli
	{"github.com/xrash/smetrics", every},
	{"github.com/go-faster/jx", every},
	{"github.com/go-faster/errors", every}, // of jx
	{"github.com/segmentio/asm", every},    // of jx
	{"github.com/klauspost/compress", every},
	{"github.com/therootcompany/xz", every},
	{"golang.org/x/sys", every},
	{"golang.org/x/term", every},
	{"golang.org/x/text", every},

	{"github.com/gofrs/flock", "p1cat p1fix"},
	{"filippo.io/age", "p1cat p1csv"},
	{"filippo.io/hpke", "p1cat p1csv"},     // of age
	{"golang.org/x/crypto", "p1cat p1csv"}, // of age
	{"go.bug.st/serial", "p1cat"},
	{"github.com/eclipse/paho.mqtt.golang", "p1cat"},
	{"github.com/gorilla/websocket", "p1cat"}, // of paho
	{"golang.org/x/net", "p1cat"},             // of paho
	{"golang.org/x/sync", "p1cat p1csv"},      // of paho, and of the go-sdk

	{"github.com/modelcontextprotocol/go-sdk", "p1csv"},
	{"github.com/google/jsonschema-go", "p1csv"},    // of the go-sdk
	{"github.com/segmentio/encoding", "p1csv"},      // of the go-sdk
	{"github.com/yosida95/uritemplate/v3", "p1csv"}, // of the go-sdk
	{"golang.org/x/oauth2", "p1csv"},                // of the go-sdk
	{"golang.org/x/time", "p1csv"},                  // of the go-sdk
	{"github.com/parquet-go/parquet-go", "p1csv"},   // its encodings and metadata only
	{"github.com/parquet-go/bitpack", "p1csv"},      // of parquet-go

	{"github.com/gocarina/gocsv", "p1noise"},
	{"golang.org/x/image", "p1noise"},
	{"codeberg.org/go-fonts/liberation", "p1noise"},
}

// The commands are made of the modules above, on every system, and of no others.
func TestModules(t *testing.T) {
	t.Parallel()
	want := map[string]string{}
	for _, m := range modules {
		want[m.module] = m.commands
	}
	for _, system := range []string{"linux", "windows", "darwin"} {
		met := linked(t, system)
		for _, module := range slices.Sorted(maps.Keys(met)) {
			if want[module] == "" {
				t.Errorf("%s: %s is linked into %s, and listed nowhere: is it worth its size?", system, module, met[module])
			} else if want[module] != met[module] {
				t.Errorf("%s: %s is linked into %s, want %s", system, module, met[module], want[module])
			}
		}
		for module := range want {
			if met[module] == "" {
				t.Errorf("%s: no command links %s any more", system, module)
			}
		}
	}
}

// linked returns the modules that the commands are made of on a system, each with those
// commands.
func linked(t *testing.T, system string) map[string]string {
	t.Helper()
	list := exec.Command("go", "list", "-deps", "-f", `{{.ImportPath}} {{with .Module}}{{.Path}}{{else}}-{{end}} {{join .Imports " "}}`, "p1/cmd/...")
	list.Env = append(list.Environ(), "GOOS="+system, "CGO_ENABLED=0")
	var said bytes.Buffer
	list.Stderr = &said
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v %s", err, &said)
	}
	module, imported := map[string]string{}, map[string][]string{}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		module[words[0]], imported[words[0]] = words[1], words[2:]
	}
	commands := map[string][]string{}
	for _, command := range strings.Fields(every) {
		reached := map[string]bool{}
		for left := []string{"p1/cmd/" + command}; len(left) > 0; left = left[1:] {
			if one := left[0]; !reached[one] {
				reached[one] = true
				left = append(left, imported[one]...)
			}
		}
		its := map[string]bool{}
		for one := range reached {
			its[module[one]] = true
		}
		for m := range its {
			if m != "-" && m != "p1" && m != "" {
				commands[m] = append(commands[m], command)
			}
		}
	}
	joined := map[string]string{}
	for m, all := range commands {
		joined[m] = strings.Join(all, " ")
	}
	return joined
}

var (
	required   = regexp.MustCompile(`(?m)^\t(\S+) v\S+$`) // not // indirect
	dependency = regexp.MustCompile(`(?m)^\| ([a-z]+\.[^ |]+(?:, [^ |]+)*) \|`)
)

// ARCHITECTURE.md says of every module that go.mod asks for itself what it is for, and of no
// other.
func TestDependenciesAreDescribed(t *testing.T) {
	t.Parallel()
	_, table, ok := strings.Cut(pageText(t, "ARCHITECTURE.md"), "\n| dependency | what for |\n")
	if !ok {
		t.Fatal("ARCHITECTURE.md has no table of dependencies")
	}
	var described, asked []string
	for _, row := range dependency.FindAllStringSubmatch(table, -1) {
		first, others, _ := strings.Cut(row[1], ", ")
		described = append(described, first)
		if others != "" { // beside the first one
			for name := range strings.SplitSeq(others, ", ") {
				described = append(described, path.Join(path.Dir(first), name))
			}
		}
	}
	for _, line := range required.FindAllStringSubmatch(string(read(t, "../../../go.mod")), -1) {
		asked = append(asked, line[1])
	}
	slices.Sort(described)
	slices.Sort(asked)
	if len(asked) < 10 {
		t.Fatalf("go.mod asks for %v only", asked)
	}
	for _, name := range asked {
		if !slices.Contains(described, name) {
			t.Errorf("ARCHITECTURE.md does not say what %s is for", name)
		}
	}
	for _, name := range described {
		if !slices.Contains(asked, name) {
			t.Errorf("ARCHITECTURE.md describes %s, for which go.mod does not ask", name)
		}
	}
	if twice := slices.Compact(slices.Clone(described)); len(twice) != len(described) {
		t.Error(fmt.Sprint("described twice: ", described))
	}
}
