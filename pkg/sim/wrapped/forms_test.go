package wrapped_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"p1/pkg/sim"
	"p1/pkg/sim/longtest"
	"p1/pkg/sim/wrapped"
)

// The meters whose logs are wrapped, and how often a byte of the second log is hit.
var meters = []string{"hu", "nl", "be", "se", "dsmr3"}

const hits = "&noise=slow-rise&rate=0.001&pause-rate=0.001"

// A log is one that is wrapped.
type log struct {
	name    string
	capture wrapped.Capture
	sent    []sim.Transmission
}

// rows are those of a result, as far as they are the same whenever the telegrams came.
func (l log) rows(r result) []string {
	if strings.HasPrefix(l.name, "dsmr3") { // it has no clock
		return r.timeless
	}
	return r.rows
}

func logs(t testing.TB) []log {
	t.Helper()
	var out []log
	for _, noise := range []string{"", hits} {
		for _, m := range meters {
			name := m
			if noise != "" {
				name += ", hit"
			}
			c, sent := simulate(t, "meter="+m+"&telegrams=40&logger=raw&seed=11"+noise)
			out = append(out, log{name, c, sent})
		}
	}
	// One telegram is what people paste.
	c, sent := simulate(t, "meter=nl&telegrams=1&logger=raw&seed=12")
	return append(out, log{"nl, one", c, sent})
}

// Every form, and every pair, of a meter's log gives what the plain log gives; a form that
// loses bytes gives what the log gives that it has left. The long form of the test takes
// every meter's log.
func TestFormsAreTakenOff(t *testing.T) {
	all := logs(t)
	r := &reference{flags: asIs(t), known: map[uint64]result{}}
	forms, pairs := wrapped.Forms(), wrapped.Pairs()
	x := &table{logs: all, lines: make([]tableLine, len(forms)+len(pairs))}
	t.Run("all", func(t *testing.T) {
		for i, f := range slices.Concat(forms, pairs) {
			some := all
			if !longtest.Asked() {
				// A third of them each with one meter's log; the meters take turns, and every other
				// log is hit.
				if i%3 > 0 {
					continue
				}
				some = []log{all[i%2*len(meters)+(i/2)%len(meters)]}
			}
			t.Run(f.Name, func(t *testing.T) {
				t.Parallel()
				x.lines[i] = measure(t, r, f, some)
			})
		}
	})
	x.print(t)
}

// What an ideal p1cat would give is judged right, and anything less is not.
func TestJudge(t *testing.T) {
	r := &reference{flags: asIs(t), known: map[uint64]result{}}
	all := logs(t)
	for i, f := range slices.Concat(wrapped.Forms(), wrapped.Pairs()) {
		l := all[i%len(all)]
		if f.Needs != "" || len(f.Wrap(l.capture)) == 0 || f.Files != nil && len(l.capture) == 1 {
			continue
		}
		files := [][]byte{l.capture.Bytes()}
		if f.Files != nil {
			files = nil
			for _, part := range f.Files(l.capture) {
				files = append(files, part.Bytes())
			}
		}
		if f.Left != nil && !f.Loose {
			files = f.Left(l.capture)[:1]
		}
		ideal := r.of(t, files...)
		ideal.unwrapped, ideal.said = []string{"a form"}, "p1cat: a form: taken off\n"
		if c := judge(t, r, f, l, ideal); c.fault != "" || c.right != c.rows {
			t.Errorf("%s of %s: what is ideal is judged %d/%d %s", f.Name, l.name, c.right, c.rows, c.fault)
		}
		less := ideal
		less.records, less.telegrams = cutOff(ideal.records), ideal.telegrams[1:]
		if c := judge(t, r, f, l, less); c.fault == "" && !(f.Loose && l.sent[0].Hits > 0) {
			t.Errorf("%s of %s: what lacks a telegram is judged right", f.Name, l.name)
		}
	}
}

