package frame_test

import (
	"bytes"
	"fmt"
	"reflect"
	"testing"

	"p1/pkg/record"
)

// signing is how a telegram of a composed stream is signed.
type signing byte

const (
	byARC signing = iota
	byX25
	byNone
	byUnknown
)

// learnedModbus names what signs byUnknown, where the stream has taught it.
const learnedModbus = "CRC16:poly=8005,init=FFFF,xor=0000,refin,refout"

// composed is a stream of telegrams of one or two meters, each signed in its way.
type composed struct {
	data []byte
	tels []composedTelegram
}

type composedTelegram struct {
	signing signing
	meter   byte
}

// compose makes a stream by a program: two bits of each byte sign a telegram, the next one
// says which meter sends it.
func compose(program []byte) (c composed) {
	for n, b := range program {
		x := composedTelegram{signing(b & 3), b >> 2 & 1}
		text := fmt.Sprintf("/XYZ5meter%d\r\n\r\n1-0:1.8.0(%06d.000*kWh)\r\n1-0:2.8.0(000001.000*kWh)\r\n!", x.meter, n)
		switch x.signing {
		case byARC:
			text += fmt.Sprintf("%04X", arc(text))
		case byX25:
			text += fmt.Sprintf("%04X", x25(text))
		case byUnknown:
			sum := modbus(text)
			for sum == arc(text) || sum == x25(text) {
				sum++
			}
			text += fmt.Sprintf("%04X", sum)
		}
		c.data = append(c.data, text+"\r\n"...)
		c.tels = append(c.tels, x)
	}
	return c
}

// count counts the telegrams from a to b that are signed so.
func (c composed) count(a, b int, is func(signing) bool) (n int) {
	for _, x := range c.tels[a:b] {
		if is(x.signing) {
			n++
		}
	}
	return n
}

// bareOutnumber reports whether telegram i stands in a run of three or more of which most
// carry no CRC, or no telegram carries one.
func (c composed) bareOutnumber(i int) bool {
	isBare := func(s signing) bool { return s == byNone }
	for a := 0; a <= i; a++ {
		for b := max(i+1, a+3); b <= len(c.tels); b++ {
			if 2*c.count(a, b, isBare) > b-a {
				return true
			}
		}
	}
	return c.count(0, len(c.tels), isBare) == len(c.tels)
}

// check checks what became of telegram i.
func (c composed) check(t *testing.T, i int, got []*record.Telegram) {
	t.Helper()
	is, x := c.tels[i], got[i]
	wasOK := func(j int) bool { return got[j].Status == record.OK }
	signed := map[signing]string{byARC: record.CRCARC, byX25: record.CRCX25, byUnknown: learnedModbus}[is.signing]
	switch {
	case x.Status == record.OK && x.CRC != signed:
		t.Errorf("telegram %d is ok by %s, signed %d", i, x.CRC, is.signing)
	case x.Status == record.Unchecked && (is.signing != byNone || x.CRC != record.CRCNone):
		t.Errorf("telegram %d is unchecked by %s, signed %d", i, x.CRC, is.signing)
	case x.Status == record.Unchecked && !c.bareOutnumber(i):
		t.Errorf("telegram %d is unchecked where most carry a CRC", i)
	case x.Status == record.Bad && is.signing == byNone && c.count(0, len(c.tels), func(s signing) bool { return s != byNone }) == 0:
		t.Errorf("telegram %d is bad, and none carries a CRC", i)
	case x.Status == record.Bad && signed != "" && i > 0 && wasOK(i-1) && got[i-1].CRC == signed && is.meter == c.tels[i-1].meter:
		t.Errorf("telegram %d is bad, and its kind, %s, is that of the one before", i, signed)
	}
	for j := range i {
		if x.Status == record.Unchecked && wasOK(j) {
			t.Errorf("telegram %d is unchecked behind one that is ok", i)
			return
		}
	}
}

// FuzzKinds: in streams of telegrams that are signed by one kind of CRC or another, by one
// that only the stream can teach, or by none, in any order, no byte is lost; what is ok holds
// by its own kind; what holds by the kind in force is ok; nothing is unchecked where most carry a CRC; and one
// X25 among others of its meter is none.
func FuzzKinds(f *testing.F) {
	for _, program := range []string{
		"\x00", "\x01", "\x02", "\x03", "\x02\x02\x02\x01", "\x02\x02", "\x02\x00", "\x02\x02\x00", "\x03\x02\x02\x02", "\x01\x01\x02\x00\x00\x01\x01",
		"\x02\x02\x02\x03\x03\x02\x03\x03\x02\x03\x03\x02", "\x00\x00\x01\x00\x01\x01\x01", "\x00\x05\x05\x00\x06\x06\x06\x05",
		"\x03\x03\x03\x03\x02\x02\x02\x01", "\x03\x03\x03\x03\x03\x03\x03\x03", "\x01\x03\x02\x02", "\x02\x03\x02\x03\x02\x03\x02\x02\x02\x02\x02\x02",
	} {
		f.Add([]byte(program), uint8(len(program)))
	}
	f.Fuzz(func(t *testing.T, program []byte, size uint8) {
		program = program[:min(len(program), 60)]
		c := compose(program)
		whole := frameBytes(t, c.data)
		if !bytes.Equal(whole.received(t), c.data) {
			t.Fatal("the records joined are not the stream")
		}
		got := whole.telegrams()
		if len(got) != len(c.tels) || len(got) != len(whole.records) {
			t.Fatalf("%d records, %d telegrams of %d", len(whole.records), len(got), len(c.tels))
		}
		for i, x := range got {
			checkCalc(t, x)
			c.check(t, i, got)
		}
		c.checkAlone(t, got)
		if pieces := frameReader(t, bytes.NewReader(c.data), int(size)+1); !reflect.DeepEqual(whole.records, pieces.records) {
			t.Fatalf("pieces of %d bytes give other records", int(size)+1)
		}
	})
}

// checkAlone checks that one telegram alone, of a stream of one meter, that holds by X25 is
// not ok where another one carries another CRC.
func (c composed) checkAlone(t *testing.T, got []*record.Telegram) {
	t.Helper()
	x25s, others := 0, 0
	for i, x := range c.tels {
		switch {
		case x.meter != c.tels[0].meter:
			return
		case x.signing == byX25:
			x25s++
		case x.signing != byNone:
			others++
		}
		if x.signing == byX25 && got[i].Status != record.OK {
			x25s-- // as it should be
		}
	}
	if x25s == 1 && others > 0 && c.count(0, len(c.tels), func(s signing) bool { return s == byX25 }) == 1 {
		t.Error("one telegram alone is ok by X25 among others")
	}
}
