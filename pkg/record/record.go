// Package record turns JSON lines into the records that pass between the
// stages, and records into JSON lines.
//
// # The contract
//
// The five commands are joined by JSON Lines: one JSON object a line, UTF-8,
// LF. There are four types of record, all with "v":1 and a "type":
//
//	chunk     p1cat → p1frame           bytes as they came off the wire or out of the log
//	gap       p1cat → everybody         bytes may be missing before this offset
//	telegram  p1frame → p1fix → tables  one telegram, whole or damaged, with its status
//	noise     p1frame → everybody       bytes that belong to no telegram
//
// A record of another type passes through every stage unchanged ([Other]), and
// so do keys that a stage does not know ([Member]). Names of keys never change
// their meaning without a higher v; a reader that meets a higher v stops with
// [ErrNewer].
//
// Meter bytes are 8 bits wide and stand in JSON strings as the code points
// U+0000 to U+00FF, one for each byte ([Bytes]).
//
// Every byte that came in is in exactly one record that goes out. The triple
// (source, session, offset) identifies a byte in all stages and runs; the
// records of a session come in the order of their offsets, and
//
//	offset of the next record = offset + len(record.Received())
//
// so that all records joined are the input again. After a repair, edits say how
// a telegram's raw differs from what was received; see [Apply] and [Undo].
//
// The tables of keys below are the fields of [Chunk], [Gap], [Telegram] and
// [Noise].
package record

import "time"

// Version is the version of the contract that this package reads and writes.
const Version = 1

// Limits of the contract, in bytes.
const (
	MaxData     = 64 << 10 // data of a chunk or noise record
	MaxTelegram = 64 << 10 // raw of a telegram
	MaxLine     = 4 << 20  // a line, its end included
)

// Bytes are meter bytes: any of the 256 values, each written to JSON as the
// code point of the same number (byte 0xFF is "ÿ").
type Bytes []byte

// Member is a key that this version does not know, with its JSON value as it
// was read. Members pass through a stage in the order they came.
type Member struct {
	Key   string
	Value []byte
}

// Record is one line between two stages: a [*Chunk], [*Gap], [*Telegram],
// [*Noise], or an [*Other] of a type that this version does not know.
type Record interface {
	// Where says which byte stream the record belongs to and where in it.
	Where() Origin
}

// Origin identifies a byte in all stages and runs.
type Origin struct {
	// Source is the file, device or address the bytes came from.
	Source string
	// Session is, for a live source, when this capture of it began (RFC 3339);
	// offsets restart with a new session. Empty otherwise.
	Session string
	// Offset is where the first byte stands in the byte stream of that source
	// and session, after decompression, decoding and unwrapping.
	Offset int64
}

// Where returns o itself; records embed an Origin.
func (o Origin) Where() Origin { return o }

// IsLive reports whether a record is of a source that goes on as time does.
func IsLive(r Record) bool {
	switch r := r.(type) {
	case *Chunk:
		return r.Live
	case *Telegram:
		return r.Live
	case *Noise:
		return r.Live
	case *Gap:
		return r.Live
	}
	return false
}

// SameStream reports whether o and p belong to one source and session.
func (o Origin) SameStream(p Origin) bool {
	return o.Source == p.Source && o.Session == p.Session
}

// Why a chunk of a live source ends, and why bytes may be missing.
const (
	EndPause = "pause" // the line fell silent
	EndFull  = "full"
	EndEOF   = "eof"

	GapStart     = "start"
	GapUnplugged = "unplugged"
	GapOverrun   = "overrun"
	GapReconnect = "reconnect"
)

// Chunk carries bytes from p1cat to p1frame.
//
//	{"v":1,"type":"chunk","source":"p1.log","offset":0,"data":"/AUX5990…"}
type Chunk struct {
	Origin
	Live bool   // from a live source
	Time string // when the first byte arrived at this host, RFC 3339; empty where not known
	End  string // live only: why the chunk ends here: pause, full, eof
	// Unwrapped names what was taken off around these bytes, outermost first, such as
	// "zip", "time stamp"; empty where nothing was.
	Unwrapped []string
	Data      Bytes // at most MaxData bytes
	Extra     []Member
}

// Gap says that bytes may be missing before its offset.
//
//	{"v":1,"type":"gap","source":"/dev/ttyUSB0","offset":99,"why":"unplugged"}
type Gap struct {
	Origin
	Live  bool
	Time  string
	Why   string // start, unplugged, overrun, reconnect
	Extra []Member
}

// Status of a telegram.
type Status string

// The statuses, with who sets them.
const (
	OK        Status = "ok"        // p1frame: the CRC holds as received
	Bad       Status = "bad"       // p1frame: it does not, or cannot be read, or an end is missing
	Unchecked Status = "unchecked" // p1frame: this stream has no CRCs
	Repaired  Status = "repaired"  // p1fix: raw satisfies the CRC and all that is known of this meter
	Salvaged  Status = "salvaged"  // p1fix: not repaired, but the trusted lines can be used
	Lost      Status = "lost"      // p1fix: nothing can be trusted
)

// Valid reports whether all of a telegram with this status can be used: it is
// ok, repaired or unchecked.
func (s Status) Valid() bool { return s == OK || s == Repaired || s == Unchecked }

