package tables

import (
	"strings"
	"testing"

	"p1/pkg/record"
)

func TestValidityGolden(t *testing.T) {
	at := func(offset int64) record.Origin { return record.Origin{Source: "p1.log", Offset: offset} }
	damaged := raw(8, lines{"1-0:1.8.0": "008\x00\x0034.524*kW\x06", "0-0:1.0.0": "230824012200S"})
	input := []record.Record{
		&record.Noise{Data: []byte("PuTTY log")},
		&record.Telegram{Origin: at(75), Seq: 1, Status: record.OK, CRC: record.CRCARC, CRCSent: "05C6", CRCCalc: "05C6", Raw: first},
		&record.Telegram{Origin: at(2423), Seq: 2, Status: record.Bad, CRC: record.CRCARC, CRCSent: "05C6", CRCCalc: "1234", Raw: damaged},
		&record.Telegram{Origin: at(4771), Seq: 3, Status: record.Repaired, CRC: record.CRCARC, CRCSent: "05C6", CRCCalc: "FFFF", Confidence: 0.9995, Raw: first,
			Edits: []record.Edit{
				{At: 0, Got: record.Bytes("\x0E"), Now: record.Bytes("/")},
				{At: 20, Got: nil, Now: record.Bytes(first[20:22])},
				{At: 40, Got: record.Bytes("~~"), Now: nil},
				{At: 60, Got: nil, Now: record.Bytes(first[60:90]), By: record.ByLogger},
				{At: 90, Got: record.Bytes("xxx"), Now: nil, By: record.ByLogger},
			}},
		&record.Telegram{Origin: at(7000), Seq: 4, Status: record.Unchecked, CRC: record.CRCNone, Raw: dutch("120105180000", "1", "2")},
		&record.Telegram{Origin: at(8000), Seq: 5, Status: record.Salvaged, CRC: record.CRCARC, CRCCalc: "0001", Raw: first,
			Edits: []record.Edit{{At: 1, Got: record.Bytes("\x80"), Now: record.Bytes("A")}}},
		&record.Telegram{Origin: at(9000), Seq: 6, Status: record.Lost, CRC: record.CRCUnknown, Raw: []byte("\x00\x00=\xFF\r\n")},
	}
	want := frozen[Validity] + "\n" +
		"2023-08-24T01:21:30+02:00,p1.log,75,1,TRUE,ok,,0,0,0,05C6,05C6\n" +
		"2023-08-24T01:22:00+02:00,p1.log,2423,2,FALSE,bad,,0,0,3,05C6,1234\n" +
		"2023-08-24T01:21:30+02:00,p1.log,4771,3,TRUE,repaired,0.999500,3,2,3,05C6,FFFF\n" +
		"2012-01-05T18:00:00,p1.log,7000,4,TRUE,unchecked,,0,0,0,,\n" +
		"2023-08-24T01:21:30+02:00,p1.log,8000,5,FALSE,salvaged,,1,0,1,,0001\n" +
		",p1.log,9000,6,FALSE,lost,,0,0,3,,\n"
	if got := made(t, Options{Table: Validity}, input...); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	want = "\uFEFF" + strings.ReplaceAll(frozen[Validity], ",", ";") + "\r\n" +
		"2023-08-24 01:21:30;p1.log;4771;3;TRUE;repaired;0,999500;3;2;3;\"=\"\"05C6\"\"\";FFFF\r\n"
	if got := made(t, ExcelEU(Options{Table: Validity}), input[3]); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestUnexpectedBytes(t *testing.T) {
	filler := strings.Repeat("\xFF", 20)
	for _, test := range []struct {
		name, raw string
		want      int
	}{
		{"clean", string(raw(1024, nil)), 0},
		{"CR and LF", "\r\n\r\r\n", 0},
		{"unprintable", "1-0:1.8.0\x00008.5*k\x06h)\x7F\x80", 4},
		{"filler", "0-0:96.13.0(" + filler + ")\r\n", 0},
		{"filler hit", "0-0:96.13.0(" + filler + "\x7F" + filler + "~" + filler + ")\r\n", 1},
		{"filler, ( hit", "0-0:96.13.0\x00" + filler + ")\r\n", 1},
		{"filler, ) hit", "0-0:96.13.0(" + filler + "\x00\r\n", 1},
		{"filler, ) and the rest lost", "0-0:96.13.0(" + filler, 0},
		{"a run outside", "0-0:96.13.0()" + filler + "\r\n", 20},
		{"a run between lines", filler + "\r\n(1)", 20},
		{"a short run inside", "1-0:1.8.0(00\x00\x00\x0012*kWh)", 3},
		{"one byte inside", "(\x11)", 1},
		{"nothing", "", 0},
	} {
		r := &record.Telegram{Status: record.Bad, Raw: []byte(test.raw)}
		if got := unexpectedBytes(r); got != test.want {
			t.Errorf("%s: %d, want %d", test.name, got, test.want)
		}
	}
	contradiction := &record.Telegram{Status: record.Salvaged, Raw: []byte("\x01()"),
		Edits: []record.Edit{{At: 9, Got: record.Bytes("\x02\x02\x02")}}}
	if got := unexpectedBytes(contradiction); got != 1 {
		t.Errorf("with edits that contradict raw: %d", got)
	}
}
