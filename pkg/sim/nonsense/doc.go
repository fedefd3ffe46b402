// Package nonsense turns a simulated capture into one whose telegrams have valid CRCs
// and values that are not true, as meters and their gateways are known to send them. The
// truth is kept: which lines are nonsense, of which kind, and what each would have read.
// It judges a decoder, so it knows none.
//
//	sim.Stream ─► change (a reset, a new channel) ─► kinds ─► signed anew ─► Telegram
//	              both are right: meters do that      │                      ├ Text   the bytes
//	                                                  └─► judge              └ Lines  the truth
//
// # What is counted
//
// A line is Counted if one who knows all earlier right telegrams of the meter, and this
// telegram, can contradict it:
//
//	fall    it is below the last right reading
//	gain    it is above the last right reading by more than can have been counted since
//	date    its time cannot be: 2000, 1970, the 25th month
//	sum     it breaks a sum of registers
//	frozen  it stands still, and the power that was sent says that it must not: more than
//	        six of its last digit are missing
//
// The bound on a gain is the largest of: the powers stated since × the time × 1.5; the
// time × the limiter that the meter states, or 55 kW where it states none; for devices on
// the M-Bus 6 m³/h; and the most that the meter has shown before. Two of the last digit
// are added. Where the text of the bound leaves something open, it is taken wide here.
//
// A line that equals the right one is no nonsense, and is not listed. One that could be
// (an older value of a register that has just stepped) is listed and not counted: it
// may be doubted or not.
//
// Where nothing but a sum contradicts a line, nobody can say which of its lines it is: one of
// them must be doubted, and the others, which are in Open, may be. While a register that was set back begins to count at its new level, its
// right lines are in Confirming: nobody can believe them at once.
package nonsense
