package sources

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
)

// Shown is the name of a source as records and messages have it: without user and
// password, and of an address of the web or of a broker without its options.
//
//	mqtts://p1:secret@broker:8883/meter/telegram?ca=home.pem
//	mqtts://          broker:8883/meter/telegram
func Shown(name string) string {
	kind, rest, ok := strings.Cut(name, "://")
	if !ok || strings.HasPrefix(name, serialScheme) {
		return name
	}
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		rest = rest[at+1:]
	}
	if isHTTP(name) || isMQTT(name) {
		if end := strings.IndexAny(rest, "?#"); end >= 0 {
			rest = rest[:end]
		}
	}
	return kind + "://" + rest
}

// access is what opens a bridge or a broker that does not let everybody in.
type access struct {
	user, password string
	tls            *tls.Config
}

// parseAddress reads the name of a source that is an address with a host.
func parseAddress(name, example string) (*url.URL, access, error) {
	a := access{tls: &tls.Config{MinVersion: tls.VersionTLS12}}
	_, rest, _ := strings.Cut(name, "://")
	if end := strings.IndexAny(rest, "/?#"); end >= 0 && strings.Contains(rest[end:], "@") {
		return nil, a, errors.New("of an address only the @ before the host is written so, others %40, and in a password / %2F, ? %3F and # %23")
	}
	u, err := url.Parse(name)
	if err != nil || u.Hostname() == "" {
		return nil, a, errors.New("no address, as in " + example) // err may hold a password
	}
	if u.User != nil {
		a.user = u.User.Username()
		a.password, _ = u.User.Password()
	}
	return u, a, nil
}

// accessOptions are the names of the options that set understands.
const accessOptions = "password-file, ca and verify"

// set takes an option; known is false where it is not of this kind.
func (a *access) set(key, value string) (known bool, err error) {
	switch key {
	case "password-file":
		a.password, err = firstLine(value)
	case "ca":
		err = a.trust(value)
	case "verify":
		if value != "0" && value != "1" {
			return true, fmt.Errorf("verify=%s: want 0 or 1", value)
		}
		a.tls.InsecureSkipVerify = value == "0" // many bridges have a certificate that they have made themselves
	default:
		return false, nil
	}
	if err != nil {
		return true, fmt.Errorf("%s: %w", key, err)
	}
	return true, nil
}

// trust trusts the certificates of a PEM file, and no others.
func (a *access) trust(file string) error {
	text, err := readSmall(file)
	if err != nil {
		return err
	}
	a.tls.RootCAs = x509.NewCertPool()
	if !a.tls.RootCAs.AppendCertsFromPEM(text) {
		return fmt.Errorf("%s holds no certificate in PEM form", file)
	}
	return nil
}

// firstLine is the first line of a file that holds a password.
func firstLine(file string) (string, error) {
	text, err := readSmall(file)
	if err != nil {
		return "", err
	}
	line := bufio.NewScanner(strings.NewReader(string(text)))
	if !line.Scan() || line.Text() == "" {
		return "", fmt.Errorf("the first line of %s is empty", file)
	}
	return line.Text(), nil
}

// readSmall reads a file that a person has written.
func readSmall(file string) ([]byte, error) {
	const most = 1 << 20
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && len(text) > most {
		err = fmt.Errorf("%s has more than 1 MiB", file)
	}
	return text, err
}
