package tool

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"p1/pkg/dlms"
	"p1/pkg/fileio"
)

// Where keys come from, but for --key-file.
const (
	keyVariable  = "P1_KEY"
	authVariable = "P1_AUTH_KEY"
)

// keyDigits is how long a key is.
const keyDigits = 2 * dlms.KeySize

// KeyFlags say where keys come from. Those that would take the key itself are there
// to say why not.
func KeyFlags() []cli.Flag {
	return []cli.Flag{
		Reads(&cli.StringFlag{Name: "key-file", Usage: "decrypt with the key in `FILE`: a line of 32 hex digits; \"auth: \" and 32 hex digits are the authentication key"}),
		&cli.StringFlag{Name: "key", Hidden: true},
		&cli.StringFlag{Name: "auth-key", Hidden: true},
	}
}

// keyText is a key as it was given, and where.
type keyText struct{ text, where string }

// ReadKeys returns the keys that the person has given, or nil.
func ReadKeys(c *cli.Context) (*dlms.Keys, error) {
	for _, name := range []string{"key", "auth-key"} {
		if c.IsSet(name) {
			return nil, Usagef("there is no --%s: others on this machine can see a command line; write the key into a file for --key-file", name)
		}
	}
	key := keyText{os.Getenv(keyVariable), keyVariable}
	auth := keyText{os.Getenv(authVariable), authVariable}
	if c.IsSet("key-file") {
		var err error
		name := c.String("key-file")
		if key, auth, err = readKeyFile(name, auth); err != nil {
			return nil, err
		}
		if mode, exposed := fileio.Exposed(name); exposed {
			Say(c)(fmt.Sprintf("%s: others may read this key (%v), and with it the meter: chmod 600 %s", name, mode, fileio.Quoted(name)))
		}
	}
	if key.text == "" {
		return nil, nil
	}
	secret, err := key.bytes("the key")
	if err != nil || auth.text == "" {
		return orKeys(err, secret, nil)
	}
	second, err := auth.bytes("the authentication key")
	return orKeys(err, secret, second)
}

func orKeys(err error, secret, auth []byte) (*dlms.Keys, error) {
	if err != nil {
		return nil, err
	}
	return dlms.NewKeys(secret, auth)
}

// maxKeyFile is more than any key file holds.
const maxKeyFile = 64 << 10

// readKeyFile reads a file such as
//
//	# the meter in the cellar          a comment
//	000102030405060708090A0B0C0D0E0F   the key; blanks may stand between the digits
//	auth: D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF
//
// The last line is needed where the grid operator has an authentication key of its own;
// without it, auth stays what it was.
func readKeyFile(name string, auth keyText) (key, second keyText, err error) {
	if name == fileio.Stdin {
		return key, auth, Usagef("--key-file %s: standard input is for the records", name)
	}
	text, err := readText(name)
	if err != nil {
		return key, auth, &keyFileError{err}
	}
	if len(text) > maxKeyFile {
		return key, auth, Usagef("%s is no key file: it is longer than %d bytes", name, maxKeyFile)
	}
	keys, seconds := 0, 0
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		rest, isAuth := strings.CutPrefix(strings.TrimSpace(line), "auth:")
		switch digits := strings.Join(strings.Fields(rest), ""); {
		case isAuth:
			auth, seconds = keyText{digits, name}, seconds+1
		case digits != "":
			key, keys = keyText{digits, name}, keys+1
		}
	}
	switch {
	case keys == 0:
		return key, auth, Usagef("%s holds no key: a key is a line of %d hex digits", name, keyDigits)
	case keys > 1:
		return key, auth, Usagef("%s holds %d keys: one is needed; a line with an authentication key begins with auth:", name, keys)
	case seconds > 1, seconds == 1 && auth.text == "":
		return key, auth, Usagef("%s: auth: is followed by one authentication key, of %d hex digits, and stands once", name, keyDigits)
	}
	return key, auth, nil
}

// readText reads a file of text in whatever encoding an editor gave it, as far as a
// byte more than maxKeyFile.
func readText(name string) (string, error) {
	in, err := fileio.Open(name, nil, fileio.Records)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(io.LimitReader(in, maxKeyFile+1))
	return strings.TrimPrefix(string(text), "\uFEFF"), errors.Join(err, in.Close())
}

// keyFileError says that a key file cannot be read.
type keyFileError struct{ error }

func (e *keyFileError) Unwrap() error { return e.error }

// Hint says what to do about it.
func (*keyFileError) Hint() string {
	return fmt.Sprintf("--key-file names a file with the meter's key, which you may read; %s may hold the key instead", keyVariable)
}

// bytes decodes a key. Its errors say what was found, but never the key.
func (k keyText) bytes(what string) ([]byte, error) {
	text := strings.Join(strings.Fields(k.text), "")
	if n := len([]rune(text)); n != keyDigits {
		return nil, Usagef("%s in %s has %d characters: it needs %d hex digits", what, k.where, n, keyDigits)
	}
	secret, err := hex.DecodeString(text)
	if err != nil {
		return nil, Usagef("%s in %s has characters that are no hex digits (0-9, A-F): it needs %d of them", what, k.where, keyDigits)
	}
	return secret, nil
}
