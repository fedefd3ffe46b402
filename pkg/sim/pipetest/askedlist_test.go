package pipetest

import (
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"
)

// The codes of the registers that are asked about.
const (
	inT1, inT2   = "1-0:1.8.1", "1-0:1.8.2"
	outT1, outT2 = "1-0:2.8.1", "1-0:2.8.2"
	inAll        = "1-0:1.8.0"
	gasCode      = "0-1:24.2.1"
)

// whole are the rows of an answer for whole spans.
func rowOf(h *askedHouse, from, column string) string {
	return "rows/from=" + h.local(h.when(from)) + "/" + column
}

// aboutHome is a house in the Netherlands with an hourly gas meter, from February to Easter.
func aboutHome(h *askedHouse) []question {
	march := "from=2026-03-01 to=2026-04-01"
	bought := func(from, to time.Time) *big.Rat { return h.between(from, to, inT1, inT2) }
	fed := func(from, to time.Time) *big.Rat { return h.between(from, to, outT1, outT2) }
	most := h.ranked("2026-03-01", "2026-04-01", nextDay, bought)
	sunny := h.ranked("2026-03-01", "2026-04-01", nextDay, fed)
	cold := h.ranked("2026-02-01", "2026-04-05", nextDay, func(from, to time.Time) *big.Rat {
		return new(big.Rat).Sub(h.device(gasCode, to), h.device(gasCode, from))
	})
	quarters := h.ranked("2026-03-01", "2026-04-01", nextQuarter, h.demand(inT1, inT2))
	list := []question{
		of("Which meters do you know, and since when?", ask("meters", ""),
			is("rows/#", 1), is("rows/0/data_from", h.first()), is("rows/0/data_to", h.last()), is("rows/0/telegrams", len(h.sent)), is("rows/0/missing", 0)),
		of("Do you know my gas too, and in what unit?", ask("meters", ""), is("units/gas_m3", "m3")),
		of("How much electricity did I buy in March?", ask("energy", march+" every=total"),
			is("total/import_kwh", h.gained("2026-03-01", "2026-04-01", inT1, inT2)), is("units/import_kwh", "kWh")),
		of("This month against last: how much in March, how much in February?",
			then(ask("energy", march+" every=total"), "energy", "from=2026-02-01 to=2026-03-01 every=total"),
			is("total/import_kwh", h.gained("2026-03-01", "2026-04-01", inT1, inT2)), second("total/import_kwh", h.gained("2026-02-01", "2026-03-01", inT1, inT2))),
		of("How much of March was at the low tariff?", ask("energy", march+" every=total"), is("total/import_t1_kwh", h.gained("2026-03-01", "2026-04-01", inT1))),
		of("And how much at the normal tariff?", ask("energy", march+" every=total"), is("total/import_t2_kwh", h.gained("2026-03-01", "2026-04-01", inT2))),
		of("How much sun did I give to the grid in March?", ask("energy", march+" every=total"), is("total/export_kwh", h.gained("2026-03-01", "2026-04-01", outT1, outT2))),
		of("What did I use in the week from the 9th of March?", ask("energy", march+" every=1w"),
			is(rowOf(h, "2026-03-09", "import_kwh"), h.gained("2026-03-09", "2026-03-16", inT1, inT2)), is("rows/0/to", h.local(h.when("2026-03-02"))), is("rows/#", 6)),
		of("What did I use yesterday? (It is the 5th of April.)", ask("energy", "from=2026-04-04 to=2026-04-05"), is("total/import_kwh", h.gained("2026-04-04", "2026-04-05", inT1, inT2))),
		of("And today so far?", ask("energy", "from=2026-04-05"), is("total/import_kwh", h.gained("2026-04-05", "2026-04-06", inT1, inT2))),
		of("What did I use on each of the last days?", ask("energy", "from=2026-03-30 to=2026-04-05 every=1d"),
			is("rows/0/import_kwh", h.gained("2026-03-30", "2026-03-31", inT1, inT2)), is("rows/3/import_kwh", h.gained("2026-04-02", "2026-04-03", inT1, inT2)), is("rows/#", 6)),
		of("On which three days of March did I buy most?", ask("energy", march+" every=1d by=import_kwh highest=3"),
			is("rows/#", 3), is("rows/0/from", h.local(most[0].from)), is("rows/0/import_kwh", most[0].value), is("rows/1/from", h.local(most[1].from)), is("rows/2/import_kwh", most[2].value),
			is("total/import_kwh", h.gained("2026-03-01", "2026-04-01", inT1, inT2))),
		of("On which day of March was the sun best?", ask("energy", march+" every=1d by=export_kwh highest=1"), is("rows/0/from", h.local(sunny[0].from)), is("rows/0/export_kwh", sunny[0].value)),
		of("And on which worst?", ask("energy", march+" every=1d by=export_kwh lowest=1"), is("rows/#", 1), is("rows/0/export_kwh", sunny[len(sunny)-1].value)),
		of("Hour by hour on the day on which the clocks went forward?", ask("energy", "from=2026-03-29 to=2026-03-30 every=1h"),
			is("rows/#", 23), is("rows/1/to", "2026-03-29T03:00:00+02:00"), is("rows/2/import_kwh", h.gained("2026-03-29T03:00", "2026-03-29T04:00", inT1, inT2)), is("total/import_kwh", h.gained("2026-03-29", "2026-03-30", inT1, inT2))),
		of("How much gas did I burn in March?", ask("energy", march+" every=total"), is("total/gas_m3", h.measured("2026-03-01", "2026-04-01", gasCode))),
		of("How much gas between six and nine in the morning of the 3rd of March?", ask("energy", "from=2026-03-03T06:00 to=2026-03-03T09:00 every=1h"),
			is("rows/0/gas_m3", h.measured("2026-03-03T06:00", "2026-03-03T07:00", gasCode)), is("rows/2/gas_m3", h.measured("2026-03-03T08:00", "2026-03-03T09:00", gasCode)), is("total/gas_m3", h.measured("2026-03-03T06:00", "2026-03-03T09:00", gasCode))),
		of("On which day did I burn most gas?", ask("energy", "from=2026-02-01 to=2026-04-05 every=1d by=gas_m3 highest=1"), is("rows/0/gas_m3", cold[0].value)),
		of("Gas month by month?", ask("energy", "every=1mo"), is("rows/#", 3), is("rows/0/gas_m3", h.measured("2026-02-01", "2026-03-01", gasCode)), is("rows/1/gas_m3", h.measured("2026-03-01", "2026-04-01", gasCode))),
		of("All of it by quarters of an hour?", ask("energy", "every=15m"), is("coarsened", holds("200 rows")), is("total/import_t1_kwh", h.gained("2026-02-01", "2026-04-06", inT1)), is("total/export_t2_kwh", h.gained("2026-02-01", "2026-04-06", outT2))),
		of("How much in the night of the 10th of March, from midnight to six?", ask("energy", "from=2026-03-10T00:00 to=2026-03-10T06:00 every=total"), is("total/import_kwh", h.gained("2026-03-10", "2026-03-10T06:00", inT1, inT2))),
		of("The 10th of March in four parts?", ask("energy", "from=2026-03-10 to=2026-03-11 every=6h"), is("rows/#", 4), is("rows/3/import_t2_kwh", h.gained("2026-03-10T18:00", "2026-03-11", inT2))),
		of("What did the meter show on the 1st of April at midnight, when I moved?", ask("explain", "at=2026-04-01T00:00"),
			is("rows/0/values/import_t1_kwh", h.reads(inT1, "2026-04-01")), is("rows/0/values/import_t2_kwh", h.reads(inT2, "2026-04-01")), is("rows/0/values/export_t1_kwh", h.reads(outT1, "2026-04-01")),
			is("rows/0/values/gas_m3", h.reads(gasCode, "2026-04-01")), is("rows/0/status", "ok"), is("rows/0/time", h.local(h.when("2026-04-01")))),
		of("When did I draw most in March, and how much?", ask("peaks", march+" highest=1"), is("rows/kind=quarter/from", h.local(quarters[0].from)), is("rows/kind=quarter/peak_kw", quarters[0].value)),
		of("The three highest quarters of an hour of March?", ask("peaks", march+" highest=3"), is("rows/1/peak_kw", quarters[1].value), is("rows/2/peak_kw", quarters[2].value)),
		of("What was the greatest power that the meter ever showed in March?", ask("peaks", march), is("rows/kind=momentary/peak_kw", h.most("2026-03-01", "2026-04-01", "1-0:1.7.0"))),
		of("What did the house draw on average on the 15th of March?", ask("power", "from=2026-03-15 to=2026-03-16 every=1d"), is("rows/0/import_kw_mean", h.mean("2026-03-15", "2026-03-16", "1-0:1.7.0"))),
		of("How much did the panels give at most at one moment in March?", ask("power", march+" every=total"), is("total/export_kw_max", h.most("2026-03-01", "2026-04-01", "1-0:2.7.0"))),
		of("What is the least that the house draws, in the night of the 17th of March?", ask("power", "from=2026-03-17T01:00 to=2026-03-17T05:00 every=total"), is("total/import_kw_min", h.least("2026-03-17T01:00", "2026-03-17T05:00", "1-0:1.7.0"))),
		of("Was phase 1 ever loaded beyond its fuse of 16 A in March?", ask("power", march+" every=total"), is("total/current_l1_a_max", h.most("2026-03-01", "2026-04-01", "1-0:31.7.0"))),
		of("When does the tariff change on a Monday?", ask("events", "from=2026-03-02 to=2026-03-03"),
			is("rows/#", 2), is("rows/0/event", "tariff"), is("rows/0/time", h.local(h.when("2026-03-02T07:00"))), is("rows/1/time", h.local(h.when("2026-03-02T23:00")))),
		of("And at the weekend?", ask("events", "from=2026-03-07 to=2026-03-09"), is("rows/#", 0)),
		of("Is anything missing in what you know of March?", ask("coverage", march+" every=total"), is("total/missing", 0), is("total/gaps", 0), is("total/known_percent", 100), is("total/telegrams", len(h.within("2026-03-01", "2026-04-01")))),
		of("Has anything been repaired?", ask("coverage", "every=total"), is("total/repaired", 0), is("total/with_doubted_lines", 0), is("total/salvaged_left_out", 0)),
		of("What did I use last December?", ask("energy", "from=2025-12-01 to=2026-01-01 every=total"), is("total/import_t1_kwh", unknown("outside of the data")), is("total/import_kwh", unknown("outside of the data")), is("total/gas_m3", unknown("outside of the data")), is("coverage/telegrams", 0), is("coverage/why_missing", holds("outside"))),
		of("What shall I use next year?", ask("energy", "from=2027-01-01 to=2028-01-01 every=1mo"), is("total/import_t2_kwh", unknown("outside of the data"))),
		of("What did I use in all of 2026 so far?", ask("energy", "from=2026 to=2027 every=total"), is("total/import_kwh", h.gained("2026-02-01", "2026-04-06", inT1, inT2))),
		of("And in 2026-02?", ask("energy", "from=2026-02 to=2026-03 every=total"), is("total/import_kwh", h.gained("2026-02-01", "2026-03-01", inT1, inT2))),
		of("From April to March? (the wrong way round)", ask("energy", "from=2026-04-01 to=2026-03-01"), is("", refused("from is not before to"))),
		of("What does my heat pump use?", ask("energy", march+" every=1d by=heat_pump_kwh highest=1"), is("", refused("by is one of"))),
		of("What does the meter 4711 say?", ask("energy", "meter=4711"), is("", refused("no meter of that name"))),
		of("What did I use by fortnights?", ask("energy", "every=2w"), is("", refused("every is one of"))),
		of("What did I use since yesterday?", ask("energy", "from=yesterday"), is("", refused("from is no time"))),
		of("What did March cost? (without prices)", ask("energy", march+" every=total"), is("notes", holds("no prices")), is("total/cost_eur", nowhere{})),
		of("How much water did I use?", ask("energy", march+" every=total"), is("total/water_m3", nowhere{}), is("units/water_m3", nowhere{})),
		of("From six to seven in UTC on the 10th of March?", ask("energy", "from=2026-03-10T06:00:00Z to=2026-03-10T07:00:00Z every=total"), is("from", "2026-03-10T07:00:00+01:00"), is("total/import_kwh", h.gained("2026-03-10T07:00", "2026-03-10T08:00", inT1, inT2))),
		of("In what zone are these times?", ask("energy", march+" every=1mo"), is("zone", holds("central European")), is("rows/0/from", "2026-03-01T00:00:00+01:00"), is("rows/0/to", "2026-04-01T00:00:00+02:00")),
		of("Is my cable fine?", ask("noise", "from=2026-04-04 to=2026-04-05"), is("total/clean", true), is("total/hits_of_the_line", 0)),
		of("Did the power fail this spring?", ask("voltage", "every=total"), is("total/power_failures", 0)),
	}
	return list
}

