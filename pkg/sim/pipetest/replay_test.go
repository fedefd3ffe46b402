package pipetest

import (
	"bytes"
	"fmt"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"p1/pkg/record"
)

// telegramEnd is where a meter pauses.
var telegramEnd = regexp.MustCompile(`![0-9A-F]{4}\r\n`)

// capturedLive is a log as p1cat would have captured it from a port, a day ago: a chunk for
// each telegram, ten seconds apart.
func capturedLive(t *testing.T, log []byte) []byte {
	t.Helper()
	at := time.Now().Add(-24 * time.Hour).UTC()
	o := record.Origin{Source: "/dev/ttyUSB0", Session: at.Format(time.RFC3339)}
	var out bytes.Buffer
	w := record.NewWriter(&out, false)
	must(t, w.Write(&record.Gap{Origin: o, Live: true, Time: o.Session, Why: record.GapStart}))
	ends := telegramEnd.FindAllIndex(log, -1)
	ends = append(ends, []int{0, len(log)})
	from := 0
	for _, end := range ends {
		if end[1] == from {
			continue
		}
		at = at.Add(10 * time.Second)
		o.Offset = int64(from)
		must(t, w.Write(&record.Chunk{Origin: o, Live: true, Time: at.Format(time.RFC3339Nano), End: record.EndPause, Data: log[from:end[1]]}))
		from = end[1]
	}
	must(t, w.Flush())
	return out.Bytes()
}

// What was captured live is repaired as a log is when it is read later, by what follows a
// telegram too: the same rows. At its pace it is as it was, with fewer where the line is bad.
func TestReplayIsRepairedAsALog(t *testing.T) {
	t.Parallel()
	live, later := 0, 0
	for seed := range 4 {
		dir := t.TempDir()
		query := fmt.Sprintf("meter=hu&telegrams=25&noise=slow-rise&rate=0.008&logger=raw&seed=%d", seed)
		log := simulate(t, query).log
		write(t, filepath.Join(dir, "p1.log"), log)
		write(t, filepath.Join(dir, "p1-2026-11-22.jsonl"), capturedLive(t, log))
		const table = " | p1frame | p1fix --quiet | p1csv --no-header --quiet"
		rows := func(source string) []byte { return run(t, dir, source+table) }
		want := rows("p1cat p1.log")
		got := rows("p1cat p1-*")
		if !bytes.Equal(got, want) {
			t.Errorf("seed %d: %d rows of a replay, %d of the log:\n%s\n%s", seed, bytes.Count(got, []byte("\n")), bytes.Count(want, []byte("\n")), got, want)
		}
		later += bytes.Count(got, []byte("\n"))
		live += bytes.Count(rows("p1cat --pace 1000000 p1-*"), []byte("\n"))
	}
	if live >= later {
		t.Errorf("a replay at its pace looks ahead, too: %d rows, and %d of the logs", live, later)
	}
}
