package health

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Metrics writes the counts in the text format of Prometheus, version 0.0.4:
//
//	# HELP p1_telegrams_total Telegrams by status.
//	# TYPE p1_telegrams_total counter
//	p1_telegrams_total{source="ttyUSB0",status="ok"} 8640
func (h *Health) Metrics() []byte {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	m := &metrics{sources: h.sources}
	now := h.now()
	m.each("p1_telegrams_total", "counter", "Telegrams by status.", func(c *counts, put put) {
		for _, s := range statuses() {
			put(integer(c.telegrams[s]), "status", s)
		}
	})
	m.each("p1_suspect_total", "counter", "Telegrams whose CRC holds and whose content contradicts what is known of the meter.",
		func(c *counts, put put) { put(integer(c.suspect)) })
	m.each("p1_edits_total", "counter", "Edits by which telegrams were repaired: of what the line did, and of what the logger did.",
		func(c *counts, put put) {
			put(integer(c.byLine), "by", "line")
			put(integer(c.byLogger), "by", "logger")
		})
	m.each("p1_noise_bytes_total", "counter", "Bytes that belong to no telegram.",
		func(c *counts, put put) { put(integer(c.noiseBytes)) })
	m.each("p1_gaps_total", "counter", "Places where bytes may be missing, by the reason.", func(c *counts, put put) {
		for _, w := range whys() {
			put(integer(c.gaps[w]), "why", w)
		}
	})
	m.times(now)
	m.each("p1_telegram_rate", "gauge", "Telegrams a minute over the last 5 minutes, or since the start.",
		func(c *counts, put put) { put(decimal(c.rate.perMinute(now, h.began), 2)) })
	m.confidences()
	m.head("p1_start_time_seconds", "gauge", "When the counters were 0, in seconds since 1970.")
	m.line("p1_start_time_seconds", seconds(h.began))
	return m.Bytes()
}

// times says when the last telegrams came, of sources that have had one.
func (m *metrics) times(now time.Time) {
	of := func(name, which string, last func(*counts) time.Time) {
		m.each("p1_last_"+name+"_timestamp_seconds", "gauge", "When the last "+which+" came to this host, in seconds since 1970.",
			func(c *counts, put put) {
				if at := last(c); !at.IsZero() {
					put(seconds(at))
				}
			})
		m.each("p1_last_"+name+"_age_seconds", "gauge", "How old the last "+which+" was when this was written.",
			func(c *counts, put put) {
				if at := last(c); !at.IsZero() {
					put(decimal(age(at, now).Seconds(), 3))
				}
			})
	}
	of("telegram", "telegram of any status", func(c *counts) time.Time { return c.last })
	of("valid_telegram", "telegram that is ok, repaired or unchecked", func(c *counts) time.Time { return c.lastValid })
}

func (m *metrics) confidences() {
	const name = "p1_confidence"
	if len(m.sources) > 0 {
		m.head(name, "histogram", "Confidence of repaired telegrams.")
	}
	for _, c := range m.sources {
		sum := int64(0)
		for i, most := range buckets() {
			sum += c.confidence.below[i]
			m.line(name+"_bucket", integer(sum), "source", c.source, "le", strconv.FormatFloat(most, 'g', -1, 64))
		}
		m.line(name+"_bucket", integer(c.confidence.count), "source", c.source, "le", "+Inf")
		m.line(name+"_sum", strconv.FormatFloat(c.confidence.sum, 'g', -1, 64), "source", c.source)
		m.line(name+"_count", integer(c.confidence.count), "source", c.source)
	}
}

// metrics is the text being written.
type metrics struct {
	bytes.Buffer
	sources []*counts
}

// put writes a sample with some labels, name and value in turn, beside the source.
type put func(value string, labels ...string)

// each writes a metric with what the samples of each source are. One without
// samples is left out.
func (m *metrics) each(name, kind, help string, samples func(*counts, put)) {
	begun := false
	for _, c := range m.sources {
		samples(c, func(value string, labels ...string) {
			if !begun {
				begun = true
				m.head(name, kind, help)
			}
			m.line(name, value, append([]string{"source", c.source}, labels...)...)
		})
	}
}

func (m *metrics) head(name, kind, help string) {
	fmt.Fprintf(m, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

func (m *metrics) line(name, value string, labels ...string) {
	m.WriteString(name)
	for i := 0; i < len(labels); i += 2 {
		m.WriteByte("{,"[min(i, 1)])
		fmt.Fprintf(m, `%s="%s"`, labels[i], escaped(labels[i+1]))
	}
	if len(labels) > 0 {
		m.WriteByte('}')
	}
	m.WriteString(" " + value + "\n")
}

// escaped is a label's value as it stands between quotes; control characters, line
// ends among them, have been taken out before.
func escaped(value string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(value)
}

func integer(n int64) string { return strconv.FormatInt(n, 10) }

func decimal(x float64, places int) string { return strconv.FormatFloat(x, 'f', places, 64) }

// seconds is a time as Prometheus counts it.
func seconds(t time.Time) string {
	return decimal(float64(t.UnixMilli())/1000, 3)
}
