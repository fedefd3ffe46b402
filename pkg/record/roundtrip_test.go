package record

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

func randomBytes(rng *rand.Rand, most int) Bytes {
	b := make(Bytes, rng.IntN(most+1))
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

// randomText returns text with the characters that are hard to write.
func randomText(rng *rand.Rand) string {
	const hard = "aZ0 ~/\\\"\b\n\r\t\x00\x1f\x7f\u0080\u0085\u00a0éÿĀ\u2028€\ufeff\ufffd😀"
	chars := []rune(hard)
	text := []rune{'s'}
	for range rng.IntN(12) {
		text = append(text, chars[rng.IntN(len(chars))])
	}
	return string(text)
}

// maybe returns text, or none.
func maybe(rng *rand.Rand, text string) string {
	if rng.IntN(2) == 0 {
		return ""
	}
	return text
}

func randomExtra(rng *rand.Rand) []Member {
	values := []string{
		`null`, `true`, `-1.50e+3`, `""`, `"\u00e9\ud83d\ude00"`, `[]`, `[1, {"v":2, "type":[]}]`,
		`{"data":{"data":{"data":"x"}}}`, `12345678901234567890123`,
	}
	var extra []Member
	for i := range rng.IntN(3) {
		key := fmt.Sprintf("%d%s", i, randomText(rng))
		extra = append(extra, Member{Key: key, Value: []byte(values[rng.IntN(len(values))])})
	}
	return extra
}

func randomOrigin(rng *rand.Rand) Origin {
	return Origin{
		Source: randomText(rng), Session: maybe(rng, "2026-11-22T07:00:00Z"),
		Offset: int64(rng.Uint64() >> (2 + rng.IntN(62))),
	}
}

func randomEdits(rng *rand.Rand) []Edit {
	var edits []Edit
	for range rng.IntN(4) {
		edits = append(edits, Edit{
			At: rng.IntN(3000), Got: randomBytes(rng, 9), Now: randomBytes(rng, 9),
			By: maybe(rng, ByLogger), Extra: randomExtra(rng),
		})
	}
	return edits
}

func randomTelegram(rng *rand.Rand) *Telegram {
	statuses := []Status{OK, Bad, Unchecked, Repaired, Salvaged, Lost}
	t := &Telegram{
		Origin: randomOrigin(rng), Live: rng.IntN(2) == 0, Seq: int64(rng.IntN(1 << 30)),
		Time: maybe(rng, "2026-11-22T07:00:10.123456789+01:00"), Status: statuses[rng.IntN(len(statuses))],
		CRC: maybe(rng, CRCARC), CRCSent: maybe(rng, "5B60"), CRCCalc: maybe(rng, "0000"), EOL: maybe(rng, EOLLF),
		Confidence: float64(rng.IntN(1e6)) / 1e6, Suspect: maybe(rng, randomText(rng)), Why: maybe(rng, "too damaged"),
		Edits: randomEdits(rng), Raw: randomBytes(rng, 300), Cipher: maybe(rng, "no key"), Extra: randomExtra(rng),
	}
	if rng.IntN(3) == 0 {
		t.Explain = []byte(`{"weighed": 3}`)
	}
	for i := range rng.IntN(3) {
		t.Trusted = append(t.Trusted, Trusted{Line: i + 2, Code: maybe(rng, "1-0:1.8.0"), Extra: randomExtra(rng)})
	}
	for i := range rng.IntN(3) {
		t.Doubted = append(t.Doubted, Doubt{Line: i + 2, Code: maybe(rng, "0-1:24.2.1"), Why: maybe(rng, randomText(rng)), Extra: randomExtra(rng)})
	}
	for i := range rng.IntN(3) {
		t.Masked = append(t.Masked, Mask{At: 9 * i, Length: rng.IntN(99), Extra: randomExtra(rng)})
	}
	if rng.IntN(3) == 0 {
		t.ReceivedRaw = randomBytes(rng, 300)
	}
	return t
}

func randomTexts(rng *rand.Rand) []string {
	var list []string
	for range max(rng.IntN(4)-1, 0) {
		list = append(list, randomText(rng))
	}
	return list
}

func randomRecord(rng *rand.Rand) Record {
	live, time := rng.IntN(2) == 0, maybe(rng, "2026-11-22T07:00:10Z")
	switch rng.IntN(5) {
	case 0:
		return &Chunk{
			Origin: randomOrigin(rng), Live: live, Time: time, End: maybe(rng, EndPause),
			Unwrapped: randomTexts(rng), Data: randomBytes(rng, 300), Extra: randomExtra(rng),
		}
	case 1:
		return &Gap{Origin: randomOrigin(rng), Live: live, Time: time, Why: maybe(rng, GapOverrun), Extra: randomExtra(rng)}
	case 2:
		return &Noise{Origin: randomOrigin(rng), Live: live, Time: time, Data: randomBytes(rng, 300), Extra: randomExtra(rng)}
	case 3:
		return &Other{Type: "summary", Line: []byte(`{ "n":[1,{}], "v":1 ,"type":"summary"}`)}
	}
	return randomTelegram(rng)
}

func randomRecords(seed uint64, n int) []Record {
	rng := newRand(seed)
	records := make([]Record, n)
	for i := range records {
		records[i] = randomRecord(rng)
	}
	return records
}

func TestRandomRecordsReadBackEqual(t *testing.T) {
	records := randomRecords(1, 250)
	for _, ascii := range []bool{false, true} {
		text := write(t, ascii, records...)
		got := parse(t, text)
		if len(got) != len(records) {
			t.Fatalf("%d records read, %d written", len(got), len(records))
		}
		for i := range records {
			if !reflect.DeepEqual(got[i], records[i]) {
				t.Fatalf("ascii %v: read back\n%+v, want\n%+v", ascii, got[i], records[i])
			}
		}
		if write(t, ascii, got...) != text {
			t.Errorf("ascii %v: written again, the bytes differ", ascii)
		}
		if ascii {
			checkASCII(t, text)
		}
	}
}

// object is a JSON object whose absent keys are those of empty values.
type object map[string]any

func (o object) text(key, s string) {
	if s != "" {
		o[key] = s
	}
}

func (o object) extra(members []Member) object {
	for _, m := range members {
		dec := json.NewDecoder(strings.NewReader(string(m.Value)))
		dec.UseNumber()
		var value any
		if err := dec.Decode(&value); err != nil {
			panic(err)
		}
		o[m.Key] = value
	}
	return o
}

func number(n any) json.Number { return json.Number(fmt.Sprint(n)) }

func objectOf(typ string, at Origin, live bool, time string) object {
	o := object{"v": number(1), "type": typ, "source": at.Source, "offset": number(at.Offset)}
	o.text("session", at.Session)
	o.text("time", time)
	if live {
		o["live"] = true
	}
	return o
}

// contractOf is what the contract says a record is in JSON.
func contractOf(r Record) object {
	switch r := r.(type) {
	case *Chunk:
		o := objectOf("chunk", r.Origin, r.Live, r.Time)
		o.text("end", r.End)
		if len(r.Unwrapped) > 0 {
			list := make([]any, len(r.Unwrapped))
			for i, text := range r.Unwrapped {
				list[i] = strings.ToValidUTF8(text, "\uFFFD")
			}
			o["unwrapped"] = list
		}
		o["data"] = asText(r.Data)
		return o.extra(r.Extra)
	case *Gap:
		o := objectOf("gap", r.Origin, r.Live, r.Time)
		o.text("why", r.Why)
		return o.extra(r.Extra)
	case *Noise:
		o := objectOf("noise", r.Origin, r.Live, r.Time)
		o["data"] = asText(r.Data)
		return o.extra(r.Extra)
	case *Telegram:
		return contractOfTelegram(r)
	}
	return object{}.extra([]Member{{Key: "", Value: r.(*Other).Line}})[""].(map[string]any)
}

func contractOfTelegram(t *Telegram) object {
	o := objectOf("telegram", t.Origin, t.Live, t.Time)
	o["seq"], o["raw"] = number(t.Seq), asText(t.Raw)
	for key, text := range map[string]string{
		"status": string(t.Status), "crc": t.CRC, "crc_sent": t.CRCSent, "crc_calc": t.CRCCalc,
		"eol": t.EOL, "suspect": t.Suspect, "why": t.Why, "cipher": t.Cipher,
	} {
		o.text(key, text)
	}
	if t.Confidence > 0 {
		o["confidence"] = number(fmt.Sprintf("%.6f", t.Confidence))
	}
	if t.ReceivedRaw != nil {
		o["received"] = asText(t.ReceivedRaw)
	}
	var edits, doubted, trusted, masked []any
	for _, m := range t.Masked {
		in := object{"at": number(m.At), "length": number(m.Length)}
		masked = append(masked, map[string]any(in.extra(m.Extra)))
	}
	for _, e := range t.Edits {
		in := object{"at": number(e.At), "got": asText(e.Got), "now": asText(e.Now)}
		in.text("by", e.By)
		edits = append(edits, map[string]any(in.extra(e.Extra)))
	}
	for _, l := range t.Doubted {
		in := object{"line": number(l.Line)}
		in.text("code", l.Code)
		in.text("why", l.Why)
		doubted = append(doubted, map[string]any(in.extra(l.Extra)))
	}
	for _, l := range t.Trusted {
		in := object{"line": number(l.Line)}
		in.text("code", l.Code)
		trusted = append(trusted, map[string]any(in.extra(l.Extra)))
	}
	if t.Explain != nil {
		o["explain"] = object{}.extra([]Member{{Value: t.Explain}})[""]
	}
	if edits != nil {
		o["edits"] = edits
	}
	if masked != nil {
		o["masked"] = masked
	}
	if doubted != nil {
		o["doubted"] = doubted
	}
	if trusted != nil {
		o["trusted"] = trusted
	}
	return o.extra(t.Extra)
}

// The standard library is the judge of what a line says.
func TestLinesSayWhatTheContractSays(t *testing.T) {
	for _, r := range randomRecords(2, 150) {
		for _, ascii := range []bool{false, true} {
			dec := json.NewDecoder(strings.NewReader(write(t, ascii, r)))
			dec.UseNumber()
			got := map[string]any{}
			if err := dec.Decode(&got); err != nil {
				t.Fatalf("%+v: %v", r, err)
			}
			if want := map[string]any(contractOf(r)); !reflect.DeepEqual(got, want) {
				t.Fatalf("ascii %v: the line says\n%v, want\n%v", ascii, got, want)
			}
		}
	}
}

func TestTextThatIsNotUTF8BecomesReplacementCharacters(t *testing.T) {
	line := write(t, false, &Gap{Origin: Origin{Source: "a\xff\xfeb"}})
	if !json.Valid([]byte(line)) {
		t.Fatalf("not JSON: %q", line)
	}
	if got, want := parseOne(t, line).Where().Source, "a\uFFFD\uFFFDb"; got != want {
		t.Errorf("source %q, want %q", got, want)
	}
}

func TestAppendConfidence(t *testing.T) {
	cases := []struct {
		c    float64
		want string
	}{
		{0.5, "0.500000"}, {0.1, "0.100000"}, {0.999999, "0.999999"}, {0.000001, "0.000001"}, {0.29, "0.290000"},
		{0.9999999, "0.999999"}, {1, "0.999999"}, {2, "0.999999"}, {math.Inf(1), "0.999999"},
		{0.1234567, "0.123456"}, {0.1234569999, "0.123456"}, {1.0 / 3, "0.333333"}, {2.0 / 3, "0.666666"},
	}
	for _, c := range cases {
		if got := string(AppendConfidence(nil, c.c)); got != c.want {
			t.Errorf("%v is printed %s, want %s", c.c, got, c.want)
		}
	}
}

// A number of six decimals is printed as it is: the text that is wanted is made
// from the whole number of millionths.
func TestConfidencesOfSixDecimalsKeepThem(t *testing.T) {
	for n := 1; n < 1_000_000; n += 61 {
		want := fmt.Sprintf("0.%06d", n)
		if got := string(AppendConfidence(nil, float64(n)/1e6)); got != want {
			t.Fatalf("%d millionths are printed %s, want %s", n, got, want)
		}
	}
}

func TestConfidenceIsRoundedDown(t *testing.T) {
	rng := newRand(3)
	for range 5000 {
		c := rng.Float64()
		text := string(AppendConfidence(nil, c))
		var got float64
		if _, err := fmt.Sscan(text, &got); err != nil {
			t.Fatal(err)
		}
		// A hair is granted to values that have six decimals but for their
		// last binary digit.
		if got > c+1e-11 || got < min(c, MaxConfidence)-1e-6 || len(text) > len("0.123456") {
			t.Fatalf("%v is printed %s", c, text)
		}
	}
}

// What is too small for six decimals is not said at all, so that a line that is
// read and written again stays as it was.
func TestTinyConfidenceIsStable(t *testing.T) {
	first := write(t, false, &Telegram{Origin: Origin{Source: "s"}, Status: Repaired, Confidence: 4e-7, Raw: Bytes{}})
	if again := write(t, false, parseOne(t, first)); again != first {
		t.Errorf("written again:\n%swant\n%s", again, first)
	}
}