// aboutTariffs is the same house with a price for each tariff.
func aboutTariffs(h *askedHouse) []question {
	low, normal, back := big.NewRat(2515, 10000), big.NewRat(2762, 10000), big.NewRat(5, 100)
	cost := func(from, to time.Time) *big.Rat {
		a, b := h.between(from, to, inT1), h.between(from, to, inT2)
		return a.Add(a.Mul(a, low), b.Mul(b, normal))
	}
	span := func(from, to string) *big.Rat { return cost(h.when(from), h.when(to)) }
	days := h.ranked("2026-03-01", "2026-04-01", nextDay, cost)
	earned := h.gained("2026-03-01", "2026-04-01", outT1, outT2)
	march := "from=2026-03-01 to=2026-04-01"
	return []question{
		of("What did March cost me?", ask("energy", march+" every=total"), is("total/cost_eur", span("2026-03-01", "2026-04-01")), is("units/cost_eur", "EUR")),
		of("Which three days of March cost most?", ask("energy", march+" every=1d by=cost_eur highest=3"),
			is("rows/#", 3), is("rows/0/from", h.local(days[0].from)), is("rows/0/cost_eur", days[0].value), is("rows/1/from", h.local(days[1].from)), is("rows/1/cost_eur", days[1].value), is("rows/2/from", h.local(days[2].from)), is("rows/2/cost_eur", days[2].value)),
		of("And which was the cheapest?", ask("energy", march+" every=1d by=cost_eur lowest=1"), is("rows/0/from", h.local(days[len(days)-1].from)), is("rows/0/cost_eur", days[len(days)-1].value)),
		of("What did I earn with my panels in March?", ask("energy", march+" every=total"), is("total/earnings_eur", earned.Mul(earned, back))),
		of("This month's cost against last month's?", ask("energy", "from=2026-02-01 to=2026-04-01 every=1mo"), is("rows/0/cost_eur", span("2026-02-01", "2026-03-01")), is("rows/1/cost_eur", span("2026-03-01", "2026-04-01"))),
		of("What did the short day cost, on which the clocks went forward?", ask("energy", "from=2026-03-29 to=2026-03-30 every=total"), is("total/cost_eur", span("2026-03-29", "2026-03-30"))),
		of("What did the evening of the 20th of March cost, from six to eleven?", ask("energy", "from=2026-03-20T18:00 to=2026-03-20T23:00 every=total"), is("total/cost_eur", span("2026-03-20T18:00", "2026-03-20T23:00"))),
		of("What did the gas cost?", ask("energy", march+" every=total"), is("notes", holds("gas")), is("notes", holds("no price"))),
	}
}

