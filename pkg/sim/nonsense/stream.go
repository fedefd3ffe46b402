package nonsense

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"p1/pkg/sim"
)

// A Plan says what to simulate, and what nonsense to put into it.
type Plan struct {
	World sim.Options
	Seed  uint64   // of the nonsense
	Share float64  // of the telegrams, in which a kind of Kinds is drawn
	Kinds []string // those that are drawn
	At    []At     // what happens once, in the order of Seq
}

// At is a kind, or a change, that begins at a telegram.
type At struct {
	Seq  int
	Name string
}

// Quiet is how many telegrams at each end nothing is drawn in.
const Quiet = 20

// A Line is a line of a telegram that is not true.
type Line struct {
	Number      int // from 1; the header is the first
	Code        string
	Kind        string
	Right, Sent string
	Against     string // what contradicts it; empty if it could be right, see the package's comment
}

// Counted tells whether a line must not be handed on.
func (l Line) Counted() bool { return l.Against != "" }

// A Telegram is what the meter sends, signed, and the truth.
type Telegram struct {
	Seq        int
	Clock      time.Time // the right one
	Text       []byte
	Right      []byte // as it should read, with a CRC of its own
	Lines      []Line // what is nonsense
	Open       []int  // right lines that may be doubted as well: a sum is broken, and it might have been them
	Confirming []int  // right lines at a new level that nobody can believe yet
}

// A Stream is a simulated capture with nonsense in it.
type Stream struct {
	world   *sim.Stream
	plan    Plan
	dice    *rand.Rand
	judge   judge
	changes changes
	running *stretch
	before  message // the last right telegram
	old     [2]map[string]string
	aged    int64 // when the newer of old was taken
	equal   int
}

// A stretch is a kind that is going on.
type stretch struct {
	kind  Kind
	begun bool
	begin int64  // by the clock
	stamp string // of the device whose interval it is
	held  map[string]string
	code  string // the one that is hit, if not all are
}

// New begins a stream. The meter must sign with CRC-16/ARC, and its telegrams must have a
// clock.
func New(p Plan) (*Stream, error) {
	if sim.Signs(p.World.Meter) != "ARC" {
		return nil, fmt.Errorf("nonsense: the meter %q does not sign with CRC-16/ARC", p.World.Meter)
	}
	for _, name := range p.names() {
		if _, ok := find(name); !ok && changeOf(name) == nil {
			return nil, fmt.Errorf("nonsense: unknown kind %q", name)
		}
	}
	world, err := sim.New(p.World)
	if err != nil {
		return nil, err
	}
	return &Stream{world: world, plan: p, dice: rand.New(rand.NewPCG(p.Seed, 0)), judge: judge{last: map[string]reading{}}}, nil
}

func (p Plan) names() []string {
	names := slices.Clone(p.Kinds)
	for _, a := range p.At {
		names = append(names, a.Name)
	}
	return names
}

func find(name string) (Kind, bool) {
	i := slices.IndexFunc(kinds, func(k Kind) bool { return k.Name == name })
	if i < 0 {
		return Kind{}, false
	}
	return kinds[i], true
}

// Equal is how often nonsense was drawn so far that was what the line read anyway: the
// telegrams stayed right.
func (s *Stream) Equal() int { return s.equal }

// Next returns the next telegram, and false after the last one.
func (s *Stream) Next() (Telegram, bool) {
	x, ok := s.world.Next()
	if !ok {
		return Telegram{}, false
	}
	right, now := split(x.Sent), x.Clock.Unix()
	t := Telegram{Seq: x.Seq, Clock: x.Clock}
	for len(s.plan.At) > 0 && s.plan.At[0].Seq <= x.Seq {
		s.begin(s.plan.At[0].Name, now)
		s.plan.At = s.plan.At[1:]
	}
	right, t.Confirming = s.changes.apply(right, s.before, now)
	for _, n := range t.Confirming {
		s.judge.forget(codeOf(right[n-1]))
	}
	s.judge.frame(now, right)
	sent := s.spoil(&t, right, now)
	for i, line := range right {
		if Counts(line) && sent[i] == line {
			s.judge.believe(line, now)
		}
	}
	s.remember(right, now)
	t.Text = sent.sign()
	t.Right = t.Text
	if len(t.Lines) > 0 {
		t.Right = right.sign()
	}
	return t, true
}

// begin starts what lasts.
func (s *Stream) begin(name string, now int64) {
	if change := changeOf(name); change != nil {
		change(&s.changes)
		return
	}
	k, _ := find(name)
	s.running = &stretch{kind: k, begin: now, held: byCode(s.before)}
	if name == "repeated" {
		s.running.held = s.old[0]
	}
	if !k.all && k.lasts > 0 {
		s.running.code = s.busiest(k)
	}
}

