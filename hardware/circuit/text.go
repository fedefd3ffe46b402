package circuit

import (
	"bytes"

	"p1/pkg/sim"
)

// Telegram is a part of what a simulated Hungarian meter sends, with its pauses: the
// beginning, what follows the pause in the middle, and the first bytes of the filler
// 0xFF, of whose ten bits only the start bit is 0.
func Telegram() (text []byte, d sim.Drive, err error) {
	s, err := sim.New(sim.Options{Meter: "hu", Telegrams: 1, Seed: 1})
	if err != nil {
		return nil, sim.Drive{}, err
	}
	t, _ := s.Next()
	second := t.Pauses[1]
	filler := bytes.IndexByte(t.Sent, 0xFF)
	text = append(text, t.Sent[:24]...)
	text = append(text, t.Sent[second:second+16]...)
	text = append(text, t.Sent[filler-4:filler+4]...)
	return text, sim.NewDrive(Baud, text, []int{24}, 20), nil
}
