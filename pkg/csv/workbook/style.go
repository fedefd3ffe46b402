package workbook

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// The styles of cells, in their order in xl/styles.xml. Those of all workbooks are the same,
// so that the sheets of one can be those of another.
const (
	_ = iota // what a cell has that is empty
	styleHeading
	styleText
	styleTime
	styleMoment // a time with milliseconds
	styleNumber // and those that follow: numbers with 0, 1, … decimals
)

// maxDecimals is how many of a number are shown.
const maxDecimals = exactDigits

// firstFormat is the first number that a format of one's own may have; 49 is text.
const firstFormat, textFormat = 164, 49

// styles is xl/styles.xml.
func styles() string {
	formats := []string{"yyyy\\-mm\\-dd\\ hh:mm:ss", "yyyy\\-mm\\-dd\\ hh:mm:ss.000", "0"}
	for n := 1; n <= maxDecimals; n++ {
		formats = append(formats, "0."+strings.Repeat("0", n))
	}
	var list, cells strings.Builder
	cells.WriteString(`<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
		`<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>`)
	cell := func(format int) {
		fmt.Fprintf(&cells, `<xf numFmtId="%d" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>`, format)
	}
	cell(textFormat)
	for i, code := range formats {
		fmt.Fprintf(&list, `<numFmt numFmtId="%d" formatCode="%s"/>`, firstFormat+i, code)
		cell(firstFormat + i)
	}
	return xmlHead + fmt.Sprintf(`<styleSheet xmlns="%s"><numFmts count="%d">%s</numFmts>`+
		`<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>`+
		`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>`+
		`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>`+
		`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>`+
		`<cellXfs count="%d">%s</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`,
		sheets, len(formats), &list, len(formats)+3, &cells)
}

// Time writes the date and time that a clock shows, whatever its offset: a spreadsheet knows
// of none. A time is the number of days since the end of 1899 (ECMA-376 part 1, §18.17.4.1,
// the 1900 date system).
func (b *Book) Time(t time.Time) {
	_, offset := t.Zone()
	seconds := t.Unix() + int64(offset) - dayZero
	style, nanos := styleTime, t.Nanosecond()
	if nanos != 0 {
		style = styleMoment
	}
	days := float64(seconds)/secondsOfDay + float64(nanos)/(secondsOfDay*1e9)
	b.open(style)
	b.b = append(b.b, `><v>`...)
	b.b = strconv.AppendFloat(b.b, math.Max(days, 0), 'f', -1, 64)
	b.b = append(b.b, `</v></c>`...)
}

// dayZero is 1899-12-30, in seconds since 1970. Excel takes 1900 for a leap year, which
// makes that day 0 of all dates since March 1900.
const dayZero, secondsOfDay = -25569 * 86400, 86400
