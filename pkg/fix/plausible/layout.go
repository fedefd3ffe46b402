package plausible

import (
	"bytes"
	"math"
	"strings"

	"p1/pkg/fix/expect"
	"p1/pkg/telegram"
)

// layout is where in the telegrams of one template the values stand, and what they
// were in the last one.
type layout struct {
	telegram.Template
	name telegram.Span // the line that names the meter

	clock    telegram.Span
	line     int   // of the clock, from 1; 0 where there is none
	now      int64 // what it says
	set      bool  // that is a time at which a telegram can have been sent
	seasonal bool  // it says S or W

	limiter, tariff telegram.Span
	limit           float64 // kW, per unit of the limiter's text
	capacity        float64 // kW; 0 where none is stated
	inForce         int64   // the tariff's number; -1 where none is stated

	readings []reading
	powers   []power
	sums     []expect.Sum // of the readings
	kept     []kept       // how each sum has held
	values   []int64      // of the readings

	parts   []part  // what is read anew where a byte of it changes
	partAt  []uint8 // for each byte, the part that it is in, counted from 1
	changed []uint8 // parts that are to be read anew, each once
	marked  [maxParts + 1]bool
}

// reading is the line of a register.
type reading struct {
	r      *register
	line   int // from 1
	text   telegram.Span
	stamp  telegram.Span // when a device was read; empty where that is not said
	device telegram.Span // the identifier of the device; empty where that is not said
	scale  int           // decimals of the text, once it is in the unit of the register

	value    int64 // in units of the register
	step     int64 // of the last digit, in the same units
	below    int64 // by what the digits are divided that are less than a unit
	most     int64 // digits
	ok       bool  // it is a number
	at       int64 // the time stamp
	dated    bool  // that is a time at which something can have been read
	seasonal bool
	steady   bool // it is as it was when it was the base, and that has not changed
}

// power is the line of a power of this moment.
type power struct {
	f    *flow
	text telegram.Span
	unit float64 // kW (kvar, kVA) of the last digit
	now  float64 // kW
}

// part is a place that is read by itself.
type part struct {
	at   telegram.Span
	read func(raw []byte)
}

// maxParts is how many places of a telegram are read.
const maxParts = 255

// follow reads the values of a telegram; false where it is of another template.
func (l *layout) follow(raw []byte) bool {
	if len(raw) != len(l.Text) {
		return false
	}
	for i := l.NextChange(raw, 0); i < len(raw); i = l.NextChange(raw, i+1) {
		if !l.Takes(i, raw[i]) {
			return false
		}
		l.Text[i] = raw[i] // it is the same template, whatever comes after it
		if p := l.partAt[i]; p > 0 && !l.marked[p] {
			l.marked[p] = true
			l.changed = append(l.changed, p)
		}
	}
	for _, p := range l.changed {
		l.marked[p] = false
		l.parts[p-1].read(raw)
	}
	l.changed = l.changed[:0]
	return true
}

// unsettle makes no reading steady: the bases may have changed meanwhile.
func (l *layout) unsettle() {
	for i := range l.readings {
		l.readings[i].steady = false
	}
}

// add makes a place one that is read by itself.
func (l *layout) add(at telegram.Span, read func(raw []byte)) {
	if at.End <= at.Start || len(l.parts) == maxParts {
		return
	}
	l.parts = append(l.parts, part{at, read})
	p := uint8(len(l.parts))
	for i := at.Start; i < at.End; i++ {
		l.partAt[i] = p
	}
	l.marked[p] = true
	l.changed = append(l.changed, p)
}

// newLayout finds what a telegram of a meter says where.
func (m *Meter) newLayout(raw []byte) *layout {
	l := &layout{inForce: unstated, partAt: make([]uint8, len(raw))}
	l.Set(raw)
	if at := bytes.Index(raw, m.Name); at >= 0 {
		l.name = telegram.Span{Start: at, End: at + len(m.Name)}
	}
	t := telegram.Parse(raw)
	media := map[byte]telegram.Device{}
	for _, d := range t.Devices() {
		media[byte('0'+d.Channel)] = d
	}
	taken := map[string]bool{}
	for i := range t.Lines {
		code := t.CodeOf(&t.Lines[i])
		if code == "" || len(t.Lines[i].Values) == 0 || taken[code] {
			continue
		}
		taken[code] = true
		m.addLine(l, t, i, code, media)
	}
	for i := range l.readings {
		x := &l.readings[i]
		x.device = deviceOf(t, x.r.code)
	}
	l.values, l.sums = make([]int64, len(l.readings)), expect.ProposeSums(l.codes(), func(i int) int { return l.readings[i].scale })
	l.kept = make([]kept, len(l.sums))
	return l
}

