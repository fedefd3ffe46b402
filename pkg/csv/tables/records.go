package tables

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
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

// records makes the rows of the records table, whose columns are named by a profile, by
// the user, or, with the profile all, by the first telegrams:
//
//	held   records, until the columns are known (profile all only)
//	codes  OBIS code → which of view.slots is its own
//	list   the columns, each with what reads its value
type records struct {
	*sheet    // nil until the columns are known
	w         io.Writer
	o         Options
	catalogue *catalogue
	list      []quantity
	extra     []quantity // after those of the profile all

	all     bool
	held    []*record.Telegram
	live    bool
	told    int
	unread  []string // lines that cannot be read and were told
	codes   map[string]int
	needs   need
	parser  parser
	view    view
	clocks  *timekeeper
	bound   perMeter[bindings]
	history history
	doubts  doubts
}

// noSlot stands in records.codes for a code from whose line no column is read.
const noSlot = -1

func newRecords(w io.Writer, o Options) (*records, error) {
	t := &records{w: w, o: o, codes: map[string]int{}, all: o.Profile == All, doubts: doubts{say: o.Say}}
	t.catalogue = newCatalogue(&t.o)
	t.view.zone = o.Zone
	t.codes[telegram.ClockCode] = noSlot
	list, err := t.columns()
	if err == nil && t.all {
		t.extra, err = t.catalogue.findAll(o.Columns)
	}
	if err != nil {
		return nil, err
	}
	if named := hasColumn(list, "clock"); named || o.Zone != nil {
		t.clocks = &timekeeper{zone: o.Zone}
		if !named {
			t.clocks.say = o.Say
		}
	}
	for _, q := range list {
		t.put(q)
	}
	if t.all {
		return t, nil
	}
	if err := t.putAids(); err != nil {
		return nil, err
	}
	return t, t.begin()
}

// columns are those that are known before any telegram is.
func (t *records) columns() ([]quantity, error) {
	if t.o.Profile == Seed {
		return t.o.seedColumns(), nil
	}
	list, err := t.catalogue.findAll(namesOf(t.o.Profile))
	if err == nil && !t.all {
		list, err = t.withAsked(list)
	}
	switch {
	case err != nil:
		return nil, err
	case t.o.format().timed:
		return t.withHost(list)
	case t.o.isDefault() && t.o.Every != 0:
		// The gains say the same, exactly.
		list = slices.DeleteFunc(list, func(q quantity) bool { return q.needs&needComputed != 0 })
	}
	return list, nil
}

// withAsked adds the columns that are asked for and not among those of the profile, and
// those that rows of --every need.
func (t *records) withAsked(list []quantity) ([]quantity, error) {
	asked, err := t.catalogue.findAll(t.o.Columns)
	if err != nil {
		return nil, err
	}
	if t.o.Every != 0 {
		more, err := t.catalogue.findAll(spanNames[:])
		if err != nil {
			return nil, err
		}
		asked = append(asked, more...)
	}
	for _, q := range asked {
		if !hasColumn(list, q.name) {
			list = append(list, q)
		}
	}
	return list, nil
}

// isDefault reports whether nothing is asked of the columns.
func (o *Options) isDefault() bool {
	return o.Profile == Default && len(o.Columns) == 0 && o.Units == KW
}

// withHost adds the host's time for a format that takes it where the meter has no
// time of its own.
func (t *records) withHost(list []quantity) ([]quantity, error) {
	if !slices.ContainsFunc(list, func(q quantity) bool { return q.role == stampRole }) {
		return nil, fmt.Errorf("--format %s needs the column time among those of --columns", t.o.Format)
	}
	if slices.ContainsFunc(list, func(q quantity) bool { return q.role == hostRole }) {
		return list, nil
	}
	host, err := t.catalogue.find("host_time")
	return append(list, host...), err
}

// put adds a column.
func (t *records) put(q quantity) {
	if q.number || q.byCode != nil {
		q.slot = t.slot(q.code)
		if s := &t.view.slots[q.slot]; q.number && s.bare == "" {
			s.bare = q.unit
		}
	}
	if q.needs&^t.needs&needComputed != 0 {
		for b, code := range basisCodes() {
			t.view.bases[b] = t.slot(code)
		}
	}
	q.kilo = t.o.shown(q.unit) != q.unit
	t.needs |= q.needs
	t.list = append(t.list, q)
}

// putAids adds what costs are computed of and no column shows.
func (t *records) putAids() error {
	for _, name := range t.o.priced() {
		found, err := t.catalogue.find(name)
		if err != nil {
			return err
		}
		for _, q := range found {
			if !t.has(q.name) {
				q.aid = true
				_, met := t.codes[q.code]
				t.put(q)
				if !met && q.number {
					t.view.slots[t.codes[q.code]].hidden = true
				}
			}
		}
	}
	return nil
}

