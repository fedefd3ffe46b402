package page

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"p1/pkg/noise/chart/charttest"
	"p1/pkg/noise/diagnose"
)

func write(t *testing.T, r *diagnose.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// walk calls visit with each node of a page.
func walk(t *testing.T, page []byte, visit func(n *html.Node)) {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		visit(n)
	}
}

// maxSize is how large a page may be.
const maxSize = 5 << 20

// Whatever is known, a page is HTML of few kinds of elements that run and load nothing, and
// it is not too large. An index leads to the files of a report, and nowhere else.
func TestPageIsHarmless(t *testing.T) {
	allowed := map[string]bool{}
	for _, name := range strings.Fields("html head meta title style body header footer main section article h1 h2 h3 h4 p b i span small " +
		"div ol ul li dl dt dd table thead tbody tr th td figure details summary svg desc path text g rect polyline circle") {
		allowed[name] = true
	}
	files := map[string]bool{"unread.txt": true}
	for _, f := range Files() {
		files[f.Name] = true
	}
	for name, page := range pages(t) {
		if len(page) > maxSize {
			t.Errorf("%s: %d bytes", name, len(page))
		}
		elements := 0
		walk(t, page, func(n *html.Node) {
			if n.Type != html.ElementNode {
				return
			}
			elements++
			if !allowed[n.Data] && !(name == "index" && n.Data == "a") {
				t.Errorf("%s: element %s", name, n.Data)
			}
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "src" || a.Key == "href" && !files[a.Val] {
					t.Errorf("%s: %s=%q", name, a.Key, a.Val)
				}
			}
		})
		if elements < 20 || elements > 40000 {
			t.Errorf("%s: %d elements", name, elements)
		}
		for _, never := range []string{"<script", "<img", "ZgotmplZ", "NaN", "Inf"} {
			if bytes.Contains(page, []byte(never)) {
				t.Errorf("%s has %s", name, never)
			}
		}
		if name != "hostile" && bytes.Contains(page, []byte("://")) {
			t.Errorf("%s refers to another place", name)
		}
	}
}

// What a stream says is to be read in the page as it was said, wherever it stands.
func TestHostileTextIsShown(t *testing.T) {
	const piece = "<script>alert(1)</script>"
	in := map[string]int{}
	walk(t, write(t, charttest.MakeHostile()), func(n *html.Node) {
		if n.Type == html.TextNode && strings.Contains(n.Data, piece) {
			in[n.Parent.Data]++
			if n.Parent.DataAtom == atom.Style {
				t.Error("in the style sheet")
			}
		}
	})
	for _, where := range []string{"title", "h1", "p", "h3", "li", "dt", "dd", "td", "summary", "small"} {
		if in[where] == 0 {
			t.Errorf("it is in no %s, but in %v", where, in)
		}
	}
}

// Nothing on the page is hidden, and nothing changes the direction of writing.
func TestControlCharactersAreShown(t *testing.T) {
	r := charttest.Noisy()
	r.Source, r.Headline, r.Notes = "a\x1b]0;b\u009bc", "a\u202eb\u200bc", []string{"a\x00b\u2066c"}
	page := string(write(t, r))
	for _, c := range page {
		if c != '\n' && !unicode.IsGraphic(c) {
			t.Fatalf("%U is on the page", c)
		}
	}
	for _, want := range []string{`a\x1b]0;b\u009bc`, `a\u202eb\u200bc`, `\u2066c`} {
		if !strings.Contains(page, want) {
			t.Errorf("%s is not on the page", want)
		}
	}
}

// The policy names the very style sheet that is there.
func TestPolicy(t *testing.T) {
	policy := ""
	walk(t, write(t, charttest.Clean()), func(n *html.Node) {
		if n.DataAtom == atom.Meta && len(n.Attr) == 2 && n.Attr[0].Val == "Content-Security-Policy" {
			policy = n.Attr[1].Val
		}
	})
	if !strings.HasPrefix(policy, "default-src 'none'; style-src 'sha256-") || strings.Contains(policy, "unsafe") {
		t.Errorf("%q", policy)
	}
}

// text returns what a person reads, blanks joined.
func text(t *testing.T, page []byte) string {
	t.Helper()
	var words []string
	walk(t, page, func(n *html.Node) {
		if n.Type == html.TextNode && n.Parent.DataAtom != atom.Style {
			words = append(words, strings.Fields(n.Data)...)
		}
	})
	return strings.Join(words, " ")
}

