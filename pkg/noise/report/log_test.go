package report

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

const heading = "time,source,offset,type,status,crc_sent,crc_calc,changes,conclusion\n"

func TestEmptyLogHasItsHeading(t *testing.T) {
	if got := runLog(t, nil, never); got != heading {
		t.Errorf("got %q", got)
	}
	p := newTape("p1.log")
	p.telegram(record.OK)
	p.telegram(record.Unchecked)
	if got := runLog(t, p.records, always); got != heading {
		t.Errorf("clean line: got %q", got)
	}
}

func TestLogLine(t *testing.T) {
	p := newTape("p1.log")
	p.noise(puttyHeader)
	x := p.telegram(record.Repaired)
	x.CRCSent, x.CRCCalc, x.Confidence = "5B60", "11AA", 0.99997
	x.Edits = []record.Edit{{At: 0, Now: record.Bytes("/")}}
	want := heading +
		`../2023-08-24T01:21:30+02:00,p1.log,0,noise,,,,,"logger header, 79 bytes: ""=~=~=~=~=~=~=~=~=~=~=~= PuTTY log 2023.…"""` + "\n" +
		`2023-08-24T01:21:30+02:00,p1.log,79,telegram,repaired,5B60,11AA,0 header ->2F,"repaired, confidence 0.999970"` + "\n"
	if got := runLog(t, p.records, never); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestChanges(t *testing.T) {
	line := []byte("1-0:1.8.0(008234.524*kWh)")
	whole := rawTelegram("230824012130S")
	fill := bytes.IndexByte(whole, 0xFF)
	end := bytes.IndexByte(whole, '!')
	for _, c := range []struct {
		name  string
		raw   []byte
		edits []record.Edit
		want  string
	}{
		{"three kinds", line, []record.Edit{
			{At: 7, Got: record.Bytes(" "), Now: record.Bytes(".")},
			{At: 11, Now: record.Bytes("0")},
			{At: 20, Got: record.Bytes("~")},
		}, "7 1-0:1.8.0 20->2E; 11 1-0:1.8.0 ->30; 20 1-0:1.8.0 7E->"},
		{"none", line, nil, ""},
		{"header", whole, []record.Edit{{At: 3, Got: record.Bytes{0}, Now: record.Bytes("X")}}, "3 header 00->58"},
		{"line without a code", whole, []record.Edit{{At: 17, Got: record.Bytes{0x08, 0x00}, Now: record.Bytes("\r\n")}},
			"17 line 2 0800->0D0A"},
		{"clock line", whole, []record.Edit{{At: 19, Now: record.Bytes("0")}}, "19 0-0:1.0.0 ->30"},
		{"end line", whole, []record.Edit{{At: end, Got: record.Bytes("1"), Now: record.Bytes("!")}},
			"178 ! 31->21"},
		{"logger", whole, []record.Edit{{At: fill, Now: bytes.Repeat([]byte{0xFF}, 16), By: record.ByLogger}},
			"159 0-0:96.13.0 ->FFx16 (logger)"},
		{"long run", line, []record.Edit{{At: 10, Now: bytes.Repeat([]byte{0xFF}, 1024)}}, "10 1-0:1.8.0 ->FFx1024"},
		{"after the end", line, []record.Edit{{At: 99}}, "99 1-0:1.8.0 ->"},
		{"before the start", line, []record.Edit{{At: -1}}, "-1 line 1 ->"},
		{"no lines", nil, []record.Edit{{At: 0, Got: record.Bytes("AAB")}}, "0 line 1 414142->"},
	} {
		if got := changes(c.edits, telegram.Parse(c.raw)); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, got, c.want)
		}
	}
}

// Whatever lies between two verified telegrams waits for the second one.
func TestRowsWaitForTheNextVerifiedTelegram(t *testing.T) {
	p := newTape("p1.log")
	p.telegram(record.OK)
	p.telegram(record.Lost)
	p.noise("xyz")
	p.gap(record.GapUnplugged)
	suspect := p.telegram(record.OK)
	suspect.Suspect = "the clock fell"
	p.telegram(record.OK)

	var out bytes.Buffer
	l := NewLog(&out)
	for i, r := range p.records {
		if err := errors.Join(l.Take(r), l.Flush()); err != nil {
			t.Fatal(err)
		}
		if early := out.String() != heading; early != (i == len(p.records)-1) {
			t.Errorf("after record %d: %q", i+1, out.String())
		}
	}
	var times []string
	for _, row := range parseLog(t, out.String()) {
		times = append(times, row.Type+" "+row.Time)
	}
	want := []string{
		"telegram 2023-08-24T01:21:30+02:00/2023-08-24T01:22:00+02:00",
		"noise 2023-08-24T01:21:30+02:00/2023-08-24T01:22:00+02:00",
		"gap 2023-08-24T01:21:30+02:00/2023-08-24T01:22:00+02:00",
		"telegram 2023-08-24T01:21:50+02:00", // the suspect one, whose own time bounds nothing
	}
	if !slices.Equal(times, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(times, "\n"), strings.Join(want, "\n"))
	}
}

