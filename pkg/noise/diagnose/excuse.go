package diagnose

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"sync"

	"p1/pkg/foreign"
	"p1/pkg/noise/verdict"
	"p1/pkg/noise/words"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// excuse says what a stream is whose trouble is none of the line's: then nothing is said
// of the wiring. whole is that its telegrams show no damage.
type excuse struct {
	headline, sure, do string
	whole              bool
}

// strange keeps what speaks for that, as long as no telegram is valid.
type strange struct {
	valid  bool
	bytes  []byte           // the beginning of all that was received
	forms  map[string]int64 // of the telegrams: the text with its digits masked
	copies int64            // telegrams
	whole  int64            // of them: to be seen of these is only that their CRC does not hold
	mask   string           // where the first of them shows a mask
	text   []byte           // one of them
}

// takeTelegram looks at a telegram, as it was received.
func (s *strange) takeTelegram(t *record.Telegram) {
	if s.valid = s.valid || t.Status.Valid(); s.valid {
		*s = strange{valid: true}
		return
	}
	received, err := t.Received()
	if err != nil {
		return
	}
	s.take(received)
	s.copies++
	if isWhole(t) {
		s.whole++
		s.mask = cmp.Or(s.mask, telegram.MaskedPlace(t.Raw))
	}
	text, _, _ := bytes.Cut(received, []byte("!"))
	form := formOf(text)
	if s.forms == nil {
		s.forms = map[string]int64{}
	}
	if _, known := s.forms[form]; known || len(s.forms) < maxForms {
		s.forms[form]++
		s.text = text
	}
}

// isWhole reports whether a telegram ends in a CRC and keeps every form, as those do in which
// somebody has put other digits or a mask. The blank line behind the header gets lost where
// people copy.
func isWhole(t *record.Telegram) bool {
	sent := asSent(t)
	if header, rest, _ := bytes.Cut(sent, []byte("\r\n")); !bytes.HasPrefix(rest, []byte("\r\n")) {
		sent = slices.Concat(header, []byte("\r\n\r\n"), rest)
	}
	return t.CRCSent != "" && telegram.Check(sent) == nil && telegram.OddValue(sent) == 0
}

// take keeps the beginning of what is received.
func (s *strange) take(data []byte) {
	if room := maxNoise - len(s.bytes); room > 0 && !s.valid {
		s.bytes = append(s.bytes, data[:min(room, len(data))]...)
	}
}

// unlike is how many telegrams are not the same as most, digits aside. A line does not hit
// each of them in the same places.
func (s *strange) unlike() int64 {
	most := int64(0)
	for _, n := range s.forms {
		most = max(most, n)
	}
	return s.copies - most
}

// excused says what a stream without a valid telegram is, if that is no fault of the line.
func (d *Diagnoser) excused() *excuse {
	s := &d.strange
	if s.valid {
		return nil
	}
	if p, n := foreign.Protocol(s.bytes); p != nil {
		return &excuse{
			headline: fmt.Sprintf("This is no P1 that can be read: %s.", p.Name),
			sure:     fmt.Sprintf("%s of the right form at the beginning; %s. That says nothing about the wiring.", words.Capital(words.Plural(int64(n), "frame")), p.Who),
			do:       p.Do,
		}
	}
	if k := foreign.Content(s.bytes); k != nil {
		return &excuse{headline: fmt.Sprintf("This is no P1: %s.", k.Name), sure: "Its first bytes say so. They say nothing about the wiring.", do: k.Do}
	}
	if d.totals.Telegrams > 0 && d.totals.Unknown == d.totals.Telegrams && 2*d.signed > d.totals.Unknown && d.totals.Events == 0 {
		return d.unsigned()
	}
	if d.fixed && s.copies > 0 && s.copies < handful && s.whole == s.copies {
		return d.unsigned()
	}
	if d.totals.Remaining == 0 || s.copies < 3 || 10*s.unlike() > s.copies {
		return nil
	}
	if e := s.changed(); e != nil {
		return e
	}
	if s.unlike() > 0 {
		return nil // the line may have hit those
	}
	return d.unsigned()
}

// unsigned says why telegrams that are alike but for their digits are not valid.
func (d *Diagnoser) unsigned() *excuse {
	n := d.totals.Telegrams
	if e := d.strange.changed(); e != nil && n >= 3 {
		return e
	}
	few := fmt.Sprintf("%s, and no known CRC holds in any of them", words.Capital(words.Plural(n, "complete telegram")))
	if n == 1 {
		few = "1 complete telegram, and no known CRC holds in it"
	}
	if d.strange.mask != "" {
		return &excuse{
			whole:    true,
			headline: fmt.Sprintf("%s: %s looks as if somebody had masked it.", few, d.strange.mask),
			sure:     "What is masked before a log is handed on changes what the CRC was made of. That says nothing about the wiring.",
			do:       "Take the log as it was: p1frame --anonymise puts pseudonyms in the place of identifiers, with which the CRCs hold. Of this one p1csv --accept bad makes rows that nothing verifies.",
		}
	}
	if n < handful {
		return &excuse{
			whole:    true,
			headline: few + ".",
			sure:     "Something was changed or is missing (the blank line after the header, line ends, masked numbers), a digit was read wrong, or this meter signs in another way. So few say nothing about the wiring.",
			do:       "Take a longer log, with the bytes as they come: p1cat does that.",
		}
	}
	return &excuse{
		whole:    true,
		headline: fmt.Sprintf("%s are complete and alike, but no known CRC holds in any of them.", words.Plural(n, "telegram")),
		sure:     "Something was changed or is missing in all of them (the blank line after the header, line ends, masked numbers), or this meter signs in another way. That says nothing about the wiring.",
		do:       "Log the bytes as they come: p1cat does. If it logged them, somebody changed the log, or the CRC is of a kind of its own: p1csv --accept bad makes rows that nothing verifies.",
	}
}