func (l *layout) codes() []string {
	codes := make([]string, len(l.readings))
	for i := range l.readings {
		if x := &l.readings[i]; !x.r.isDevice() {
			codes[i] = x.r.code
		}
	}
	return codes
}

// addLine takes a line for what it is.
func (m *Meter) addLine(l *layout, t *telegram.Telegram, i int, code string, media map[byte]telegram.Device) {
	line := &t.Lines[i]
	last := line.Values[len(line.Values)-1]
	switch meaning := telegram.Lookup(code); {
	case code == telegram.ClockCode:
		if isTime(last.Text.Of(t.Raw)) {
			l.clock, l.line = last.Text, i+1
			l.add(l.clock, l.readClock)
		}
	case code == "0-0:17.0.0":
		if unit, ok := limiterUnits[string(last.Unit.Of(t.Raw))]; ok {
			l.limiter, l.limit = last.Text, unit
			l.add(l.limiter, l.readLimiter)
		}
	case code == "0-0:96.14.0":
		l.tariff = last.Text
		l.add(l.tariff, l.readTariff)
	case isPower(code):
		m.addPower(l, t, code, last)
	case meaning.Kind == telegram.Register && !strings.Contains(code, "*"):
		m.addReading(l, t, i, code, meaning.Unit, media)
	}
}

// limiterUnits are kW for each unit that a limiter is set in: three phases of 230 V.
var limiterUnits = map[string]float64{"kW": 1, "kVA": 1, "A": 0.69}

func (m *Meter) addPower(l *layout, t *telegram.Telegram, code string, v telegram.Value) {
	number, scale, ok := parseNumber(v.Text.Of(t.Raw))
	f := m.flowOf(code[:strings.IndexByte(code, '.')])
	for _, unit := range [...]string{"kW", "kvar", "kVA"} {
		d, can := telegram.Convert(telegram.Decimal{Digits: number, Scale: scale}, string(v.Unit.Of(t.Raw)), unit)
		if !ok || !can || f == nil || len(v.Unit.Of(t.Raw)) == 0 {
			continue
		}
		l.powers = append(l.powers, power{f: f, text: v.Text, unit: pow10(-d.Scale)})
		at := len(l.powers) - 1
		l.add(v.Text, func(raw []byte) { l.readPower(at, raw) })
		return
	}
}

// addReading takes a line for the reading of a register, if it says a number.
func (m *Meter) addReading(l *layout, t *telegram.Telegram, i int, code, unit string, media map[byte]telegram.Device) {
	number, stamp, ok := readingOf(t, t.Lines[i].Values)
	if !ok {
		return
	}
	sent := string(number.Unit.Of(t.Raw))
	d, isDevice := media[channelOf(code)]
	if isDevice && sent == "" && code == d.Code {
		sent = d.Unit
	}
	if sent == "" {
		sent = unit
	}
	if r := m.known(code); sent == "" && r != nil {
		sent = r.unit // a placeholder often has none
	}
	digits, scale, _ := parseNumber(number.Text.Of(t.Raw))
	for _, base := range counted {
		x, can := telegram.Convert(telegram.Decimal{Digits: digits, Scale: scale}, sent, base)
		if !can || sent == "" {
			continue
		}
		r := m.registerOf(code, base, d.Medium)
		if r == nil || r.unit != base {
			return
		}
		l.readings = append(l.readings, reading{r: r, line: i + 1, text: number.Text, stamp: stamp, scale: x.Scale})
		at := len(l.readings) - 1
		l.readings[at].measure()
		l.add(number.Text, func(raw []byte) { l.readValue(at, raw) })
		l.add(stamp, func(raw []byte) { l.readStamp(at, raw) })
		return
	}
}

// counted are the units of what registers count.
var counted = [...]string{"kWh", "kvarh", "kVAh", "m3", "GJ"}

// readingOf finds the first number of a line, and the time that it was read at.
func readingOf(t *telegram.Telegram, values []telegram.Value) (number telegram.Value, stamp telegram.Span, ok bool) {
	for i, v := range values {
		text := v.Text.Of(t.Raw)
		plain := v.Unit.Start == v.Unit.End
		switch {
		case plain && isTime(text) && stamp.End == 0 && (len(values) > 1 || len(text) == 13):
			stamp = v.Text
		case ok && (len(values) < 5 || i+1 < len(values)): // of DSMR 3 it is the last one
		default:
			if _, _, is := parseNumber(text); is {
				number, ok = v, true
			}
		}
	}
	return number, stamp, ok
}

