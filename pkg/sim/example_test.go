package sim_test

import (
	"bytes"
	"fmt"

	"p1/pkg/sim"
)

// A capture with its truth beside it.
func ExampleStream_Next() {
	o, err := sim.ParseOptions("?meter=nl&telegrams=3&noise=slow-rise&rate=0.001&seed=3")
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := sim.New(o)
	if err != nil {
		fmt.Println(err)
		return
	}
	for t, ok := s.Next(); ok; t, ok = s.Next() {
		fmt.Println(t.Clock.Format("15:04:05"), t.Hits, bytes.Equal(t.Sent, t.Received))
	}
	// Output:
	// 00:00:00 0 true
	// 00:00:01 0 true
	// 00:00:02 1 false
}
