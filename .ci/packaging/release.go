// Command packaging makes what a release consists of from commands that have been built:
// archives, the licences of all that is linked, the pages, an image for containers, bills of
// materials, and the manifests of package managers; each the same bytes whenever it is made of
// the same commit. .ci/release says in which order.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// release is what all parts of a release say of it.
type release struct {
	version, commit string
	when            time.Time // of the commit
	source          string    // the folder of the project's sources
}

// flags adds the flags that say which release it is.
func (r *release) flags(f *flag.FlagSet) {
	f.StringVar(&r.version, "version", "", "the `VERSION`")
	f.StringVar(&r.commit, "commit", "", "the `COMMIT` it is made of")
	f.Func("time", "when that was made, in `SECONDS` since 1970", func(text string) error {
		var seconds int64
		if _, err := fmt.Sscan(text, &seconds); err != nil {
			return err
		}
		r.when = time.Unix(seconds, 0).UTC()
		return nil
	})
	f.StringVar(&r.source, "source", ".", "the `FOLDER` of the sources")
}

// sources are the folders of the modules whose binaries are in a release, by the modules' paths.
func (r *release) sources() (map[string]string, error) {
	all := map[string]string{}
	for _, folder := range []string{r.source, filepath.Join(r.source, ".ci", "packaging")} {
		text, err := os.ReadFile(filepath.Join(folder, "go.mod"))
		if err != nil {
			return nil, err
		}
		all[moduleOf(string(text))] = folder
	}
	return all, nil
}

// step is a part of the work: its arguments, and how many there are at least.
type step struct {
	name, args string
	least      int
	run        func(r *release, args []string) error
}

// steps are what .ci/release calls.
var steps = []step{
	{"licences", "TARGET BINARIES FOLDER", 3, func(r *release, args []string) error { return writeLicences(r, args[0], args[1], args[2]) }},
	{"pages", "FOLDER", 1, func(r *release, args []string) error { return writePages(r, args[0]) }},
	{"archive", "FOLDER FILE", 2, func(r *release, args []string) error { return pack(args[0], args[1], r.when) }},
	{"image", "FILE TARGET=FOLDER...", 2, func(r *release, args []string) error { return writeImage(r, args[0], args[1:]) }},
	{"sbom", "FILE TARGET=BINARIES...", 2, func(r *release, args []string) error { return writeSBOM(r, args[0], args[1:]) }},
	{"manifests", "FOLDER", 1, func(r *release, args []string) error { return writeManifests(r, args[0]) }},
	{"check", "FOLDER SCHEMAS", 2, func(r *release, args []string) error { return check(args[0], args[1]) }},
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "packaging:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	for _, s := range steps {
		if len(args) == 0 || s.name != args[0] {
			continue
		}
		var r release
		f := flag.NewFlagSet(s.name, flag.ContinueOnError)
		r.flags(f)
		if err := f.Parse(args[1:]); err != nil {
			return err
		}
		if f.NArg() < s.least {
			return fmt.Errorf("usage: packaging %s [FLAGS] %s", s.name, s.args)
		}
		if err := s.run(&r, f.Args()); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		return nil
	}
	text := "the steps are"
	for _, s := range steps {
		text += "\n  " + s.name + " " + s.args
	}
	return fmt.Errorf("%s", text)
}

// writeLicences puts the project's licence and the texts of all others beside the binaries.
func writeLicences(r *release, name, folder, to string) error {
	t, err := parseTarget(name)
	if err != nil {
		return err
	}
	binaries, err := readBinaries(folder)
	if err != nil {
		return err
	}
	all, err := parts(t, r, binaries)
	if err != nil {
		return err
	}
	own, err := os.ReadFile(filepath.Join(r.source, "LICENSE"))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(to, "LICENSE"), own, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(to, "THIRD-PARTY.txt"), []byte(notices(all)), 0o644)
}
