package pipetest

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"p1/pkg/sim"
	"p1/pkg/sim/longtest"
)

// columns of the records and the OBIS code and unit of the line that each one
// shows.
var columns = map[string][2]string{
	"import_kwh":    {"1-0:1.8.0", "kWh"},
	"import_t1_kwh": {"1-0:1.8.1", "kWh"},
	"import_t2_kwh": {"1-0:1.8.2", "kWh"},
	"export_kwh":    {"1-0:2.8.0", "kWh"},
	"export_t1_kwh": {"1-0:2.8.1", "kWh"},
	"export_t2_kwh": {"1-0:2.8.2", "kWh"},
	"import_kw":     {"1-0:1.7.0", "kW"},
	"export_kw":     {"1-0:2.7.0", "kW"},
	"voltage_l1_v":  {"1-0:32.7.0", "V"},
	"voltage_l2_v":  {"1-0:52.7.0", "V"},
	"voltage_l3_v":  {"1-0:72.7.0", "V"},
	"current_l1_a":  {"1-0:31.7.0", "A"},
	"current_l2_a":  {"1-0:51.7.0", "A"},
	"current_l3_a":  {"1-0:71.7.0", "A"},
	"import_l1_kw":  {"1-0:21.7.0", "kW"},
	"import_l2_kw":  {"1-0:41.7.0", "kW"},
	"import_l3_kw":  {"1-0:61.7.0", "kW"},
	"export_l1_kw":  {"1-0:22.7.0", "kW"},
	"export_l2_kw":  {"1-0:42.7.0", "kW"},
	"export_l3_kw":  {"1-0:62.7.0", "kW"},
}

// sentValue returns what stands on a line of a telegram, without its leading
// zeros; nothing where there is no such line.
func sentValue(sent []byte, code, unit string) string {
	line := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(code) + `\(0*(\d[\d.]*)\*` + unit + `\)\r$`)
	found := line.FindSubmatch(sent)
	if found == nil {
		return ""
	}
	return string(found[1])
}

// checkRows fails for a row that is not what the meter sent at that time, and
// returns how many there are.
func checkRows(t *testing.T, x table, truth *truth) int {
	t.Helper()
	byTime := map[string]sim.Transmission{}
	for _, tx := range truth.sent {
		byTime[tx.Clock.Format("2006-01-02T15:04:05-07:00")] = tx
	}
	seen := map[string]bool{}
	for _, row := range x.rows {
		tx, ok := byTime[row["time"]]
		if !ok || seen[row["time"]] {
			t.Errorf("a row of %s, when no telegram was sent, or a second one", row["time"])
			continue
		}
		seen[row["time"]] = true
		for column, line := range columns {
			if want := sentValue(tx.Plain, line[0], line[1]); row[column] != want {
				t.Errorf("%s at %s: %s, sent was %s", column, row["time"], row[column], want)
			}
		}
		if want := tx.Clock.Format("-07:00"); row["utc_offset"] != want {
			t.Errorf("utc_offset at %s: %s, want %s", row["time"], row["utc_offset"], want)
		}
	}
	return len(x.rows)
}

// Of a log without noise every telegram becomes a row, with what was sent.
func TestCleanLogs(t *testing.T) {
	t.Parallel()
	for log, query := range map[string]string{"hu-clean": "meter=hu&telegrams=12", "nl-clean": "meter=nl&telegrams=20"} {
		x := simulate(t, query)
		records := parseTable(t, run(t, testdata, "p1cat "+log+".log | p1frame | p1fix | p1csv"))
		if n := checkRows(t, records, x); n != len(x.sent) {
			t.Errorf("%s: %d rows of %d telegrams", log, n, len(x.sent))
		}
		for i, row := range records.rows {
			if row["status"] != "ok" || row["confidence"] != "" || row["suspect"] != "" {
				t.Errorf("%s: row %d is %v", log, i+1, row)
			}
			// The pace is 10 s and 1 s, so every row but the first has an interval.
			if first := row["interval_import_kw"] == ""; log == "hu-clean" && first != (i == 0) {
				t.Errorf("%s: row %d has the interval %q", log, i+1, row["interval_import_kw"])
			}
		}
		noise := run(t, testdata, "p1cat "+log+".log | p1frame | p1fix | p1noise")
		if n := bytes.Count(noise, []byte("\n")); n != 2 || !bytes.Contains(noise, []byte(",0,noise,")) {
			t.Errorf("%s: PuTTY's line is the only noise, and this is reported:\n%s", log, noise)
		}
	}
}

