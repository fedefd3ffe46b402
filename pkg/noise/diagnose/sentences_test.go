package diagnose_test

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"p1/pkg/fix/repair"
	"p1/pkg/noise/diagnose"
	"p1/pkg/noise/page"
	"p1/pkg/noise/report"
	"p1/pkg/record"
	"p1/pkg/sim/longtest"
)

// sentences are all that a report says in whole ones.
func sentences(r *diagnose.Report) []string {
	all := []string{r.Headline, r.Sure, r.Do}
	for _, text := range []string{r.Plain, r.Joined, r.Supports} {
		if text != "" {
			all = append(all, text)
		}
	}
	for _, f := range r.Findings {
		all = append(all, f.Evidence...)
	}
	for _, m := range r.Remedies {
		all = append(all, m.Do)
	}
	all = append(all, r.Estimate.Texts()...)
	for _, list := range [][]string{r.Doubts, r.Decides, r.Notes} {
		all = append(all, list...)
	}
	for _, one := range r.Apart {
		all = append(all, one.Headline)
	}
	for _, c := range r.Compared {
		all = append(all, c.Verdict)
	}
	if r.Totals.Telegrams > 0 {
		all = append(all, r.Rhythm.Verdict)
	}
	return all
}

// slips are what no text is to hold: what a format has left over, what is stuck together,
// and numbers of another style.
var slips = map[string]*regexp.Regexp{
	"a format":                   regexp.MustCompile(`%!|%[a-z]\b|\bNaN\b|\bInf\b|<nil>`),
	"a blank too many":           regexp.MustCompile(`  | [.,;:)]|\( `),
	"nothing between signs":      regexp.MustCompile(`\(\)|""|''|[,;:.][,;:.]( |$)`),
	"sentences stuck together":   regexp.MustCompile(`[a-z%)][.;][A-Z]`),
	"several of one":             regexp.MustCompile(`(^|[^0-9.,-])1 (telegram|byte|bit|hit|time|day|hour|stretche|run|hole|place|edge|source|frame|interruption|line)s\b`),
	"one of several":             regexp.MustCompile(`(^|[^0-9.,])([02-9]|[0-9]{2,}) (telegram|byte|bit|hit|time|day|hour|stretch|run|hole|edge|source|frame|line)\b`),
	"one spoken of as several":   regexp.MustCompile(`(^|[^0-9.,-])1 ([a-z]+ )?(telegram|byte|bit|hit|gap|frame|line)\b[^.]*\b(which are|all alike|any of them|all of them|among them|their|each of which)\b`),
	"a number without commas":    regexp.MustCompile(`(^|[^0-9.xX(/:,-])[0-9]{4,}($|[^0-9:.-])`),
	"a range of one number":      regexp.MustCompile(`\b([0-9.,]+( %)?) to ([0-9.,]+( %)?)`),
	"per cent without a blank":   regexp.MustCompile(`[0-9]%`),
	"a number that is not there": regexp.MustCompile(`– (%|of|telegram)`),
}

// slip is the first that is found in a text, if any.
func slip(text string) string {
	for name, pattern := range slips {
		for _, found := range pattern.FindAllStringSubmatch(text, -1) {
			if name == "a range of one number" && found[1] != found[3] {
				continue
			}
			return fmt.Sprintf("%s: %q", name, found[0])
		}
	}
	return ""
}

// checkSentence holds a sentence against what one looks like.
func checkSentence(text string) string {
	switch begins := []rune(text + " ")[0]; {
	case strings.TrimSpace(text) == "" || strings.TrimSpace(text) != text:
		return "it is empty, or has blanks around it"
	case !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, `.)`):
		return "it does not end"
	case unicode.IsLower(begins) && !strings.HasPrefix(text, "p1"):
		return "it begins with a small letter"
	}
	return slip(text)
}

