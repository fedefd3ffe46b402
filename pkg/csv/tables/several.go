package tables

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"p1/pkg/csv/sorted"
	"p1/pkg/display"
	"p1/pkg/record"
)

// Several makes several tables of the same telegrams in one pass and one file, of a format
// whose files hold several. The first one is written as it comes; the others are kept, in
// temporary files where they are large, and follow at the end.
type Several struct {
	record.BaseStage
	all   []*Writer
	piles []*sorted.Pile
}

// NewSeveral returns what makes the tables of the names, as o has it. What is for records
// only holds for those.
func NewSeveral(w io.Writer, o Options, names []string) (*Several, error) {
	s := &Several{}
	if o.Say != nil {
		o.Say = (&toldOnce{say: o.Say}).tell
	}
	var rest []*further
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return nil, fmt.Errorf("the table %s is asked for twice", name)
		}
		if i > 0 {
			pile := sorted.NewPile(o.Output)
			s.piles, rest = append(s.piles, pile), append(rest, &further{pile: pile})
		}
	}
	for i, name := range names {
		is, to := o, w
		if is.Table = name; slices.Contains(names, Records) {
			is = o.Only(name)
		}
		if is.further = rest; i > 0 {
			is.further, is.as, to = nil, rest[i-1], rest[i-1].pile
		}
		t, err := New(to, is)
		if err == nil && len(names) > 1 && !t.o.format().several {
			err = fmt.Errorf("a file of %s holds one table, and %s are asked for: -o FILE.xlsx has a sheet for each", t.o.Format, display.Listed(names, "and"))
		}
		if err != nil {
			return nil, err
		}
		s.all = append(s.all, t)
	}
	return s, nil
}

// Only returns the options of one table of several: those for records are for records only.
func (o Options) Only(table string) Options {
	if o.Table = table; table != Records {
		o.Every, o.Ends, o.Unique, o.Columns, o.Prices = 0, false, false, nil, nil
	}
	return o
}

// Take makes the rows of a record in each table.
func (s *Several) Take(r record.Record) error {
	for _, t := range s.all {
		if err := t.Take(r); err != nil {
			return err
		}
	}
	return nil
}

// Flush writes what is to be written before the end.
func (s *Several) Flush() error {
	for _, t := range s.all {
		if err := t.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// Close ends the tables, the first one last: the others stand in its file.
func (s *Several) Close() error {
	var err error
	for i := len(s.all) - 1; i >= 0 && err == nil; i-- {
		err = s.all[i].Close()
	}
	for _, p := range s.piles {
		err = errors.Join(err, p.Close())
	}
	return err
}

// Outcomes returns what became of the telegrams in each table.
func (s *Several) Outcomes() (list []Outcome) {
	for _, t := range s.all {
		list = append(list, t.Outcome())
	}
	return list
}