// aboutHours is the same house with prices that change every hour.
func aboutHours(h *askedHouse, p priced) []question {
	factor, more := big.NewRat(121, 100), big.NewRat(1, 10)
	cost := func(from, to time.Time) *big.Rat { return h.cost(p, factor, more, from, to, inT1, inT2) }
	earn := func(from, to string) *big.Rat {
		return h.cost(p, big.NewRat(1, 1), big.NewRat(-2, 100), h.when(from), h.when(to), outT1, outT2)
	}
	span := func(from, to string) *big.Rat { return cost(h.when(from), h.when(to)) }
	days := h.ranked("2026-03-01", "2026-04-01", nextDay, cost)
	february := h.ranked("2026-02-01", "2026-03-01", nextDay, cost)
	hours := h.ranked("2026-03-10", "2026-03-11", nextHour, cost)
	march := "from=2026-03-01 to=2026-04-01"
	return []question{
		of("What did March cost with hourly prices?", ask("energy", march+" every=total"), is("total/cost_eur", span("2026-03-01", "2026-04-01"))),
		of("Which three days of March cost most?", ask("energy", march+" every=1d by=cost_eur highest=3"),
			is("rows/0/from", h.local(days[0].from)), is("rows/0/cost_eur", days[0].value), is("rows/1/from", h.local(days[1].from)), is("rows/1/cost_eur", days[1].value), is("rows/2/from", h.local(days[2].from)), is("rows/2/cost_eur", days[2].value)),
		of("Which hour of the 10th of March cost most?", ask("energy", "from=2026-03-10 to=2026-03-11 every=1h by=cost_eur highest=1"), is("rows/0/from", h.local(hours[0].from)), is("rows/0/cost_eur", hours[0].value)),
		of("What did February cost?", ask("energy", "from=2026-02-01 to=2026-03-01 every=total"), is("total/cost_eur", unknown("no price")), is("total/import_kwh", h.gained("2026-02-01", "2026-03-01", inT1, inT2))),
		of("Which day of February cost most?", ask("energy", "from=2026-02-01 to=2026-03-01 every=1d by=cost_eur highest=1"), is("rows/0/from", h.local(february[0].from)), is("rows/0/cost_eur", february[0].value), is("notes", holds("left out"))),
		of("What did the hour cost that has no price, the 11th of February at noon?", ask("energy", "from=2026-02-11 to=2026-02-12 every=1h"), is("rows/12/cost_eur", unknown("no price")), is("rows/13/cost_eur", span("2026-02-11T13:00", "2026-02-11T14:00"))),
		of("What did the day of the new clock cost?", ask("energy", "from=2026-03-29 to=2026-03-30 every=1d"), is("rows/0/cost_eur", span("2026-03-29", "2026-03-30"))),
		of("What did I earn in March, at market prices less two cents?", ask("energy", march+" every=total"), is("total/earnings_eur", earn("2026-03-01", "2026-04-01"))),
		of("What did I earn on the 22nd of March, hour by hour?", ask("energy", "from=2026-03-22 to=2026-03-23 every=1h"), is("rows/12/earnings_eur", earn("2026-03-22T12:00", "2026-03-22T13:00")), is("rows/13/earnings_eur", earn("2026-03-22T13:00", "2026-03-22T14:00"))),
		of("Would the night have been cheaper? What did midnight to six of the 12th cost?", ask("energy", "from=2026-03-12T00:00 to=2026-03-12T06:00 every=total"), is("total/cost_eur", span("2026-03-12", "2026-03-12T06:00"))),
	}
}

