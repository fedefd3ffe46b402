package telegram

import "strings"

// Kind is what sort of value stands under a code: it decides how values of many
// telegrams become one.
type Kind int

const (
	Text       Kind = iota // words, or what the dictionary does not know: the last one counts
	Register               // never falls: energy, volume, counters of sags and failures
	Instant                // as measured: power, voltage, current, demand
	KindClock              // a time stamp
	Identifier             // names a meter, a customer or a household
	Switch                 // holds until it is changed: tariff, breaker, valve, limiter and its threshold
	History                // many values of times past: month ends, peaks, the log of failures
)

// Meaning is what an OBIS code stands for.
type Meaning struct {
	Code  string // as [Canonical] writes it
	Name  string // import_t1, voltage_l1: of a-z, 0-9 and _, the unit not in it
	Title string // a few words for people
	Unit  string // kWh, kvarh, kVAh, kW, kvar, kVA, V, A, Hz, m3, GJ, s, or "" for none and for not known
	Kind  Kind
}

// Column returns the name with its unit in lower case: import_t1_kwh,
// voltage_l1_v, import_kw. Two codes, as [Canonical] writes them, never get the
// same.
func (m Meaning) Column() string {
	if m.Unit == "" {
		return m.Name
	}
	return m.Name + "_" + strings.ToLower(m.Unit)
}

// Canonical returns the code without what IEC 62056-61 calls not used: a group
// F of 255, and 0 for a group E of 255. 1-0:21.7.255*255 is 1-0:21.7.0.
func Canonical(code string) string {
	code = strings.TrimSuffix(code, "*255")
	if body, ok := strings.CutSuffix(code, ".255"); ok {
		return body + ".0"
	}
	return code
}

// Lookup returns the meaning of a code. It never fails: what the table does not
// list is named by the meanings that IEC 62056-61 gives to the groups of a code,
// and the rest by its numbers, obis_0_0_94_7_1. A reading of an M-Bus device is
// named after its channel, mbus1: see [Telegram.Meaning].
func Lookup(code string) Meaning {
	code = Canonical(code)
	return Meaning{Code: code, Name: "obis_" + strings.NewReplacer("-", "_", ":", "_", ".", "_", "*", "_").Replace(code), Title: "OBIS code " + code}
}

// Meaning is [Lookup] for a code of this telegram, which tells more: a reading
// of an M-Bus device is named after what the device measures, gas, water (the
// second of the kind gas_ch2), and where the dictionary knows no unit, that of
// the line is taken.
func (t *Telegram) Meaning(code string) Meaning { return Lookup(code) }
