package sources

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"p1/pkg/record"
	"p1/pkg/sim/wiretest"
)

// quick is a pace at which a test need not wait for long.
func quick() pace {
	p := usualPace()
	p.grace, p.look = 200*time.Millisecond, 50*time.Millisecond
	p.retry, p.slowest = 10*time.Millisecond, 50*time.Millisecond
	return p
}

// sayings are the words that a source has said.
type sayings struct {
	mu    sync.Mutex
	lines []string
}

func (s *sayings) say(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, text)
}

func (s *sayings) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.lines...)
}

func (s *sayings) count(part string) int {
	n := 0
	for _, l := range s.all() {
		if strings.Contains(l, part) {
			n++
		}
	}
	return n
}

func (s *sayings) await(t *testing.T, part string) { t.Helper(); s.awaitTimes(t, part, 1) }

// awaitTimes waits until something has been said so many times.
func (s *sayings) awaitTimes(t *testing.T, part string, n int) {
	t.Helper()
	for end := time.Now().Add(patience); s.count(part) < n; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%q is not said %d times, but %q", part, n, s.all())
		}
	}
}

// taker takes the records of a source and checks what holds for every live one.
type taker struct {
	t       *testing.T
	s       Source
	session string
	data    []byte
	chunks  []*record.Chunk
	gaps    []*record.Gap
}

func take(t *testing.T, s Source) *taker {
	t.Helper()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return &taker{t: t, s: s}
}

func (k *taker) next(ctx context.Context) error {
	r, err := k.s.Next(ctx)
	if err != nil {
		return err
	}
	at := r.Where()
	if k.session == "" {
		k.session = at.Session
	}
	if _, err := time.Parse(time.RFC3339, at.Session); err != nil || at.Session != k.session || at.Offset != int64(len(k.data)) {
		k.t.Fatalf("a record at %+v, want session %q (%v), offset %d", at, k.session, err, len(k.data))
	}
	switch r := r.(type) {
	case *record.Gap:
		if !r.Live || r.Time == "" {
			k.t.Errorf("gap %+v", r)
		}
		k.gaps = append(k.gaps, r)
	case *record.Chunk:
		if _, err := time.Parse(time.RFC3339, r.Time); err != nil || !r.Live || len(r.Data) == 0 || len(r.Data) > record.MaxData ||
			r.End != record.EndPause && r.End != record.EndFull && r.End != record.EndEOF {
			k.t.Fatalf("chunk of %d bytes, time %q, live %v, end %q", len(r.Data), r.Time, r.Live, r.End)
		}
		k.chunks = append(k.chunks, r)
		k.data = append(k.data, r.Data...)
	default:
		k.t.Fatalf("a %T", r)
	}
	return nil
}

// until takes records until ok holds.
func (k *taker) until(what string, ok func() bool) {
	k.t.Helper()
	ctx, cancel := context.WithTimeout(k.t.Context(), patience)
	defer cancel()
	for !ok() {
		if err := k.next(ctx); err != nil {
			k.t.Fatalf("%s: %v after %d bytes, %d gaps", what, err, len(k.data), len(k.gaps))
		}
	}
}

func (k *taker) bytes(n int) {
	k.t.Helper()
	k.until(fmt.Sprintf("%d bytes", n), func() bool { return len(k.data) >= n })
}

// opened waits until the line has been opened so many times: before that a port is no raw
// one.
func (k *taker) opened(gaps int) {
	k.t.Helper()
	k.until("a gap record", func() bool { return len(k.gaps) == gaps })
}

func (k *taker) whys() string {
	var all []string
	for _, g := range k.gaps {
		all = append(all, fmt.Sprintf("%s@%d", g.Why, g.Offset))
	}
	return strings.Join(all, " ")
}

// fakeDialer gives lines that a test has written down.
type fakeDialer struct {
	lines chan *fakeLine
}

func (d *fakeDialer) why() string     { return record.GapReconnect }
func (d *fakeDialer) asks() questions { return ofPort() }

