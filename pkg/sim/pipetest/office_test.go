package pipetest

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"p1/pkg/sim/longtest"
)

// hungarian makes LibreOffice take the locale of the system for the Hungarian one.
const hungarian = `<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>hu-HU</value></prop></item>
</oor:items>
`

// asCSV is how LibreOffice is to read a CSV: semicolon, double quotes, UTF-8, from
// the first line on, the locale of the system, no quoted text, and "detect special
// numbers" ticked, without which it takes no date for one.
const asCSV = "CSV:59,34,76,1,,0,false,true"

// officeCell is a cell of a sheet as LibreOffice understood it.
type officeCell struct {
	Kind    string `xml:"urn:oasis:names:tc:opendocument:xmlns:office:1.0 value-type,attr"`
	Number  string `xml:"urn:oasis:names:tc:opendocument:xmlns:office:1.0 value,attr"`
	Date    string `xml:"urn:oasis:names:tc:opendocument:xmlns:office:1.0 date-value,attr"`
	Columns int    `xml:"urn:oasis:names:tc:opendocument:xmlns:table:1.0 number-columns-repeated,attr"`
	Text    string `xml:"urn:oasis:names:tc:opendocument:xmlns:text:1.0 p"`
}

// What --excel-eu writes opens in LibreOffice with a Hungarian locale as numbers
// and times.
func TestOffice(t *testing.T) {
	longtest.Needs(t, "opens tables in LibreOffice")
	t.Parallel()
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("there is no soffice")
	}
	dir := t.TempDir()
	for i, line := range []string{
		"p1cat demo:?meter=hu&telegrams=30&start=2026-03-28T23:59:50 | p1frame | p1csv --excel-eu",
		"p1cat demo:?meter=nl&telegrams=30&start=2026-10-25T02:59:50S | p1frame | p1csv --excel-eu",
		"p1cat demo:?meter=be&telegrams=600&every=1m | p1frame | p1csv --excel-eu --table gas",
		"p1cat demo:?meter=hu&telegrams=600&every=1m | p1frame | p1csv --excel-eu --every 15m --profile hu --units W",
	} {
		table := run(t, dir, line)
		name := fmt.Sprintf("table%d", i)
		write(t, filepath.Join(dir, name+".csv"), table)
		checkSheet(t, line, table, convert(t, office, dir, name))
	}
}

// What looks like a number, a date or a formula, and is text, is that text in LibreOffice.
func TestOfficeKeepsText(t *testing.T) {
	longtest.Needs(t, "opens tables in LibreOffice")
	t.Parallel()
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("there is no soffice")
	}
	dir := t.TempDir()
	texts := []string{"0002", "1E40", "12E3", "DEC1", "1-2", "3/4", "2026-03-01", "2026.03.01.", "10:30", "12345678901234567890", "5 %", "1,5", "1.5", "márc. 3", "M1", "ok"}
	var records strings.Builder
	for i, text := range texts {
		fmt.Fprintf(&records, `{"v":1,"type":"telegram","source":%q,"seq":1,"offset":0,"status":"lost","raw":"/"}`+"\n", text)
		fmt.Fprintf(&records, `{"v":1,"type":"gap","source":%q,"offset":%d}`+"\n", text, i)
	}
	write(t, filepath.Join(dir, "records"), []byte(records.String()))
	for name, line := range map[string]string{"validity": "p1csv --excel-eu --table validity records", "noise": "p1noise --excel-eu records"} {
		write(t, filepath.Join(dir, name+".csv"), run(t, dir, line))
		found := map[string]bool{}
		for _, row := range convert(t, office, dir, name)[1:] {
			for _, cell := range row {
				found[cell.Text] = found[cell.Text] || cell.Kind == "string"
			}
		}
		for _, text := range texts {
			if !found[text] {
				t.Errorf("%s: %q is no text", line, text)
			}
		}
	}
}

