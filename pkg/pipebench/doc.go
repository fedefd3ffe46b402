// Package pipebench takes a log, repeated to some size, through the whole pipe
// and gives what that costs: telegrams a second, CPU seconds, and the peak
// memory of each stage. It holds nothing but the benchmark and its gates:
//
//	go test -run='^$' -bench=Pipe -benchtime=1x ./pkg/pipebench
//
// The stages are the processes that a user runs,
//
//	p1cat FILE | p1frame | p1fix | p1csv -o CSV
//
// joined by the pipes of the operating system, so the figures hold what the
// pipes and the JSON between the stages cost. Beside them stands a reference
// that is measured in the same run over the same file: a loop that does nothing
// but the CRC-16 of every byte, one byte at a time, on one core. On a machine
// that is shared with others the ratio of the two says more than either.
//
// What the columns mean:
//
//	telegrams/s      by the clock on the wall, from the start of the first
//	                 process to the end of the last one
//	cpu-s            user and system time of all four processes
//	crc-telegrams/s  the reference; of-crc is the ratio of the two
//	p1cat-MB …       peak resident memory of a stage, in 10^6 bytes (Linux). It
//	                 must not depend on the size of the log: that is why there
//	                 are two. A process cannot show less than own-MB, the peak of
//	                 the process that started it.
//
// With P1_LONG=1 in the environment, `go test` fails where the pipe is slower or
// larger than it may be.
package pipebench