// behindPrefix is a line of a telegram with something in front of it.
var behindPrefix = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^([^\n(]{2,60}?)[0-9]-[0-9]{1,2}:[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\(`)
})

// changed says how a program has changed every telegram, if the way is known.
func (s *strange) changed() *excuse {
	e := &excuse{
		sure: fmt.Sprintf("%s, all alike but for their digits. What a line does, it does each time elsewhere.", words.Capital(words.Plural(s.copies, "telegram"))),
	}
	if n := s.unlike(); n > 0 {
		e.sure = fmt.Sprintf("Of %s all but %s are alike but for their digits. What a line does, it does each time elsewhere.", words.Plural(s.copies, "telegram"), words.Count(n))
	}
	lines := bytes.Count(s.text, []byte("("))
	prefixes := behindPrefix().FindAllSubmatch(s.text, -1)
	switch {
	case len(prefixes) >= 3 && 2*len(prefixes) > lines:
		e.headline = fmt.Sprintf("No telegram is valid, because a program has put text before each line: %q.", visible(prefixes[0][1]))
		e.do = "Log the bytes alone: p1cat does, and keeps the time beside them. Of this log p1cat --unwrap takes the text off, where it is told the form: see cmd/p1cat/LOGS.md."
	case bytes.Contains(s.text, []byte("\n\n")) && !bytes.Contains(s.text, []byte("\r")):
		e.headline = "No telegram is valid, because a terminal has turned each CR into LF."
		e.do = "Log with p1cat, which sets the port up; with other programs say stty raw first. Nothing is to be changed at the wires."
	case !bytes.Contains(s.text, []byte("\r")):
		e.headline = "No telegram is valid, because a program has left out line ends."
		e.do = "Log the bytes as they come: p1cat does. Nothing is to be changed at the wires."
	default:
		return nil
	}
	return e
}

// say makes a report that blames nothing on the line.
func (e *excuse) say(r *Report) {
	r.Headline, r.Sure, r.Do, r.Clean, r.Excused, r.Spells = e.headline, e.sure, e.do, false, true, false
	r.Findings, r.Remedies, r.Decides, r.Doubts = nil, nil, nil, nil
	r.Totals.Events = 0
	if e.whole {
		r.Totals.Unknown, r.Totals.Remaining, r.Totals.Salvaged = r.Totals.Unknown+r.Totals.Remaining, 0, 0
	}
	r.Pauses, r.Places, r.Lines, r.Bytes, r.Pairs, r.Worst = nil, nil, nil, nil, nil, nil
	r.Bits, r.Edges, r.Compared = BitTable{}, Measures{}, nil
}

// nothing says why there is no telegram: whether nothing came, or what else did. It quotes
// none of that, since it may be what somebody has written elsewhere.
func (d *Diagnoser) nothing(r *Report) {
	r.Clean = false
	switch {
	case d.skipped > 0:
		r.Headline = fmt.Sprintf("No telegram is from %s or later: nothing can be said of the line since then.", d.options.Since)
		r.Sure = fmt.Sprintf("%s came before; the last one is of %s.", words.Capital(words.Plural(d.skipped, "telegram")), d.lastTime())
		r.Do = "Give an earlier time with --since, or a log that goes on until then."
	case d.received > 0:
		r.Headline = "No telegram is in what was received: nothing can be said of the line."
		r.Sure = fmt.Sprintf("%s came, and p1frame found no telegram there.", words.Capital(words.Plural(d.received, "byte")))
		r.Do = "See what they are: p1cat FILE | p1frame shows them. The first line of a telegram begins with /, its last line with !. " +
			"If they came from a port, let p1cat find the speed: name the device without ?baud."
	case d.headers > 0:
		r.Headline = "Nothing but a logger's header was read: nothing can be said of the line."
		r.Sure = fmt.Sprintf("%s, written by the logger.", words.Plural(d.headers, "byte"))
		r.Do = silent
	case d.totals.Gaps > 0:
		r.Headline = "The capture has received no byte: nothing can be said of the line."
		r.Sure = fmt.Sprintf("Nothing came but %s: that is said where a capture began or was interrupted.", words.Plural(d.totals.Gaps, "gap"))
		r.Do = silent
	default:
		r.Headline = "Nothing was read: nothing can be said of the line."
		r.Sure = "Not a byte came."
		r.Do = "See what the commands before p1noise say: a file that is empty or cannot be read, or a port on which nothing came."
	}
}

// silent is what to do where a capture received nothing.
const silent = "See whether the meter sends: it does so while the data request is high, and some meters need the port to be switched on by the grid operator."

// lastTime is that of the last telegram, for a sentence.
func (d *Diagnoser) lastTime() string {
	if d.last == (verdict.Moment{}) || !d.last.Known {
		return "a time that is not known"
	}
	return d.last.String()
}
