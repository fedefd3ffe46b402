// Package forms composes telegrams of all the forms that lines of meters are known to
// have, and says what each line means. It judges a decoder, so it knows none.
//
// A stream is some telegrams of one layout: the header, the lines and their order stay,
// the values go on. What a line means is a Fact; the test that reads the stream through
// the commands looks for every fact in the columns.
//
//	seed ─► composer ─► parts (a line or a device each) ─► Stream
//	                                                       ├ Log    the bytes
//	                                                       └ Facts  of each telegram
//
// The forms stand in the table of each file, with an example and where the form is known
// from: a section of a standard, or that owners of meters have shown it.
package forms
