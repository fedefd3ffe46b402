package frame_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"p1/pkg/frame"
	"p1/pkg/record"
	"p1/pkg/sim"
)

// logOf returns what stands in a log, and its parts: the header line and each
// transmission.
func logOf(t testing.TB, query string) (log []byte, parts [][]byte) {
	t.Helper()
	o, err := sim.ParseOptions(query)
	must(t, err)
	s, err := sim.New(o)
	must(t, err)
	for x, ok := s.Next(); ok; x, ok = s.Next() {
		logged := x.Logged
		if x.Seq == 1 {
			at := bytes.IndexByte(logged, '/')
			if at > 0 {
				parts = append(parts, logged[:at])
			}
			logged = logged[at:]
		}
		parts = append(parts, logged)
		log = append(log, x.Logged...)
	}
	return log, parts
}

// Whatever the logger does to the bytes, a record is a transmission, and the
// logger's own line is one too.
func TestLoggers(t *testing.T) {
	for _, name := range []string{"hu", "nl", "be", "se"} {
		for _, logger := range sim.Loggers() {
			log, parts := logOf(t, "telegrams=15&meter="+name+"&logger="+logger)
			got := frameBytes(t, log)
			if len(got.records) != len(parts) {
				t.Errorf("%s %s: %d records, want %d", name, logger, len(got.records), len(parts))
				continue
			}
			got.received(t)
			for i, r := range got.records {
				if data, _ := record.Received(r); !bytes.Equal(data, parts[i]) {
					t.Errorf("%s %s: record %d is not what was logged", name, logger, i+1)
				}
			}
			for i, x := range got.telegrams() {
				if x.CRCSent == "" {
					t.Errorf("%s %s: telegram %d has no CRC", name, logger, i+1)
				}
			}
		}
	}
}

// The same in pieces of any size.
func TestLoggersInPieces(t *testing.T) {
	for _, logger := range sim.Loggers() {
		log, _ := logOf(t, "telegrams=4&meter=hu&noise=slow-rise+delete&logger="+logger)
		want := frameBytes(t, log)
		for name, r := range map[string]io.Reader{
			"one byte": iotest.OneByteReader(bytes.NewReader(log)),
			"random":   &randomReader{bytes.NewReader(log), rand.New(rand.NewPCG(1, 2))},
		} {
			if got := frameReader(t, r, 700); !reflect.DeepEqual(got.records, want.records) {
				t.Errorf("%s, %s: other records than in one piece", logger, name)
			}
		}
	}
}

// On a bad line, what is between two ends of telegrams is in one record, as it is
// with a logger that keeps everything.
func TestLoggersOnABadLine(t *testing.T) {
	for _, noise := range []string{"slow-rise", "delete"} {
		plain, _ := logOf(t, "telegrams=60&meter=hu&noise="+noise)
		want := len(frameBytes(t, plain).telegrams())
		for _, logger := range []string{"cr", "crcrlf", "utf8", "utf8-437", "replacement", "ascii"} {
			log, _ := logOf(t, "telegrams=60&meter=hu&noise="+noise+"&logger="+logger)
			if got := len(frameBytes(t, log).telegrams()); got < want-1 || got > want+1 {
				t.Errorf("%s, %s: %d telegrams, want %d", noise, logger, got, want)
			}
		}
	}
}

// A log of 100 KiB without LF is not cut as if it were one line.
func TestLongLogWithoutLF(t *testing.T) {
	log, parts := logOf(t, "telegrams=45&meter=hu&logger=cr")
	if len(log) < 3*record.MaxData/2 || bytes.IndexByte(log, '\n') >= 0 {
		t.Fatalf("the log of %d bytes shows nothing", len(log))
	}
	got := frameBytes(t, log)
	if want := "noise" + strings.Repeat(" bad", len(parts)-1); got.statuses() != want {
		t.Errorf("got %s", got.statuses())
	}
}

// A telegram whose line ends twice is over at the pause, wherever that falls.
func TestLiveCRCRLF(t *testing.T) {
	a := strings.ReplaceAll(sent(t, "meter=hu", 1)[0], "\n", "\r\n")
	for _, after := range []string{"", "\r", "\r\r", "\r\r\n"} {
		c := &collector{}
		f := frame.New(c, frame.Options{})
		must(t, f.Take(&record.Chunk{
			Origin: record.Origin{Source: "tty", Session: "s"}, Live: true, End: record.EndPause,
			Data: []byte(strings.TrimRight(a, "\r\n") + after),
		}))
		if len(c.telegrams()) != 1 {
			t.Errorf("not out at a pause after %q", after)
		}
	}
}
