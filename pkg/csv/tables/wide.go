package tables

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// The profile all holds back the records of a log until it has seen this many,
// to know its columns, of which there are at most maxColumns.
const (
	heldRecords = 60
	maxColumns  = 1000
)

// maxNews is how many codes that came too late for a column are told.
const maxNews = 50

// wide makes the rows of records whose columns are named by a profile, by the
// user, or, with the profile all, by the first telegrams:
//
//	held   records, until the columns are known (profile all only)
//	slots  OBIS code → which of scene.lines is its line
//	list   the columns, each with what reads its value
type wide struct {
	*sheet    // nil until the columns are known
	w         io.Writer
	o         Options
	catalogue *catalogue
	list      []quantity
	extra     []quantity // behind those of the profile all

	all     bool
	held    []*record.Telegram
	live    bool
	told    int
	slots   map[string]int
	needs   need
	parser  parser
	scene   scene
	clocks  timekeeper
	bound   perMeter[bindings]
	history history
	doubts  doubts
	row     []string
}

// known is the slot of a code that has no line of its own to be read from.
const known = -1

func newWide(w io.Writer, o Options) (*wide, error) {
	t := &wide{w: w, o: o, slots: map[string]int{}, clocks: timekeeper{zone: o.Zone}, all: o.Profile == All, doubts: doubts{say: o.Say}}
	t.catalogue = newCatalogue(&t.o)
	t.scene.zone = o.Zone
	t.slots[telegram.ClockCode] = known
	names := namesOf(o.Profile)
	if !t.all {
		names = append(names, o.Columns...)
	}
	list, err := t.catalogue.findAll(withSpanNames(names, o.Every != 0))
	if err == nil && t.all {
		t.extra, err = t.catalogue.findAll(o.Columns)
	}
	if err != nil {
		return nil, err
	}
	if o.Format == Influx && !slices.ContainsFunc(list, func(q quantity) bool { return q.role == stampRole }) {
		return nil, fmt.Errorf("--format %s needs the column time among those of --columns", Influx)
	}
	if !slices.ContainsFunc(list, func(q quantity) bool { return q.name == "clock" }) {
		t.clocks.say = o.Say
	}
	list = t.withHost(list)
	for _, q := range list {
		t.put(q)
	}
	if t.all {
		return t, nil
	}
	return t, t.begin()
}

// withHost adds the host's time for a format that takes it where the meter has no
// time of its own.
func (t *wide) withHost(list []quantity) []quantity {
	if t.o.Format != Influx || slices.ContainsFunc(list, func(q quantity) bool { return q.role == hostRole }) {
		return list
	}
	host, err := t.catalogue.find("host_time")
	if err != nil {
		return list
	}
	return append(list, host...)
}

// put adds a column.
func (t *wide) put(q quantity) {
	if q.byCode != nil {
		slot, read := t.slot(q.code), q.byCode
		q.read = func(s *scene) value { return read(s, slot) }
		q.slot = slot
	}
	t.needs |= q.needs
	t.list = append(t.list, q)
}

// slot returns the slot of a code.
func (t *wide) slot(code string) int {
	slot, ok := t.slots[code]
	if !ok || slot == known {
		slot = len(t.scene.lines)
		t.scene.lines = append(t.scene.lines, known)
		t.slots[code] = slot
	}
	return slot
}

// begin begins the table: its columns are known now.
func (t *wide) begin() (err error) {
	columns := make([]column, len(t.list))
	for i := range t.list {
		columns[i] = t.list[i].column
	}
	t.row = make([]string, len(columns))
	t.sheet, err = newSheet(t.w, t.o, columns)
	return err
}

func (t *wide) take(from *record.Telegram) error {
	if !t.o.accepts(from) {
		return nil
	}
	if t.sheet != nil {
		return t.write(from)
	}
	t.live = from.Live
	t.held = append(t.held, clone(from))
	if len(t.held) < heldRecords {
		return nil
	}
	return t.release()
}

// clone copies all of a record that a row is made of.
func clone(from *record.Telegram) *record.Telegram {
	c := *from
	c.Raw = bytes.Clone(from.Raw)
	c.Trusted = slices.Clone(from.Trusted)
	c.Edits, c.ReceivedRaw, c.Explain, c.Extra = nil, nil, nil, nil
	return &c
}

// release makes columns of the records that are held, and rows of them.
func (t *wide) release() error {
	t.meetAll()
	for _, q := range t.extra {
		if !t.has(q.name) {
			t.put(q)
		}
	}
	if err := t.begin(); err != nil {
		return err
	}
	held := t.held
	t.held = nil
	for _, from := range held {
		if err := t.write(from); err != nil {
			return err
		}
	}
	return nil
}

func (t *wide) has(name string) bool {
	return slices.ContainsFunc(t.list, func(q quantity) bool { return q.name == name })
}

// meetAll makes columns of the codes in the records that are held. Where one of
// them is verified, what is not has no say: damage makes codes of its own.
func (t *wide) meetAll() {
	verified := slices.ContainsFunc(t.held, func(r *record.Telegram) bool { return r.Status.Valid() })
	clocks := timekeeper{zone: t.o.Zone}
	for _, from := range t.held {
		if !verified || from.Status.Valid() {
			s := &scene{zone: t.o.Zone}
			s.moment.read(from, &clocks)
			t.meet(s)
		}
	}
}

// meet makes columns of the codes of a telegram that have none.
func (t *wide) meet(s *scene) {
	for i := range s.said.Lines {
		code := telegram.Canonical(string(s.said.Lines[i].Code.Of(s.said.Raw)))
		if _, met := t.slots[code]; met || code == "" || len(t.list) >= maxColumns {
			continue
		}
		t.slots[code] = known
		for _, q := range t.columnsOf(s, code, s.said.Lines[i].Values) {
			q.name = t.free(q.name, code)
			t.put(q)
		}
	}
}

