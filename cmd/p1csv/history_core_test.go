package main

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// core keeps statistics as Home Assistant's recorder does, and is asked through its WebSocket.
// By homeassistant/components of home-assistant/core:
//
//	websocket_api/auth.py           auth_required, auth, auth_ok, auth_invalid
//	websocket_api/decorators.py     require_admin: unauthorized
//	recorder/websocket_api.py       which keys a command has; start and end in ms; adjust and
//	                                import are put into the recorder's queue and answered at once
//	recorder/statistics.py          an hour that is there is replaced; adjustments are added to all
//	                                rows from a time on, those of five minutes, on which the next
//	                                are built, too; numbers are given in the unit that is asked for,
//	                                else in the one that is shown
//	sensor/recorder.py              total_increasing: what falls below nine tenths began at zero
type core struct {
	t       *testing.T
	old     bool // a release that knows no mean_type and no unit_class
	admin   bool // the token is an administrator's
	other   bool // it is another server
	dropped bool // what is asked for is never done
	cut     bool // the connection ends after the next adjustment, which is held up for two reads of its statistic
	held    int  // reads of that statistic until the queue is worked on
	heldOf  any

	mu       sync.Mutex
	entities map[string]string // by unique id
	kept     map[string]*statistic
	queue    []func()
	imports  int // how many were asked for
}

// statistic is what is kept of a sensor.
type statistic struct {
	unit  string
	class string
	hours map[int64]kept

	last kept // what the row of the last five minutes says
	at   int64
	seen bool
}

type kept struct{ state, sum float64 }

const goodToken = "good"

// feed is a state that comes at a time, in seconds.
func (s *statistic) feed(at int64, state float64) {
	switch before := s.last.state; {
	case !s.seen:
		s.seen = true
	case state < 0.9*before:
		s.last.sum += state
	default:
		s.last.sum += state - before
	}
	s.last.state, s.at = state, at
	s.hours[at-at%3600] = s.last
}

// serve returns the address of Home Assistant.
func (c *core) serve() string {
	s := httptest.NewServer(http.HandlerFunc(c.connect))
	c.t.Cleanup(s.Close)
	return s.URL
}

func (c *core) connect(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/api/websocket" || r.Header.Get("Upgrade") != "websocket" || r.Header.Get("Sec-WebSocket-Version") != "13" {
		http.NotFound(w, r)
		return
	}
	conn, rw, err := w.(http.Hijacker).Hijack()
	if err != nil {
		c.t.Error(err)
		return
	}
	defer conn.Close()
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		base64.StdEncoding.EncodeToString(sum[:]))
	if c.other {
		writeText(conn, "welcome")
		return
	}
	writeText(conn, map[string]any{"type": "auth_required", "ha_version": "2026.9.1"})
	for first := true; ; first = false {
		text, err := readText(rw.Reader)
		if err != nil {
			return
		}
		var m map[string]any
		if err := json.Unmarshal(text, &m); err != nil {
			c.t.Errorf("%v: %s", err, text)
			return
		}
		if first {
			if m["type"] != "auth" || m["access_token"] != goodToken {
				writeText(conn, map[string]any{"type": "auth_invalid", "message": "Invalid access token or password"})
				return
			}
			writeText(conn, map[string]any{"type": "auth_ok"})
			continue
		}
		result, code := c.answer(m)
		if c.ends(m) {
			return
		}
		if code != "" {
			writeText(conn, map[string]any{"id": m["id"], "type": "result", "success": false, "error": map[string]any{"code": code, "message": code}})
			continue
		}
		writeText(conn, map[string]any{"id": m["id"], "type": "result", "success": true, "result": result})
	}
}

// ends reports whether the connection is cut after a command.
func (c *core) ends(m map[string]any) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.cut || m["type"] != "recorder/adjust_sum_statistics" {
		return false
	}
	c.cut, c.held, c.heldOf = false, 3, m["statistic_id"]
	return true
}

// keys checks that a command has these keys, and no others but those after |.
func keys(m map[string]any, known string) string {
	need, may, _ := strings.Cut(known, "|")
	for _, k := range strings.Fields(need) {
		if _, ok := m[k]; !ok {
			return "invalid_format"
		}
	}
	for k := range m {
		if !slices.Contains(strings.Fields(need+" "+may+" id type"), k) {
			return "invalid_format"
		}
	}
	return ""
}

func (c *core) answer(m map[string]any) (result any, code string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch kind := m["type"].(string); kind {
	case "config/entity_registry/list":
		list := []any{}
		for unique, entity := range c.entities {
			list = append(list, map[string]any{"unique_id": unique, "entity_id": entity, "platform": "mqtt"})
		}
		return list, ""
	case "recorder/list_statistic_ids":
		return c.list(), keys(m, "| statistic_type")
	case "recorder/statistics_during_period":
		if code := keys(m, "start_time statistic_ids period | end_time units types"); code != "" {
			return nil, code
		}
		if m["statistic_ids"].([]any)[0] == c.heldOf {
			c.held--
		}
		if c.held <= 0 {
			c.work() // or later: the queue is not waited for
		}
		return c.during(m)
	case "recorder/adjust_sum_statistics", "recorder/import_statistics":
		if !c.admin {
			return nil, "unauthorized"
		}
		if kind == "recorder/import_statistics" {
			return nil, c.take(m)
		}
		return nil, c.adjust(m)
	}
	return nil, "unknown_command"
}

