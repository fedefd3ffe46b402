package main

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"p1/pkg/record"
	"p1/pkg/sim"
	"p1/pkg/sim/longtest"
	"p1/pkg/telegram"
)

// said is what a meter said at a time, by its clock.
type said struct {
	at     int64
	values map[string]float64
	gasAt  int64
	gas    string // the device
}

const (
	meterColumns = "time,meter,suspect,import_t1_kwh,import_t2_kwh,export_t1_kwh,export_t2_kwh,gas_m3,gas_time,gas_id"
	hourly       = 3600
)

// sample is a meter's telegrams, and p1csv's rows of them in a file.
func sample(t *testing.T, query string) (all []said, rows string) {
	t.Helper()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip(err)
	}
	o, err := sim.ParseOptions(query + "&logger=raw")
	fatal(t, err)
	stream, err := sim.New(o)
	fatal(t, err)
	rows = filepath.Join(t.TempDir(), "rows.jsonl")
	cmd := exec.Command("p1csv", "--format", "json", "--columns", meterColumns, "-o", rows)
	var words bytes.Buffer
	cmd.Stderr = &words
	in, err := cmd.StdinPipe()
	fatal(t, err)
	fatal(t, cmd.Start())
	w := record.NewWriter(in, false)
	for x, ok := stream.Next(); ok; x, ok = stream.Next() {
		all = append(all, heard(t, x))
		fatal(t, w.Write(&record.Telegram{
			Origin: record.Origin{Source: "sim", Offset: int64(len(all)) * 10000}, Seq: int64(x.Seq),
			Status: record.OK, CRC: "ARC", Raw: x.Sent,
		}))
	}
	fatal(t, w.Flush())
	fatal(t, in.Close())
	if err := cmd.Wait(); err != nil {
		t.Fatal(err, words.String())
	}
	return all, rows
}

