package display

import (
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// formulaSigns are what a spreadsheet takes for the beginning of a formula; in Japan it
// does so with their wide forms too.
const formulaSigns = "=+-@\t\r\n＝＋－＠"

// GuardedCell is a text for a cell of CSV that a spreadsheet does not run: one that begins
// as a formula does has an apostrophe before it. It is not for numbers.
//
//	=cmd()  →  '=cmd()
func GuardedCell(text string) string {
	if first, _ := utf8.DecodeRuneInString(text); strings.ContainsRune(formulaSigns, first) && text != "" {
		return "'" + text
	}
	return text
}

// maxFormulaText is how many characters of text a formula may hold.
const maxFormulaText = 255

// TextCell is a text for a cell of CSV that stays this text in a spreadsheet, which would
// take it for a formula, a number or a date otherwise. There is no mark for text in CSV
// that a spreadsheet keeps to; a formula of which the text is the result is kept by all.
//
//	0002  →  ="0002"
//	1E40  →  ="1E40"
func TextCell(text string) string {
	guarded := GuardedCell(text)
	switch {
	case guarded != text || !likeNumber(text):
		return guarded
	case utf8.RuneCountInString(text) > maxFormulaText:
		return "'" + text
	}
	return formulaOf(text)
}

// OffsetCell is a cell of an offset such as +01:00, which a spreadsheet would take for a
// time of the day otherwise.
func OffsetCell(offset string) string { return formulaOf(offset) }

func formulaOf(text string) string { return `="` + strings.ReplaceAll(text, `"`, `""`) + `"` }

// Numbers and dates as spreadsheets anywhere know them, and some more texts, which lose
// nothing: 1-2, 3/4, (5), € 1.50, 12E3, 10:30, 1 Mai, DEC1, März 2026, 08:15 PM.
var (
	fromDigits = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[^\pL/<>=_\\|{}]*\pN[^<>=_\\|{}]*$`) })
	fromMonth  = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^\pL[\pL\pM]{2,}[^\pL\pN<>=_\\|{}]*\pN[^\pL<>=_\\|{}]*$`)
	})
)

// likeNumber reports whether a spreadsheet may take a text for a number or a date: rather
// too many than too few.
func likeNumber(text string) bool {
	if !strings.ContainsFunc(text, unicode.IsNumber) {
		return false
	}
	return fromDigits().MatchString(text) || fromMonth().MatchString(text)
}