func (c *core) list() []any {
	list := []any{}
	for id, s := range c.kept {
		one := map[string]any{
			"statistic_id": id, "has_mean": false, "has_sum": true, "name": nil, "source": "recorder",
			"display_unit_of_measurement": "Wh", "statistics_unit_of_measurement": s.unit,
		}
		if !c.old {
			one["mean_type"], one["unit_class"] = 0, s.class
		}
		list = append(list, one)
	}
	return list
}

func (c *core) during(m map[string]any) (any, string) {
	from, err := time.Parse(time.RFC3339, m["start_time"].(string))
	if err != nil {
		return nil, "invalid_start_time"
	}
	all := map[string]any{}
	for _, id := range m["statistic_ids"].([]any) {
		s := c.kept[id.(string)]
		if s == nil {
			continue
		}
		factor := 1.0
		if units, _ := m["units"].(map[string]any); units[s.class] != s.unit && s.unit == "kWh" {
			factor = 1000 // as it is shown
		}
		rows := []any{}
		for _, at := range starts(s.hours) {
			if at >= from.Unix() {
				rows = append(rows, map[string]any{"start": at * 1000, "end": (at + 3600) * 1000, "state": s.hours[at].state * factor, "sum": s.hours[at].sum * factor})
			}
		}
		all[id.(string)] = rows
	}
	return all, ""
}

func starts(hours map[int64]kept) []int64 {
	var all []int64
	for at := range hours {
		all = append(all, at)
	}
	slices.Sort(all)
	return all
}

// work does what is in the queue.
func (c *core) work() {
	for _, do := range c.queue {
		do()
	}
	c.queue = nil
}

func (c *core) later(do func()) {
	if !c.dropped {
		c.queue = append(c.queue, do)
	}
}

func (c *core) take(m map[string]any) string {
	meta := m["metadata"].(map[string]any)
	known := "has_sum name source statistic_id unit_of_measurement"
	if known += " | mean_type unit_class has_mean"; c.old {
		known = "has_mean has_sum name source statistic_id unit_of_measurement"
	}
	s := c.kept[meta["statistic_id"].(string)]
	if code := keys(meta, known); code != "" || keys(m, "metadata stats") != "" {
		return "invalid_format"
	}
	if s == nil || meta["source"] != "recorder" || meta["has_sum"] != true {
		return "home_assistant_error"
	}
	if meta["unit_of_measurement"] != s.unit {
		c.t.Errorf("%v would be kept in %v from now on, and is in %s", meta["statistic_id"], meta["unit_of_measurement"], s.unit)
	}
	c.imports++
	for _, row := range m["stats"].([]any) {
		row := row.(map[string]any)
		at, err := time.Parse(time.RFC3339, row["start"].(string))
		if err != nil || at.Unix()%3600 != 0 || keys(row, "start state sum") != "" {
			return "home_assistant_error"
		}
		c.later(func() { s.hours[at.Unix()] = kept{row["state"].(float64), row["sum"].(float64)} })
	}
	return ""
}

func (c *core) adjust(m map[string]any) string {
	if code := keys(m, "statistic_id start_time adjustment adjustment_unit_of_measurement"); code != "" {
		return code
	}
	s := c.kept[m["statistic_id"].(string)]
	at, err := time.Parse(time.RFC3339, m["start_time"].(string))
	if s == nil || err != nil || m["adjustment_unit_of_measurement"] != s.unit {
		return "invalid_units"
	}
	by := m["adjustment"].(float64)
	c.later(func() {
		for start, h := range s.hours {
			if start >= at.Unix() {
				h.sum += by
				s.hours[start] = h
			}
		}
		if s.at >= at.Unix() {
			s.last.sum += by
		}
	})
	return ""
}

// readText reads a message of a client (RFC 6455 §5.2), whose frames are masked.
func readText(r *bufio.Reader) ([]byte, error) {
	for {
		var head [2]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return nil, err
		}
		size := uint64(head[1] & 0x7F)
		if size > 125 {
			b := make([]byte, map[uint64]int{126: 2, 127: 8}[size])
			if _, err := io.ReadFull(r, b); err != nil {
				return nil, err
			}
			size = binary.BigEndian.Uint64(append(make([]byte, 8-len(b)), b...))
		}
		if head[1]&0x80 == 0 {
			return nil, fmt.Errorf("a frame without a mask")
		}
		b := make([]byte, 4+size)
		if _, err := io.ReadFull(r, b); err != nil {
			return nil, err
		}
		for i := range b[4:] {
			b[4+i] ^= b[i%4]
		}
		if head[0]&0x0F == 1 {
			return b[4:], nil
		}
	}
}

// writeText sends a message, after a ping, in two frames.
func writeText(w io.Writer, m any) {
	text, _ := json.Marshal(m)
	half := len(text) / 2
	_, _ = w.Write([]byte{0x89, 0})
	for i, part := range [][]byte{text[:half], text[half:]} {
		first := []byte{0x01, 0x80}[i]
		switch n := len(part); {
		case n < 126:
			_, _ = w.Write([]byte{first, byte(n)})
		case n < 1<<16:
			_, _ = w.Write(binary.BigEndian.AppendUint16([]byte{first, 126}, uint16(n)))
		default:
			_, _ = w.Write(binary.BigEndian.AppendUint64([]byte{first, 127}, uint64(n)))
		}
		_, _ = w.Write(part)
	}
}
