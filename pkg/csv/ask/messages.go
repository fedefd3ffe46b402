package ask

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
)

// maxMessage is how many bytes a message of a client has at most. A question has a few hundred.
const maxMessage = 1 << 20

// The codes of JSON-RPC for what is no message.
const (
	noJSON    = -32700
	noRequest = -32600
)

// Messages takes the lines of a client and hands on those that are messages. Any other is
// answered with an error at once, so that one line that is wrong ends nothing.
func Messages(in io.Reader, out io.Writer) (io.ReadCloser, io.WriteCloser) {
	answers := &answers{to: out}
	return io.NopCloser(&messages{in: bufio.NewReader(in), answers: answers}), answers
}

// messages are the lines of a client that are messages.
type messages struct {
	in      *bufio.Reader
	answers *answers
	rest    []byte // of the line that is handed on
}

func (m *messages) Read(p []byte) (int, error) {
	for len(m.rest) == 0 {
		line, err := m.line()
		if len(line) == 0 && err != nil {
			return 0, err
		}
		if m.rest, err = m.checked(line); err != nil {
			return 0, err
		}
	}
	n := copy(p, m.rest)
	m.rest = m.rest[n:]
	return n, nil
}

// line is the next line, or as much of it as is too much.
func (m *messages) line() (line []byte, err error) {
	for {
		part, err := m.in.ReadSlice('\n')
		if len(line) <= maxMessage {
			line = append(line, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

// checked is a line that is a message, with its end; nothing where it is none, which is answered.
func (m *messages) checked(line []byte) ([]byte, error) {
	line = bytes.TrimSpace(line)
	_, err := jsonrpc.DecodeMessage(line)
	switch {
	case len(line) == 0:
		return nil, nil
	case len(line) > maxMessage:
		return nil, m.answers.refuse(nil, noRequest, "the message is too long")
	case !json.Valid(line):
		return nil, m.answers.refuse(nil, noJSON, "the line is no JSON")
	case line[0] != '{' || err != nil:
		return nil, m.answers.refuse(line, noRequest, "the line is no message of JSON-RPC 2.0")
	}
	return append(line, '\n'), nil
}

// answers writes whole lines to a client, whoever has them.
type answers struct {
	mu sync.Mutex
	to io.Writer
}

func (a *answers) Write(line []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.to.Write(line)
}

// Close leaves the writer below to whom it belongs.
func (a *answers) Close() error { return nil }

// refuse answers what is no message.
func (a *answers) refuse(line []byte, code int, words string) error {
	var of struct {
		ID any `json:"id"`
	}
	_ = json.Unmarshal(line, &of) // it may have none
	switch of.ID.(type) {
	case string, float64:
	default:
		of.ID = nil
	}
	answer, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": of.ID, "error": map[string]any{"code": code, "message": words}})
	if err != nil {
		return err
	}
	_, err = a.Write(append(answer, '\n'))
	return err
}
