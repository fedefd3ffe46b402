package nonsense

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"p1/pkg/sim"
)

// A message is a telegram's text as lines, without their ends; the first is the header,
// and the last one, which is empty, follows the CRC.
type message []string

func split(text []byte) message { return strings.Split(string(text), "\r\n") }

// sign joins the lines under a CRC of their own.
func (m message) sign() []byte {
	last := len(m) - 2
	text := strings.Join(m[:last], "\r\n") + "\r\n!"
	return fmt.Appendf([]byte(text), "%04X\r\n", sim.ARC([]byte(text)))
}

// The lines that can be nonsense, and those that say what a register can gain.

func isClock(line string) bool { return strings.HasPrefix(line, "0-0:1.0.0(") }

func isLimiter(line string) bool { return strings.HasPrefix(line, "0-0:17.0.0(") }

// isRegister is true of 1-0:1.8.0 and others of electricity.
func isRegister(line string) bool {
	return strings.HasPrefix(line, "1-0:") && strings.Contains(codeOf(line), ".8.")
}

// isDevice is true of the reading of what hangs on the M-Bus: 0-1:24.2.1.
func isDevice(line string) bool {
	return strings.HasPrefix(line, "0-") && len(line) > 3 && strings.HasPrefix(line[3:], ":24.2.")
}

// isPower is true of the powers of all phases together: 1-0:1.7.0.
func isPower(line string) bool {
	return strings.HasPrefix(line, "1-0:") && len(line) > 5 && strings.HasPrefix(line[5:], ".7.0(")
}

// Counts tells whether a line has a register or the reading of a device on the M-Bus.
func Counts(line string) bool { return isRegister(line) || isDevice(line) }

// TellsTime tells whether a line has the meter's clock.
func TellsTime(line string) bool { return isClock(line) }

func codeOf(line string) string {
	code, _, _ := strings.Cut(line, "(")
	return code
}

// stampOf is the first value of a line, where that is a time: 12 digits and S or W.
func stampOf(line string) string {
	_, rest, _ := strings.Cut(line, "(")
	first, _, _ := strings.Cut(rest, ")")
	if len(first) == 13 {
		return first
	}
	return ""
}

// A number is the last value of a line: 004686.172*kWh is 4686172 of three decimals.
type number struct {
	head, tail string // the line around the digits
	n          int64
	width      int // digits, without the point
	decimals   int
}

// readNumber reads the last value of a line; the tail holds the unit.
func readNumber(line string) (number, bool) {
	open := strings.LastIndexByte(line, '(') + 1
	end := open
	for end < len(line) && (line[end] == '.' || line[end] >= '0' && line[end] <= '9') {
		end++
	}
	whole, rest, _ := strings.Cut(line[open:end], ".")
	n, err := strconv.ParseInt(whole+rest, 10, 64)
	if open == 0 || err != nil {
		return number{}, false
	}
	return number{head: line[:open], tail: line[end:], n: n, width: len(whole) + len(rest), decimals: len(rest)}, true
}

// digits are all of them, without the point.
func (x number) digits() string { return fmt.Sprintf("%0*d", x.width, x.n) }

// with is the line with other digits in place of its own.
func (x number) with(digits string) string {
	text := digits[:len(digits)-x.decimals]
	if x.decimals > 0 {
		text += "." + digits[len(digits)-x.decimals:]
	}
	return x.head + text + x.tail
}

// value is the line with another number.
func (x number) value(n int64) string { return x.with(fmt.Sprintf("%0*d", x.width, n)) }

// unix reads a stamp such as 260301000000W. One that is no time, or of a year in which no
// meter sent telegrams (2000, 1970), reads as 0.
func unix(stamp string) int64 {
	wall, err := time.Parse("060102150405", strings.TrimRight(stamp, "SW"))
	if err != nil || wall.Year() < firstYear {
		return 0
	}
	ahead := int64(3600)
	if strings.HasSuffix(stamp, "S") {
		ahead = 7200
	}
	return wall.Unix() - ahead
}

// firstYear is when the first meters with a P1 port were put in place; two digits of
// 1970 are those of 2070, which time.Parse reads as 1970.
const firstYear = 2008
