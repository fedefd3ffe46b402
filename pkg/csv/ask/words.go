package ask

import (
	"encoding/json"
	"regexp"
	"slices"
	"sync"
	"time"

	"p1/pkg/telegram"
)

// The lists of words that may stand in an answer where something is named by a record. What
// is not in them may have been written by anybody.

// powerFailure is the event of the meter's log of them.
const powerFailure = "power_failure"

// eventWords are the events, and what they are.
func eventWords() map[string]string {
	return map[string]string{
		"gap":             "telegrams are missing",
		"duplicate":       "telegrams that were there before",
		"clock_jump":      "the meter's clock jumped, or is not the host's",
		"tariff":          "the tariff changed",
		"meter_replaced":  "another meter",
		"device_replaced": "another device on the M-Bus, such as a gas meter",
		"register_fell":   "a register that never falls did",
		powerFailure:      "the meter had no power, as its own log of long failures says",
	}
}

// noteWords are the notes of events.
func noteWords() []string {
	return []string{"back", "reset", "earlier telegrams", "set", "forward", "behind the host", "ahead of the host",
		"start", "unplugged", "overrun", "reconnect"}
}

// causeWords are what damages telegrams.
func causeWords() map[string]string {
	return map[string]string{
		"ones-lost":  "rising edges come too late: ones are lost, often a pull-up resistor that is too large",
		"zeros-lost": "falling edges come too late: zeros are lost",
		"scatter":    "edges come at uneven times",
		"clock":      "the receiver's clock is off",
		"late":       "bits are read one bit time early or late",
		"flip":       "single bits are inverted",
		"deleted":    "single bytes vanish",
		"inserted":   "bytes appear that nobody sent",
		"garbled":    "single bytes become others, without a pattern",
		"slip":       "the receiver missed a start edge",
		"overrun":    "runs of bytes are missing: nobody fetched them in time",
		"burst":      "bursts of disturbance",
		"cut":        "telegrams begin late or end early",
		"polarity":   "the line is inverted",
		"unreadable": "nothing can be read",
	}
}

// statusWords are what may become of a telegram.
func statusWords() []string {
	return []string{"ok", "bad", "unchecked", "repaired", "salvaged", "lost"}
}

// crcWords are the kinds of checks.
func crcWords() []string { return []string{"ARC", "X25", "none", "unknown"} }

// listed is a word of a list, or that it is none.
func listed(word string, list []string) string {
	if slices.Contains(list, word) {
		return word
	}
	return "other"
}

var (
	codeForm = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^[0-9]{1,3}-[0-9]{1,3}:[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}(\*[0-9]{1,3})?$`)
	})
	monthForm    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9]{4}-[0-9]{2}$`) })
	registerForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(reactive_)?(import|export)(_t[1-4])?$`) })
)

// codeWord is an OBIS code, which is made of numbers alone, or that it is none.
func codeWord(code string) string {
	if codeForm().MatchString(code) {
		return code
	}
	return "other"
}

// plain is what an event says was before or after: a time or a number, or, of all else,
// a pseudonym.
func (c *scope) plain(text string) any {
	if text == "" {
		return nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return c.time(at)
	}
	if at, err := time.Parse("2006-01-02T15:04:05", text); err == nil {
		return at.Format("2006-01-02T15:04:05")
	}
	if d, ok := telegram.ParseDecimal(text); ok {
		return number(d)
	}
	return c.asker.pseudonym("text", text)
}

// digits are a number that was read as one.
func digits(n json.Number) (telegram.Decimal, bool) { return telegram.ParseDecimal(n.String()) }
