package index

import "strings"

// Column is one that an index has, and that a question may be about. The list is fixed:
// no name of it comes from a meter.
type Column struct {
	Name     string
	Unit     string
	Register bool // it counts; else it is momentary
}

// Count is the unit of what is counted by ones.
const Count = "1"

// Columns are all of them.
func Columns() []Column {
	const registers = "import_kwh import_t1_kwh import_t2_kwh import_t3_kwh import_t4_kwh " +
		"export_kwh export_t1_kwh export_t2_kwh export_t3_kwh export_t4_kwh gas_m3 water_m3 hot_water_m3 heat_gj cooling_gj electricity_kwh " +
		"voltage_l1_sags voltage_l2_sags voltage_l3_sags voltage_l1_swells voltage_l2_swells voltage_l3_swells power_failures long_power_failures"
	const moments = "import_kw export_kw import_l1_kw import_l2_kw import_l3_kw export_l1_kw export_l2_kw export_l3_kw " +
		"voltage_l1_v voltage_l2_v voltage_l3_v current_l1_a current_l2_a current_l3_a"
	var list []Column
	for name := range strings.FieldsSeq(registers) {
		list = append(list, Column{name, unitOf(name), true})
	}
	for name := range strings.FieldsSeq(moments) {
		list = append(list, Column{name, unitOf(name), false})
	}
	return list
}

// unitOf is the unit that stands at the end of a name.
func unitOf(name string) string {
	units := map[string]string{"kwh": "kWh", "m3": "m3", "gj": "GJ", "kw": "kW", "v": "V", "a": "A"}
	if unit, ok := units[name[strings.LastIndexByte(name, '_')+1:]]; ok {
		return unit
	}
	return Count
}
