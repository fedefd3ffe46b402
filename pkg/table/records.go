package table

import (
	"io"

	"p1/pkg/record"
	"p1/pkg/telegram"
)

// recordRow is a row of the profile default; the columns and their order are
// fixed.
type recordRow struct {
	Time           timeCell   `csv:"time" is:"stamp"`
	UTCOffset      timeCell   `csv:"utc_offset"`
	Meter          string     `csv:"meter" is:"tag"`
	Status         string     `csv:"status" is:"tag"`
	Confidence     numberCell `csv:"confidence"`
	Suspect        string     `csv:"suspect"`
	Tariff         string     `csv:"tariff"`
	Import         numberCell `csv:"import_kwh"`
	ImportT1       numberCell `csv:"import_t1_kwh"`
	ImportT2       numberCell `csv:"import_t2_kwh"`
	Export         numberCell `csv:"export_kwh"`
	ExportT1       numberCell `csv:"export_t1_kwh"`
	ExportT2       numberCell `csv:"export_t2_kwh"`
	ImportPower    numberCell `csv:"import_kw"`
	ExportPower    numberCell `csv:"export_kw"`
	VoltageL1      numberCell `csv:"voltage_l1_v"`
	VoltageL2      numberCell `csv:"voltage_l2_v"`
	VoltageL3      numberCell `csv:"voltage_l3_v"`
	CurrentL1      numberCell `csv:"current_l1_a"`
	CurrentL2      numberCell `csv:"current_l2_a"`
	CurrentL3      numberCell `csv:"current_l3_a"`
	ImportL1       numberCell `csv:"import_l1_kw"`
	ImportL2       numberCell `csv:"import_l2_kw"`
	ImportL3       numberCell `csv:"import_l3_kw"`
	ExportL1       numberCell `csv:"export_l1_kw"`
	ExportL2       numberCell `csv:"export_l2_kw"`
	ExportL3       numberCell `csv:"export_l3_kw"`
	IntervalImport numberCell `csv:"interval_import_kw"`
	IntervalExport numberCell `csv:"interval_export_kw"`
	NetCurrent     numberCell `csv:"net_current_a"`
}

// records makes the rows of the profile default.
type records struct {
	*batch[recordRow]
	o       Options
	clocks  *timekeeper
	history history
	now     readings
}

func newRecords(w io.Writer, o Options) (*records, error) {
	b, err := newBatch[recordRow](w, o)
	return &records{batch: b, o: o, clocks: o.forFixed(), now: readings{doubts: doubts{say: o.Say}}}, err
}

// accepts reports whether a telegram becomes a record.
func (o *Options) accepts(s record.Status) bool {
	return s.Valid() || o.AcceptBad && s == record.Bad || o.Salvaged && s == record.Salvaged
}

func (t *records) take(from *record.Telegram) error {
	if !t.o.accepts(from.Status) {
		return nil
	}
	now := &t.now
	now.read(from, t.clocks)
	row := recordRow{
		Meter:      now.meter,
		Status:     string(from.Status),
		Confidence: confidenceCell(from),
		Suspect:    from.Suspect,
		Tariff:     now.tariff,
		NetCurrent: now.netCurrent(),
	}
	if now.clockOK {
		row.Time = t.o.clockCell(now.clock)
		row.UTCOffset = timeCell(now.clock.Offset())
	}
	row.setNumbers(&now.numbers)
	step := t.history.next(now)
	row.IntervalImport = step.power(step.imported)
	row.IntervalExport = step.power(step.exported)
	return t.add(&row)
}

func (row *recordRow) setNumbers(n *[places]reading) {
	row.Import = n[importTotal].cell()
	row.ImportT1 = n[importT1].cell()
	row.ImportT2 = n[importT2].cell()
	row.Export = n[exportTotal].cell()
	row.ExportT1 = n[exportT1].cell()
	row.ExportT2 = n[exportT2].cell()
	row.ImportPower = n[importPower].cell()
	row.ExportPower = n[exportPower].cell()
	row.VoltageL1 = n[voltage].cell()
	row.VoltageL2 = n[voltage+1].cell()
	row.VoltageL3 = n[voltage+2].cell()
	row.CurrentL1 = n[current].cell()
	row.CurrentL2 = n[current+1].cell()
	row.CurrentL3 = n[current+2].cell()
	row.ImportL1 = n[importPhase].cell()
	row.ImportL2 = n[importPhase+1].cell()
	row.ImportL3 = n[importPhase+2].cell()
	row.ExportL1 = n[exportPhase].cell()
	row.ExportL2 = n[exportPhase+1].cell()
	row.ExportL3 = n[exportPhase+2].cell()
}

// netCurrent returns the mean current of the phases in A, positive while
// importing.
func (r *readings) netCurrent() numberCell {
	in, out := &r.numbers[importPower], &r.numbers[exportPower]
	if !in.ok || !out.ok || r.partial {
		return ""
	}
	net, ok := minus(in.Decimal, out.Decimal)
	if !ok {
		return ""
	}
	return r.amperes(net)
}

// clockCell returns a clock's time in the style of the table.
func (o *Options) clockCell(c telegram.Clock) timeCell {
	if o.LocalTime {
		return timeCell(c.Local())
	}
	return timeCell(c.RFC3339())
}

func confidenceCell(t *record.Telegram) numberCell {
	if t.Confidence <= 0 {
		return ""
	}
	return numberCell(record.AppendConfidence(nil, t.Confidence))
}
