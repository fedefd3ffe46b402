// Package yield takes simulated captures whose truth is known, sends them
// through framing and repair, and gives back what came of each telegram: how
// many are right, refused and wrong, and whether the confidences are honest.
//
// # What is counted
//
// Each transmission of the meter must come out as exactly one telegram record.
// A record belongs to the transmission in whose part of the log its middle byte
// lies; its ends may be those of its neighbours.
//
//	right    one record, ok or repaired, and raw is what the meter sent
//	wrong    a record is ok or repaired, and raw is something else
//	         (be it in the line end only: a repair says what was sent to the byte)
//	by luck  those of the wrong whose CRC held as received: no repair was at work
//	refused  anything else: given up, salvaged, split, joined or not there at all
//
// An ok telegram that has lost no more than its line end is right.
//
// Of the bursts, those that lie in fixed text are counted apart: no byte from
// the first that was hit to the last differs in any telegram of the row.
//
// Repairs are gathered by their confidence c. If the confidences are honest,
// about Σ(1−c) of them are wrong, give or take the root of that.
//
// The other way to look at it are CRCs that mean nothing: well-formed telegrams
// of a known meter, each with four random digits.
//
// # A real log
//
// Nobody knows what the meter meant whose log is a real one. So the damage of
// such a log is counted ([Fit]) and done to simulated telegrams: another row of
// the table, if the log is here. It is counted in the first half of the log; the
// second half tells whether that damage is like the real one.
//
// # How to run it
//
//	go test ./pkg/sim/yield -run Yield -v -yield.telegrams=2000
//	go test ./pkg/sim/yield -run Yield -v -yield.rows='hu/slow-rise' -yield.why
//	go test ./pkg/sim/yield -run Yield -v -yield.telegrams=1300 -yield.pool=100000
//	go test ./pkg/sim/yield -run Replay -v -yield.replay=20000
//	go test ./pkg/sim/yield -run RandomCRC -v -yield.random=1000000
//	go test ./pkg/sim/yield -run Unseen -v
//	go test ./pkg/sim/yield -run 'Sealed$' -v -yield.sealed=1000
//
// The last but one measures trusted lines of meters of which hardly a telegram comes whole. The last
// one measures meters that encrypt beside the same meters where they do not: what encryption
// costs, on the lines whose logger keeps all bytes, and where no tag verifies.
//
// With -yield.pool the table is followed by the same rows with other seeds, until
// there are as many repairs as that to judge the confidences by.
//
// The other flags are -yield.seed, -yield.confidence (of the repair, below which
// it refuses: a low one fills the bins of low confidence), -yield.parallel=1 (for
// times that can be compared), -yield.meter (of the random CRCs), -yield.why (why
// telegrams are refused and where others are wrong, with the first of each), and
// -yield.strict (see below).
//
// # The floors
//
// A row that must reach a share, its floor, fails where it reaches less. Of few
// telegrams chance alone makes fewer right: without -yield.strict a row fails where so
// few would be right in less than one of 1,000 rows at their floor, by the binomial
// distribution: of 2,000 telegrams 1,978 or fewer at a floor of 99.5 %, 1,868 at one of 95 %.
// The seeds are the same each time, so that a row that holds goes on to hold. Without
// flags a row has 40 telegrams; with P1_LONG=1 it has 2,000, as .ci/run has it; .ci/long
// takes 1,300 and is strict.
//
// It has nothing but tests.
package yield