func (d *fakeDialer) dial(ctx context.Context) (line, error) {
	select {
	case l := <-d.lines:
		return l, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// fakeLine delivers what is sent to it, and is lost when that is closed.
type fakeLine struct {
	data   chan []byte
	left   []byte
	lost   atomic.Uint64
	closed atomic.Bool
}

func newFakeLine() *fakeLine { return &fakeLine{data: make(chan []byte, 1000)} }

func (l *fakeLine) read(p []byte, wait time.Duration) (int, error) {
	if len(l.left) == 0 {
		select {
		case data, ok := <-l.data:
			if !ok {
				return 0, io.ErrUnexpectedEOF
			}
			l.left = data
		case <-time.After(wait):
			return 0, nil
		}
	}
	n := copy(p, l.left)
	l.left = l.left[n:]
	return n, nil
}

func (l *fakeLine) close() error     { l.closed.Store(true); return nil }
func (l *fakeLine) overruns() uint64 { return l.lost.Load() }

func (d *fakeDialer) give(data ...string) *fakeLine {
	l := newFakeLine()
	for _, text := range data {
		l.data <- []byte(text)
	}
	d.lines <- l
	return l
}

func openFake(t *testing.T, p pace) (*fakeDialer, *taker, *sayings) {
	t.Helper()
	d := &fakeDialer{lines: make(chan *fakeLine, 100)}
	var s sayings
	return d, take(t, openLive("fake", d, p, s.say)), &s
}

const obisLine = "/TST5\r\n\r\n1-0:1.8.0(000001.000*kWh)\r\n!\r\n"

// Whatever lines deliver, in whatever pieces, comes out once and in order, with a
// gap where each line begins that comes after bytes.
func TestLiveBytesAreConserved(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(5, 6))
	for range 8 {
		d, k, _ := openFake(t, quick())
		var want []byte
		var gaps []string
		why := record.GapStart
		for range 1 + rng.IntN(4) {
			if len(gaps) == 0 || len(want) > 0 {
				gap := fmt.Sprintf("%s@%d", why, len(want))
				if len(gaps) == 0 || gaps[len(gaps)-1] != gap && !strings.HasSuffix(gaps[len(gaps)-1], fmt.Sprintf("@%d", len(want))) {
					gaps = append(gaps, gap)
				}
			}
			why = record.GapReconnect
			l := newFakeLine()
			for range rng.IntN(5) {
				data := noise(4 + rng.IntN(100_000))
				l.data <- data
				want = append(want, data...)
			}
			close(l.data)
			d.lines <- l
		}
		last := d.give("end")
		want = append(want, "end"...)
		k.bytes(len(want))
		if !bytes.Equal(k.data, want) {
			t.Fatalf("%d bytes are not those sent", len(k.data))
		}
		if got := k.whys(); !strings.HasPrefix(got, strings.Join(gaps, " ")) || len(k.gaps) > len(gaps)+1 {
			t.Errorf("gaps %s, want %v and the last line's", got, gaps)
		}
		_ = last
	}
}

func TestFullChunks(t *testing.T) {
	d, k, _ := openFake(t, quick())
	want := string(noise(3*record.MaxData + 5))
	d.give(want)
	k.bytes(len(want))
	for i, c := range k.chunks {
		end, size := record.EndFull, record.MaxData
		if i == 3 {
			end, size = record.EndPause, 5
		}
		if c.End != end || len(c.Data) != size {
			t.Errorf("chunk %d: %d bytes, end %s", i, len(c.Data), c.End)
		}
	}
}

// A line that never pauses is handed on all the same.
func TestLineWithoutPauses(t *testing.T) {
	p := quick()
	p.pause, p.age = 200*time.Millisecond, 100*time.Millisecond
	d, k, _ := openFake(t, p)
	l := d.give()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for ctx.Err() == nil {
			l.data <- []byte("x")
			time.Sleep(5 * time.Millisecond)
		}
	}()
	k.until("two chunks", func() bool { return len(k.chunks) == 2 })
	if end := k.chunks[0].End; end != record.EndFull {
		t.Errorf("it ends with %s", end)
	}
}

func TestEndOfALineEndsTheChunk(t *testing.T) {
	p := quick()
	p.pause = patience
	d, k, _ := openFake(t, p)
	l := d.give("/AUX")
	close(l.data)
	k.bytes(4)
	if end := k.chunks[0].End; end != record.EndEOF {
		t.Errorf("it ends with %s", end)
	}
}

