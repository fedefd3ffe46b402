package sim

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Options say what to simulate. Empty fields take the defaults that
// ParseOptions gives; only Seed is always taken as it stands.
type Options struct {
	Meter     string        // one of Meters
	Telegrams int           // how many transmissions
	Noise     string        // one of Noises, or several joined by '+'; what is said of one alone may follow it: "jitter:scatter=0.5+pulse"
	Rate      float64       // how often the noise hits; 0 is the noise's own rate
	PauseRate float64       // the same for the first byte after a pause
	Line      string        // what else is said of the noises, as a query: "late=3.12&scatter=0.26", see ParseOptions
	Framing   string        // bytes whose stop bit was read as 0: "keep" or "drop"
	Resync    string        // where the receiver looks for the next start bit: "edge", "low", "level", or "pause"
	Gap       int           // idle bits between one character and the next
	CRC       string        // of what the meter sends: "right" or "random"
	Parity    string        // "even": the meter sends seven bits and even parity, and bit 7 is not taken off; or "none"
	Logger    string        // one of Loggers
	Seed      uint64        // equal seeds give equal houses, meters and noise
	Start     time.Time     // the first telegram's clock
	Since     time.Time     // when the house was as it is at the start of other captures, and went on since; zero: at the start
	Every     time.Duration // from one telegram to the next; 0 is the meter's own period
	NoPV      bool          // a house without solar panels
	Car       int           // kW with which an electric car is charged, from the first night on; 0: there is none
	Limiter   int           // kW that the meter states as its limiter; 0: the meter's own

	Replace    time.Time // from then on the electricity meter is another one; zero: never
	GasReplace time.Time // the same for the gas meter
	Failure    time.Time // when the power fails; zero: never
	FailureFor time.Duration
	Off        time.Time // when the logger is switched off; zero: never
	OffFor     time.Duration
	MBus       string // what hangs on the M-Bus: "gas", "heat", "slave", "water", joined by '+', or "none"; empty is gas
	Message    string // the meter tells the household, in the middle third of the telegrams
	Clock      string // one of Clocks
	Tag        string // of encrypted meters: "right" or "wrong"
	Cipher     string // of encrypted meters: "on", or "off": what they send is the bare telegram
}

// The largest number of idle bits between characters.
const maxGap = 20

// mostKW is the most that a car can draw, or a limiter allow: what all meters have digits
// for.
const mostKW = 95

// choices are the options that are a word: their key, what an empty one means, and
// the words that are known, where these are no list of their own.
var choices = []struct {
	name  string
	field func(o *Options) *string
	usual string
	known []string
}{
	{"cipher", func(o *Options) *string { return &o.Cipher }, "on", []string{"off", "on"}},
	{"clock", func(o *Options) *string { return &o.Clock }, "right", Clocks()},
	{"crc", func(o *Options) *string { return &o.CRC }, "right", []string{"lower", "random", "right", "unpadded"}},
	{"framing", func(o *Options) *string { return &o.Framing }, "keep", []string{"drop", "keep"}},
	{"logger", func(o *Options) *string { return &o.Logger }, "all", nil},
	{"mbus", func(o *Options) *string { return &o.MBus }, "", nil},
	{"message", func(o *Options) *string { return &o.Message }, "", nil},
	{"meter", func(o *Options) *string { return &o.Meter }, "hu", nil},
	{"noise", func(o *Options) *string { return &o.Noise }, "clean", nil},
	{"parity", func(o *Options) *string { return &o.Parity }, "none", []string{"even", "none"}},
	{"resync", func(o *Options) *string { return &o.Resync }, "edge", []string{"edge", "level", "low", "pause"}},
	{"tag", func(o *Options) *string { return &o.Tag }, "right", []string{"right", "wrong"}},
}

// How many telegrams there are, and which house, where nothing is said.
const (
	usualTelegrams = 360
	usualSeed      = 1
)

// defaultStart is when a capture begins, by the meter's clock.
const defaultStart = "2026-03-01T00:00:00"

// queryKeys holds the other keys that ParseOptions knows and how each is read.
var queryKeys = []struct {
	name string
	read func(o *Options, value string) error
}{
	{"car", func(o *Options, v string) error { return readKW(&o.Car, v) }},
	{"every", readEvery},
	{"failure", func(o *Options, v string) error { return o.readSpell(&o.Failure, &o.FailureFor, v) }},
	{"gap", readGap},
	{"gas-replace", func(o *Options, v string) error { return o.readTime(&o.GasReplace, v) }},
	{"limiter", func(o *Options, v string) error { return readKW(&o.Limiter, v) }},
	{"off", func(o *Options, v string) error { return o.readSpell(&o.Off, &o.OffFor, v) }},
	{"pause-rate", func(o *Options, v string) error { return readRate(&o.PauseRate, v) }},
	{"pv", readPV},
	{"rate", func(o *Options, v string) error { return readRate(&o.Rate, v) }},
	{"replace", func(o *Options, v string) error { return o.readTime(&o.Replace, v) }},
	{"seed", readSeed},
	{"since", func(o *Options, v string) error { return o.readTime(&o.Since, v) }},
	{"start", func(o *Options, v string) error { return o.readTime(&o.Start, v) }},
	{"telegrams", readTelegrams},
}

