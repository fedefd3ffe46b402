package sim

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"testing"
	"testing/iotest"
)

func open(t *testing.T, query string) *Stream {
	t.Helper()
	o, err := ParseOptions(query)
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// logged joins what the transmissions put into the log.
func logged(all []Transmission) []byte {
	var log []byte
	for _, x := range all {
		log = append(log, x.Logged...)
	}
	return log
}

func TestSameOptionsSameBytes(t *testing.T) {
	for _, meter := range Meters() {
		for _, noise := range Noises() {
			query := "telegrams=2&meter=" + meter + "&noise=" + noise
			once, again := logged(simulate(t, query)), logged(simulate(t, query))
			if !bytes.Equal(once, again) {
				t.Errorf("%s: two runs differ", query)
			}
			if other := logged(simulate(t, query+"&seed=2")); bytes.Equal(once, other) {
				t.Errorf("%s: another seed, the same log", query)
			}
		}
	}
}

// These sums hold on every platform. They change only with the simulation, and
// then everything that was made with it must be made again.
func TestBytesArePinned(t *testing.T) {
	for query, want := range map[string]string{
		"meter=hu&telegrams=20&noise=slow-rise":                           "9af5fb98a245b157",
		"meter=nl&telegrams=20&noise=slip+overrun":                        "b512f8c2f16bdd25",
		"meter=dsmr3&telegrams=20&noise=slow-fall+flip&framing=drop":      "9aaf8c352c7eb36d",
		"meter=hu&telegrams=24&every=1h&start=2026-06-20T12:00:00&seed=9": "93381a7462183b7c",
		"meter=be&telegrams=20&noise=late&start=2026-07-31T23:59:50":      "ad91c10838c8e8e0",
		"meter=nl&telegrams=20&noise=jitter+clock+pulse&resync=low":       "1ee4a49949d55c76",
		"meter=se&telegrams=20&noise=slip&resync=pause&crc=random":        "e5dae4f30b86cb81",
	} {
		sum := sha256.Sum256(logged(simulate(t, query)))
		if got := hex.EncodeToString(sum[:8]); got != want {
			t.Errorf("%s: log sums to %s, want %s", query, got, want)
		}
	}
}

func TestReadInAnyPieces(t *testing.T) {
	const query = "telegrams=4&noise=slow-rise+overrun"
	want := logged(simulate(t, query))
	if err := iotest.TestReader(open(t, query), want); err != nil {
		t.Error(err)
	}
	for _, wrap := range []func(io.Reader) io.Reader{iotest.OneByteReader, iotest.HalfReader, iotest.DataErrReader} {
		if got, err := io.ReadAll(wrap(open(t, query))); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes, %v; want %d bytes", len(got), err, len(want))
		}
	}
}

func TestCleanLine(t *testing.T) {
	for _, meter := range Meters() {
		for _, x := range simulate(t, "telegrams=20&meter="+meter) {
			if !bytes.Equal(x.Received, x.Sent) || x.Hits != 0 {
				t.Fatalf("%s, telegram %d: %d hits", meter, x.Seq, x.Hits)
			}
		}
	}
}

// Whatever the noise, the meter sends the same; no hits means no damage, damage
// means hits; and a noise does make damage.
func TestNoiseTouchesOnlyTheLine(t *testing.T) {
	for _, meter := range Meters() {
		quiet := simulate(t, "telegrams=8&meter="+meter)
		for _, n := range noises {
			hits := 0
			query := "telegrams=8&meter=" + meter + "&noise=" + n.name
			if n.takes("rate") {
				query += "&rate=0.3"
			}
			for i, x := range simulate(t, query) {
				if !bytes.Equal(x.Sent, quiet[i].Sent) || x.Seq != i+1 {
					t.Fatalf("%s: telegram %d is another one", query, i+1)
				}
				if bytes.Equal(x.Received, x.Sent) != (x.Hits == 0) {
					t.Fatalf("%s: telegram %d has %d hits", query, x.Seq, x.Hits)
				}
				hits += x.Hits
			}
			if (hits > 0) != (n.name != "clean") {
				t.Errorf("%s: %d hits", query, hits)
			}
		}
	}
}

