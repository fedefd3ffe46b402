package tables

import (
	"fmt"
	"testing"

	"p1/pkg/record"
)

// oldAt is a telegram of a meter without clock and CRC.
func oldAt(total, tariff, device, at, gas string) *record.Telegram {
	r := ok(spoken("M1", "1-0:1.8.1("+total+"*kWh)", "0-0:96.14.0("+tariff+")",
		"0-1:24.1.0(3)", "0-1:96.1.0("+device+")", "0-1:24.3.0("+at+")(00)(60)(1)(0-1:24.2.1)(m3)", "("+gas+")"))
	r.Status, r.CRC = record.Unchecked, record.CRCNone
	return r
}

// What stands alone in a stream without CRCs is damage: no event, no reading.
func TestOutliers(t *testing.T) {
	for i, odd := range []*record.Telegram{
		oldAt("00001.990", "0001", "G1", "260301110000", "00005.000"),
		oldAt("00001.002", "0001", "G1", "260301110000", "00005.000"),
		oldAt("00001.004", "0041", "G1", "260301110000", "00005.000"),
		oldAt("00001.004", "0001", "F1", "260301110000", "00005.000"),
		oldAt("00001.004", "0001", "G1", "270301110000", "00005.000"),
		oldAt("00001.004", "0001", "G1", "260301110000", "00004.000"),
		oldAt("00001.004", "0001", "G1", "260301110000", "09005.000"),
	} {
		all := []record.Record{
			oldAt("00001.003", "0001", "G1", "260301110000", "00005.000"),
			oldAt("00001.004", "0001", "G1", "260301110000", "00005.000"),
			odd,
			oldAt("00001.005", "0001", "G1", "260301110000", "00005.000"),
			oldAt("00001.006", "0001", "G1", "260301120000", "00006.000"),
		}
		for j := range all {
			all[j].(*record.Telegram).Offset = int64(1000 * j)
		}
		if got := told(t, Options{}, all...); got != nil {
			t.Errorf("%d: %q", i, got)
		}
		wantRows(t, rowsOf(t, Options{Table: Gas}, "time device gas_m3 difference_m3 note", all...),
			"2026-03-01T11:00:00 G1 5.000 - -", "2026-03-01T12:00:00 G1 6.000 1.000 -")
	}
}

// What two telegrams say is believed, and nothing that waits is lost.
func TestUncheckedChanges(t *testing.T) {
	var all []record.Record
	for i := range 3 {
		all = append(all, oldAt(fmt.Sprintf("00001.00%d", i), "0001", "G1", "260301110000", "00005.000"))
	}
	for i := range 2 {
		all = append(all, oldAt(fmt.Sprintf("00000.00%d", i), "0002", "G2", "260301120000", "00000.500"))
	}
	for j := range all {
		all[j].(*record.Telegram).Offset = int64(1000 * j)
	}
	want := []string{"tariff 0-0:96.14.0 0001 0002", "register_fell 1-0:1.8.1 1.002 kWh 0.000 kWh", "device_replaced 0-1:96.1.0 G1 G2"}
	wantRows(t, told(t, Options{}, all...), want...)
	wantRows(t, rowsOf(t, Options{Table: Gas}, "device gas_m3 note", all...), "G1 5.000 -", "G2 0.500 replaced")
	// The last telegram has no next one.
	wantRows(t, told(t, Options{}, all[:4]...), want...)
	gap := &record.Gap{Origin: record.Origin{Source: "p1.log", Offset: 3000}, Why: record.GapOverrun}
	wantRows(t, told(t, Options{}, all[0], all[1], all[2], gap), "gap overrun")
	wantRows(t, told(t, Options{}, all[0], all[1], gap, all[2]), "gap overrun")
}