func TestSlips(t *testing.T) {
	for _, text := range []string{"So  it is.", "It is %!d(MISSING).", "Of 1 telegrams.", "In 1 telegram, which are few.", "1 complete telegram, and none holds in any of them.", "2408 bytes came.", "It fell.So it is.", "100 % to 100 %.", "Of 3 telegram none.", "", "so it is.", "So it is", "At ().", "It is 5%."} {
		if checkSentence(text) == "" {
			t.Errorf("%q is taken for a sentence", text)
		}
	}
	for _, text := range []string{"Of 2,408 bytes 1 byte is wrong (4.3 µs at 115,200 baud): 99 % to 100 %.", "No telegram is from 2026-03-01T00:00:00+01:00 or later.", "It is 1.1 times 0x30.", "From 1.5 to 2.5 bits, 1 in 4,800."} {
		if wrong := checkSentence(text); wrong != "" {
			t.Errorf("%q: %s", text, wrong)
		}
	}
}

// Whatever a line did, what is said of it is made of sentences; so is the page, and so is the
// text.
func TestSentences(t *testing.T) {
	for i, c := range append(channels[:len(channels):len(channels)], waveforms...) {
		if i%longtest.Pick(6, 1, 1) > 0 {
			continue
		}
		for _, share := range longtest.Pick([]int{10}, []int{10, 1}, []int{10, 3, 1}) { // few hits, and many
			query := fmt.Sprintf("meter=%s&%s%s&telegrams=%d&seed=%d", meters[i%len(meters)], c.query, receivers[(i/2)%len(receivers)], max(c.telegrams/share, 3), 40+i)
			checkWords(t, query, diagnose.Options{Receiver: diagnose.Receivers()[i%len(diagnose.Receivers())]})
		}
	}
	for _, query := range []string{"telegrams=1", "telegrams=54", "telegrams=2&noise=flip&rate=0.01", "meter=dsmr2&telegrams=30", "meter=hu&telegrams=30&logger=printable", "meter=lu&telegrams=30"} {
		checkWords(t, query, diagnose.Options{})
	}
	mark := diagnose.Mark{At: instant(t, "2026-03-01T00:10:00"), Name: "x"}
	for _, query := range []string{"telegrams=30&noise=flip", "telegrams=200&noise=flip", "telegrams=400", "telegrams=60&start=2026-03-02T00:00:00&noise=flip"} {
		checkWords(t, query, diagnose.Options{Marks: []diagnose.Mark{mark}})
	}
}

// checkWords renders what is said of a simulated log.
func checkWords(t *testing.T, query string, o diagnose.Options) {
	t.Helper()
	log, _ := simulated(t, query)
	d := diagnose.New(o)
	var summary bytes.Buffer
	s := report.NewSummary(&summary, report.SummaryOptions{Diagnosis: o})
	fixer := repair.New(sink(func(r record.Record) error {
		if err := s.Take(r); err != nil {
			return err
		}
		return d.Take(r)
	}), repair.Options{MinConfidence: 0.999})
	send(t, log, fixer.Take)
	if err := fixer.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	r := d.Report()
	for _, text := range sentences(&r) {
		if wrong := checkSentence(text); wrong != "" {
			t.Errorf("%s: %s: %q", query, wrong, text)
		}
	}
	for line := range strings.Lines(summary.String()) {
		if strings.Contains(line, "%!") || strings.HasSuffix(line, " \n") {
			t.Errorf("%s: the summary has %q", query, line)
		}
	}
	for _, text := range shown(t, &r) {
		if wrong := slip(text); wrong != "" {
			t.Errorf("%s: the page has %s in %q", query, wrong, text)
		}
	}
}

// shown is what stands in the paragraphs, points and cells of the page, but for the text of
// telegrams.
func shown(t *testing.T, r *diagnose.Report) []string {
	t.Helper()
	var b bytes.Buffer
	if err := page.Write(&b, r); err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(&b)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for n := range root.Descendants() {
		if n.DataAtom == atom.Li && slices.ContainsFunc(slices.Collect(n.Descendants()), func(c *html.Node) bool { return c.DataAtom == atom.P }) {
			continue // its parts are told by themselves
		}
		switch n.DataAtom {
		case atom.P, atom.Li, atom.Dd, atom.Dt, atom.Th, atom.H1, atom.H2, atom.H3:
			var text strings.Builder
			for child := range n.Descendants() {
				if child.Type == html.TextNode {
					text.WriteString(child.Data)
				}
			}
			all = append(all, strings.TrimSpace(strings.Join(strings.Fields(text.String()), " ")))
		}
	}
	return all
}