// Seven data bits: parity travels on the line and goes no further.
func TestSevenBitMeterArrivesWithoutParity(t *testing.T) {
	for _, x := range simulate(t, "meter=dsmr3&noise=slow-fall&rate=0.02&telegrams=30") {
		for _, b := range x.Received {
			if b > 0x7F {
				t.Fatalf("telegram %d holds %02X", x.Seq, b)
			}
		}
	}
	for _, c := range [][2]byte{{'0', 0x30}, {'1', 0xB1}, {'/', 0xAF}, {'\r', 0x8D}, {'\n', 0x0A}} {
		if got := evenParity(c[0]); got != c[1] {
			t.Errorf("%q with even parity is %02X, want %02X", c[0], got, c[1])
		}
	}
}

// Where the receiver takes parity for bit 7, the text stays what it was.
func TestParityArrivesInBit7(t *testing.T) {
	for _, meter := range []string{"be", "dsmr3", "nl", "se"} {
		query := "telegrams=8&meter=" + meter
		plain := simulate(t, query)
		for i, x := range simulate(t, query+"&parity=even") {
			if !bytes.Equal(x.Sent, plain[i].Sent) || x.Hits != 0 || len(x.Received) != len(x.Sent) {
				t.Fatalf("%s: telegram %d is another one, %d hits", meter, x.Seq, x.Hits)
			}
			for k, b := range x.Received {
				if b != evenParity(x.Sent[k]) {
					t.Fatalf("%s: %02X arrives as %02X", meter, x.Sent[k], b)
				}
			}
			if !bytes.HasSuffix(x.Logged, x.Received) {
				t.Errorf("%s: telegram %d is logged as something else", meter, x.Seq)
			}
		}
	}
}

// The noise acts on what is transmitted: it hits parity bits too, and hits are
// counted against the bytes with parity.
func TestNoiseHitsParity(t *testing.T) {
	onlyParity := 0
	for _, x := range simulate(t, "meter=dsmr3&parity=even&noise=flip&rate=0.001&telegrams=60") {
		sent := withParity(x.Sent)
		if bytes.Equal(x.Received, sent) != (x.Hits == 0) {
			t.Fatalf("telegram %d has %d hits", x.Seq, x.Hits)
		}
		if len(x.Received) != len(sent) {
			continue
		}
		for k, b := range x.Received {
			if b == sent[k]^0x80 {
				onlyParity++
			}
		}
	}
	if onlyParity == 0 {
		t.Error("no parity bit was hit")
	}
}

func TestLoggers(t *testing.T) {
	const query = "telegrams=12&noise=slow-rise&rate=0.01&start=2026-03-01T12:00:00&logger="
	const header = "=~=~=~=~=~=~=~=~=~=~=~= PuTTY log 2026.03.01 12:00:00 =~=~=~=~=~=~=~=~=~=~=~="
	all := simulate(t, query+"raw")
	var received []byte
	for _, x := range all {
		received = append(received, x.Received...)
	}
	raw := logged(all)
	if !bytes.Equal(raw, received) {
		t.Error("raw: the log is not what was received")
	}
	if got := logged(simulate(t, query+"all")); string(got) != header+"\r\n"+string(raw) {
		t.Error("all: the log is not a header line and what was received")
	}
	lf := logged(simulate(t, query+"lf"))
	if string(lf) != header+"\n"+string(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))) {
		t.Error("lf: the log is not the same with LF")
	}
	kept := logged(simulate(t, query+"printable"))
	if string(kept) != header+"\r\n"+string(printable(raw)) {
		t.Error("printable: the log is not what can be printed")
	}
	for i, b := range kept {
		if (b < 0x20 || b > 0x7E) && b != '\r' && b != '\n' {
			t.Fatalf("printable: %02X at %d", b, i)
		}
	}
	if !bytes.Contains(kept, []byte("\r\n0-0:96.13.0()\r\n!")) {
		t.Error("printable: the filler was kept")
	}
}