// aboutFlanders is a house in Flanders with an electric car, in the month of the long day,
// with hourly prices and one for the month's highest quarter of an hour.
func aboutFlanders(h *askedHouse, p priced) []question {
	const peak = "1-0:1.6.0"
	october, november := h.next(h.when("2026-10-31T23:45")).text, h.sent[len(h.sent)-1].text
	cost := func(from, to time.Time) *big.Rat {
		return h.cost(p, big.NewRat(106, 100), big.NewRat(1534, 10000), from, to, inT1, inT2)
	}
	days := h.ranked("2026-10-12", "2026-11-01", nextDay, cost)
	capacity, _ := new(big.Rat).SetString(new(big.Rat).Mul(big.NewRat(5365, 1200), valueSent(october, peak)).FloatString(6))
	charge := h.gained("2026-10-20T01:30", "2026-10-20T05:00", inT1, inT2)
	month := "rows/kind=month_by_meter,month=2026-10,register=import/"
	history := monthsBefore(october)
	return []question{
		of("What was my highest quarter of an hour in October, the one that I pay for?", ask("peaks", "from=2026-10-10 to=2026-11-01"), is(month+"peak_kw", valueSent(october, peak)), is(month+"time", stampTime(h, sentStamp(october, peak)))),
		of("And what does it cost for that month?", ask("peaks", "from=2026-10-10 to=2026-11-01"), is(month+"capacity_cost_eur", capacity), is("units/capacity_cost_eur", "EUR")),
		of("Is October's peak final?", ask("peaks", "from=2026-10-10 to=2026-11-05"), is(month+"final", true)),
		of("And what is November's so far?", ask("peaks", "from=2026-11-01 to=2026-12-01"), is("rows/kind=month_by_meter,month=2026-11/peak_kw", valueSent(november, peak)), is("rows/kind=month_by_meter,month=2026-11/final", false)),
		of("What were the peaks of the year before?", ask("peaks", "from=2025-10-01 to=2026-11-05"), is("rows/kind=month_by_meter,month=2026-03/peak_kw", history["2026-03"]), is("rows/kind=month_by_meter,month=2025-12/peak_kw", history["2025-12"])),
		of("How many hours had the day of the new clock, and what did each of the two hours from two to three take?", ask("energy", "from=2026-10-25 to=2026-10-26 every=1h"), is("rows/#", 25),
			is("rows/from=2026-10-25T02:00:00+02:00/import_kwh", h.gained("2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00", inT1, inT2)), is("rows/from=2026-10-25T02:00:00+01:00/import_kwh", h.gained("2026-10-25T02:00:00+01:00", "2026-10-25T03:00:00+01:00", inT1, inT2))),
		of("What did that long day cost?", ask("energy", "from=2026-10-25 to=2026-10-26 every=total"), is("total/cost_eur", cost(h.when("2026-10-25"), h.when("2026-10-26")))),
		of("Which three days of October cost most?", ask("energy", "from=2026-10-12 to=2026-11-01 every=1d by=cost_eur highest=3"), is("rows/0/from", h.local(days[0].from)), is("rows/0/cost_eur", days[0].value), is("rows/1/cost_eur", days[1].value), is("rows/2/from", h.local(days[2].from)), is("rows/2/cost_eur", days[2].value)),
		of("How much did the house take in the night in which the car was charged, half past one to five?", ask("energy", "from=2026-10-20T01:30 to=2026-10-20T05:00 every=total"), is("total/import_kwh", charge)),
		of("How much by day and how much by night, in the week from the 12th?", ask("energy", "from=2026-10-12 to=2026-10-19 every=total"), is("total/import_t1_kwh", h.gained("2026-10-12", "2026-10-19", inT1)), is("total/import_t2_kwh", h.gained("2026-10-12", "2026-10-19", inT2))),
		of("How much gas that week?", ask("energy", "from=2026-10-12 to=2026-10-19 every=total"), is("total/gas_m3", h.measured("2026-10-12", "2026-10-19", "0-1:24.2.3"))),
		of("What was the greatest power at any moment?", ask("peaks", "from=2026-10-10 to=2026-11-01 highest=1"), is("rows/kind=momentary/peak_kw", h.most("2026-10-10", "2026-11-01", "1-0:1.7.0"))),
		of("What did phase 2 draw at most on the 21st?", ask("power", "from=2026-10-21 to=2026-10-22 every=total"), is("total/import_l2_kw_max", h.most("2026-10-21", "2026-10-22", "1-0:41.7.0"))),
		of("Between which voltages was phase 3 in October?", ask("voltage", "from=2026-10-12 to=2026-11-01 every=total"), is("total/voltage_l3_v_min", h.least("2026-10-12", "2026-11-01", "1-0:72.7.0")), is("total/voltage_l3_v_max", h.most("2026-10-12", "2026-11-01", "1-0:72.7.0"))),
	}
}

// monthsBefore are the peaks of 0-0:98.1.0, by the month that ended.
func monthsBefore(text []byte) map[string]*big.Rat {
	_, line, _ := strings.Cut(string(text), "\n0-0:98.1.0(13)(1-0:1.6.0)(1-0:1.6.0)")
	line, _, _ = strings.Cut(line, "\r\n")
	groups := strings.Split(strings.Trim(line, "()"), ")(")
	peaks := map[string]*big.Rat{}
	for i := 0; i+2 < len(groups); i += 3 {
		end, err := time.Parse("060102", groups[i][:6])
		if err != nil {
			panic(err)
		}
		value, ok := new(big.Rat).SetString(strings.TrimSuffix(groups[i+2], "*kW"))
		if !ok {
			panic(groups[i+2])
		}
		peaks[end.AddDate(0, 0, -1).Format("2006-01")] = value
	}
	return peaks
}

