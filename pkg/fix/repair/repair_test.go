package repair_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"p1/pkg/crc"
	"p1/pkg/fix/repair"
	"p1/pkg/frame"
	"p1/pkg/record"
	"p1/pkg/sim"
	"p1/pkg/sim/longtest"
	"p1/pkg/telegram"
)

type collector struct{ records []record.Record }

func (c *collector) Write(r record.Record) error {
	c.records = append(c.records, record.Keep(r))
	return nil
}

func (c *collector) Flush() error { return nil }

func (c *collector) telegrams() []*record.Telegram {
	var list []*record.Telegram
	for _, r := range c.records {
		if t, ok := r.(*record.Telegram); ok {
			list = append(list, t)
		}
	}
	return list
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// framed cuts a log into records.
func framed(t testing.TB, log []byte) []record.Record {
	t.Helper()
	c := &collector{}
	f := frame.New(c, frame.Options{})
	for at := 0; at < len(log); at += record.MaxData {
		data := log[at:min(at+record.MaxData, len(log))]
		must(t, f.Take(&record.Chunk{Origin: record.Origin{Source: "log", Offset: int64(at)}, Data: data}))
	}
	must(t, f.Close())
	return c.records
}

var usual = repair.Options{MinConfidence: 0.999}

// fix repairs copies of the records.
func fix(t testing.TB, records []record.Record, o repair.Options) []record.Record {
	t.Helper()
	c := &collector{}
	f := repair.New(c, o)
	for _, r := range records {
		if x, ok := r.(*record.Telegram); ok {
			copied := *x
			r = &copied
		}
		must(t, f.Take(r))
	}
	must(t, f.Close())
	return c.records
}

// simulated is a log with the truth beside it.
type simulated struct {
	log  []byte
	sent map[int64][]byte // by the offset at which the log of it begins
	ends []int64
}

func simulate(t testing.TB, query string) *simulated {
	t.Helper()
	o, err := sim.ParseOptions(query)
	must(t, err)
	stream, err := sim.New(o)
	must(t, err)
	s := &simulated{sent: map[int64][]byte{}}
	for x, ok := stream.Next(); ok; x, ok = stream.Next() {
		s.sent[int64(len(s.log))] = x.Sent
		s.log = append(s.log, x.Logged...)
		s.ends = append(s.ends, int64(len(s.log)))
	}
	return s
}

// truth returns what was sent when the byte at offset was logged. The middle of
// a record is a safe place to ask for: its ends may be those of its neighbours.
func (s *simulated) truth(offset int64) []byte {
	start := int64(0)
	for _, end := range s.ends {
		if offset < end {
			return s.sent[start]
		}
		start = end
	}
	return nil
}

// On every simulated line, what is called repaired is what the meter sent; and
// enough is repaired for the rules to have been at work.
func TestRepairedIsWhatWasSent(t *testing.T) {
	cases := []struct {
		query string
		floor int // repaired, of those that are damaged, in percent
	}{
		{"meter=hu&telegrams=300&noise=slow-rise&seed=11", 60},
		{"meter=hu&telegrams=300&noise=slow-rise&logger=printable&seed=12", 60},
		{"meter=hu&telegrams=300&noise=slow-rise&framing=drop&seed=13", 60},
		{"meter=hu&telegrams=300&noise=slow-fall&seed=14", 1},
		{"meter=hu&telegrams=300&noise=delete&seed=15", 1},
		{"meter=hu&telegrams=300&noise=flip&rate=0.00005&seed=16", 60},
		{"meter=hu&telegrams=300&noise=burst&seed=17", 1},
		{"meter=nl&telegrams=300&noise=slow-rise&seed=18", 40},
		{"meter=nl&telegrams=300&noise=slow-rise&logger=lf&seed=19", 40},
		{"meter=nl&telegrams=300&noise=slip&rate=0.5&resync=pause&seed=20", 25},
		{"meter=se&telegrams=300&noise=slip&rate=0.5&resync=pause&gap=1&seed=21", 20},
	}
	for _, x := range cases {
		t.Run(x.query, func(t *testing.T) {
			s := simulate(t, strings.Replace(x.query, "=300", longtest.Pick("=60", "=300", "=300"), 1))
			damaged, repaired := 0, 0
			for _, r := range fix(t, framed(t, s.log), usual) {
				tel, ok := r.(*record.Telegram)
				if !ok || tel.Status == record.OK {
					continue
				}
				damaged++
				if tel.Status != record.Repaired {
					continue
				}
				repaired++
				if want := s.truth(middle(tel)); !bytes.Equal(tel.Raw, want) {
					t.Errorf("telegram at %d is wrong:\n%q\nsent was\n%q", tel.Offset, tel.Raw, want)
				}
			}
			if damaged == 0 || 100*repaired < x.floor*damaged {
				t.Errorf("%d of %d damaged telegrams are repaired", repaired, damaged)
			}
			t.Logf("%d of %d damaged telegrams are repaired", repaired, damaged)
		})
	}
}

// What comes out joins to what came in, and a repaired telegram keeps its CRC,
// its edits and the grammar.
func TestConservation(t *testing.T) {
	for _, noise := range sim.Noises() {
		s := simulate(t, fmt.Sprintf("meter=hu&telegrams=%d&logger=printable&noise=%s", longtest.Pick(20, 60, 60), noise))
		checkRecords(t, fix(t, framed(t, s.log), usual), s.log)
	}
}

func middle(x *record.Telegram) int64 {
	received, err := record.Received(x)
	if err != nil {
		return -1
	}
	return x.Offset + int64(len(received))/2
}

func checkRecords(t testing.TB, records []record.Record, log []byte) {
	t.Helper()
	var all []byte
	for _, r := range records {
		if r.Where().Offset != int64(len(all)) {
			t.Fatalf("a record at %d, after %d bytes", r.Where().Offset, len(all))
		}
		got, err := record.Received(r)
		must(t, err)
		all = append(all, got...)
		x, ok := r.(*record.Telegram)
		if !ok {
			continue
		}
		if x.Status == record.Bad {
			t.Errorf("telegram at %d is still bad", x.Offset)
		}
		if x.Status == record.Repaired {
			bang := bytes.LastIndexByte(x.Raw, '!')
			if kind, known := crc.Named(x.CRC); !known || kind.Digits(x.Raw[:bang+1]) != telegram.SentCRC(bytes.TrimRight(x.Raw[bang:], "\r\n")) {
				t.Errorf("telegram at %d is repaired, but its CRC does not hold", x.Offset)
			}
			if err := telegram.Check(x.Raw); err != nil {
				t.Errorf("telegram at %d is repaired, but %v", x.Offset, err)
			}
			if received, err := record.Received(x); err != nil || x.Edits == nil {
				t.Errorf("telegram at %d: %d edits, %v", x.Offset, len(x.Edits), err)
			} else if back, err := record.Apply(crlf(received, x.EOL), x.Edits); err != nil || !bytes.Equal(back, x.Raw) {
				t.Errorf("telegram at %d: its edits do not lead to it: %v", x.Offset, err)
			}
		}
	}
	if !bytes.Equal(all, log) {
		t.Error("the records joined are not the log")
	}
}

func crlf(received []byte, eol string) []byte {
	if eol == record.EOLLF {
		return bytes.ReplaceAll(received, []byte("\n"), []byte("\r\n"))
	}
	return received
}

// Clean in = clean out; what has been decided stays; deciding again comes to the
// same end.
func TestIdempotent(t *testing.T) {
	clean := framed(t, simulate(t, "meter=hu&telegrams=20").log)
	if got := fix(t, clean, usual); !reflect.DeepEqual(got, clean) {
		t.Error("a clean stream has changed")
	}
	log := simulate(t, "meter=hu&telegrams=200&noise=slow-rise&logger=printable").log
	once := fix(t, framed(t, log), usual)
	if twice := fix(t, once, usual); !reflect.DeepEqual(once, twice) {
		t.Error("its own output has changed")
	}
	again := fix(t, once, repair.Options{MinConfidence: 0.999, Again: true})
	if !reflect.DeepEqual(once, again) {
		t.Error("deciding again comes to another end")
	}
}

// The symptoms that are fixed text, each in a telegram of its own between two
// valid ones.
func TestFixedText(t *testing.T) {
	s := simulate(t, "meter=hu&telegrams=3&logger=raw")
	var tel []string
	for at := int64(0); len(tel) < 3; at = s.ends[len(tel)-1] {
		tel = append(tel, string(s.sent[at]))
	}
	b := tel[1]
	one := func(old, new string) string {
		if strings.Count(b, old) == 0 {
			t.Fatalf("the sample has no %q", old)
		}
		return strings.Replace(b, old, new, 1)
	}
	cases := map[string]string{
		"leading garbage":     "\x00~\x12" + b,
		"lost first byte":     b[1:],
		"hit first byte":      "\x0e" + b[1:],
		"damaged header":      b[:3] + " " + b[4:],
		"damaged OBIS code":   one("1-0:2.8.1(", "1-0:2.0.1("),
		"displaced OBIS code": one("\r\n1-0:2.8.1(", "1-0\r\n:2.8.1("),
		"lost unit":           one("*kvarh)", "*varh)"),
		"garbage line":        one("\r\n1-0:2.8.1(", "\r\n~~~~~ ~~\r\n1-0:2.8.1("),
		"message lost":        one(strings.Repeat("\xff", 1024), ""),
		"message cut short":   one(strings.Repeat("\xff", 1024), strings.Repeat("\xff", 1000)),
		"message half":        one(strings.Repeat("\xff", 1024), strings.Repeat("\xff", 500)),
		"message hit":         one("\xff\xff\xff\xff", "\xff\xfe\xff\xfc"),
		"LF lost":             one("\n1-0:2.8.1", "1-0:2.8.1"),
		"lost ! line end":     strings.TrimSuffix(b, "\n"),
	}
	for name, damaged := range cases {
		t.Run(name, func(t *testing.T) {
			log := tel[0] + damaged + tel[2]
			records := fix(t, framed(t, []byte(log)), usual)
			checkRecords(t, records, []byte(log))
			found := false
			for _, r := range records {
				if x, ok := r.(*record.Telegram); ok && x.Seq == 2 {
					found = x.Status.Valid() && (string(x.Raw) == b || x.Status == record.OK)
					if !found {
						t.Errorf("%s: %s", x.Status, x.Why)
					}
				}
			}
			if !found {
				t.Error("it is not repaired")
			}
		})
	}
}

// What the logger left out is marked as the logger's, what the line lost is not.
func TestWhoseEdit(t *testing.T) {
	s := simulate(t, "meter=hu&telegrams=20&logger=printable")
	for _, x := range (&collector{fix(t, framed(t, s.log), usual)}).telegrams() {
		if line, logger := x.EditCount(); line != 0 || logger != 1 || x.Status != record.Repaired {
			t.Errorf("telegram %d is %s with %d and %d edits, want repaired with 0 and 1", x.Seq, x.Status, line, logger)
		}
		if want := strings.Repeat("\xff", 1024); string(x.Edits[0].Now) != want {
			t.Errorf("%d bytes are put back, want 1,024 of FF", len(x.Edits[0].Now))
		}
	}
}

// Why a telegram is not repaired.
func TestReasons(t *testing.T) {
	s := simulate(t, "meter=hu&telegrams=4&logger=raw")
	a := string(s.sent[0])
	second := string(s.sent[s.ends[0]])
	cases := []struct{ name, log, want string }{
		{"CRC hit", a + second[:len(second)-6] + "~~~~\r\n", "the CRC cannot be read"},
		{"nothing to compare with", strings.NewReplacer("1-0:", "1-7:", "0-0:", "0-7:").Replace(a), "no valid telegram to compare with yet"},
		{"cut short", a + second[:900] + second[len(second)-7:], "too damaged"},
	}
	for _, x := range cases {
		got := (&collector{fix(t, framed(t, []byte(x.log)), usual)}).telegrams()
		if last := got[len(got)-1]; last.Status != record.Lost && last.Status != record.Salvaged || last.Why != x.want {
			t.Errorf("%s: %s, %q", x.name, last.Status, last.Why)
		}
	}
}

// A stream without CRCs has nothing that could confirm a repair; lines of it can be trusted.
func TestUncheckedStreamIsNotRepaired(t *testing.T) {
	log := string(simulate(t, "meter=dsmr3&telegrams=8&logger=raw").log)
	log = strings.Replace(log, "*kWh)\r", "*kWh\r", 1)
	got := (&collector{fix(t, framed(t, []byte(log)), usual)}).telegrams()
	if got[0].Status != record.Salvaged || got[1].Status != record.Unchecked {
		t.Errorf("%s, %s", got[0].Status, got[1].Status)
	}
	for _, l := range got[0].Trusted {
		if l.Confidence < 0.999 {
			t.Errorf("line %d: a confidence of %v", l.Line, l.Confidence)
		}
	}
}

// Below the confidence that is asked for, a repair is refused.
func TestMinConfidence(t *testing.T) {
	log := simulate(t, "meter=hu&telegrams=20&logger=printable").log
	for _, x := range (&collector{fix(t, framed(t, log), repair.Options{MinConfidence: 1})}).telegrams() {
		if x.Status != record.Lost || x.Why == "" {
			t.Errorf("telegram %d is %s", x.Seq, x.Status)
		}
	}
}

// However long nothing is valid, what is held back is bounded.
func TestHeldBackIsBounded(t *testing.T) {
	telegrams := longtest.Pick(1500, 5000, 5000)
	c := &collector{}
	f := repair.New(c, usual)
	bad := &record.Telegram{Origin: record.Origin{Source: "x"}, Status: record.Bad, CRC: record.CRCARC, Raw: make([]byte, 1000)}
	for n := range telegrams {
		x := *bad
		must(t, f.Take(&x))
		if held := n + 1 - len(c.records); held > 1000 {
			t.Fatalf("%d telegrams are held back", held)
		}
	}
	must(t, f.Close())
	if len(c.records) != telegrams {
		t.Errorf("%d records came out of %d", len(c.records), telegrams)
	}
}

// A live telegram is out at once; only one that lacks its last line waits, for
// the next record or for a second.
func TestLiveIsNotHeld(t *testing.T) {
	telegram := func(raw string) *record.Telegram {
		return &record.Telegram{Origin: record.Origin{Source: "tty"}, Live: true, Status: record.Bad, Raw: []byte(raw)}
	}
	const whole, cut = "/x\r\n!12~4\r\n", "/x\r\n1-0:1.8.0(0"
	noise := &record.Noise{Origin: record.Origin{Source: "tty"}, Live: true, Data: []byte("?")}
	gap := &record.Gap{Origin: record.Origin{Source: "tty"}, Live: true, Why: record.GapUnplugged}
	for _, x := range []struct {
		name string
		in   []record.Record
		held int
	}{
		{"with an end line", []record.Record{telegram(whole), telegram(whole)}, 0},
		{"without one", []record.Record{telegram(cut)}, 1},
		{"without one, then another", []record.Record{telegram(cut), telegram(whole)}, 0},
		{"without one, then noise", []record.Record{telegram(cut), noise}, 2},
		{"without one, then a gap", []record.Record{telegram(cut), gap}, 0},
	} {
		c := &collector{}
		f := repair.New(c, usual)
		for _, r := range x.in {
			must(t, f.Take(r))
		}
		if held := len(x.in) - len(c.records); held != x.held {
			t.Errorf("%s: %d records are held back, want %d", x.name, held, x.held)
		}
		want := time.Duration(0)
		if x.held > 0 {
			want = repair.EndWait
		}
		if f.Wait() != want {
			t.Errorf("%s: it waits for %v", x.name, f.Wait())
		}
		must(t, f.Expire())
		if len(c.records) != len(x.in) {
			t.Errorf("%s: %d of %d records are out in the end", x.name, len(c.records), len(x.in))
		}
	}
}

func realLog(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "shared", "data", name))
	if err != nil {
		t.Skipf("the real log %s is not here", name)
	}
	return data
}

