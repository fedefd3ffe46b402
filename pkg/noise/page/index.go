package page

import (
	_ "embed"
	"io"

	"p1/pkg/noise/diagnose"
	"p1/pkg/noise/voltage"
)

//go:embed index.html
var indexLayout string

// unread is the file that says that not all was read.
const unread = "unread.txt"

// File is one of a report, and what is in it.
type File struct{ Name, Title, Says string }

// Files lists what a report may be made of, beside its index.
func Files() []File {
	return []File{
		{"line.html", "The line", "What is wrong with the cable or the receiver, how sure that is and what to do, with pictures."},
		{"voltage.html", "The voltage", "The voltage of the grid by EN 50160, with pictures; prints on two sheets for the grid operator."},
		{"records.xlsx", "Readings, for Excel and LibreOffice", "A row for each telegram, a sheet for each month: energy, power, voltage, current."},
		{"records.csv", "Readings, for all other programs", "The same as CSV, with commas and decimal points."},
		{"days.csv", "Days", "A row for each day: what was used and what was delivered."},
		{"validity.csv", "Which telegrams were valid", "A row for each telegram: whether it came undamaged, was repaired, or could not be, and why."},
		{"noise.csv", "What the line did", "A row for each telegram that was damaged: which bytes, and what became of them."},
		{"summary.txt", "Summary", "What is wrong with the line, and all counts, as text."},
	}
}

// Index is what the first page of a report tells.
type Index struct {
	Line    *diagnose.Report
	Voltage *voltage.Evidence
	There   func(name string) bool // whether a file of that name stands beside the page
}

// WriteIndex writes the page by which a report begins: the chief figures, and links to the
// files that are there. It fails with the error of the writer.
func WriteIndex(w io.Writer, x Index) error {
	r := x.Line
	v := indexView{Report: r, Frame: newFrame("Report: "+r.Source, ".files dd{margin:0 0 10px}\n"), Tone: tone(r), Unread: x.There(unread),
		Tiles: reliabilityTiles(&r.Totals)}
	for i := range x.Voltage.Meters {
		m := &x.Voltage.Meters[i]
		_, said := judged(m)
		v.Voltages = append(v.Voltages, fact{m.Name, said, ""})
	}
	for _, f := range Files() {
		if x.There(f.Name) {
			v.Files = append(v.Files, f)
		}
	}
	return render(w, indexLayout, v)
}

// indexView is what the layout reads.
type indexView struct {
	*diagnose.Report
	Frame    frame
	Tone     string
	Unread   bool
	Tiles    []tile
	Voltages []fact
	Files    []File
}