// convert lets LibreOffice read a CSV and returns the cells that it saw.
func convert(t *testing.T, office, dir, name string) [][]officeCell {
	t.Helper()
	profile := filepath.Join(dir, "profile", "user")
	must(t, os.MkdirAll(profile, 0o755))
	write(t, filepath.Join(profile, "registrymodifications.xcu"), []byte(hungarian))
	c := exec.Command(office, "-env:UserInstallation=file://"+filepath.ToSlash(filepath.Dir(profile)), "--headless",
		"--infilter="+asCSV, "--convert-to", "fods", "--outdir", dir, filepath.Join(dir, name+".csv"))
	hung := time.AfterFunc(patience, func() { c.Process.Kill() })
	out, err := c.CombinedOutput()
	hung.Stop()
	if err != nil {
		t.Fatalf("soffice: %v %s", err, out)
	}
	return readSheet(t, read(t, filepath.Join(dir, name+".fods")))
}

// readSheet returns the rows of a flat OpenDocument sheet.
func readSheet(t *testing.T, text []byte) [][]officeCell {
	t.Helper()
	var rows [][]officeCell
	d := xml.NewDecoder(bytes.NewReader(text))
	for {
		token, err := d.Token()
		if err == io.EOF {
			return rows
		}
		must(t, err)
		begin, ok := token.(xml.StartElement)
		switch {
		case !ok:
		case begin.Name.Local == "table-row":
			rows = append(rows, nil)
		case begin.Name.Local == "table-cell":
			var c officeCell
			must(t, d.DecodeElement(&c, &begin))
			if c.Kind == "" && c.Columns > 1000 {
				continue // to the end of the sheet
			}
			for range max(c.Columns, 1) {
				rows[len(rows)-1] = append(rows[len(rows)-1], c)
			}
		}
	}
}

// checkSheet compares what LibreOffice saw with what stands in the CSV.
func checkSheet(t *testing.T, line string, table []byte, rows [][]officeCell) {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(table, []byte("\uFEFF"))))
	r.Comma = ';'
	want, err := r.ReadAll()
	must(t, err)
	if len(want) < 10 || len(rows) < len(want) {
		t.Fatalf("%s: %d rows of %d were read", line, len(rows), len(want))
	}
	numbers, times, texts := 0, 0, 0
	for i, cells := range want[1:] {
		for j, text := range cells {
			name, got := want[0][j], rows[i+1][j]
			switch {
			case text == "":
			case strings.HasPrefix(text, `="`):
				texts++
				if want := text[len(`="`) : len(text)-1]; got.Kind != "string" || got.Text != want {
					t.Errorf("%s: row %d, %s: %q was read as %s %s %q", line, i+2, name, want, got.Kind, got.Number+got.Date, got.Text)
				}
			case name == "time":
				times++
				if begun := strings.Replace(text, " ", "T", 1); got.Kind != "date" || got.Date != strings.TrimSuffix(begun, "T00:00:00") && got.Date != begun {
					t.Errorf("%s: row %d, %s: %q was read as %s %s", line, i+2, name, text, got.Kind, got.Date)
				}
			case isQuantity(name):
				numbers++
				x, err := strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64)
				must(t, err)
				if y, err := strconv.ParseFloat(got.Number, 64); got.Kind != "float" || err != nil || x != y {
					t.Errorf("%s: row %d, %s: %q was read as %s %s", line, i+2, name, text, got.Kind, got.Number)
				}
			}
		}
	}
	if numbers < 100 || times < 10 || texts < 10 {
		t.Errorf("%s: only %d numbers, %d times and %d texts", line, numbers, times, texts)
	}
}

// isQuantity reports whether a column's name ends in a unit.
func isQuantity(name string) bool {
	unit := name[strings.LastIndexByte(name, '_')+1:]
	return strings.Contains(" kwh kw v a m3 gj s kvarh kvar w wh hz ", " "+unit+" ")
}
