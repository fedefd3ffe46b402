package capture

import (
	"time"

	"p1/pkg/cat/archive"
	"p1/pkg/record"
)

// output takes records for standard output.
type output struct {
	record.BaseStage
	*capture
}

func (o output) Take(r record.Record) error { return o.w.Write(r) }
func (o output) Flush() error               { return o.flush() }

// keeper takes records for the archive, which does not fail.
type keeper struct {
	record.BaseStage
	*archive.Archive
}

func (k keeper) Take(r record.Record) error { k.Write(r); return nil }
func (k keeper) Wait() time.Duration        { return k.Archive.Wait() }
func (k keeper) Expire() error              { k.Archive.Expire(); return nil }
func (k keeper) Close() error               { return k.Archive.Close() }