// ParseOptions reads what stands after "demo:", such as
//
//	?meter=hu&telegrams=360&noise=slow-rise&seed=1&rate=0.002&logger=printable&start=2026-03-01T00:00:00&pv=true
//
// with or without the question mark. Keys that are absent take the defaults
// meter=hu, telegrams=360, noise=clean, framing=keep, resync=edge, gap=0,
// crc=right, parity=none, logger=all, seed=1, pv=true, start=2026-03-01T00:00:00,
// clock=right, cipher=on, tag=right, mbus=gas for meters that have an M-Bus, and the rate that
// belongs to the noise.
//
// What the line does to edges is said in µs: late is the mean lateness of slow-rise's or
// slow-fall's edges; scatter, common and shift are the standard deviations of each
// edge's own lateness, of that of all edges of one direction in a character, and of
// that of a character against its start edge. If one of the three is given, those that
// are not are 0. With spell=N the noise goes on for 1 to N characters once it has hit.
// clock-error is by how many percent the receiver's bit times are too long; longest, in
// µs, and pull (down, up or either) are of pulses. What is said so counts for each
// noise that has it; after a colon it is said of one noise alone, as in
// noise=slow-rise:rate=1:late=3.12+clock:clock-error=2. A line of which every edge is
// late is noise=slow-rise&rate=1&late=3.12&scatter=0.26.
//
// Times of day are the meter's local time; in the hour that autumn
// repeats, a W at the end means the second pass. With since=TIME, before the start, house and
// meter have gone on since then when the capture begins: the telegrams are those of a capture that
// began at that time, from the start on. With crc=random the four digits of
// each telegram's CRC are random ones. With parity=even any meter whose text has
// seven bits sends it as 7E1 to a receiver that is set to 8N1: the parity arrives in
// bit 7. From replace=TIME on another electricity meter stands in its place, with
// identifiers of its own and registers that begin low; gas-replace=TIME is the same
// for gas. With failure=TIME/SECONDS the power fails: nothing is sent or counted, and
// meters that keep a log of failures note it; with off=TIME/SECONDS the logger is off
// and the meter goes on. With car=KW an electric car is charged with so much each night,
// and with limiter=KW the meter states that limiter. message=TEXT shows in the middle third of the telegrams. With tag=wrong
// the meter's authentication key is none that is known, so that no tag verifies; with cipher=off
// such a meter sends its telegrams as they are.
func ParseOptions(query string) (Options, error) {
	values, err := url.ParseQuery(strings.TrimPrefix(query, "?"))
	if err != nil {
		return Options{}, fmt.Errorf("meter: %q is not a query such as ?meter=hu&seed=1: %w", query, err)
	}
	known := optionNames()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains(known, name) {
			return Options{}, unknown("option", name, known)
		}
		if n := len(values[name]); n > 1 {
			return Options{}, fmt.Errorf("meter: option %q is given %d times", name, n)
		}
	}
	o := Options{Seed: usualSeed}
	for _, c := range choices { // the meter among them, in whose zone times are
		*c.field(&o) = cmp.Or(values.Get(c.name), c.usual)
	}
	for _, k := range queryKeys {
		if !values.Has(k.name) {
			continue
		}
		if err := k.read(&o, values.Get(k.name)); err != nil {
			return Options{}, fmt.Errorf("meter: %s=%s: %w", k.name, values.Get(k.name), err)
		}
	}
	o.Line = lineQuery(values)
	return o.resolve()
}

// lineQuery is what a query says of the noises, but for their rates.
func lineQuery(values url.Values) string {
	line := url.Values{}
	for _, p := range parameters {
		if v := values.Get(p.name); v != "" && p.name != "rate" && p.name != "pause-rate" {
			line.Set(p.name, v)
		}
	}
	return line.Encode()
}

func readEvery(o *Options, value string) error {
	d, err := time.ParseDuration(value)
	if err != nil || d <= 0 {
		return fmt.Errorf("want a duration such as 15m")
	}
	o.Every = d
	return nil
}

func readGap(o *Options, value string) error {
	n, err := strconv.Atoi(value)
	if err != nil {
		return fmt.Errorf("want a whole number of bits")
	}
	o.Gap = n
	return nil
}

