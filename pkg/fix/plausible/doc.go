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
//
// # What it does to nonsense, and to what is right
//
//	P1_LONG=1 P1_NONSENSE=1 go test ./pkg/sim/pipetest -run 'NonsenseMixed|NonsenseFalseAlarms' -v -timeout 60m
//
// 2026-11-29, 30,000 telegrams of each meter with 2 % of everything that package nonsense
// draws, at lookahead 0 and as usual, which are the same. Counted is what can be contradicted;
// left out is what could be right, or is what the line would have read.
//
//	meter   nonsensical lines   handed on   right lines held back   left out
//	nl                  1,604           0                       0          0
//	be                  1,600           0                       0          2
//	se                    683           0                       0         20
//	hu                  1,042           0                       0        214
//	dsmr4               1,760           0                       0          6
//
// Seeds 2, 5 and 13 hand on none and hold back none either. Of ten meters without nonsense, 100,000 telegrams
// each, no line is held back at either lookahead.
//
// What was tried and dropped: a sum that follows its total from telegram to telegram is led astray
// by a register that stands still; a level before a gap that can come back for a week makes
// the older reading right and the newer ones wrong.
package plausible
