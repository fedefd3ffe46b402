package telegram

import "strings"

// Decimals is how many decimals a column has in which all numbers of a quantity have as many,
// so that it is the same for all meters: at least as many as the standards give it, with room
// for meters that give more where that costs little.
//
//	kWh F9(3,3)   kW F5(3,3)   V F4(1,1)   A F3(0,0)   m3 F8(2,3)   GJ F8(2,2)
//
// (P1 companion standard 5.0.2 §6.12; e-MUCS-P1 1.7.1 has A with two, Hungary Hz with two and
// power factors with three.) Heat that is sent in kWh has four more in GJ.
func Decimals(m Meaning) int {
	switch {
	case m.Unit == "GJ":
		return 7
	case m.Unit == "s", m.Unit == "" && m.Kind == Register && !strings.HasPrefix(m.Name, "mbus"):
		return 0 // counted
	}
	return 3
}