// Which CRC was used for a telegram.
const (
	CRCARC     = "ARC"     // CRC-16/ARC, P1 companion standard 5.0.2 §5.2
	CRCX25     = "X25"     // CRC-16/X-25, some Hungarian meters
	CRCNone    = "none"    // the stream has no CRCs
	CRCUnknown = "unknown" // the stream has them, but no known check ever holds
)

// What cipher says of a telegram that came encrypted.
const (
	CipherVerified   = "verified"   // the tag verifies: the text is what the meter sent
	CipherUnverified = "unverified" // it does not; the text was taken all the same
	CipherNoKey      = "no key"
	CipherFailed     = "failed"    // the text is not to be had, or not to be believed
	CipherTruncated  = "truncated" // the end of the frame is missing
)

// EOLLF marks a telegram that was received without any CR.
const EOLLF = "lf"

const (
	// ConfidenceDecimals is how many decimals a confidence has wherever it is written, in records and
	// tables alike: all of them, also where they are 0, rounded down.
	ConfidenceDecimals = 6
	// MinConfidence is the lowest confidence that is written: below it all decimals would be 0, which says nothing.
	MinConfidence = 1e-6
	// MaxConfidence is the highest one: 0.999999 stands for whatever is above it.
	MaxConfidence = 0.999999
)

// Confidence is a confidence that texts and JSON have as records do.
type Confidence float64

// String is the confidence with all of its decimals.
func (c Confidence) String() string { return string(AppendConfidence(nil, float64(c))) }

// MarshalJSON writes it with all of its decimals.
func (c Confidence) MarshalJSON() ([]byte, error) { return AppendConfidence(nil, float64(c)), nil }

// Telegram is one telegram: what was received until p1fix, what the meter sent
// afterwards.
//
//	{"v":1,"type":"telegram","source":"p1.log","seq":17,"offset":39948,"status":"ok",
//	 "crc":"ARC","crc_sent":"5B60","crc_calc":"5B60","raw":"/AUX5990…!5B60\r\n"}
type Telegram struct {
	Origin
	Live    bool
	Seq     int64  // counts telegrams per source from 1; renumbered when boundaries move
	Time    string // host arrival of the first byte, if known
	Status  Status
	CRC     string // ARC, X25, none, unknown
	CRCSent string // as received, never changed later; four upper-case hex digits, empty where unreadable
	CRCCalc string // as calculated over the received telegram; never changed later
	EOL     string // EOLLF where the received telegram has no CR at all; raw then has CRLF

	// Confidence is the probability that raw is exactly what the meter sent,
	// after a repair; 0 stands for "not said".
	Confidence float64
	Suspect    string    // the CRC holds, but the content contradicts what is known of this meter: why
	Why        string    // after p1fix gave up: one short reason
	Doubted    []Doubt   // of a valid one: the lines that contradict what is known of this meter
	Trusted    []Trusted // salvaged, and unchecked: the lines that can be trusted, the others not; nil elsewhere
	Masked     []Mask    // of a valid one: what somebody replaced in Raw before the log was shared; all else is verified
	Edits      []Edit    // after a repair: how Raw differs from what was received

	Raw         Bytes
	ReceivedRaw Bytes  // key "received": only where edits cannot say what was received; nil otherwise
	Cipher      string // of one that came encrypted: what became of its frame; empty for all others
	Extra       []Member
	Explain     []byte // what p1fix weighed, as JSON; nil where nobody asked
}

// Trusted names a line of a salvaged telegram that can be used. Line counts the
// lines of raw from 1, the header line being 1.
type Trusted struct {
	Line int
	Code string // OBIS code
	// Confidence is the probability that the line is what the meter sent, where no CRC has a
	// part in that; 0 where it is not said.
	Confidence float64
	Extra      []Member
}

// Doubt names a line of a valid telegram whose value is not to be used, although the CRC
// says that the meter sent it; the other lines count. Line counts as that of [Trusted] does.
type Doubt struct {
	Line  int
	Code  string // OBIS code; empty where the line has none
	Why   string // in plain words
	Extra []Member
}

// Mask is a part of raw that was replaced by hand after the meter had signed the telegram:
// raw[At:At+Length] is not what it sent.
type Mask struct {
	At, Length int
	Extra      []Member
}

// Noise carries bytes that belong to no telegram: logger headers, garbage
// between telegrams.
//
//	{"v":1,"type":"noise","source":"p1.log","offset":0,"data":"=~=~=~ PuTTY log 2023.08.24 …"}
type Noise struct {
	Origin
	Live  bool
	Time  string
	Data  Bytes // at most MaxData bytes
	Extra []Member
}

// Other is a record of a type that this version does not know. Line is its JSON
// text without the line end.
type Other struct {
	Type string
	Line []byte
}

// Where is empty: nothing is known of an Other but its type.
func (*Other) Where() Origin { return Origin{} }

// Received returns the bytes as they came in: for a chunk and noise their data,
// for a telegram its raw with the edits undone. It fails only where the edits
// contradict raw.
func Received(r Record) ([]byte, error) {
	switch r := r.(type) {
	case *Chunk:
		return r.Data, nil
	case *Noise:
		return r.Data, nil
	case *Telegram:
		return r.Received()
	}
	return nil, nil
}

// Arrival is when the first byte of a chunk or gap came to this host; false where that
// is not known.
func Arrival(r Record) (time.Time, bool) {
	text := ""
	switch r := r.(type) {
	case *Chunk:
		text = r.Time
	case *Gap:
		text = r.Time
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	return at, err == nil
}
