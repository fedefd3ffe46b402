// Package prescribed takes a telegram of a meter that has never been seen, damaged or not, and
// gives what its dialect prescribes of it: the shapes that the telegram may have had, with what
// is expected of each value.
//
// A dialect is a table of lines in their order, from its standard, and from nobody's log:
//
//	1-0:1.8.1(000000.000*kWh)                   a 0 is any digit, all else is itself
//	1-0:31.7.0(000*A|000.00*A)                  either of two
//	?1-0:2.7.0(00.000*kW)                       may well be missing
//	1-3:0.2.8("50")                             in quotes a digit is itself
//	0-0:1.0.0(<time>)                           YYMMDDhhmmss and S or W
//	0-n:24.3.0(<date>)("00")                    YYMMDDhhmmss; n is an M-Bus channel, 1 to 4
//	0-0:96.1.1(<hex>)                           hex digits, in pairs
//	0-0:96.13.0(<text>)                         anything
//	1-0:99.97.0(0)(0-0:96.7.19){(<time>)(0000000000*s)}   in braces: none of it, one or many
//
// What is received selects: the dialect, and which of its lines are there, by a walk over
// lines that finds the cheapest explanation. A line may be missing, and there may be others:
// those of other dialects, or such as keep the grammar of codes. Bytes of names and
// identifiers are what was received, if that may stand there, or what the line may have made
// of others.
package prescribed
