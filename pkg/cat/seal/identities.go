package seal

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"filippo.io/age"
	"filippo.io/age/armor"

	"p1/pkg/fileio"
)

// Ask asks a person for a passphrase.
type Ask func() (string, error)

// Identities open what was sealed for their recipients. Without any, and with Ask, they open
// what is sealed with a passphrase.
type Identities struct {
	list []age.Identity
	Ask  Ask
}

// ReadIdentities reads a file of identities, one a line, as age-keygen writes it, or one that
// is itself encrypted with a passphrase, as age -p writes it. What is in it is never in its
// errors. A file that others may read is refused: *[ExposedError].
func ReadIdentities(name string, ask Ask) (*Identities, error) {
	if name == fileio.Stdin {
		return nil, errors.New("standard input is for the records: name a file, or another descriptor such as /dev/fd/3")
	}
	if mode, exposed := fileio.Exposed(name); exposed {
		return nil, &ExposedError{name, mode}
	}
	i := &Identities{Ask: ask}
	in, err := fileio.OpenSealed(name, nil, fileio.Records, i.Unseal)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &MissingError{name}
	}
	if err != nil {
		return nil, err
	}
	list, err := age.ParseIdentities(in)
	if err = errors.Join(err, in.Close()); err != nil {
		return nil, fmt.Errorf("%s: there is no identity that is known here in it: one is a line AGE-SECRET-KEY-..., as age-keygen writes it", name)
	}
	i.list = list
	return i, nil
}

// ExposedError is an identity that others may read.
type ExposedError struct {
	Name string
	Mode fmt.Stringer
}

func (e *ExposedError) Error() string {
	return fmt.Sprintf("%s: others may read this identity (%v), and with it all that is sealed", e.Name, e.Mode)
}

// Hint says what to do about it.
func (e *ExposedError) Hint() string {
	return "chmod 600 " + fileio.Quoted(e.Name) + " keeps it for its owner; whoever has read it before has it"
}

// MissingError is a file of identities that is not there.
type MissingError struct{ Name string }

func (e *MissingError) Error() string { return e.Name + ": there is no such file of identities" }

// Unwrap says what kind of error it is.
func (e *MissingError) Unwrap() error { return fs.ErrNotExist }

// Hint says what to do about it.
func (e *MissingError) Hint() string {
	return "it is the file that age-keygen -o has made for the recipient, with a line AGE-SECRET-KEY-...; without it nobody reads what is sealed"
}

// sealedError says why a passphrase does not open a file.
type sealedError struct{ error }

func (e *sealedError) Unwrap() error { return e.error }

// Unseal decrypts what was encrypted by age, as a file of bytes or of text. It is a
// [fileio.Unseal].
func (i *Identities) Unseal(r io.Reader) (io.Reader, error) {
	b := bufio.NewReader(r)
	if head, _ := b.Peek(len(armor.Header)); string(head) == armor.Header {
		b = bufio.NewReader(armor.NewReader(b))
	}
	list := i.list
	if len(list) == 0 {
		list = []age.Identity{passphrase{i.Ask}}
	}
	plain, err := age.Decrypt(b, list...)
	switch {
	case err == nil:
		return plain, nil
	case errors.As(err, new(*sealedError)):
		return nil, err // of the passphrase
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return nil, io.ErrUnexpectedEOF
	case errors.As(err, new(*age.NoIdentityMatchError)) && len(i.list) == 0:
		return nil, fileio.ErrSealed
	case errors.As(err, new(*age.NoIdentityMatchError)):
		return nil, errors.New("it is sealed for other recipients than this identity's: age-keygen -y says which one an identity has")
	}
	return nil, fmt.Errorf("it cannot be decrypted: %w", err)
}

// passphrase is an identity that asks a person, if the file is sealed with a passphrase.
type passphrase struct{ ask Ask }

// hardest is how much work a passphrase may take: 2^18 needs 256 MB, and is what age asks for.
const hardest = 18

func (p passphrase) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	if len(stanzas) != 1 || stanzas[0].Type != "scrypt" || p.ask == nil {
		return nil, age.ErrIncorrectIdentity
	}
	text, err := p.ask()
	if err != nil {
		return nil, &sealedError{fmt.Errorf("it is sealed with a passphrase: %w", err)}
	}
	id, err := age.NewScryptIdentity(text)
	if err != nil {
		return nil, &sealedError{err}
	}
	id.SetMaxWorkFactor(hardest)
	key, err := id.Unwrap(stanzas)
	if errors.Is(err, age.ErrIncorrectIdentity) {
		return nil, &sealedError{errors.New("this is not its passphrase")}
	}
	return key, err
}
