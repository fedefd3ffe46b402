package page

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"p1/pkg/noise/chart/charttest"
	"p1/pkg/noise/diagnose"
	"p1/pkg/noise/voltage"
)

func writeVoltage(t *testing.T, e *voltage.Evidence) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteVoltage(&b, e); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// writeIndex writes the index of a report that has all files.
func writeIndex(t *testing.T, r *diagnose.Report, unread bool) []byte {
	t.Helper()
	var b bytes.Buffer
	there := func(name string) bool { return name != "unread.txt" || unread }
	if err := WriteIndex(&b, Index{Line: r, Voltage: charttest.House{Days: 1, Volts: charttest.Sunny, Phases: 3}.Evidence(), There: there}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// heading returns the first heading of a page, and the tone of what it stands in.
func heading(t *testing.T, page []byte) (said, tone string) {
	t.Helper()
	walk(t, page, func(n *html.Node) {
		if n.DataAtom == atom.H1 && said == "" {
			said, tone = n.FirstChild.Data, n.Parent.Attr[0].Val
		}
	})
	return strings.ReplaceAll(said, "\u00a0", " "), tone
}

// What the page says first is what the evidence carries: a verdict only where there is one,
// and nothing that looks verified where nothing has verified it.
func TestWhatTheVoltagePageSays(t *testing.T) {
	houses := charttest.Houses()
	for _, c := range []struct {
		house      charttest.House
		tone, head string
		says       []string
		never      []string
	}{
		{charttest.House{}, "other", "No voltage that can be used: nothing can be said of the grid.", nil, []string{"Week by week"}},
		{houses["kept"], "fine", "The voltage has kept to EN 50160.",
			[]string{"0 of 1,008 means beyond ±10 %", "None of the means that are judged is beyond ±10 %.", "meter 9912345678"}, []string{"no verdict ", "broken"}},
		// L1 is too high at noon of days that three divides, L3 too low in the evening of those that four does.
		{houses["holes"], "ill", "The voltage has not kept to EN 50160 in 1 of 2 weeks.",
			[]string{"95 %: no verdict", "+10/−15 %: broken", "2 interrupted", "L1 above", "L3 below", "no telegrams"}, []string{"kept"}},
		{houses["sparse"], "other", "No verdict by EN 50160: less than the 1008 ten-minute means of a week.",
			[]string{"no mean is judged; 1,008 not judged", "the values come more than 10 s apart", "No mean is judged.", "For how long the voltage was beyond ±10 % is not known."},
			[]string{"No value is beyond", "kept", "broken", "0 of 0"}},
		{houses["unverified"], "other", "Not verified, since this meter sends no CRC: the voltage has not kept to EN 50160.",
			[]string{"means that nothing verifies", "NOT VERIFIED: this meter sends no CRC", "broken, not verified", "highest ten-minute mean, not verified"}, []string{"broken 1"}},
		{houses["stranger"], "other", "No verdict by EN 50160: less than the 1008 ten-minute means of a week.", []string{"<script>alert(1)</script>"}, nil},
	} {
		page := writeVoltage(t, c.house.Evidence())
		if head, tone := heading(t, page); head != c.head || tone != c.tone {
			t.Errorf("it begins with %q (%s), want %q (%s)", head, tone, c.head, c.tone)
		}
		said := strings.ReplaceAll(text(t, page), "\u00a0", " ")
		if c.tone == "other" && (bytes.Contains(page, []byte(`<b class="kept`)) || bytes.Contains(page, []byte(`<b class="broken`))) {
			t.Errorf("%q: a verdict looks like one", c.head)
		}
		figures, _, _ := strings.Cut(said, "What the figures are worth")
		for _, want := range c.says {
			if !strings.Contains(said, want) {
				t.Errorf("%q: it does not say %q", c.head, want)
			}
		}
		for _, never := range c.never {
			if strings.Contains(strings.ReplaceAll(figures, c.head, ""), never) {
				t.Errorf("%q: it says %q", c.head, never)
			}
		}
	}
}

// Of more meters than are kept for pictures it is said that there are none.
func TestVoltageOfManyMeters(t *testing.T) {
	page := string(writeVoltage(t, charttest.House{Days: 1, Every: 60, Volts: charttest.Steady, Phases: 1, Meters: 6}.Evidence()))
	if n := strings.Count(page, "There are no pictures of this meter"); n != 2 {
		t.Errorf("it is said %d times, want 2", n)
	}
}

// A verdict on a meter is the worst of those on its weeks, phases and rules, and is given
// only where all of them are.
func TestVerdictOfAMeter(t *testing.T) {
	k, b, u := voltage.Kept, voltage.Broken, voltage.Unknown
	const first, second = "2026-03-01T00:00:00+01:00", "2026-03-08T00:00:00+01:00"
	week := func(from string, most, all voltage.Verdict) voltage.Week {
		var w voltage.Week
		w.From, w.Most, w.All = at(t, from), most, all
		return w
	}
	phase := func(weeks ...voltage.Week) voltage.Phase { return voltage.Phase{Name: "L1", Live: true, Weeks: weeks} }
	for _, c := range []struct {
		phases []voltage.Phase
		want   string
	}{
		{nil, "No phase carries a voltage in what the meter sends."},
		{[]voltage.Phase{phase(week(first, k, k))}, "The voltage has kept to EN 50160."},
		{[]voltage.Phase{phase(week(first, k, k), week(second, k, k))}, "The voltage has kept to EN 50160 in each of 2 weeks."},
		{[]voltage.Phase{phase(week(first, k, k)), phase(week(first, k, b))}, "The voltage has not kept to EN 50160."},
		{[]voltage.Phase{phase(week(first, b, u)), phase(week(second, k, k))}, "The voltage has not kept to EN 50160 in 1 of 2 weeks."},
		{[]voltage.Phase{phase(week(first, k, k)), phase(week(second, k, u))}, "The voltage has kept to EN 50160 in 1 of 2 weeks; on the others there is no verdict."},
		{[]voltage.Phase{phase(week(first, k, u))}, "No verdict by EN 50160 on both of its rules: too many means are missing."},
	} {
		if _, got := judged(&voltage.Meter{Phases: c.phases}); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// at is a time of a meter.
func at(t *testing.T, text string) voltage.Moment {
	t.Helper()
	when, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return voltage.Moment{Time: when, Season: 'W'}
}

// The index leads to the files that are there, in one row each, and to no other; that
// something was not read stands before everything else.
func TestIndex(t *testing.T) {
	r := charttest.Noisy()
	var all []string
	for _, f := range Files() {
		all = append(all, f.Name)
	}
	for _, there := range [][]string{all, {"line.html", "summary.txt", "other.html"}, {"unread.txt", "line.html"}} {
		var b bytes.Buffer
		if err := WriteIndex(&b, Index{Line: r, Voltage: charttest.House{}.Evidence(), There: func(name string) bool { return slices.Contains(there, name) }}); err != nil {
			t.Fatal(err)
		}
		var linked []string
		walk(t, b.Bytes(), func(n *html.Node) {
			if n.DataAtom == atom.A {
				linked = append(linked, n.Attr[0].Val)
			}
		})
		want := slices.DeleteFunc(slices.Clone(there), func(name string) bool { return name == "other.html" })
		if !slices.Equal(linked, want) {
			t.Errorf("of %q it leads to %q", there, linked)
		}
		said := text(t, b.Bytes())
		if !strings.Contains(said, r.Headline) || !strings.Contains(said, "8,588 of 8,640") || !strings.Contains(said, "nothing can be said of the grid") {
			t.Errorf("it says %s", said)
		}
		if unread := strings.Contains(said, "Not all of the logs was read"); unread != slices.Contains(there, "unread.txt") {
			t.Errorf("of %q it says that not all was read: %v", there, unread)
		}
	}
	hostile := string(writeIndex(t, charttest.MakeHostile(), false))
	if strings.Contains(hostile, "<script") || !strings.Contains(hostile, "&lt;script&gt;") {
		t.Error("what a stream says is not escaped")
	}
}