// The noisy day of a real meter: sums and clock of all that is repaired agree,
// and there is enough of it.
func TestRealNoisyLog(t *testing.T) {
	log := realLog(t, "eon-noisy.log")
	records := fix(t, framed(t, log), usual)
	checkRecords(t, records, log)
	repaired := 0
	last := ""
	for _, x := range (&collector{records}).telegrams() {
		if x.Status != record.Repaired {
			continue
		}
		repaired++
		p := telegram.Parse(x.Raw)
		_, clock, ok := p.Clock()
		if !ok || clock <= last {
			t.Errorf("telegram at %d: the clock says %s after %s", x.Offset, clock, last)
		}
		last = clock
		checkSums(t, p, x.Offset)
	}
	if repaired < 700 {
		t.Errorf("%d of 804 are repaired", repaired)
	}
}

// checkSums checks the sums that hold in every intact telegram of this meter.
func checkSums(t *testing.T, p *telegram.Telegram, offset int64) {
	t.Helper()
	n := func(code, unit string) int64 {
		d, ok := p.Number(code, unit)
		if !ok || d.Scale != 3 {
			t.Errorf("telegram at %d: no %s", offset, code)
		}
		return d.Digits
	}
	for _, total := range []string{"1-0:1.8.", "1-0:2.8."} {
		if n(total+"0", "kWh") != n(total+"1", "kWh")+n(total+"2", "kWh")+n(total+"3", "kWh")+n(total+"4", "kWh") {
			t.Errorf("telegram at %d: the tariffs of %s0 do not add up", offset, total)
		}
	}
	if n("1-0:3.8.0", "kvarh") != n("1-0:5.8.0", "kvarh")+n("1-0:6.8.0", "kvarh") {
		t.Errorf("telegram at %d: 3.8.0 does not add up", offset)
	}
}

