package stranger_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"p1/pkg/sim"
	"p1/pkg/sim/stranger"
)

// header is the first line after IEC 62056-21, §6.3.2, and a data line after the P1
// companion standard 5.0.2, §6.2, with minus signs, hex digits and texts as values.
var (
	header   = regexp.MustCompile(`^/[A-Z]{2}[A-Za-z]5[ -.0-~]{1,16}$`)
	counting = regexp.MustCompile(`^1-[01]:[1-8]\.8\.`)
	number   = regexp.MustCompile(`(?m)^(\d-\d:[\d.]+)\S*\((\d+)\.?(\d*)[^()]*\)\r$`)
	behind   = regexp.MustCompile(`\(.*`)
	dataLine = regexp.MustCompile(`^(\d-\d:\d{1,2}\.\d{1,3}\.\d{1,3}(\*255)?)?(\([^()\r\n]*\))+$`)
)

// meters is some meters of every dialect and layout.
func meters(each int) []*stranger.Meter {
	var list []*stranger.Meter
	for _, d := range append(stranger.Dialects(), stranger.Unsigned()...) {
		for _, layout := range []stranger.Layout{stranger.Prescribed, stranger.Allowed} {
			for seed := range each {
				list = append(list, d.Meter(layout, uint64(seed)))
			}
		}
	}
	return list
}

// Every telegram has a header, an empty line, data lines and a CRC that holds. No code
// stands twice, and equal seeds give equal telegrams.
func TestTelegrams(t *testing.T) {
	t.Parallel()
	for _, m := range meters(20) {
		name := fmt.Sprintf("%s, %s, seed %d", m.Dialect.Name, m.Layout, m.Seed)
		twin := m.Dialect.Meter(m.Layout, m.Seed)
		for range 3 {
			sent := m.Next()
			if again := twin.Next(); !bytes.Equal(sent, again) {
				t.Fatalf("%s: one seed, two telegrams:\n%s\n%s", name, sent, again)
			}
			checkTelegram(t, name, string(sent))
			text, crc, _ := strings.Cut(string(sent), "\r\n!")
			want := map[string]string{"ARC": fmt.Sprintf("%04X\r\n", sim.ARC([]byte(text+"\r\n!"))), "none": "\r\n", "X25": crc}
			if crc != want[m.Dialect.Signs] {
				t.Errorf("%s: signed %q, want %q", name, crc, want[m.Dialect.Signs])
			}
		}
	}
}

func checkTelegram(t *testing.T, name, sent string) {
	t.Helper()
	lines := strings.Split(sent, "\r\n")
	last := len(lines) - 2
	if last < 8 || !header.MatchString(lines[0]) || lines[1] != "" || lines[last+1] != "" || len(lines[last]) != 5 && lines[last] != "!" {
		t.Fatalf("%s: no telegram:\n%s", name, sent)
	}
	seen := map[string]bool{}
	for _, l := range lines[2:last] {
		code, _, _ := strings.Cut(l, "(")
		if !dataLine.MatchString(l) || code != "" && seen[code] {
			t.Errorf("%s: line %q", name, l)
		}
		seen[code] = true
	}
}

// Meters of a dialect differ: in their headers, in their lines, and in their values.
func TestStrangers(t *testing.T) {
	t.Parallel()
	for _, d := range stranger.Dialects() {
		const each = 50
		headers, codes, texts := map[string]bool{}, map[string]bool{}, map[string]bool{}
		for seed := range each {
			sent := string(d.Meter(stranger.Allowed, uint64(seed)).Next())
			first, rest, _ := strings.Cut(sent, "\r\n")
			headers[first], texts[rest] = true, true
			codes[behind.ReplaceAllString(rest, "")] = true
		}
		if len(headers) < each || len(texts) < each || len(codes) < each*9/10 {
			t.Errorf("%s: of %d meters %d headers, %d lists of codes and %d texts", d.Name, each, len(headers), len(codes), len(texts))
		}
	}
}

// A register by tariffs is their sum, registers never fall, and a clock ticks.
func TestValues(t *testing.T) {
	t.Parallel()
	sums := 0
	for _, m := range meters(10) {
		before := values(string(m.Next()))
		for range 30 {
			now := values(string(m.Next()))
			for code, n := range now {
				if counting.MatchString(code) && n < before[code] {
					t.Fatalf("%s, seed %d: %s fell from %d to %d", m.Dialect.Name, m.Seed, code, before[code], n)
				}
			}
			for _, r := range []string{"1-0:1.8.", "1-0:2.8.", "1-0:3.8."} {
				if n, ok := now[r+"0"]; ok && now[r+"2"] > 0 && m.Layout == stranger.Prescribed {
					sums++
					if sum := now[r+"1"] + now[r+"2"] + now[r+"3"] + now[r+"4"]; sum != n {
						t.Fatalf("%s, seed %d: %s0 is %d, its tariffs %d", m.Dialect.Name, m.Seed, r, n, sum)
					}
				}
			}
			before = now
		}
	}
	if sums < 100 {
		t.Errorf("only %d sums were found", sums)
	}
}

// values are the last numbers of the lines, without their points.
func values(sent string) map[string]int64 {
	all := map[string]int64{}
	for _, found := range number.FindAllStringSubmatch(sent, -1) {
		n, err := strconv.ParseInt(found[2]+found[3], 10, 64)
		if err == nil {
			all[found[1]] = n
		}
	}
	return all
}
