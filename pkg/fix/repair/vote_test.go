package repair

import (
	"bytes"
	"testing"

	"p1/pkg/telegram"
)

// A text that is voted on ends as the telegrams do, in hex digits and CR LF, although their
// CRCs have no digit in common, and the one that begins the vote has lost one of its digits
// or half of its line end.
func TestVoteOnTheEnd(t *testing.T) {
	t.Parallel()
	const text = "/ABC5X\r\n\r\n1-0:1.8.0(000001.000*kWh)\r\n!"
	for _, end := range []string{"0\x003F\r\n", "0A3F\r", "0A3F\n"} {
		var raws [][]byte
		for _, other := range []string{end, "047D\r\n", "9ED0\r\n", "3866\r\n", "E761\r\n"} {
			raws = append(raws, []byte(text+other))
		}
		got, _ := vote(raws[0], raws)
		rest, found := bytes.CutPrefix(got, []byte(text))
		if !found || len(rest) != len("FFFF\r\n") || !bytes.HasSuffix(rest, []byte("\r\n")) || bytes.ContainsFunc(rest[:4], func(r rune) bool { return !telegram.IsHex(byte(r)) }) {
			t.Errorf("the first one ends in %q: voted %q", end, got)
		}
	}
}
