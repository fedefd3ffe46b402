package plausible_test

import (
	"bytes"
	"testing"

	"p1/pkg/fix/plausible"
	"p1/pkg/record"
)

// FuzzJudge takes any telegrams, one after the other: each line that is doubted is one of
// the telegram, with the code that it has, and looking at a telegram changes nothing.
func FuzzJudge(f *testing.F) {
	for _, meter := range []string{"nl", "hu", "dsmr2", "dsmr3", "be"} {
		var all []byte
		for _, x := range simulated(f, "meter="+meter+"&telegrams=3") {
			all = append(append(all, x.Raw...), 0)
		}
		f.Add(all, true)
	}
	f.Add([]byte("/a\r\n\r\n1-0:1.8.0(1*kWh)\r\n!\r\n\x00/a\r\n\r\n1-0:1.8.0(99999999999999.9*MWh)\r\n!\r\n\x00/a\r\n\r\n1-0:1.8.0(*kWh)\r\n!"), false)
	f.Add([]byte("/a\r\n0-0:1.0.0(000000000000)\r\n0-1:24.2.1()(1)\r\n0-1:24.3.0(1)(2)(3)(4)(5)\r\n(6)\r\n7-0:23.1.0(1)"), true)
	f.Fuzz(func(t *testing.T, all []byte, live bool) {
		var j plausible.Judge
		for i, raw := range bytes.Split(all, []byte{0}) {
			x := &record.Telegram{Status: record.OK, Raw: raw, Live: live, Time: []string{"2026-03-01T00:00:00Z", ""}[i%2]}
			m := j.Read(raw)
			doubted := m.Look(x)
			if m.Look(x) != doubted {
				t.Fatal("looking twice says something else")
			}
			m.Uncertain()
			j.Take(x)
			if doubted != (len(x.Doubted) > 0) {
				t.Fatalf("looked at: %v, taken: %v", doubted, x.Doubted)
			}
			lines := bytes.Split(raw, []byte("\n"))
			for _, d := range x.Doubted {
				if d.Line < 1 || d.Line > len(lines) || d.Why == "" || d.Code == "" {
					t.Fatalf("%+v", d)
				}
			}
			if i%3 == 2 {
				j.Leave()
			}
		}
	})
}