func TestOpenEnds(t *testing.T) {
	begin := func(source string, offset int64, statuses ...record.Status) []record.Record {
		p := newTape(source)
		p.origin.Offset = offset
		for _, s := range statuses {
			p.telegram(s)
		}
		return p.records
	}
	const first, second = "2023-08-24T01:21:30+02:00", "2023-08-24T01:21:40+02:00"
	for _, c := range []struct {
		name    string
		records []record.Record
		want    []string
	}{
		{"nothing is known", begin("a", 0, record.Bad), []string{"../.."}},
		{"at the start", begin("a", 0, record.Bad, record.OK), []string{"../" + second}},
		{"at the end", begin("a", 0, record.OK, record.Bad), []string{first + "/.."}},
		{"another source", slices.Concat(begin("a", 0, record.OK, record.Bad), begin("b", 0, record.Bad, record.OK)),
			[]string{first + "/..", "../" + second}},
		{"the same source again", slices.Concat(begin("a", 500, record.OK, record.Bad), begin("a", 0, record.Bad, record.OK)),
			[]string{first + "/..", "../" + second}},
	} {
		var got []string
		for _, row := range logRows(t, c.records) {
			got = append(got, row.Time)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestSessionsAreApart(t *testing.T) {
	p := newTape("/dev/ttyUSB0")
	p.origin.Session = "2026-11-22T07:00:00Z"
	p.telegram(record.OK)
	p.telegram(record.Bad)
	p.origin.Session = "2026-11-22T08:00:00Z"
	p.telegram(record.OK)
	if got := logRows(t, p.records)[0].Time; got != "2023-08-24T01:21:30+02:00/.." {
		t.Errorf("got %s", got)
	}
}

// No more than 1,000 rows wait; what comes afterwards waits again.
func TestTooManyWait(t *testing.T) {
	p := newTape("p1.log")
	p.telegram(record.OK)
	for range 1200 {
		p.noise("z")
	}
	p.telegram(record.OK)
	rows := logRows(t, p.records)
	if len(rows) != 1200 {
		t.Fatalf("%d rows", len(rows))
	}
	for i, row := range rows {
		want := "2023-08-24T01:21:30+02:00/.."
		if i >= 1000 {
			want = "2023-08-24T01:21:30+02:00/2023-08-24T01:21:40+02:00"
		}
		if row.Time != want {
			t.Fatalf("row %d: %s", i+1, row.Time)
		}
	}
}

// A hostile stream of telegrams with endless changes does not fill the memory.
func TestLongRowsDoNotPileUp(t *testing.T) {
	l := NewLog(io.Discard)
	p := newTape("p1.log")
	x := p.telegram(record.Lost)
	noise := make(record.Bytes, 60_000)
	noise[0] = 1
	for at := range 4 {
		x.Edits = append(x.Edits, record.Edit{At: at, Got: noise})
	}
	for range 40 {
		if err := l.Take(x); err != nil {
			t.Fatal(err)
		}
		size := 0
		for _, row := range slices.Concat(l.held, l.finished) {
			size += len(row.Changes)
		}
		if size > maxHeldSize+maxFinishedSize {
			t.Fatalf("%d bytes are kept", size)
		}
	}
}

func TestSalvagedClock(t *testing.T) {
	salvaged := func(lines ...int) []record.Record {
		p := newTape("p1.log")
		p.telegram(record.OK)
		p.telegram(record.Lost)
		x := p.telegram(record.Salvaged)
		x.Raw = rawTelegram("230824012150S")
		for _, line := range lines {
			x.Trusted = append(x.Trusted, record.Trusted{Line: line})
		}
		return p.records
	}
	rows := logRows(t, salvaged(3, 6))
	if rows[0].Time != "2023-08-24T01:21:30+02:00/2023-08-24T01:21:50+02:00" || rows[1].Time != "2023-08-24T01:21:50+02:00" {
		t.Errorf("trusted: %s, %s", rows[0].Time, rows[1].Time)
	}
	if want := "salvaged: 2 of 6 lines can be trusted"; rows[1].Conclusion != want {
		t.Errorf("got %q, want %q", rows[1].Conclusion, want)
	}
	rows = logRows(t, salvaged(6))
	if rows[1].Time != "2023-08-24T01:21:30+02:00/.." {
		t.Errorf("not trusted: %s", rows[1].Time)
	}
}

// DSMR 2.2 and 3 do not say whether it is summer: there is no offset to print.
func TestClockWithoutSeason(t *testing.T) {
	x := &record.Telegram{Status: record.Repaired, Raw: rawTelegram("230824012130")}
	if got := logRows(t, []record.Record{x})[0].Time; got != "2023-08-24T01:21:30" {
		t.Errorf("got %s", got)
	}
}

func TestConclusions(t *testing.T) {
	whole := rawTelegram("230824012130S")
	noEnd := whole[:100]
	logger := record.Edit{Now: whole[:1], By: record.ByLogger}
	for _, c := range []struct {
		telegram record.Telegram
		want     string
	}{
		{record.Telegram{Status: record.Repaired, Confidence: 0.99997, Edits: []record.Edit{{}}}, "repaired, confidence 0.999970"},
		{record.Telegram{Status: record.Repaired, Confidence: 1, Edits: []record.Edit{{}, logger}}, "repaired, confidence 0.999999"},
		{record.Telegram{Status: record.Repaired}, "repaired"},
		{record.Telegram{Status: record.Repaired, Confidence: 0.5, Edits: []record.Edit{logger}},
			"put back what the logger left out, confidence 0.500000"},
		{record.Telegram{Status: record.Repaired, Confidence: 0.5, Suspect: "the sum is off"},
			"repaired, confidence 0.500000; suspect: the sum is off"},
		{record.Telegram{Status: record.OK, Suspect: "a register fell"}, "suspect: a register fell"},
		{record.Telegram{Status: record.Lost, Why: "too damaged"}, "lost: too damaged"},
		{record.Telegram{Status: record.Lost}, "lost"},
		{record.Telegram{Status: record.Salvaged, Why: "ambiguous", Raw: whole, Trusted: []record.Trusted{{Line: 3}, {Line: 1}}},
			"salvaged: 1 of 6 lines can be trusted; not repaired: ambiguous"},
		{record.Telegram{Status: record.Bad, Why: "ambiguous", Raw: whole}, "not repaired: ambiguous"},
		{record.Telegram{Status: record.Bad, Raw: whole, CRCSent: "5B60", CRCCalc: "5B61"}, "CRC does not hold"},
		{record.Telegram{Status: record.Bad, Raw: whole, CRC: record.CRCUnknown, CRCSent: "5B60", CRCCalc: "5B61"},
			"no known CRC holds in this stream"},
		{record.Telegram{Status: record.Bad, Raw: whole, CRCCalc: "5B61"}, "CRC cannot be read"},
		{record.Telegram{Status: record.Bad, Raw: whole[1:], CRCSent: "5B60", CRCCalc: "5B61"},
			"begins without '/', CRC does not hold"},
		{record.Telegram{Status: record.Bad, Raw: noEnd}, "ends without '!'"},
		{record.Telegram{Status: record.Bad, Raw: noEnd[1:]}, "begins without '/', ends without '!'"},
		{record.Telegram{Status: record.Bad, Raw: whole, CRCSent: "5B60", CRCCalc: "5B60"}, "damaged"},
	} {
		if got := conclusion(&c.telegram, telegram.Parse(c.telegram.Raw)); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestNoiseConclusion(t *testing.T) {
	forty := strings.Repeat("a", 40)
	for _, c := range []struct{ data, want string }{
		{puttyHeader, `logger header, 79 bytes: "=~=~=~=~=~=~=~=~=~=~=~= PuTTY log 2023.…"`},
		{"\r\n" + puttyHeader, `logger header, 81 bytes: "\x0D\x0A=~=~=~=~=~=~=~=~=~=~=~= PuTTY l…"`},
		{puttyHeader + "x", `80 bytes between telegrams: "=~=~=~=~=~=~=~=~=~=~=~= PuTTY log 2023.…"`},
		{"\r\n", `2 bytes between telegrams: "\x0D\x0A"`},
		{"\x00", `1 byte between telegrams: "\x00"`},
		{`a"b\c` + "\xFF~\x7F", `8 bytes between telegrams: "a\"b\\c\xFF~\x7F"`},
		{forty, `40 bytes between telegrams: "` + forty + `"`},
		{forty + "a", `41 bytes between telegrams: "` + forty[:39] + `…"`},
		{forty[:38] + "\x01", `39 bytes between telegrams: "` + forty[:38] + `…"`},
		{"", "0 bytes between telegrams"},
	} {
		if got := noiseConclusion([]byte(c.data)); got != c.want {
			t.Errorf("%q:\ngot  %s\nwant %s", c.data, got, c.want)
		}
	}
}

func TestEveryDamageHasOneRow(t *testing.T) {
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 1))
		records, want := randomTape(rng, 200)
		rows := logRows(t, records)
		if len(rows) != want {
			t.Fatalf("seed %d: %d rows, want %d", seed, len(rows), want)
		}
		i := 0
		for _, r := range records {
			if i < len(rows) && r.Where().Offset == rows[i].Offset && rows[i].Type == kindOf(r) {
				i++
			}
		}
		if i != len(rows) {
			t.Fatalf("seed %d: row %d is not in the order of the records", seed, i+1)
		}
	}
}

func kindOf(r record.Record) string {
	switch r := r.(type) {
	case *record.Noise:
		return "noise"
	case *record.Gap:
		return "gap"
	case *record.Telegram:
		if r.Suspect != "" || r.Status != record.OK && r.Status != record.Unchecked {
			return "telegram"
		}
	}
	return ""
}

func TestFlushesLeaveNoTrace(t *testing.T) {
	for seed := range uint64(30) {
		rng := rand.New(rand.NewPCG(seed, 2))
		records, _ := randomTape(rng, 150)
		want := runLog(t, records, never)
		if got := runLog(t, records, always); got != want {
			t.Fatalf("seed %d: flushed after every record, the log differs", seed)
		}
		if got := runLog(t, records, func(int) bool { return rng.IntN(3) == 0 }); got != want {
			t.Fatalf("seed %d: flushed now and then, the log differs", seed)
		}
	}
}

func TestControlCharactersAreVisible(t *testing.T) {
	hostile := "a\x1b[2J\x07\u202eb\r\nc\u009b1m\x7fd"
	p := newTape(hostile)
	p.noise(hostile)
	p.gap(hostile)
	x := p.telegram(record.Lost)
	x.Why, x.Suspect, x.CRCSent, x.CRCCalc, x.Status = hostile, hostile, hostile, hostile, record.Status(hostile)
	text := runLog(t, p.records, never)
	noControl(t, text)
	rows := parseLog(t, text)
	const clean = `a\x1b[2J\x07\u202eb\r\nc\u009b1m\x7fd`
	if rows[0].Source != clean || rows[1].Conclusion != "bytes may be missing: "+clean ||
		rows[2].Conclusion != "not repaired: "+clean+"; suspect: "+clean || rows[2].CRCSent != clean {
		t.Errorf("got %q", rows)
	}
	sum := summary(t, p.records, 0)
	noControl(t, sum)
	if !strings.Contains(sum, clean) {
		t.Error("the summary does not name the source")
	}
}

// noControl fails where text holds a control character but LF.
func noControl(t *testing.T, text string) {
	t.Helper()
	for _, r := range text {
		if r != '\n' && (r < 0x20 || r >= 0x7F && r < 0xA0 || r == '\u202e') {
			t.Fatalf("%U in %q", r, text)
		}
	}
}

func TestChunksAreRefused(t *testing.T) {
	chunk := &record.Chunk{Data: record.Bytes("x")}
	if err := NewLog(io.Discard).Take(chunk); !errors.Is(err, record.ErrChunks) {
		t.Errorf("log: %v", err)
	}
	if err := NewSummary(io.Discard, SummaryOptions{}).Take(chunk); !errors.Is(err, record.ErrChunks) {
		t.Errorf("summary: %v", err)
	}
}

type brokenWriter struct{}

var errBroken = errors.New("broken")

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestWriterErrors(t *testing.T) {
	if err := NewLog(brokenWriter{}).Close(); !errors.Is(err, errBroken) {
		t.Errorf("heading: %v", err)
	}
	p := newTape("p1.log")
	for range 5000 {
		p.noise("z")
	}
	l := NewLog(brokenWriter{})
	var err error
	for _, r := range p.records {
		if err = l.Take(r); err != nil {
			break
		}
	}
	if !errors.Is(err, errBroken) {
		t.Errorf("rows: %v", err)
	}
	if err := NewSummary(brokenWriter{}, SummaryOptions{}).Close(); !errors.Is(err, errBroken) {
		t.Errorf("summary: %v", err)
	}
}

// A doubted line of a telegram that is whole has its row, with the reason.
func TestDoubtedHasARow(t *testing.T) {
	var out bytes.Buffer
	l := NewLog(&out)
	x := &record.Telegram{Status: record.OK, CRC: "ARC", Raw: []byte("/ABC5x\r\n\r\n1-0:1.8.0(0*kWh)\r\n!0000\r\n")}
	for i := range 8 {
		x.Doubted = append(x.Doubted, record.Doubt{Line: i + 3, Code: "1-0:1.8.0", Why: "fell\x1b"})
	}
	if err := errors.Join(l.Take(x), l.Close()); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); strings.Count(got, "doubted 1-0:1.8.0: fell\\x1b") != 5 || !strings.Contains(got, "3 more lines doubted") {
		t.Errorf("%s", got)
	}
}
