// Package plausible takes telegrams whose text is as the meter sent it, and gives the
// lines whose values cannot be true all the same.
//
// The CRC says that the meter sent a value, not that it is right: meters and their
// gateways send a gas reading of 0 until the next one comes, a register ten times too
// high for one telegram, or the readings of an hour ago. A line is doubted where it
// contradicts what the telegrams before say, or what a house can use; the others count.
//
//	register   falls; gains more than can have flowed; stands still while power flows
//	device     the same by its own time stamps; a time stamp that cannot be
//	clock      a date that cannot be; goes back
//	sum        a total that is not the sum of its parts any more, as it always was
//
// Each register has a base: the value that is believed, and when it was read. What
// contradicts the base is doubted, and becomes a candidate; where those after it go on
// from there as a register does, the candidate becomes the base.
//
//	   base                           candidate
//	───●──●──●──●                       ○──○──● believed: it has gone on counting
//	              ○ doubted: fell      /
//	                 ●──●  back where the old level would be by now
//
// It works one telegram after the other, without those that come later, and in bounded
// memory for each meter.
package plausible
