package tables

import (
	"time"

	"p1/pkg/record"
)

// LiveError is a live source where a file can be read only once it is whole.
type LiveError struct{ format string }

func (e *LiveError) Error() string {
	return "--format " + e.format + ": these telegrams are just coming in, and nobody can open a workbook before it has ended"
}

// Hint says what to do instead.
func (e *LiveError) Hint() string {
	return "save them first, with p1cat --archive or p1fix -o day.jsonl.zst, and then name what is saved: p1csv -o FILE.xlsx day.jsonl.zst; " +
		"live, CSV can be read at any time: -o FILE.csv"
}

// justNow is how long ago the first telegram of a live source may have come in. That of an
// archive came in before.
const justNow = 2 * time.Minute

// meet looks at the first telegram, and says where a live one has no place.
func (t *Writer) meet(r *record.Telegram) error {
	if t.met {
		return nil
	}
	t.met = true
	if !r.Live || t.o.Saved || !t.o.format().whole {
		return nil
	}
	if host := hostOf(r); !host.IsZero() && time.Since(host).Abs() > justNow {
		return nil // kept since then
	}
	if *t.o.live = true; t.o.format().parts {
		return nil
	}
	return &LiveError{t.o.Format}
}

// Packed reports whether files of a format can be read once they are whole, and not before,
// and are compressed in themselves.
func Packed(name string) bool {
	o := Options{Format: name}
	f := o.format()
	return f.name == name && f.whole
}
