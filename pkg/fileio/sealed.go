package fileio

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// Unseal decrypts what was encrypted by age, in either of its two forms.
type Unseal func(r io.Reader) (io.Reader, error)

const (
	// SealSuffix is what the name of a file ends in that is encrypted by age.
	SealSuffix = ".age"
	// unfinished is what the name of one ends in that is being written.
	unfinished = SealSuffix + ".tmp"
)

// IndexOf is where the index of an archive's file is kept, beside the archive. It shows habits
// as clearly as the file does, so that it is not to outlive the file where that is sealed.
func IndexOf(path string) string {
	folder, name := filepath.Split(path)
	return filepath.Join(folder, ".p1index", name+".index.jsonl")
}

// ErrSealed is what is wrong with a file that only an identity opens.
var ErrSealed = errors.New("it is sealed (encrypted by age): p1cat --identity FILE reads it, with the file of the identity that age-keygen has made")

// unsealedFirst leaves out each NAME.age and NAME.age.tmp where NAME is there too: that is the
// same day, which was about to be sealed when the program was stopped.
func unsealedFirst(names []string) []string {
	there := map[string]bool{}
	for _, name := range names {
		there[name] = true
	}
	return slices.DeleteFunc(names, func(name string) bool {
		for _, suffix := range []string{SealSuffix, unfinished} {
			if plain, ok := strings.CutSuffix(name, suffix); ok && there[plain] {
				return true
			}
		}
		return false
	})
}

// Exposed reports whether others than its owner may read a file that holds a secret, and its
// mode. On Windows modes do not say, a descriptor's file was opened by somebody else, and what
// is in $CREDENTIALS_DIRECTORY systemd keeps from others by other means.
func Exposed(name string) (fs.FileMode, bool) {
	const others = 0o077
	info, err := os.Stat(name)
	if err != nil || runtime.GOOS == "windows" || !info.Mode().IsRegular() || info.Mode()&others == 0 {
		return 0, false
	}
	for _, dir := range []string{"/dev/fd", "/proc/self/fd", os.Getenv("CREDENTIALS_DIRECTORY")} {
		if dir != "" && filepath.Dir(name) == filepath.Clean(dir) {
			return 0, false
		}
	}
	return info.Mode().Perm(), name != "/dev/stdin"
}

// Quoted is a name as a shell takes it.
func Quoted(name string) string {
	if strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-") == "" && !strings.HasPrefix(name, "-") {
		return name
	}
	return "-- '" + strings.ReplaceAll(name, "'", `'\''`) + "'"
}