// stampTime is a time such as 261020031500S as answers write it.
func stampTime(h *askedHouse, stamp string) string {
	zone := time.FixedZone("", 3600)
	if strings.HasSuffix(stamp, "S") {
		zone = time.FixedZone("", 7200)
	}
	at, err := time.ParseInLocation("060102150405", stamp[:12], zone)
	if err != nil {
		panic(err)
	}
	return h.local(at)
}

// aboutNoise is a Hungarian meter on a line whose edges rise too slowly.
func aboutNoise(h *askedHouse) []question {
	var hit sentThen
	for _, s := range h.within("2026-03-01T01:00", "2026-03-01T02:00") {
		if s.hit {
			hit = s
			break
		}
	}
	at := "at=" + h.local(hit.at)
	return []question{
		of("What is wrong with my line?", ask("noise", ""), is("rows/0/cause", "ones-lost"), is("rows/0/meaning", holds("pull-up")), is("total/clean", false)),
		of("How many telegrams came, and how many whole?", ask("noise", ""), is("total/telegrams", len(h.sent)), is("total/intact", len(h.sent)-h.damaged())),
		of("How many were damaged, and what became of those?", ask("noise", ""), is("total/repaired", sumOf{[]string{"total/not_usable_as_a_whole"}, h.damaged()})),
		of("How many do you know only since they were repaired?", ask("coverage", "every=total"), is("total/repaired", sumOf{[]string{"total/missing"}, h.damaged()}), is("total/telegrams", sumOf{[]string{"total/missing"}, len(h.sent)})),
		of("What did the telegram say that came in damaged at that time?", ask("explain", at), is("rows/0/status", "repaired"), is("rows/0/time", h.local(hit.at)),
			is("rows/0/values/import_kwh", valueSent(hit.text, inAll)), is("rows/0/values/voltage_l1_v", valueSent(hit.text, "1-0:32.7.0")), is("rows/0/values/import_kw", valueSent(hit.text, "1-0:1.7.0"))),
		of("How sure is that?", ask("explain", at), is("rows/0/confidence", holds("0.99")), is("rows/0/edits/0/line", holds(""))),
		of("How much did I buy between one and two, in spite of the noise?", ask("energy", "from=2026-03-01T01:00 to=2026-03-01T02:00 every=total"), is("total/import_kwh", h.gained("2026-03-01T01:00", "2026-03-01T02:00", inAll)), is("total/import_t2_kwh", h.gained("2026-03-01T01:00", "2026-03-01T02:00", inT2))),
		of("What was the highest voltage on phase 2 then?", ask("voltage", "from=2026-03-01T01:00 to=2026-03-01T02:00 every=total"), is("total/voltage_l2_v_max", h.most("2026-03-01T01:00", "2026-03-01T02:00", "1-0:52.7.0"))),
		of("Were there gaps?", ask("coverage", "every=total"), is("total/gaps", 0)),
		of("What was the highest demand of last month, as the Hungarian meter states it?", ask("peaks", "from=2026-01-01 to=2026-03-02"), is("rows/kind=month_by_meter,month=2026-02,register=import/peak_kw", hungarianPeak(hit.text))),
	}
}

// hungarianPeak is the highest demand in 0-0:98.1.0, the fourteenth number.
func hungarianPeak(text []byte) *big.Rat {
	_, line, _ := strings.Cut(string(text), "\n0-0:98.1.0(")
	line, _, _ = strings.Cut(line, "\r\n0-0:")
	groups := strings.Split(strings.NewReplacer("\r", "", "\n", "").Replace(line), ")(")
	r, ok := new(big.Rat).SetString(strings.TrimSuffix(strings.TrimSuffix(groups[14], ")"), "*kW"))
	if !ok {
		panic(groups[14])
	}
	return r
}

// aboutSweden is a Swedish meter, totals only, on a line that flips bits.
func aboutSweden(h *askedHouse) []question {
	return []question{
		of("How much did I buy in the first hour?", ask("energy", "from=2026-03-01T00:00 to=2026-03-01T01:00 every=total"), is("total/import_kwh", h.gained("2026-03-01", "2026-03-01T01:00", inAll)), is("total/import_t1_kwh", nowhere{})),
		of("What disturbs the line?", ask("noise", ""), is("rows/0/cause", "flip"), is("total/intact", len(h.sent)-h.damaged())),
		of("How many telegrams are repaired, and how many not known?", ask("coverage", "every=total"), is("total/repaired", sumOf{[]string{"total/missing"}, h.damaged()})),
		of("What did phase 2 draw at most?", ask("power", "every=total"), is("total/import_l2_kw_max", h.most("2026-03-01", "2026-03-02", "1-0:41.7.0"))),
		of("What is my gas?", ask("energy", "every=total"), is("total/gas_m3", nowhere{})),
		of("When is the low tariff? (There is none.)", ask("events", ""), is("rows/event=tariff/time", nowhere{})),
		of("And the average voltage of phase 1 in the second hour?", ask("voltage", "from=2026-03-01T01:00 to=2026-03-01T02:00 every=1h"), is("rows/0/voltage_l1_v_min", h.least("2026-03-01T01:00", "2026-03-01T02:00", "1-0:32.7.0"))),
	}
}

