package unwrap

import (
	"bytes"
	"html"
	"regexp"
)

// A page around the text, as a browser saves it.
//
//	<html><head><title>My meter</title></head><body><pre>␊
//	1-0:1.8.0(008234.524*kWh)<br>␊
//	                         └──┘ a line end
//	</pre></body></html>␊
//
// Tags are taken out, what stands in head, script and style too, and characters that are
// written as &amp; are read back. Where a page has pre, code or textarea, what stands outside
// of these is the page's. A character up to U+00FF is one byte of the meter, as it is
// where pages are written in UTF-8.
func pageForm() form {
	return form{
		name: "page",
		says: "a page stands around the text: taken off (of the meter's bytes, a page may have lost some)",
		look: func(s *sample) maker {
			const longest = len("<!doctype html")
			head := bytes.TrimSpace(s.data[:min(len(s.data), enoughBytes)])
			head = bytes.ToLower(head[:min(len(head), longest)])
			for _, begin := range []string{"<!doctype html", "<html", "<pre", "<body", "<div", "<p>", "<code", "<head"} {
				if s.told || bytes.HasPrefix(head, []byte(begin)) {
					framed := framing.Match(s.data)
					return func() layer { return &pageLayer{framed: framed} }
				}
			}
			return nil
		},
	}
}

// framing is a tag in which a page shows text as it is.
var framing = regexp.MustCompile(`(?i)<(?:pre|code|textarea)[ >]`)

// maxTag is how long a tag, or the name of a character, can be.
const maxTag = 4096

// pageLayer takes the tags out of a page.
type pageLayer struct {
	held   []byte // a tag or a character's name that has begun
	hidden string // the tag whose end ends what is not shown
	framed bool   // only what stands within pre, code or textarea is the meter's
	within int    // how many of these are open
	broken bool   // a <br> came last: a line end of the file behind it is the same one
	lead   byte   // the first byte of a character up to U+00FF in UTF-8, or 0
	out    []byte
}

func (l *pageLayer) take(p stamped, out sink) {
	l.out = l.out[:0]
	for _, c := range p.data {
		switch {
		case len(l.held) == 0 && (c == '<' || c == '&'):
			l.held = append(l.held, c)
		case len(l.held) > 0:
			l.held = append(l.held, c)
			l.grow(c)
		default:
			l.show(c)
		}
	}
	if p.data = l.out; len(p.data) > 0 {
		out(p)
	}
}

// grow looks at what is held, once it may be complete.
func (l *pageLayer) grow(c byte) {
	const maxName = 10
	switch {
	case l.held[0] == '<' && c == '>':
		l.tag(string(bytes.ToLower(l.held[1 : len(l.held)-1])))
	case l.held[0] == '&' && c == ';':
		for _, r := range html.UnescapeString(string(l.held)) {
			if r == '\u00a0' { // a blank that does not break
				r = ' '
			}
			l.shown(appendChar(nil, r))
		}
	case l.held[0] == '<' && len(l.held) < maxTag && (len(l.held) > 2 || isLetter(c) || c == '/' || c == '!' || c == '?'):
		return
	case l.held[0] == '&' && len(l.held) < maxName && (isLetter(c) || c == '#' || c-'0' < 10):
		return
	default:
		l.shown(l.held) // it is none
	}
	l.held = l.held[:0]
}

// tag takes a tag, without its brackets.
func (l *pageLayer) tag(text string) {
	name := text
	for i := range len(text) {
		if !(text[i] == '/' && i == 0) && !isLetter(text[i]) {
			name = text[:i]
			break
		}
	}
	switch name {
	case "/" + l.hidden:
		l.hidden = ""
	case "script", "style", "head":
		if l.hidden == "" {
			l.hidden = name
		}
	case "pre", "code", "textarea":
		l.within++
	case "/pre", "/code", "/textarea":
		l.within = max(l.within-1, 0)
	case "br":
		l.shown(newline)
		l.broken = true
	}
}

func (l *pageLayer) show(c byte) {
	if l.broken && (c == '\r' || c == '\n') {
		l.broken = c == '\r'
		return
	}
	l.broken = false
	if !l.visible() {
		return
	}
	switch {
	case l.lead != 0 && c&0xC0 == 0x80:
		l.out = append(l.out, l.lead<<6|c&0x3F)
		l.lead = 0
		return
	case l.lead != 0:
		l.out = append(l.out, l.lead)
		l.lead = 0
	}
	if c == 0xC2 || c == 0xC3 {
		l.lead = c
		return
	}
	l.out = append(l.out, c)
}

func (l *pageLayer) shown(text []byte) {
	l.broken = false
	if l.visible() {
		l.out = append(l.out, text...)
	}
}

// visible reports whether text is the meter's here.
func (l *pageLayer) visible() bool { return l.hidden == "" && (!l.framed || l.within > 0) }

func (l *pageLayer) end(out sink) {
	if l.lead != 0 {
		l.held = append([]byte{l.lead}, l.held...)
		l.lead = 0
	}
	if len(l.held) > 0 && l.visible() {
		out(stamped{data: l.held})
	}
	l.held = nil
}
