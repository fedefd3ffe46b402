package sorted

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// pair is an item that was added.
type pair struct{ key, data string }

// kinds are orders in which items may come.
func kinds(n int) map[string]func(dice *rand.Rand, i int) string {
	number := func(n int) string { return fmt.Sprintf("%06d", n) }
	return map[string]func(*rand.Rand, int) string{
		"in order":        func(_ *rand.Rand, i int) string { return number(i) },
		"backwards":       func(_ *rand.Rand, i int) string { return number(n - i) },
		"nearly in order": func(dice *rand.Rand, i int) string { return number(i + dice.IntN(20)) },
		"any":             func(dice *rand.Rand, _ int) string { return number(dice.IntN(n)) },
		"few keys":        func(dice *rand.Rand, _ int) string { return number(dice.IntN(3)) },
		"one key":         func(*rand.Rand, int) string { return "" },
		"logs":            func(_ *rand.Rand, i int) string { return number(i * 7 % n) },
	}
}

// Items come out in the order of their keys, those of one key as they were added, however
// many of them are held in memory.
func TestOrder(t *testing.T) {
	const n = 500
	for kind, key := range kinds(n) {
		for _, most := range []int{0, 1000, 20_000, 1 << 30} {
			dice := rand.New(rand.NewPCG(1, uint64(most)))
			dir := t.TempDir()
			told := 0
			s := New(filepath.Join(dir, "out.csv"), func(on Disk) {
				told++
				if filepath.Clean(on.Dir) != dir || on.Bytes == 0 || on.Items == 0 {
					t.Errorf("it says %v, want %s", on, dir)
				}
			})
			s.most, s.little = most, 0
			// It can be filled again.
			for range 2 {
				want := fill(t, s, dice, n, key)
				slices.SortStableFunc(want, func(a, b pair) int { return strings.Compare(a.key, b.key) })
				expect(t, fmt.Sprintf("%s, %d bytes", kind, most), s, want)
			}
			if told > 1 || told == 1 && most == 1<<30 {
				t.Errorf("%s, %d bytes: it says %d times where", kind, most, told)
			}
			left, err := os.ReadDir(dir)
			if err != nil || len(left) != 0 {
				t.Errorf("%s: files are left: %v, %v", kind, left, err)
			}
		}
	}
}

func fill(t *testing.T, s *Sorter, dice *rand.Rand, n int, key func(*rand.Rand, int) string) (all []pair) {
	t.Helper()
	for i := range n {
		p := pair{key(dice, i), strings.Repeat(fmt.Sprint(i, " "), dice.IntN(20))}
		all = append(all, p)
		if err := s.Add([]byte(p.key), []byte(p.data)); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func expect(t *testing.T, what string, s *Sorter, want []pair) {
	t.Helper()
	i := 0
	err := s.Each(func(key, data []byte) error {
		if i < len(want) && (string(key) != want[i].key || string(data) != want[i].data) {
			t.Fatalf("%s: item %d is %q %q, want %q", what, i, key, data, want[i])
		}
		i++
		return nil
	})
	if err != nil || i != len(want) {
		t.Fatalf("%s: %d items, want %d: %v", what, i, len(want), err)
	}
}

// What is on disk is said once, when it is more than a little.
func TestSaysWhatIsOnDisk(t *testing.T) {
	var told []Disk
	s := New(filepath.Join(t.TempDir(), "out.csv"), func(on Disk) { told = append(told, on) })
	s.most, s.little = 10_000, 1_000_000
	dice := rand.NewChaCha8([32]byte{})
	data := make([]byte, 1000)
	for n := range 5000 {
		dice.Read(data) // which nothing compresses
		if err := s.Add(data[:8], data); err != nil {
			t.Fatal(err)
		}
		if n == 900 && len(told) > 0 {
			t.Errorf("it says %v of less than a megabyte", told)
		}
	}
	if len(told) != 1 || told[0].Bytes < 1_000_000 || told[0].Bytes > 1_500_000 || told[0].Items < 950 || told[0].Items > 1500 {
		t.Errorf("it says %v", told)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// What comes in order is one run, so that it is read once.
func TestOneRun(t *testing.T) {
	s := New(filepath.Join(t.TempDir(), "out.csv"), nil)
	s.most = 10_000
	for i := range 5000 {
		if err := s.Add(fmt.Appendf(nil, "%06d", i^7), []byte("data")); err != nil {
			t.Fatal(err)
		}
	}
	if s.now != 0 || s.to == nil || len(s.runs) != 0 {
		t.Errorf("%d runs and one being written, want none", len(s.runs))
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// An error of who takes the items ends it.
func TestEachStops(t *testing.T) {
	full := errors.New("full")
	for _, most := range []int{0, 1 << 20} {
		s := New(filepath.Join(t.TempDir(), "out.csv"), nil)
		s.most = most
		for range 10 {
			if err := s.Add([]byte("k"), bytes.Repeat([]byte("d"), 10)); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Each(func(_, _ []byte) error { return full }); !errors.Is(err, full) {
			t.Errorf("%v, want %v", err, full)
		}
	}
}

// Where there is no room at all, the error says where, and what to do.
func TestNoRoom(t *testing.T) {
	nowhere := filepath.Join(t.TempDir(), "missing")
	t.Setenv("TMPDIR", nowhere)
	t.Setenv("TMP", nowhere)
	s := New("", nil)
	s.most = 0
	err := s.Add([]byte("k"), []byte("d"))
	var hint interface{ Hint() string }
	if err == nil || !strings.Contains(err.Error(), nowhere) || !errors.As(err, &hint) || !strings.Contains(hint.Hint(), "TMPDIR") {
		t.Errorf("%v", err)
	}
}