// aboutEvents is a house in which the logger was off for four hours, and the power failed for
// twenty minutes.
func aboutEvents(h *askedHouse) []question {
	dips := func(from, to, code string) *big.Rat { return h.gained(from, to, code) }
	gapFrom, gapTo := h.around("2026-05-12T03:30")
	outFrom, outTo := h.around("2026-05-13T10:05")
	whole := int(h.sent[len(h.sent)-1].at.Sub(h.sent[0].at)/time.Minute) + 1
	return []question{
		of("Is there a gap in my data, when, and how long?", ask("coverage", "every=total"), is("total/gaps", 2), is("total/longest_gap_s", int(gapTo.Sub(gapFrom)/time.Second)), is("total/longest_gaps/0/from", h.local(gapFrom)), is("total/longest_gaps/0/to", h.local(gapTo))),
		of("And the second longest?", ask("coverage", "every=1d"), is("total/longest_gaps/1/from", h.local(outFrom)), is("total/longest_gaps/1/length_s", int(outTo.Sub(outFrom)/time.Second))),
		of("How many telegrams are missing in all?", ask("coverage", "every=total"), is("total/telegrams", len(h.sent)), is("total/missing", whole-len(h.sent))),
		of("Which day is known worst?", ask("coverage", "every=1d by=missing highest=1"), is("rows/0/from", h.local(h.when("2026-05-12")))),
		of("What did I use in the hour that is in the gap, from five to six?", ask("energy", "from=2026-05-12 to=2026-05-13 every=1h"), is("rows/5/import_kwh", unknown("no reading")), is("rows/5/import_t1_kwh", unknown("no reading")), is("rows/7/late/import_t1_kwh", holds("since"))),
		of("And on the whole of that day?", ask("energy", "from=2026-05-12 to=2026-05-13 every=total"), is("total/import_kwh", h.gained("2026-05-12", "2026-05-13", inT1, inT2)), is("total/export_kwh", h.gained("2026-05-12", "2026-05-13", outT1, outT2))),
		of("When did the power fail, and for how long?", ask("events", "from=2026-05-11 to=2026-05-14"), is("rows/event=power_failure/time", h.local(h.when("2026-05-13T10:20"))), is("rows/event=power_failure/duration_s", 1200)),
		of("How often did the power fail on the 13th?", ask("voltage", "from=2026-05-13 to=2026-05-14 every=total"), is("total/power_failures", 1), is("total/long_power_failures", 1)),
		of("How many voltage dips were there on each phase?", ask("voltage", "every=total"), is("total/voltage_l1_sags", dips("2026-05-11", "2026-05-15", "1-0:32.32.0")), is("total/voltage_l2_sags", dips("2026-05-11", "2026-05-15", "1-0:52.32.0")), is("total/voltage_l3_sags", dips("2026-05-11", "2026-05-15", "1-0:72.32.0"))),
		of("And swells?", ask("voltage", "every=total"), is("total/voltage_l1_swells", dips("2026-05-11", "2026-05-15", "1-0:32.36.0")), is("total/voltage_l3_swells", dips("2026-05-11", "2026-05-15", "1-0:72.36.0"))),
		of("When was the meter not heard for hours, as an event?", ask("events", "from=2026-05-12 to=2026-05-13"), is("rows/event=gap/before", h.local(gapFrom)), is("rows/event=gap/after", h.local(gapTo)), is("rows/event=gap/telegrams", int(gapTo.Sub(gapFrom)/time.Minute)-1)),
		of("Which power failures does the meter remember from before?", ask("events", "from=2020-01-01 to=2026-05-11"), is("rows/event=power_failure/duration_s", holds(""))),
	}
}

// around are the telegrams before and after a time.
func (h *askedHouse) around(at string) (before, after time.Time) {
	next := h.next(h.when(at))
	for _, s := range h.sent {
		if s.at.Before(next.at) {
			before = s.at
		}
	}
	return before, next.at
}

// aboutReplaced is a house whose electricity meter is replaced on the second day.
func aboutReplaced(h *askedHouse, old, young string) []question {
	at := "2026-03-02T12:00"
	before, _ := h.around(at)
	end := h.local(before)
	return []question{
		of("Which meters are there? There should be an old one and a new one.", ask("meters", ""), is("rows/#", 2)),
		of("What did I use? (without saying of which)", ask("energy", ""), is("", refused("2 meters"))),
		of("What did the old meter count to its end?", ask("energy", "meter="+old+" every=total"), is("total/import_kwh", h.gained("2026-03-01", end, inT1, inT2)), is("coverage/data_to", end)),
		of("What has the new one counted?", ask("energy", "meter="+young+" every=total"), is("total/import_kwh", h.gained(at, "2026-03-05", inT1, inT2)), is("coverage/data_from", h.local(h.when(at)))),
		of("When was the meter replaced?", ask("events", "meter="+young), is("rows/event=meter_replaced/time", h.local(h.when(at))), is("rows/event=meter_replaced/before", old), is("rows/event=meter_replaced/after", young)),
	}
}

// aboutNewGas is a house whose gas meter is replaced.
func aboutNewGas(h *askedHouse) []question {
	at := "2026-03-02T12:00"
	replaced := h.when(at)
	old := valueSent(h.next(replaced.Add(-time.Minute*5)).text, gasCode)
	gas := new(big.Rat).Sub(old, h.device(gasCode, h.when("2026-03-01")))
	young := new(big.Rat).Sub(h.device(gasCode, h.when("2026-03-03")), h.device(gasCode, replaced))
	return []question{
		of("How much gas did I use in the two days, over the change of the gas meter?", ask("energy", "from=2026-03-01 to=2026-03-03 every=total"), is("total/gas_m3", gas.Add(gas, young))),
		of("When was the gas meter replaced?", ask("events", "from=2026-03-01 to=2026-03-04"), is("rows/event=device_replaced/time", h.local(replaced))),
		of("How much gas in the hours after that?", ask("energy", "from=2026-03-02T13:00 to=2026-03-02T18:00 every=total"), is("total/gas_m3", h.measured("2026-03-02T13:00", "2026-03-02T18:00", gasCode))),
	}
}

// aboutDevices is a house with meters of gas, water and heat, and of a heat pump.
func aboutDevices(h *askedHouse, codes map[string]string) []question {
	day := "from=2026-03-02 to=2026-03-03"
	exact := func(name string) *big.Rat { return h.byDevice(codes[name], "2026-03-02", "2026-03-03") }
	return []question{
		of("How much water did we use on Monday?", ask("energy", day+" every=total"), is("total/water_m3", exact("water")), is("units/water_m3", "m3")),
		of("How much heat?", ask("energy", day+" every=total"), is("total/heat_gj", exact("heat")), is("units/heat_gj", "GJ")),
		of("How much did the boiler take, which has a meter of its own?", ask("energy", day+" every=total"), is("total/electricity_kwh", exact("slave")), is("units/electricity_kwh", "kWh")),
		of("And gas?", ask("energy", day+" every=total"), is("total/gas_m3", exact("gas"))),
	}
}

// byDevice is what a device gained, of its readings those that are stamped last in a span and
// last before it.
func (h *askedHouse) byDevice(code, from, to string) *big.Rat {
	last := func(until time.Time) *big.Rat {
		var value *big.Rat
		for _, s := range h.sent {
			at, err := time.ParseInLocation("060102150405", sentStamp(s.text, code)[:12], time.FixedZone("", 3600))
			if err != nil {
				panic(err)
			}
			if !at.After(until) {
				value = valueSent(s.text, code)
			}
		}
		return value
	}
	return new(big.Rat).Sub(last(h.when(to)), last(h.when(from)))
}