// slot returns the slot of a code.
func (t *records) slot(code string) int {
	at, ok := t.codes[code]
	if !ok || at == noSlot {
		at = len(t.view.slots)
		t.view.slots = append(t.view.slots, slot{line: -1, bare: telegram.Lookup(code).Unit})
		t.codes[code] = at
	}
	return at
}

// begin begins the table: its columns are known now.
func (t *records) begin() (err error) {
	columns := make([]column, len(t.list))
	for i := range t.list {
		columns[i] = t.list[i].column
	}
	if t.sheet, err = newSheet(t.w, t.o, columns); err == nil {
		t.row = make([]value, len(columns))
	}
	return err
}

func (t *records) take(from *record.Telegram) error {
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
	c := needed(from)
	c.Raw = bytes.Clone(from.Raw)
	c.Trusted = slices.Clone(from.Trusted)
	c.Doubted = slices.Clone(from.Doubted)
	return &c
}

// needed is all of a record that a row is made of.
func needed(from *record.Telegram) record.Telegram {
	c := *from
	c.Edits, c.ReceivedRaw, c.Explain, c.Extra = nil, nil, nil, nil
	return c
}

// release makes columns of the records that are held, and rows of them.
func (t *records) release() error {
	t.meetAll()
	for _, q := range t.extra {
		if !t.has(q.name) {
			t.put(q)
		}
	}
	if err := t.putAids(); err != nil {
		return err
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

func (t *records) has(name string) bool { return hasColumn(t.list, name) }

func hasColumn(list []quantity, name string) bool {
	return slices.ContainsFunc(list, func(q quantity) bool { return q.name == name })
}

// free returns a name that no column has yet.
func (t *records) free(name, code string) string {
	if t.has(name) {
		name += "_" + strings.NewReplacer("-", "_", ":", "_", ".", "_", "*", "_").Replace(code)
	}
	return name
}

// write writes the row of a record.
func (t *records) write(from *record.Telegram) error {
	t.look(from)
	for i := range t.list {
		q, v := &t.list[i], &t.row[i]
		switch {
		case q.number:
			v.form = absent
			if d, ok := t.view.number(q.slot, q.unit, q.nth); ok {
				v.form, v.number = numberForm, d
			}
		case q.byCode != nil:
			*v = q.byCode(&t.view, q.slot)
		default:
			*v = q.read(&t.view)
		}
		if q.kind == numberKind && (v.form == absent || q.kilo) {
			t.adjust(q, v)
		}
	}
	return t.sink.write(t.row)
}

// adjust makes a number one of the unit that the table shows, and tells of a line that
// should have one and has none that can be read.
func (t *records) adjust(q *quantity, v *value) {
	switch {
	case v.form == numberForm:
		*v = numberOr(thousandfold(v.number))
	case !t.view.from.Status.Valid():
	case q.number:
		if l := t.view.line(q.slot); l != nil && len(l.Values) > 0 && !t.isShown(q) {
			t.doubts.about(t.view.said, q, l)
		}
	case q.device != nil:
		if d := t.view.deviceOf(q.device.medium, q.device.channel); d != nil && d.OK && !t.isShown(q) {
			t.doubts.aboutDevice(d, q)
		}
	}
}

// isShown reports whether another column shows the number that a column does not: the
// limiter in kVA, where one is for kW.
func (t *records) isShown(q *quantity) bool {
	if q.number && t.doubts.told[q.code] {
		return true // nothing is to be said
	}
	return slices.ContainsFunc(t.list, func(other quantity) bool {
		switch {
		case q.number:
			if !other.number || other.slot != q.slot {
				return false
			}
			_, ok := t.view.number(other.slot, other.unit, other.nth)
			return ok
		case other.device == nil || other.kind != numberKind || *other.device != *q.device:
			return false
		}
		v := other.read(&t.view)
		return v.form != absent
	})
}

// look takes a record apart, and finds in it what columns are read from.
func (t *records) look(from *record.Telegram) {
	v := &t.view
	said, same := t.parser.parse(from)
	v.moment.take(from, said, t.clocks)
	v.row++
	v.read.devices, v.read.month, v.read.messages = false, false, false
	if t.needs&needDevices != 0 {
		t.bind(v)
	}
	if !same {
		t.findLines(v)
	}
	if !same && from.Status.Valid() && len(from.Doubted) == 0 && from.Trusted == nil {
		t.tellUnread(said)
		t.tellMore(v)
		t.tellDevices(v)
	}
	if t.needs&needComputed != 0 {
		v.step = t.history.next(v)
	}
}

// bind tells which of the meter's M-Bus devices is the first of its medium.
func (t *records) bind(s *view) {
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
func (t *records) findLines(v *view) {
	for i := range v.slots {
		v.slots[i].line = -1
	}
	var news, twice []string
	for i := range v.said.Lines {
		l := &v.said.Lines[i]
		code := l.Code.Of(v.said.Raw)
		if len(code) == 0 {
			continue
		}
		at, ok := t.codes[string(code)]
		if !ok {
			plain := v.said.CodeOf(l)
			if at, ok = t.codes[plain]; !ok {
				news = append(news, plain)
				continue
			}
		}
		switch {
		case at == noSlot:
		case v.slots[at].line < 0:
			v.slots[at].line = i
			if v.slots[at].hidden {
				news = append(news, v.said.CodeOf(l))
			}
		case v.from.Status.Valid() && !slices.Contains(twice, string(code)):
			twice = append(twice, string(code))
		}
	}
	if t.all && news != nil && v.from.Status.Valid() {
		t.tell(v, news)
	}
	for _, code := range twice {
		if t.doubts.isNew(code + " twice") {
			t.o.Say(fmt.Sprintf("a telegram has more than one line %s: the first counts", code))
		}
	}
}

// tellUnread says once of each line that nobody can read it.
func (t *records) tellUnread(said *telegram.Telegram) {
	for _, i := range said.Unread() {
		text := brief(latin1(string(said.Lines[i].Of(said.Raw))))
		if t.o.Say == nil || len(t.unread) >= maxNews || slices.Contains(t.unread, text) {
			continue
		}
		t.unread = append(t.unread, text)
		t.o.Say(fmt.Sprintf("line %d of a whole telegram cannot be read: %s: no column shows it, here and wherever it comes again", i+1, text))
	}
}

// tellMore says once of each code that its line has more numbers than there are columns
// for it.
func (t *records) tellMore(v *view) {
	for i := range t.list {
		of := &t.list[i]
		if !of.number || t.doubts.told[of.code] || ofDevice(of.code) {
			continue
		}
		l := v.line(of.slot)
		if l == nil || len(l.Values) < 2 {
			continue
		}
		shown := 0
		for i := range t.list {
			if q := &t.list[i]; q.number && q.slot == of.slot {
				if _, ok := v.number(q.slot, q.unit, q.nth); ok {
					shown++
				}
			}
		}
		if shown > 0 && shown < len(v.said.Measures(l.Values)) && t.doubts.isNew(of.code) {
			hint := ": --profile all has one for each"
			if t.all {
				hint = ", here and wherever it comes again"
			}
			t.o.Say(brief(latin1(string(l.Of(v.said.Raw)))) + " has more numbers than there are columns for it" + hint)
		}
	}
}

// tellDevices says once which of several devices of a medium its columns are of.
func (t *records) tellDevices(v *view) {
	for i := range t.list {
		q := &t.list[i]
		if q.device == nil || q.device.channel != 0 || q.kind != numberKind {
			continue
		}
		var channels, names []string
		for _, d := range v.devices() {
			if d.Medium == q.device.medium && d.OK {
				channels = append(channels, strconv.Itoa(d.Channel))
				names = append(names, t.o.named(fmt.Sprintf("%s_ch%d", d.Medium, d.Channel), q.unit))
			}
		}
		if len(channels) < 2 || t.has(names[0]) || !t.doubts.isNew(q.name+" of several") {
			continue
		}
		t.o.Say(fmt.Sprintf("there are devices of %s on the channels %s: %s is of channel %d; --columns %s has each",
			q.device.medium, strings.Join(channels, ", "), q.name, (*v.bound)[q.device.medium].channel, strings.Join(names, ",")))
	}
}

// tell says once that there are codes without a column.
func (t *records) tell(s *view, codes []string) {
	if t.told > maxNews || t.o.Say == nil {
		return
	}
	var names, ask []string
	for _, code := range codes {
		at, met := t.codes[code]
		switch {
		case t.told > maxNews:
			continue
		case !met:
			t.codes[code] = noSlot
		case at == noSlot || !t.view.slots[at].hidden:
			continue
		default:
			t.view.slots[at].hidden = false
		}
		t.told++
		w := window{o: &t.o}
		w.see(s, t.catalogue)
		for _, q := range w.columnsOf(w.of(code), t.catalogue) {
			if slices.ContainsFunc(t.list, func(other quantity) bool { return other.name == q.name && !other.aid }) {
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
func (t *records) flush() error {
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

func (t *records) close() error {
	if t.sheet == nil {
		if err := t.release(); err != nil {
			return err
		}
	}
	return t.sheet.close()
}

// accepts reports whether a telegram becomes a record.
//
// What p1fix calls lost was bad before it, and may well be whole: nothing has been
// changed in it, so it is as good as a bad one. What holds no line at all, as an
// encrypted telegram, is none.
func (o *Options) accepts(t *record.Telegram) bool {
	switch t.Status {
	case record.Bad, record.Lost:
		return o.AcceptBad && telegram.HasLine(t.Raw)
	case record.Salvaged:
		return o.Salvaged
	}
	return t.Status.Valid()
}
