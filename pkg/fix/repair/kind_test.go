package repair_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"p1/pkg/channel"
	"p1/pkg/crc"
	"p1/pkg/fix/repair"
	"p1/pkg/record"
	"p1/pkg/sim/longtest"
)

// signed returns a telegram with another CRC after its '!'.
func signed(tel string, kind crc.Kind, format string) string {
	text := tel[:strings.LastIndexByte(tel, '!')+1]
	return fmt.Sprintf("%s"+format+"\r\n", text, kind.Sum([]byte(text)))
}

// resigned is a capture of a simulated meter that signs with this kind of CRC.
func resigned(t testing.TB, query string, kind crc.Kind, format string, hit func(string) string) *simulated {
	t.Helper()
	s := &simulated{sent: map[int64][]byte{}}
	for _, tel := range transmissions(t, query) {
		tel = signed(tel, kind, format)
		s.sent[int64(len(s.log))] = []byte(tel)
		s.log = append(s.log, hit(tel)...)
		s.ends = append(s.ends, int64(len(s.log)))
	}
	return s
}

// slowEdges is a line on which the first 1 of each run is lost in a share of the
// bytes.
func slowEdges(rate float64) func(string) string {
	dice := rand.New(rand.NewPCG(3, 4))
	return func(tel string) string {
		out := []byte(tel)
		for i, b := range out {
			if dice.Float64() < rate {
				out[i] = b & (b << 1)
			}
		}
		return string(out)
	}
}

func untouched(tel string) string { return tel }

// tally says what came of a capture; it fails where what is repaired was not sent,
// or states another kind of CRC.
func (s *simulated) tally(t testing.TB, out []record.Record, kind crc.Kind) map[record.Status]int {
	t.Helper()
	checkRecordsOf(t, out, s.log, kind)
	count := map[record.Status]int{}
	for _, x := range (&collector{out}).telegrams() {
		count[x.Status]++
		if x.Status != record.Repaired && x.Status != record.OK {
			continue
		}
		if sent := s.truth(middle(x)); !bytes.Equal(x.Raw, sent) {
			t.Errorf("telegram at %d is %s and wrong: ends in %q, sent %q; edits %v", x.Offset, x.Status, x.Raw[len(x.Raw)-7:], sent[len(sent)-7:], x.Edits)
		}
		if x.CRC != kind.Name() || x.Suspect != "" {
			t.Errorf("telegram at %d is %s by %s, suspect %q", x.Offset, x.Status, x.CRC, x.Suspect)
		}
	}
	return count
}

// checkRecordsOf checks that no byte was lost, and that each repaired telegram has
// a CRC of this kind that holds.
func checkRecordsOf(t testing.TB, out []record.Record, log []byte, kind crc.Kind) {
	t.Helper()
	var all []byte
	for _, r := range out {
		data, err := record.Received(r)
		must(t, err)
		all = append(all, data...)
		x, ok := r.(*record.Telegram)
		if !ok || x.Status != record.Repaired {
			continue
		}
		bang := bytes.LastIndexByte(x.Raw, '!')
		sent, err := strconv.ParseUint(strings.TrimSpace(string(x.Raw[bang+1:])), 16, 16)
		if err != nil || uint16(sent) != kind.Sum(x.Raw[:bang+1]) {
			t.Errorf("repaired, and the CRC by %s does not hold: %q", kind.Name(), x.Raw[bang:])
		}
	}
	if !bytes.Equal(all, log) {
		t.Error("the records joined are not the log")
	}
}

// A meter that signs with X25 is repaired as well as the same one with ARC, on a
// line where few telegrams are valid and on one where none is.
func TestX25IsRepairedAsARC(t *testing.T) {
	cases := []struct {
		query string
		rate  float64
		floor int
	}{
		{"meter=hu&telegrams=300", 0.001, 298},
		{"meter=hu&telegrams=200", 0.005, 196},
		{"meter=nl&telegrams=300", 0.001, 296},
		{"meter=be&telegrams=200", 0.006, 190},
	}
	for _, c := range cases {
		for _, kind := range crc.Kinds() {
			s := resigned(t, c.query, kind, "%04X", slowEdges(c.rate))
			count := s.tally(t, fix(t, framed(t, s.log), usual), kind)
			if count[record.Repaired]+count[record.OK] < c.floor || count[record.Repaired] == 0 {
				t.Errorf("%s, %s, %v: %v", c.query, kind.Name(), c.rate, count)
			}
		}
	}
}

