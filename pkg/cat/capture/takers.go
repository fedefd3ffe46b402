package capture

import (
	"time"

	"p1/pkg/cat/archive"
	"p1/pkg/record"
)

// output takes records for standard output.
type output struct{ *capture }

func (o output) take(r record.Record) error { return o.w.Write(r) }
func (o output) idle() error                { return o.flush() }
func (o output) wait() time.Duration        { return 0 }
func (o output) expire()                    {}

// keeper takes records for the archive, which does not fail.
type keeper struct{ *archive.Archive }

func (k keeper) take(r record.Record) error { k.Write(r); return nil }
func (k keeper) idle() error                { return nil }
func (k keeper) wait() time.Duration        { return k.Wait() }
func (k keeper) expire()                    { k.Expire() }
