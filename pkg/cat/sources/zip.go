package sources

import (
	"context"
	"errors"
	"fmt"
	"io"

	"p1/pkg/cat/unwrap"
	"p1/pkg/fileio"
	"p1/pkg/record"
)

// zipped reads the logs in a zip, each as a source of its own.
//
//	logs.zip    a log each: logs.zip:day1.log, logs.zip:day2.log
type zipped struct {
	options Options
	name    string
	zip     *fileio.Zip
	left    []string // members that have not been opened
	current Source   // nil before the first and between two
	err     error    // of those that could not be read
	done    int64
	size    int64
}

// openZip opens a zip.
func (o Options) openZip(name string, stdin io.Reader) (Source, error) {
	z, err := fileio.OpenZip(name, stdin)
	if err != nil {
		return nil, err
	}
	return o.unzipped(name, z)
}

// unzipped reads what is in an open zip.
func (o Options) unzipped(name string, z *fileio.Zip) (Source, error) {
	s := &zipped{options: o, name: name, zip: z, left: z.Members(), size: z.Size()}
	switch {
	case len(s.left) == 0 && z.Empties():
		o.tell(name + ": what is in this zip is empty")
	case len(s.left) == 0:
		return nil, errors.Join(fmt.Errorf("%s: there is no file in this zip", name), z.Close())
	}
	return s, nil
}

func (z *zipped) Next(ctx context.Context) (record.Record, error) {
	for {
		if z.current == nil {
			if len(z.left) == 0 {
				if z.err != nil {
					return nil, z.err
				}
				return nil, io.EOF
			}
			z.open()
			continue
		}
		r, err := z.current.Next(ctx)
		switch {
		case err == nil:
			return r, nil
		case ctx.Err() != nil || errors.As(err, new(*record.LineError)):
			return nil, err
		case err != io.EOF:
			z.err = errors.Join(z.err, err)
		}
		n, _ := z.current.Progress()
		z.done += n
		z.err = errors.Join(z.err, z.current.Close())
		z.current = nil
	}
}

// open opens the next member.
func (z *zipped) open() {
	member := z.left[0]
	z.left = z.left[1:]
	in, err := z.zip.Open(member, fileio.Either)
	if err != nil {
		z.err = errors.Join(z.err, err)
		return
	}
	z.current = z.options.prepared(newFileSource(in, unwrap.WithoutMarks(in)), in.Name)
}

// Ready is true: a file on disk does not wait.
func (z *zipped) Ready() bool { return true }

func (z *zipped) Progress() (done, total int64) {
	if z.current == nil {
		return z.done, z.size
	}
	n, _ := z.current.Progress()
	return z.done + n, z.size
}

func (z *zipped) Close() error {
	if z.current != nil {
		return errors.Join(z.current.Close(), z.zip.Close())
	}
	return z.zip.Close()
}

// piped reads what comes through a pipe. That it is a zip is known by its first bytes, and
// then it is read as one.
type piped struct {
	Source
	options Options
	in      *fileio.Input
	asked   bool
}

func (p *piped) Next(ctx context.Context) (record.Record, error) {
	r, err := p.Source.Next(ctx)
	if p.asked || !errors.Is(err, fileio.ErrZip) {
		return r, err
	}
	p.asked = true
	if err := p.unzip(ctx); err != nil {
		return nil, err
	}
	return p.Source.Next(ctx)
}

// unzip waits for the whole of the zip.
func (p *piped) unzip(ctx context.Context) error {
	type opened struct {
		zip *fileio.Zip
		err error
	}
	done := make(chan opened, 1)
	go func() {
		z, err := p.in.Zip()
		done <- opened{z, err}
	}()
	select {
	case <-ctx.Done():
		return ctx.Err() // its pipe may be silent for ever
	case o := <-done:
		if o.err != nil {
			return o.err
		}
		s, err := p.options.unzipped(p.in.Name, o.zip)
		if err == nil {
			p.Source = s
		}
		return err
	}
}