func readPV(o *Options, value string) error {
	on, err := strconv.ParseBool(value)
	if err != nil {
		return fmt.Errorf("want true or false")
	}
	o.NoPV = !on
	return nil
}

func readRate(rate *float64, value string) error {
	r, err := strconv.ParseFloat(value, 64)
	if err != nil || !(r > 0 && r <= 1) {
		return fmt.Errorf("want a number above 0 and up to 1")
	}
	*rate = r
	return nil
}

func readSeed(o *Options, value string) error {
	n, err := strconv.ParseUint(value, 10, 64)
	if err != nil {
		return fmt.Errorf("want a whole number from 0 to 2^64-1")
	}
	o.Seed = n
	return nil
}

// readKW reads a power.
func readKW(kW *int, value string) error {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > mostKW {
		return fmt.Errorf("want a whole number of kW from 1 to %d", mostKW)
	}
	*kW = n
	return nil
}

// readSpell reads when something begins and for how many seconds it lasts.
func (o *Options) readSpell(from *time.Time, length *time.Duration, value string) error {
	at, long, _ := strings.Cut(value, "/")
	seconds, err := strconv.Atoi(long)
	if err != nil || seconds < 1 || seconds > longestFailure {
		return fmt.Errorf("want a time and up to %d seconds, such as 2026-03-01T00:10:00/600", longestFailure)
	}
	*length = time.Duration(seconds) * time.Second
	return o.readTime(from, at)
}

// readTime reads a time by the meter's clock; a meter that is not known is refused
// later.
func (o *Options) readTime(to *time.Time, value string) error {
	z := central
	if m, err := findModel(o.Meter); err == nil {
		z = m.zone
	}
	at, err := z.parse(value)
	*to = at
	return err
}

func readTelegrams(o *Options, value string) error {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 {
		return fmt.Errorf("want a whole number from 1 up")
	}
	o.Telegrams = n
	return nil
}

// resolve fills in the defaults and refuses what cannot be simulated.
func (o Options) resolve() (Options, error) {
	for _, c := range choices {
		f := c.field(&o)
		*f = cmp.Or(*f, c.usual)
		if c.known != nil && !slices.Contains(c.known, *f) {
			return Options{}, unknown(c.name, *f, c.known)
		}
	}
	o.Telegrams = cmp.Or(o.Telegrams, usualTelegrams)
	if o.Start.IsZero() {
		if err := o.readTime(&o.Start, defaultStart); err != nil {
			return Options{}, err
		}
	}
	for _, check := range []func(Options) error{checkMeter, checkCRC, checkBus, checkEvents, checkStream, checkNoise} {
		if err := check(o); err != nil {
			return Options{}, err
		}
	}
	return o, nil
}

// longestPast is how long house and meter may have gone on before the start: each day takes a
// moment.
const longestPast = 800 * 24 * time.Hour

// checkMeter checks the meter, its clock and its pace.
func checkMeter(o Options) error {
	m, err := findModel(o.Meter)
	if err != nil {
		return err
	}
	if y := o.Start.Year(); y < 2000 || y > 2098 {
		return fmt.Errorf("meter: start in %d: the meter's clock has two digits for the year, want 2000 to 2098", y)
	}
	period := time.Duration(m.period) * time.Second
	if ago := o.Start.Sub(o.Since); !o.Since.IsZero() && (ago < 0 || ago > longestPast) {
		return fmt.Errorf("meter: since %s: want a time before the start, %s, and no more than %d days before",
			o.Since.Format(time.DateTime), o.Start.Format(time.DateTime), longestPast/(24*time.Hour))
	}
	if o.Every < 0 || o.Every%period != 0 {
		return fmt.Errorf("meter: every %s: the meter %q sends every %s, want a multiple of that", o.Every, o.Meter, period)
	}
	if o.Clock != "right" && m.noClock {
		return fmt.Errorf("meter: clock=%s: the meter %q tells no time", o.Clock, o.Meter)
	}
	if o.Car < 0 || o.Car > mostKW || o.Limiter < 0 || o.Limiter > mostKW {
		return fmt.Errorf("meter: a car of %d kW, a limiter of %d kW: want up to %d", o.Car, o.Limiter, mostKW)
	}
	if o.Limiter > 0 && !m.limiter {
		return fmt.Errorf("meter: limiter=%d: the meter %q states none in kW", o.Limiter, o.Meter)
	}
	if o.Parity == "even" && m.eightBit {
		return fmt.Errorf("meter: parity=even leaves seven bits, and the meter %q sends bytes that need eight", o.Meter)
	}
	return nil
}

