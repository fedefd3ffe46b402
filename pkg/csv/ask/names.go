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
	case err == nil && len(key) != keySize:
		return nil, fmt.Errorf("%s is no key of pseudonyms: it is to have %d bytes; delete it, and another one is made", path, keySize)
	case err == nil:
		return key, checkMode(path)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	key = make([]byte, keySize)
	if _, err := rand.Read(key); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return ReadKey(path) // another one has made it meanwhile
	}
	if err != nil {
		return nil, err
	}
	_, err = f.Write(key)
	return key, errors.Join(err, f.Close())
}