// The first telegram of the clean log, read by a person: the bytes in the file
// and the row beside each other.
func TestFirstRow(t *testing.T) {
	t.Parallel()
	log := string(read(t, testdata+"/hu-clean.log"))
	for _, line := range []string{
		"0-0:1.0.0(260301000000W)", "0-0:96.14.0(0002)", "1-0:1.8.0(007382.590*kWh)", "1-0:1.8.1(002734.924*kWh)",
		"1-0:2.8.2(000041.707*kWh)", "1-0:32.7.0(237.6*V)", "1-0:71.7.0(001*A)", "1-0:1.7.0(00.284*kW)", "1-0:2.7.0(00.000*kW)",
	} {
		if !strings.Contains(log, line+"\r\n") {
			t.Errorf("the log has no line %s", line)
		}
	}
	row := parseTable(t, run(t, testdata, "p1cat hu-clean.log | p1frame | p1fix | p1csv")).rows[0]
	for column, want := range map[string]string{
		"time": "2026-03-01T00:00:00+01:00", "utc_offset": "+01:00", "status": "ok", "tariff": "0002",
		"import_kwh": "7382.590", "import_t1_kwh": "2734.924", "export_t2_kwh": "41.707",
		"voltage_l1_v": "237.6", "current_l3_a": "1", "import_kw": "0.284", "export_kw": "0.000",
		"import_l1_kw": "", "interval_import_kw": "",
		// 284 W at a mean of (237.6 + 232.5 + 233.0) / 3 = 234.367 V
		"net_current_a": "1.212",
	} {
		if row[column] != want {
			t.Errorf("%s is %q, want %q", column, row[column], want)
		}
	}
}

// Whatever becomes a row of the noisy log is what the meter sent; and whatever
// the line left alone becomes a row.
func TestNoisyLog(t *testing.T) {
	t.Parallel()
	x := simulate(t, "meter=hu&telegrams=60&noise=slow-rise&logger=printable&seed=7")
	if !bytes.Equal(x.log, read(t, testdata+"/hu-noisy.log")) {
		t.Fatal("the log is not the simulated one")
	}
	fixed := run(t, testdata, "p1cat hu-noisy.log | p1frame | p1fix")
	list := lines(t, fixed)
	conserve(t, "p1fix", list, x.log)
	x.checkTruth(t, list)
	records := parseTable(t, feed(t, fixed, "p1csv"))
	rows := checkRows(t, records, x)
	valid := len(telegrams(list, "ok", "repaired"))
	if rows != valid {
		t.Errorf("%d rows of %d valid telegrams", rows, valid)
	}
	times := map[string]bool{}
	for _, row := range records.rows {
		times[row["time"]] = true
	}
	intact := 0
	for _, tx := range x.sent {
		if bytes.HasSuffix(tx.Logged, keepPrintable(tx.Sent)) {
			intact++
			if !times[tx.Clock.Format("2006-01-02T15:04:05-07:00")] {
				t.Errorf("the telegram %d came through intact and is no row", tx.Seq)
			}
		}
	}
	if intact < 2 || rows < 50 {
		t.Errorf("%d telegrams came through intact and %d are rows: the log shows nothing", intact, rows)
	}

	validity := parseTable(t, feed(t, fixed, "p1csv --table validity"))
	if n := len(telegrams(list)); len(validity.rows) != n {
		t.Errorf("%d rows in the validity table for %d telegrams", len(validity.rows), n)
	}
	for i, l := range telegrams(list) {
		row := validity.rows[i]
		isValid := fmt.Sprint(l.Status == "ok" || l.Status == "repaired")
		if row["status"] != l.Status || !strings.EqualFold(row["valid"], isValid) || row["offset"] != fmt.Sprint(l.Offset) {
			t.Errorf("the telegram at %d is %s, and its row reads %v", l.Offset, l.Status, row)
		}
	}
}

// keepPrintable is what a logger writes that knows printable characters only.
func keepPrintable(b []byte) []byte {
	return regexp.MustCompile(`[^ -~\r\n]`).ReplaceAllLiteral(b, nil)
}

// A meter without CRC: its telegrams are unchecked, all of them, and are rows.
func TestUnchecked(t *testing.T) {
	t.Parallel()
	list := lines(t, run(t, testdata, "p1cat dsmr3.log | p1frame | p1fix"))
	if n := len(telegrams(list, "unchecked")); n != 15 || n != len(telegrams(list)) {
		t.Errorf("%d of %d telegrams are unchecked, want 15 of 15", n, len(telegrams(list)))
	}
	for _, l := range telegrams(list) {
		if l.CRC != "none" || l.CRCSent != "" || l.CRCCalc != "" {
			t.Errorf("a telegram without CRC has %q, %q and %q", l.CRC, l.CRCSent, l.CRCCalc)
		}
	}
	x := simulate(t, "meter=dsmr3&telegrams=15")
	records := parseTable(t, run(t, testdata, "p1cat dsmr3.log | p1frame | p1fix | p1csv"))
	if len(records.rows) != len(x.sent) {
		t.Fatalf("%d rows, want %d", len(records.rows), len(x.sent))
	}
	for i, row := range records.rows {
		// No S or W stands after this meter's time, so the offset is not known;
		// and it has no clock line of its own.
		if row["status"] != "unchecked" || row["utc_offset"] != "" || row["import_t1_kwh"] != sentValue(x.sent[i].Sent, "1-0:1.8.1", "kWh") {
			t.Errorf("row %d: %v", i+1, row)
		}
	}
}

