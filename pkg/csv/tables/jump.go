package tables

import (
	"time"

	"p1/pkg/telegram"
)

// The notes of clock jumps.
const (
	noteBack    = "back"
	noteReset   = "reset"
	noteEarlier = "earlier telegrams"
	noteSet     = "set"
	noteForward = "forward"
)

// judge tells what the step of a meter's clock to a telegram is: nothing, a gap
// or a jump.
func (t *eventTable) judge(l *meterState, now *statement) event {
	line := &l.timeline
	last := &line.last
	step, known := line.step(now)
	switch {
	case !known:
		return event{}
	case !now.clockOK:
		return t.hostGap(line, now, step)
	case now.clock.IsReset() && !last.clock.IsReset():
		return t.jump(last, now, noteReset)
	case last.clock.IsReset() && !now.clock.IsReset():
		return t.jump(last, now, noteSet)
	case step < 0:
		return t.jump(last, now, backward(last, now))
	case line.period() == 0 || !line.over(step):
		return event{}
	}
	elapsed, known := hostStep(last, now)
	switch {
	case known && !near(step, elapsed, line.period()),
		!known && line.still(now, step):
		return t.jump(last, now, noteForward)
	}
	return t.gap(line, now)
}

func (t *eventTable) jump(last, now *statement, note string) event {
	return event{name: jumpEvent, code: telegram.ClockCode,
		before: clockValue(last.clock, true), after: clockValue(now.clock, true), note: note}
}

// backward tells why a clock went back. Where registers fell and none rose, the
// telegram is an earlier one: logs are out of order, or overlap.
func backward(last, now *statement) string {
	if fell, rose := compared(last.counters, now.counters); fell && !rose {
		return noteEarlier
	}
	return noteBack
}

// hostStep returns the host's time between two telegrams.
func hostStep(last, now *statement) (time.Duration, bool) {
	if last.host.IsZero() || now.host.IsZero() {
		return 0, false
	}
	return now.host.Sub(last.host), true
}

// near reports whether two times between telegrams are the same, but for a
// minute, two periods or a twentieth, whichever is most.
func near(a, b, period time.Duration) bool {
	return (a - b).Abs() <= max(time.Minute, 2*period, a.Abs()/20)
}

// still reports whether the registers stood still over a step of the clock in
// which they would have gained 50 Wh at least, at the rate of all telegrams so
// far: then it was the clock that moved, not the time. That is an estimate, for
// which floats will do.
func (t *timeline) still(now *statement, step time.Duration) bool {
	const least = 50
	if t.measured <= 0 {
		return false
	}
	expected := float64(t.gained) / t.measured.Seconds() * step.Seconds()
	return expected >= least && float64(gainedWh(t.last.counters, now.counters)) < expected/least
}

// hostGap tells of telegrams that are missing by the host's time.
func (t *eventTable) hostGap(line *timeline, now *statement, step time.Duration) event {
	period := line.period()
	if period == 0 || !line.over(step) {
		return event{}
	}
	return event{name: gapEvent, before: textValue(line.last.host.Format(time.RFC3339)), after: textValue(now.host.Format(time.RFC3339)),
		count: missing(step, period)}
}

// missing returns how many telegrams did not come in a time between two.
func missing(step, period time.Duration) int64 { return int64((step+period/2)/period) - 1 }

// gap tells of telegrams that are missing between two, by the clock: not where
// logs that are out of order have told of that time already.
func (t *eventTable) gap(line *timeline, now *statement) event {
	period := line.period()
	from, to := line.last.clock, now.clock
	reached := line.told.reachOf(from.Time.Unix(), int64(3*period/2/time.Second))
	if reached > from.Time.Unix() {
		from.Time = time.Unix(min(reached, to.Time.Unix()), 0).In(from.Time.Location())
	}
	step := to.Time.Sub(from.Time)
	if !line.over(step) {
		return event{}
	}
	return event{name: gapEvent, code: telegram.ClockCode, before: clockValue(from, true), after: clockValue(to, true),
		count: missing(step, period)}
}
