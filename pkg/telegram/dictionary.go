package telegram

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
)

// Kind is what sort of value stands under a code: it decides how values of many
// telegrams become one.
type Kind int

const (
	Text       Kind = iota // words, or what the dictionary does not know: the last one counts
	Register               // never falls: energy, volume, counters of sags and failures
	Instant                // as measured: power, voltage, current, demand, the month's peak so far
	KindClock              // a time stamp
	Identifier             // names a meter, a customer or a household
	Switch                 // holds until it is changed: tariff, breaker, valve, threshold of the limiter, length of the last sag
	History                // many values of times past: month ends, peaks, the log of failures
)

// Meaning is what an OBIS code stands for.
type Meaning struct {
	Code  string // as [Canonical] writes it
	Name  string // import_t1, voltage_l1: of a-z, 0-9 and _, the unit not in it
	Title string // a few words for people
	Unit  string // kWh, kvarh, kVAh, kW, kvar, kVA, V, A, Hz, m3, GJ, s, or "" for none and for not known
	Kind  Kind
	Nth   int // of several numbers of one unit on the line, from 0
}

// Column returns the name with its unit in lower case: import_t1_kwh,
// voltage_l1_v, import_kw. Two codes, as [Canonical] writes them, never get the
// same.
func (m Meaning) Column() string {
	if m.Unit == "" {
		return m.Name
	}
	return m.Name + "_" + UnitName(m.Unit)
}

// UnitName writes a unit in the characters of a name: m3_h for m3/h, percent for %.
func UnitName(unit string) string {
	if unit == "%" {
		return "percent"
	}
	return plain(unit)
}

// IsVoltage reports whether the code is a voltage of this moment.
func (m Meaning) IsVoltage() bool {
	return m.Kind == Instant && m.Unit == "V" && strings.HasSuffix(m.Code, ".7.0")
}

// Variants returns the other numbers that meters are known to send under a code. The
// limiter is set in kW, kVA or A, and Luxembourg's fuse has a limit for each direction.
func Variants(code string) []Meaning {
	switch m := Lookup(code); m.Code {
	case "0-0:17.0.0":
		return []Meaning{m.with("kVA", 0), m.with("A", 0)}
	case "1-1:31.4.0":
		return []Meaning{m.with("A", 1)}
	}
	return nil
}

// with returns the meaning of another number under the same code: limiter_kva,
// fuse_ch1_2_a.
func (m Meaning) with(unit string, nth int) Meaning {
	if unit != m.Unit {
		m.Title += ", in " + unit
	}
	m.Unit, m.Nth = unit, nth
	if nth > 0 {
		m.Name += "_" + strconv.Itoa(nth+1)
		m.Title += ", value " + strconv.Itoa(nth+1)
	}
	return m
}

// Canonical returns the code in the form A-B:C.D.E or A-B:C.D.E*F, without what
// IEC 62056-61 calls not used: a group F of 255, and 0 for a group E of 255.
// 1-0:21.7.255*255, 1-0:21.7.0.255 and 1-0:21:7.0 are 1-0:21.7.0, and 1-0:1.8.0.1 is
// 1-0:1.8.0*1.
func Canonical(code string) string {
	if !isOdd([]byte(code)) {
		return code
	}
	if i := strings.IndexByte(code, ':'); i >= 0 {
		if j := strings.IndexByte(code[i+1:], ':'); j >= 0 {
			j += i + 1
			code = code[:j] + "." + code[j+1:]
		}
	}
	if strings.Count(code, ".") == 3 && !strings.Contains(code, "*") {
		i := strings.LastIndexByte(code, '.')
		code = code[:i] + "*" + code[i+1:]
	}
	code = strings.TrimSuffix(code, "*255")
	if body, ok := strings.CutSuffix(code, ".255"); ok {
		return body + ".0"
	}
	return code
}

// isOdd reports whether a code may be written in another form than Canonical gives it:
// with a group F, two colons, or a group of 255 at its end.
func isOdd(code []byte) bool {
	points, colons := 0, 0
	for _, c := range code {
		switch c {
		case '*':
			return true
		case '.':
			points++
		case ':':
			colons++
		}
	}
	return points != 2 || colons != 1 || bytes.HasSuffix(code, []byte(".255"))
}

// Lookup returns the meaning of a code. It never fails: what the table does not
// list is named by the meanings that IEC 62056-61 gives to the groups of a code,
// and the rest by its numbers, obis_0_0_94_7_1. A reading of an M-Bus device is
// named after its channel, mbus1.
func Lookup(code string) Meaning {
	code = Canonical(code)
	if m, ok := row(code); ok {
		return m
	}
	o, ok := parseOBIS(code)
	if ok && o[0] == 0 && o[1] > 0 {
		channel := strconv.Itoa(o[1])
		if m, ok := row("0-n" + code[2+len(channel):]); ok {
			m.Code = code
			m.Name = strings.Replace(m.Name, "#", channel, 1)
			m.Title = strings.Replace(m.Title, "#", channel, 1)
			return m
		}
	}
	if ok && o[5] != 255 { // of a billing period
		if m, ok := row(code[:strings.IndexByte(code, '*')]); ok && m.Kind == Register {
			m.Code = code
			m.Name += "_f" + strconv.Itoa(o[5])
			m.Title += ", billing period " + strconv.Itoa(o[5])
			return m
		}
	}
	if ok && o[0] == 1 {
		if m, ok := electricity(o); ok {
			m.Code = code
			return m
		}
	}
	m := Meaning{Code: code, Name: "obis_" + plain(code), Title: "OBIS code " + code}
	if ok && o.identifies() {
		m.Kind, m.Title = Identifier, "identifier, "+m.Title
	}
	return m
}

// row finds the code among those that are met in the field.
func row(code string) (Meaning, bool) {
	all := rows()
	i, ok := slices.BinarySearchFunc(all, code, func(m Meaning, code string) int { return strings.Compare(m.Code, code) })
	if !ok {
		return Meaning{}, false
	}
	return all[i], true
}

// plain writes anything in the characters of a name: letters in lower case and
// digits stay, any other character becomes a _.
func plain(text string) string {
	b := []byte(strings.ToLower(text))
	for i, c := range b {
		if !IsDigit(c) && (c < 'a' || c > 'z') {
			b[i] = '_'
		}
	}
	return string(b)
}
