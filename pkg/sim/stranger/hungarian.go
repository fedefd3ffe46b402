package stranger

import (
	"fmt"
	"strings"
)

// A hungarian is how a maker writes what the Hungarian operators asked for.
type hungarian struct {
	kWh, total, kvarh format // total: of what is not by tariff
	volt, amp         format
	capacitive        string
	wrap              int // values on a line of the month's end; 0: all
}

// How most write their numbers.
var (
	huKWh    = format{6, 3, "*kWh"}
	huKvarh  = format{6, 3, "*kvarh"}
	huKW     = format{2, 3, "*kW"}
	huKvar   = format{2, 3, "*kvar"}
	huFactor = format{1, 3, ""}
	huHertz  = format{2, 2, "*Hz"}
)

// drawHungarian draws a meter of the list of E.ON Hungária: four tariffs, quadrants, the
// month's end, and a message that may be 1,024 bytes of filler.
//
//	0-0:42.0.0(XXX1047712345678)   logical device name, now and then as hex digits
//	0-0:96.14.0(0001)              tariff, now and then (TARIFF 1)
//	0-0:96.50.68(ON)               breaker, or 0-0:96.3.10(ON), (1)
//	0-0:17.0.0(90.000*kW)          limiter, now and then in W
//	1-0:1.8.0 = 1.8.1 + … + 1.8.4, 2.8.0 the same
//	1-0:3.8.0 = 5.8.0 + 6.8.0, 4.8.0 = 7.8.0 + 8.8.0, 15.8.0
//	0-0:98.1.0(time)(…)            month's end: thirteen registers, six demands
func drawHungarian(s *sheet) {
	s.hungarianLines(hungarian{huKWh, huKWh, huKvarh, nlVolt, nlAmp, "1-0:4.8.0", 0})
	message := "()"
	if s.IntN(3) == 0 {
		message = "(" + strings.Repeat("\xFF", 1024) + ")"
	}
	s.fixed("0-0:96.13.0", message)
}

// drawHolley draws one with eight digits before the point, a blank behind some units,
// 4.8.1 for 4.8.0, and the month's end on several lines, as owners have shown it.
func drawHolley(s *sheet) {
	wide, kvarh := format{8, 3, "*kWh"}, format{8, 3, "*kvarh"}
	style := hungarian{wide, wide, kvarh, format{6, 2, "*V"}, format{6, 2, "*A"}, "1-0:4.8.1", 5}
	if s.IntN(2) == 0 {
		style.volt, style.amp = nlVolt, nlAmp
	}
	if s.IntN(2) == 0 {
		style.total = format{8, 3, "*kWh "}
	}
	s.hungarianLines(style)
	s.fixed("0-0:96.13.0", "()")
}

func (s *sheet) hungarianLines(style hungarian) {
	s.settle(4)
	s.hungarianHead()
	s.hungarianRegisters("1-0:1.8", style, s.imported)
	s.hungarianRegisters("1-0:2.8", style, s.exported)
	s.number("1-0:3.8.0", style.kvarh, func() int64 { return total(s.reactive1()) })
	s.number(style.capacitive, style.kvarh, func() int64 { return total(s.reactive2()) })
	for q := range 4 {
		s.number(fmt.Sprintf("1-0:%d.8.0", 5+q), style.kvarh, func() int64 { return total(s.quad[q]) })
	}
	ahead := int64(s.IntN(60))
	s.number("1-0:15.8.0", style.total, func() int64 { return total(s.in) + total(s.out) + ahead })
	s.byQuantity(s.hungarianVolts(style.volt), s.amps(style.amp))
	s.number("1-0:13.7.0", huFactor, func() int64 { return factor(s.net(), s.inductive()+s.capacitive()) })
	s.byQuantity(perPhase{13, huFactor, func(p int) int64 { return factor(s.watts[p], s.vars[p]) }})
	s.number("1-0:14.7.0", huHertz, func() int64 { return 5000 + s.now%7 - 3 })
	s.power("1-0:1.7.0", huKW, s.drawnPower)
	s.power("1-0:2.7.0", huKW, s.fedPower)
	for q := range 4 {
		s.power(fmt.Sprintf("1-0:%d.7.0", 5+q), huKvar, func() int { return s.quadrants()[q] })
	}
	s.monthEnd(style)
}