// busiest is the code that has gained the most lately.
func (s *Stream) busiest(k Kind) (code string) {
	most := int64(0)
	for _, line := range s.before {
		x, ok := readNumber(line)
		old, known := readNumber(s.old[0][codeOf(line)])
		if gain := x.n - old.n; ok && known && k.lines(line) && gain > most {
			code, most = codeOf(line), gain
		}
	}
	return code
}

// byCode are the lines that count.
func byCode(m message) map[string]string {
	lines := map[string]string{}
	for _, line := range m {
		if Counts(line) {
			lines[codeOf(line)] = line
		}
	}
	return lines
}

// remember keeps a right telegram, and older ones: the first of old was taken ten to
// twenty minutes ago.
func (s *Stream) remember(right message, now int64) {
	s.before = right
	if s.old[0] == nil || now-s.aged >= 600 {
		s.old[0], s.old[1], s.aged = s.old[1], byCode(right), now
		if s.old[0] == nil {
			s.old[0] = s.old[1]
		}
	}
}

// spoil returns what is sent of a right telegram.
func (s *Stream) spoil(t *Telegram, right message, now int64) message {
	sent := slices.Clone(right)
	if s.lasting(right, now) {
		s.hit(t, s.running, right, sent)
		return sent
	}
	quiet := t.Seq <= Quiet || t.Seq > s.plan.World.Telegrams-Quiet
	if s.dice.Float64() >= s.plan.Share || quiet {
		return sent
	}
	for range 8 { // a kind may find nothing here that it can hit
		k, _ := find(s.plan.Kinds[s.dice.IntN(len(s.plan.Kinds))])
		if s.hit(t, &stretch{kind: k}, right, sent) {
			break
		}
	}
	return sent
}

// lasting tells whether a stretch hits this telegram, and ends one that is over. That of
// an interval begins and ends where the device has a new time stamp.
func (s *Stream) lasting(right message, now int64) bool {
	if s.running == nil {
		return false
	}
	r := s.running
	if r.kind.lasts != interval {
		if now >= r.begin+r.kind.lasts {
			s.running = nil
		}
		return s.running != nil
	}
	stamp := deviceStamp(right)
	switch {
	case !r.begun:
		r.begun, r.stamp = stamp != deviceStamp(s.before), stamp
	case stamp != r.stamp:
		s.running = nil
	}
	return s.running != nil && r.begun
}

func deviceStamp(m message) string {
	for _, line := range m {
		if isDevice(line) {
			return stampOf(line)
		}
	}
	return ""
}

// hit lets a kind spoil what is sent, and notes the truth. It reports whether there was
// anything to hit.
func (s *Stream) hit(t *Telegram, r *stretch, right, sent message) bool {
	k := r.kind
	var at []int
	for i, line := range right {
		if k.lines(line) && (r.code == "" || r.code == codeOf(line)) {
			at = append(at, i)
		}
	}
	if len(at) > 0 && !k.all {
		at = []int{at[s.dice.IntN(len(at))]}
	}
	x := &scene{s.dice, s.judge.last, r.held, t.Clock.Unix() - r.begin}
	done := false
	for _, i := range at {
		wrong, ok := k.twist(x, right[i])
		if !ok {
			continue
		}
		done = true
		if wrong == right[i] {
			s.equal++
			continue
		}
		s.note(t, k, i, wrong, right, sent)
	}
	return done
}

// note puts a wrong line into what is sent. One that is too high and that nobody can
// contradict is left out: the right ones after it would be falls.
func (s *Stream) note(t *Telegram, k Kind, i int, wrong string, right, sent message) {
	now, code := t.Clock.Unix(), codeOf(right[i])
	against := s.judge.against(wrong, now, k.still)
	if (against == "" || against == "frozen") && !k.all {
		if t.Open = partners(code, right); len(t.Open) > 0 {
			against = cmp.Or(against, "sum")
		}
	}
	w, _ := readNumber(wrong)
	if r, ok := readNumber(right[i]); ok && against == "" && w.n > r.n {
		return
	}
	sent[i] = wrong
	t.Lines = append(t.Lines, Line{Number: i + 1, Code: code, Kind: k.Name, Right: right[i], Sent: wrong, Against: against})
}

// Log is the whole stream as the log of a capture, and where each telegram begins.
func (s *Stream) Log() (text []byte, telegrams []Telegram) {
	for t, ok := s.Next(); ok; t, ok = s.Next() {
		text = append(text, t.Text...)
		telegrams = append(telegrams, t)
	}
	return text, telegrams
}

// Told reports whether one who doubts some lines of the telegram has told of a nonsensical
// one. Where nothing but a sum contradicts it, that is any line of the sum.
func (t *Telegram) Told(l Line, doubts func(line int) bool) bool {
	return doubts(l.Number) || l.Against == "sum" && slices.ContainsFunc(t.Open, doubts)
}

// String is a line of the truth, for people.
func (l Line) String() string {
	return strings.TrimSpace(fmt.Sprintf("line %d: %s for %s (%s, %s)", l.Number, l.Sent, l.Right, l.Kind, l.Against))
}
