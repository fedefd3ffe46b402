package tables

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
	Tariff         string     `csv:"tariff" obis:"0-0:96.14.0"`
	Import         numberCell `csv:"import_kwh" obis:"1-0:1.8.0"`
	ImportT1       numberCell `csv:"import_t1_kwh" obis:"1-0:1.8.1"`
	ImportT2       numberCell `csv:"import_t2_kwh" obis:"1-0:1.8.2"`
	Export         numberCell `csv:"export_kwh" obis:"1-0:2.8.0"`
	ExportT1       numberCell `csv:"export_t1_kwh" obis:"1-0:2.8.1"`
	ExportT2       numberCell `csv:"export_t2_kwh" obis:"1-0:2.8.2"`
	ImportPower    numberCell `csv:"import_kw" obis:"1-0:1.7.0"`
	ExportPower    numberCell `csv:"export_kw" obis:"1-0:2.7.0"`
	VoltageL1      numberCell `csv:"voltage_l1_v" obis:"1-0:32.7.0"`
	VoltageL2      numberCell `csv:"voltage_l2_v" obis:"1-0:52.7.0"`
	VoltageL3      numberCell `csv:"voltage_l3_v" obis:"1-0:72.7.0"`
	CurrentL1      numberCell `csv:"current_l1_a" obis:"1-0:31.7.0"`
	CurrentL2      numberCell `csv:"current_l2_a" obis:"1-0:51.7.0"`
	CurrentL3      numberCell `csv:"current_l3_a" obis:"1-0:71.7.0"`
	ImportL1       numberCell `csv:"import_l1_kw" obis:"1-0:21.7.0"`
	ImportL2       numberCell `csv:"import_l2_kw" obis:"1-0:41.7.0"`
	ImportL3       numberCell `csv:"import_l3_kw" obis:"1-0:61.7.0"`
	ExportL1       numberCell `csv:"export_l1_kw" obis:"1-0:22.7.0"`
	ExportL2       numberCell `csv:"export_l2_kw" obis:"1-0:42.7.0"`
	ExportL3       numberCell `csv:"export_l3_kw" obis:"1-0:62.7.0"`
	IntervalImport numberCell `csv:"interval_import_kw"`
	IntervalExport numberCell `csv:"interval_export_kw"`
	NetCurrent     numberCell `csv:"net_current_a"`
}

// records makes the rows of the profile default.
type records struct {
	*structs[recordRow]
	o       Options
	clocks  *timekeeper
	history history
	now     readings
}

func newRecords(w io.Writer, o Options) (*records, error) {
	s, err := newStructs[recordRow](w, o)
	return &records{structs: s, o: o, clocks: o.forFixed(), now: readings{doubts: doubts{say: o.Say}}}, err
}

// accepts reports whether a telegram becomes a record.
//
// Where the CRC is of an unknown kind, p1fix calls lost what was bad before it and
// may well be whole: nothing has been changed in it, so it is as good as a bad one.
// What holds no line at all, as an encrypted telegram, is none.
func (o *Options) accepts(t *record.Telegram) bool {
	switch t.Status {
	case record.Bad:
		return o.AcceptBad && telegram.HasLine(t.Raw)
	case record.Lost:
		return o.AcceptBad && t.CRC == record.CRCUnknown && telegram.HasLine(t.Raw)
	case record.Salvaged:
		return o.Salvaged
	}
	return t.Status.Valid()
}

func (t *records) take(from *record.Telegram) error {
	if !t.o.accepts(from) {
		return nil
	}
	now := &t.now
	now.read(from, t.clocks)
	row, k := &t.row, &now.ink
	*row = recordRow{
		Meter:      now.meter,
		Status:     string(from.Status),
		Confidence: confidenceCell(k, from),
		Suspect:    from.Suspect,
		Tariff:     now.tariff,
		NetCurrent: now.netCurrent(),
	}
	if now.clockOK {
		row.Time = t.o.clockCell(k, now.clock)
		row.UTCOffset = offsetCell(k, now.clock)
	}
	row.setNumbers(k, &now.numbers)
	step := t.history.next(now)
	row.IntervalImport = step.power(k, step.imported)
	row.IntervalExport = step.power(k, step.exported)
	return t.add()
}

func (row *recordRow) setNumbers(k *ink, n *[places]reading) {
	row.Import = n[importTotal].cell(k)
	row.ImportT1 = n[importT1].cell(k)
	row.ImportT2 = n[importT2].cell(k)
	row.Export = n[exportTotal].cell(k)
	row.ExportT1 = n[exportT1].cell(k)
	row.ExportT2 = n[exportT2].cell(k)
	row.ImportPower = n[importPower].cell(k)
	row.ExportPower = n[exportPower].cell(k)
	row.VoltageL1 = n[voltage].cell(k)
	row.VoltageL2 = n[voltage+1].cell(k)
	row.VoltageL3 = n[voltage+2].cell(k)
	row.CurrentL1 = n[current].cell(k)
	row.CurrentL2 = n[current+1].cell(k)
	row.CurrentL3 = n[current+2].cell(k)
	row.ImportL1 = n[importPhase].cell(k)
	row.ImportL2 = n[importPhase+1].cell(k)
	row.ImportL3 = n[importPhase+2].cell(k)
	row.ExportL1 = n[exportPhase].cell(k)
	row.ExportL2 = n[exportPhase+1].cell(k)
	row.ExportL3 = n[exportPhase+2].cell(k)
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

// clockCell returns a clock's time in the style of the table, or with its offset
// where rows are to be joined by it.
func (o *Options) clockCell(k *ink, c telegram.Clock) timeCell {
	var room [48]byte
	if o.LocalTime && o.Every == 0 {
		return timeCell(k.text(c.AppendLocal(room[:0])))
	}
	return timeCell(k.text(c.AppendRFC3339(room[:0])))
}

func offsetCell(k *ink, c telegram.Clock) timeCell {
	var room [8]byte
	return timeCell(k.text(c.AppendOffset(room[:0])))
}

func confidenceCell(k *ink, t *record.Telegram) numberCell {
	if t.Confidence <= 0 {
		return ""
	}
	var room [24]byte
	return numberCell(k.text(record.AppendConfidence(room[:0], t.Confidence)))
}
