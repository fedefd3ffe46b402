package serve

import (
	"bytes"
	"fmt"
	"strings"

	"p1/pkg/crc"
	"p1/pkg/telegram"
)

// What strict readers do, such as the dsmr integration of Home Assistant: they
// decode the bytes as ASCII, look for a telegram from a '/' to "!1AB4\r\n" with no
// other '/' between, compare the four upper-case digits with CRC-16/ARC, and read
// a line at a time. A Hungarian telegram as it is:
//
//	0-0:98.1.0(260301000000W)(00001234.567*kWh)␍␊   wrapped: joined
//	(00001234.567*kWh)␍␊
//	0-0:96.13.0(ÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿ…)␍␊                 not ASCII: emptied
//	!5b60␍␊                                         X-25: signed anew
//
// Registers are never touched: where they hold a byte that is not ASCII, there is no
// plain form. A telegram without CRC (DSMR 2.2 and 3) gets none, as readers of
// these meters do not look for one, and its gas reading stays on its two lines.

// changes are what plain has done to a telegram.
type changes struct {
	emptied, joined []string // OBIS codes
	kind            crc.Kind // that the meter signs with
	spelled         bool     // the CRC's digits are not four upper-case ones
	signed          bool
	cleaned         bool // line ends
}

func (c changes) words() []string {
	anew := ", for readers that take ASCII only"
	if c.signed {
		anew = " and the CRC calculated anew" + anew
	}
	var words []string
	if len(c.emptied) > 0 {
		words = append(words, isOrAre(c.emptied)+" emptied"+anew)
	}
	if len(c.joined) > 0 {
		words = append(words, isOrAre(c.joined)+" joined into one line"+anew)
	}
	if c.cleaned {
		words = append(words, "line ends are made CR LF"+anew)
	}
	if c.kind != crc.ARC {
		words = append(words, "the meter's CRC is "+c.kind.Name()+": it is replaced by ARC, the one that readers check")
	}
	if c.spelled {
		words = append(words, "the CRC is written in four upper-case digits, as readers look for it")
	}
	return words
}

func isOrAre(codes []string) string {
	if len(codes) == 1 {
		return codes[0] + " is"
	}
	return strings.Join(codes, ", ") + " are"
}

// plain is the telegram as strict readers take it, and what it took to make it so.
func (b body) plain() ([]byte, changes, error) {
	c := changes{kind: b.kind, spelled: len(b.digits) > 0 && !fourUpper(b.digits)}
	text := make([]byte, 0, len(b.text)+8)
	lines := bytes.Split(b.text[:len(b.text)-1], []byte("\n"))
	for len(lines) > 1 {
		block := lines[:blockLen(lines)]
		lines = lines[len(block):]
		text = c.appendBlock(text, block, len(b.digits) > 0)
	}
	if len(lines[0]) > 0 {
		return nil, c, fmt.Errorf("the '!' does not begin a line")
	}
	text = append(text, '!')
	if err := checkASCII(text); err != nil {
		return nil, c, err
	}
	c.cleaned = !bytes.Equal(text, b.text) && len(c.emptied)+len(c.joined) == 0
	if len(b.digits) == 0 {
		return append(text, "\r\n"...), c, nil
	}
	c.signed = !bytes.Equal(text, b.text)
	return fmt.Appendf(text, "%04X\r\n", crc.ARC.Sum(text)), c, nil
}

func fourUpper(digits []byte) bool {
	return len(digits) == 4 && bytes.Equal(digits, bytes.ToUpper(digits))
}

// blockLen returns how many of the lines (of which the last is the one with the '!')
// belong together: a line with a code, and those that go on with its values.
func blockLen(lines [][]byte) int {
	first := lines[0]
	code := telegram.CodeLen(first)
	if code == 0 {
		return 1
	}
	n := 1
	for unclosed := opens(first, false); n < len(lines)-1; n++ {
		next := lines[n]
		if telegram.CodeLen(next) > 0 || !isMessage(first) && !unclosed && !bytes.HasPrefix(next, []byte("(")) {
			break
		}
		unclosed = opens(next, unclosed)
	}
	return n
}

// opens reports whether a value goes on after a line; before says whether one does
// before it.
func opens(line []byte, before bool) bool {
	open, shut := bytes.LastIndexByte(line, '('), bytes.LastIndexByte(line, ')')
	return open > shut || before && open == shut // neither
}

// isMessage reports whether a line is a text message, which may hold any byte.
func isMessage(line []byte) bool {
	return bytes.Contains(line[:telegram.CodeLen(line)], []byte(":96.13."))
}

// onTwoLines is the gas reading of DSMR 2.2 and 3, which readers expect like that.
var onTwoLines = []byte(":24.3.0")

// appendBlock appends a line with those that go on with it.
func (c *changes) appendBlock(text []byte, block [][]byte, signed bool) []byte {
	for i := range block {
		block[i] = bytes.TrimSuffix(block[i], []byte("\r"))
	}
	code := telegram.CodeLen(block[0])
	name := block[0][:code]
	values := bytes.Join(block, nil)[code:]
	switch {
	case isMessage(block[0]) && !readable(values):
		c.emptied = append(c.emptied, string(name))
		return append(append(text, name...), "()\r\n"...)
	case len(block) > 1 && (!signed || bytes.HasSuffix(name, onTwoLines)):
		return append(append(text, bytes.Join(block, []byte("\r\n"))...), "\r\n"...)
	case len(block) > 1:
		c.joined = append(c.joined, string(name))
	}
	return append(append(append(text, name...), values...), "\r\n"...)
}

// readable reports whether a reader can take a message: it is ASCII, and has no '/',
// which would be taken for the beginning of a telegram.
func readable(message []byte) bool {
	for _, b := range message {
		if !printable(b) || b == '/' {
			return false
		}
	}
	return true
}

func printable(b byte) bool { return b >= 0x20 && b <= 0x7E }

// checkASCII says where the first byte is that is neither ASCII nor a line end.
func checkASCII(text []byte) error {
	for line := range bytes.SplitSeq(text, []byte("\r\n")) {
		for _, b := range line {
			if !printable(b) {
				return fmt.Errorf("the byte %02X in %q is no ASCII text", b, line[:min(len(line), 40)])
			}
		}
	}
	return nil
}
