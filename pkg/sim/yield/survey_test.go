package yield

import (
	"bytes"
	"fmt"
	"strings"
)

// A Survey says what was done to each telegram of a log. It is for a meter whose
// telegrams are all of one length, as the Hungarian one's are.
type Survey struct {
	pattern
	changes [][]change // of each transmission
}

// TakeSurvey aligns the telegrams of a log one after the other. The text that
// never changes is that of the first half.
func TakeSurvey(log []byte) (Survey, error) {
	p, err := patternOf(log[:len(log)/2])
	if err != nil {
		return Survey{}, err
	}
	s := Survey{pattern: p}
	if bytes.HasPrefix(log, []byte("=~=~")) { // the logger's own line
		log = log[bytes.IndexByte(log, '\n')+1:]
	}
	for len(log) > len(p.text)/2 {
		changes, n := p.align(log)
		if len(changes) > band {
			return Survey{}, fmt.Errorf("yield: telegram %d of the log is no more than a likeness", len(s.changes)+1)
		}
		s.changes = append(s.changes, changes)
		log = log[n:]
	}
	return s, nil
}

// Part is the survey of some transmissions only, counted from 0.
func (s Survey) Part(from, to int) Survey {
	return Survey{s.pattern, s.changes[from:to]}
}

// Len is how many transmissions there are.
func (s Survey) Len() int { return len(s.changes) }

// Figures are what surveys can be compared by. Changes are those that can be
// seen: where 8 has become 0 nothing is.
type Figures struct {
	Telegrams int
	Untouched float64 // share of the telegrams
	Changes   float64 // a telegram, in text that never changes
	Variance  float64 // of that
	Digits    float64 // changes a telegram, in digits
	Vanished  float64 // share of all changes
	NoStart   float64 // share of the telegrams that have lost their '/'
	LineEnds  float64 // CRs and LFs that are lost, a telegram
	LastLine  float64 // share of the telegrams with a change in their last line
	Bangs     float64 // bytes that were read as '!', a telegram
}

// Figures counts.
func (s Survey) Figures() Figures {
	f := Figures{Telegrams: len(s.changes)}
	one := 1 / float64(max(f.Telegrams, 1))
	var counts []float64
	all, gone := 0, 0
	for _, changes := range s.changes {
		fixed, last := 0.0, false
		if len(changes) == 0 {
			f.Untouched += one
		}
		for _, c := range changes {
			all++
			last = last || c.at >= s.bang
			if s.free[c.at] {
				f.Digits += one
			} else {
				fixed++
			}
			if c.read == '!' {
				f.Bangs += one
			}
			if c.at == 0 && c.sent == '/' {
				f.NoStart += one
			}
			if c.read != nothing {
				continue
			}
			gone++
			if c.sent == '\r' || c.sent == '\n' {
				f.LineEnds += one
			}
		}
		counts = append(counts, fixed)
		if last {
			f.LastLine += one
		}
	}
	f.Changes, f.Variance = moments(counts)
	f.Vanished = float64(gone) / float64(max(all, 1))
	return f
}

func moments(x []float64) (mean, variance float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		variance += (v - mean) * (v - mean) / float64(len(x))
	}
	return mean, variance
}

// Compare is a table of surveys, one a line.
func Compare(names []string, figures []Figures) string {
	var s strings.Builder
	fmt.Fprintf(&s, "%-20s %9s %9s %8s %8s %7s %8s %7s %8s %9s %7s\n", "", "telegrams", "untouched",
		"changes", "variance", "digits", "vanished", "no '/'", "no CR LF", "last line", "'!'")
	for i, f := range figures {
		fmt.Fprintf(&s, "%-20s %9d %7.2f %% %8.3f %8.3f %7.3f %6.1f %% %5.1f %% %8.3f %7.2f %% %7.4f\n", names[i], f.Telegrams, f.Untouched*100,
			f.Changes, f.Variance, f.Digits, f.Vanished*100, f.NoStart*100, f.LineEnds, f.LastLine*100, f.Bangs)
	}
	return s.String()
}
