package tool

import (
	"cmp"
	"fmt"
	"regexp"
	"runtime/debug"
	"strings"

	"github.com/urfave/cli/v2"
)

// versionFlag is the flag that asks for the version.
func versionFlag() cli.Flag {
	return &cli.BoolFlag{Name: "version", Aliases: []string{"v"}, Usage: "print the version", DisableDefaultText: true}
}

// versionOr lets an action run unless the version is asked for.
func versionOr(action cli.ActionFunc) cli.ActionFunc {
	return func(c *cli.Context) error {
		if !c.Bool("version") {
			return action(c)
		}
		_, err := fmt.Fprintln(c.App.Writer, c.App.Name, c.App.Version)
		return err
	}
}

// version says which program this is: "1.0.0 (a1b2c3d4e5f6, 2026-11-30)".
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return unreleased
	}
	return versionOf(info)
}

// unreleased stands for the version of what no release is made of.
const unreleased = "devel"

// pseudo is the version that Go gives a commit without a tag: what it comes after, the time
// of the commit, and the commit (go.dev/ref/mod#pseudo-versions).
var pseudo = regexp.MustCompile(`^v.*[.-](\d{4})(\d\d)(\d\d)\d{6}-([0-9a-f]{12})$`)

// versionOf is the release, the commit and its date, as far as they are known: where a tag of
// the commit names a release, Go puts that into what it builds, from a checkout and by
// go install p1/cmd/...@v1.0.0; nothing has to be written into the source. "modified" is a
// tree with changes that the commit has not.
func versionOf(info *debug.BuildInfo) string {
	name, _, _ := strings.Cut(info.Main.Version, "+") // +dirty
	set := map[string]string{}
	for _, s := range info.Settings {
		set[s.Key] = s.Value
	}
	commit := set["vcs.revision"]
	date, _, _ := strings.Cut(set["vcs.time"], "T")
	if p := pseudo.FindStringSubmatch(name); p != nil {
		name = unreleased
		commit, date = cmp.Or(commit, p[4]), cmp.Or(date, p[1]+"-"+p[2]+"-"+p[3])
	}
	if name == "(devel)" {
		name = ""
	}
	var from []string
	if commit != "" {
		from = append(from, commit[:min(12, len(commit))], date)
	}
	if set["vcs.modified"] == "true" {
		from = append(from, "modified")
	}
	name = cmp.Or(strings.TrimPrefix(name, "v"), unreleased)
	if len(from) == 0 {
		return name
	}
	return name + " (" + strings.Join(from, ", ") + ")"
}
