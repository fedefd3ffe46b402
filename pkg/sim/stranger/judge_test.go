package stranger_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"p1/pkg/sim"
)

const judged = "/ABC5X1\r\n\r\n1-0:1.8.0(000001.000*kWh)\r\n1-0:2.8.0(000002.000*kWh)\r\n!1234\r\n"

// What a telegram that came alone is counted as: lines 2 (1.8.0) was hit, line 3 was not.
func TestJudge(t *testing.T) {
	t.Parallel()
	wrong := strings.Replace(judged, "1.000", "9.000", 1)
	for _, c := range []struct {
		name string
		out  handed
		want string
	}{
		{"right", handed{Status: "repaired", Confidence: 0.9999, Raw: meterBytes(judged)}, "repaired 1"},
		{"wrong", handed{Status: "repaired", Confidence: 0.9999, Raw: meterBytes(wrong)}, "wrong 1 lost 1"},
		{"ok by accident", handed{Status: "ok", Raw: meterBytes(wrong)}, "luck 1 lost 1"},
		{"small letters in the CRC", handed{Status: "ok", Raw: meterBytes(strings.ToLower(judged[len(judged)-6:]))}, "luck 1 lost 1"},
		{"given up", handed{Status: "lost", Raw: meterBytes(wrong)}, "lost 1"},
		{"the spared line", handed{Status: "salvaged", Raw: meterBytes(wrong), Trusted: []named{{Line: 4}}}, "salvaged 1 spared 1"},
		{"only the line that was hit", handed{Status: "salvaged", Raw: meterBytes(judged), Trusted: []named{{Line: 3}}}, "lost 1 hit 1"},
		{"a wrong line", handed{Status: "salvaged", Raw: meterBytes(wrong), Trusted: []named{{Line: 3}, {Line: 4}}}, "misled 1 spared 1 lines 1"},
		{"only the header", handed{Status: "salvaged", Raw: meterBytes(wrong), Trusted: []named{{Line: 1}}}, "lost 1"},
		{"a stream without CRC", handed{Status: "unchecked", Raw: meterBytes(wrong)}, "misled 1 unchecked 1 spared 1 lines 1"},
		{"the same, one line doubted", handed{Status: "unchecked", Raw: meterBytes(wrong), Doubted: []named{{Line: 3}}}, "salvaged 1 unchecked 1 spared 1"},
		{"the same, one line trusted", handed{Status: "unchecked", Raw: meterBytes(wrong), Trusted: []named{{Line: 4}}}, "salvaged 1 unchecked 1 spared 1"},
		{"the same, none", handed{Status: "unchecked", Raw: meterBytes(wrong), Trusted: []named{}}, "lost 1 unchecked 1"},
	} {
		var f fate
		f.judge([]byte(judged), map[int]bool{2: true}, []handed{c.out})
		got := ""
		for _, n := range []struct {
			name string
			n    int
		}{
			{"repaired", f.repaired}, {"wrong", f.wrong}, {"luck", f.luck}, {"salvaged", f.salvaged}, {"misled", f.misled},
			{"lost", f.lost}, {"unchecked", f.unchecked}, {"spared", f.sparedUsed}, {"hit", f.hitUsed}, {"lines", f.linesWrong},
		} {
			if n.n > 0 {
				got += fmt.Sprintf(" %s %d", n.name, n.n)
			}
		}
		if got = strings.TrimSpace(got); got != c.want {
			t.Errorf("%s: counted as %q, want %q", c.name, got, c.want)
		}
	}
}

// A promise is broken by more than what was predicted and three standard deviations.
func TestPromise(t *testing.T) {
	t.Parallel()
	var p promise
	for range 1000 {
		p.add(0.999, true) // one of them may be wrong, and three more
	}
	for wrong := range 7 {
		if kept := wrong <= 4; p.kept() != kept {
			t.Errorf("%s: kept %t", p, p.kept())
		}
		p.broken++
	}
}

// Which lines were hit, by what was sent and what came.
func TestHitLines(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		received string
		want     string
	}{
		{judged, "[]"},
		{strings.Replace(judged, "1.000", "1.00", 1), "[2]"},
		{strings.Replace(judged, "(000002", "( 00002", 1), "[3]"},
		{strings.Replace(judged, "kWh)\r\n1", "kWh)1", 1), "[2]"},
		{strings.Replace(judged, "000001.000*", "0000.0010*", 1), "[2]"},
		{strings.Replace(strings.Replace(judged, "2.8.0", "2.8.00", 1), "/", "", 1), "[0 3]"},
		{judged[:50], "[3]"}, // the last line is gone as a whole
		{judged[30:], "[2]"}, // so is the first
		{"", "[]"},
	} {
		got := hitLines([]byte(judged), []byte(c.received))
		if s := fmt.Sprint(slices.Sorted(maps.Keys(got))); s != c.want {
			t.Errorf("%q: lines %s, want %s", c.received, s, c.want)
		}
	}
}

// The lines that are handed on are held against the transmission that they came with, and
// the naive judge takes a form that it has seen.
func TestTrust(t *testing.T) {
	t.Parallel()
	next := strings.Replace(judged, "000001.000", "000001.001", 1)
	spoilt := strings.Replace(next, "000001", "00000!", 1)
	shorter := strings.Replace(next, "000001.001", "00001.001", 1)
	smaller := strings.Replace(next, "000002.000", "000000.000", 1)
	list := []sim.Transmission{{Sent: []byte(judged), Logged: []byte(judged)}}
	for _, logged := range []string{spoilt, shorter, smaller} {
		list = append(list, sim.Transmission{Sent: []byte(next), Logged: []byte(logged)})
	}
	var log []byte
	var out []handed
	for _, x := range list {
		out = append(out, handed{Status: "unchecked", Offset: int64(len(log)), Raw: x.Logged})
		log = append(log, x.Logged...)
	}
	repaired := &out[1]
	repaired.Raw, repaired.Edits = meterBytes(next), []edit{{At: 40, Got: meterBytes("!"), Now: meterBytes("1")}}
	repaired.Trusted = []named{{Line: 3, Confidence: 0.99}}
	facts := tell(list)
	var c, plain trust
	c.weigh(facts, out)
	plain.naive(facts, log)
	// handed on: 2, then 1 that was mended, then 2 with one short, then 2 with one smaller
	if c.sent != 8 || c.lines != 7 || c.right != 5 || c.damaged != 3 || c.saved != 1 || c.promises.made != 1 {
		t.Errorf("counted %+v", c)
	}
	// of 1.8.0 the last one, of 2.8.0 all but the first, of which the last one is wrong
	if plain.lines != 4 || plain.right != 3 {
		t.Errorf("counted %+v by what looks untouched", plain)
	}
	// 1.8.0 has changed once, and was mended then
	if c.moving != 1 || c.moved != 1 || plain.moving != 0 {
		t.Errorf("of lines that change %d and %d, %d right", c.moving, plain.moving, c.moved)
	}
}