// Upper or lower case, padded or not, with blanks around it, or in the next line: what is repaired is what was
// sent.
func TestSpellingsAreKept(t *testing.T) {
	n := longtest.Pick(150, 600, 600)
	for _, kind := range crc.Kinds() {
		for _, format := range []string{"%04x", "%X", "%x", " %04X", "%04X ", "  %04x ", "\r\n%04X"} {
			s := resigned(t, fmt.Sprintf("meter=nl&telegrams=%d", n), kind, format, slowEdges(0.002))
			count := s.tally(t, fix(t, framed(t, s.log), usual), kind)
			if count[record.Repaired]+count[record.OK] < n*560/600 {
				t.Errorf("%s %s: %v", kind.Name(), format, count)
			}
		}
	}
}

// What a logger leaves out is put back by whichever kind of CRC holds then.
func TestX25BehindALogger(t *testing.T) {
	printable := func(tel string) string {
		return strings.Map(func(r rune) rune {
			if channel.Printable(byte(r)) {
				return r
			}
			return -1
		}, strings.ToValidUTF8(tel, ""))
	}
	for _, hit := range []func(string) string{untouched, slowEdges(0.001)} {
		s := resigned(t, "meter=hu&telegrams=100", crc.X25, "%04X", func(tel string) string { return printable(hit(tel)) })
		count := s.tally(t, fix(t, framed(t, s.log), usual), crc.X25)
		if count[record.Repaired] < 98 {
			t.Errorf("%v", count)
		}
	}
}

// What was learned of a meter says of which kind its CRCs are: the next log's first
// telegrams are repaired by it, although none is valid.
func TestKindIsRemembered(t *testing.T) {
	for _, kind := range crc.Kinds() {
		o := repair.Options{MinConfidence: 0.999, Lookahead: repair.NoLookahead}
		before := repair.New(&collector{}, o)
		s := resigned(t, "meter=nl&telegrams=60", kind, "%04X", untouched)
		for _, r := range framed(t, s.log[:s.ends[49]]) {
			must(t, before.Take(r))
		}
		must(t, before.Close())
		state, err := before.State()
		must(t, err)
		if len(state) != 1 || !bytes.Contains(state[0], []byte(`"crc":"`+kind.Name()+`"`)) {
			t.Fatalf("%d meters, %.200s", len(state), state[0])
		}
		rest := bytes.Replace(s.log[s.ends[49]:], []byte("*kWh"), []byte("*kWx"), 1)
		if kind == crc.ARC { // as a version wrote it that knew no other
			state[0] = bytes.Replace(state[0], []byte(`"crc":"ARC",`), nil, 1)
		}
		c := &collector{}
		after := repair.New(c, o)
		must(t, after.Restore(state))
		for _, r := range framed(t, rest) {
			must(t, after.Take(r))
		}
		must(t, after.Close())
		first := c.telegrams()[0]
		if first.Status != record.Repaired || first.CRC != kind.Name() {
			t.Errorf("%s: the first one is %s by %s: %s", kind.Name(), first.Status, first.CRC, first.Why)
		}
	}
}

// A state of a kind of CRC that is not known says so, and nothing is learned of it.
func TestStateOfAnUnknownKind(t *testing.T) {
	f := repair.New(&collector{}, usual)
	for _, r := range framed(t, resigned(t, "meter=nl&telegrams=3", crc.X25, "%04X", untouched).log) {
		must(t, f.Take(r))
	}
	state, err := f.State()
	must(t, err)
	state[0] = bytes.Replace(state[0], []byte(`"crc":"X25"`), []byte(`"crc":"X26"`), 1)
	if err := repair.New(&collector{}, usual).Restore(state); err == nil || !strings.Contains(err.Error(), "X26") {
		t.Errorf("error %v", err)
	}
}

// A telegram whose CRC holds by another kind than the meter's is suspect; several in
// a row are believed.
func TestOtherKindIsSuspect(t *testing.T) {
	var in []record.Record
	list := transmissions(t, "meter=nl&telegrams=12")
	a, x := crc.ARC, crc.X25
	kinds := []crc.Kind{a, a, a, x, a, x, x, x, x, x, x, x}
	offset := int64(0)
	for i, tel := range list {
		raw := signed(tel, kinds[i], "%04X")
		in = append(in, &record.Telegram{
			Origin: record.Origin{Source: "log", Offset: offset}, Seq: int64(i + 1), Status: record.OK, CRC: kinds[i].Name(), Raw: record.Bytes(raw),
		})
		offset += int64(len(raw))
	}
	var suspect []int
	for i, x := range (&collector{fix(t, in, usual)}).telegrams() {
		if x.Suspect != "" {
			suspect = append(suspect, i)
		}
	}
	if want := []int{3, 5, 6}; !reflect.DeepEqual(suspect, want) {
		t.Errorf("suspect are %v, want %v", suspect, want)
	}
}

