// Package sim turns a few options and a seed into the bytes that a log of a
// smart meter's P1 port would hold: it simulates a house, the meter that
// measures it, the serial line with its noise, and the logger behind it.
//
// The truth is kept. Each Transmission carries what the meter sent beside what
// the receiver delivered and what stands in the log, so a decoder can be judged
// byte by byte. For that reason nothing that decodes imports this package, and
// this package imports nothing that decodes: it has its own checksum, its own
// clock and its own idea of how a UART samples a line.
//
//	house  appliances, sun and mains          watts, vars, volts per phase
//	meter  registers, clock, telegram text    Transmission.Plain
//	       the same, or a frame that hides it Transmission.Sent
//	line   start, data and stop bits, edges   Transmission.Received
//	logger what the terminal program keeps    Transmission.Logged
//
// The layout of telegrams follows the P1 companion standard 5.0.2, §6, and the
// line its §5, where a meter's own habits do not differ.
//
// What a kind of meter writes is drawn in a file of its own.
//
// Beside that, a Drive and a Sampler are the two ends of a line whose voltage somebody
// else has simulated.
//
// Everything else is driven by seeded generators, in integers but for the lateness of
// edges, which is rounded to ticks, so the same Options give the same bytes on every
// platform. The house draws from another generator than the line: one seed is one
// house, whatever the noise.
package sim
