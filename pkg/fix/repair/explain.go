package repair

import (
	"encoding/json"
	"math"

	"p1/pkg/fix/expect"
	"p1/pkg/record"
)

// explanation says for people what was weighed. Costs are −ln of a probability,
// counted from the most likely telegram, whatever the CRC said of it.
type explanation struct {
	// Weighed is how many combinations of values were held against the CRC, and
	// Passing how many of them satisfied it.
	Weighed int `json:"weighed"`
	Passing int `json:"passing"`
	// All says whether what was not weighed could not have mattered.
	All bool `json:"all"`
	// Accidents is how many wrong combinations of that many pass on average.
	Accidents float64 `json:"accidents"`
	// Cost of the best one that satisfies the CRC, and what it is made of: the
	// values other than the most likely ones.
	Cost    float64  `json:"cost"`
	Choices []weight `json:"choices,omitempty"`
	// RunnerUp is the next best one that satisfies the CRC.
	RunnerUp *rival `json:"runner_up,omitempty"`
	// With is what a second capture has of the telegram.
	With *evidence `json:"with,omitempty"`
	// Confidence where it was too low.
	Confidence record.Confidence `json:"confidence,omitempty"`
}

// evidence is what a second capture has of a telegram.
type evidence struct {
	// Telegram says the how manieth of the second capture it is, and Doubt how likely it is
	// another one.
	Telegram int64   `json:"telegram"`
	Doubt    float64 `json:"doubt"`
	// OnlyThere is how many bytes only the second capture has, and Instead how many it has
	// that were taken in place of others.
	OnlyThere int `json:"only_there"`
	Instead   int `json:"instead"`
}

// evidence says what a second capture has of the telegram.
func (c *couple) evidence() *evidence {
	x := &evidence{Telegram: c.Number, Doubt: rounded(c.Doubt)}
	for _, e := range c.edits {
		if len(e.Got) == 0 {
			x.OnlyThere += len(e.Now)
		} else {
			x.Instead += len(e.Now)
		}
	}
	return x
}

// rival is another telegram that satisfies the CRC.
type rival struct {
	Cost    float64  `json:"cost"`
	Choices []weight `json:"choices"`
}

// weight is a value that is not the most likely one.
type weight struct {
	Code   string  `json:"code"`
	Value  string  `json:"value"`
	Likely string  `json:"likely"`
	Cost   float64 `json:"cost"`
}

// explain adds what was weighed to a decided telegram.
func (e *entry) explain(wanted bool) {
	t, ok := e.record.(*record.Telegram)
	if !ok || !wanted || !e.open || e.about.weighed == nil && e.couple == nil {
		return
	}
	x := e.about.weighed
	if x == nil {
		x = &explanation{}
	}
	if e.couple != nil {
		x.With = e.couple.evidence()
	}
	if e.shape == nil {
		x.Confidence = record.Confidence(e.about.confidence)
	}
	value, err := json.Marshal(x)
	if err != nil {
		return // floats are rounded: there is nothing that cannot be written
	}
	t.Explain = value
}

// explanation puts the search into words and figures.
func (o *outcome) explanation(columns []column, shape *expect.Shape) *explanation {
	s := &o.search
	x := &explanation{
		Weighed: s.tests, Passing: o.passing, All: o.exhausted,
		Accidents: rounded(float64(s.tests) * accident),
	}
	if o.passing > 0 {
		x.Cost, x.Choices = rounded(s.costs[0]), weights(s.best, columns, shape)
	}
	if s.second != nil {
		x.RunnerUp = &rival{rounded(s.costs[1]), weights(s.second, columns, shape)}
	}
	return x
}

func weights(chosen []choice, columns []column, shape *expect.Shape) []weight {
	var list []weight
	for _, c := range chosen {
		col := &columns[c.column]
		code := "CRC"
		if col.field >= 0 {
			code = shape.Code(col.field)
		}
		text := func(v value) string { return string(v.text[:col.end-col.start]) }
		list = append(list, weight{code, text(col.values[c.value]), text(col.values[0]), rounded(c.cost)})
	}
	return list
}

// rounded keeps what a person reads of a figure.
func rounded(x float64) float64 {
	if math.IsInf(x, 0) || math.IsNaN(x) {
		return 0
	}
	if x == 0 {
		return 0
	}
	scale := math.Pow(10, 3-math.Floor(math.Log10(math.Abs(x))))
	return math.Round(x*scale) / scale
}
