package diagnose

import (
	"p1/pkg/display"
	"p1/pkg/record"
)

// Single is what is said of one of several sources by itself.
type Single struct {
	Source   string `json:"source"`
	Headline string `json:"headline"`
}

// apart judges each of several sources by itself too, as far as they come one after the
// other and are few. Of the first source there is what was known when the second one came;
// so one source alone costs nothing.
type apart struct {
	done    []Single
	names   map[string]bool
	source  string
	current *Diagnoser // nil as long as there is one source
	off     bool       // they are many, or come by turns
}

// mostApart is how many sources are judged by themselves.
const mostApart = 8

// begin takes up a stream before the whole does; whole is what is known of all before it.
func (a *apart) begin(o record.Origin, whole *Diagnoser) {
	if a.off || len(a.names) > 0 && o.Source == a.source {
		return
	}
	if a.names[o.Source] || len(a.names) == mostApart {
		*a = apart{off: true}
		return
	}
	if a.names == nil {
		a.names = map[string]bool{}
	} else {
		a.end(whole)
		options := whole.options
		options.Marks = nil
		a.current = New(options)
	}
	a.source, a.names[o.Source] = o.Source, true
}

// end notes what is known of the source so far.
func (a *apart) end(whole *Diagnoser) { a.done = append(a.done, a.of(whole)) }

func (a *apart) of(whole *Diagnoser) Single {
	d := whole
	if a.current != nil {
		d = a.current
	}
	return Single{display.Short(a.source, maxQuoted), d.Report().Headline}
}

// take takes a record of a source.
func (a *apart) take(r record.Record) error {
	if a.off || a.current == nil {
		return nil
	}
	return a.current.Take(r)
}

// list is what is said of each source, where there are several.
func (a *apart) list() []Single {
	if a.off || a.current == nil {
		return nil
	}
	return append(a.done[:len(a.done):len(a.done)], a.of(nil))
}
