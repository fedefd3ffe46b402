package homeassistant

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"p1/pkg/csv/tables"
	"p1/pkg/display"
	"p1/pkg/telegram"
)

// class is what Home Assistant is told of the sort of a value.
type class struct {
	DeviceClass string `json:"device_class,omitempty"`
	StateClass  string `json:"state_class,omitempty"`
	Unit        string `json:"unit_of_measurement,omitempty"`
}

// The state classes. What only grows is total_increasing: a register that begins
// anew, since the meter was replaced, is no negative energy then.
const (
	measurement     = "measurement"
	totalIncreasing = "total_increasing"
)

// classOf returns the classes of a column, as Home Assistant's own integration for
// P1 ports has them. A history or a threshold is no statistic, and an energy that
// is not a register can be none: its device class forbids measurement.
func classOf(c tables.Column) class {
	if !c.Number {
		if isMoment(c) {
			return class{DeviceClass: "timestamp"}
		}
		return class{}
	}
	k := class{DeviceClass: deviceClass(c), Unit: name(unit(c.Unit))}
	switch {
	case c.What == telegram.Register:
		k.StateClass = totalIncreasing
	case c.What == telegram.Instant && !isSum(c.Unit):
		k.StateClass = measurement
	}
	return k
}

// deviceClass returns the class that has the unit in every release; "" where the
// unit came later (kvar, kVA) or there is none for it.
func deviceClass(c tables.Column) string {
	switch c.Unit {
	case "kWh", "Wh", "MWh", "GJ", "MJ":
		return "energy"
	case "kW", "W":
		return "power"
	case "var":
		return "reactive_power"
	case "VA":
		return "apparent_power"
	case "V":
		return "voltage"
	case "A":
		return "current"
	case "Hz":
		return "frequency"
	case "s":
		return "duration"
	case "m3":
		switch c.Medium {
		case "gas", "water":
			return c.Medium
		case "hot_water":
			return "water"
		}
	case "":
		if c.Line && strings.HasPrefix(c.Name, "power_factor") {
			return "power_factor"
		}
	}
	return ""
}

// unit writes a unit as Home Assistant does.
func unit(u string) string {
	if u == "m3" {
		return "m³"
	}
	return u
}

// isSum reports whether a unit is that of something that adds up.
func isSum(unit string) bool {
	return slices.Contains([]string{"kWh", "Wh", "MWh", "kvarh", "varh", "kVAh", "VAh", "Vh", "Ah", "m3", "GJ", "MJ"}, unit)
}

// isMoment reports whether a column is known to be a time with an offset. Any other
// text would be complained of at each row.
func isMoment(c tables.Column) bool {
	_, err := time.Parse(time.RFC3339, c.Cell)
	return c.Time && err == nil
}

// maxText is how much text the state of a sensor can be.
const maxText = 255

// template returns what reads the column from a row. Numbers of a suspect row are
// not taken over, and a register that is not there, since its line is doubted, keeps its last
// value, as does the time at which a device was read.
func template(c tables.Column, suspect bool) string {
	value := "value_json." + c.Name
	trusted := ""
	if suspect && c.Line {
		trusted = "not value_json.suspect"
	}
	switch {
	case c.Number && classOf(c) == (class{}):
		return fmt.Sprintf("{{ %s if %s is not none else 'unknown' }}", value, value)
	case c.Number && c.Line && c.What == telegram.Register:
		return kept(value, value+" is not none", trusted)
	case c.Number && trusted != "":
		return kept(value, trusted)
	case c.Number:
		return fmt.Sprintf("{{ %s }}", value)
	case c.Line && isMoment(c):
		return fmt.Sprintf("{{ %s if %s is not none else this.state if has_value(entity_id) else none }}", value, value)
	case isMoment(c):
		return fmt.Sprintf("{{ %s }}", value)
	case c.Line && c.Time:
		return fmt.Sprintf("{{ (%s or (this.state if has_value(entity_id) else 'unknown'))[:%d] }}", value, maxText)
	}
	return fmt.Sprintf("{{ (%s | default('unknown', true))[:%d] }}", value, maxText)
}

// kept is a template of a number that stays as it was unless all conditions hold.
func kept(value string, conditions ...string) string {
	conditions = slices.DeleteFunc(conditions, func(c string) bool { return c == "" })
	return fmt.Sprintf("{{ %s if %s else '' }}", value, strings.Join(conditions, " and "))
}

// enabled tells a sensor that has something to show from one that only fills the
// screen, until somebody wants it: what this meter does not say. So does the time of
// each row: Home Assistant would keep it for ever, and has one of its own.
func enabled(c tables.Column) bool {
	if c.Name == "time" || c.Name == "host_time" {
		return false
	}
	return c.Cell != ""
}

// category is diagnostic for what is not about energy but about the telegram and
// the meter.
func category(c tables.Column) string {
	switch {
	case c.Number && c.Unit == "" && c.What != telegram.Instant,
		c.What == telegram.Identifier, c.What == telegram.KindClock, c.What == telegram.History,
		!c.Line && !c.Number,
		strings.HasSuffix(c.Name, "_time"):
		return "diagnostic"
	}
	return ""
}

// deviceOf describes the meter.
func deviceOf(node string, m tables.Meter) device {
	return device{
		Identifiers:  []string{node},
		Name:         name("P1 meter " + m.ID),
		Manufacturer: name(manufacturer(m.Header)),
		Model:        name(model(m)),
		SWVersion:    name(m.Version),
	}
}

// name is what the meter says as Home Assistant is to show it.
func name(text string) string {
	const most = 100
	return display.Short(text, most)
}

// manufacturer returns who the three letters of the header stand for (the list of
// the FLAG association), or the letters.
//
//	/ISK5\2M550T-1012
//	 └┬┘ maker
func manufacturer(header string) string {
	letters := strings.TrimPrefix(header, "/")
	if len(letters) < 3 {
		return ""
	}
	letters = strings.ToUpper(letters[:3])
	switch letters {
	case "ADN":
		return "Aidon"
	case "AUX":
		return "Sanxing"
	case "ELS":
		return "Elster"
	case "ESY":
		return "EasyMeter"
	case "ISK":
		return "Iskraemeco"
	case "KAM", "KMP":
		return "Kamstrup"
	case "KFM":
		return "Kaifa"
	case "LGZ":
		return "Landis+Gyr"
	case "SAG":
		return "Sagemcom"
	}
	return letters
}

// model returns what the header says after the letters, the baud rate and the
// mode (IEC 62056-21 §6.3.2), or, where that is a number of six digits or more,
// which names one meter and no model, the dialect that it speaks.
//
//	/ISK5\2M550T-1012      /AUX57769004902
//	      └───┬────┘           └───┬────┘
//	        model              its own number
func model(m tables.Meter) string {
	header := strings.TrimPrefix(m.Header, "/")
	if len(header) > 4 {
		name := header[4:]
		if len(name) > 2 && name[0] == '\\' {
			name = name[2:]
		}
		if name = strings.TrimSpace(name); name != "" && !longNumber(name) {
			return name
		}
	}
	if m.Dialect == "unknown" {
		return ""
	}
	return m.Dialect
}

// longNumber reports whether there is a number of six digits or more in a text.
func longNumber(text string) bool {
	run := 0
	for _, c := range []byte(text) {
		if run++; !telegram.IsDigit(c) {
			run = 0
		}
		if run == 6 {
			return true
		}
	}
	return false
}
