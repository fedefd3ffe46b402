// Package serve takes telegram records and hands on the telegrams that are
// verified, as the bytes that the meter sends, to TCP clients or to a writer.
//
//	{"v":1,"type":"telegram",…,"status":"repaired",…,"raw":"/AUX5…!5B60\r\n"}
//	                                     │                  └──── to each ────┘
//	                                     └ ok or repaired, not suspect, and the CRC holds
//
// [Stage] chooses the telegrams, and with Plain makes them digestible for strict
// readers; a [Server] hands them to its clients and waits for none of them for
// long.
package serve

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"p1/pkg/crc"
	"p1/pkg/record"
	"p1/pkg/telegram"
)

// Sink takes telegrams as the meter sends them. It may keep their memory.
type Sink interface {
	Send(telegram []byte) error
	Close() error
}

// Options say which telegrams are handed on, and how.
type Options struct {
	Only  []record.Status // see ParseOnly
	Plain bool            // digestible for strict readers, see plain.go
	// AsSent leaves the lines that contradict what is known of the meter, see doubted.go.
	AsSent bool
	Say    func(string) // takes words for people, once for each finding
}

// Statuses are those of telegrams that may be handed on.
func Statuses() []string {
	return []string{string(record.OK), string(record.Repaired), string(record.Unchecked)}
}

// ParseOnly reads which telegrams are wanted: "ok,repaired". Those that are not
// verified as a whole cannot be asked for.
func ParseOnly(list string) ([]record.Status, error) {
	var only []record.Status
	for name := range strings.SplitSeq(list, ",") {
		switch s := record.Status(strings.TrimSpace(name)); s {
		case record.OK, record.Repaired, record.Unchecked: // those of Statuses
			only = append(only, s)
		case record.Salvaged, record.Lost, record.Bad:
			return nil, fmt.Errorf("%s telegrams are not handed on: whoever gets them takes every register in them for verified, "+
				"and they are not; there are ok, repaired and, for a meter without CRC, unchecked (p1csv --salvaged makes a table of what can be used)", s)
		default:
			return nil, fmt.Errorf("%q is no status of telegrams to hand on: there are ok, repaired and unchecked, with commas between them", name)
		}
	}
	return only, nil
}

// Stage hands on telegrams to a sink.
type Stage struct {
	record.BaseStage
	to      Sink
	options Options
	said    map[string]bool
	passed  bool // a telegram has been handed on
	refused int  // before the first one that was
}

// New returns a stage that hands on to a sink.
func New(to Sink, o Options) *Stage {
	return &Stage{to: to, options: o, said: map[string]bool{}}
}

// Take hands on a telegram, if it is one that is wanted.
func (s *Stage) Take(r record.Record) error {
	switch r := r.(type) {
	case *record.Chunk:
		return record.ErrChunks
	case *record.Telegram:
		return s.take(r)
	}
	return nil
}

func (s *Stage) take(t *record.Telegram) error {
	if !s.wanted(t) {
		return nil
	}
	b, ok := open(t)
	if !ok {
		s.once("false "+string(t.Status), "a telegram has the status "+string(t.Status)+", but its CRC does not hold: such telegrams are not handed on")
		return nil
	}
	if out := slices.Concat(t.Doubted, untrusted(t)); !s.options.AsSent && len(out) > 0 {
		var cut []string
		if b, cut = b.withoutDoubted(out); cut != nil {
			s.once("doubted", cutWords(cut, len(b.digits) > 0))
		}
	}
	raw := b.sealed()
	if s.options.Plain {
		var done changes
		var err error
		if raw, done, err = b.plain(); err != nil {
			s.once("plain", fmt.Sprintf("%v: such telegrams are not handed on to readers that take ASCII only", err))
			return nil
		}
		for _, words := range done.words() {
			s.once(words, words)
		}
	}
	s.passed = true
	return s.to.Send(raw)
}

// Close ends the sink.
func (s *Stage) Close() error { return s.to.Close() }

// noneSoFar is how many telegrams may be refused, and none handed on, before
// that is said.
const noneSoFar = 10

// wanted reports whether a telegram is to be handed on.
func (s *Stage) wanted(t *record.Telegram) bool {
	if slices.Contains(s.options.Only, t.Status) {
		if t.Suspect != "" {
			s.once("suspect", "a telegram is suspect ("+t.Suspect+"): such telegrams are not handed on")
		}
		return t.Suspect == ""
	}
	switch s.refused++; {
	case s.passed:
	case t.Status == record.Unchecked:
		s.once("unchecked", "the meter's telegrams have no CRC, so that nothing verifies them, and they are not handed on: "+
			"--only "+s.list()+",unchecked hands them on as they are")
	case s.refused == noneSoFar && t.CRC == record.CRCUnknown:
		s.once("none", "the meter's CRC is of an unknown kind, so that nothing verifies its telegrams, and none is handed on")
	case s.refused == noneSoFar:
		words := fmt.Sprintf("none of %d telegrams is %s, and none is handed on; the last is %s",
			noneSoFar, strings.ReplaceAll(s.list(), ",", " or "), t.Status)
		if t.Status == record.Bad {
			words += ": is p1fix in the pipe?"
		}
		s.once("none", words)
	}
	return false
}

// list is Only as the flag has it.
func (s *Stage) list() string {
	var names []string
	for _, o := range s.options.Only {
		names = append(names, string(o))
	}
	return strings.Join(names, ",")
}

func (s *Stage) once(finding, words string) {
	if !s.said[finding] {
		s.said[finding] = true
		s.options.Say(words)
	}
}

// body is a telegram taken apart at its end line.
//
//	/AUX5…␍␊1-0:1.8.0(…)␍␊!5B60␍␊
//	└───────── text ──────┘└┬─┘
//	                      digits
type body struct {
	text   []byte // from '/' to '!'
	digits []byte // as they are written: perhaps lower-case, or fewer than four
	kind   crc.Kind
}

// open takes a telegram apart, and reports whether it is what its status says:
// the CRC holds, or there is none.
func open(t *record.Telegram) (body, bool) {
	bang := bytes.LastIndexByte(t.Raw, '!')
	if bang < 0 || t.Raw[0] != '/' {
		return body{}, false
	}
	end := bytes.TrimRight(t.Raw[bang:], "\r\n")
	b := body{text: t.Raw[:bang+1], digits: end[1:]}
	if t.Status == record.Unchecked {
		return b, len(b.digits) == 0
	}
	var known bool
	b.kind, known = crc.Named(t.CRC)
	sent, err := strconv.ParseUint(telegram.SentCRC(end), 16, 16)
	return b, known && err == nil && b.kind.Sum(b.text) == uint16(sent)
}

// sealed is the telegram again. The line end after the CRC, which that does not
// cover and which may be damaged, is what the meter sends.
func (b body) sealed() []byte {
	return slices.Concat(b.text, b.digits, []byte("\r\n"))
}

// Writer returns a sink that writes the telegrams.
func Writer(w io.Writer) Sink { return writer{w} }

type writer struct{ io.Writer }

func (w writer) Send(telegram []byte) error {
	_, err := w.Write(telegram)
	return err
}

func (w writer) Close() error { return nil }
