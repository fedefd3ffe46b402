package tool

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"p1/pkg/fileio"
	"p1/pkg/record"
)

// sources knows what a command writes, and looks at where its records come from: that a
// log is not overwritten which a command before in the pipe still reads.
//
//	p1cat p1.log | p1frame | p1csv -o p1.log
//	p1cat p1.log | p1frame >> p1.log
type sources struct {
	outputs []file
	last    string // the source that was looked at last
}

// Guard returns what refuses a record that comes from a file which the command line
// writes.
func Guard(c *cli.Context) func(record.Record) error { return outputs(c).check }

// outputs returns the files that a command line writes.
func outputs(c *cli.Context) *sources {
	s := &sources{}
	for _, f := range files(c) {
		if f.writes && !f.reads && f.directory == nil {
			s.outputs = append(s.outputs, f)
		}
	}
	return s
}

// check reports that a record comes from a file that the command writes.
func (s *sources) check(r record.Record) error {
	if len(s.outputs) == 0 {
		return nil
	}
	name := r.Where().Source
	if name == s.last {
		return nil
	}
	s.last = name
	place := fileio.PlaceOf(name)
	for _, out := range s.outputs {
		if !place.Empty() && place.IsFile() && place.Same(out.place) {
			return &clashError{name + ": input file is output file",
				fmt.Sprintf("it is what these records come from, and %s would write to it: write to another file, and rename it afterwards", out.cause())}
		}
	}
	return nil
}
