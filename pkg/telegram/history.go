package telegram

// Peak is the highest mean power of a month, by a Belgian meter.
type Peak struct {
	Code       string // what was measured: 1-0:1.6.0
	Period     Clock  // the end of its month; of the current month, not set
	PeriodText string // the same as sent, "" for the current month
	PeriodOK   bool   // Period can be read
	At         Clock  // when the peak was
	AtText     string
	AtOK       bool
	Value      Decimal
	Unit       string // kW
	Text       string // the value as sent
	OK         bool   // Value is a number in Unit
}

// Peaks returns the peaks of past months, 0-0:98.1.0, in the meter's order, and
// after them that of the current month, 1-0:1.6.0.
func (t *Telegram) Peaks() []Peak { return nil }

// MonthEnd is what a Hungarian meter keeps of the last month.
type MonthEnd struct {
	At      Clock
	AtText  string
	AtOK    bool
	Entries []Entry
}

// Entry is one value of a [MonthEnd].
type Entry struct {
	Code  string // 1-0:1.8.0: the register at the month's end
	Name  string // month_end_import
	Unit  string
	Value Decimal
	Text  string // as sent
	OK    bool   // Value is a number in Unit
}

// Column is the entry's name with its unit: month_end_import_kwh.
func (e Entry) Column() string { return Meaning{Name: e.Name, Unit: e.Unit}.Column() }

// MonthEnd returns the values of the Hungarian 0-0:98.1.0; false where the
// telegram has none.
func (t *Telegram) MonthEnd() (MonthEnd, bool) { return MonthEnd{}, false }

// Failure is a long power failure.
type Failure struct {
	End          Clock
	EndText      string
	EndOK        bool
	Duration     Decimal // in seconds
	DurationText string
	OK           bool // Duration is a number of seconds
}

// Failures returns the log of long power failures, 1-0:99.97.0, how many of them
// the meter says there are (-1 where it does not say), and whether the two agree
// and every entry can be read. Without such a line: nothing, -1, false.
func (t *Telegram) Failures() (log []Failure, said int, whole bool) { return nil, -1, false }