// cutOff is a list without its last one.
func cutOff(list []string) []string { return list[:max(len(list)-1, 0)] }

// asIs is how p1cat is told to take nothing off the logs that others are compared with.
func asIs(t testing.TB) []string {
	t.Helper()
	help, _, _ := command(t, "", nil, "p1cat", "--help")
	if bytes.Contains(help, []byte("--as-is")) {
		return []string{"--as-is"}
	}
	return nil
}

// A reference knows what plain logs give.
type reference struct {
	flags []string
	mu    sync.Mutex
	known map[uint64]result
}

var seed = maphash.MakeSeed()

// of is what logs give, each in a file of its own.
func (r *reference) of(t testing.TB, logs ...[]byte) result {
	var h maphash.Hash
	h.SetSeed(seed)
	var names []string
	for i, l := range logs {
		fmt.Fprintf(&h, "%d ", len(l))
		h.Write(l)
		names = append(names, fmt.Sprintf("p1-%d.log", i))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	x, ok := r.known[h.Sum64()]
	if !ok {
		x = read(t, r.flags, names, logs...)
		r.known[h.Sum64()] = x
	}
	return x
}

// A cell is what came of one form of one log.
type cell struct {
	right, rows int
	fault       string // empty: all is right
}

// A table is what came of all.
type table struct {
	logs  []log
	lines []tableLine
}

type tableLine struct {
	form  wrapped.Form
	cells map[string]cell
}

// measure wraps some logs in a form, and judges what comes of them.
func measure(t *testing.T, r *reference, f wrapped.Form, logs []log) tableLine {
	t.Helper()
	if f.Needs != "" {
		if _, err := exec.LookPath(f.Needs); err != nil {
			t.Skipf("there is no %s", f.Needs)
		}
	}
	line := tableLine{f, map[string]cell{}}
	name := f.File
	if name == "" {
		name = "p1.log"
	}
	for _, l := range logs {
		file := f.Wrap(l.capture).Bytes()
		if len(file) == 0 || f.Files != nil && len(l.capture) == 1 {
			continue // what takes nothing but ASCII has none of this meter; one telegram has no halves
		}
		got := read(t, nil, []string{name}, file)
		line.cells[l.name] = judge(t, r, f, l, got)
	}
	return line
}

// judge compares what a file gives with what it has left of the log.
func judge(t testing.TB, r *reference, f wrapped.Form, l log, got result) cell {
	var c cell
	switch {
	case f.Loose:
		c = judgeLoosely(l, got)
	case f.Left != nil:
		for i, left := range f.Left(l.capture) {
			want := r.of(t, left)
			this := cell{common(l.rows(want), l.rows(got)), len(want.rows), compare("telegrams", want.telegrams, got.telegrams)}
			if this.fault == "" {
				this.fault = compare("rows", l.rows(want), l.rows(got))
			}
			if i == 0 || this.fault == "" || this.right > c.right || this.right == c.right && this.rows > c.rows {
				c = this
			}
			if this.fault == "" {
				break // one reading is enough
			}
		}
	default:
		files := [][]byte{l.capture.Bytes()}
		if f.Files != nil {
			files = nil
			for _, part := range f.Files(l.capture) {
				files = append(files, part.Bytes())
			}
		}
		want := r.of(t, files...)
		c = cell{common(l.rows(want), l.rows(got)), len(want.rows), compare("records", want.records, got.records)}
		if c.fault == "" {
			c.fault = compare("rows", l.rows(want), l.rows(got))
		}
	}
	if c.fault == "" {
		c.fault = manners(f, got)
	}
	return c
}

// judgeLoosely wants the telegrams that the line has left alone, and no telegram that is
// called right and was not sent.
func judgeLoosely(l log, got result) cell {
	c := cell{}
	sent := map[string]bool{}
	at := 0
	for _, tx := range l.sent {
		raw := jsonBytes(tx.Plain)
		sent[raw] = true
		if tx.Hits > 0 {
			continue
		}
		c.rows++
		i := slices.IndexFunc(got.telegrams[at:], func(x string) bool { return x == `"ok" `+raw || x == `"unchecked" `+raw })
		if i >= 0 {
			c.right, at = c.right+1, at+i+1
		}
	}
	if c.right < c.rows {
		c.fault = fmt.Sprintf("%d of %d intact telegrams", c.right, c.rows)
	}
	for _, x := range got.telegrams {
		if raw, ok := strings.CutPrefix(x, `"ok" `); ok && !sent[raw] {
			c.fault = "a telegram is called ok and was not sent: " + raw
		}
	}
	return c
}

// jsonBytes is how bytes stand in a record as p1frame writes it.
func jsonBytes(b []byte) string {
	var s strings.Builder
	for _, c := range b {
		s.WriteRune(rune(c))
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(s.String()); err != nil {
		panic(err)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// manners is what is wanted of p1cat beside the bytes: it ends well, says what it has
// taken off, once, and the chunks say it too.
func manners(f wrapped.Form, got result) string {
	if got.code != 0 {
		return fmt.Sprintf("p1cat ends with %d: %s", got.code, got.said)
	}
	if f.Natural || strings.HasPrefix(f.Name, "UTF-16") || slices.Contains(packedNames, f.Name) {
		return ""
	}
	if len(got.unwrapped) == 0 {
		return "the first chunk does not say what was taken off"
	}
	said := strings.Split(strings.TrimSpace(got.said), "\n")
	if got.said == "" {
		return "p1cat says nothing"
	}
	slices.Sort(said)
	if len(slices.Compact(slices.Clone(said))) < len(said) {
		return "p1cat says the same twice: " + got.said
	}
	return ""
}

// packedNames are the forms that are compression, of which nothing has to be said.
var packedNames = []string{"xz", "bz2", "zip", "zip of two", "gzip in zip", "xz + zip"}

func compare(what string, want, got []string) string {
	if len(want) != len(got) {
		return fmt.Sprintf("%d %s, want %d", len(got), what, len(want))
	}
	for i := range want {
		if want[i] != got[i] {
			at := 0
			for at < min(len(want[i]), len(got[i])) && want[i][at] == got[i][at] {
				at++
			}
			from := max(at-20, 0)
			return fmt.Sprintf("%s: number %d differs: …%.60q, want …%.60q", what, i+1, got[i][from:], want[i][from:])
		}
	}
	return ""
}

// print writes the rows that are right of the rows there are, and fails for each form that
// is not right throughout.
func (x *table) print(t *testing.T) {
	var b strings.Builder
	fmt.Fprintf(&b, "%-40s", "rows right of rows")
	for _, l := range x.logs {
		fmt.Fprintf(&b, " %-11s", l.name)
	}
	b.WriteString("\n")
	good, asked := 0, 0
	for _, line := range x.lines {
		if line.cells == nil {
			continue // skipped
		}
		fmt.Fprintf(&b, "%-40s", line.form.Name)
		fault := ""
		for _, l := range x.logs {
			c, ok := line.cells[l.name]
			mark := ""
			if c.fault != "" {
				mark = "!"
				if fault == "" {
					fault = l.name + ": " + c.fault
				}
			}
			if !ok {
				fmt.Fprintf(&b, " %-11s", "")
			} else {
				fmt.Fprintf(&b, " %-11s", fmt.Sprintf("%d/%d%s", c.right, c.rows, mark))
			}
		}
		b.WriteString("\n")
		if fault != "" {
			fmt.Fprintf(&b, "    %s\n", fault)
		}
		if line.form.Unasked {
			continue
		}
		asked++
		if fault == "" {
			good++
		}
	}
	fmt.Fprintf(&b, "%d of %d forms and pairs are right throughout\n", good, asked)
	t.Log("\n" + b.String())
	if good < asked {
		t.Errorf("%d forms and pairs of %d are not taken off rightly", asked-good, asked)
	}
}