func fatal(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// part is the rows of some times, in a file of their own.
func part(t *testing.T, rows string, wanted func(at int64) bool) string {
	t.Helper()
	all, err := os.ReadFile(rows)
	fatal(t, err)
	var kept []string
	for line := range strings.Lines(string(all)) {
		var row struct{ Time time.Time }
		fatal(t, json.Unmarshal([]byte(line), &row))
		if wanted(row.Time.Unix()) {
			kept = append(kept, line)
		}
	}
	name := filepath.Join(t.TempDir(), "rows.jsonl")
	fatal(t, os.WriteFile(name, []byte(strings.Join(kept, "")), 0o600))
	return name
}

// heard reads a telegram's lines by their text.
func heard(t *testing.T, x sim.Transmission) said {
	t.Helper()
	s := said{at: x.Clock.Unix(), values: map[string]float64{}}
	for code, column := range map[string]string{
		"1-0:1.8.1(": "import_t1_kwh", "1-0:1.8.2(": "import_t2_kwh", "1-0:2.8.1(": "export_t1_kwh", "1-0:2.8.2(": "export_t2_kwh",
		"0-1:24.2.1(": "gas_m3",
	} {
		_, rest, ok := strings.Cut(string(x.Sent), code)
		if !ok {
			t.Fatalf("no %s in %s", code, x.Sent)
		}
		if column == "gas_m3" {
			stamp, value, _ := strings.Cut(rest, ")(")
			rest = value
			at, err := time.ParseInLocation("060102150405", stamp[:12], time.FixedZone("", map[byte]int{'S': 7200, 'W': 3600}[stamp[12]]))
			fatal(t, err)
			s.gasAt = at.Unix()
		}
		number, _, _ := strings.Cut(rest, "*")
		value, err := strconv.ParseFloat(number, 64)
		fatal(t, err)
		s.values[column] = value
	}
	_, id, _ := strings.Cut(string(x.Sent), "0-1:96.1.0(")
	s.gas, _, _ = strings.Cut(id, ")")
	return s
}

// newCore is a Home Assistant that knows the meter.
func newCore(t *testing.T, meter string) *core {
	c := &core{t: t, admin: true, entities: map[string]string{"other": "sensor.other"}, kept: map[string]*statistic{}}
	for _, column := range []string{"import_t1_kwh", "import_t2_kwh", "export_t1_kwh", "export_t2_kwh", "gas_m3"} {
		entity := "sensor.my_" + column
		c.entities["p1_"+meter+"_"+column] = entity
		c.kept[entity] = &statistic{unit: "kWh", class: "energy", hours: map[int64]kept{}}
		if column == "gas_m3" {
			c.kept[entity].unit, c.kept[entity].class = "m³", "volume"
		}
	}
	return c
}

// hear feeds what the meter said to Home Assistant, where it comes a second later.
func (c *core) hear(all []said, on func(at int64) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range all {
		if !on(s.at) {
			continue
		}
		for column, value := range s.values {
			c.kept["sensor.my_"+column].feed(s.at+1, value)
		}
	}
}

// history runs the script, and returns what it says and its exit code.
func history(t *testing.T, address, rows string, more ...string) (string, int) {
	t.Helper()
	cmd := exec.Command("python3", append([]string{"p1-history", "--url", address, rows}, more...)...)
	cmd.Env = append(os.Environ(), "HASS_TOKEN="+goodToken, "PYTHONDONTWRITEBYTECODE=1")
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

const meterNL = "E0077044116491377"

func utcTime(text string) int64 {
	at, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		panic(err) // of this test
	}
	return at.Unix()
}

// alike compares the statistics of a register to those of a Home Assistant that was never off.
func alike(t *testing.T, got, want *core, column string) {
	t.Helper()
	g, w := got.kept["sensor.my_"+column].hours, want.kept["sensor.my_"+column].hours
	if len(g) != len(w) {
		t.Errorf("%s: %d hours, want %d", column, len(g), len(w))
	}
	bad := 0
	for _, at := range starts(w) {
		if math.Abs(g[at].sum-w[at].sum) > 0.001 || math.Abs(g[at].state-w[at].state) > 0.001 {
			if bad++; bad < 4 {
				t.Errorf("%s at %v: %+v, want %+v", column, time.Unix(at, 0).UTC(), g[at], w[at])
			}
		}
	}
}

// gasByStamp compares the gas of each hour to what the device's own stamps say, from a time to
// another; a device that takes another's place begins with what it shows.
func gasByStamp(t *testing.T, c *core, all []said, from, to int64) {
	t.Helper()
	total := map[int64]float64{} // at the end of the hour that begins then
	sum, last := 0.0, all[0]
	for _, s := range all {
		if s.gas == last.gas {
			sum += s.values["gas_m3"] - last.values["gas_m3"]
		}
		last = s
		total[(s.gasAt-1)/hourly*hourly] = sum
	}
	hours, bad := c.kept["sensor.my_gas_m3"].hours, 0
	for at := from; at <= to; at += hourly {
		got, want := hours[at].sum-hours[from].sum, total[at]-total[from]
		if _, ok := total[at]; !ok || math.Abs(got-want) > 0.001 {
			if bad++; bad < 4 {
				t.Errorf("gas at %v: %.3f since the hole began, want %.3f", time.Unix(at, 0).UTC(), got, want)
			}
		}
	}
}

// Home Assistant is off for thirty days, from the middle of an hour to that of another: its
// statistics become what they would be, and go on as they would.
func TestHistoryOfThirtyDays(t *testing.T) {
	if testing.Short() {
		t.Skip("nearly all of it is a script of its own")
	}
	all, rows := sample(t, "?meter=nl&every=15m&telegrams=3456&start=2026-03-01T00:00:00")
	begin, end, now := utcTime("2026-03-03 10:20"), utcTime("2026-04-02 14:35"), utcTime("2026-04-04 00:00")
	always := func(int64) bool { return true }
	rows = part(t, rows, func(at int64) bool { return at < now })
	want := newCore(t, meterNL)
	want.hear(all, always)
	for _, old := range []bool{false, true} {
		got := newCore(t, meterNL)
		got.old = old
		got.hear(all, func(at int64) bool { return at < now && (at < begin || at >= end) })
		if old { // which has no row of the hour in which it went off
			for _, s := range got.kept {
				delete(s.hours, begin/hourly*hourly)
			}
		}
		address := got.serve()
		if text, code := history(t, address, rows, "--dry-run"); code != 0 || got.imports != 0 || !strings.Contains(text, "hours would be filled") {
			t.Fatalf("%d %s", code, text)
		}
		text, code := history(t, address, rows)
		if code != 0 || !strings.Contains(text, "hours are filled") {
			t.Fatalf("%d %s", code, text)
		}
		got.hear(all, func(at int64) bool { return at >= now })
		for _, column := range []string{"import_t1_kwh", "import_t2_kwh", "export_t1_kwh", "export_t2_kwh"} {
			alike(t, got, want, column)
		}
		gasByStamp(t, got, all, begin/hourly*hourly, end/hourly*hourly)
		before := got.imports
		if text, code := history(t, address, rows); code != 0 || got.imports != before || !strings.Contains(text, "no hour is missing") {
			t.Errorf("again: %d %s", code, text)
		}
	}
}

// Twelve months with three holes: both changes of the clocks, and a gas meter that is replaced
// while Home Assistant is off, which it takes for gas that was used.
func TestHistoryOfAYear(t *testing.T) {
	longtest.NeedsHours(t, "simulates a year")
	checkHoles(t, "?meter=nl&every=15m&telegrams=35040&start=2026-01-01T00:00:00&gas-replace=2026-06-10T09:00:00", [][2]int64{
		{utcTime("2026-03-28 18:10"), utcTime("2026-03-29 07:40")},
		{utcTime("2026-06-05 00:00"), utcTime("2026-06-14 11:20")},
		{utcTime("2026-10-24 22:00"), utcTime("2026-10-25 05:00")},
	})
}

// The same of some days, round each change of the clocks.
func TestHistoryOfDays(t *testing.T) {
	checkHoles(t, "?meter=nl&every=15m&telegrams=672&start=2026-03-26T00:00:00&gas-replace=2026-03-31T09:00:00", [][2]int64{
		{utcTime("2026-03-28 18:10"), utcTime("2026-03-29 07:40")}, {utcTime("2026-03-31 00:00"), utcTime("2026-03-31 11:20")},
	})
	checkHoles(t, "?meter=nl&every=15m&telegrams=480&start=2026-10-23T00:00:00&gas-replace=2026-10-25T01:00:00", [][2]int64{
		{utcTime("2026-10-24 22:00"), utcTime("2026-10-25 05:00")},
	})
}

// checkHoles fills the holes in what Home Assistant has of a meter whose gas meter is replaced.
func checkHoles(t *testing.T, query string, holes [][2]int64) {
	t.Helper()
	all, rows := sample(t, query)
	on := func(at int64) bool {
		for _, h := range holes {
			if at >= h[0] && at < h[1] {
				return false
			}
		}
		return true
	}
	got, want := newCore(t, meterNL), newCore(t, meterNL)
	want.hear(all, func(int64) bool { return true })
	got.hear(all, on)
	wrong := got.kept["sensor.my_gas_m3"].last.sum
	text, code := history(t, got.serve(), rows)
	if code != 0 {
		t.Fatal(text)
	}
	for _, column := range []string{"import_t1_kwh", "import_t2_kwh", "export_t1_kwh", "export_t2_kwh"} {
		alike(t, got, want, column)
	}
	for _, h := range holes {
		gasByStamp(t, got, all, h[0]/hourly*hourly, h[1]/hourly*hourly)
	}
	used, last := 0.0, all[0]
	for _, s := range all {
		if s.gas == last.gas {
			used += s.values["gas_m3"] - last.values["gas_m3"]
		}
		last = s
	}
	if g := got.kept["sensor.my_gas_m3"]; math.Abs(g.last.sum-used) > 0.001 || math.Abs(wrong-used) < 0.01 {
		t.Errorf("%.3f m3 in the end, want %.3f; it had been %.3f", g.last.sum, used, wrong)
	}
}

// The connection ends after an adjustment has been asked for, which Home Assistant does only when
// the next run is there: it is done once.
func TestHistoryCutOff(t *testing.T) {
	all, rows := sample(t, "?meter=nl&every=15m&telegrams=192&start=2026-03-01T00:00:00&gas-replace=2026-03-01T13:00:00")
	begin, end := utcTime("2026-03-01 08:20"), utcTime("2026-03-01 15:05")
	on := func(at int64) bool { return at < begin || at >= end }
	got, want := newCore(t, meterNL), newCore(t, meterNL)
	got.hear(all, on)
	want.hear(all, on)
	if text, code := history(t, want.serve(), rows); code != 0 {
		t.Fatal(text)
	}
	got.cut = true
	address := got.serve()
	if text, code := history(t, address, rows); code != 1 || !strings.Contains(text, "closed the connection") || got.cut {
		t.Fatalf("%d %s", code, text)
	}
	if text, code := history(t, address, rows); code != 0 || !strings.Contains(text, "hours are filled") {
		t.Fatalf("%d %s", code, text)
	}
	alike(t, got, want, "gas_m3")
	if g, w := got.kept["sensor.my_gas_m3"].last.sum, want.kept["sensor.my_gas_m3"].last.sum; math.Abs(g-w) > 0.001 {
		t.Errorf("goes on from %.3f m3, want %.3f", g, w)
	}
}

// What cannot be done is said, and changes nothing.
func TestHistoryRefused(t *testing.T) {
	all, rows := sample(t, "?meter=nl&every=5m&telegrams=1000&start=2026-03-01T00:00:00")
	begin, end := utcTime("2026-03-02 01:20"), utcTime("2026-03-02 14:35")
	fresh := func(change func(*core)) *core {
		c := newCore(t, meterNL)
		c.hear(all, func(at int64) bool { return at < begin || at >= end })
		change(c)
		return c
	}
	for name, c := range map[string]struct {
		change func(*core)
		more   []string
		says   string
		code   int
	}{
		"no administrator":  {func(c *core) { c.admin = false }, nil, "only an administrator", 1},
		"another server":    {func(c *core) { c.other = true }, nil, `not Home Assistant: '"welcome"`, 1},
		"unit":              {func(c *core) { c.kept["sensor.my_gas_m3"].unit = "ft³" }, nil, "is kept in ft³, and gas_m3 is in m³", 1},
		"no entity":         {func(c *core) { c.entities = nil }, nil, "no entity has the unique id p1_" + meterNL, 1},
		"no statistic":      {func(c *core) { delete(c.kept, "sensor.my_gas_m3") }, nil, "48 hours are filled, columns without statistics: 1", 1},
		"no such statistic": {func(*core) {}, []string{"--statistic", "import_t1_kwh=sensor.nope"}, "sensor.nope has no statistics", 1},
		"nothing at all":    {func(c *core) { c.entities = nil }, nil, "nothing was looked at", 1},
		"no such column":    {func(*core) {}, []string{"--statistic", "gas_m4=sensor.x"}, "gas_m4 is no column of a register", 1},
		"column of others":  {func(*core) {}, []string{"--statistic", "heat_gj=sensor.x"}, "the rows have no reading of heat_gj, but of export_t1_kwh", 1},
		"by name":           {func(c *core) { c.entities = nil }, []string{"--statistic", "import_t1_kwh=sensor.my_import_t1_kwh"}, "12 hours are filled", 0},
		"file of a token":   {func(*core) {}, []string{"--token-file", "/dev/null"}, "there is no token", 1},
		"half an hour":      {func(*core) {}, []string{"--from", "2026-03-02T00:30:00Z", "--to", "2026-03-02T02:00:00Z"}, "two full hours", 1},
	} {
		core := fresh(c.change)
		text, code := history(t, core.serve(), rows, c.more...)
		if code != c.code || !strings.Contains(text, c.says) || strings.Contains(text, "Traceback") {
			t.Errorf("%s: %d %s", name, code, text)
		}
		if code != 0 && core.imports != 0 && !strings.Contains(text, "hours are filled") {
			t.Errorf("%s: %d imports", name, core.imports)
		}
	}
	token := filepath.Join(t.TempDir(), "token")
	fatal(t, os.WriteFile(token, []byte("bad\n"), 0o600))
	if text, code := history(t, fresh(func(*core) {}).serve(), rows, "--token-file", token); code != 1 || !strings.Contains(text, "does not know this token") {
		t.Errorf("%d %s", code, text)
	}
	if text, code := history(t, "http://127.0.0.1:1", rows); code != 1 || !strings.Contains(text, "cannot be reached") || !strings.Contains(text, "--url") {
		t.Errorf("%d %s", code, text)
	}
	// Rows of gas without the device's own time.
	bare := filepath.Join(t.TempDir(), "bare")
	fatal(t, os.WriteFile(bare, []byte(`{"time":"2026-03-02T00:00:00+01:00","meter":"M","gas_m3":1.5}`+"\n"), 0o600))
	if text, code := history(t, "http://127.0.0.1:1", bare); code != 1 || !strings.Contains(text, "add gas_time and gas_id") {
		t.Errorf("%d %s", code, text)
	}
}

// Hours of a hole that the rows do not have stay away, and that is said, then and later; rows that
// have them put it right.
func TestHistoryOfFewerRows(t *testing.T) {
	all, rows := sample(t, "?meter=nl&every=15m&telegrams=480&start=2026-03-01T00:00:00")
	begin, end := utcTime("2026-03-02 01:20"), utcTime("2026-03-04 14:35")
	always := func(int64) bool { return true }
	want := newCore(t, meterNL)
	want.hear(all, always)
	for name, c := range map[string]struct {
		lacks  [2]int64
		filled int
		absent string
	}{
		"begin": {[2]int64{0, utcTime("2026-03-02 13:00")}, 49, "11 hours, the first of them 2026-03-02T02:00"},
		"midst": {[2]int64{utcTime("2026-03-02 20:00"), utcTime("2026-03-03 12:00")}, 44, "16 hours, the first of them 2026-03-02T20:00"},
		"end":   {[2]int64{utcTime("2026-03-04 10:00"), utcTime("2026-03-09 00:00")}, 55, "5 hours, the first of them 2026-03-04T09:00"},
	} {
		fewer := part(t, rows, func(at int64) bool { return at < c.lacks[0] || at >= c.lacks[1] })
		got := newCore(t, meterNL)
		got.hear(all, func(at int64) bool { return at < begin || at >= end })
		address := got.serve()
		low := []string{"--statistic", "import_t1_kwh=sensor.my_import_t1_kwh"}
		text, code := history(t, address, fewer, low...)
		if code != 1 || !strings.Contains(text, fmt.Sprintf("sensor.my_import_t1_kwh: %d hours after", c.filled)) ||
			!strings.Contains(text, "sensor.my_import_t1_kwh: "+c.absent) || !strings.Contains(text, "hours are left") {
			t.Errorf("%s: %d %s", name, code, text)
		}
		if n := len(got.kept["sensor.my_import_t1_kwh"].hours); n >= len(want.kept["sensor.my_import_t1_kwh"].hours) {
			t.Errorf("%s: %d hours", name, n)
		}
		text, code = history(t, address, fewer, low...)
		if code != 1 || !strings.Contains(text, "sensor.my_import_t1_kwh: "+c.absent) || !strings.Contains(text, "no hour is filled") {
			t.Errorf("%s, again: %d %s", name, code, text)
		}
		if text, code := history(t, address, rows, low...); code != 0 || !strings.Contains(text, "hours are filled") {
			t.Errorf("%s, whole: %d %s", name, code, text)
		}
		alike(t, got, want, "import_t1_kwh")
	}
}

// Compressed rows are read, or it is said how.
func TestHistoryOfCompressedRows(t *testing.T) {
	all, rows := sample(t, "?meter=nl&every=15m&telegrams=96&start=2026-03-01T00:00:00")
	plain, err := os.ReadFile(rows)
	fatal(t, err)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err = z.Write(plain)
	fatal(t, err)
	fatal(t, z.Close())
	c := newCore(t, meterNL)
	c.hear(all, func(int64) bool { return true })
	address := c.serve()
	for name, c := range map[string]struct {
		data []byte
		says string
		code int
	}{
		"gzip":     {packed.Bytes(), "no hour is missing", 0},
		"cut off":  {packed.Bytes()[:packed.Len()/2], "a damaged file", 1},
		"zstd":     {[]byte("\x28\xb5\x2f\xfd\x04\x00"), "zstdcat", 1},
		"no text":  {[]byte("PK\x03\x04\xff\xfe\n"), "no rows of p1csv", 1},
		"no bytes": {nil, "no register in the rows", 1},
	} {
		file := filepath.Join(t.TempDir(), "rows")
		fatal(t, os.WriteFile(file, c.data, 0o600))
		if text, code := history(t, address, file); code != c.code || !strings.Contains(text, c.says) || strings.Contains(text, "Traceback") {
			t.Errorf("%s: %d %s", name, code, text)
		}
	}
}

// With --from and --to hours that are there are replaced: those in which a sensor stood still.
func TestHistoryReplaced(t *testing.T) {
	all, rows := sample(t, "?meter=nl&every=5m&telegrams=1000&start=2026-03-01T00:00:00")
	got, want := newCore(t, meterNL), newCore(t, meterNL)
	always := func(int64) bool { return true }
	want.hear(all, always)
	got.hear(all, always)
	begin, end := utcTime("2026-03-02 01:00"), utcTime("2026-03-02 14:00")
	for column := range all[0].values {
		s := got.kept["sensor.my_"+column]
		for at := begin; at < end; at += hourly {
			s.hours[at] = s.hours[begin-hourly]
		}
	}
	if text, code := history(t, got.serve(), rows); code != 0 || !strings.Contains(text, "no hour is missing") {
		t.Errorf("%d %s", code, text)
	}
	if text, code := history(t, got.serve(), rows, "--from", "2026-03-02T02:00:00+01:00", "--to", "2026-03-02T14:00:00Z"); code != 0 || !strings.Contains(text, "hours are filled") {
		t.Errorf("%d %s", code, text)
	}
	for _, column := range []string{"import_t1_kwh", "import_t2_kwh", "export_t1_kwh", "export_t2_kwh"} {
		alike(t, got, want, column)
	}
}

// No sum falls where the archive has a hole of its own in the span: what was used then is in the
// next hour that it has.
func TestHistoryReplacedInPart(t *testing.T) {
	all, rows := sample(t, "?meter=nl&every=15m&telegrams=192&start=2026-03-01T00:00:00")
	got, want := newCore(t, meterNL), newCore(t, meterNL)
	always := func(int64) bool { return true }
	want.hear(all, always)
	got.hear(all, always)
	text, err := os.ReadFile(rows)
	fatal(t, err)
	kept := ""
	for line := range strings.Lines(string(text)) {
		if !strings.Contains(line, `"time":"2026-03-02T05:`) && !strings.Contains(line, `"time":"2026-03-02T06:`) {
			kept += line
		}
	}
	begin, end := utcTime("2026-03-02 02:00"), utcTime("2026-03-02 08:00")
	missed := []int64{utcTime("2026-03-02 04:00"), utcTime("2026-03-02 05:00")}
	g, w := got.kept["sensor.my_import_t1_kwh"].hours, want.kept["sensor.my_import_t1_kwh"].hours
	for at := begin; at < end; at += hourly {
		g[at] = g[begin-hourly]
	}
	for _, at := range missed {
		w[at] = w[missed[0]-hourly]
	}
	if text, _ := history(t, got.serve(), rowsFile(t, kept), "--from", "2026-03-02T02:00:00Z", "--to", "2026-03-02T08:00:00Z"); !strings.Contains(text, "hours are filled") {
		t.Error(text)
	}
	alike(t, got, want, "import_t1_kwh")
}

// The file for the import add-on has what each hour gained, for all hours of the span, in UTC.
func TestHistoryAsCSV(t *testing.T) {
	all, rows := sample(t, "?meter=nl&every=5m&telegrams=1000&start=2026-03-28T12:00:00")
	want := newCore(t, meterNL)
	want.hear(all, func(int64) bool { return true })
	file := filepath.Join(t.TempDir(), "delta.csv")
	text, code := history(t, "", rows, "--csv", file, "--statistic", "import_t1_kwh=sensor.low", "--statistic", "gas_m3=sensor.gas",
		"--from", "2026-03-29T00:00:00+01:00", "--to", "2026-03-30T00:00:00+02:00")
	if code != 0 || text != "" {
		t.Fatalf("%d %s", code, text)
	}
	f, err := os.Open(file)
	fatal(t, err)
	defer f.Close()
	r := csv.NewReader(f)
	head, err := r.Read()
	if fmt.Sprint(head) != "[statistic_id start unit delta]" {
		t.Errorf("%q %v", head, err)
	}
	hours := want.kept["sensor.my_import_t1_kwh"].hours
	units, n := map[string]string{"sensor.low": "kWh", "sensor.gas": "m³"}, map[string]int{}
	for {
		row, err := r.Read()
		if err == io.EOF {
			break
		}
		fatal(t, err)
		at := utcTime(row[1])
		delta, err := strconv.ParseFloat(row[3], 64)
		fatal(t, err)
		n[row[0]]++
		if row[2] != units[row[0]] || row[0] == "sensor.low" && math.Abs(delta-(hours[at].sum-hours[at-hourly].sum)) > 1e-6 {
			t.Errorf("%q, want %.3f", row, hours[at].sum-hours[at-hourly].sum)
		}
	}
	if n["sensor.low"] != 23 || n["sensor.gas"] != 23 {
		t.Errorf("%v hours, want the 23 of the day", n)
	}
}

// What is not known of an hour is left out of the file for the import add-on and said, never 0: hours without rows, in the
// middle or at an end, and one in which a meter took the place of another. 0 is an hour in which nothing was used.
func TestHistoryCSVOfUnknownHours(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip(err)
	}
	var lines strings.Builder
	row := func(at, meter string, kWh float64) {
		fmt.Fprintf(&lines, "{\"time\":\"2026-03-01T%s:00Z\",\"meter\":%q,\"import_kwh\":%.3f}\n", at, meter, kWh)
	}
	row("00:30", "A", 10)
	row("01:30", "A", 11)
	row("02:30", "A", 11) // nothing is used
	row("06:30", "A", 15) // after four hours without rows
	row("07:30", "B", 3)  // another meter: what was used in between nobody knows
	row("08:30", "B", 4)
	row("08:50", "C", 7) // and again, in an hour of which a part is known
	row("08:55", "C", 7.5)
	row("09:30", "C", 8)
	row("10:30", "C", 9) // an hour that is not whole
	rows, file := rowsFile(t, lines.String()), filepath.Join(t.TempDir(), "delta.csv")
	for span, want := range map[string]struct {
		hours string
		said  []string
	}{
		"": {"01:00 1.000, 02:00 0.000, 06:00 4.000, 08:00 1.500, 09:00 0.500",
			[]string{"begins anew in 2 hours, the first of them 2026-03-01T07:00", "4 hours, the first of them 2026-03-01T03:00:00+00:00, are not known"}},
		"2026-03-01T00:00:00Z 2026-03-01T04:00:00Z": {"01:00 1.000, 02:00 0.000", []string{"2 hours, the first of them 2026-03-01T00:00"}},
		"2026-03-01T09:00:00Z 2026-03-01T12:00:00Z": {"09:00 0.500", []string{"2 hours, the first of them 2026-03-01T10:00"}},
		"2026-03-01T07:00:00Z 2026-03-01T08:00:00Z": {"", []string{"no whole hour of import_kwh", "it is not written"}},
	} {
		_ = os.Remove(file)
		args := []string{"--csv", file, "--statistic", "import_kwh=sensor.x"}
		if from, to, ok := strings.Cut(span, " "); ok {
			args = append(args, "--from", from, "--to", to)
		}
		text, code := history(t, "", rows, args...)
		var got []string
		if data, err := os.ReadFile(file); err == nil {
			table, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
			fatal(t, err)
			for _, row := range table[1:] {
				got = append(got, strings.TrimPrefix(row[1], "2026-03-01 ")+" "+row[3])
			}
		}
		if strings.Join(got, ", ") != want.hours || (code == 0) != (want.hours != "") {
			t.Errorf("%s: %d %q, want %s", span, code, got, want.hours)
		}
		for _, word := range want.said {
			if !strings.Contains(text, word) {
				t.Errorf("%s: it says %s, want %q", span, text, word)
			}
		}
	}
	fatal(t, os.WriteFile(file, []byte("of before"), 0o600))
	script := exec.Command("sh", "-c", `ulimit -f 0; exec python3 p1-history --csv "$@"`, "", file, "--statistic", "import_kwh=sensor.x", rows)
	script.Env = append(os.Environ(), "HASS_TOKEN="+goodToken, "PYTHONDONTWRITEBYTECODE=1")
	out, _ := script.CombinedOutput()
	if got, err := os.ReadFile(file); err != nil || string(got) != "of before" || script.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), "it is not written: ") {
		t.Errorf("of a file that cannot be written it leaves %q, says %s and ends with %d", got, out, script.ProcessState.ExitCode())
	}
	if beside, _ := filepath.Glob(file + "*"); len(beside) != 1 {
		t.Errorf("it leaves %q", beside)
	}
	if text, code := history(t, "", rows, "--csv", rows, "--statistic", "import_kwh=sensor.x"); code != 1 || !strings.Contains(text, "these are the rows themselves") {
		t.Error(code, text)
	}
}