// A meter that is replaced by one with another kind of CRC is followed, damaged
// telegrams and all.
func TestKindChangesInTheStream(t *testing.T) {
	hit := slowEdges(0.001)
	s := &simulated{sent: map[int64][]byte{}}
	add := func(list []string, kind crc.Kind) {
		for _, tel := range list {
			tel = signed(tel, kind, "%04X")
			s.sent[int64(len(s.log))] = []byte(tel)
			s.log = append(s.log, hit(tel)...)
			s.ends = append(s.ends, int64(len(s.log)))
		}
	}
	add(transmissions(t, "meter=nl&telegrams=150"), crc.ARC)
	add(transmissions(t, "meter=be&telegrams=150"), crc.X25)
	right := map[string]int{}
	for _, x := range (&collector{fix(t, framed(t, s.log), usual)}).telegrams() {
		if x.Status != record.Repaired && x.Status != record.OK {
			continue
		}
		if !bytes.Equal(x.Raw, s.truth(middle(x))) {
			t.Errorf("telegram at %d is wrong", x.Offset)
		}
		right[x.CRC]++
	}
	if right[record.CRCARC] < 148 || right[record.CRCX25] < 148 {
		t.Errorf("right: %v", right)
	}
}

// A CRC of no known kind confirms nothing: nothing is repaired, whatever the
// damage, and why is said. Lines that are trusted all the same are right.
func TestUnknownCRCIsNotRepaired(t *testing.T) {
	n := longtest.Pick(12, 200, 200)
	for _, damage := range []float64{0, 0.0005, 0.002} {
		hit := slowEdges(damage)
		var log []byte
		sent := transmissions(t, fmt.Sprintf("meter=hu&telegrams=%d", n))
		for _, tel := range sent {
			bang := strings.LastIndexByte(tel, '!')
			odd := 40503 * crc.X25.Sum([]byte(tel[:bang+1])) // which is no CRC: it can't be learned
			log = append(log, hit(tel[:bang+1]+fmt.Sprintf("%04X\r\n", odd))...)
		}
		why := map[string]int{}
		for _, x := range (&collector{fix(t, framed(t, log), usual)}).telegrams() {
			if x.Status != record.Lost && x.Status != record.Salvaged {
				t.Fatalf("rate %v: telegram %d is %s", damage, x.Seq, x.Status)
			}
			for _, l := range x.Trusted {
				if line := strings.SplitAfter(string(x.Raw), "\n")[l.Line-1]; !strings.Contains(strings.Join(sent, ""), line) {
					t.Errorf("rate %v: telegram %d: nobody sent %q", damage, x.Seq, line)
				}
			}
			why[x.Why]++
			if x.CRC == record.CRCUnknown && x.Why != "no known CRC holds in this stream" {
				t.Errorf("unknown, and why is %q", x.Why)
			}
		}
		if damage == 0 && why["no known CRC holds in this stream"] < n*19/20 {
			t.Errorf("why: %v", why)
		}
	}
}

// What came in an encrypted frame passes: a bad one is lost, with the reason that
// it came with, and nothing is learned from a good one. Telegrams between them are
// repaired as ever, and a second look changes nothing.
func TestEncryptedFramesPass(t *testing.T) {
	list := transmissions(t, "meter=nl&telegrams=20")
	frame := func(n int) []byte { return bytes.Repeat([]byte{0xDB, 0x08, byte(n)}, 300) }
	var in []record.Record
	offset := int64(0)
	add := func(x record.Telegram) {
		x.Origin, x.Seq = record.Origin{Source: "log", Offset: offset}, int64(len(in)+1)
		data, err := record.Received(&x)
		must(t, err)
		offset += int64(len(data))
		in = append(in, &x)
	}
	for n := range 20 {
		switch {
		case n%4 == 1:
			add(record.Telegram{Status: record.Bad, CRC: record.CRCNone, Raw: frame(n), ReceivedRaw: frame(n), Cipher: "failed", Why: "the tag does not verify"})
		case n%4 == 2:
			add(record.Telegram{Status: record.OK, CRC: record.CRCARC, Raw: record.Bytes(list[n]), ReceivedRaw: frame(n), Cipher: "verified"})
		case n == 11:
			add(record.Telegram{Status: record.Bad, CRC: record.CRCARC, CRCSent: "0000", Raw: record.Bytes(strings.Replace(list[n], "kWh", "kW@", 1))})
		default:
			add(record.Telegram{Status: record.OK, CRC: record.CRCARC, Raw: record.Bytes(list[n])})
		}
	}
	out := fix(t, in, usual)
	for n, x := range (&collector{out}).telegrams() {
		was := in[n].(*record.Telegram)
		switch {
		case was.ReceivedRaw == nil && x.Status != record.OK && x.Status != record.Repaired:
			t.Errorf("telegram %d is %s: %s", n, x.Status, x.Why)
		case was.ReceivedRaw != nil && was.Status == record.Bad:
			want := *was
			want.Status = record.Lost
			if !reflect.DeepEqual(*x, want) {
				t.Errorf("telegram %d: %+v", n, x)
			}
		case was.ReceivedRaw != nil && !reflect.DeepEqual(x, was):
			t.Errorf("telegram %d: %+v", n, x)
		}
	}
	again := usual
	again.Again = true
	if !reflect.DeepEqual(fix(t, out, again), out) {
		t.Error("a second look changes something")
	}
}

