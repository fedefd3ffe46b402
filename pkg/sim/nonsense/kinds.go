package nonsense

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// A Kind is one way in which lines of a telegram are not true.
type Kind struct {
	Name   string
	Right  string // an example: the line as it should read
	Wrong  string // and as it does
	Source string // where it was seen

	lines func(line string) bool // which it may hit
	all   bool                   // all of those at once, else one of them; if it lasts, one that counts
	still bool                   // registers stand still, which power can contradict
	lasts int64                  // seconds; 0 is one telegram, and interval as long as the device's time stands
	twist func(x *scene, line string) (wrong string, ok bool)
}

// interval is how long a kind lasts that ends when the device's next reading comes.
const interval = -1

// A scene is what a kind may draw its nonsense from.
type scene struct {
	dice *rand.Rand
	last map[string]reading // the last right ones by code
	held map[string]string  // lines by code, as they stood when the kind began
	gone int64              // seconds since then
}

// kinds are drawn each as a right line and what is sent in its place. Sources are issues
// of the repositories named; "owners of meters" are those who have shown spikes in their
// charts, without the telegram.
var kinds = []Kind{
	{Name: "gas zero", Right: "0-1:24.2.1(231124000500W)(04711.235*m3)", Wrong: "0-1:24.2.1(231124000500W)(00000.000*m3)",
		Source: "esphome/issues 2758", lines: isDevice, twist: zero},
	{Name: "gas zero for an interval", Right: "0-1:24.2.1(231124000500W)(04711.235*m3)", Wrong: "0-1:24.2.1(231124000500W)(00000.000*m3)",
		Source: "home-assistant/core 104515", lines: isDevice, lasts: interval, twist: zero},
	{Name: "times ten", Right: "1-0:1.8.1(004686.172*kWh)", Wrong: "1-0:1.8.1(046861.720*kWh)",
		Source: "owners of meters", lines: Counts, twist: timesTen},
	{Name: "digit lost", Right: "1-0:1.8.1(004686.172*kWh)", Wrong: "1-0:1.8.1(000486.172*kWh)",
		Source: "owners of meters", lines: Counts, twist: digitLost},
	{Name: "zero", Right: "1-0:1.8.1(004686.172*kWh)", Wrong: "1-0:1.8.1(000000.000*kWh)",
		Source: "home-assistant/core 131490", lines: isRegister, twist: zero},
	{Name: "all zero", Right: "1-0:1.8.1(004686.172*kWh)", Wrong: "1-0:1.8.1(000000.000*kWh)",
		Source: "home-assistant/core 131490", lines: Counts, all: true, twist: zero},
	{Name: "first digit", Right: "1-0:1.8.1(004686.172*kWh)", Wrong: "1-0:1.8.1(704686.172*kWh)",
		Source: "owners of meters", lines: Counts, twist: firstDigit},
	{Name: "older", Right: "0-1:24.2.1(231124000500W)(04711.235*m3)", Wrong: "0-1:24.2.1(231124000500W)(04711.142*m3)",
		Source: "owners of meters", lines: Counts, twist: older},
	{Name: "step below", Right: "1-0:1.8.1(004686.172*kWh)", Wrong: "1-0:1.8.1(004686.171*kWh)",
		Source: "owners of meters", lines: Counts, twist: stepBelow},
	{Name: "of another", Right: "1-0:1.8.1(020278.247*kWh)", Wrong: "1-0:1.8.1(021622.370*kWh)", // what 1.8.2 reads
		Source: "dsmrreader/dsmr-reader 1856", lines: isRegister, twist: ofAnother},
	{Name: "placeholder", Right: "0-1:24.2.1(231124000500W)(04711.235*m3)", Wrong: "0-1:24.2.1(632525252525S)(00000.000)",
		Source: "ndokter/dsmr_parser 120; dsmrreader/dsmr-reader 361", lines: isDevice, twist: placeholder},
	{Name: "clock 2000", Right: "0-0:1.0.0(231124000926W)", Wrong: "0-0:1.0.0(000101010000W)",
		Source: "dsmrreader/dsmr-reader 811", lines: isClock, twist: clock2000},
	{Name: "clock 1970", Right: "0-0:1.0.0(231124000926W)", Wrong: "0-0:1.0.0(700101010000W)",
		Source: "dsmrreader/dsmr-reader 470", lines: isClock, twist: clock1970},

	// What lasts.
	{Name: "frozen", Right: "1-0:1.8.1(004687.172*kWh)", Wrong: "1-0:1.8.1(004686.172*kWh)", // for an hour
		Source: "owners of meters", lines: isRegister, all: true, still: true, lasts: 3600, twist: asHeld},
	{Name: "one frozen", Right: "1-0:1.8.1(004687.172*kWh)", Wrong: "1-0:1.8.1(004686.172*kWh)", // for an hour, while others go on
		Source: "owners of meters", lines: isRegister, still: true, lasts: 3600, twist: asHeld},
	{Name: "repeated", Right: "0-1:24.2.1(231124000500W)(04711.235*m3)", Wrong: "0-1:24.2.1(231123233000W)(04711.142*m3)", // and all registers
		Source: "owners of meters", lines: Counts, all: true, lasts: 3600, twist: asHeld},
	{Name: "outage", Right: "1-0:1.8.1(004686.172*kWh)", Wrong: "1-0:1.8.1(000000.000*kWh)", // and then what it reads by now
		Source: "home-assistant/core 131490", lines: Counts, all: true, lasts: 1200, twist: zero},
	{Name: "clock from 2000", Right: "0-0:1.0.0(231124000926W)", Wrong: "0-0:1.0.0(000101000000W)", // and on from there
		Source: "dsmrreader/dsmr-reader 686", lines: isClock, all: true, lasts: 1200, twist: clockFrom2000},
}

