// Package stranger turns a seed into the telegrams of a meter that nobody has seen: its
// lines are those that the standard of its country prescribes, and its header,
// identifiers, dates and values are drawn. It judges a decoder, so it knows none, and
// takes no table from one, nor from the meters of package sim.
//
//	dialect, layout, seed ─► sheet (which lines, how wide) ─► Meter ─► Next: the bytes sent
//	                         house (what it measures)      ┘
//
// Of what a standard leaves open each meter has its own: one or three phases, panels or
// none, what hangs on which channel of the M-Bus, how many power failures and months of
// peaks are listed, whether there is a message. An Allowed layout goes further: lines are
// left out, two more stand between them, and neighbours have changed places. No list has
// it, but IEC 62056-21, which only says that lines with codes follow each other, and
// IEC 62056-61, which says what a code means, allow it.
//
// # Where the lists are from
//
//	nl4     P1 companion standard 4.0 (2011) and 4.2.2, §5.12: codes and widths, §5.13: the order
//	nl5     P1 companion standard 5.0.2 (2016), §6.12 and §6.13
//	be      e-MUCS P1 1.7.1 (Fluvius), an addition to 5.0.2, and telegrams that owners have shown
//	lu      Luxmetering E-Meter P1 specification 1.1.3, table 3.1; the text within the frame
//	se      Energiföretagen Sverige: Branschrekommendation för lokalt kundgränssnitt för
//	        elmätare; the Finnish SESKO SK 13-1:2021 is the same
//	no      the same list behind the identifying lines of the Norwegian lists of OBIS codes
//	hu      E.ON Hungária: P1 port felhasználói interfész tájékoztató, 2023-02-10
//	hu-x25  the same as the maker Holley writes it, with CRC-16/X-25
//	lt      ESO: the smart meters' list of data, as its largest set is sent
//	ch      5.0.2 with codes that Swiss operators chose, on channel 0 or 1
//	at      Energienetze Steiermark: Kundenschnittstelle; the text within the frame
//	dsmr2   DSMR P1 2.2, and the habits of its meters; no CRC
//	dsmr3   DSMR P1 3.0
//	q3d     EasyMeter: manual of the Q3D, 2016-06-15, D0 interface
//
// # What is measured on them
//
// Tests in this package send them, damaged, through framing and repair: one telegram
// alone, beside what one could be sure of who knows its lines, the first twelve of a noisy line, and streams that sign nothing, those of package
// sim's own meters beside these.
//
//	go test ./pkg/sim/stranger -v               seconds
//	P1_LONG=1 go test ./pkg/sim/stranger -v     a minute
//	P1_LONG=2 go test ./pkg/sim/stranger -v -timeout 6h
//	                                            10,000 telegrams, and the shares that must be reached
//
// With -stranger.list each telegram that came alone and was not repaired is listed.
package stranger
