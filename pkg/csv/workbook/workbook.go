// Package workbook takes cells row by row and writes a workbook of them, an .xlsx file as
// spreadsheets open it, of any size in little memory.
//
// A workbook is a zip archive of XML (ECMA-376, Office Open XML). Sheets are compressed into
// it as their rows come, one after the other; the list of sheets follows at the end, as the
// zip archive's own list does:
//
//	_rels/.rels                   xl/workbook.xml is the workbook
//	xl/styles.xml                 how numbers and times are shown, the same in each workbook
//	xl/worksheets/sheet1.xml …    the rows
//	xl/workbook.xml               names of the sheets
//	xl/_rels/workbook.xml.rels    which file is which
//	[Content_Types].xml           what each file is
//
// Text stands in its cell ("inlineStr") and not in a list of shared texts, which would have to
// be kept in memory until the end.
package workbook

import (
	"archive/zip"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/klauspost/compress/flate"
)

// Limits of a sheet in Excel.
const (
	MaxRows    = 1 << 20 // its heading included
	MaxColumns = 1 << 14
	MaxText    = 1<<15 - 1 // of a cell, in UTF-16
	maxName    = 31        // of a sheet, in UTF-16
)

// maxSheetBytes is how much XML a sheet may hold. A file of more than 4 GB in a zip archive
// is of a form that not all programs know.
const maxSheetBytes = 7 << 29

// level of the compression: a higher one takes twice the time for a tenth less.
const level = 5

// Column is a column of a sheet.
type Column struct {
	Heading string
	Width   int // in digits
}

// Book is a workbook that is being written. Its methods are to be called as rows are read:
//
//	b := workbook.New(w)
//	err := b.Begin("records", columns)
//	b.Number([]byte("8234.524"), 3)
//	b.Text("0002")
//	err = b.EndRow()
//	err = b.Close()
type Book struct {
	zip    *zip.Writer
	out    io.Writer // of the sheet that is open, nil where none is
	names  []string  // of the sheets
	asked  []string  // as they were asked for
	widths int       // columns of the sheet that is open
	rows   int       // of it, with the heading
	bytes  int64     // of it
	places []string  // A, B, …
	at     int       // the column of the next cell
	b      []byte    // the row
	cut    int       // texts that were too long
	err    error     // of the beginning
}

// New begins a workbook.
func New(w io.Writer) *Book {
	b := &Book{zip: zip.NewWriter(w)}
	b.zip.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, level) })
	b.put("_rels/.rels", xmlHead+`<Relationships xmlns="`+packages+`/relationships"><Relationship Id="rId1" Type="`+documents+
		`/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`)
	b.put("xl/styles.xml", styles())
	return b
}

// The names of the standard's parts.
const (
	xmlHead   = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	sheets    = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	documents = "http://schemas.openxmlformats.org/officeDocument/2006"
	packages  = "http://schemas.openxmlformats.org/package/2006"
	types     = "application/vnd.openxmlformats-officedocument.spreadsheetml."
)

// put writes a file of the archive.
func (b *Book) put(name, text string) {
	w, err := b.zip.Create(name)
	if err == nil {
		_, err = io.WriteString(w, text)
	}
	if b.err == nil {
		b.err = err
	}
}

// Sheets is how many there are.
func (b *Book) Sheets() int { return len(b.names) }

// Cut is how many texts were longer than a cell may be, and have lost their end.
func (b *Book) Cut() int { return b.cut }

// Begin ends the sheet that is open and begins another one. Where its name is taken, a
// number follows it: records (2).
func (b *Book) Begin(name string, columns []Column) error {
	if err := b.endSheet(); err != nil {
		return err
	}
	if len(columns) > MaxColumns {
		return fmt.Errorf("a sheet has at most %d columns, and these are %d", MaxColumns, len(columns))
	}
	b.names, b.asked = append(b.names, b.free(name)), append(b.asked, name)
	var err error
	if b.out, err = b.zip.Create(sheetFile(len(b.names))); err != nil {
		return err
	}
	b.rows, b.bytes, b.widths = 0, 0, len(columns)
	for i := len(b.places); i < len(columns); i++ {
		b.places = append(b.places, place(i))
	}
	b.b = append(b.b[:0], xmlHead+`<worksheet xmlns="`+sheets+`"><sheetViews><sheetView workbookViewId="0"`...)
	if len(b.names) == 1 {
		b.b = append(b.b, ` tabSelected="1"`...)
	}
	b.b = append(b.b, `><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>`...)
	for i, c := range columns {
		b.b = fmt.Appendf(b.b, `<col min="%d" max="%d" width="%d" customWidth="1"/>`, i+1, i+1, c.Width)
	}
	b.b = append(b.b, `</cols><sheetData>`...)
	if err := b.flush(); err != nil {
		return err
	}
	for _, c := range columns {
		b.styled(c.Heading, styleHeading)
	}
	return b.EndRow()
}

