package sources

import (
	"context"
	"fmt"
	"io"

	"p1/pkg/record"
	"p1/pkg/sim"
)

const demoScheme = "demo:"

// demoSource is the log of the simulated meter.
type demoSource struct {
	name   string
	stream *sim.Stream
	offset int64
	buf    []byte
}

func openDemo(name, query string) (Source, error) {
	options, err := sim.ParseOptions(query)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	stream, err := sim.New(options)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &demoSource{name: name, stream: stream, buf: make([]byte, record.MaxData)}, nil
}

func (s *demoSource) Next(ctx context.Context) (record.Record, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	n, err := io.ReadFull(s.stream, s.buf)
	if n == 0 {
		return nil, err
	}
	c := &record.Chunk{Origin: record.Origin{Source: s.name, Offset: s.offset}, Data: s.buf[:n]}
	s.offset += int64(n)
	return c, nil
}

func (s *demoSource) Ready() bool                   { return true }
func (s *demoSource) Progress() (done, total int64) { return 0, -1 }
func (s *demoSource) Close() error                  { return nil }