func BenchmarkFixNoisy(b *testing.B) {
	records := framed(b, simulate(b, "meter=hu&telegrams=400&noise=slow-rise&logger=printable").log)
	b.ResetTimer()
	for b.Loop() {
		fix(b, records, usual)
	}
	b.ReportMetric(float64(400*b.N)/b.Elapsed().Seconds(), "telegrams/s")
}

// A clean telegram costs no memory, once its meter is known.
func TestCleanAllocatesNothing(t *testing.T) {
	for _, name := range []string{"hu", "nl", "be", "hu-holley"} {
		var telegrams []*record.Telegram
		for _, r := range framed(t, simulate(t, "meter="+name+"&telegrams=600").log) {
			if x, ok := r.(*record.Telegram); ok {
				telegrams = append(telegrams, x)
			}
		}
		out := &counter{}
		f := repair.New(out, usual)
		i := 0
		take := func() {
			must(t, f.Take(telegrams[i]))
			i++
		}
		for range 20 {
			take()
		}
		if n := testing.AllocsPerRun(500, take); n > 0 {
			t.Errorf("%s: %v allocations a telegram", name, n)
		}
	}
}

// Of telegrams that differ in length for a while, each is learned as the transmission
// that it was: the values of both shapes have gone so many steps as lie between them.
func TestStepsBetweenShapes(t *testing.T) {
	f := repair.New(&counter{}, usual)
	for _, r := range framed(t, simulate(t, "meter=hu&telegrams=18&message=hello").log) {
		must(t, f.Take(r))
	}
	must(t, f.Close())
	state, err := f.State()
	must(t, err)
	var meter struct {
		Meter struct {
			Shapes []struct {
				Telegrams int
				Fields    []struct {
					Kind  string
					Steps float64
				}
			}
		}
	}
	must(t, json.Unmarshal(state[0], &meter))
	steps := map[int]float64{} // by the number of telegrams
	for _, s := range meter.Meter.Shapes {
		for _, field := range s.Fields {
			if field.Kind == "clock" {
				steps[s.Telegrams] = field.Steps
			}
		}
	}
	// The first and the last third are 5 steps each, with 7 between them.
	if want := map[int]float64{12: 17, 6: 5}; !maps.Equal(steps, want) {
		t.Errorf("telegrams and steps are %v, want %v", steps, want)
	}
}

