package diagnose_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"p1/pkg/fix/repair"
	"p1/pkg/noise/diagnose"
	"p1/pkg/record"
	"p1/pkg/sim/longtest"
	"p1/pkg/sim/wiretest"
)

func instant(t *testing.T, text string) diagnose.Instant {
	t.Helper()
	at, err := diagnose.ParseInstant(text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// A resistor that helps is told from one that does not, and the interval holds the
// true ratio.
func TestMark(t *testing.T) {
	for _, c := range []struct {
		name          string
		before, after string
		low, high     float64 // bounds of the true ratio
		says          string
	}{
		{"helped", "noise=slow-rise", "noise=slow-rise&rate=0.0002&pause-rate=0.02", 0.05, 0.2, "It helped"},
		{"cured", "noise=slow-rise", "noise=clean", 0, 0.01, "It helped"},
		{"same", "noise=flip", "noise=flip", 1, 1, "No difference is proved"},
		{"worse", "noise=flip", "noise=flip&rate=0.001", 10, 10, "It made things worse"},
		{"nothing", "noise=clean", "noise=clean", -1, -1, "No damage before, none since"},
	} {
		log, _ := simulated(t, "meter=se&telegrams=180&seed=31&"+c.before)
		more, _ := simulated(t, "meter=se&telegrams=180&seed=32&start=2026-03-01T00:30:00&"+c.after)
		mark, err := diagnose.ParseMark("2026-03-01T00:30=new-resistor")
		if err != nil {
			t.Fatal(err)
		}
		r := diagnosed(t, diagnose.Options{Marks: []diagnose.Mark{mark}}, append(log, more...))
		got := r.Compared[0]
		if got.Mark != "new-resistor" || !strings.HasPrefix(got.Verdict, c.says) {
			t.Errorf("%s: %+v", c.name, got)
		}
		// One whose time is in doubt counts for that of the one before it.
		if got.Before.Telegrams+got.After.Telegrams < 359 || got.Before.Telegrams < 175 || got.Before.Telegrams > 185 {
			t.Errorf("%s: %d telegrams before, %d after", c.name, got.Before.Telegrams, got.After.Telegrams)
		}
		if c.high > 0 && (got.High < c.low || got.Low > c.high) {
			t.Errorf("%s: the interval %.3f to %.3f misses %.2f to %.2f", c.name, got.Low, got.High, c.low, c.high)
		}
	}
}

// Several sources are judged as one line, and that is said; sessions of one are not.
func TestSourcesAreCounted(t *testing.T) {
	gap := func(source, session string) *record.Gap {
		return &record.Gap{Origin: record.Origin{Source: source, Session: session}, Why: record.GapStart}
	}
	for _, c := range []struct {
		records []*record.Gap
		want    string
	}{
		{nil, ""},
		{[]*record.Gap{gap("a", "1"), gap("a", "2")}, ""},
		{[]*record.Gap{gap("a", ""), gap("b", ""), gap("a", "")}, "2 sources were judged as one line."},
	} {
		d := diagnose.New(diagnose.Options{})
		for _, r := range c.records {
			if err := d.Take(r); err != nil {
				t.Fatal(err)
			}
		}
		if r := d.Report(); !strings.HasPrefix(r.Joined, c.want) || c.want == "" && r.Joined != "" {
			t.Errorf("%d records: %q, want %q", len(c.records), r.Joined, c.want)
		}
	}
}

// Two logs that follow each other are judged apart as well: of a clean one and a noisy one
// what is said of each alone. Those that come by turns are not.
func TestSourcesApart(t *testing.T) {
	take := func(d *diagnose.Diagnoser, source, query string) string {
		log, _ := simulated(t, query)
		alone := diagnose.New(diagnose.Options{})
		fixer := repair.New(sink(func(r record.Record) error {
			switch r := r.(type) {
			case *record.Telegram:
				r.Source = source
			case *record.Noise:
				r.Source = source
			}
			if err := alone.Take(record.Keep(r)); err != nil {
				return err
			}
			return d.Take(r)
		}), repair.Options{MinConfidence: 0.999})
		send(t, log, fixer.Take)
		if err := fixer.Close(); err != nil {
			t.Fatal(err)
		}
		return alone.Report().Headline
	}
	d := diagnose.New(diagnose.Options{})
	want := []diagnose.Single{{Source: "clean.log"}, {Source: "flip.log"}, {Source: "late.log"}}
	for i, query := range []string{"telegrams=30", "telegrams=60&noise=flip", "telegrams=60&noise=late"} {
		want[i].Headline = take(d, want[i].Source, query)
		got := d.Report().Apart
		if i == 0 && got != nil || i > 0 && !slices.Equal(got, want[:i+1]) {
			t.Errorf("after %d: %q, want %q", i+1, got, want[:i+1])
		}
	}
	if take(d, "clean.log", "telegrams=3"); d.Report().Apart != nil {
		t.Errorf("by turns: %q", d.Report().Apart)
	}
}

// Where edges are late on the whole line there is one range of how late, which a known
// receiver narrows; where they are late now and then there is none, and headline and estimate
// say so.
func TestOneRangeOfLateness(t *testing.T) {
	late := regexp.MustCompile(`[0-9.]+ to [0-9.]+ µs late`)
	said := func(query, receiver string) (r diagnose.Report, ranges []string) {
		log, _ := simulated(t, "meter=hu&telegrams=100&"+query)
		r = diagnosed(t, diagnose.Options{Receiver: receiver}, log)
		for _, text := range append(append([]string{r.Headline, r.Plain}, r.Findings[0].Evidence...), r.Estimate.Texts()...) {
			ranges = append(ranges, late.FindAllString(text, -1)...)
		}
		return r, ranges
	}
	const always = "noise=slow-rise&rate=1&pause-rate=1&late=3.4&scatter=0.26"
	unknown, any := said(always, "")
	known, narrow := said(always, "transistor")
	if len(any) != 1 || len(narrow) == 0 || len(slices.Compact(narrow)) != 1 || any[0] == narrow[0] {
		t.Errorf("without a receiver %q, with one %q", any, narrow)
	}
	if unknown.Spells || known.Spells || !strings.Contains(strings.Join(unknown.Findings[0].Evidence, " "), "--receiver transistor") {
		t.Errorf("%v", unknown.Findings[0].Evidence)
	}
	spells, none := said("noise=slow-rise", "transistor")
	if len(none) > 0 || !spells.Spells || !strings.HasPrefix(spells.Plain, "Now and then ") || !strings.Contains(spells.Headline, "now and then") || !strings.Contains(spells.Estimate.Needs, "now and then") {
		t.Errorf("%q: %s %s %s", none, spells.Plain, spells.Headline, spells.Estimate.Needs)
	}
}

// Only what comes from a time on counts.
func TestSince(t *testing.T) {
	log, _ := simulated(t, "meter=se&telegrams=180&seed=31&noise=flip&rate=0.0005")
	more, _ := simulated(t, "meter=se&telegrams=180&seed=32&start=2026-03-01T00:30:00")
	log = append(log, more...)
	for text, want := range map[string]int64{"2026-03-01T00:30:10": 179, "2026-03-01T00:30:10+01:00": 179, "2026-03-02": 0} {
		r := diagnosed(t, diagnose.Options{Since: instant(t, text)}, log)
		if got := r.Totals.Telegrams; got < want-1 || got > want+1 || r.Totals.Events > 0 {
			t.Errorf("since %s: %d telegrams with %d hits, want %d with none", text, got, r.Totals.Events, want)
		}
	}
	if r := diagnosed(t, diagnose.Options{}, log); r.Totals.Events == 0 {
		t.Error("nothing is wrong before either")
	}
}

func TestInstants(t *testing.T) {
	for _, text := range []string{"", "yesterday", "2026-13-01", "18:00"} {
		if _, err := diagnose.ParseInstant(text); err == nil {
			t.Errorf("%q is taken for a time", text)
		}
		if _, err := diagnose.ParseMark(text + "=x"); err == nil {
			t.Errorf("%q is taken for a mark", text)
		}
	}
}

// A line of which nothing can be read is told from others by the bytes.
func TestUnreadable(t *testing.T) {
	text, _ := simulated(t, "meter=hu&telegrams=4")
	slow := make([]byte, len(text))
	fast := make([]byte, len(text))
	for i, b := range text {
		slow[i], fast[i] = b&(b<<1), b|b<<1
	}
	idle := func() int { return 0 }
	inverted := wiretest.Sampled(wiretest.Turned(wiretest.Wire(text[100:2400], idle)), false, false)
	random := make([]byte, 3000)
	dice := rand.New(rand.NewPCG(7, 8))
	for i := range random {
		random[i] = byte(dice.Uint32())
	}
	for _, c := range []struct {
		name string
		log  []byte
		want diagnose.Signature
	}{
		{"every edge rises late", slow, diagnose.OnesLost},
		{"every edge falls late", fast, diagnose.ZerosLost},
		{"inverted", inverted, diagnose.Polarity},
		{"random", random, diagnose.Unreadable},
	} {
		r := diagnosed(t, diagnose.Options{}, c.log)
		if len(r.Findings) == 0 || r.Findings[0].Signature != c.want || r.Clean {
			t.Errorf("%s: %s", c.name, words(&r))
		}
		if len(r.Remedies) == 0 {
			t.Errorf("%s: no remedy", c.name)
		}
	}
	if r := diagnosed(t, diagnose.Options{}, nil); r.Clean || len(r.Findings) > 0 || r.Headline == "" {
		t.Errorf("of nothing it says %s", words(&r))
	}
}

// Without p1fix there are no edits, and the damaged telegrams are compared with valid
// ones: the same mechanism is named. (With its digits unknown, a byte that begins late and
// is dropped looks as a missed start edge does.)
func TestWithoutRepair(t *testing.T) {
	for _, c := range channels[:7] {
		if c.query == "noise=slow-fall&framing=drop" {
			continue
		}
		log, _ := simulated(t, fmt.Sprintf("meter=nl&telegrams=%d&seed=5&%s", c.telegrams*2, c.query))
		r := framed(t, log)
		if !c.isRight(&r) {
			t.Errorf("%s:\n%s", c.query, words(&r))
		}
	}
}

// What is reported adds up, and can be written as JSON, whatever comes.
func TestReportAddsUp(t *testing.T) {
	for _, c := range channels {
		log, _ := simulated(t, fmt.Sprintf("meter=be&telegrams=%d&seed=9&%s", longtest.Pick(30, 80, 80), c.query))
		r := diagnosed(t, diagnose.Options{}, log)
		if n := r.Totals.Intact + r.Totals.Unknown + r.Totals.Repaired + r.Totals.Remaining; n != r.Totals.Telegrams {
			t.Errorf("%s: %d of %d telegrams have become something", c.query, n, r.Totals.Telegrams)
		}
		sum, share := 0.0, 0.0
		for _, f := range r.Findings {
			sum += f.Events
			share += f.Share.Value
			if f.Share.Low > f.Share.Value || f.Share.High < f.Share.Value {
				t.Errorf("%s: %+v", c.query, f)
			}
		}
		if math.Abs(sum-float64(r.Totals.Events)) > 1+0.01*sum || r.Totals.Events > 0 && math.Abs(share-1) > 0.02 {
			t.Errorf("%s: findings of %.1f hits, and %.3f of all, for %d", c.query, sum, share, r.Totals.Events)
		}
		var tally diagnose.Tally
		for _, d := range r.Grid {
			for _, h := range d.Hours {
				tally.Telegrams += h.Telegrams
				tally.Events += h.Events
			}
		}
		if tally.Telegrams+r.Unknown.Telegrams != r.Totals.Telegrams {
			t.Errorf("%s: %d telegrams in hours, %d without, of %d", c.query, tally.Telegrams, r.Unknown.Telegrams, r.Totals.Telegrams)
		}
		for edge, row := range r.Bits.Wrong {
			for bit, wrong := range row {
				if sent := r.Bits.Sent[edge][bit]; wrong > sent {
					t.Errorf("%s: %d of %d bits %d after edge %d are wrong", c.query, wrong, sent, bit, edge)
				}
			}
		}
		if _, err := json.Marshal(r); err != nil {
			t.Errorf("%s: %v", c.query, err)
		}
	}
}

// Of a run of equal bytes nobody knows which one was lost, so no place in it stands out.
func TestLostFillerHasNoPlace(t *testing.T) {
	for _, noise := range []string{"overrun", "delete"} {
		log, _ := simulated(t, "meter=hu&telegrams=400&seed=6&noise="+noise)
		if r := diagnosed(t, diagnose.Options{}, log); len(r.Pauses) > 0 || r.Totals.Events < 20 {
			t.Errorf("%s: %s", noise, words(&r))
		}
	}
}

// Where whole bytes are hit, their edges are late together; nothing is said of microseconds
// that such a line does not show.
func TestTogether(t *testing.T) {
	log, _ := simulated(t, "meter=hu&telegrams=100&seed=4&noise=slow-rise")
	r := diagnosed(t, diagnose.Options{}, log)
	evidence := strings.Join(r.Findings[0].Evidence, " ")
	if !strings.Contains(evidence, "late together, by more than half a bit") || strings.Contains(evidence, "the scatter away") {
		t.Errorf("it says: %s", evidence)
	}
}

// FuzzDiagnose: whatever the records hold, nothing panics, the figures are figures,
// and no control character of the stream gets into the words.
func FuzzDiagnose(f *testing.F) {
	raw := []byte("/AUX5991\r\n\r\n0-0:1.0.0(230824012130S)\r\n1-0:1.8.0(008234.524*kWh)\r\n!5B60\r\n")
	for n := 0; n < len(raw); n += longtest.Pick(3, 1, 1) {
		f.Add(raw[:n], byte(n), n, byte(1))
		flipped := append([]byte(nil), raw...)
		flipped[n] ^= 1 << (n % 8)
		f.Add(flipped, byte(n), n, byte(4))
	}
	f.Add([]byte("00000"), byte(3), -38, byte(4)) // an edit before the telegram
	statuses := []record.Status{record.OK, record.Bad, record.Unchecked, record.Repaired, record.Salvaged, record.Lost, "?"}
	f.Fuzz(func(t *testing.T, data []byte, status byte, at int, length byte) {
		d := diagnose.New(diagnose.Options{Marks: []diagnose.Mark{{Name: "x"}}})
		good := &record.Telegram{Status: record.OK, CRC: record.CRCARC, Raw: raw}
		bad := &record.Telegram{Status: statuses[int(status)%len(statuses)], Raw: data, Why: string(data), Suspect: string(data[len(data)/2:])}
		bad.Source = string(data)
		if n := int(length); n < len(data) {
			bad.Edits = []record.Edit{{At: at, Got: data[:n], Now: data[n:]}, {At: at + n, Got: data[:n]}}
		}
		for _, r := range []record.Record{bad, good, bad, &record.Noise{Data: data}, &record.Gap{Why: string(data)}} {
			if err := d.Take(r); err != nil {
				t.Fatal(err)
			}
		}
		r := d.Report()
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range string(text) {
			if c < ' ' || c == 0x7F {
				t.Fatalf("%U in %s", c, text)
			}
		}
	})
}

// However long a name is that the stream gives, the report repeats the beginning only.
func TestLongNamesAreCut(t *testing.T) {
	long := strings.Repeat("ß\x1b", 100_000)
	d := diagnose.New(diagnose.Options{})
	for _, r := range []record.Record{
		&record.Gap{Origin: record.Origin{Source: long}, Why: long},
		&record.Telegram{Origin: record.Origin{Source: long}, Status: record.Lost, Why: long, Raw: []byte("/XYZ5\r\n\r\n!0000\r\n")},
	} {
		if err := d.Take(r); err != nil {
			t.Fatal(err)
		}
	}
	text, err := json.Marshal(d.Report())
	if err != nil {
		t.Fatal(err)
	}
	if len(text) > 20_000 || !strings.Contains(string(text), "…") || !strings.Contains(string(text), `ß\\x1bß`) {
		t.Errorf("%d bytes: %.300s", len(text), text)
	}
}
