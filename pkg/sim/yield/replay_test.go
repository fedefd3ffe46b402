package yield

import (
	"bytes"
	"errors"
	"math/rand/v2"

	"p1/pkg/sim"
)

// ReplayRow is the row of a Hungarian meter whose telegrams suffer what was done
// to those of a real log: the damage is counted in the first half of its
// transmissions.
func ReplayRow(s Survey) Row {
	return Row{
		Number: len(Meters())*len(channels) + 1, Meter: "hu", Channel: "replay of a real log's damage",
		Options: "noise=clean&logger=printable", Asked: 0.97, Floor: 0.97,
		Damage: Fit(s.Part(0, s.Len()/2)),
	}
}

// replay is a source that lays damage over the telegrams of another one, whose
// line is clean.
type replay struct {
	source Source
	damage *Damage
	dice   *rand.Rand
}

// over lays the damage over the telegrams of a source.
func (d *Damage) over(source Source, seed uint64) (Source, error) {
	if d.sent == 0 {
		return nil, errors.New("yield: damage that was counted in nothing")
	}
	return &replay{source, d, rand.New(rand.NewPCG(seed, 1))}, nil
}

// Next returns the next telegram, and what the log has of it. What the receiver
// made of it nobody knows.
func (r *replay) Next() (sim.Transmission, bool) {
	x, ok := r.source.Next()
	if !ok {
		return x, false
	}
	opening, _, _ := bytes.Cut(x.Logged, x.Sent[:1]) // the logger's own line
	x.Received, x.Hits = r.damage.lay(x.Sent, r.dice)
	x.Logged = append(bytes.Clone(opening), x.Received...)
	return x, true
}