// Nothing is lost at any stage, and nothing wrong is called right, whatever the
// line does.
func TestConservation(t *testing.T) {
	t.Parallel()
	loggers := map[string]string{"hu": "printable", "dsmr3": "lf"} // the others log all
	for i, model := range sim.Meters() {
		for j, noise := range sim.Noises() {
			if !longtest.Asked() && (i+j)%4 > 0 {
				continue // each meter and each noise, but not all of both
			}
			query := fmt.Sprintf("meter=%s&noise=%s&logger=%s&telegrams=20&seed=5", model, noise, cmp.Or(loggers[model], "all"))
			t.Run(query, func(t *testing.T) {
				t.Parallel()
				x := simulate(t, query)
				chunks := feed(t, x.log, "p1cat")
				conserve(t, "p1cat", lines(t, chunks), x.log)
				framed := frame(t, chunks, sim.Signs(model) == "other")
				conserve(t, "p1frame", lines(t, framed), x.log)
				x.checkTruth(t, lines(t, framed))
				fixed := feed(t, framed, "p1fix --ascii=false")
				conserve(t, "p1fix", lines(t, fixed), x.log)
				x.checkTruth(t, lines(t, fixed))
				if again := feed(t, fixed, "p1fix --ascii=false"); !bytes.Equal(again, fixed) {
					t.Error("p1fix changes its own output")
				}
				if noise != "flip" { // which makes bytes of all values
					return
				}
				ascii := feed(t, x.log, "p1cat --ascii | p1frame --ascii | p1fix --ascii=false")
				if !bytes.Equal(ascii, fixed) {
					t.Error("--ascii on the way changes what comes out")
				}
			})
		}
	}
}

// frame is feed through p1frame, which may say that no known CRC holds where that is so, and
// which one it has found instead.
func frame(t testing.TB, in []byte, unknown bool) []byte {
	t.Helper()
	p, w := startFed(t, "p1frame")
	go func() {
		w.Write(in)
		w.Close()
	}()
	out := p.rest()
	if said := &p.stages[0].stderr; unknown && regexp.MustCompile(`no known CRC holds \(ARC, X25\)|signs with CRC16:.*found by algebra`).MatchString(said.String()) {
		said.Reset()
	}
	p.ended(0)
	return out
}

// Bytes that no meter has sent come out as noise, all of them.
func TestGarbage(t *testing.T) {
	t.Parallel()
	// A generator of its own, so that the bytes are the same everywhere.
	garbage := make([]byte, 300_000)
	state := uint32(1)
	for i := range garbage {
		state = state*1664525 + 1013904223
		garbage[i] = byte(state >> 24)
	}
	fixed := feed(t, garbage, "p1cat | p1frame | p1fix")
	conserve(t, "p1fix", lines(t, fixed), garbage)
	if n := len(telegrams(lines(t, fixed))); n != 0 {
		t.Errorf("%d telegrams in garbage", n)
	}
	p, w := startFed(t, "p1csv")
	go func() {
		w.Write(fixed)
		w.Close()
	}()
	if out := parseTable(t, p.rest()); len(out.rows) != 0 {
		t.Errorf("%d rows of garbage", len(out.rows))
	}
	if said := p.stages[0].stderr.String(); !strings.Contains(said, "no telegram stands in the 300000 bytes") {
		t.Errorf("of garbage p1csv says %q", said)
	}

	// Where records are expected, it is none.
	for _, name := range []string{"p1frame", "p1fix", "p1csv", "p1noise"} {
		p, w := startFed(t, name)
		go func() {
			w.Write(garbage)
			w.Close()
		}()
		p.rest()
		if said := p.stages[0].stderr.String(); p.stages[0].code != 3 || !strings.Contains(said, name+": -:1: not JSON: ") {
			t.Errorf("%s ends with %d and says %.100q", name, p.stages[0].code, said)
		}
	}

	// Around a telegram it does no harm.
	x := simulate(t, "meter=nl&telegrams=1&logger=raw")
	log := bytes.Join([][]byte{garbage, x.log, garbage}, []byte("\r\n"))
	list := lines(t, feed(t, log, "p1cat | p1frame | p1fix"))
	conserve(t, "p1fix", list, log)
	if ok := telegrams(list, "ok"); len(ok) != 1 || !bytes.Equal(ok[0].Raw, x.sent[0].Sent) {
		t.Errorf("%d telegrams are found in the middle of garbage, want the one that is there", len(ok))
	}
}
