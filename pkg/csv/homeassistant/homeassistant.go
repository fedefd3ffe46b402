// Package homeassistant takes a meter and the columns of its rows and gives the
// messages by which Home Assistant makes a device with a sensor for each column
// (MQTT discovery).
//
// A message is a line: the topic, a blank, and what is to be published there,
// retained:
//
//	homeassistant/sensor/p1_7769004902/import_kwh/config {"unique_id":"p1_7769004902_import_kwh",…}
//	└────┬──────┘ └─┬──┘ └────┬──────┘ └───┬────┘
//	  prefix    component    node        object
//
// The sensors read rows of JSON at one topic, PREFIX/state, and are there while
// PREFIX/availability says online.
//
// # What Home Assistant does with a value that is not there
//
// A template gives text. Of a number, None (from null) makes the sensor unknown
// and an empty text leaves it as it was (its documentation of None and empty payloads, and
// _update_state in components/mqtt/sensor.py). Of a text, None would be shown as such and
// unknown makes it unknown; more than 255 characters are refused. An empty text is a text,
// and no time: to stay as it is the template has to say this.state.
//
// A register, or the time at which a device was read, stays as it was in a row that does not
// have it: p1fix doubts what the meter said there, and to be unknown for ten seconds would
// break an energy meter's statistics. What is measured now is unknown then.
package homeassistant

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"p1/pkg/csv/tables"
)

// DefaultTopic is the prefix of the topics where none is given.
const DefaultTopic = "p1"

// leastExpiry is how long a sensor lasts at least without a row; three rows may
// always be missing.
const leastExpiry = time.Minute

// mostExpiry bounds what a hole in a log can make of the period.
const mostExpiry = 15 * time.Minute

// message is the configuration of one sensor. The names of the keys are Home
// Assistant's.
type message struct {
	UniqueID        string `json:"unique_id"`
	DefaultEntityID string `json:"default_entity_id"`
	Name            string `json:"name"`

	StateTopic    string `json:"state_topic"`
	ValueTemplate string `json:"value_template"`
	class
	EnabledByDefault bool   `json:"enabled_by_default"`
	EntityCategory   string `json:"entity_category,omitempty"`

	ExpireAfter         int    `json:"expire_after"`
	AvailabilityTopic   string `json:"availability_topic"`
	PayloadAvailable    string `json:"payload_available"`
	PayloadNotAvailable string `json:"payload_not_available"`

	Device device `json:"device"`
	Origin origin `json:"origin"`
}

// device is the meter.
type device struct {
	Identifiers  []string `json:"identifiers"`
	Name         string   `json:"name"`
	Manufacturer string   `json:"manufacturer,omitempty"`
	Model        string   `json:"model,omitempty"`
	SWVersion    string   `json:"sw_version,omitempty"`
}

// origin says who made the message.
type origin struct {
	Name string `json:"name"`
}

// CheckTopic reports what cannot be the prefix of a topic: what MQTT forbids there,
// and what a shell that reads the lines would cut.
func CheckTopic(prefix string) error {
	switch {
	case prefix == "":
		return fmt.Errorf("--topic is empty: the rows are published at TOPIC/state")
	case !utf8.ValidString(prefix) || strings.ContainsAny(prefix, "+#") || strings.ContainsFunc(prefix, unicode.IsControl):
		return fmt.Errorf("--topic %q: a topic has no + and #, and is text", prefix)
	case strings.ContainsFunc(prefix, unicode.IsSpace):
		return fmt.Errorf("--topic %q: a topic that is published line by line has no blanks", prefix)
	case strings.HasPrefix(prefix, "$"), strings.HasPrefix(prefix, "/"), strings.HasSuffix(prefix, "/"):
		return fmt.Errorf("--topic %q: a topic begins with a letter, such as p1 or house/p1, and does not end in /", prefix)
	case len(prefix) > 200:
		return fmt.Errorf("--topic is longer than 200 bytes")
	}
	return nil
}

// Write writes the messages of a meter for its columns, in their order. The rows
// are those at prefix/state.
func Write(w io.Writer, prefix string, m tables.Meter, columns []tables.Column) error {
	node := "p1_" + nodeOf(m.ID)
	suspect := false
	for _, c := range columns {
		suspect = suspect || c.Name == "suspect"
	}
	for _, c := range columns {
		text, err := encode(&message{
			UniqueID:        node + "_" + plain(c.Name),
			DefaultEntityID: "sensor." + entity(node+"_"+c.Name),
			Name:            name(capital(c.Title)),

			StateTopic:       prefix + "/state",
			ValueTemplate:    template(c, suspect),
			class:            classOf(c),
			EnabledByDefault: enabled(c),
			EntityCategory:   category(c),

			ExpireAfter:         int(expiry(m.Period) / time.Second),
			AvailabilityTopic:   prefix + "/availability",
			PayloadAvailable:    "online",
			PayloadNotAvailable: "offline",

			Device: deviceOf(node, m),
			Origin: origin{"p1csv"},
		})
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "homeassistant/sensor/%s/%s/config %s\n", node, plain(c.Name), text); err != nil {
			return err
		}
	}
	return nil
}

// encode writes JSON on one line, < and > as they are.
func encode(m *message) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(m)
	return bytes.TrimSuffix(b.Bytes(), []byte{'\n'}), err
}

// expiry is how long a sensor lasts without a row.
func expiry(period time.Duration) time.Duration {
	return min(max(3*period, leastExpiry), mostExpiry).Round(time.Second)
}

// nodeOf is a meter's identifier as it stands in topics and unique ids. They are for
// ever, so a usual identifier stays as it is, and so does the \ that a header's begins
// with, as _. Of any other that cannot stand there as it is a hash follows: E.1 and E 1
// are two meters.
func nodeOf(id string) string {
	node := plain(id)
	if body := strings.TrimPrefix(id, `\`); body == plain(body) {
		return node
	}
	hash := fnv.New32a()
	hash.Write([]byte(id)) // never fails
	return fmt.Sprintf("%s_%08x", node, hash.Sum32())
}

// plain writes an identifier in the characters that Home Assistant allows in a
// topic of discovery.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '_'
	}, text)
}

// entity writes a name in the characters of an entity's id.
func entity(name string) string {
	return strings.ReplaceAll(strings.ToLower(plain(name)), "-", "_")
}

// capital writes the first letter of a title large.
func capital(title string) string {
	r, n := utf8.DecodeRuneInString(title)
	return string(unicode.ToUpper(r)) + title[n:]
}