// channelOf is the digit by which the lines of a device are told: of an M-Bus channel,
// or of what is measured in DSMR 2.1; 0 for the meter itself.
func channelOf(code string) byte {
	switch {
	case len(code) < len("0-1:") || code[1] != '-' || code[3] != ':':
		return 0
	case code[0] == '0':
		return code[2]
	case code[0] >= '5' && code[2] == '0':
		return code[0]
	}
	return 0
}

// deviceOf is the text that identifies the device of a reading.
func deviceOf(t *telegram.Telegram, code string) telegram.Span {
	if channelOf(code) == 0 || code[0] == '1' {
		return telegram.Span{}
	}
	for _, groups := range [...]string{"96.1.0", "96.1.1", "0.0.0"} {
		if values, ok := t.Find(code[:len("0-1:")] + groups); ok && len(values) > 0 {
			return values[len(values)-1].Text
		}
	}
	return telegram.Span{}
}

// isPower reports whether a code is a power of this moment, of all phases together.
func isPower(code string) bool {
	groups, ok := strings.CutPrefix(code, "1-0:")
	c, rest, _ := strings.Cut(groups, ".")
	return ok && rest == "7.0" && len(c) == 1 && c[0] >= '1' && c[0] <= '9'
}

// isTime reports whether text has the form of a time, be it one or not.
func isTime(text []byte) bool {
	for _, c := range text[:min(len(text), 12)] {
		if !telegram.IsDigit(c) {
			return false
		}
	}
	return len(text) == 12 || len(text) == 13 && (text[12]|0x20 == 's' || text[12]|0x20 == 'w')
}

// year2001 is when the first year is over that a clock shows which was never set.
const year2001 = 978307200

// timeOf reads a time; false where nothing can have been sent or read then.
func timeOf(text []byte) (at int64, set bool) {
	at, ok := expect.Seconds(text)
	return at, ok && at >= year2001
}

// parseNumber reads a number without a sign, and how many decimals it has.
func parseNumber(text []byte) (digits int64, scale int, ok bool) {
	point := false
	n := 0
	for len(text) > 0 && text[0] == ' ' {
		text = text[1:]
	}
	for len(text) > 0 && text[len(text)-1] == ' ' {
		text = text[:len(text)-1]
	}
	for _, c := range text {
		switch {
		case telegram.IsDigit(c) && n < 15:
			digits = digits*10 + int64(c-'0')
			n++
			if point {
				scale++
			}
		case (c == '.' || c == ',') && !point:
			point = true
		default:
			return 0, 0, false
		}
	}
	return digits, scale, n > 0
}

func pow10(n int) float64 {
	p := 1.0
	for ; n > 0; n-- {
		p *= 10
	}
	for ; n < 0; n++ {
		p /= 10
	}
	return p
}

func (l *layout) readClock(raw []byte) {
	text := l.clock.Of(raw)
	l.now, l.set = timeOf(text)
	l.seasonal = len(text) == 13
}

// unlimited is from where on a limiter is none: meters without one say 999.
const unlimited = 999

func (l *layout) readLimiter(raw []byte) {
	digits, scale, ok := parseNumber(l.limiter.Of(raw))
	stated := float64(digits) * pow10(-scale)
	if l.capacity = 0; ok && stated < unlimited {
		l.capacity = stated * l.limit
	}
}

func (l *layout) readTariff(raw []byte) {
	digits, _, ok := parseNumber(l.tariff.Of(raw))
	if l.inForce = digits; !ok {
		l.inForce = unstated
	}
}

func (l *layout) readPower(i int, raw []byte) {
	p := &l.powers[i]
	digits, _, _ := parseNumber(p.text.Of(raw))
	p.now = float64(digits) * p.unit
}

func (l *layout) readValue(i int, raw []byte) {
	x := &l.readings[i]
	digits, _, ok := parseNumber(x.text.Of(raw))
	l.values[i], x.steady = digits, false
	if x.below > 1 {
		digits /= x.below
	}
	x.value, x.ok = digits*x.step, ok && digits <= x.most
}

// measure works out what the digits are in units.
func (x *reading) measure() {
	x.step, x.below = int64(pow10(max(0, decimals-x.scale))), int64(pow10(max(0, x.scale-decimals)))
	x.most = math.MaxInt64 / x.step
}

func (l *layout) readStamp(i int, raw []byte) {
	x := &l.readings[i]
	text := x.stamp.Of(raw)
	x.at, x.dated = timeOf(text)
	x.seasonal, x.steady = len(text) == 13, false
}
