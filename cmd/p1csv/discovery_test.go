package main

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"p1/pkg/sim/longtest"
	"p1/pkg/tool"
)

// TestDiscoveryEnds: it does not wait for the end of a stream that has none.
func TestDiscoveryEnds(t *testing.T) {
	day, err := os.ReadFile("../../testdata/script/day.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	in, line := io.Pipe()
	defer line.Close()
	go func() { _, _ = line.Write(day) }() // and no more, but it stays open
	var out, said bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- tool.Run(app(), []string{"p1csv", "--discovery", "homeassistant"}, in, &out, &said)
	}()
	select {
	case code := <-ended:
		if code != 0 || said.Len() > 0 || !strings.HasPrefix(out.String(), "homeassistant/sensor/p1_M1/") {
			t.Errorf("exit code %d, %q, %.200q", code, &said, &out)
		}
	case <-time.After(longtest.Patience):
		t.Fatal("it waits for more")
	}
}
