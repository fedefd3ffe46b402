package sim

import "fmt"

// A telegram is the text that a meter sends in one go, and where it pauses.
//
//	/XXX5identification CR LF
//	CR LF
//	1-0:1.8.0(004711.235*kWh) CR LF
//	!A1B2 CR LF
//
// A-B:C.D.E is the OBIS code, the value stands in parentheses, and the CRC
// covers everything from '/' to '!' (P1 companion standard 5.0.2, §6).
type telegram struct {
	text    []byte
	pauses  []int  // offsets in text before which the line idles
	zone    zone   // of the meter's clock
	shown   int64  // what that clock shows, in Unix time
	message string // to the household; empty while there is none
	limiter int    // in kW, of meters that have one; 0 is the meter's own
}

// pause lets the line idle before what is written next.
func (t *telegram) pause() { t.pauses = append(t.pauses, len(t.text)) }

// header writes the first line; the line idles before it.
func (t *telegram) header(text string) {
	t.pause()
	t.text = fmt.Appendf(t.text, "/%s\r\n\r\n", text)
}

// line writes a data line.
func (t *telegram) line(code, values string) {
	t.text = append(t.text, code...)
	t.text = append(t.text, values...)
	t.text = append(t.text, "\r\n"...)
}

// clock writes what the meter's clock shows.
func (t *telegram) clock() {
	t.line("0-0:1.0.0", "("+seasonStamp(t.zone.local(t.shown))+")")
}

// stamp is a time in parentheses.
func (t *telegram) stamp(unix int64) string { return "(" + seasonStamp(t.zone.local(unix)) + ")" }

// hexMessage writes the message as the hex digits of its bytes.
func (t *telegram) hexMessage() { t.line("0-0:96.13.0", "("+hexText(t.message)+")") }

// number writes a data line with one number.
func (t *telegram) number(code string, n int64, f format) {
	t.line(code, f.value(n))
}

// perPhase writes a data line for each phase: 32 stands for 1-0:32.7.0, 52.7.0
// and 72.7.0.
func (t *telegram) perPhase(first int, f format, of func(phase int) int) {
	for p := range 3 {
		t.number(fmt.Sprintf("1-0:%d.7.0", first+20*p), int64(of(p)), f)
	}
}

// end writes the last line with a CRC, or without one: nil.
func (t *telegram) end(crc func(text []byte) uint16) {
	t.text = append(t.text, '!')
	if crc != nil {
		t.text = fmt.Appendf(t.text, "%04X", crc(t.text))
	}
	t.text = append(t.text, "\r\n"...)
}

// sign writes another CRC over that of a telegram that has one.
func (t *telegram) sign(crc uint16) {
	t.text = fmt.Appendf(t.text[:len(t.text)-len("FFFF\r\n")], "%04X\r\n", crc)
}

// format is how a meter writes a number: digits before the point, digits after
// it, and the unit with its star.
type format struct {
	whole, decimals int
	unit            string
}

// value writes a number of the last digit's size: 4711235 is (004711.235*kWh).
func (f format) value(n int64) string {
	if f.decimals == 0 {
		return fmt.Sprintf("(%0*d%s)", f.whole, n, f.unit)
	}
	return fmt.Sprintf("(%0*d.%0*d%s)", f.whole, n/f.one(), f.decimals, n%f.one(), f.unit)
}

// one is how many of the last digit make one of the unit.
func (f format) one() int64 {
	n := int64(1)
	for range f.decimals {
		n *= 10
	}
	return n
}
