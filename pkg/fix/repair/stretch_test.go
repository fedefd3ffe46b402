package repair

import (
	"bytes"
	"testing"

	"p1/pkg/crc"
	"p1/pkg/fix/expect"
	"p1/pkg/uart"
)

// slip is what a receiver delivers of a text if nobody looks at the start edge of the
// character at a place.
func slip(r uart.Receiver, text []byte, at int) []byte {
	got := bytes.Clone(text[:at])
	phase, value := uart.Unseen, byte(0)
	take := func(x uart.Piece) {
		if x.Begins {
			value = 0
		}
		if value |= x.Bits; x.Ends && (x.Stop || !r.Drops) {
			got = append(got, value)
		}
	}
	for i, c := range text[at:] {
		if phase == 0 {
			return append(got, text[at+i:]...)
		}
		pieces, n, end := r.Pass(phase, c)
		for _, x := range pieces[:n] {
			take(x)
		}
		phase = end
	}
	if rest, any := phase.Idle(); any {
		take(rest)
	}
	return got
}

// meter is a telegram whose digits may be any others, as what is known of its meter.
const meter = "/XXX5meter\r\n\r\n1-0:1.7.0(00.460*kW)\r\n1-0:21.7.0(00.865*kW)\r\n1-0:41.7.0(00.123*kW)\r\n!"

// readStretches prices the stretches of what was received of a telegram of that meter.
func readStretches(t *testing.T, received []byte) (*decoder, *expect.Shape, []stretch) {
	t.Helper()
	shape := expect.NewShape([]byte(meter + "0000\r\n"))
	d := newDecoder(crc.ARC, false, false)
	short, ops := match(shape, received)
	if ops == nil {
		t.Fatal("nothing is aligned")
	}
	d.begin(shape)
	return d, shape, d.price(d.reader.stretches(ops, short), short, received)
}

// What a receiver out of step reads of a number says what it was: '0.460' comes in as
// 82 72 A2 B2 82, and other digits cannot.
func TestSlipIsReadBitByBit(t *testing.T) {
	text := []byte(meter + "0000\r\n")
	for _, r := range []uart.Receiver{{}, {Gap: 1}, {Restarts: true}, {TakesLow: true}, {CountsOn: true}, {Drops: true}} {
		at := bytes.IndexByte(text, '(') + 1
		received := slip(r, text, at)
		d, shape, list := readStretches(t, received)
		if len(list) == 0 || !list[0].slipped {
			t.Errorf("%+v: % X is no slip", r, received[at:at+9])
			continue
		}
		if k := len("00.460"); !r.Drops && r.Gap == 0 && !bytes.Contains(received, []byte("\x82\x72\xA2\xB2\x82")) {
			t.Errorf("%+v: read as % X", r, received[at:at+k])
		}
		f := &shape.Fields[0]
		right, wrong := d.reader.softCost(f.Start, []byte("00.460")), d.reader.softCost(f.Start, []byte("00.865"))
		if right > 1 || wrong < right+10 {
			t.Errorf("%+v: what was sent costs %.1f, and 00.865 %.1f", r, right, wrong)
		}
	}
}

// A slip and a byte that is hit elsewhere, or two slips, are read all the same.
func TestTwoSlips(t *testing.T) {
	text := []byte(meter + "0000\r\n")
	first := bytes.IndexByte(text, '(') + 1
	received := slip(uart.Receiver{}, text, first)
	second := bytes.LastIndexByte(received, '(') + 1
	received = slip(uart.Receiver{}, received, second)
	d, shape, _ := readStretches(t, received)
	for k, sent := range map[int]string{0: "00.460", 2: "00.123"} {
		f := &shape.Fields[k]
		if cost := d.reader.softCost(f.Start, []byte(sent)); cost > 1 {
			t.Errorf("field %d: what was sent costs %.1f", k, cost)
		}
	}
}
