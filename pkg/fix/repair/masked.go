package repair

import (
	"slices"

	"p1/pkg/channel"
)

// masked reports whether the name of a meter, or a part of it, was replaced by hand before
// the log was handed on: then another log with the same mask may be of another meter.
func (k *known) masked() bool {
	shapes := k.meter.Shapes()
	return len(shapes) > 0 && channel.Masked(k.decoder.kind, shapes[0].Text) != nil
}

// forgetMasked forgets the meters whose name was masked, when another log begins.
func (f *Fixer) forgetMasked() {
	f.meters = slices.DeleteFunc(f.meters, func(k *known) bool {
		if !k.masked() {
			return false
		}
		f.judge.Forget(k.header, k.id)
		return true
	})
}
