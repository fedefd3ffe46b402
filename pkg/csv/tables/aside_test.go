package tables

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"p1/pkg/telegram"
)

// Rows come back by their places, in their order, each value as it was, also where more of them
// are kept than memory holds.
func TestAside(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var zero time.Time
	times := []time.Time{zero, time.Unix(1774742400, 5e8).UTC(), time.Unix(0, 0).In(time.FixedZone("", 3600)), time.Unix(1e9, 0).In(time.FixedZone("", -5400))}
	one := func() value {
		text := fmt.Sprint("é\x00", rng.IntN(1000))
		clock := telegram.Clock{Time: times[rng.IntN(len(times))], Season: "\x00SW"[rng.IntN(3)]}
		return []value{{}, numberValue(telegram.Decimal{Digits: rng.Int64() - 1<<62, Scale: rng.IntN(9)}), textValue(text),
			{form: clockForm, clock: clock}, {form: clockForm, clock: clock, text: text}, {form: offsetForm, clock: clock}}[rng.IntN(6)]
	}
	a := newAside(&Options{Output: t.TempDir() + "/x"}, "")
	for range 2 { // it is empty after the first time
		want := map[string][][]value{}
		for range 30000 {
			place := fmt.Sprint("p", rng.IntN(5))
			row := []value{one(), one(), one()}
			want[place] = append(want[place], row)
			if err := a.add(place, row); err != nil {
				t.Fatal(err)
			}
		}
		last := ""
		err := a.each(func(place string, row []value) error {
			if place < last || len(want[place]) == 0 {
				t.Fatalf("a row of %s comes after %s", place, last)
			}
			for i, v := range want[place][0] {
				got := row[i]
				_, offset := v.clock.Time.Zone()
				_, is := got.clock.Time.Zone()
				if !got.clock.Time.Equal(v.clock.Time) || is != offset {
					t.Fatalf("%v came back as %v", v.clock.Time, got.clock.Time)
				}
				if got.clock.Time = v.clock.Time; !reflect.DeepEqual(got, v) {
					t.Fatalf("%+v came back as %+v", v, got)
				}
			}
			want[place], last = want[place][1:], place
			return nil
		})
		if err != nil || !a.empty() {
			t.Fatal(err, a.empty())
		}
		for place, rows := range want {
			if len(rows) > 0 {
				t.Errorf("%d rows of %s did not come back", len(rows), place)
			}
		}
	}
}