// Whatever a meter's header is, one or two damaged telegrams among a few are repaired.
func TestOddHeaders(t *testing.T) {
	for _, header := range []string{"/ABC9 6534", "/KMP MB6412", "/abcd", "/K", "/", "/KMP(1) 22", "/KMP5\xb5\x01 6412", "/KMP5/ABC2"} {
		for damaged := 1; damaged <= 2; damaged++ {
			s := &simulated{sent: map[int64][]byte{}}
			for i, tel := range transmissions(t, "meter=nl&telegrams=8") {
				_, rest, _ := strings.Cut(tel, "\r\n")
				tel = signed(header+"\r\n"+rest, crc.ARC, "%04X")
				s.sent[int64(len(s.log))] = []byte(tel)
				if i == 3 || i == 5 && damaged == 2 {
					at := strings.Index(tel, "1-0:2.7.0(")
					tel = tel[:at] + "1-0:2 7.0 " + tel[at+10:]
				}
				s.log = append(s.log, tel...)
				s.ends = append(s.ends, int64(len(s.log)))
			}
			count := s.tally(t, fix(t, framed(t, s.log), usual), crc.ARC)
			if count[record.OK] != 8-damaged || count[record.Repaired] != damaged {
				t.Errorf("%q, %d damaged: %v", header, damaged, count)
			}
		}
	}
}
