package pseudonym

import (
	"os"
	"testing"

	"p1/pkg/record"
)

type nowhere struct{}

func (nowhere) Write(record.Record) error { return nil }
func (nowhere) Flush() error              { return nil }

func BenchmarkX(b *testing.B) {
	f, _ := os.Open("/tmp/ps/fr.jsonl")
	r := record.NewReader("x", f)
	var all []record.Record
	for {
		x, err := r.Read()
		if err != nil {
			break
		}
		all = append(all, x)
	}
	for b.Loop() {
		w := New(nowhere{}, Options{})
		for _, x := range all {
			if err := w.Write(x); err != nil {
				b.Fatal(err)
			}
		}
		w.Close()
	}
}
