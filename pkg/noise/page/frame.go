package page

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"regexp"

	"p1/pkg/display"
	"p1/pkg/noise/chart"
	"p1/pkg/noise/words"
)

//go:embed frame.html
var frames string

//go:embed page.css
var styles string

// frame is what all pages begin with.
type frame struct {
	Title       string
	CSS, Policy template.HTML
}

// newFrame returns the frame of a page that has some styles more than the others. Its
// policy allows these styles and nothing else.
func newFrame(title, more string) frame {
	css := sheet() + more
	hash := sha256.Sum256([]byte(css))
	return frame{
		Title: title,
		CSS:   template.HTML("<style>" + css + "</style>"),
		Policy: template.HTML(`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-` +
			base64.StdEncoding.EncodeToString(hash[:]) + `'; base-uri 'none'; form-action 'none'">`),
	}
}

// sheet returns the style sheet: palettes, those of pictures, those of the page.
func sheet() string {
	light, dark := chart.Properties()
	return ":root{" + light + "}@media (prefers-color-scheme:dark){:root{" + dark + "}}\n" + chart.Style() + "\n" + styles +
		"@media print{:root{" + light + "}}\n"
}

// render writes a page. It fails with the error of the writer.
func render(w io.Writer, layout string, view any) error {
	t, err := template.New("page").Parse(frames)
	if err != nil {
		return err
	}
	if t, err = t.Parse(layout); err != nil {
		return err
	}
	var b bytes.Buffer // nothing is written of a page that fails
	if err := t.Execute(&b, view); err != nil {
		return err
	}
	_, err = io.WriteString(w, whole(display.Page(b.String())))
	return err
}

// whole keeps numbers and their units on one line, wherever text stands between tags.
func whole(page string) string {
	return betweenTags.ReplaceAllStringFunc(page, words.Joined)
}

var betweenTags = regexp.MustCompile(`>[^<>]+<`)

// picture is a chart in two widths, one of which a style sheet hides.
type picture struct {
	Wide, Narrow template.HTML
	Nothing      string
}

func pictureOf(wide, narrow *chart.Picture) picture {
	if wide.Nothing != "" {
		return picture{Nothing: wide.Nothing}
	}
	// Both escape the text in them.
	return picture{Wide: template.HTML(wide.SVG()), Narrow: template.HTML(narrow.SVG())}
}
