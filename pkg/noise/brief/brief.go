// Package brief takes telegram and noise records and gives a text of less than 4 kB that a person
// can paste into a chat or a forum: which meters, since when, how much of it is there, totals by
// month, the highest power, the voltages, what is wrong with the line, and what the words mean.
//
// Nothing that somebody else may have written is in it: no identifier, name of a file, header or
// message. Meters are numbered. What is in it are numbers, times, and words of this program.
package brief

import (
	"io"

	"p1/pkg/noise/diagnose"
	"p1/pkg/noise/report"
	"p1/pkg/noise/usage"
	"p1/pkg/noise/voltage"
	"p1/pkg/record"
)

// Brief gathers what the text says, and writes it when it is closed.
type Brief struct {
	record.BaseStage
	w         io.Writer
	counter   *report.Counter
	diagnoser *diagnose.Diagnoser
	voltages  *voltage.Counter
	usage     usage.Counter
}

// New returns a Brief that will be written to w.
func New(w io.Writer, o diagnose.Options) (*Brief, error) {
	volts, err := voltage.NewCounter(voltage.Nominal)
	return &Brief{w: w, counter: report.NewCounter(), diagnoser: diagnose.New(o), voltages: volts}, err
}

// Take takes the next record. It fails with [record.ErrChunks] for a chunk.
func (b *Brief) Take(r record.Record) error {
	if err := b.counter.Take(r); err != nil {
		return err
	}
	if err := b.voltages.Take(r); err != nil {
		return err
	}
	if t, ok := r.(*record.Telegram); ok {
		b.usage.Take(t)
	}
	return b.diagnoser.Take(r)
}

// Close writes the text. It fails with the error of the writer.
func (b *Brief) Close() error {
	_, err := io.WriteString(b.w, b.text())
	return err
}