// aboutGasHours is a house whose gas meter is read at full hours, and whose telegrams come 20
// seconds after full minutes, so that each reading shows after its hour.
func aboutGasHours(h *askedHouse) []question {
	hour := func(from, to time.Time) *big.Rat {
		return new(big.Rat).Sub(h.device(gasCode, to), h.device(gasCode, from))
	}
	most := h.ranked("2026-01-10T01:00", "2026-01-11T23:00", nextHour, hour)
	return []question{
		of("How much gas was burnt from six to seven, and from seven to eight?", ask("energy", "from=2026-01-11 to=2026-01-12 every=1h"), is("rows/6/gas_m3", h.measured("2026-01-11T06:00", "2026-01-11T07:00", gasCode)), is("rows/7/gas_m3", h.measured("2026-01-11T07:00", "2026-01-11T08:00", gasCode)), is("rows/6/late", nowhere{})),
		of("In which hour did the heating burn most?", ask("energy", "from=2026-01-10T01:00 to=2026-01-11T23:00 every=1h by=gas_m3 highest=1"), is("rows/0/from", h.local(most[0].from)), is("rows/0/gas_m3", most[0].value)),
		of("How much gas on the first day?", ask("energy", "from=2026-01-10 to=2026-01-11 every=1d"), is("rows/0/gas_m3", h.measured("2026-01-10", "2026-01-11", gasCode))),
		of("How much in the quarter from a quarter past six?", ask("energy", "from=2026-01-11T06:00 to=2026-01-11T07:00 every=15m"), is("rows/1/gas_m3", unknown("no reading")), is("rows/3/gas_m3", h.measured("2026-01-11T06:00", "2026-01-11T07:00", gasCode)), is("rows/3/late/gas_m3", holds("06:00"))),
	}
}

// aboutTwo is an archive of two houses.
func aboutTwo(first, second *askedHouse, one, two string) []question {
	return []question{
		of("What did I use on the 1st of March? (of two meters)", ask("energy", "from=2026-03-01 to=2026-03-02"), is("", refused(one)), is("", refused(two))),
		of("And what the first house?", ask("energy", "meter="+one+" from=2026-03-01 to=2026-03-02 every=total"), is("total/import_kwh", first.gained("2026-03-01", "2026-03-02", inT1, inT2))),
		of("And the second?", ask("energy", "meter="+two+" from=2026-03-01 to=2026-03-02 every=total"), is("total/import_kwh", second.gained("2026-03-01", "2026-03-02", inT1, inT2))),
		of("What did the second one show at noon?", ask("explain", "meter="+two+" at=2026-03-01T12:00"), is("rows/0/values/import_t1_kwh", second.reads(inT1, "2026-03-01T12:00"))),
		of("How many telegrams of each?", ask("meters", ""), is("rows/meter="+one+"/telegrams", len(first.sent)), is("rows/meter="+two+"/telegrams", len(second.sent))),
	}
}

// aboutNonsense is a meter that now and then sends values that are not true.
func aboutNonsense(h *askedHouse, wrong []time.Time) []question {
	at := "at=" + h.local(wrong[0])
	return []question{
		of("How much gas did I use, although the meter showed 0 now and then?", ask("energy", "every=total"), is("total/gas_m3", h.byDevice(gasCode, h.first(), h.last()))),
		of("How many telegrams have values that you do not believe?", ask("coverage", "every=total"), is("total/with_doubted_lines", len(wrong)), is("total/doubted_percent", shareOf(len(wrong), len(h.sent)))),
		of("Which value of the first such telegram?", ask("explain", at), is("rows/0/doubted_lines", holds(gasCode)), is("rows/0/values/gas_m3", nowhere{}), is("rows/0/values/import_t1_kwh", h.reads(inT1, h.local(wrong[0])))),
		of("Are they lost?", ask("coverage", "every=total"), is("total/telegrams", len(h.sent)), is("total/lost", 0), is("total/suspect_left_out", 0)),
	}
}

// shareOf is a share in percent with two decimals, never rounded up.
func shareOf(n, of int) *big.Rat {
	return big.NewRat(int64(n*10000/of), 100)
}

// aboutCuts is a line on which many telegrams lack their end or their beginning. Of two such
// that meet, nobody can tell that there were two.
func aboutCuts(h *askedHouse) []question {
	good := len(h.sent) - h.damaged()
	return []question{
		of("What happens on my line?", ask("noise", ""), is("rows/0/cause", "cut"), is("total/intact", good)),
		of("How many telegrams cannot be used as a whole?", then(ask("noise", ""), "coverage", "every=total"), is("total/not_usable_as_a_whole", atMost(h.damaged())), second("total/missing", sumOf{[]string{"total/repaired"}, h.damaged()})),
		of("How much of the hour is known?", ask("coverage", "every=total"), is("total/telegrams", sumOf{[]string{"total/missing"}, len(h.sent)}), is("total/expected", len(h.sent)), is("total/missing", atMost(h.damaged()))),
		of("Why is something missing?", ask("coverage", "every=total"), is("total/why_missing", holds("damaged")), is("total/lost", atMost(h.damaged()))),
		of("How much did I buy, in spite of that?", ask("energy", "every=total"), is("total/import_kwh", h.gained(h.first(), h.last(), inT1, inT2))),
	}
}

// aboutVilnius is a Lithuanian house over the night in which the clocks go forward.
func aboutVilnius(h *askedHouse) []question {
	return []question{
		of("What did I use on the day of the new clock?", ask("energy", "from=2026-03-29 to=2026-03-30 every=1d"), is("rows/0/import_kwh", h.gained("2026-03-29", "2026-03-30", inAll)), is("rows/0/from", "2026-03-29T00:00:00+02:00"), is("rows/0/to", "2026-03-30T00:00:00+03:00")),
		of("How many hours did it have?", ask("energy", "from=2026-03-29 to=2026-03-30 every=1h"), is("rows/#", 23), is("zone", "Europe/Vilnius")),
		of("How much by day, how much by night on Monday?", ask("energy", "from=2026-03-30 to=2026-03-31 every=total"), is("total/import_t1_kwh", h.gained("2026-03-30", "2026-03-31", inT1)), is("total/import_t2_kwh", h.gained("2026-03-30", "2026-03-31", inT2))),
		of("What did the meter show at eight in the morning of the 29th?", ask("explain", "at=2026-03-29T08:00"), is("rows/0/values/import_kwh", h.reads(inAll, "2026-03-29T08:00")), is("rows/0/time", "2026-03-29T08:00:00+03:00")),
	}
}

