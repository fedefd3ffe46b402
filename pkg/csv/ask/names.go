package ask

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sync"

	"p1/pkg/fileio"
)

// pseudonym is a name for a text that may be anything. Who does not have the key cannot
// find out of which.
func (a *Asker) pseudonym(kind, text string) string {
	h := hmac.New(sha256.New, a.o.Key)
	fmt.Fprintf(h, "%s\x00%s", kind, text)
	return kind + "-" + hex.EncodeToString(h.Sum(nil)[:5])
}

// plainNumber is an identifier as grid operators give it: nothing that could be a sentence.
var plainNumber = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Z]{0,4}[0-9]{4,34}$`) })

// meterName is the name of a meter in answers.
func (a *Asker) meterName(name string) string {
	switch {
	case name == "":
		return "meter-unnamed"
	case a.o.ShowNumbers && plainNumber().MatchString(name):
		return name
	}
	return a.pseudonym("meter", name)
}

// keySize is how long the key of the pseudonyms is.
const keySize = 32

// ReadKey reads the key of the pseudonyms from a file, or makes it. Nobody else may read it.
func ReadKey(path string) ([]byte, error) {
	key, err := os.ReadFile(path)
	switch {
	case err == nil && len(key) == 0: // of a disk that was full, or a power failure: it was no key yet
		err = os.Remove(path)
	case err == nil && len(key) != keySize:
		return nil, fmt.Errorf("%s is no key of pseudonyms: it is to have %d bytes; delete it, and another one is made", path, keySize)
	case err == nil:
		return key, checkMode(path)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := makeKey(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err // or another one has made it meanwhile
	}
	key, err = os.ReadFile(path)
	if err == nil && len(key) != keySize {
		err = fmt.Errorf("%s: the key of pseudonyms is not whole", path)
	}
	return key, err
}

// makeKey makes a key, whole or not at all, where there is none.
func makeKey(path string) error {
	key := make([]byte, keySize)
	if _, err := rand.Read(key); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp") // 0600
	if err != nil {
		return err
	}
	_, err = tmp.Write(key)
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err == nil {
		err = os.Link(tmp.Name(), path)
		if err != nil && !errors.Is(err, fs.ErrExist) { // of a file system without links
			err = fileio.Rename(tmp.Name(), path)
		}
	}
	if gone := os.Remove(tmp.Name()); !errors.Is(gone, fs.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	return err
}
