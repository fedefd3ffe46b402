package tables

import "p1/pkg/telegram"

// kind says what the values of a column are.
type kind int

const (
	textKind   kind = iota // from the meter or from elsewhere: anything
	numberKind             // decimal
	timeKind               // a time
	offsetKind             // the offset of one
)

// role says what a column is to a database that keeps points in time.
type role int

const (
	fieldRole role = iota // what was measured
	tagRole               // whose it is: the meter, a channel, a status
	stampRole             // when it was: the row's time
	hostRole              // when it came in, or was over: the row's time where there is no other
)

// column is a column of a table: how it is called, and what it shows.
type column struct {
	name string
	kind kind
	role role
	// Of a quantity also what was measured, for those who compute with it.
	code  string // OBIS code, or "" where the value is not that of one line
	unit  string // kWh, or "" where it has none
	what  telegram.Kind
	mixed bool // a column of text that holds times too
	truth bool // text that is TRUE or FALSE
	// aid is whether it is not shown: others are computed of it.
	aid bool
}
