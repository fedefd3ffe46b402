package tables

import (
	"encoding/csv"
	"fmt"
	"io"
	"testing"

	"p1/pkg/record"
)

// day is a run of telegrams ten seconds apart, as long as a batch and a bit.
func day() []*record.Telegram {
	var day []*record.Telegram
	for i := range 600 {
		day = append(day, ok(raw(1024, lines{
			"0-0:1.0.0": fmt.Sprintf("2308240%d%02d%d0S", i/360, i/6%60, i%6),
			"1-0:1.8.0": fmt.Sprintf("%010.3f*kWh", 8234.524+0.008*float64(i)),
		})))
	}
	return day
}

func benchmark(b *testing.B, o Options) { benchmarkOf(b, o, day()) }

func benchmarkOf(b *testing.B, o Options, day []*record.Telegram) {
	w, err := New(io.Discard, limits(b, o))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		if err := w.Take(day[i%len(day)]); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkRecords(b *testing.B)  { benchmark(b, Options{}) }
func BenchmarkExcelEU(b *testing.B)  { benchmark(b, ExcelEU(Options{})) }
func BenchmarkSeed(b *testing.B)     { benchmark(b, Options{Profile: Seed}) }
func BenchmarkJSON(b *testing.B)     { benchmark(b, Options{Format: JSON}) }
func BenchmarkInflux(b *testing.B)   { benchmark(b, Options{Format: Influx}) }
func BenchmarkHungary(b *testing.B)  { benchmark(b, Options{Profile: Hungary}) }
func BenchmarkAll(b *testing.B)      { benchmark(b, Options{Profile: All}) }
func BenchmarkWatts(b *testing.B)    { benchmark(b, Options{Units: W}) }
func BenchmarkValidity(b *testing.B) { benchmark(b, Options{Table: Validity}) }

// BenchmarkEncodingCSV is the reference: the rows of BenchmarkRecords, already
// made, through encoding/csv alone.
func BenchmarkEncodingCSV(b *testing.B) {
	var records []record.Record
	for _, t := range day() {
		records = append(records, t)
	}
	names, table := read(b, made(b, Options{}, records...), ',')
	rows := make([][]string, len(table))
	for i := range rows {
		for _, name := range names {
			rows[i] = append(rows[i], table[i][name])
		}
	}
	w := csv.NewWriter(io.Discard)
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		if err := w.Write(rows[i%len(rows)]); err != nil {
			b.Fatal(err)
		}
	}
	w.Flush()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkGas reads telegrams that repeat the reading of a gas meter.
func BenchmarkGas(b *testing.B) { benchmarkOf(b, Options{Table: Gas}, dutchDay()) }

func BenchmarkEvents(b *testing.B) { benchmarkOf(b, Options{Table: Events}, day()) }

func BenchmarkPeaks(b *testing.B) { benchmarkOf(b, Options{Table: Peaks}, day()) }

// dutchDay is day with a gas meter, read every five minutes.
func dutchDay() []*record.Telegram {
	var list []*record.Telegram
	for i := range 600 {
		clock := fmt.Sprintf("2308240%d%02d%d0S", i/360, i/6%60, i%6)
		list = append(list, ok(spoken("M1", "0-0:1.0.0("+clock+")", "1-0:1.8.1(000001.000*kWh)", "0-1:24.1.0(003)", "0-1:96.1.0(G1)",
			fmt.Sprintf("0-1:24.2.1(2308240%d%02d00S)(%09.3f*m3)", i/360, i/6%60/5*5, 100+float64(i/30)))))
	}
	return list
}
