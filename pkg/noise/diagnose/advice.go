package diagnose

// Unknown is the receiver of a user who has not said which one it is.
const Unknown = "unknown"

// Receivers are those that advice is known for.
//
//	transistor  one transistor inverts, with a collector resistor (hardware/README.md, a)
//	hc14        a 74HC14 or 74HCT14 inverts (b)
//	direct      an input that can invert, of an ESP32 (c)
//	ftdi        the same of an FTDI cable, set to invert RXD (c)
//	opto        an optocoupler of the receiver's own
func Receivers() []string { return []string{"transistor", "direct", "hc14", "opto", "ftdi", Unknown} }

// advice is a remedy for receivers and a signature. The figures are those of
// hardware/README.md.
type advice struct {
	signature Signature
	receivers []string // nil: any
	cause, do string
}

// advices are in order of likelihood.
var advices = []advice{
	{OnesLost, []string{"transistor"},
		"the collector resistor is too weak for the capacitance behind it",
		"Make the collector resistor 1.2 to 2.2 kΩ, and put the inverter next to the UART."},
	{OnesLost, []string{"transistor"},
		"the transistor is saturated and lets go late (1.5 to 1.8 µs)",
		"Put a resistor from base to emitter (4.7 kΩ, with 10 kΩ to the base), or use a 74HC14 in place of the transistor."},
	{OnesLost, []string{"opto"},
		"the optocoupler of the receiver lets go slowly, as a transistor does",
		"Make the resistor at its output 1 to 2.2 kΩ, or use a fast optocoupler with a logic output, or none: the port is isolated already."},
	{OnesLost, []string{"direct", "ftdi"},
		"the wire's pull-up is too strong for the weak optocoupler in the meter, which cannot pull the wire down in time",
		"Use a weaker pull-up: 1.8 to 3.3 kΩ at 5 V instead of 1 kΩ (at 3.3 V 1 to 1.5 kΩ)."},
	{OnesLost, []string{"hc14"},
		"the wire's pull-up is too strong for the weak optocoupler in the meter, which cannot pull the wire down in time",
		"Use a weaker pull-up: 1.5 to 2.2 kΩ at 5 V instead of 1 kΩ."},
	{OnesLost, []string{"hc14"},
		"the gate's output is loaded by a long cable to the UART",
		"Put the gate next to the UART; the long cable belongs between meter and gate."},

	{ZerosLost, nil,
		"the wire's pull-up is too weak for the capacitance of the cable",
		"Use a stronger pull-up at the data wire: 1.2 to 2.2 kΩ at 5 V, never below 1.1 kΩ (at 3.3 V 820 Ω to 1.5 kΩ); or a shorter cable."},
	{ZerosLost, []string{"transistor"},
		"the base resistor is too large, so that the transistor turns on late",
		"Make the base resistor smaller (4.7 to 10 kΩ)."},

	{Scatter, nil, "the edges are slow, so that noise on the wire or at the threshold moves them to and fro",
		"Use a stronger pull-up (1.2 to 2.2 kΩ at 5 V, never below 1.1 kΩ), data and data ground in one twisted pair, and a receiver that switches at a clear threshold (74HC14)."},
	{Scatter, nil, "the receiver is a UART made by software, which looks at uneven times", "Use a hardware UART."},
	{Clock, nil, "the UART's clock is off by several per cent, as of a microcontroller without a crystal",
		"Set exactly 115,200 baud (DSMR 2.2 and 3: 9,600); use an adapter with a crystal."},
	{Clock, nil, "the UART is made by software", "Use a hardware UART."},
	{Late, nil, "the UART is made by software and samples late", "Use a hardware UART."},
	{Late, nil, "the receiver's clock is off by several per cent", "Set exactly 115,200 baud; use an adapter with a crystal."},
	{Flip, nil, "interference: the data wire runs beside a mains or data cable, or has no ground beside it in its pair",
		"Put data and data ground into one twisted pair, and keep the cable away from mains cables and switching supplies."},
	{Flip, nil, "a bad contact or a supply that sags", "Plug the connectors in anew, and feed the receiver from the USB side."},
	{Deleted, nil, "the driver drops bytes whose stop bit it reads as 0, which a slow rising logic edge causes",
		"Look for a slow edge as if ones were lost; set the driver or the program to keep bytes with framing errors."},
	{Deleted, nil, "a software UART or a USB adapter that cannot keep up", "Use a hardware UART with a buffer, or another adapter."},
	{Inserted, nil, "spikes on the idle line look like start bits", "Put data and data ground into one twisted pair; see that the pull-up is connected."},
	{Garbled, nil, "interference, or a threshold at which the level is neither", "Measure the levels: below 1 V and above 70 % of the supply at the UART's input."},
	{Slip, nil, "start edges are late or are missed: the falling logic edge is slow, or the UART resynchronises late",
		"Treat it as a slow falling edge (a stronger pull-up, 1.2 to 2.2 kΩ; a shorter cable); in a microcontroller use the hardware UART."},
	{Overrun, nil, "the computer does not fetch the bytes in time", "Use p1cat, which reads all the time; give the port a larger buffer, avoid software UARTs, USB hubs and a loaded CPU."},
	{Burst, nil, "interference that comes and goes: switching loads, lightning, radio", "Look at the hours of the damage; use a shielded cable, ferrites, and a pair of its own for data and ground."},
	{Burst, nil, "a loose plug", "Plug the connectors in anew, and crimp the RJ12 anew."},
	{Cut, nil, "the program or a buffer cuts telegrams", "Use p1cat; enlarge the buffer (a Hungarian telegram has 2,400 bytes)."},
	{Cut, nil, "the data request is released while the meter sends", "Keep the data request at 5 V all the time."},
	{Polarity, nil, "the signal is inverted once too often, or not at all", "Put an inverter into the line or take one out; FTDI chips can be set to invert RXD, an ESP32 by software."},
	{Unreadable, nil, "wrong speed: 115,200 baud 8N1 for newer meters, 9,600 baud 7E1 for DSMR 2.2 and 3", "Let p1cat find the speed: name the device without ?baud."},
	{Unreadable, nil, "wrong wire, no common ground, or levels that do not reach the input's thresholds", "Check the wires pin by pin (hardware/README.md)."},
}

// remedies lists what helps against a signature, likeliest first.
func remedies(s Signature, receiver string) (list []Remedy) {
	for _, a := range advices {
		if a.signature != s {
			continue
		}
		if a.receivers == nil {
			list = append(list, Remedy{"any", a.cause, a.do})
			continue
		}
		for _, name := range a.receivers {
			if name == receiver || receiver == Unknown {
				list = append(list, Remedy{name, a.cause, a.do})
			}
		}
	}
	return list
}

// decides says which fact would decide between remedies, for a receiver that is not
// known.
func decides(s Signature, receiver string) []string {
	switch {
	case s == OnesLost && receiver == Unknown:
		return []string{
			"Find out what inverts the signal, and run this again with it: --receiver transistor, opto, direct (as an ESP32), ftdi or hc14. Behind a transistor or an optocoupler a resistor is too weak (it has too many ohms), while into an input that inverts by itself the pull-up is too strong (it has too few). What is right in one case is wrong in the other.",
		}
	case s == ZerosLost && receiver == Unknown:
		return []string{"Measure the pull-up and the length of the cable: 10 kΩ on 10 m are too slow, 2.2 kΩ are not."}
	case s == Deleted:
		return []string{"Log all bytes, with framing errors kept: if ones are lost in the bytes that appear, the rising logic edge is slow."}
	}
	return nil
}
