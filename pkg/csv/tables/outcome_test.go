package tables

import (
	"errors"
	"io"
	"strings"
	"testing"

	"p1/pkg/record"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// of makes a telegram with a status of the text of a valid one, each pair of texts
// replaced.
func of(status record.Status, replaced ...string) *record.Telegram {
	r := ok(first)
	r.Status, r.CRCSent = status, "1234"
	r.Raw = []byte(strings.NewReplacer(replaced...).Replace(string(r.Raw)))
	return r
}

// Where no telegram can be used, the outcome says why, and what to do, of one as of many.
func TestWhyThereIsNoRow(t *testing.T) {
	id := "96.1.0(" + between(t, string(ok(first).Raw), "96.1.0(", ")") + ")"
	unknownKind := of(record.Bad)
	unknownKind.CRC = record.CRCUnknown
	sealed := &record.Telegram{Status: record.Lost, CRC: record.CRCUnknown, Cipher: "no key", Raw: []byte{0xDB, 8, 1, 2}}
	closed := &record.Telegram{Status: record.Bad, CRC: record.CRCUnknown, Cipher: "failed", Raw: []byte{0xDB, 8, 1, 2}}
	cut := of(record.Lost)
	cut.Raw = cut.Raw[:len(cut.Raw)/2]
	for name, c := range map[string]struct {
		from *record.Telegram
		says []string
	}{
		"masked":                 {of(record.Bad, id, "96.1.0(XXXXXXXX)"), []string{"0-0:96.1.0 looks as if somebody had masked it", "--accept bad"}},
		"masked, behind p1fix":   {of(record.Lost, id, "96.1.0(45****)"), []string{"0-0:96.1.0 ", "masked", "--accept bad"}},
		"masked in the header":   {of(record.Lost, string(ok(first).Raw[:12]), "/TST5xxxxxxx"), []string{"the header ", "masked", "--accept bad"}},
		"of no known kind":       {unknownKind, []string{"no known CRC holds", "--accept bad"}},
		"whole, given up":        {of(record.Lost), []string{"no known CRC holds", "--accept bad"}},
		"damaged, given up":      {cut, []string{"p1fix could repair none", "p1noise --summary", "--accept bad"}},
		"a value hit, given up":  {of(record.Lost, "-0:1.8.1(00", "-0:1.8.1(00x"), []string{"(of the first: line ", ":1.8.1(00x", " is no value)", "p1noise --summary"}},
		"no blank line":          {of(record.Lost, "\r\n\r\n", "\r\n"), []string{"(of the first: line 2 is not empty)"}},
		"p1fix is missing":       {of(record.Bad), []string{"p1fix", "is missing", "p1cat LOG | p1frame | p1fix | p1csv"}},
		"salvaged":               {of(record.Salvaged), []string{"--salvaged"}},
		"encrypted, no key":      {sealed, []string{"encrypted", "--key-file"}},
		"encrypted, another key": {closed, []string{"the key that was given to p1frame does not open them"}},
		"nothing that is a line": {&record.Telegram{Status: record.Lost, Raw: []byte("/")}, []string{"no line"}},
	} {
		for _, n := range []int{1, 25} {
			w, err := New(io.Discard, Options{})
			must(t, err)
			head, err := NewHead(Options{})
			must(t, err)
			for range n {
				must(t, w.Take(c.from))
				_, err := head.Take(c.from)
				must(t, err)
			}
			must(t, w.Close())
			o := w.Outcome()
			_, _, err = head.Known()
			if !errors.Is(err, ErrNoMeter) {
				t.Fatalf("%s: %v", name, err)
			}
			for _, part := range c.says {
				if !strings.Contains(o.Why, part) || !strings.Contains(err.Error(), part) {
					t.Errorf("%s, %d times: %q is not in %q, or not in %q", name, n, part, o.Why, err)
				}
			}
			if strings.Contains(o.Why, "%") || o.Rows != 0 || o.LeftOut {
				t.Errorf("%s: %+v", name, o)
			}
		}
	}
}

// Most of them count, and nothing is said where one can be used.
func TestOutcome(t *testing.T) {
	outcome := func(o Options, list ...*record.Telegram) Outcome {
		t.Helper()
		w, err := New(io.Discard, o)
		must(t, err)
		for _, r := range list {
			must(t, w.Take(r))
		}
		must(t, w.Close())
		return w.Outcome()
	}
	lost := &record.Telegram{Status: record.Lost, Raw: []byte("/")}
	if o := outcome(Options{}, lost, of(record.Salvaged), of(record.Salvaged)); !strings.Contains(o.Why, "--salvaged") {
		t.Errorf("two of three are salvaged: %+v", o)
	}
	timeless := of(record.OK, between(t, string(ok(first).Raw), "0-0:1.0.0(", ")"), "")
	bad := of(record.Bad)
	for name, c := range map[string]struct {
		o    Options
		list []*record.Telegram
		want Outcome
	}{
		"nothing":                     {Options{}, nil, Outcome{}},
		"one can be used":             {Options{}, []*record.Telegram{lost, ok(first), lost}, Outcome{Rows: 1}},
		"bad ones are accepted":       {Options{AcceptBad: true}, []*record.Telegram{bad, of(record.Lost)}, Outcome{Rows: 2}},
		"all are held back":           {Options{Profile: All}, []*record.Telegram{ok(first), ok(first)}, Outcome{Rows: 2}},
		"JSON":                        {Options{Format: JSON}, []*record.Telegram{ok(first), bad}, Outcome{Rows: 1}},
		"every telegram has one":      {Options{Table: Validity}, []*record.Telegram{bad, lost}, Outcome{Rows: 2}},
		"no time for a line":          {Options{Format: Influx}, []*record.Telegram{ok(first), timeless}, Outcome{Rows: 1, LeftOut: true}},
		"joined":                      {Options{Every: Day}, []*record.Telegram{ok(first), ok(second)}, Outcome{Rows: 1}},
		"joined, and one is a copy":   {Options{Every: Day}, []*record.Telegram{ok(first), ok(first)}, Outcome{Rows: 1, LeftOut: true}},
		"one is a copy":               {Options{Unique: true}, []*record.Telegram{ok(first), ok(first)}, Outcome{Rows: 1, LeftOut: true}},
		"joined, and one has no time": {Options{Every: Day}, []*record.Telegram{ok(first), timeless}, Outcome{Rows: 1, LeftOut: true}},
		"nothing has changed":         {Options{Table: Failures}, []*record.Telegram{ok(first)}, Outcome{Why: "these telegrams say nothing that this table is made of"}},
	} {
		if got := outcome(c.o, c.list...); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// between returns what stands between two texts.
func between(t *testing.T, text, before, after string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, before)
	inner, _, ok2 := strings.Cut(rest, after)
	if !ok || !ok2 {
		t.Fatalf("%.80q has nothing between %q and %q", text, before, after)
	}
	return inner
}

// What a verified row computes does not begin with readings that nobody has verified.
func TestNoIntervalFromUnverified(t *testing.T) {
	at := func(status record.Status, clock, kwh string) *record.Telegram {
		r := of(status)
		text := string(r.Raw)
		text = strings.Replace(text, between(t, text, "0-0:1.0.0(", ")"), clock, 1)
		r.Raw = []byte(strings.Replace(text, between(t, text, "1-0:1.8.0(", "*kWh"), kwh, 1))
		return r
	}
	for _, status := range []record.Status{record.Bad, record.Lost} {
		_, rows := read(t, made(t, Options{AcceptBad: true},
			at(status, "260301000000W", "000100.000"),
			at(status, "260301000010W", "000100.010"), // 3.6 kW, between two that nobody has verified
			at(record.OK, "260301000020W", "000100.020"),
			at(status, "260301000030W", "000100.040"),    // 7.2 kW
			at(record.OK, "260301000040W", "000100.040"), // of 20 s: 3.6 kW
		), ',')
		var got []string
		for _, row := range rows {
			got = append(got, row["interval_import_kw"])
		}
		if want := ",3.600,,7.200,3.600"; strings.Join(got, ",") != want {
			t.Errorf("%s: %q, want %s", status, got, want)
		}
	}
}
