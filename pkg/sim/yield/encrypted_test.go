package yield

import (
	"encoding/hex"
	"flag"
	"fmt"
	"strings"
	"testing"

	"p1/pkg/dlms"
	"p1/pkg/sim"
	"p1/pkg/sim/longtest"
)

var sealedTelegrams = flag.Int("yield.sealed", longtest.Pick(0, 0, 1300), "telegrams of each row of encrypted meters; 0: a few of two rows")

// demoKeys are those of the simulated meters that encrypt.
func demoKeys() *dlms.Keys {
	key, err := hex.DecodeString(sim.DemoKey)
	if err != nil {
		panic(err)
	}
	keys, err := dlms.NewKeys(key, nil)
	if err != nil {
		panic(err)
	}
	return keys
}

// sealedRows are the encrypted meters after all lines whose logger keeps all bytes, and those of
// the same meters where they do not encrypt, in turn.
func sealedRows() (rows []Row) {
	for _, meter := range sim.Meters() {
		if sim.Signs(meter) != "encrypted" {
			continue
		}
		for i, r := range channels {
			if strings.Contains(r.Options, "logger=") {
				continue
			}
			r.Meter, r.Number, r.Floor, r.Asked, r.Fixed = meter, 2000+i, 0, 0, false
			plain := r
			plain.Options += "&cipher=off"
			rows = append(rows, r, plain)
			if r.all {
				r.Channel += ", tags wrong"
				plain.Channel = r.Channel
				r.Options, r.Unverified = r.Options+"&tag=wrong", true
				rows = append(rows, r, plain)
			}
		}
	}
	return rows
}

// What comes of encrypted telegrams beside those of the same meters where they are not.
func TestSealed(t *testing.T) {
	list, n := sealedRows(), *sealedTelegrams
	if n == 0 {
		n = 40
		if *rows == "" {
			*rows = "^(at/flip|lu/slow-rise 0.1 %)"
			defer func() { *rows = "" }()
		}
	}
	list, err := Select(list, *rows)
	if err != nil {
		t.Fatal(err)
	}
	const layout = "%-5s %-34s %10s %10s %8s %8s %8s %8s\n"
	fmt.Fprintf(t.Output(), layout, "meter", "channel", "encrypted", "plain", "wrong", "by luck", "ms each", "plain")
	done := measureAll(list, n, *seed)
	for i := 0; i < len(list); i += 2 {
		sealed, plain := <-done[i], <-done[i+1]
		if sealed.err != nil || plain.err != nil {
			t.Fatal(list[i].Name(), sealed.err, plain.err)
		}
		a, b := sealed.result, plain.result
		each := func(r Result) string {
			return fmt.Sprintf("%.2f", r.Elapsed.Seconds()*1000/float64(max(r.damaged(), 1)))
		}
		fmt.Fprintf(t.Output(), layout, a.Row.Meter, a.Row.Channel, fmt.Sprintf("%.2f %%", 100*a.Share()), fmt.Sprintf("%.2f %%", 100*b.Share()),
			fmt.Sprint(a.Wrong), fmt.Sprint(a.ByLuck), each(a), each(b))
		if *why || a.Wrong > 0 {
			fmt.Fprint(t.Output(), a.Why())
		}
		checkSealed(t, a, b)
	}
}

// checkSealed asks for as much of encrypted telegrams as of others, to a point, where there are
// enough to tell, and for no more by luck than a CRC alone has.
func checkSealed(t *testing.T, sealed, plain Result) {
	t.Helper()
	const point, enough = 0.01, 1000
	name := sealed.Row.Name()
	if sealed.Wrong > sealed.ByLuck || sealed.ByLuck > 0 && !sealed.Row.Unverified {
		t.Errorf("%s: %d are wrong, %d of them by luck", name, sealed.Wrong, sealed.ByLuck)
	}
	if sealed.ByLuck > 1+sealed.Damaged/5000 {
		t.Errorf("%s: %d damaged telegrams are ok", name, sealed.ByLuck)
	}
	allowed := point
	if sealed.Telegrams < enough {
		allowed *= 5
	}
	if sealed.Share() < plain.Share()-allowed {
		t.Errorf("%s: %.2f %% are right, and %.2f %% where it does not encrypt", name, 100*sealed.Share(), 100*plain.Share())
	}
}
