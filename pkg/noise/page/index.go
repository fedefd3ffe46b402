package page

import (
	_ "embed"
	"io"
	"net/url"
	"path"
	"slices"

	"p1/pkg/display"
	"p1/pkg/noise/diagnose"
	"p1/pkg/noise/usage"
	"p1/pkg/noise/voltage"
	"p1/pkg/noise/words"
)

//go:embed index.html
var indexLayout string

// unread is the file that says that not all was read.
const unread = "unread.txt"

// File is one of a report, and what is in it.
type File struct{ Name, Title, Says string }

// Files lists what p1-report puts beside the index.
func Files() []File {
	return []File{
		{"line.html", "The line", "What is wrong with the cable or the receiver, how sure that is and what to do, with pictures."},
		{"voltage.html", "The voltage", "The voltage of the grid by EN 50160, with pictures; prints on two sheets for the grid operator."},
		{"records.xlsx", "Readings, for Excel and LibreOffice", "A row for each telegram that can be used, a sheet for each month: energy, power, voltage, current."},
		{"records.csv", "Readings, for all other programs", "The same as CSV, with commas and decimal points."},
		{"days.csv", "Days", "A row for each day: what was used and what was delivered. Without rows where the meter sends no clock."},
		{"validity.csv", "Which telegrams were valid", "A row for each telegram: whether it came undamaged, was repaired, or could not be. Where edits_line is 0 the line did no damage."},
		{"noise.csv", "What the line did", "A row for each telegram that was damaged: which bytes, what became of them, and why."},
		{"summary.txt", "Summary", "What is wrong with the line, and all counts, as text."},
	}
}

// others are files that p1noise may write beside an index, too.
func others() []File {
	return []File{
		{"picture", "A picture of the line", "What p1noise --plot draws."},
		{"noise.json", "The diagnosis, for programs", "What is wrong with the line, and all counts, as JSON."},
		{"brief.txt", "To be pasted elsewhere", "What is known of meter and line in less than 4 kB, without identifiers."},
		{"voltage.txt", "The voltage, as text", "The voltage of the grid by EN 50160."},
	}
}

// Link is a file that the index leads to.
type Link struct {
	Kind string // the name under which [Files] has it, or another one
	Path string // from the index, with slashes
}

// Index is what the first page of a report tells.
type Index struct {
	Line    *diagnose.Report
	Usage   *usage.Counter
	Voltage *voltage.Evidence
	Links   []Link
}

// gains are what the registers of a meter gained.
type gains struct {
	Meter, Span, Holes string
	Months             []usage.Month
	Before             string // how many months there are before them
}

// mostMonths is how many months of a meter the index has.
const mostMonths = 24

// usedBy is what the registers of each meter gained.
func usedBy(c *usage.Counter) (all []gains) {
	meters, _ := c.Meters()
	for _, m := range meters {
		months, before := m.Months(mostMonths)
		one := gains{Meter: display.Short(m.Name, voltage.MaxName), Span: words.Capital(m.Span(0)), Holes: words.Capital(m.Holes()), Months: months}
		if before > 0 {
			one.Before = words.Plural(int64(before), "month")
		}
		all = append(all, one)
	}
	return all
}

// linked is a link and what is said of it.
type linked struct {
	File
	Href string
}

// WriteIndex writes the page by which a report begins: the chief figures, and links. It
// fails with the error of the writer.
func WriteIndex(w io.Writer, x Index) error {
	r := x.Line
	v := indexView{Report: r, Frame: newFrame("Report: "+r.Source, ".files dd{margin:0 0 10px}\n"), Tone: tone(r), Tiles: reliabilityTiles(r)}
	for i := range x.Voltage.Meters {
		m := &x.Voltage.Meters[i]
		_, said := judged(m)
		v.Voltages = append(v.Voltages, fact{m.Name, said, ""})
	}
	v.Used = usedBy(x.Usage)
	v.Files, v.Unread = x.linked()
	return render(w, indexLayout, v)
}

// linked are the links in the order of the known files, the others behind these. What says
// that not all was read stands apart.
func (x *Index) linked() (files []linked, notRead string) {
	left := slices.Clone(x.Links)
	take := func(l Link, f File) linked {
		f.Name = l.Path
		return linked{f, (&url.URL{Path: l.Path}).String()}
	}
	for _, f := range append(Files(), others()...) {
		left = slices.DeleteFunc(left, func(l Link) bool {
			if l.Kind == f.Name {
				files = append(files, take(l, f))
			}
			return l.Kind == f.Name
		})
	}
	for _, l := range left {
		if l.Kind == unread {
			notRead = take(l, File{}).Href
			continue
		}
		files = append(files, take(l, File{Title: path.Base(l.Path)}))
	}
	return files, notRead
}

// indexView is what the layout reads.
type indexView struct {
	*diagnose.Report
	Frame    frame
	Tone     string
	Unread   string // where it is told what was not read
	Tiles    []tile
	Used     []gains
	Voltages []fact
	Files    []linked
}