// free is a name that a sheet may have: not another one's, and without the signs that are
// not allowed there.
func (b *Book) free(name string) string {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]`, r) || r < ' ' {
			return '_'
		}
		return r
	}, strings.Trim(name, "'"))
	for n := 1; ; n++ {
		more := ""
		if n > 1 {
			more = fmt.Sprintf(" (%d)", n)
		}
		if try := shortened(name, maxName-len(more)) + more; !b.taken(try) {
			return try
		}
	}
}

func (b *Book) taken(name string) bool {
	for _, other := range b.names {
		if strings.EqualFold(name, other) {
			return true
		}
	}
	return name == "" || strings.EqualFold(name, "history") // which Excel keeps for itself
}

// shortened is what has room in so many units of UTF-16.
func shortened(text string, room int) string {
	for i, r := range text {
		if room -= utf16.RuneLen(r); room < 0 {
			return text[:i]
		}
	}
	return text
}

func sheetFile(n int) string { return fmt.Sprintf("xl/worksheets/sheet%d.xml", n) }

// place is the name of a column: A to Z, then AA.
func place(i int) string {
	name := ""
	for i++; i > 0; i = (i - 1) / 26 {
		name = string(rune('A'+(i-1)%26)) + name
	}
	return name
}

// Full reports whether the sheet that is open takes no more rows.
func (b *Book) Full() bool { return b.rows >= MaxRows || b.bytes >= maxSheetBytes }

// next goes on to the next cell, and begins the row with the first one. It returns its column.
func (b *Book) next() int {
	if b.at == 0 {
		b.b = append(strconv.AppendInt(append(b.b[:0], `<row r="`...), int64(b.rows+1), 10), `">`...)
	}
	b.at++
	return b.at - 1
}

// open begins the next cell with a style.
func (b *Book) open(style int) {
	column := b.next()
	b.b = append(append(b.b, `<c r="`...), b.places[column]...)
	b.b = append(strconv.AppendInt(b.b, int64(b.rows+1), 10), `" s="`...)
	b.b = append(strconv.AppendInt(b.b, int64(style), 10), '"')
}

// Empty leaves a cell out.
func (b *Book) Empty() { b.next() }

// exactDigits is how many digits of a number a spreadsheet keeps.
const exactDigits = 15

// Number writes a number that is given as its text, shown with so many decimals. One of more
// digits than a spreadsheet keeps is text.
func (b *Book) Number(text []byte, decimals int) {
	digits := 0
	for _, c := range text {
		if c >= '0' && c <= '9' && (digits > 0 || c != '0') {
			digits++
		}
	}
	if digits > exactDigits || decimals > maxDecimals {
		b.Text(string(text))
		return
	}
	b.open(styleNumber + decimals)
	b.b = append(append(append(b.b, `><v>`...), text...), `</v></c>`...)
}

// Truth writes TRUE or FALSE, which a spreadsheet computes with.
func (b *Book) Truth(is bool) {
	b.open(styleText)
	digit := byte('0')
	if is {
		digit = '1'
	}
	b.b = append(append(append(b.b, ` t="b"><v>`...), digit), `</v></c>`...)
}

// EndRow ends a row.
func (b *Book) EndRow() error {
	if b.at == 0 {
		b.Empty()
	}
	b.b = append(b.b, `</row>`...)
	b.at = 0
	b.rows++
	return b.flush()
}

func (b *Book) flush() error {
	n, err := b.out.Write(b.b)
	b.bytes += int64(n)
	return err
}

// Text writes a text, and what it holds is never a formula.
func (b *Book) Text(text string) { b.styled(text, styleText) }

func (b *Book) styled(text string, style int) {
	if len(text) > MaxText && shortened(text, MaxText) != text {
		text = shortened(text, MaxText)
		b.cut++
	}
	b.open(style)
	b.b = append(b.b, ` t="inlineStr"><is><t xml:space="preserve">`...)
	b.b = appendEscaped(b.b, text)
	b.b = append(b.b, `</t></is></c>`...)
}

