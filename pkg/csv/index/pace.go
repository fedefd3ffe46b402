package index

import (
	"bytes"
	"time"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// pace is how fast a meter's telegrams follow each other.
type pace struct {
	meter string
	last  int64           // the clock of the last one
	often map[int64]int64 // how often so many seconds lay between two of them
}

// What is remembered of paces at most.
const (
	maxPaces     = 64
	maxIntervals = 1000
)

// clockCode is how the line with the meter's clock begins, and clockForm how the time in it
// is written.
const (
	clockCode = "\n0-0:1.0.0("
	clockForm = "060102150405"
)

// pace takes a telegram that can be used. Only differences of its clock count, so that
// neither zone nor season does.
func (m *maker) pace(t *record.Telegram) {
	if !t.Status.Valid() || t.Suspect != "" {
		return
	}
	_, text, ok := bytes.Cut(t.Raw, []byte(clockCode))
	if !ok || len(text) < len(clockForm) {
		return
	}
	clock, err := time.Parse(clockForm, string(text[:len(clockForm)]))
	if err != nil {
		return
	}
	header, _, _ := bytes.Cut(t.Raw, []byte("\r\n"))
	p := m.paces[string(header)]
	if p == nil {
		if len(m.paces) == maxPaces {
			return
		}
		p = &pace{meter: telegram.Parse(t.Raw).Meter(), often: map[int64]int64{}}
		m.paces[string(header)] = p
	} else if d := clock.Unix() - p.last; d > 0 && (p.often[d] > 0 || len(p.often) < maxIntervals) {
		p.often[d]++
	}
	p.last = clock.Unix()
}

// period is how many seconds lie between most telegrams of a meter and the next one.
func (m *maker) period(meter string) (period int64) {
	most := int64(0)
	for _, p := range m.paces {
		if p.meter != meter {
			continue
		}
		for d, n := range p.often {
			if n > most || n == most && d < period {
				most, period = n, d
			}
		}
	}
	return period
}
