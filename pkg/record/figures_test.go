package record

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
)

func TestRoundFigures(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":0.6286945812807905,"b":[1.5,-0.81957632421175,3]}`: `{"a":0.628695,"b":[1.5,-0.819576,3]}`,
		`417.19530449942147`:                  `417.195`,
		`0.000019901936368303127`:             `0.0000199019`,
		`1.2345678901e-7`:                     `1.23457e-7`,
		`0.0009765625`:                        `0.000976563`,
		`-0.0009765625`:                       `-0.000976563`,
		`0.00097656249999999`:                 `0.000976563`,
		`99999.96`:                            `100000`,
		`1234567.4999`:                        `1234567`,
		`1234567.5`:                           `1234568`,
		`-1234567.5`:                          `-1234568`,
		`1234567.49999999`:                    `1234568`,
		`123456789012345.5`:                   `123456789012346`,
		`9007199254740993`:                    `9007199254740993`, // whole, and more than a float holds
		`0.0`:                                 `0`,
		`1e400`:                               `1e400`,
		`1e15`:                                `1000000000000000`,
		`{"x":"0.123456789","e":true}`:        `{"x":"0.123456789","e":true}`,
		`["\\", 0.12345678, "\"0.123456789"]`: `["\\", 0.123457, "\"0.123456789"]`,
		`"cut off, 0.123456789`:               `"cut off, 0.123456789`,
		`"\`:                                  `"\`,
		`- . e -.`:                            `- . e -.`,
		``:                                    ``,
	} {
		if got := string(RoundFigures([]byte(text))); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// TestRoundFiguresOfTwoMachines: figures that differ as those of two processors do are
// the same once they are rounded, halves of the last digit among them; rounding them
// again changes nothing.
func TestRoundFiguresOfTwoMachines(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		whole := float64(random.IntN(2_000_000))
		for _, x := range []float64{whole / 1024, whole / 2, whole / 1e12} {
			sameRounded(t, x, x*(1-1e-12), x*(1+1e-12), x*(1-1e-15))
		}
		for _, x := range []float64{random.ExpFloat64(), whole / 7} {
			sameRounded(t, x, x*(1-1e-15), x*(1+1e-15))
		}
	}
}

func sameRounded(t *testing.T, x float64, others ...float64) {
	t.Helper()
	want := string(RoundFigures(written(t, x)))
	if again := string(RoundFigures([]byte(want))); again != want {
		t.Fatalf("%v is %s, and then %s", x, want, again)
	}
	for _, other := range others {
		if got := string(RoundFigures(written(t, other))); got != want {
			t.Fatalf("%v is %s, and %v is %s", x, want, other, got)
		}
	}
}

func written(t *testing.T, x float64) []byte {
	t.Helper()
	text, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