// appendEscaped appends a text as XML holds it. What XML cannot hold is U+FFFD; and _x0041_
// would be read as A, unless its first sign is written so itself.
func appendEscaped(b []byte, text string) []byte {
	for i, r := range text {
		switch {
		case r == '&':
			b = append(b, "&amp;"...)
		case r == '<':
			b = append(b, "&lt;"...)
		case r == '>':
			b = append(b, "&gt;"...)
		case r == '_' && isEscape(text[i:]):
			b = append(b, "_x005F_"...)
		case r < ' ' && r != '\t' && r != '\n', r == 0xFFFE, r == 0xFFFF:
			b = utf8.AppendRune(b, utf8.RuneError)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return b
}

// isEscape reports whether a text begins as _x0041_ does.
func isEscape(text string) bool {
	if len(text) < 7 || text[1] != 'x' && text[1] != 'X' || text[6] != '_' {
		return false
	}
	_, err := strconv.ParseUint(text[2:6], 16, 16)
	return err == nil
}

// endSheet ends the one that is open: its first row filters, and numbers that are text on
// purpose are no mistake.
func (b *Book) endSheet() error {
	if b.out == nil {
		return b.err
	}
	b.b = append(b.b[:0], `</sheetData>`...)
	if b.widths > 0 {
		all := fmt.Sprintf("A1:%s%d", b.places[b.widths-1], b.rows)
		b.b = fmt.Appendf(b.b, `<autoFilter ref="%s"/><ignoredErrors><ignoredError sqref="%s" numberStoredAsText="1"/></ignoredErrors>`, all, all)
	}
	b.b = append(b.b, `</worksheet>`...)
	err := b.flush()
	b.out = nil
	return err
}

// Add adds the sheets of another workbook that was written here, as they are.
func (b *Book) Add(from io.ReaderAt, size int64, other *Book) error {
	if err := b.endSheet(); err != nil {
		return err
	}
	archive, err := zip.NewReader(from, size)
	if err != nil {
		return err
	}
	files := map[string]*zip.File{}
	for _, f := range archive.File {
		files[f.Name] = f
	}
	for i, name := range other.asked {
		b.names, b.asked = append(b.names, b.free(name)), append(b.asked, name)
		if err := b.copyRaw(files[sheetFile(i+1)], sheetFile(len(b.names))); err != nil {
			return err
		}
	}
	return nil
}

// copyRaw copies a file of an archive under another name, compressed as it is.
func (b *Book) copyRaw(f *zip.File, name string) error {
	head := f.FileHeader
	head.Name = name
	in, err := f.OpenRaw()
	if err != nil {
		return err
	}
	out, err := b.zip.CreateRaw(&head)
	if err == nil {
		_, err = io.Copy(out, in)
	}
	return err
}

// Close ends the workbook, which has one sheet at least. It does not close the writer below.
func (b *Book) Close() error {
	if err := b.endSheet(); err != nil {
		return err
	}
	var list, kinds, files strings.Builder
	for i, name := range b.names {
		fmt.Fprintf(&list, `<sheet name="%s" sheetId="%d" r:id="rId%d"/>`, strings.ReplaceAll(string(appendEscaped(nil, name)), `"`, "&quot;"), i+1, i+1)
		fmt.Fprintf(&files, `<Relationship Id="rId%d" Type="%s/relationships/worksheet" Target="worksheets/sheet%d.xml"/>`, i+1, documents, i+1)
		fmt.Fprintf(&kinds, `<Override PartName="/%s" ContentType="%sworksheet+xml"/>`, sheetFile(i+1), types)
	}
	b.put("xl/workbook.xml", xmlHead+`<workbook xmlns="`+sheets+`" xmlns:r="`+documents+`/relationships"><bookViews><workbookView/></bookViews><sheets>`+
		list.String()+`</sheets></workbook>`)
	b.put("xl/_rels/workbook.xml.rels", fmt.Sprintf(xmlHead+`<Relationships xmlns="%s/relationships">%s<Relationship Id="rId%d" Type="%s/relationships/styles" Target="styles.xml"/></Relationships>`,
		packages, &files, len(b.names)+1, documents))
	b.put("[Content_Types].xml", xmlHead+`<Types xmlns="`+packages+`/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>`+
		`<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="`+types+`sheet.main+xml"/>`+
		`<Override PartName="/xl/styles.xml" ContentType="`+types+`styles+xml"/>`+kinds.String()+`</Types>`)
	if b.err != nil {
		return b.err
	}
	return b.zip.Close()
}
