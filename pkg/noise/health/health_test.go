package health

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"p1/pkg/record"
)

// clock is a time that only a test moves.
type clock struct{ at time.Time }

func (c *clock) now() time.Time          { return c.at }
func (c *clock) forward(d time.Duration) { c.at = c.at.Add(d) }

func newClock() *clock { return &clock{time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

// samples reads metrics back: each sample by its name and labels, written as
// name{a=x b=y} in the order of their names.
func samples(t *testing.T, text []byte) map[string]float64 {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	all := map[string]float64{}
	for name, f := range families {
		if f.GetHelp() == "" || f.GetType() == dto.MetricType_UNTYPED {
			t.Errorf("%s has no HELP or TYPE", name)
		}
		if counter := strings.HasSuffix(name, "_total"); counter != (f.GetType() == dto.MetricType_COUNTER) {
			t.Errorf("%s is a %v", name, f.GetType())
		}
		for _, m := range f.GetMetric() {
			collect(all, name, m)
		}
	}
	return all
}

func collect(all map[string]float64, name string, m *dto.Metric) {
	var labels []string
	for _, l := range m.GetLabel() {
		labels = append(labels, l.GetName()+"="+l.GetValue())
	}
	key := func(more ...string) string {
		return "{" + strings.Join(append(labels[:len(labels):len(labels)], more...), " ") + "}"
	}
	switch h := m.GetHistogram(); {
	case h != nil:
		all[name+"_count"+key()], all[name+"_sum"+key()] = float64(h.GetSampleCount()), h.GetSampleSum()
		for _, b := range h.GetBucket() {
			all[name+"_bucket"+key(fmt.Sprint("le=", b.GetUpperBound()))] = float64(b.GetCumulativeCount())
		}
	case m.GetCounter() != nil:
		all[name+key()] = m.GetCounter().GetValue()
	default:
		all[name+key()] = m.GetGauge().GetValue()
	}
}

func expect(t *testing.T, got map[string]float64, want map[string]float64) {
	t.Helper()
	for name, w := range want {
		if g, ok := got[name]; !ok || math.Abs(g-w) > 1e-6 {
			t.Errorf("%s is %v (there: %v), want %v", name, g, ok, w)
		}
	}
}

func tel(source string, status record.Status) *record.Telegram {
	return &record.Telegram{Origin: record.Origin{Source: source}, Status: status}
}

// What goes in is counted, each under its label, and a parser that is not ours reads
// it back.
func TestMetricsCount(t *testing.T) {
	c := newClock()
	h := New(c.now)
	for status, n := range map[record.Status]int{
		record.OK: 5, record.Repaired: 4, record.Unchecked: 3, record.Salvaged: 2, record.Lost: 1, record.Bad: 6, "dubious": 7,
	} {
		for range n {
			h.Take(tel("/dev/ttyUSB0", status))
		}
	}
	odd := tel("/dev/ttyUSB0", record.OK)
	odd.Suspect = "register fell"
	odd.Edits = []record.Edit{{By: record.ByLogger}, {}, {}}
	h.Take(odd)
	h.Take(&record.Noise{Origin: odd.Origin, Data: make([]byte, 30)})
	h.Take(&record.Noise{Origin: odd.Origin, Data: make([]byte, 12)})
	for _, why := range []string{"start", "unplugged", "unplugged", "earthquake", `"`} {
		h.Take(&record.Gap{Origin: odd.Origin, Why: why})
	}
	h.Take(&record.Chunk{Origin: record.Origin{Source: "chunks"}})
	h.Take(&record.Other{Type: "event"})
	got := samples(t, h.Metrics())
	expect(t, got, map[string]float64{
		"p1_telegrams_total{source=ttyUSB0 status=ok}":        6,
		"p1_telegrams_total{source=ttyUSB0 status=repaired}":  4,
		"p1_telegrams_total{source=ttyUSB0 status=unchecked}": 3,
		"p1_telegrams_total{source=ttyUSB0 status=salvaged}":  2,
		"p1_telegrams_total{source=ttyUSB0 status=lost}":      1,
		"p1_telegrams_total{source=ttyUSB0 status=bad}":       6,
		"p1_telegrams_total{source=ttyUSB0 status=other}":     7,
		"p1_suspect_total{source=ttyUSB0}":                    1,
		"p1_noise_bytes_total{source=ttyUSB0}":                42,
		"p1_gaps_total{source=ttyUSB0 why=start}":             1,
		"p1_gaps_total{source=ttyUSB0 why=unplugged}":         2,
		"p1_gaps_total{source=ttyUSB0 why=overrun}":           0,
		"p1_gaps_total{source=ttyUSB0 why=reconnect}":         0,
		"p1_gaps_total{source=ttyUSB0 why=other}":             2,
		"p1_edits_total{source=ttyUSB0 by=line}":              2,
		"p1_edits_total{source=ttyUSB0 by=logger}":            1,
		"p1_start_time_seconds{}":                             float64(c.at.Unix()),
	})
	for name := range got {
		if strings.Contains(name, "chunks") {
			t.Errorf("there is %s", name)
		}
	}
}

// Before anything has come, only the start is known: no source, and no age.
func TestMetricsOfNothing(t *testing.T) {
	got := samples(t, New(newClock().now).Metrics())
	if _, ok := got["p1_start_time_seconds{}"]; !ok || len(got) != 1 {
		t.Errorf("%v", got)
	}
}

func TestConfidenceHistogram(t *testing.T) {
	h := New(newClock().now)
	for _, p := range []float64{0, 0.5, 0.9, 0.95, 0.999, 0.9995, 0.999999, 0.999999} { // 0 is not said
		x := tel("a.log", record.Repaired)
		x.Confidence = p
		h.Take(x)
	}
	expect(t, samples(t, h.Metrics()), map[string]float64{
		"p1_confidence_bucket{source=a.log le=0.9}":     2,
		"p1_confidence_bucket{source=a.log le=0.99}":    3,
		"p1_confidence_bucket{source=a.log le=0.999}":   4,
		"p1_confidence_bucket{source=a.log le=0.9999}":  5,
		"p1_confidence_bucket{source=a.log le=0.99999}": 5,
		"p1_confidence_bucket{source=a.log le=1}":       7,
		"p1_confidence_bucket{source=a.log le=+Inf}":    7,
		"p1_confidence_count{source=a.log}":             7,
		"p1_confidence_sum{source=a.log}":               0.5 + 0.9 + 0.95 + 0.999 + 0.9995 + 2*0.999999,
	})
}

// A telegram came when its record says so; where it does not, or says what is yet to
// come, when it was read. The age grows while nothing comes.
func TestTimeOfTheLastTelegram(t *testing.T) {
	c := newClock()
	h := New(c.now)
	last := func(want, valid time.Time) {
		t.Helper()
		expect(t, samples(t, h.Metrics()), map[string]float64{
			"p1_last_telegram_timestamp_seconds{source=tty}":       float64(want.UnixMilli()) / 1000,
			"p1_last_telegram_age_seconds{source=tty}":             c.at.Sub(want).Seconds(),
			"p1_last_valid_telegram_timestamp_seconds{source=tty}": float64(valid.UnixMilli()) / 1000,
			"p1_last_valid_telegram_age_seconds{source=tty}":       c.at.Sub(valid).Seconds(),
		})
	}
	said := tel("tty", record.OK)
	said.Time = c.at.Add(-1500 * time.Millisecond).Format(time.RFC3339Nano)
	h.Take(said)
	good := c.at.Add(-1500 * time.Millisecond)
	last(good, good)
	c.forward(90 * time.Second)
	last(good, good)
	h.Take(tel("tty", record.Lost))
	lost := c.at
	last(lost, good)
	c.forward(time.Second)
	for _, odd := range []string{c.at.Add(time.Hour).Format(time.RFC3339), "yesterday"} {
		x := tel("tty", record.Repaired)
		x.Time = odd
		h.Take(x)
		last(c.at, c.at)
	}
	c.forward(-time.Minute) // the clock is put back
	expect(t, samples(t, h.Metrics()), map[string]float64{"p1_last_telegram_age_seconds{source=tty}": 0})
}

func TestRate(t *testing.T) {
	c := newClock()
	h := New(c.now)
	rate := func(want float64) {
		t.Helper()
		got := samples(t, h.Metrics())["p1_telegram_rate{source=tty}"]
		// A slot more or less may be within the five minutes.
		if math.Abs(got-want) > want/50 {
			t.Errorf("%v after %v, want %v", got, c.at.Sub(h.began), want)
		}
	}
	every := func(n int, d time.Duration) {
		for range n {
			c.forward(d)
			h.Take(tel("tty", record.OK))
		}
	}
	every(3, time.Second)
	rate(3) // of a minute, which has only begun
	every(117, time.Second)
	rate(60)
	every(600, time.Second)
	rate(60)
	every(60, 10*time.Second)
	rate(6)
	c.forward(150 * time.Second)
	rate(3)
	c.forward(time.Hour)
	rate(0)
	h.Take(tel("tty", record.OK))
	rate(0.2)
}

// However many sources come, the file stays small; what the first sixteen do not
// have, "other" has.
func TestSourcesAreBounded(t *testing.T) {
	h := New(newClock().now)
	const n = 1000
	for i := range n {
		h.Take(tel(fmt.Sprintf("logs/%d.log", i), record.OK))
		h.Take(&record.Gap{Origin: record.Origin{Source: fmt.Sprintf("logs/%d.log", i)}, Why: fmt.Sprint(i)})
	}
	seen := map[string]bool{}
	sum := 0.0
	for name, value := range samples(t, h.Metrics()) {
		if strings.HasPrefix(name, "p1_telegrams_total{") {
			source := strings.Fields(name)[0]
			seen[source] = true
			sum += value
		}
	}
	if len(seen) != maxSources+1 || !seen["p1_telegrams_total{source=other"] || sum != n {
		t.Errorf("%v telegrams of %d sources: %v", sum, len(seen), seen)
	}
	if len(h.problems) > maxProblems {
		t.Errorf("%d problems are kept", len(h.problems))
	}
}

// A source that is itself called other is among the others.
func TestASourceCalledOther(t *testing.T) {
	for _, at := range []int{0, maxSources - 1, maxSources, 3 * maxSources} {
		h := New(newClock().now)
		for i := range 4 * maxSources {
			name := fmt.Sprint(i)
			if i == at {
				name = other
			}
			h.Take(tel(name, record.OK))
		}
		lines := bytes.Count(h.Metrics(), []byte("\np1_suspect_total{"))
		named := bytes.Count(h.Metrics(), []byte("\np1_suspect_total{source=\"other\"}"))
		if named != 1 || lines > maxSources+1 {
			t.Errorf("at %d: %d lines, %d of them of the others", at, lines, named)
		}
	}
}

// Whatever the sources are called and whatever is said of their telegrams, the
// metrics can be read, no sample is there twice, and none is missing.
func FuzzMetrics(f *testing.F) {
	f.Add("/dev/ttyUSB0\nother\n\n}\n\"\n\\", "bad", "start")
	f.Add(strings.Repeat("a\nb\nc\n\xff\n\x00\n{le=\"1\"}\n1\n2\n3\n", 3), "", "\\\"")
	f.Fuzz(func(t *testing.T, sources, status, why string) {
		h := New(newClock().now)
		n := 0.0
		for name := range strings.SplitSeq(sources, "\n") {
			h.Take(tel(name, record.Status(status)))
			h.Take(&record.Gap{Origin: record.Origin{Source: name}, Why: why})
			n++
		}
		text := h.Metrics()
		got := samples(t, text)
		lines, telegrams, gaps := 0, 0.0, 0.0
		for line := range bytes.Lines(text) {
			if !bytes.HasPrefix(line, []byte("#")) {
				lines++
			}
		}
		for name, value := range got {
			switch {
			case strings.HasPrefix(name, "p1_telegrams_total"):
				telegrams += value
			case strings.HasPrefix(name, "p1_gaps_total"):
				gaps += value
			}
		}
		if telegrams != n || gaps != n || lines != len(got) {
			t.Errorf("%v telegrams and %v gaps, want %v; %d lines, %d samples:\n%s", telegrams, gaps, n, lines, len(got), text)
		}
		if text := h.Text(); strings.ContainsAny(text, "\x00\x1b") {
			t.Errorf("%q", text)
		}
	})
}

// No name of a source breaks the format, or puts into it what it is not.
func TestNamesOfSources(t *testing.T) {
	for name, want := range map[string]string{
		"/dev/serial/by-id/usb-FTDI": "usb-FTDI",
		`C:\logs\p1.log`:             "p1.log",
		"tcp://host:2001":            "host:2001",
		"serial:///dev/ttyS0?baud=9": "ttyS0",
		"demo:?meter=nl":             "demo:",
		"-":                          "-",
		"":                           "unnamed",
		"/":                          "/",
		"a\"b\n} 5\nfake_total 1":    `a"b\n} 5\nfake_total 1`,
		"\x1b[31mred":                `\x1b[31mred`,
		strings.Repeat("ű", 1000):    strings.Repeat("ű", maxName-1) + "…",
		"\xff\xfe":                   `\xff\xfe`,
	} {
		h := New(newClock().now)
		h.Take(tel(name, record.OK))
		got := samples(t, h.Metrics())
		if value := got["p1_telegrams_total{source="+want+" status=ok}"]; value != 1 {
			t.Errorf("%q: want %q, got %v", name, want, got)
		}
	}
}

func TestText(t *testing.T) {
	c := newClock()
	h := New(c.now)
	if text := h.Text(); !strings.Contains(text, "nothing has come yet") {
		t.Errorf("at first:\n%s", text)
	}
	for i := range 2 * maxProblems {
		bad := tel("/dev/ttyUSB0", record.Lost)
		bad.Offset, bad.Why = int64(1000+i), "too damaged\x1b[2J"
		h.Take(bad)
	}
	c.forward(10 * time.Second)
	h.Take(tel("/dev/ttyUSB0", record.OK))
	c.forward(50 * time.Second)
	text := h.Text()
	for _, want := range []string{
		"1m0s since the start\n", "ttyUSB0\n", "17 (ok 1, lost 16)", "17.0 over the last 1m0s\n",
		"the last      50s ago\n", "2026-03-01 12:00:00  ttyUSB0 at 1015: lost: too damaged\\x1b[2J\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if n := strings.Count(text, "too damaged"); n != maxProblems || strings.Contains(text, "at 1007:") {
		t.Errorf("%d problems:\n%s", n, text)
	}
	if strings.Contains(text, "\x1b") {
		t.Error("an escape is passed on")
	}
}