// One telegram whose CRC holds by X25 by accident, where no other holds by anything,
// makes no meter of X25 of its stream: its neighbours stay as they were.
func TestOneAccidentMakesNoKind(t *testing.T) {
	for _, query := range []string{"meter=nl&telegrams=12", "meter=hu&telegrams=12"} {
		for place := 0; place < 12; place += longtest.Pick(5, 1, 1) {
			damaged := slowEdges(0.002)
			var log []byte
			for i, tel := range transmissions(t, query) {
				switch i {
				case place:
					tel = signed(tel, crc.X25, "%04X")
				default:
					text := tel[:strings.LastIndexByte(tel, '!')+1]
					tel = fmt.Sprintf("%s%04X\r\n", text, ^crc.ARC.Sum([]byte(text)))
				}
				log = append(log, damaged(tel)...)
			}
			for _, r := range fix(t, framed(t, log), usual) {
				if x, ok := r.(*record.Telegram); ok && (x.Status == record.OK || x.Status == record.Repaired) {
					t.Errorf("%s, accident at %d: the telegram at %d is %s by %s", query, place, x.Offset, x.Status, x.CRC)
				}
			}
		}
	}
}

// printed is what a logger of printable output keeps of a telegram.
func printed(tel string) string {
	var out []byte
	for _, b := range []byte(tel) {
		if channel.Printable(b) {
			out = append(out, b)
		}
	}
	return string(out)
}

// afterALogger is the records of two logs of one logger: one of a meter, by which it is
// found what the logger leaves out, and another one, of another meter, of telegrams as sent.
func afterALogger(t testing.TB, other []string) []record.Record {
	t.Helper()
	var records []record.Record
	add := func(source string, list []string) {
		var log []byte
		for _, tel := range list {
			log = append(log, printed(tel)...)
		}
		for _, r := range framed(t, log) {
			switch r := r.(type) {
			case *record.Telegram:
				r.Source = source
			case *record.Noise:
				r.Source = source
			}
			records = append(records, r)
		}
	}
	add("first", transmissions(t, "meter=hu&telegrams=20&seed=4"))
	add("other", other)
	return records
}

// otherMeter is telegrams of another meter, each with a CRC of some kind.
func otherMeter(t testing.TB, n int, kindOf func(i int) crc.Kind, hit func(i int, tel string) string) (list []string) {
	t.Helper()
	for i, tel := range transmissions(t, fmt.Sprintf("meter=hu&telegrams=%d&seed=9", n)) {
		_, rest, _ := strings.Cut(tel, "\r\n")
		list = append(list, hit(i, signed("/XYZ5another\r\n"+rest, kindOf(i), "%04X")))
	}
	return list
}

// Where what the logger of the log before has done is undone, one telegram whose CRC holds by
// X25 by accident makes no kind of CRC of its log: those after it are repaired by ARC.
func TestOneAccidentAfterALogger(t *testing.T) {
	const n = 40
	for _, place := range []int{0, 7, n - 1, -1, -8} { // a negative one is damaged too
		whole := place >= 0
		if !whole {
			place = -1 - place
		}
		damaged := slowEdges(0.002)
		other := otherMeter(t, n, func(i int) crc.Kind {
			if i == place {
				return crc.X25
			}
			return crc.ARC
		}, func(i int, tel string) string {
			switch {
			case i != place:
				return damaged(tel)
			case !whole:
				return strings.Replace(tel, "1-0:2.7.0(", "1-0:2 7.0(", 1)
			}
			return tel
		})
		right := 0
		for _, r := range fix(t, afterALogger(t, other), usual) {
			x, ok := r.(*record.Telegram)
			if !ok || x.Source != "other" || x.Status != record.Repaired && x.Status != record.OK {
				continue
			}
			if right++; x.CRC != record.CRCARC {
				t.Errorf("accident at %d: the telegram at %d is %s by %s", place, x.Offset, x.Status, x.CRC)
			}
		}
		if right < n*3/4 {
			t.Errorf("accident at %d: %d of %d are repaired", place, right, n)
		}
	}
}

