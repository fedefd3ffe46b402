package channel

// A UART sends a start bit (0), bits 0 to 7, and a stop bit (1), between which
// the line is high. What a slow line does to a byte is a matter of its edges:
//
//	          idle start 0 1 2 3 4 5 6 7 stop
//	'8' 0x38    1    0   0 0 0 1 1 1 0 0   1
//	                           ↑ the only rising edge among its data bits
//	read as     1    0   0 0 0 0 1 1 0 0   1     0x30 '0'

// riseEdges has a bit for each 1 of b that follows a 0: on a line that rises too
// slowly it is read as 0.
func riseEdges(b byte) byte { return b &^ (b << 1) }

// fallEdges has a bit for each 0 of b that follows a 1: on a line that falls too
// slowly it is read as 1. The start bit is not among them.
func fallEdges(b byte) byte { return ^b & (b << 1) }

// soonEdges has a bit for each 0 of b that comes before a 1, the stop bit among them: where
// the start edge is late the receiver looks so late that it is read as 1.
func soonEdges(b byte) byte { return ^b & (b>>1 | 0x80) }

// dropEdges has a bit for each 1 of b that comes before a 0: it is read as 0 by a receiver
// that looks late.
func dropEdges(b byte) byte { return b &^ (b>>1 | 0x80) }

// subsets calls f for every non-empty set of the bits of mask.
func subsets(mask byte, f func(byte)) {
	for s := mask; s != 0; s = (s - 1) & mask {
		f(s)
	}
}
