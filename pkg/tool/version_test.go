package tool

import (
	"runtime/debug"
	"testing"
)

// TestVersion: what Go says of a build, by how that was made. The build infos are those that
// go version -m showed.
func TestVersion(t *testing.T) {
	const commit = "24a259ef8100f1ab877ed8efc2bd6414e93766e4"
	for _, c := range []struct{ how, module, revision, time, modified, want string }{
		{"go build of a commit with a tag", "v1.0.0-rc1", commit, "2026-11-30T14:30:58Z", "false", "1.0.0-rc1 (24a259ef8100, 2026-11-30)"},
		{"go build of that with changes", "v1.0.0-rc1+dirty", commit, "2026-11-30T14:30:58Z", "true", "1.0.0-rc1 (24a259ef8100, 2026-11-30, modified)"},
		{"go build of another commit", "v0.0.0-20261130143058-24a259ef8100", commit, "2026-11-30T14:30:58Z", "false", "devel (24a259ef8100, 2026-11-30)"},
		{"of one after a release, with changes", "v1.0.1-0.20261130143058-24a259ef8100+dirty", commit, "2026-11-30T14:30:58Z", "true", "devel (24a259ef8100, 2026-11-30, modified)"},
		{"go install @v1.0.0", "v1.0.0", "", "", "", "1.0.0"},
		{"go install @24a259ef8100", "v0.0.0-20261130143058-24a259ef8100", "", "", "", "devel (24a259ef8100, 2026-11-30)"},
		{"-buildvcs=false", "(devel)", "", "", "", "devel"},
		{"a test", "", "", "", "", "devel"},
	} {
		info := &debug.BuildInfo{Main: debug.Module{Path: "p1", Version: c.module}}
		for key, value := range map[string]string{"vcs.revision": c.revision, "vcs.time": c.time, "vcs.modified": c.modified} {
			if value != "" {
				info.Settings = append(info.Settings, debug.BuildSetting{Key: key, Value: value})
			}
		}
		if got := versionOf(info); got != c.want {
			t.Errorf("%s: %q, want %q", c.how, got, c.want)
		}
	}
}
