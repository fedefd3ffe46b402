package report

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode"

	"p1/pkg/noise/diagnose"
	"p1/pkg/noise/words"
	"p1/pkg/record"
)

// writeDiagnosis lays out what is wrong with the line, in lines of at most width
// columns.
func writeDiagnosis(b *strings.Builder, r *diagnose.Report, width int) {
	p := paragraph{b, width}
	if r.Joined != "" {
		writeJoined(&p, r)
	}
	p.write("", "", r.Plain)
	p.write("", "", r.Headline)
	p.write("", "", r.Sure)
	p.write("do:  ", "     ", r.Do)
	var changes []string
	for _, c := range r.Compared {
		changes = append(changes, fmt.Sprintf("%s, %s: %s", c.Mark, c.At, c.Verdict))
	}
	p.list("\ndid the change help?\n", changes)
	if len(r.Findings) > 0 {
		fmt.Fprintf(b, "\nwhat did it             hits     share  95 %% interval\n")
	}
	for _, f := range r.Findings {
		fmt.Fprintf(b, "%-16s %11s %9s  %s\n", f.Signature, words.Count(int64(math.Round(f.Events))), words.Percent(f.Share.Value), words.Interval(f.Share.Low, f.Share.High))
	}
	if len(r.Findings) > 0 {
		p.list("\nwhy\n", append([]string{r.Supports}, r.Findings[0].Evidence...))
		writeBits(b, &r.Bits)
	}
	p.list("\ndoubts\n", r.Doubts)
	p.list("\nremedies, likeliest first\n", remedies(r.Remedies))
	p.list("\nwhat another value would bring\n", r.Estimate.Texts())
	p.list("\nwhat would decide\n", slices.DeleteFunc(slices.Clone(r.Decides), func(s string) bool { return s == r.Do }))
	p.list("\nno fault of the line\n", r.Notes)
	if r.Totals.Events > 0 {
		writeWhere(&p, r)
	}
}

// remedies are sentences; one for receivers that follow each other with the same remedy.
func remedies(list []diagnose.Remedy) (all []string) {
	for len(list) > 0 {
		first := list[0]
		var names []string
		for len(list) > 0 && list[0].Cause == first.Cause && list[0].Do == first.Do {
			names = append(names, list[0].Receiver)
			list = list[1:]
		}
		all = append(all, fmt.Sprintf("%s: %s. %s", strings.Join(names, ", "), first.Cause, first.Do))
	}
	return all
}

// writeJoined says that several sources were judged as one, and what each shows by itself.
func writeJoined(p *paragraph, r *diagnose.Report) {
	p.write("", "", r.Joined)
	for _, one := range r.Apart {
		p.write("- ", "  ", one.Source+": "+one.Headline)
	}
	p.b.WriteString("all together:\n")
}

// writeBits lists the bits by the edges beside them, and how many of each were wrong.
func writeBits(b *strings.Builder, t *diagnose.BitTable) {
	if !t.Any() {
		return
	}
	fmt.Fprintf(b, "\nbits                read wrong         of sent  per million\n")
	for _, k := range t.Kinds() {
		wrong, sent := k.Totals()
		fmt.Fprintf(b, "%-19s %10s %15s %12s\n", k.Name, words.Count(wrong), words.Count(sent), words.PerMillion(wrong, sent))
	}
}

// mostLines is how many lines of the telegram are listed.
const mostLines = 5

// writeWhere says which lines are hit most, and whether the damage comes evenly.
func writeWhere(p *paragraph, r *diagnose.Report) {
	p.list("\nwhen\n", []string{r.Rhythm.Verdict})
	lines := slices.Clone(r.Lines)
	slices.SortStableFunc(lines, func(a, b diagnose.LineDamage) int { return cmp.Compare(b.Events, a.Events) })
	fmt.Fprintf(p.b, "\nwhere                   hits  per million bytes\n")
	for _, l := range lines[:min(len(lines), mostLines)] {
		if l.Events > 0 {
			fmt.Fprintf(p.b, "%-16s %11s  %17s\n", cmp.Or(clipped(l.Code, 16), "other"), words.Count(l.Events), words.Number(1e6*l.Rate))
		}
	}
}

// clipped is a text of at most n characters.
func clipped(s string, n int) string {
	if runes := []rune(s); len(runes) > n {
		return string(runes[:n-1]) + "…"
	}
	return s
}

// paragraph writes text in lines that are not too long.
type paragraph struct {
	b     *strings.Builder
	width int
}

// list writes texts with a dash before each, under a heading; those that are empty are
// left out.
func (p *paragraph) list(heading string, texts []string) {
	if strings.Join(texts, "") != "" {
		p.b.WriteString(heading)
	}
	for _, text := range texts {
		p.write("- ", "  ", text)
	}
}

// fixed is a blank at which no line is broken.
const fixed = '\u00a0'

// write fills lines with words; the first one begins with first, the others with
// rest. A number and its unit stay on one line. Nothing is written for no text.
func (p *paragraph) write(first, rest, text string) {
	line, room := first, len([]rune(first))
	begun := false
	for _, word := range strings.FieldsFunc(words.Joined(text), func(r rune) bool { return r != fixed && unicode.IsSpace(r) }) {
		n := len([]rune(word))
		if begun && room+1+n > p.width {
			p.b.WriteString(line + "\n")
			line, room, begun = rest, len([]rune(rest)), false
		}
		if n > p.width-room {
			word = clipped(word, max(p.width-room, 1))
			n = len([]rune(word))
		}
		if begun {
			line, room = line+" ", room+1
		}
		line, room, begun = line+strings.ReplaceAll(word, string(fixed), " "), room+n, true
	}
	if begun {
		p.b.WriteString(line + "\n")
	}
}

// JSON writes, when it is closed, everything that is known as one JSON object in one line: the
// counts of the summary, and the [diagnose.Report].
type JSON struct {
	*gathered
	w     io.Writer
	worst int
}

// NewJSON returns a JSON that will be written to w, with that many of the worst telegrams at
// most: drawn byte by byte, they are most of it.
func NewJSON(w io.Writer, o diagnose.Options, worst int) *JSON { return &JSON{gather(o), w, worst} }

// Close writes the object. It fails with the error of the writer.
func (j *JSON) Close() error {
	diagnosis := j.diagnoser.Report()
	diagnosis.Worst = diagnosis.Worst[:min(len(diagnosis.Worst), j.worst)]
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(struct {
		V         int             `json:"v"`
		Diagnosis diagnose.Report `json:"diagnosis"`
		Counts    Counts          `json:"counts"`
	}{1, diagnosis, j.counter.Counts()})
	if err != nil {
		return err
	}
	_, err = j.w.Write(record.RoundFigures(b.Bytes()))
	return err
}

// gathered counts records, and diagnoses the line.
type gathered struct {
	record.BaseStage
	counter   *Counter
	diagnoser *diagnose.Diagnoser
}

func gather(o diagnose.Options) *gathered {
	return &gathered{counter: NewCounter(), diagnoser: diagnose.New(o)}
}

// Take takes the next record. It fails with [record.ErrChunks] for a chunk.
func (g *gathered) Take(r record.Record) error {
	if err := g.counter.Take(r); err != nil {
		return err
	}
	return g.diagnoser.Take(r)
}
