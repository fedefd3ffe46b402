package homeassistant

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"p1/pkg/cat/sources"
	"p1/pkg/csv/tables"
	"p1/pkg/frame"
	"p1/pkg/record"
)

// telegrams gives those of the simulated meter that a query describes.
func telegrams(t testing.TB, query string) []*record.Telegram {
	t.Helper()
	var kept telegramList
	stage := frame.New(&kept, frame.Options{})
	from, err := sources.Open("demo:?"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	for {
		r, err := from.Next(context.Background())
		if err == io.EOF {
			break
		}
		if err == nil {
			err = stage.Take(r)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := stage.Close(); err != nil {
		t.Fatal(err)
	}
	if len(kept) == 0 {
		t.Fatalf("%s has no telegrams", query)
	}
	return kept
}

type telegramList []*record.Telegram

func (l *telegramList) Write(r record.Record) error {
	if r, ok := r.(*record.Telegram); ok {
		c := *r
		c.Raw = bytes.Clone(r.Raw)
		*l = append(*l, &c)
	}
	return nil
}
func (l *telegramList) Flush() error { return nil }

// messagesOf gives the messages for telegrams, as text.
func messagesOf(t testing.TB, o tables.Options, prefix string, list []*record.Telegram) string {
	t.Helper()
	head, err := tables.NewHead(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range list {
		known, err := head.Take(r)
		if err != nil {
			t.Fatal(err)
		}
		if known {
			break
		}
	}
	m, columns, err := head.Known()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := Write(&b, prefix, m, columns); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// rowsOf gives the rows of telegrams as JSON lines.
func rowsOf(t testing.TB, o tables.Options, list []*record.Telegram) string {
	t.Helper()
	var b bytes.Buffer
	o.Format = tables.JSON
	w, err := tables.New(&b, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range list {
		if err := w.Take(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// sent is a message as Home Assistant gets it: what a test looks at, by the names
// that its documentation has.
type sent struct {
	Topic string
	Keys  map[string]any
}

func (s sent) text(key string) string { text, _ := s.Keys[key].(string); return text }

// parse reads messages as the shell of the README does: up to the first blank, and
// the rest of the line.
func parse(t testing.TB, text string) (list []sent) {
	t.Helper()
	for line := range strings.Lines(text) {
		topic, payload, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		s := sent{Topic: topic}
		if err := json.Unmarshal([]byte(payload), &s.Keys); err != nil || !ok {
			t.Fatalf("%.100q is no topic and JSON: %v", line, err)
		}
		list = append(list, s)
	}
	if len(list) == 0 {
		t.Fatal("there are no messages")
	}
	return list
}