// Readings that are too low or too high for a while add nothing: a register that returns has not
// fallen.
func TestHistoryOfWrongReadings(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip(err)
	}
	const n = 60 * 8 // minutes; a register that gains 0.01 kWh in each
	for name, c := range map[string]struct {
		from, to int // the minutes that are wrong
		by       float64
		gain     float64 // of the six hours after the first, 0 where it is refused
	}{
		"none":             {0, 0, 0, 3.6},
		"one too low":      {200, 201, -100, 3.6},
		"five too low":     {200, 205, -100, 3.6},
		"fifty too low":    {200, 250, -100, 3.6},
		"one too high":     {200, 201, 9000, 3.6},
		"five too high":    {200, 205, 9000, 3.6},
		"over an hour":     {238, 243, -100, 3.6},
		"low for good":     {n - 63, n, -0.5, 3.57}, // back where it was after 50 minutes; minutes 417 to 419 are left out
		"last few too low": {n - 5, n, -100, 3.6},
		"high for long":    {200, 300, 9000, 0},
		"begins anew":      {240, n, -102.39, 3.59}, // what was gained when it fell is not known
	} {
		var lines strings.Builder
		for i := range n {
			value := 100 + float64(i)/100
			if i >= c.from && i < c.to {
				value += c.by
			}
			fmt.Fprintf(&lines, "{\"time\":%q,\"meter\":\"M\",\"import_kwh\":%.3f}\n", time.Unix(utcTime("2026-03-01 00:00")+int64(i)*60, 0).UTC().Format(time.RFC3339), value)
		}
		file := filepath.Join(t.TempDir(), "delta.csv")
		text, code := history(t, "", rowsFile(t, lines.String()), "--csv", file, "--statistic", "import_kwh=sensor.x")
		if c.gain == 0 {
			if code != 1 || !strings.Contains(text, "more than 100 an hour") {
				t.Errorf("%s: %d %s", name, code, text)
			}
			continue
		}
		f, err := os.ReadFile(file)
		fatal(t, err)
		table, err := csv.NewReader(bytes.NewReader(f)).ReadAll()
		fatal(t, err)
		sum := 0.0
		for _, row := range table[1:] {
			delta, err := strconv.ParseFloat(row[3], 64)
			fatal(t, err)
			sum += delta
		}
		if code != 0 || math.Abs(sum-c.gain) > 1e-6 {
			t.Errorf("%s: %.3f kWh, want %.3f: %s", name, sum, c.gain, text)
		}
	}
}