// Two telegrams with different text make X25 the kind of their log, behind a logger too;
// the same one twice does not.
func TestTwoOfAKindAfterALogger(t *testing.T) {
	x25 := func(int) crc.Kind { return crc.X25 }
	as := func(_ int, tel string) string { return tel }
	valid := func(list []string) (n int) {
		for _, r := range fix(t, afterALogger(t, list), usual) {
			if x, ok := r.(*record.Telegram); ok && x.Source == "other" && x.Status == record.Repaired && x.CRC == record.CRCX25 {
				n++
			}
		}
		return n
	}
	list := otherMeter(t, 3, x25, as)
	if n := valid(list); n != 3 {
		t.Errorf("%d of 3 are repaired by X25", n)
	}
	if n := valid([]string{list[0], list[0]}); n != 0 {
		t.Errorf("%d of one that came twice are repaired by X25", n)
	}
}

// Nor does it where the CRC of all others is of no known kind.
func TestOneAccidentAmongUnknownAfterALogger(t *testing.T) {
	for place := range 3 {
		other := otherMeter(t, 12, func(int) crc.Kind { return crc.X25 }, func(i int, tel string) string {
			if i != place*5 {
				bang := strings.LastIndexByte(tel, '!')
				tel = fmt.Sprintf("%s%04X\r\n", tel[:bang+1], ^crc.ARC.Sum([]byte(tel[:bang+1])))
			}
			return strings.Replace(tel, fmt.Sprintf("1-0:%d.7.0(", i%4+1), fmt.Sprintf("1-0:%d 7.0(", i%4+1), 1)
		})
		for _, r := range fix(t, afterALogger(t, other), usual) {
			if x, ok := r.(*record.Telegram); ok && x.Source == "other" && (x.Status == record.OK || x.Status == record.Repaired) {
				t.Errorf("accident at %d: the telegram at %d is %s by %s", place*5, x.Offset, x.Status, x.CRC)
			}
		}
	}
}

// Without lookahead, a damaged telegram whose CRC stands in the line below its '!' is whole,
// and is not held back for more.
func TestCRCBelowIsAnEnd(t *testing.T) {
	s := resigned(t, "meter=nl&telegrams=30", crc.ARC, "\r\n%04X", slowEdges(0.0005))
	c := &collector{}
	f := repair.New(c, repair.Options{MinConfidence: 0.999, Lookahead: repair.NoLookahead})
	damaged := 0
	for i, r := range framed(t, s.log) {
		must(t, f.Take(r))
		if x := r.(*record.Telegram); x.Status == record.Bad && x.CRCSent != "" {
			damaged++
		} else if x.CRCSent == "" {
			continue
		}
		if len(c.records) != i+1 {
			t.Errorf("telegram %d is held back", i+1)
		}
	}
	if damaged < 3 {
		t.Errorf("%d are damaged", damaged)
	}
}

// A damaged telegram that ARC would repair, at the beginning of a stream in which no telegram
// that looks whole holds by any known kind, is not repaired; alone it is.
func TestNothingIsRepairedByAccident(t *testing.T) {
	sent := transmissions(t, "meter=nl&telegrams=20")
	first := []byte(sent[0])
	first[bytes.Index(first, []byte("*kWh"))+1] ^= 0x20
	log := bytes.Clone(first)
	for _, tel := range sent[1:] {
		bang := strings.LastIndexByte(tel, '!')
		odd := 40503 * crc.X25.Sum([]byte(tel[:bang+1])) // which is no CRC: it can't be learned
		log = fmt.Appendf(log, "%s%04X\r\n", tel[:bang+1], odd)
	}
	status := func(log []byte) record.Status {
		return (&collector{fix(t, framed(t, log), usual)}).telegrams()[0].Status
	}
	if s := status(first); s != record.Repaired {
		t.Errorf("alone it is %s", s)
	}
	if s := status(log); s == record.Repaired {
		t.Error("among others it is repaired")
	}
}