// free returns a name that no column has yet.
func (t *wide) free(name, code string) string {
	if t.has(name) {
		name += "_" + strings.NewReplacer("-", "_", ":", "_", ".", "_", "*", "_").Replace(code)
	}
	return name
}

// columnsOf returns the columns for a code in a telegram.
func (t *wide) columnsOf(s *scene, code string, values []telegram.Value) []quantity {
	devices := s.devices()
	for i := range devices {
		if d := &devices[i]; telegram.Canonical(d.Code) == code && slices.Contains(media(), d.Medium) {
			return t.columnsOfDevice(s, d)
		}
	}
	if code == monthEndCode && len(s.monthEnd().Entries) > 0 {
		return t.o.monthEnds(s.monthEnd().Entries)
	}
	m := s.said.Meaning(code)
	if m.Kind == telegram.Text && len(values) > 1 {
		m.Unit = "" // of the last of them, and all are shown
	}
	list := []quantity{t.catalogue.ofCode(m)}
	if len(values) > 1 && hasTime(m) {
		if _, err := telegram.ParseClock(string(values[0].Text.Of(s.said.Raw))); err == nil {
			list = append(list, t.o.timeOfCode(m))
		}
	}
	return list
}

// columnsOfDevice returns the columns of an M-Bus device's reading: the first of
// its medium is named after it, a second one after its channel too.
func (t *wide) columnsOfDevice(s *scene, d *telegram.Device) []quantity {
	name, channel := d.Medium, 0
	if t.has(t.o.named(name, d.Unit)) && !s.isFirst(d) {
		channel = d.Channel
		name = fmt.Sprintf("%s_ch%d", name, channel)
	}
	list := []quantity{t.o.deviceReading(name, d.Medium, channel, d.Unit)}
	if d.AtText != "" {
		at, _ := t.o.ofDevice(d.Medium, channel, "time")
		list = append(list, at)
	}
	return list
}

// write writes the row of a record.
func (t *wide) write(from *record.Telegram) error {
	s := &t.scene
	said, same := t.parser.parse(from)
	s.moment.take(from, said, &t.clocks)
	s.read.devices, s.read.month, s.read.messages = false, false, false
	if t.needs&needDevices != 0 {
		t.bind(s)
	}
	if !same || t.all {
		t.findLines(s)
	}
	if t.needs&needComputed != 0 {
		if s.readings == nil {
			s.readings, same = new(readings), false
		}
		s.readings.moment = s.moment
		s.readings.measure(same)
		s.step = t.history.next(s.readings)
	}
	for i := range t.list {
		q := &t.list[i]
		v := q.read(s)
		if !v.known && q.kind == numberKind && q.byCode != nil && from.Status.Valid() {
			t.doubts.about(s.said, q.code, q.name, q.unit, s.values(q.slot))
		}
		t.row[i] = t.o.cell(&s.ink, &q.column, v)
	}
	return t.sheet.add(t.row)
}

// bind tells which of the meter's M-Bus devices is the first of its medium.
func (t *wide) bind(s *scene) {
	s.bound = t.bound.of(s.meter)
	if *s.bound == nil {
		*s.bound = bindings{}
	}
	if !s.partial {
		s.bound.see(s.devices())
	}
}

// findLines finds the lines of all codes that have a slot: of two with the same
// code the first counts.
func (t *wide) findLines(s *scene) {
	for i := range s.lines {
		s.lines[i] = -1
	}
	var news []string
	for i := range s.said.Lines {
		code := s.said.Lines[i].Code.Of(s.said.Raw)
		if len(code) == 0 {
			continue
		}
		slot, ok := t.slots[string(code)]
		if !ok {
			plain := telegram.Canonical(string(code))
			if slot, ok = t.slots[plain]; !ok {
				news = append(news, plain)
				continue
			}
		}
		if slot != known && s.lines[slot] < 0 {
			s.lines[slot] = i
		}
	}
	if t.all && news != nil && s.from.Status.Valid() {
		t.tell(s, news)
	}
}

// tell says once that there are codes without a column.
func (t *wide) tell(s *scene, codes []string) {
	if t.told > maxNews || t.o.Say == nil {
		return
	}
	var names, ask []string
	for _, code := range codes {
		if _, met := t.slots[code]; met || t.told > maxNews {
			continue
		}
		t.told++
		t.slots[code] = known
		values, _ := s.said.Find(code)
		for _, q := range t.columnsOf(s, code, values) {
			if t.has(q.name) {
				continue
			}
			names = append(names, fmt.Sprintf("%s (%s)", q.name, code))
			if _, ok := t.catalogue.listedAs(q.name); !ok {
				q.name = code
			}
			if !slices.Contains(ask, q.name) {
				ask = append(ask, q.name)
			}
		}
	}
	if names == nil {
		return
	}
	t.o.Say(fmt.Sprintf("values that came too late for a column: %s; with --columns %s they have one",
		strings.Join(names, ", "), strings.Join(ask, ",")))
}

// flush writes the rows. What is held for its columns stays back, but for a live
// stream, whose rows are waited for.
func (t *wide) flush() error {
	if t.sheet == nil {
		if !t.live || len(t.held) == 0 {
			return nil
		}
		if err := t.release(); err != nil {
			return err
		}
	}
	return t.sheet.flush()
}

func (t *wide) close() error {
	if t.sheet == nil {
		if err := t.release(); err != nil {
			return err
		}
	}
	return t.sheet.close()
}
