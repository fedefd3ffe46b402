package seal

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"filippo.io/age"

	"p1/pkg/fileio"
)

// Recipients are those for whom days are sealed: each of them can open every day.
type Recipients struct{ list []age.Recipient }

const (
	classic = "age1"
	quantum = "age1pq1"
	secret  = "AGE-SECRET-KEY-"
)

// ParseRecipients reads recipients, or the names of files of them, one a line. What is given
// is never in its errors whole: it might be a secret.
func ParseRecipients(given []string) (*Recipients, error) {
	r := &Recipients{}
	kinds := map[bool]string{} // the first of each: post-quantum, or not
	for _, text := range given {
		lines, err := recipientsIn(text)
		if err != nil {
			return nil, err
		}
		for _, line := range lines {
			to, err := parseRecipient(line)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", where(text), err)
			}
			kinds[strings.HasPrefix(line, quantum)] = line[:min(len(line), 16)] + "..."
			r.list = append(r.list, to)
		}
	}
	switch {
	case len(r.list) == 0:
		return nil, errors.New("it names no recipient: want age1... or a file of such lines")
	case len(kinds) > 1:
		return nil, fmt.Errorf("%s is post-quantum and %s is not: whoever breaks the one reads all, so age takes no mixture; name recipients of one kind",
			kinds[true], kinds[false])
	}
	// Whatever else age will not do, it says now.
	if _, err := age.Encrypt(io.Discard, r.list...); err != nil {
		return nil, err
	}
	return r, nil
}

// where is what a recipient or a file of them is called.
func where(text string) string {
	if strings.HasPrefix(text, classic) || strings.HasPrefix(strings.ToUpper(text), secret) {
		return "a recipient"
	}
	return text
}

// recipientsIn returns what was given, or the lines of the file of that name.
func recipientsIn(text string) ([]string, error) {
	switch {
	case text == "":
		return nil, errors.New("a recipient is empty")
	case where(text) != text:
		return []string{text}, nil
	case strings.HasPrefix(text, "ssh-"):
		return nil, errSSH
	case text == fileio.Stdin:
		return nil, errors.New("standard input is for the meter: name a file of recipients")
	}
	lines, err := readLines(text)
	if err == nil && len(lines) == 0 {
		err = fmt.Errorf("%s: there is no recipient in it", text)
	}
	return lines, err
}

var errSSH = errors.New("a key of ssh is no recipient here: age-keygen makes an identity, and prints its recipient")

func parseRecipient(line string) (age.Recipient, error) {
	switch {
	case strings.HasPrefix(strings.ToUpper(line), secret):
		return nil, errors.New("this is an identity, the secret that opens what is sealed: keep it on another machine; " +
			"its recipient is what age-keygen -y prints")
	case strings.HasPrefix(line, "ssh-"):
		return nil, errSSH
	case strings.HasPrefix(line, quantum):
		r, err := age.ParseHybridRecipient(line)
		return r, misread(err)
	case strings.HasPrefix(line, classic):
		r, err := age.ParseX25519Recipient(line)
		return r, misread(err)
	}
	return nil, errors.New("this is no recipient: want age1... or age1pq1..., as age-keygen prints them")
}

// misread says that a recipient is not whole.
func misread(err error) error {
	if err == nil {
		return nil
	}
	return errors.New("this recipient is not whole, or of a plugin, which is not known here: copy the line that age-keygen prints")
}

// readLines returns the lines of a file of keys that are neither empty nor comments.
func readLines(name string) ([]string, error) {
	const most = 1 << 20
	in, err := fileio.Open(name, nil, fileio.Records)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(in, most))
	if err = errors.Join(err, in.Close()); err != nil {
		return nil, err
	}
	if len(text) == most {
		return nil, fmt.Errorf("%s is no file of keys: it is longer than %d bytes", name, most)
	}
	var lines []string
	for line := range strings.Lines(strings.TrimPrefix(string(text), "\uFEFF")) {
		lines = append(lines, strings.TrimSpace(line))
	}
	return slices.DeleteFunc(lines, func(line string) bool { return line == "" || line[0] == '#' }), nil
}