// Rows and addresses that are none get a word, not a trace; a mark at the begin and blank lines are
// no matter.
func TestHistoryOfOddRows(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip(err)
	}
	const row = `{"time":"2026-03-02T00:00:00+01:00","meter":"M","import_kwh":1.5}` + "\n"
	for text, want := range map[string]string{
		`{"time":5,"meter":"M","import_kwh":1}` + "\n":                                                    "line 1 is no row",
		row + `{"time":"2026-03-02T00:00:00+01:00","meter":5,"import_kwh":1}` + "\n":                      "line 2 is no row",
		row + `["time","meter"]`:                                                                          "line 2 is no row",
		"{\"time\":\"\",\"meter\":\"\xe9\"}\n":                                                            "rows of p1csv",
		`{"time":"0001-01-01T00:00:00+01:00","meter":"M","import_kwh":1}` + "\n":                          "there is no register",
		`{"time":"2026-03-02T00:00:00Z","meter":"M","gas_m3":1,"gas_time":"2026-03-02T00:00:00Z"}` + "\n": "add gas_time and gas_id",
		`{"time":"2026-03-02T00:00:00Z","meter":"M","gas_m3":1,"gas_time":5,"gas_id":"G"}` + "\n":         "there is no register",
		"\ufeff" + row + "\n": "cannot be reached",
		"\ufeff" + row + strings.ReplaceAll(row, `"M"`, "null"): "cannot be reached",
	} {
		if said, code := history(t, "http://127.0.0.1:1", rowsFile(t, text)); code != 1 || !strings.Contains(said, want) || strings.Contains(said, "Traceback") {
			t.Errorf("%q: %d %s", text, code, said)
		}
	}
	for _, url := range []string{"http://h:abc", "http://[::1", "h:8123"} {
		if said, code := history(t, url, rowsFile(t, row)); code != 1 || !strings.Contains(said, "is no address") || strings.Contains(said, "Traceback") {
			t.Errorf("%s: %d %s", url, code, said)
		}
	}
}