// The page says what the report says: the headline first, then all else.
func TestWhatThePageSays(t *testing.T) {
	r := charttest.Noisy()
	said := text(t, write(t, r))
	if head, _, _ := strings.Cut(said, "What did the damage"); !strings.Contains(head, r.Headline) || !strings.Contains(head, r.Sure) || !strings.Contains(head, r.Do) {
		t.Errorf("it begins with %.500s", said)
	}
	for _, want := range []string{
		"94 %", "95 % interval 93.6 % to 94.4 %", r.Findings[0].Evidence[1], r.Remedies[1].Cause, r.Remedies[1].Do,
		"Any receiver", r.Decides[0], r.Doubts[0], r.Notes[0], "It helped: 18 times fewer", "0.0553 (0.048 to 0.063)",
		"217, of 6,480 telegrams", "12 (10 to 14.5), of 2,160 telegrams",
		"Telegrams that arrived undamaged 13 % 1,123 of 8,640; 0.1 nines", "Telegrams that can be used after repair 99.4 % 8,588 of 8,640; 2.2 nines",
		r.Rhythm.Verdict, "0-0:17.0.0(90.000*kW)", "before this line", "1,039 bytes", "‘8’ ‘0’ 1,033", "18,620",
		"1. 24 hits, lost: too damaged", "2. 22 hits, repaired with confidence 0.999930", "Of 3 telegrams, 3 of them damaged, no time is known",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	clean := text(t, write(t, charttest.Clean()))
	for _, never := range []string{"What did the damage", "Which bytes", "worst telegrams", "Storms"} {
		if strings.Contains(clean, never) {
			t.Errorf("of a clean line it says %q", never)
		}
	}
}

// What no CRC confirms is not said to be undamaged; what no known CRC confirms is not said
// to be usable, since no stage uses it.
func TestReliabilityTiles(t *testing.T) {
	for _, c := range []struct {
		report diagnose.Report
		want   []tile
	}{
		{diagnose.Report{Totals: diagnose.Totals{}}, nil},
		{diagnose.Report{Totals: diagnose.Totals{Telegrams: 20, Unknown: 20}},
			[]tile{{"Telegrams in which no damage is seen", "100 %", "20 of 20; no CRC confirms them"}, {"Telegrams that can be used after repair", "0 %", "0 of 20; 0.0 nines (three are 99.9 %)"}}},
		{diagnose.Report{Totals: diagnose.Totals{Telegrams: 30, Intact: 30, Unchecked: 30}},
			[]tile{{"Telegrams in which no damage is seen", "100 %", "30 of 30; no CRC confirms them"}, {"Telegrams that can be used after repair", "100 %", "30 of 30; no CRC confirms them"}}},
		{diagnose.Report{Totals: diagnose.Totals{Telegrams: 100, Intact: 40, Unchecked: 10, Unknown: 20, Repaired: 10, Remaining: 30}},
			[]tile{{"Telegrams in which no damage is seen", "60 %", "60 of 100; no CRC confirms 30 of these"}, {"Telegrams that can be used after repair", "50 %", "50 of 100; no CRC confirms 10 of these"}}},
		{diagnose.Report{Excused: true, Totals: diagnose.Totals{Telegrams: 30, Remaining: 30}},
			[]tile{{"Telegrams that arrived undamaged", "–", "not known"}, {"Telegrams that can be used after repair", "0 %", "0 of 30; 0.0 nines (three are 99.9 %)"}}},
	} {
		if got := reliabilityTiles(&c.report); !slices.Equal(got, c.want) {
			t.Errorf("%+v: %q, want %q", c.report.Totals, got, c.want)
		}
	}
}

// A line of bytes: what was received above, what was sent below, hexadecimal where it is
// no character, and long runs without damage shortened.
func TestDrawnBytes(t *testing.T) {
	cells := charttest.Cells("1-0:1.8.0("+strings.Repeat("0", 60)+"*kWh)\r\n", map[int]int{1: 0x0C, 5: -1, 66: ' '})
	cells = append(cells, diagnose.Cell{Sent: -2, Got: 'A', Hit: true}, diagnose.Cell{Sent: -1, Got: 0xF3, Hit: true})
	var above, below []string
	for _, b := range drawLine(diagnose.WorstLine{Code: "1-0:1.8.0", Cells: cells}).Blocks {
		above, below = append(above, b.Got.Text), append(below, b.Sent.Text)
	}
	if got, want := strings.Join(above, "|"), "1|0C|0:1|\u00a0|8.0(00|000000|… 36 …|000000|000000|␣|000*kW|h)|0D|0A|A|F3"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := strings.Join(below, "|"), "1|-|0:1|.|8.0(00|000000||000000|000000|0|000*kW|h)|0D|0A|?|\u00a0"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	end := drawLine(diagnose.WorstLine{Cells: charttest.Cells("!5B60\r\n", map[int]int{1: '4'})})
	if last := end.Blocks[len(end.Blocks)-1]; last.Got.Text != "B60" {
		t.Errorf("an intact line end is drawn: %v", last)
	}
}

type brokenWriter struct{}

var errBroken = errors.New("broken")

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestWriterFails(t *testing.T) {
	if err := Write(brokenWriter{}, &diagnose.Report{}); !errors.Is(err, errBroken) {
		t.Errorf("%v", err)
	}
}

// A number and its unit stay on one line, wherever they stand.
func TestUnitsStayWithTheirNumbers(t *testing.T) {
	r := charttest.Noisy()
	r.Sure, r.Do = "2,269 hits; 95 % interval 93 % to 95 %", "Use 1.2 to 2.2 kΩ; the edge is 4.8 µs late."
	walk(t, write(t, r), func(n *html.Node) {
		if n.Type != html.TextNode || n.Parent.DataAtom == atom.Style {
			return
		}
		for _, broken := range []string{"5 %", "2 kΩ", "8 µs", "1 nines"} {
			if strings.Contains(n.Data, broken) {
				t.Errorf("%q can be broken: %.60q", broken, n.Data)
			}
		}
	})
}

// An owner's words come first, then those of the trade; where there are none, these alone.
func TestTheOwnersWords(t *testing.T) {
	r := charttest.Noisy()
	for _, plain := range []string{"", "Your receiver lets the line rise too slowly."} {
		r.Plain = plain
		heading := ""
		walk(t, write(t, r), func(n *html.Node) {
			if n.DataAtom == atom.H1 {
				heading = n.FirstChild.Data
			}
		})
		want := plain
		if plain == "" {
			want = r.Headline
		}
		if said := text(t, write(t, r)); !strings.HasPrefix(heading, want[:20]) || !strings.Contains(said, r.Headline) {
			t.Errorf("%q: the heading is %q", plain, heading)
		}
	}
}

// The circuit is that of the receiver that was named, with one part marked; of a receiver
// that nobody has named there is none, nor of a cause that points at no part.
func TestCircuit(t *testing.T) {
	r := charttest.Noisy()
	for _, c := range []struct {
		receiver string
		cause    diagnose.Signature
		part     string
	}{
		{"transistor", diagnose.OnesLost, "R4"}, {"transistor", diagnose.ZerosLost, "R1"}, {"hc14", diagnose.OnesLost, "R1"},
		{"direct", diagnose.ZerosLost, "R1"}, {"ftdi", diagnose.OnesLost, "R1"},
		{"unknown", diagnose.OnesLost, ""}, {"opto", diagnose.OnesLost, ""}, {"transistor", diagnose.Flip, ""},
	} {
		r.Receiver, r.Findings[0].Signature = c.receiver, c.cause
		page := string(write(t, r))
		rings := strings.Count(page, `stroke="#c2410c"`)
		if want := map[bool]int{true: 0, false: 2}[c.part == ""]; rings != want { // all of it, and enlarged
			t.Errorf("%s, %s: %d rings, want %d", c.receiver, c.cause, rings, want)
		}
		if c.part != "" && !strings.Contains(page, "<p>"+c.part+", the ") {
			t.Errorf("%s, %s: it does not say that it is %s", c.receiver, c.cause, c.part)
		}
	}
}

// Where nothing is wrong nothing is red, and no row counts none.
func TestNothingRedOnACleanLine(t *testing.T) {
	page := write(t, charttest.Clean())
	walk(t, page, func(n *html.Node) {
		for _, a := range n.Attr {
			if a.Key == "class" && (strings.Contains(a.Val, "f-bad") || strings.Contains(a.Val, "s-bad") || a.Val == "ill") {
				t.Errorf("%s is red", n.Data)
			}
		}
		if n.DataAtom == atom.Td && n.FirstChild != nil && n.FirstChild.Data == "0" {
			t.Error("a row says 0")
		}
	})
}

// The lines are held against each other by their rates, whatever their length; those
// without a hit are one row.
func TestLinesByRate(t *testing.T) {
	r := &diagnose.Report{
		Sample: []string{"/A", "long", "short", "none", "none"}, Offsets: []int{0, 10, 1010, 1020, 1030},
		Lines: []diagnose.LineDamage{{Offset: 10, Events: 100, Rate: 0.001}, {Offset: 1010, Events: 4, Rate: 0.004}},
	}
	all, _ := lines(r)
	if len(all) != 4 || all[0].Skipped != "1 line without a hit" || all[3].Skipped != "2 lines without a hit" {
		t.Fatalf("%+v", all)
	}
	if !strings.Contains(string(all[1].Bar), `class="f-bad" d="M0 0H25V`) || !strings.Contains(string(all[2].Bar), `class="f-bad" d="M0 0H100V`) {
		t.Errorf("bars %s and %s, want a quarter and all", all[1].Bar, all[2].Bar)
	}
}

// Who has changed something looks for what that did: it stands before all but what is wrong.
// The table of wrong bits stands with the first cause.
func TestOrder(t *testing.T) {
	r := charttest.Noisy()
	r.Supports = "The table supports it."
	said := text(t, write(t, r))
	last := -1
	for _, what := range []string{r.Headline, "Did the change help?", "Telegrams that arrived undamaged", "What did the damage", r.Supports, "1 after an edge", r.Findings[1].Evidence[0], "What to do about it"} {
		at := strings.Index(said, what)
		if at <= last {
			t.Errorf("%q stands at %d, what comes before it at %d", what, at, last)
		}
		last = at
	}
	r.Compared = nil
	if said := text(t, write(t, r)); strings.Contains(said, "Did the change help?") {
		t.Error("it says that a change helped that nobody made")
	}
}
