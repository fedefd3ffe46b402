package main

import (
	"p1/pkg/frame"
	"p1/pkg/record"
)

// onlyDamaged is the framing of which only what is damaged is written.
type onlyDamaged struct {
	record.Stage
	damaged *frame.Damaged
	say     func(string)
}

// Close ends the last telegram, and says so where nothing was damaged.
func (s onlyDamaged) Close() error {
	err := s.Stage.Close()
	if err == nil && !s.damaged.Any() {
		s.say("no telegram is damaged, so none is written (a meter that sends no CRC cannot show it)")
	}
	return err
}
