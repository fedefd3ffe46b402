package diagnose_test

import (
	"flag"
	"fmt"
	"strings"
	"testing"

	"p1/pkg/fix/repair"
	"p1/pkg/frame"
	"p1/pkg/noise/diagnose"
	"p1/pkg/record"
	"p1/pkg/sim"
	"p1/pkg/sim/longtest"
)

// sink hands records on.
type sink func(record.Record) error

func (s sink) Write(r record.Record) error { return s(record.Keep(r)) }
func (s sink) Flush() error                { return nil }

// diagnosed is the report on a log that went through framing and repair.
func diagnosed(tb testing.TB, o diagnose.Options, log []byte) diagnose.Report {
	tb.Helper()
	d := diagnose.New(o)
	fixer := repair.New(sink(d.Take), repair.Options{MinConfidence: 0.999})
	send(tb, log, fixer.Take)
	if err := fixer.Close(); err != nil {
		tb.Fatal(err)
	}
	return d.Report()
}

// framed is the report on a log that was not repaired.
func framed(tb testing.TB, log []byte) diagnose.Report {
	tb.Helper()
	d := diagnose.New(diagnose.Options{})
	send(tb, log, d.Take)
	return d.Report()
}

// send cuts a log into telegrams.
func send(tb testing.TB, log []byte, take func(record.Record) error) {
	tb.Helper()
	framer := frame.New(sink(take), frame.Options{})
	for at := 0; at < len(log); {
		n := min(len(log)-at, record.MaxData)
		chunk := &record.Chunk{Origin: record.Origin{Source: "log", Offset: int64(at)}, Data: log[at : at+n]}
		if err := framer.Take(chunk); err != nil {
			tb.Fatal(err)
		}
		at += n
	}
	if err := framer.Close(); err != nil {
		tb.Fatal(err)
	}
}

// simulated is the log that a query of the demo stands for, and how often its line
// struck.
func simulated(tb testing.TB, query string) (log []byte, hits int) {
	tb.Helper()
	o, err := sim.ParseOptions(query)
	if err != nil {
		tb.Fatal(err)
	}
	s, err := sim.New(o)
	if err != nil {
		tb.Fatal(err)
	}
	for x, ok := s.Next(); ok; x, ok = s.Next() {
		log = append(log, x.Logged...)
		hits += x.Hits
	}
	return log, hits
}

// words is a report in a few lines.
func words(r *diagnose.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n", r.Headline, r.Sure)
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "  %-10s %8.1f %.3f (%.3f to %.3f) %s\n", f.Signature, f.Events, f.Share.Value, f.Share.Low, f.Share.High, strings.Join(f.Evidence, " "))
	}
	for _, list := range [][]string{r.Doubts, r.Notes} {
		for _, text := range list {
			fmt.Fprintf(&b, "  - %s\n", text)
		}
	}
	fmt.Fprintf(&b, "  rhythm %+v\n  totals %+v\n  pauses %+v\n", r.Rhythm, r.Totals, r.Pauses)
	return b.String()
}

var (
	logs    = flag.Int("diagnose.logs", 1, "logs of each simulated channel")
	listing = flag.Bool("diagnose.list", false, "list every channel")
)

// channels are the noises of the demo, with the signature that each leaves and how
// many telegrams bring 20 events and more.
var channels = []struct {
	query     string
	signature diagnose.Signature
	telegrams int
	loggers   []string
}{
	{"noise=slow-rise", diagnose.OnesLost, 60, []string{"all", "printable", "lf", "utf8", "nonul"}},
	{"noise=slow-rise&framing=drop", diagnose.OnesLost, 60, []string{"all", "printable"}},
	{"noise=slow-rise&rate=0.02", diagnose.OnesLost, 60, []string{"all", "printable"}},
	{"noise=slow-rise&parity=even", diagnose.OnesLost, 60, []string{"all"}},
	{"noise=slow-fall", diagnose.ZerosLost, 60, []string{"all", "printable"}},
	{"noise=slow-fall&framing=drop", diagnose.ZerosLost, 60, []string{"all"}},
	{"noise=flip", diagnose.Flip, 60, []string{"all", "printable", "crcrlf"}},
	{"noise=late", diagnose.Late, 100, []string{"all", "lf"}},
	{"noise=delete", diagnose.Deleted, 100, []string{"all", "printable"}},
	{"noise=overrun", diagnose.Overrun, 150, []string{"all", "printable"}},
	{"noise=burst", diagnose.Burst, 300, []string{"all"}},
	{"noise=slip", diagnose.Slip, 300, []string{"all"}},
	{"noise=slip&resync=pause", diagnose.Slip, 300, []string{"all"}},
	{"noise=slip&gap=1", diagnose.Slip, 300, []string{"all"}},
	{"noise=cut", diagnose.Cut, 600, []string{"all", "printable"}},
}

// meters are those whose lines are simulated.
var meters = []string{"hu", "nl", "be", "se", noCRC}

// noCRC is a meter whose damaged telegrams can't be repaired: what its digits were is
// not known, and a telegram that has lost digits passes for a whole one.
const noCRC = "dsmr3"

// The mechanism that the simulation used is named first, on nearly every log.
func TestChannels(t *testing.T) {
	meters := longtest.Pick([]string{"hu", "nl", noCRC}, meters, meters)
	for _, c := range channels {
		for _, m := range meters {
			for _, logger := range c.loggers[:longtest.Pick(1, len(c.loggers), len(c.loggers))] {
				if strings.Contains(c.query, "parity") && m == "hu" {
					continue // its bytes need all eight bits
				}
				first, few, said := 0, 0, ""
				for seed := range *logs {
					query := fmt.Sprintf("meter=%s&%s&logger=%s&telegrams=%d&seed=%d", m, c.query, logger, c.telegrams, 700+seed)
					log, hits := simulated(t, query)
					r := diagnosed(t, diagnose.Options{}, log)
					if hits < 20 {
						few++
					}
					if len(r.Findings) > 0 && r.Findings[0].Signature == c.signature {
						first++
					} else {
						said += query + "\n" + words(&r)
					}
				}
				if *listing {
					t.Logf("%-32s %-6s %-10s %d of %d", c.query, m, logger, first, *logs)
				}
				if least := leastOf(m, *logs); first < least {
					t.Errorf("%s, %s, %s: %d of %d\n%s", c.query, m, logger, first, *logs, said)
				}
				if few > 0 {
					t.Logf("%s, %s: %d logs have fewer than 20 hits", c.query, m, few)
				}
			}
		}
	}
}

// leastOf is how many of so many logs have to be named right: 19 of 20.
func leastOf(m string, logs int) int {
	if m == noCRC {
		return logs / 2
	}
	return logs - logs/20
}

// Nothing is wrong with a line that does nothing, whatever the logger does.
func TestCleanLines(t *testing.T) {
	for _, m := range append(meters, "dsmr2", "dsmr4", "hu-holley", "hu-sagemcom", "hu-wasion", "lt", "ch", "no", "q3d") {
		for _, logger := range []string{"all", "printable", "lf", "crcrlf", "utf8", "cr"} {
			log, _ := simulated(t, fmt.Sprintf("meter=%s&logger=%s&telegrams=%d", m, logger, longtest.Pick(20, 60, 60)))
			r := diagnosed(t, diagnose.Options{}, log)
			if len(r.Findings) > 0 || r.Totals.Events > 0 || !r.Clean {
				t.Errorf("%s, %s:\n%s", m, logger, words(&r))
			}
		}
	}
}
