package page

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"p1/pkg/noise/chart/charttest"
	"p1/pkg/noise/diagnose"
	"p1/pkg/noise/usage"
	"p1/pkg/noise/voltage"
	"p1/pkg/record"
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
func writeIndex(t *testing.T, r *diagnose.Report, notRead bool) []byte {
	t.Helper()
	var b bytes.Buffer
	x := Index{Line: r, Usage: &usage.Counter{}, Voltage: charttest.House{Days: 1, Volts: charttest.Sunny, Phases: 3}.Evidence(), Links: allFiles()}
	if notRead {
		x.Links = append(x.Links, Link{"unread.txt", "unread.txt"})
	}
	if err := WriteIndex(&b, x); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// allFiles are links to all that a report has.
func allFiles() (all []Link) {
	for _, f := range Files() {
		all = append(all, Link{f.Name, f.Name})
	}
	return all
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

// Wherever a time stands, its offset does too, or it has that of the one before it: in the
// night in which the clock is put back an hour comes twice. A week begins when the meter's
// clock said so, whatever it said later.
func TestOffsetsOnTheVoltagePage(t *testing.T) {
	dips := func(at time.Time, _ int) float64 { // each night from 2:20 to 3:10
		if m := at.Hour()*60 + at.Minute(); m >= 140 && m < 190 {
			return 200
		}
		return 230
	}
	spring := time.Date(2026, 3, 29, 2, 0, 0, 0, time.UTC) // by winter's clock
	autumn := time.Date(2026, 10, 25, 2, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		house charttest.House
		says  []string
	}{
		{charttest.House{Days: 9, Every: 10, Phases: 1, Volts: dips, Begin: time.Date(2026, 3, 25, 0, 0, 0, 0, time.UTC), Summer: func(winter time.Time) bool { return !winter.Before(spring) }},
			[]string{"2026-03-25 00:00+01:00", "2026-04-01 01:00+02:00"}},
		{charttest.House{Days: 2, Every: 10, Phases: 1, Volts: dips, Begin: time.Date(2026, 10, 23, 23, 0, 0, 0, time.UTC), Summer: func(winter time.Time) bool { return winter.Before(autumn) }},
			[]string{"2026-10-24 00:00+02:00", "2026-10-25 02:20:00+02:00 03:00:00 40.0", "2026-10-25 02:20:00+01:00 03:10:00 50.0"}},
	} {
		var said strings.Builder
		walk(t, writeVoltage(t, c.house.Evidence()), func(n *html.Node) {
			if n.Type == html.TextNode && n.Parent.DataAtom != atom.Style && n.Parent.Data != "text" { // pictures go by the clock
				said.WriteString(n.Data + " ")
			}
		})
		page := strings.Join(strings.Fields(strings.ReplaceAll(said.String(), "\u00a0", " ")), " ")
		for _, want := range c.says {
			if !strings.Contains(page, want) {
				t.Errorf("it does not say %q:\n%s", want, page)
			}
		}
		if bare := regexp.MustCompile(`20\d\d-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?( |$)`).FindAllString(page, -1); len(bare) > 0 {
			t.Errorf("no offset is behind %q", bare)
		}
	}
}

// The index says what the registers of each meter gained, and of what that is not known.
func TestUsageOnTheIndex(t *testing.T) {
	said := func(clock, more string) *record.Telegram {
		return &record.Telegram{Origin: record.Origin{Source: "p1.log"}, Status: record.OK, CRC: record.CRCARC,
			Raw: record.Bytes("/AUX59912345678\r\n\r\n0-0:1.0.0(" + clock + ")\r\n0-0:96.1.0(<b>1)\r\n" + more + "!0000\r\n")}
	}
	var c usage.Counter
	c.Take(said("260227120000W", "1-0:1.8.1(000100.000*kWh)\r\n1-0:1.8.2(000010.000*kWh)\r\n1-0:1.8.3(000001.000*kWh)\r\n1-0:1.7.0(00.500*kW)\r\n"))
	c.Take(said("260301120000W", "1-0:1.8.1(000101.000*kWh)\r\n1-0:1.8.2(000012.000*kWh)\r\n1-0:1.8.3(000004.250*kWh)\r\n1-0:1.7.0(00.250*kW)\r\n"))
	suspect := said("260301130000W", "1-0:1.8.1(900000.000*kWh)\r\n")
	suspect.Suspect = "of another meter"
	c.Take(suspect)
	var b bytes.Buffer
	if err := WriteIndex(&b, Index{Line: charttest.Clean(), Usage: &c, Voltage: charttest.House{}.Evidence()}); err != nil {
		t.Fatal(err)
	}
	page := strings.ReplaceAll(text(t, b.Bytes()), "\u00a0", " ")
	for _, want := range []string{
		"2026-02-27T12:00:00+01:00 to 2026-03-01T12:00:00+01:00, 2 telegrams usable.", "Meter <b>1",
		"2026-02 0.000 - - 0.500 02-27 12:00 2026-03 6.250* - - 0.250 03-01 12:00", "* in 2026-03: since 2026-02-27 12:00",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("it does not say %q:\n%s", want, page)
		}
	}
}

// What no phase carries, or no mean is judged of, has no empty headings and no picture.
func TestVoltagePageOfNothing(t *testing.T) {
	for _, c := range []struct {
		house charttest.House
		never []string
	}{
		{charttest.House{Days: 1, Phases: 3, Volts: func(time.Time, int) float64 { return 0 }}, []string{"<svg", "Over time", "When in the day", "Beyond the limits", "Week by week"}},
		{charttest.House{Days: 1, Every: 60, Phases: 1, Volts: charttest.Steady}, []string{"<svg", "Over time", "When in the day"}},
	} {
		page := writeVoltage(t, c.house.Evidence())
		for _, never := range c.never {
			if bytes.Contains(page, []byte(never)) {
				t.Errorf("it has %q", never)
			}
		}
	}
}

// How many excursions there were, how many of them are listed, and how many of these stand
// on paper is said in one sentence.
func TestHowManyExcursionsThereWere(t *testing.T) {
	times := func(n int) charttest.House {
		return charttest.House{Days: 1, Phases: 1, Volts: func(at time.Time, _ int) float64 {
			if at.Minute() < 10 && at.Day() == 14 && at.Hour()-15 <= n && at.Hour() > 15 || at.Day() == 15 && at.Hour() < n-8 && at.Minute() < 10 {
				return 254
			}
			return 230
		}}
	}
	for n, want := range map[int]string{
		3:  "",
		8:  "",
		10: "These are the 8 longest of the 10.",
		14: "These are the 8 longest of the 10 that go furthest beyond, at most ten of each phase and side; there were 14 in all.",
	} {
		e := times(n).Evidence()
		g := newMeterView(&e.Meters[0], &e.Limits).Groups[0]
		if g.Remark != want || len(g.Rows) != min(n, 8) || len(g.All) > 0 != (n > 8) {
			t.Errorf("of %d: %q, %d rows, %d beside them", n, g.Remark, len(g.Rows), len(g.All))
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
	const first, second, third = "2026-03-01T00:00:00+01:00", "2026-03-08T00:00:00+01:00", "2026-03-15T00:00:00+01:00"
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
		{[]voltage.Phase{phase(week(first, k, k)), phase(week(second, k, u))}, "The voltage has kept to EN 50160 in 1 of 2 weeks; on the other there is no verdict."},
		{[]voltage.Phase{phase(week(first, k, k), week(second, k, u), week(third, u, u))}, "The voltage has kept to EN 50160 in 1 of 3 weeks; on the others there is no verdict."},
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
	link := func(name string) Link { return Link{name, name} }
	hash, scheme := Link{"line.html", "../a b/50%#1?.html"}, Link{"mine.txt", "javascript:alert(1)"}
	unread := link("unread.txt")
	for _, c := range []struct {
		links []Link
		want  []string
	}{
		{nil, nil},
		{allFiles(), []string{"line.html", "voltage.html", "records.xlsx", "records.csv", "days.csv", "validity.csv", "noise.csv", "summary.txt"}},
		{[]Link{link("summary.txt"), link("other.html"), link("line.html")}, []string{"line.html", "summary.txt", "other.html"}},
		{[]Link{link("line.html"), unread}, []string{"unread.txt", "line.html"}},
		{[]Link{scheme, hash}, []string{"../a%20b/50%25%231%3F.html", "./javascript:alert%281%29"}},
	} {
		var b bytes.Buffer
		if err := WriteIndex(&b, Index{Line: r, Usage: &usage.Counter{}, Voltage: charttest.House{}.Evidence(), Links: c.links}); err != nil {
			t.Fatal(err)
		}
		var linked []string
		walk(t, b.Bytes(), func(n *html.Node) {
			if n.DataAtom == atom.A {
				linked = append(linked, n.Attr[0].Val)
			}
		})
		if !slices.Equal(linked, c.want) {
			t.Errorf("of %q it leads to %q, want %q", c.links, linked, c.want)
		}
		said := text(t, b.Bytes())
		if !strings.Contains(said, r.Headline) || !strings.Contains(said, "8,588 of 8,640") || !strings.Contains(said, "nothing can be said of the grid") {
			t.Errorf("it says %s", said)
		}
		if got := strings.Contains(said, "Not all of the logs was read"); got != slices.Contains(c.links, unread) {
			t.Errorf("of %q it says that not all was read: %v", c.links, got)
		}
		if got := strings.Contains(said, "The files of this report"); got != (len(c.links) > 0) {
			t.Errorf("of %q it has a heading for files: %v", c.links, got)
		}
	}
	hostile := string(writeIndex(t, charttest.MakeHostile(), false))
	if strings.Contains(hostile, "<script") || !strings.Contains(hostile, "&lt;script&gt;") {
		t.Error("what a stream says is not escaped")
	}
}
