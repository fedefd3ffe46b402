package pipetest

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"testing"

	"p1/pkg/sim"
)

// line is a record as it stands between two commands.
type line struct {
	V          int     `json:"v"`
	Type       string  `json:"type"`
	Source     string  `json:"source"`
	Session    string  `json:"session"`
	Offset     int64   `json:"offset"`
	Seq        int64   `json:"seq"`
	Status     string  `json:"status"`
	CRC        string  `json:"crc"`
	CRCSent    string  `json:"crc_sent"`
	CRCCalc    string  `json:"crc_calc"`
	EOL        string  `json:"eol"`
	Confidence float64 `json:"confidence"`
	Why        string  `json:"why"`
	Data       latin1  `json:"data"`
	Raw        latin1  `json:"raw"`
	Received   latin1  `json:"received"`
	Masked     []struct {
		At     int `json:"at"`
		Length int `json:"length"`
	} `json:"masked"`
	Edits []struct {
		At  int    `json:"at"`
		Got latin1 `json:"got"`
		Now latin1 `json:"now"`
		By  string `json:"by"`
	} `json:"edits"`
}

// latin1 are bytes that stand in JSON as the characters of the same number.
type latin1 []byte

func (b *latin1) UnmarshalJSON(text []byte) error {
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}
	*b = latin1{}
	for _, r := range s {
		if r > 0xFF {
			return fmt.Errorf("%q is no byte", r)
		}
		*b = append(*b, byte(r))
	}
	return nil
}

// lines reads records.
func lines(t testing.TB, out []byte) []line {
	t.Helper()
	var list []line
	d := json.NewDecoder(bytes.NewReader(out))
	for d.More() {
		var l line
		must(t, d.Decode(&l))
		list = append(list, l)
	}
	return list
}

// telegrams returns the records that are telegrams of one of the statuses, or of
// any.
func telegrams(list []line, statuses ...string) []line {
	var some []line
	for _, l := range list {
		if l.Type != "telegram" {
			continue
		}
		wanted := len(statuses) == 0
		for _, s := range statuses {
			wanted = wanted || l.Status == s
		}
		if wanted {
			some = append(some, l)
		}
	}
	return some
}

// received returns the bytes that a record was made of.
func (l *line) received() ([]byte, error) {
	if l.Type != "telegram" {
		return l.Data, nil
	}
	if l.Received != nil {
		return l.Received, nil
	}
	var out []byte
	from := 0
	for i, e := range l.Edits {
		if e.At < from || !bytes.HasPrefix(l.Raw[min(e.At, len(l.Raw)):], e.Now) {
			return nil, fmt.Errorf("edit %d of the telegram at %d does not fit", i, l.Offset)
		}
		out = append(append(out, l.Raw[from:e.At]...), e.Got...)
		from = e.At + len(e.Now)
	}
	out = append(out, l.Raw[from:]...)
	if l.EOL == "lf" {
		out = bytes.ReplaceAll(out, []byte("\r"), nil)
	}
	return out, nil
}

// conserve fails unless the records of one source are its bytes, in order.
func conserve(t testing.TB, stage string, list []line, log []byte) {
	t.Helper()
	var all []byte
	for _, l := range list {
		if l.Offset != int64(len(all)) {
			t.Errorf("%s: a %s at offset %d, want %d", stage, l.Type, l.Offset, len(all))
			return
		}
		got, err := l.received()
		if err != nil {
			t.Errorf("%s: %v", stage, err)
			return
		}
		all = append(all, got...)
	}
	if !bytes.Equal(all, log) {
		t.Errorf("%s: %d bytes come out, %d went in, and they differ", stage, len(all), len(log))
	}
}

// truth is a simulated log, and what the meter sent for it.
type truth struct {
	log  []byte
	sent []sim.Transmission
	ends []int64 // of each transmission in the log
}

func simulate(t testing.TB, query string) *truth {
	t.Helper()
	o, err := sim.ParseOptions(query)
	must(t, err)
	s, err := sim.New(o)
	must(t, err)
	x := &truth{}
	for tx, ok := s.Next(); ok; tx, ok = s.Next() {
		x.log = append(x.log, tx.Logged...)
		x.sent = append(x.sent, tx)
		x.ends = append(x.ends, int64(len(x.log)))
	}
	return x
}

// at returns the telegram that was sent when the middle of a record was logged: its ends may
// be those of its neighbours.
func (x *truth) at(t testing.TB, l *line) []byte {
	t.Helper()
	got, err := l.received()
	must(t, err)
	middle := l.Offset + int64(len(got)/2)
	for i, end := range x.ends {
		if middle < end {
			return x.sent[i].Plain
		}
	}
	t.Fatalf("a record at %d, after the end of the log", l.Offset)
	return nil
}

// checkTruth fails for a telegram that is called ok or repaired and is not what
// the meter sent.
func (x *truth) checkTruth(t testing.TB, list []line) {
	t.Helper()
	for _, l := range telegrams(list, "ok", "repaired") {
		if sent := x.at(t, &l); !bytes.Equal(l.Raw, sent) {
			t.Errorf("the telegram at %d is called %s and reads\n%q\nsent was\n%q", l.Offset, l.Status, l.Raw, sent)
		}
	}
}

// table is a CSV file by the names of its columns.
type table struct {
	heading []string
	rows    []map[string]string
}

func parseTable(t testing.TB, text []byte) table {
	t.Helper()
	all, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	must(t, err)
	if len(all) == 0 {
		t.Fatal("a table without a heading")
	}
	x := table{heading: all[0]}
	for _, cells := range all[1:] {
		row := map[string]string{}
		for i, cell := range cells {
			row[x.heading[i]] = cell
		}
		x.rows = append(x.rows, row)
	}
	return x
}