// checkCRC checks the CRC and the tag of what the meter sends.
func checkCRC(o Options) error {
	m, err := findModel(o.Meter)
	if err != nil {
		return err
	}
	if o.CRC != "right" && m.signs == "none" {
		return fmt.Errorf("meter: the meter %q sends no CRC", o.Meter)
	}
	if o.Tag != "right" && m.title == "" {
		return fmt.Errorf("meter: tag=%s: what the meter %q sends is not encrypted", o.Tag, o.Meter)
	}
	if o.Cipher != "on" && m.title == "" {
		return fmt.Errorf("meter: cipher=%s: what the meter %q sends is not encrypted", o.Cipher, o.Meter)
	}
	return nil
}

// checkBus checks what hangs on the M-Bus.
func checkBus(o Options) error {
	m, err := findModel(o.Meter)
	if err != nil {
		return err
	}
	if o.MBus != "" && !m.mbus {
		return fmt.Errorf("meter: mbus=%s: the meter %q has no M-Bus here", o.MBus, o.Meter)
	}
	media, err := o.media()
	if err != nil {
		return err
	}
	if hasGas := slices.ContainsFunc(media, func(m medium) bool { return m.name == gas.name }); !o.GasReplace.IsZero() && !hasGas {
		return fmt.Errorf("meter: gas-replace: no gas meter hangs on the meter %q", o.Meter)
	}
	return nil
}

// media is what hangs on the M-Bus.
func (o Options) media() ([]medium, error) {
	m, err := findModel(o.Meter)
	if err != nil || !m.mbus || o.MBus == "none" {
		return nil, err
	}
	return findMedia(cmp.Or(o.MBus, gas.name))
}

// checkEvents checks what happens in the course of the capture.
func checkEvents(o Options) error {
	m, err := findModel(o.Meter)
	if err != nil {
		return err
	}
	for _, at := range []time.Time{o.Replace, o.GasReplace, o.Failure, o.Off} {
		if !at.IsZero() && !at.After(o.Start) {
			return fmt.Errorf("meter: something happens at %s: want a time after the start, %s",
				at.Format(time.DateTime), o.Start.Format(time.DateTime))
		}
	}
	if period := time.Duration(m.period) * time.Second; o.FailureFor%period != 0 || o.FailureFor < 0 || o.FailureFor == 0 != o.Failure.IsZero() {
		return fmt.Errorf("meter: a failure of %s: the meter %q sends every %s, want a multiple of that", o.FailureFor, o.Meter, period)
	}
	if o.OffFor < 0 || o.OffFor == 0 != o.Off.IsZero() {
		return fmt.Errorf("meter: the logger is off for %s: want a time and for how long", o.OffFor)
	}
	if o.Message != "" && m.message == "" {
		return fmt.Errorf("meter: the meter %q sends no message", o.Meter)
	}
	if len(o.Message) > maxMessage {
		return fmt.Errorf("meter: the message has %d bytes: want up to %d", len(o.Message), maxMessage)
	}
	if m.message == "raw" && strings.ContainsFunc(o.Message, func(r rune) bool { return r < ' ' || r > '~' || r == '(' || r == ')' }) {
		return fmt.Errorf("meter: the meter %q sends its message as it is: want printable ASCII without parentheses", o.Meter)
	}
	return nil
}

// checkStream checks what comes out, and how it is framed.
func checkStream(o Options) error {
	if _, err := findLogger(o.Logger); err != nil {
		return err
	}
	if o.Telegrams < 0 {
		return fmt.Errorf("meter: %d telegrams: want 1 or more", o.Telegrams)
	}
	if o.Gap < 0 || o.Gap > maxGap {
		return fmt.Errorf("meter: gap %d: want 0 to %d idle bits", o.Gap, maxGap)
	}
	return nil
}

// checkNoise checks the noise, and that the rates belong to it.
func checkNoise(o Options) error {
	m, err := findModel(o.Meter)
	if err != nil {
		return err
	}
	if !(o.Rate >= 0 && o.Rate <= 1) || !(o.PauseRate >= 0 && o.PauseRate <= 1) {
		return fmt.Errorf("meter: rate %g, pause rate %g: want numbers from 0 to 1", o.Rate, o.PauseRate)
	}
	noises, err := o.noises()
	if err != nil {
		return err
	}
	for _, n := range noises {
		if _, err := n.usual.with(n.given, m.bit()); err != nil {
			return err
		}
	}
	if o.Resync == "pause" && (len(noises) != 1 || noises[0].name != "slip") {
		return fmt.Errorf("meter: resync=pause belongs to slip, and the noise is %q", o.Noise)
	}
	return nil
}

// unknown is the error for a name that is not in its table.
func unknown(what, name string, known []string) error {
	return fmt.Errorf("meter: unknown %s %q (known: %s)", what, name, strings.Join(known, ", "))
}
