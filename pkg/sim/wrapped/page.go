package wrapped

import (
	"bytes"
	"html"
	"regexp"
)

// pasted are the forms that a log has where people write: in mails, forums and editors.
// An editor or a page keeps neither CR nor what it cannot show.
//
//	> 1-0:1.8.1(008234.524*kWh)        quoted
//	    1-0:1.8.1(008234.524*kWh)      indented by four blanks, or a TAB
//	                                   a blank line after each line
//	```                                a block of code in a forum's Markdown
//	<pre>…&gt;…</pre>                  a page
//	/ISK5\2M550T-1012 1-3:0.2.8(50) …  a telegram on one line, ends of lines as a blank
func pasted() []Form {
	return []Form{
		{Name: "indent", Wrap: perLine(func(l Piece) []byte { return append([]byte("    "), l.Data...) })},
		{Name: "indent by TAB", Wrap: perLine(func(l Piece) []byte { return append([]byte("\t"), l.Data...) })},
		{Name: "quote marks", Wrap: perLine(func(l Piece) []byte { return append([]byte("> "), l.Data...) })},
		{Name: "blank lines", Wrap: perPiece(func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\n\r\n")) })},
		{Name: "blank lines, LF", Wrap: perPiece(func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\n\n")) })},
		{Name: "code fence", Natural: true, Wrap: around("Hello,\n\nthis is what my meter sends, can anybody read it?\n\n```\n", "```\n\nThanks!\n", shownText), Left: pastedLeft},
		{Name: "page", File: "p1.html", Wrap: around(pageHead, pageFoot, func(b []byte) []byte { return []byte(html.EscapeString(string(shownText(b)))) }), Left: pastedLeft},
		{Name: "one line", Loose: true, Wrap: perPiece(oneLine)},
	}
}

const (
	pageHead = "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>My meter &mdash; Forum</title>\n" +
		"<style>pre { overflow: auto }</style></head>\n<body>\n<h1>My meter</h1>\n<p>This is what it sends:</p>\n<pre><code>"
	pageFoot = "</code></pre>\n<p>Can anybody read it?</p>\n</body>\n</html>\n"
)

// around puts the log, after a change, between two texts.
func around(head, foot string, change func([]byte) []byte) func(Capture) Capture {
	return whole(func(b []byte) []byte { return append(append([]byte(head), change(b)...), foot...) })
}

// shownText is what an editor keeps: lines that end in LF, without control characters.
func shownText(log []byte) []byte {
	var out []byte
	for _, b := range log {
		if b >= ' ' && b != 0x7F || b == '\n' || b == '\t' {
			out = append(out, b)
		}
	}
	if len(out) > 0 && out[len(out)-1] != '\n' {
		out = append(out, '\n')
	}
	return highAs(out, replacement)
}

func pastedLeft(c Capture) [][]byte {
	return eitherEnd(texts(shownText(c.Bytes()), func(b []byte) []byte { return b }))
}

var endings = regexp.MustCompile(`[\r\n]+`)

// oneLine is a telegram with a blank for each end of line, or several.
func oneLine(b []byte) []byte {
	return append(bytes.TrimRight(endings.ReplaceAll(b, []byte(" ")), " "), '\r', '\n')
}