// hungarianVolts is volts, by some makers with a 0 behind their tenths.
func (s *sheet) hungarianVolts(f format) perPhase {
	q := s.volts(f)
	if f.decimals == 2 {
		q.n = func(p int) int64 { return int64(s.tenths[p]) * 10 }
	}
	return q
}

// hungarianHead adds the lines before the registers.
func (s *sheet) hungarianHead() {
	number := s.text(8, digits)
	name, id := s.text(3, capital)+"104"+s.text(2, digits)+number, s.text(2, digits)+number
	if s.IntN(4) == 0 {
		name, id = hexText(name), hexText(id)
	}
	s.clock()
	s.fixed("0-0:42.0.0", "("+name+")")
	s.fixed("0-0:96.1.0", "("+id+")")
	if s.IntN(5) == 0 {
		s.add("0-0:96.14.0", func() string { return fmt.Sprintf("(TARIFF %d)", s.tariff+1) })
	} else {
		s.tariffLine()
	}
	s.fixed([]string{"0-0:96.50.68", "0-0:96.50.68", "0-0:96.3.10"}[s.IntN(3)], []string{"(ON)", "(ON)", "(1)"}[s.IntN(3)])
	if limit := int64(1+s.IntN(90)) * 1000; s.IntN(5) == 0 {
		s.fixed("0-0:17.0.0", format{5, 0, "*W"}.of(limit))
	} else {
		s.fixed("0-0:17.0.0", huKW.of(limit))
	}
}

// hungarianRegisters adds a register in all and by tariff.
func (s *sheet) hungarianRegisters(code string, style hungarian, of func() [4]int64) {
	s.number(code+".0", style.total, func() int64 { return total(of()) })
	s.byTariff(code, style.kWh, of)
}

// factor is the power factor in thousandths: 1 where nothing flows.
func factor(watts, vars int) int64 {
	watts, vars = max(watts, -watts), max(vars, -vars)
	if watts == 0 {
		return 1000
	}
	return int64(watts) * 1000 / int64(max(apparent(watts, vars), 1))
}

// monthEnd adds registers and demands as they were when the month ended: a part of what
// the registers stand at.
func (s *sheet) monthEnd(style hungarian) {
	part := func(c [4]int64) [4]int64 {
		for t := range c {
			c[t] = wh(c[t]) / 1000 * int64(940+s.IntN(60)) * hour
		}
		return c
	}
	in, out := part(s.in), part(s.out)
	q := [4][4]int64{part(s.quad[0]), part(s.quad[1]), part(s.quad[2]), part(s.quad[3])}
	values := []string{s.stamp(s.monthBegin(s.now))}
	for _, n := range []int64{total(in), wh(in[0]), wh(in[1]), total(out), wh(out[0]), wh(out[1])} {
		values = append(values, style.kWh.of(n))
	}
	for _, n := range []int64{total(both(q[0], q[1])), total(both(q[2], q[3])), total(q[0]), total(q[1]), total(q[2]), total(q[3])} {
		values = append(values, style.kvarh.of(n))
	}
	values = append(values, style.kWh.of(total(in)+total(out)))
	for range 2 {
		a, b := int64(s.IntN(9000)), int64(s.IntN(9000))
		values = append(values, huKW.of(max(a, b)), huKW.of(a), huKW.of(b))
	}
	code := "0-0:98.1.0"
	for len(values) > 0 {
		n := len(values)
		if style.wrap > 0 {
			n = min(n, style.wrap)
		}
		s.fixed(code, strings.Join(values[:n], ""))
		code, values = "", values[n:]
	}
}