// Kinds lists what there is, in the order of the table.
func Kinds() []Kind { return kinds }

// Once lists the kinds that are over with one telegram.
func Once() []string {
	var names []string
	for _, k := range kinds {
		if k.lasts == 0 {
			names = append(names, k.Name)
		}
	}
	return names
}

// twistNumber changes the last value of a line, digit by digit; none means that it
// cannot be changed so.
func twistNumber(line string, change func(digits string) string) (string, bool) {
	x, ok := readNumber(line)
	if !ok {
		return "", false
	}
	digits := change(x.digits())
	if digits == "" {
		return "", false
	}
	return x.with(digits), true
}

func zero(_ *scene, line string) (string, bool) {
	return twistNumber(line, func(digits string) string { return strings.Repeat("0", len(digits)) })
}

// timesTen moves all digits by one; a number that fills its field cannot grow.
func timesTen(_ *scene, line string) (string, bool) {
	return twistNumber(line, func(digits string) string {
		if digits[0] != '0' {
			return ""
		}
		return digits[1:] + "0"
	})
}

// digitLost takes out one of the digits that count.
func digitLost(x *scene, line string) (string, bool) {
	return twistNumber(line, func(digits string) string {
		first := len(digits) - len(strings.TrimLeft(digits, "0"))
		if first == len(digits) {
			return ""
		}
		at := first + x.dice.IntN(len(digits)-first)
		return "0" + digits[:at] + digits[at+1:]
	})
}

// firstDigit makes another one of the first digit of the field, or of the first that
// counts.
func firstDigit(x *scene, line string) (string, bool) {
	return twistNumber(line, func(digits string) string {
		at := 0
		if x.dice.IntN(2) == 0 {
			at = len(digits) - len(strings.TrimLeft(digits, "0"))
		}
		at = min(at, len(digits)-1)
		other := (int(digits[at]-'0') + 1 + x.dice.IntN(9)) % 10
		return digits[:at] + string(rune('0'+other)) + digits[at+1:]
	})
}

// older is what the register read before its last step.
func older(x *scene, line string) (string, bool) {
	r, n := x.last[codeOf(line)], number{}
	n, ok := readNumber(line)
	if !ok || !r.stepped {
		return "", false
	}
	if n.n == r.n {
		return n.value(r.before), true
	}
	return n.value(r.n), true // the step is in this telegram
}

// stepBelow is one of the last digit below the last reading.
func stepBelow(x *scene, line string) (string, bool) {
	r, known := x.last[codeOf(line)]
	n, ok := readNumber(line)
	return n.value(r.n - 1), ok && known && r.n > 0
}

// ofAnother is what another register of the same width reads.
func ofAnother(x *scene, line string) (string, bool) {
	own := codeOf(line)
	n, ok := readNumber(line)
	for _, code := range []string{"1-0:1.8.1", "1-0:1.8.2", "1-0:2.8.2", "1-0:1.8.0", "1-0:2.8.0"} {
		if r, known := x.last[code]; ok && known && code != own {
			return n.value(r.n), true
		}
	}
	return "", false
}

// placeholder is what stands where no device has been read yet.
func placeholder(x *scene, line string) (string, bool) {
	never := []string{"(632525252525S)(00000.000)", "(000101010000W)(0000000000)", "(700101010000W)(00000000)", "(000101000000W)(00000.000*m3)"}
	return codeOf(line) + never[x.dice.IntN(len(never))], true
}

func clock2000(_ *scene, line string) (string, bool) { return codeOf(line) + "(000101010000W)", true }

func clock1970(_ *scene, line string) (string, bool) { return codeOf(line) + "(700101010000W)", true }

// clockFrom2000 goes on as a clock does whose battery was empty.
func clockFrom2000(x *scene, line string) (string, bool) {
	return fmt.Sprintf("%s(000101%02d%02d%02dW)", codeOf(line), x.gone/3600, x.gone/60%60, x.gone%60), true
}

// asHeld is the line as it stood when the kind began.
func asHeld(x *scene, line string) (string, bool) {
	held, ok := x.held[codeOf(line)]
	return held, ok
}