// Ctrl-C gets a word and its exit code.
func TestHistoryInterrupted(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	fatal(t, err)
	defer l.Close()
	rows := rowsFile(t, `{"time":"2026-03-02T00:00:00+01:00","meter":"M","import_kwh":1.5}`+"\n")
	cmd := exec.Command("python3", "p1-history", "--url", "http://"+l.Addr().String(), rows)
	cmd.Env = append(os.Environ(), "HASS_TOKEN="+goodToken)
	var words bytes.Buffer
	cmd.Stderr = &words
	fatal(t, cmd.Start())
	conn, err := l.Accept() // it is never answered
	fatal(t, err)
	defer conn.Close()
	fatal(t, cmd.Process.Signal(os.Interrupt))
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 130 || !strings.HasPrefix(words.String(), "p1-history: stopped") {
		t.Errorf("%d %s", code, words.String())
	}
}

// rowsFile returns a file with a text.
func rowsFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "rows")
	fatal(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

// The script makes the unique ids of p1csv --discovery.
func TestHistoryKnowsUniqueIDs(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip(err)
	}
	for _, meter := range []string{meterNL, "7769004902", "E.1", "E 1", `\2M550T-1012`, "ÿ"} {
		raw := "/XMX5LGBBFG\r\n\r\n0-0:96.1.1(" + meter + ")\r\n1-0:1.8.1(000001.000*kWh)\r\n!0000\r\n"
		var in bytes.Buffer
		w := record.NewWriter(&in, false)
		for i := range 2 {
			fatal(t, w.Write(&record.Telegram{Origin: record.Origin{Source: "s", Offset: int64(i * 100)}, Status: record.OK, Raw: []byte(raw)}))
		}
		fatal(t, w.Flush())
		cmd := exec.Command("p1csv", "--discovery", "homeassistant", "--columns", "import_t1_kwh")
		cmd.Stdin = &in
		messages, err := cmd.Output()
		fatal(t, err)
		id := string(telegram.Parse([]byte(raw)).Meter())
		cmd = exec.Command("python3", "-c", "import runpy,sys; print(runpy.run_path('p1-history')['unique_id'](sys.argv[1],'import_t1_kwh'))", latin1(id))
		cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1", "PYTHONUTF8=1")
		want, err := cmd.Output()
		fatal(t, err)
		if !strings.Contains(string(messages), `"unique_id":"`+strings.TrimSpace(string(want))+`"`) {
			t.Errorf("%q: the script expects %s in %s", meter, want, messages)
		}
	}
}

// latin1 is bytes as text.
func latin1(b string) string {
	var r []rune
	for i := range len(b) {
		r = append(r, rune(b[i]))
	}
	return string(r)
}
