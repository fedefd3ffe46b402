package telegram

import (
	"bytes"
	"strings"
)

// Dialect returns whose rules the telegram's lines follow, told by the first of
// these that holds:
//
//	q3d      a code ends in *255
//	fluvius  0-0:96.1.4 is there (Belgium's version)
//	smarty   the header begins with Lux, or 1-1:31.4.0 is there
//	hungary  0-0:96.50.68 or 1-0:15.8.0 is there, or 0-0:98.1.0 begins with a time
//	esmr     1-3:0.2.8(50), and the header says ESMR
//	dsmr5    1-3:0.2.8(50)
//	dsmr4    1-3:0.2.8(4…)
//	dsmr3    0-0:1.0.0 is not there, but 0-1:24.3.0 or 1-0:1.8.1; DSMR 2.2 too, no
//	         line of which differs
//	sweden   1-0:1.8.0 and 1-0:4.8.0 are there, but 1-0:1.8.1 is not; Norway too
//	unknown  else
func (t *Telegram) Dialect() string {
	has := func(code string) bool { return t.find(code) != nil }
	header := t.Header()
	version, versioned := t.Text("1-3:0.2.8")
	_, monthEnd := t.MonthEnd()
	switch {
	case t.endsIn255():
		return "q3d"
	case has("0-0:96.1.4"):
		return "fluvius"
	case bytes.HasPrefix(header, []byte("Lux")), has("1-1:31.4.0"):
		return "smarty"
	case has("0-0:96.50.68"), has("1-0:15.8.0"), monthEnd:
		return "hungary"
	case versioned && version == "50" && bytes.Contains(header, []byte("ESMR")):
		return "esmr"
	case versioned && version == "50":
		return "dsmr5"
	case versioned && strings.HasPrefix(version, "4"):
		return "dsmr4"
	case !has(ClockCode) && (has("0-1:24.3.0") || has("1-0:1.8.1")):
		return "dsmr3"
	case has("1-0:1.8.0") && has("1-0:4.8.0") && !has("1-0:1.8.1"):
		return "sweden"
	}
	return "unknown"
}

// endsIn255 reports whether a code has a group F of 255 written out.
func (t *Telegram) endsIn255() bool {
	for i := range t.Lines {
		if bytes.HasSuffix(t.Lines[i].Code.Of(t.Raw), []byte("*255")) {
			return true
		}
	}
	return false
}