// aboutVoltage is a street in which the voltage rises above 253 V.
func aboutVoltage(h *askedHouse) []question {
	const l1, l2, l3 = "1-0:32.7.0", "1-0:52.7.0", "1-0:72.7.0"
	above := func(from, to, code string) (seconds int) {
		for _, s := range h.within(from, to) {
			if valueSent(s.text, code).Cmp(big.NewRat(253, 1)) > 0 {
				seconds += 10
			}
		}
		return seconds
	}
	noon, one, two, three := "2026-06-21T12:00", "2026-06-21T13:00", "2026-06-21T14:00", "2026-06-21T15:00"
	hours := h.ranked(noon, three, nextHour, func(from, to time.Time) *big.Rat { return h.most(h.local(from), h.local(to), l2) })
	return []question{
		of("For how long was the voltage of phase 1 above 253 V between noon and three?", ask("voltage", "from="+noon+" to="+three+" every=total"), is("total/voltage_l1_v_above_s", above(noon, three, l1)), is("units/voltage_l1_v_above_s", "s")),
		of("And of the others?", ask("voltage", "from="+noon+" to="+three+" every=total"), is("total/voltage_l2_v_above_s", above(noon, three, l2)), is("total/voltage_l3_v_above_s", above(noon, three, l3))),
		of("How high did each phase go?", ask("voltage", "from="+noon+" to="+three+" every=total"), is("total/voltage_l1_v_max", h.most(noon, three, l1)), is("total/voltage_l2_v_max", h.most(noon, three, l2)), is("total/voltage_l3_v_max", h.most(noon, three, l3))),
		of("Was it ever below 207 V?", ask("voltage", "from="+noon+" to="+three+" every=total"), is("total/voltage_l1_v_min", h.least(noon, three, l1)), is("total/voltage_l2_v_min", h.least(noon, three, l2)), is("total/voltage_l1_v_below_s", 0), is("total/voltage_l3_v_below_s", 0)),
		of("In which hour was phase 2 highest?", ask("voltage", "from="+noon+" to="+three+" every=1h by=voltage_l2_v_max highest=1"), is("rows/0/from", h.local(hours[0].from)), is("rows/0/voltage_l2_v_max", hours[0].value)),
		of("What was the mean of phase 3 from one to two?", ask("voltage", "from="+noon+" to="+three+" every=1h"), is("rows/1/voltage_l3_v_mean", h.mean(one, two, l3))),
		of("Did it get worse towards two?", ask("voltage", "from="+noon+" to="+three+" every=1h"), is("rows/0/voltage_l1_v_above_s", above(noon, one, l1)), is("rows/1/voltage_l1_v_above_s", above(one, two, l1))),
		of("When was phase 1 highest?", ask("voltage", "from="+noon+" to="+three+" every=total"), is("total/voltage_l1_v_max_from", h.local(h.quarterOfMost(noon, three, l1)))),
	}
}

// quarterOfMost is the quarter of an hour in which the greatest value was first sent.
func (h *askedHouse) quarterOfMost(from, to, code string) time.Time {
	most := h.most(from, to, code)
	for _, s := range h.within(from, to) {
		if valueSent(s.text, code).Cmp(most) == 0 {
			return s.at.Truncate(15 * time.Minute)
		}
	}
	panic("none")
}

// aboutLow is a house at the end of a long line, whose voltage falls below 207 V.
func aboutLow(h *askedHouse) []question {
	seconds := 0
	for _, s := range h.sent[:len(h.sent)-1] {
		if valueSent(s.text, "1-0:32.7.0").Cmp(big.NewRat(207, 1)) < 0 {
			seconds += 10
		}
	}
	return []question{
		of("How long was the voltage of phase 1 too low, below 207 V?", ask("voltage", "every=total"), is("total/voltage_l1_v_below_s", seconds), is("total/voltage_l1_v_above_s", 0)),
		of("How low did it fall?", ask("voltage", "every=total"), is("total/voltage_l1_v_min", h.least(h.first(), "2026-06-30", "1-0:32.7.0"))),
	}
}

// aboutNoClock is a meter of 2008 that sends no clock.
func aboutNoClock() []question {
	return []question{
		of("What did I use today? (with a meter that has no clock)", ask("energy", ""), is("", refused("no clock"))),
		of("Is it there at all?", ask("coverage", ""), is("", refused("say no time"))),
	}
}

// hourly makes prices of the market for each hour of a span, and the table of them as a
// supplier writes it. The hours at the times in without have no price.
func hourly(h *askedHouse, from, to string, without ...string) (p priced, table string) {
	p = priced{}
	n := int64(7)
	for at := h.when(from); at.Before(h.when(to)); at = at.Add(time.Hour) {
		n = (n*7919 + 104729) % 30011
		cents := n - 3000 // of a MWh, in hundredths: from -30.00 to 270.11
		missing := false
		for _, w := range without {
			missing = missing || at.Equal(h.when(w))
		}
		if missing {
			continue
		}
		p[at.Unix()] = big.NewRat(cents, 100_000)
		table += fmt.Sprintf("%s;%s\n", at.Format(time.RFC3339), big.NewRat(cents, 100).FloatString(2))
	}
	return p, table
}

// names asks for the names of the meters, the one that was heard first in front.
func (s *askedServer) names(t *testing.T) (list []string) {
	t.Helper()
	answer, refusal := s.call(toolCall{"meters", ""})
	if answer == nil {
		t.Fatal(refusal)
	}
	first := ""
	for _, r := range answer["rows"].([]any) {
		row := r.(map[string]any)
		name, from := row["meter"].(string), row["data_from"].(string)
		if first == "" || from < first {
			first = from
			list = append([]string{name}, list...)
			continue
		}
		list = append(list, name)
	}
	return list
}