// When the capture ends, what has been read comes first, without a pause to wait for.
func TestStopHandsOnWhatWasRead(t *testing.T) {
	p := quick()
	p.pause, p.age = patience, patience
	d, k, _ := openFake(t, p)
	l := d.give("/AUX5990")
	k.until("the gap", func() bool { return len(k.gaps) == 1 })
	for len(l.data) > 0 {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(10 * time.Millisecond)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := k.next(ctx); err != nil || string(k.data) != "/AUX5990" || k.chunks[0].End != record.EndEOF {
		t.Fatalf("%v, %q", err, k.data)
	}
	if err := k.next(ctx); err != context.Canceled {
		t.Errorf("then %v", err)
	}
	if err := k.next(t.Context()); err != context.Canceled {
		t.Errorf("and later %v", err)
	}
	if !l.closed.Load() {
		t.Error("the line is not closed")
	}
}

// Close does not wait for anybody to take what has been read.
func TestCloseOfALineThatNobodyReads(t *testing.T) {
	p := quick()
	p.pause = time.Millisecond
	d, k, _ := openFake(t, p)
	l := d.give()
	go func() {
		for range 10 * maxWaiting {
			l.data <- []byte("x")
			time.Sleep(3 * time.Millisecond)
		}
	}()
	becomesReady(t, k.s)
	time.Sleep(100 * time.Millisecond)
	closed := make(chan error, 1)
	go func() { closed <- k.s.Close() }()
	select {
	case <-closed:
		if !l.closed.Load() {
			t.Error("the line is still open")
		}
	case <-time.After(patience):
		t.Fatal("Close waits")
	}
}

func TestOverrunIsAGapBehindTheChunk(t *testing.T) {
	d, k, _ := openFake(t, quick())
	l := newFakeLine()
	l.lost.Store(3) // before this capture: none of its business
	d.lines <- l
	l.data <- []byte("/AUX")
	k.bytes(4)
	time.Sleep(50 * time.Millisecond)
	l.lost.Store(4)
	l.data <- []byte("5990")
	k.until("the second gap", func() bool { return len(k.gaps) == 2 })
	if got := k.whys(); got != "start@0 overrun@8" {
		t.Errorf("gaps %s", got)
	}
}

func TestChangesOfStateAreSaidOnce(t *testing.T) {
	t.Parallel()
	p := quick()
	p.silent, p.foreign = 150*time.Millisecond, 150*time.Millisecond
	d, k, s := openFake(t, p)
	l := d.give()
	go func() { // somebody must take what comes
		for k.next(t.Context()) == nil {
		}
	}()
	s.await(t, "nothing has come for 150ms")
	time.Sleep(200 * time.Millisecond)
	l.data <- []byte(obisLine)
	s.await(t, "the meter is heard")
	for range 20 {
		l.data <- []byte("Port already in use\r\n")
		time.Sleep(25 * time.Millisecond)
	}
	s.await(t, `no meter is heard`)
	if s.count(`"Port already in use\r\nPort`)+s.count(`"Port already in use\r\n"`) != 1 {
		t.Errorf("what was seen is not said: %q", s.all())
	}
	l.data <- []byte(obisLine)
	for range 3 { // lost and lost again, with nothing between
		close(l.data)
		l = d.give()
	}
	s.await(t, "unexpected EOF")
	l.data <- []byte(obisLine)
	s.awaitTimes(t, "the meter is heard", 3)
	if got := s.all(); len(got) != 6 {
		t.Errorf("said are:\n%s", strings.Join(got, "\n"))
	}
}

type refusing struct {
	err error
	n   int
}

func (d *refusing) dial(context.Context) (line, error) { d.n++; return nil, d.err }
func (d *refusing) why() string                        { return record.GapUnplugged }
func (d *refusing) asks() questions                    { return ofPort() }

// What no time heals ends the source, but not at once: udev may be at work.
func TestHopelessErrorEndsTheSource(t *testing.T) {
	d := &refusing{err: &hopelessError{errors.New("permission denied")}}
	var s sayings
	k := take(t, openLive("fake", d, quick(), s.say))
	for range 2 {
		if err := k.next(t.Context()); err == nil || err.Error() != "permission denied" {
			t.Errorf("%v", err)
		}
	}
	if d.n < 3 || len(s.all()) > 0 {
		t.Errorf("tried %d times, said %q", d.n, s.all())
	}
}

func TestOtherErrorsAreTriedForEver(t *testing.T) {
	t.Parallel()
	p := quick()
	d := &refusing{err: errors.New("busy")}
	var s sayings
	k := take(t, openLive("fake", d, p, s.say))
	ctx, cancel := context.WithTimeout(t.Context(), 4*p.grace)
	defer cancel()
	if err := k.next(ctx); err != context.DeadlineExceeded {
		t.Errorf("%v", err)
	}
	if got := s.all(); len(got) != 1 || got[0] != "fake: busy" {
		t.Errorf("said %q", got)
	}
}

func TestTroublesThatDifferEachTimeAreBounded(t *testing.T) {
	var s sayings
	w := newWatch("fake", ofPort(), quick(), s.say)
	now := time.Now()
	for i := range 100 {
		w.trouble(fmt.Sprint("error ", i), "an error", now)
	}
	if n := len(s.all()); n != maxTold {
		t.Errorf("%d lines", n)
	}
	w.heard([]byte(obisLine), now)
	now = now.Add(w.pace.again)
	w.trouble("error 200", "another error", now)
	if n := s.count("another error"); n != 1 {
		t.Errorf("what comes after all that is said %d times", n)
	}
}

// A peer that takes connections and drops them, a telegram each, is said at once, then
// once a minute with how often it has done so.
func TestFlappingPeerIsSaidOnceAMinute(t *testing.T) {
	var s sayings
	w := newWatch("fake", ofPort(), usualPace(), s.say)
	now := time.Now()
	gone := errors.New("gone: connecting again")
	for range 100 { // each 3 s: for 5 minutes
		w.opened(now)
		w.heard([]byte(obisLine), now.Add(time.Second))
		w.lost(gone, now.Add(2*time.Second))
		now = now.Add(3 * time.Second)
	}
	want := []string{"fake: gone: connecting again", "fake: the meter is heard"}
	for range 4 {
		want = append(want, "fake: gone: connecting again (20 times in 1m0s)", "fake: the meter is heard")
	}
	if got := s.all(); !slices.Equal(got, want) {
		t.Errorf("said are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// The last words are true: a peer that goes again soon after it was heard, and stays
// away, is said to be gone although that was said a moment ago.
func TestLastWordsAreTrue(t *testing.T) {
	var s sayings
	w := newWatch("fake", ofPort(), usualPace(), s.say)
	now := time.Now()
	busy := errors.New("busy: trying again")
	w.lost(busy, now)
	w.heard([]byte(obisLine), now.Add(time.Second))
	for i := range 300 {
		w.lost(busy, now.Add(time.Duration(2+i)*time.Second))
	}
	w.heard([]byte(obisLine), now.Add(400*time.Second))
	want := []string{"fake: busy: trying again", "fake: the meter is heard", "fake: busy: trying again", "fake: the meter is heard"}
	if got := s.all(); !slices.Equal(got, want) {
		t.Errorf("said are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestInvertedLineIsSaidWithWhatItReads(t *testing.T) {
	d, k, s := openFake(t, quick())
	text := wiretest.Telegrams(t, "../../../testdata/hu-clean.log")[0]
	l := d.give(string(wiretest.Sampled(wiretest.Turned(wiretest.Wire(text, func() int { return 0 })), false, false)))
	k.until("a chunk", func() bool { return len(k.chunks) == 1 })
	s.await(t, "the line is inverted")
	if s.count("0-0:1.0.0(") != 1 {
		t.Errorf("said %q", s.all())
	}
	l.data <- []byte(obisLine)
	s.await(t, "the meter is heard")
}

// Looking for an inverted line is dear, and one on which a meter has been heard is none:
// garbage is only looked at until then, and when the line has been opened again.
func TestGarbageBehindAMeterIsNotTurnedOver(t *testing.T) {
	text := wiretest.Sampled(wiretest.Turned(wiretest.Wire(wiretest.Telegrams(t, "../../../testdata/hu-clean.log")[0], func() int { return 0 })), false, false)
	w := newWatch("fake", ofPort(), quick(), nil)
	now := time.Now()
	w.opened(now)
	for i, c := range []struct {
		data []byte
		want verdict
	}{{text, heardInverted}, {[]byte(obisLine), heardMeter}, {text, heardGarbage}} {
		if got := w.heard(c.data, now); got != c.want {
			t.Errorf("chunk %d sounds like %d, want %d", i+1, got, c.want)
		}
	}
	w.opened(now)
	if got := w.heard(text, now); got != heardInverted {
		t.Errorf("after another opening it sounds like %d", got)
	}
}
