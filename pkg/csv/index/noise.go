package index

import "p1/pkg/record"

// Diagnose makes a stage that telegrams are given to, and what it has found out at their
// end: what is wrong with the line, which another stage of the pipe knows.
type Diagnose func() (to record.Stage, found func() *Diagnosis)

// Diagnosis is what the line did to the telegrams of a file.
type Diagnosis struct {
	Telegrams int64     `json:"telegrams"`
	Intact    int64     `json:"intact"`
	Repaired  int64     `json:"repaired"`
	Remaining int64     `json:"remaining"` // not usable as a whole
	Hits      int64     `json:"hits"`
	Clean     bool      `json:"clean"`
	Findings  []Finding `json:"findings"` // most hits first
}

// Finding is one cause of damage.
type Finding struct {
	Cause string  `json:"cause"` // a name of p1noise's own list
	Hits  float64 `json:"hits"`  // explained by it; a share of one may be
}

// diagnosed is a line of an index.
type diagnosed struct {
	Diagnosis **Diagnosis `json:"diagnosis"`
}
