package sim

// A setup is what a meter is built from.
type setup struct {
	dice   dice  // draws its numbers and what stands in its registers
	begin  int64 // when it begins to count
	pv     bool  // a house with solar panels
	fresh  bool  // it has just been put in place of another: its registers begin low
	bus    *bus  // the M-Bus of the house
	media  []medium
	forBus dice // draws the devices
}

// between draws what a register stands at.
func (s setup) between(low, high int) int64 {
	n := int64(s.dice.between(low, high))
	if s.fresh {
		return n / 1000
	}
	return n
}
