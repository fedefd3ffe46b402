package yield

import (
	"time"

	"p1/pkg/fix/repair"
	"p1/pkg/frame"
	"p1/pkg/record"
	"p1/pkg/sim"
)

// A Source gives one transmission after the other, each with its truth. A
// simulated meter is one; damage of another origin laid over telegrams that are
// known would be another.
type Source interface {
	Next() (sim.Transmission, bool)
}

// Measure sends a row through the decoder.
func (r Row) Measure(telegrams int, seed uint64, minConfidence float64) (Result, error) {
	j := &judge{result: Result{Row: r}}
	if r.Fixed {
		source, err := r.Simulate(telegrams, seed)
		if err != nil {
			return Result{}, err
		}
		j.fixed = fixedText(source)
	}
	source, err := r.Simulate(telegrams, seed)
	if err != nil {
		return Result{}, err
	}
	return run(source, j, minConfidence)
}

// run takes a source to its end.
func run(source Source, j *judge, minConfidence float64) (Result, error) {
	p := newPipeline(j, minConfidence, j.result.Row.Unverified)
	for x, ok := source.Next(); ok; x, ok = source.Next() {
		j.expect(x)
		if err := p.send(x.Logged); err != nil {
			return Result{}, err
		}
	}
	err := p.close()
	j.result.Elapsed = p.elapsed
	return j.result, err
}

// observer sees what passes through a pipeline.
type observer interface {
	received(record.Record)   // before the repair
	take(record.Record) error // after it
	close()                   // after the last one
}

// pipeline is framing and repair in a row. What goes in between waits in
// buffers, so that the time taken is that of the repair and nothing else.
type pipeline struct {
	observer
	framer  *frame.Framer
	framed  *buffer
	fixer   *repair.Fixer
	fixed   *buffer
	offset  int64
	elapsed time.Duration
}

func newPipeline(o observer, minConfidence float64, unverified bool) *pipeline {
	framed, fixed := &buffer{}, &buffer{}
	return &pipeline{
		observer: o,
		framer:   frame.New(framed, frame.Options{Keys: demoKeys(), AllowUnverified: unverified}), framed: framed,
		fixer: repair.New(fixed, repair.Options{MinConfidence: minConfidence, Keys: demoKeys()}), fixed: fixed,
	}
}

// send takes the next bytes of the log.
func (p *pipeline) send(log []byte) error {
	for len(log) > 0 {
		n := min(len(log), record.MaxData)
		c := &record.Chunk{Origin: record.Origin{Source: "log", Offset: p.offset}, Data: log[:n]}
		if err := p.framer.Take(c); err != nil {
			return err
		}
		p.offset += int64(n)
		log = log[n:]
	}
	return p.fix(false)
}

// close ends the log.
func (p *pipeline) close() error {
	if err := p.framer.Close(); err != nil {
		return err
	}
	if err := p.fix(true); err != nil {
		return err
	}
	p.observer.close()
	return nil
}

// fix repairs what is framed, and judges what comes out.
func (p *pipeline) fix(last bool) error {
	for _, r := range p.framed.records {
		p.received(r)
	}
	begin := time.Now()
	for _, r := range p.framed.records {
		if err := p.fixer.Take(r); err != nil {
			return err
		}
	}
	if last {
		if err := p.fixer.Close(); err != nil {
			return err
		}
	}
	p.elapsed += time.Since(begin)
	for _, r := range p.fixed.records {
		if err := p.take(r); err != nil {
			return err
		}
	}
	p.framed.records, p.fixed.records = p.framed.records[:0], p.fixed.records[:0]
	return nil
}

// buffer is a writer that keeps the records.
type buffer struct{ records []record.Record }

func (b *buffer) Write(r record.Record) error {
	b.records = append(b.records, record.Keep(r))
	return nil
}

func (b *buffer) Flush() error { return nil }
