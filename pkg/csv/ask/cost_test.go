package ask

import (
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"p1/pkg/csv/prices"
)

// Costs are those of the simulated registers at the prices of a file, exactly; a row of which
// a part has no price has none, and says so.
func TestCost(t *testing.T) {
	h := build(t, "?meter=nl&every=1m&telegrams=300&seed=5&start=2026-03-01T00:00:00", nil)
	begin := h.sent[0].Clock
	file := "zone Europe/Amsterdam\nexport 0.05 EUR/kWh\nimport 1 x market\nmarket 1h EUR/kWh\n"
	price := []*big.Rat{big.NewRat(25, 100), big.NewRat(1, 100), big.NewRat(-3, 100)}
	for i, p := range price {
		file += fmt.Sprintf("%s;%s\n", begin.Add(time.Duration(i)*time.Hour).Format(time.RFC3339), p.FloatString(2))
	}
	p, err := prices.Read("prices.txt", strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	known, without := new(big.Rat), new(big.Rat)
	answer := h.client(t, func(o *Options) { o.Prices = p }).ask("energy", map[string]any{"every": "1h"})
	for i, r := range rows(answer) {
		at := begin.Add(time.Duration(i) * time.Hour)
		gained := func(code string) *big.Rat {
			return new(big.Rat).Sub(h.value(t, at.Add(time.Hour), code), h.value(t, at, code))
		}
		if i < 4 {
			out := new(big.Rat).Add(gained("1-0:2.8.1"), gained("1-0:2.8.2"))
			same(t, "earnings", r["earnings_eur"], out.Mul(out, big.NewRat(5, 100)))
		}
		if i >= len(price) {
			without.Add(without, partOf(t, r["cost_eur_not_known_for_kwh"]))
			if why, _ := r["why"].(map[string]any); r["cost_eur"] != nil || why["cost_eur"] != string(prices.NoPrice) {
				t.Errorf("without a price: %v", r)
			}
			continue
		}
		in := new(big.Rat).Add(gained("1-0:1.8.1"), gained("1-0:1.8.2"))
		same(t, "cost", r["cost_eur"], in.Mul(in, price[i]))
		known.Add(known, in)
	}
	total := answer["total"].(map[string]any)
	same(t, "the part that is known", total["cost_eur_known_part"], known)
	same(t, "the energy without a price", total["cost_eur_not_known_for_kwh"], without)
	if answer["units"].(map[string]any)["cost_eur"] != "EUR" || answer["total"].(map[string]any)["cost_eur"] != nil {
		t.Errorf("%v %v", answer["units"], answer["total"])
	}
}
