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
	// Unfinished is what the name of a day ends in that is being written beside itself, sealed
	// or packed.
	Unfinished = ".tmp"
)

// ErrSealed is what is wrong with a file that only an identity opens.
var ErrSealed = errors.New("it is sealed (encrypted by age): p1cat --identity FILE reads it, with the file of the identity that age-keygen has made")

// wholeOnce leaves out each NAME.age, NAME.age.tmp and NAME.zst.tmp where NAME or NAME.zst is
// there too: that is the same day, which was about to be sealed or packed when the program was
// stopped.
func wholeOnce(names []string) []string {
	there := map[string]bool{}
	for _, name := range names {
		there[name] = true
	}
	return slices.DeleteFunc(names, func(name string) bool {
		day, unfinished := strings.CutSuffix(name, Unfinished)
		plain, sealed := strings.CutSuffix(day, SealSuffix)
		return sealed && there[plain] || unfinished && there[day] && compression(day) == ".zst"
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
	if dir := os.Getenv("CREDENTIALS_DIRECTORY"); isDescriptor(name) || dir != "" && filepath.Dir(name) == filepath.Clean(dir) {
		return 0, false
	}
	return info.Mode().Perm(), name != "/dev/stdin"
}

// isDescriptor reports whether a name is that of what is open already.
func isDescriptor(name string) bool {
	dir := filepath.Dir(name)
	return dir == "/dev/fd" || dir == "/proc/self/fd"
}

// Quoted are names as a command takes them from a shell.
func Quoted(names ...string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./=-"
	line, end := "", ""
	for _, name := range names {
		if strings.HasPrefix(name, "-") {
			end = "-- " // of the flags
		}
		if name == "" || strings.Trim(name, plain) != "" {
			name = "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
		}
		line += " " + name
	}
	return end + strings.TrimPrefix(line, " ")
}
