// Package pipebench takes a log, repeated to some size, through the whole pipe and
// gives what that costs: telegrams a second, CPU seconds, and the peak memory of each
// stage. It holds nothing but the benchmark and its gates, see README.md.
//
// The stages are the processes that a user runs,
//
//	p1cat FILE | p1frame | p1fix | p1csv -o CSV
//
// joined by the pipes of the operating system, so the figures hold what the pipes and
// the JSON between the stages cost. Beside each run stands a reference, run just
// before it over the same file: a loop in C that does nothing but the CRC-16 of every
// byte, one byte at a time, on one core. On a machine that is shared with others the
// ratio of the two says more than either.
package pipebench
