package ask

import (
	"math/big"
	"testing"
	"time"

	"p1/pkg/telegram"
)

// quarterEuro is a price of 0.25 for each kWh until a time, and none afterwards.
type quarterEuro struct{ until time.Time }

func (quarterEuro) Currency() string { return "EUR" }

func (p quarterEuro) Cost(_, to time.Time, gains map[string]telegram.Decimal) (telegram.Decimal, bool) {
	sum, ok := gains["import_t1_kwh"].Plus(gains["import_t2_kwh"])
	return telegram.Decimal{Digits: 25 * sum.Digits, Scale: sum.Scale + 2}, ok && !to.After(p.until)
}

// Costs are exact; a row of which a part has no price has none, and says so.
func TestCost(t *testing.T) {
	h := build(t, "?meter=nl&every=1m&telegrams=300&seed=5&start=2026-03-01T00:00:00", nil)
	end := h.sent[0].Clock.Add(3 * time.Hour)
	answer := h.client(t, func(o *Options) { o.Prices = quarterEuro{end} }).ask("energy", map[string]any{"every": "1h"})
	for i, r := range rows(answer) {
		at := h.sent[0].Clock.Add(time.Duration(i) * time.Hour)
		if i >= 3 {
			if why, _ := r["why"].(map[string]any); r["cost"] != nil || why["cost"] == nil {
				t.Errorf("without a price: %v", r)
			}
			continue
		}
		gained := new(big.Rat).Sub(h.value(t, at.Add(time.Hour), "1-0:1.8.1"), h.value(t, at, "1-0:1.8.1"))
		gained.Add(gained, new(big.Rat).Sub(h.value(t, at.Add(time.Hour), "1-0:1.8.2"), h.value(t, at, "1-0:1.8.2")))
		same(t, "cost", r["cost"], gained.Mul(gained, big.NewRat(1, 4)))
	}
	if answer["units"].(map[string]any)["cost"] != "EUR" || answer["total"].(map[string]any)["cost"] != nil {
		t.Errorf("%v %v", answer["units"], answer["total"])
	}
}
