package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"p1/pkg/fix/repair"
	"p1/pkg/fix/statefile"
	"p1/pkg/record"
	"p1/pkg/tool"
)

// saveEvery is how often the state is saved.
const saveEvery = 10 * time.Minute

// memory is what p1fix keeps between runs: it goes on from what a file says, and
// writes that file where it is to be kept.
type memory struct {
	path  string
	file  *statefile.File // nil where it is only read
	start repair.State

	fixer *repair.Fixer
	saved time.Time
	taken int
	say   func(text string)
	sick  bool // the last save failed
}

// recall reads the state that the flags name; nil where they name none.
func recall(c *cli.Context) (*memory, error) {
	keep, from := c.String("state"), c.String("state-from")
	m := &memory{path: keep, say: tool.Say(c), saved: time.Now()}
	switch {
	case keep == "" && from == "":
		return nil, nil
	case keep != "" && from != "":
		return nil, tool.Usagef("--state and --state-from both name the state to start from: give one of them")
	case keep != "":
		file, err := statefile.Open(keep, c.App.Version)
		if err != nil {
			return nil, err
		}
		m.file, m.start = file, file.Meters()
	default:
		meters, err := statefile.Read(from)
		if err != nil {
			return nil, err
		}
		m.path, m.start = from, meters
	}
	if err := repair.New(nil, repair.Options{}).Restore(m.start); err != nil {
		m.close()
		return nil, statefile.Unfit(m.path, err)
	}
	return m, nil
}

// stage puts the memory around a fixer.
func (m *memory) stage(f *repair.Fixer) (record.Stage, error) {
	m.fixer = f
	return remembering{f, m}, f.Restore(m.start)
}

// finish saves the state at the end of a run, however it ended.
func (m *memory) finish() error {
	var err error
	if m.fixer != nil {
		err = m.save()
	}
	return errors.Join(err, m.close())
}

func (m *memory) close() error {
	if m.file == nil {
		return nil
	}
	return m.file.Close()
}

func (m *memory) save() error {
	if m.file == nil {
		return nil
	}
	m.saved = time.Now()
	s, err := m.fixer.State()
	if err == nil {
		err = m.file.Save(s)
	}
	return err
}

// saveNowAndThen saves while the run goes on; that it failed is said once.
func (m *memory) saveNowAndThen() {
	if m.file == nil || time.Since(m.saved) < saveEvery {
		return
	}
	err := m.save()
	if err != nil && !m.sick {
		m.say(fmt.Sprintf("%v; it is tried again in %v", err, saveEvery))
	}
	m.sick = err != nil
}

// remembering is a fixer whose state is saved now and then.
type remembering struct {
	*repair.Fixer
	memory *memory
}

// Take takes the next record.
func (r remembering) Take(x record.Record) error {
	const often = 1000 // records
	if r.memory.taken++; r.memory.taken%often == 0 {
		r.memory.saveNowAndThen()
	}
	return r.Fixer.Take(x)
}

// Flush is called before each wait for input.
func (r remembering) Flush() error {
	r.memory.saveNowAndThen()
	return r.Fixer.Flush()
}
