package wrapped

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"time"
	"unicode/utf8"
)

// logged are the forms that the logs of other programs have.
//
//	2026-03-01 00:00:10,123 INFO reader: 1-0:1.8.1(008234.524*kWh)        Python's logging, "%(asctime)s %(levelname)s %(name)s: %(message)s"
//	INFO:reader:1-0:1.8.1(008234.524*kWh)                                 the same, as logging.basicConfig sets it
//	Mar 01 00:00:10 raspberrypi p1[523]: 1-0:1.8.1(008234.524*kWh)        journalctl -o short
//	Mar  1 00:00:10 raspberrypi p1: 1-0:1.8.1(008234.524*kWh)#015         rsyslog, which writes control characters as # and three octal digits
//	{"message": "1-0:1.8.1(008234.524*kWh)"}                              a line in JSON
//	{"telegram": "/ISK5\\2M550T-1012\r\n\r\n1-3:0.2.8(50)\r\n…"}           a telegram in JSON
//	{"@timestamp": "2026-02-28T23:00:10.123Z", "message": "1-0:1.8.1…"}   with a time, as Logstash has it
//
// Python's reader decodes ASCII and ignores other bytes, or replaces them where JSON is
// written, and strips the line's end.
func logged() []Form {
	return []Form{
		{Name: "Python logging", Stamp: TimeOfDay, Wrap: pythonLogging, Left: textLeft(func(b []byte) []byte { return highAs(b, "") })},
		{Name: "Python logging, basic", Wrap: basicLogging, Left: textLeft(func(b []byte) []byte { return highAs(b, "") })},
		{Name: "journalctl", Stamp: TimeOfDay, Wrap: journal, Left: journalLeft},
		{Name: "rsyslog", Stamp: TimeOfDay, Unasked: true, Wrap: rsyslog, Left: one(unOctal)},
		{Name: "JSON", Wrap: jsonLines(""), Left: textLeft(func(b []byte) []byte { return highAs(b, replacement) })},
		{Name: "JSON with time", Stamp: FullStamp, Wrap: jsonLines(time.RFC3339Nano), Left: textLeft(func(b []byte) []byte { return highAs(b, replacement) })},
		{Name: "JSON telegrams", Wrap: jsonTelegrams, Left: alsoUTF8(func(b []byte) [][]byte { return [][]byte{b} })},
		{Name: "mosquitto_sub JSON", Stamp: FullStamp, Unasked: true, Wrap: mosquitto, Left: alsoUTF8(func(b []byte) [][]byte { return [][]byte{b} })},
		{Name: "dsmr_console", Wrap: console, Left: alsoUTF8(func(b []byte) [][]byte { return [][]byte{b} })},
		{Name: "Home Assistant", Stamp: TimeOfDay, Wrap: homeAssistant(true), Left: alsoUTF8(func(b []byte) [][]byte { return [][]byte{b} })},
		{Name: "Home Assistant, telegrams", Stamp: TimeOfDay, Wrap: homeAssistant(false), Left: one(gotTelegrams)},
		{Name: "dsmr-reader", Stamp: TimeOfDay, Wrap: dsmrReader, Left: alsoUTF8(readerTelegrams)},
		{Name: "dsmr-reader base64", Stamp: TimeOfDay, Unasked: true, Wrap: dsmrReaderBase64, Left: alsoUTF8(readerTelegrams)},
		{Name: "ESPHome telegram", Stamp: TimeOfDay, Wrap: espTelegram, Left: readTelegrams},
		{Name: "ESPHome lines", Stamp: TimeOfDay, Armour: true, Wrap: espLines},
		{Name: "ESPHome uart text", Stamp: TimeOfDay, Armour: true, Wrap: espText},
		{Name: "ESPHome uart text, 100 bytes", Stamp: TimeOfDay, Armour: true, Wrap: func(c Capture) Capture { return espPieces(cut(c, 100)) }},
		{Name: "ESPHome uart hex", Stamp: TimeOfDay, Armour: true, Wrap: espHex},
		{Name: "ESPHome colours", Stamp: TimeOfDay, Armour: true, Unasked: true, Wrap: espColours},
	}
}

// textLeft is what remains where the text of each line is kept, after a change.
func textLeft(change func([]byte) []byte) func(Capture) [][]byte {
	return func(c Capture) [][]byte { return eitherEnd(texts(c.Bytes(), change)) }
}

// alsoUTF8 adds what the readings are where bytes that were written as UTF-8 stay so.
func alsoUTF8(read func([]byte) [][]byte) func(Capture) [][]byte {
	return func(c Capture) [][]byte {
		plain := read(c.Bytes())
		out := plain
		for _, p := range plain {
			if u := latin1(p); !bytes.Equal(u, p) {
				out = append(out, u)
			}
		}
		return out
	}
}

func pythonLogging(c Capture) Capture {
	return perLine(func(l Piece) []byte {
		text := highAs(withoutEnd(l.Data), "")
		return fmt.Appendf(nil, "%s INFO reader: %s\n", pythonTime(l.At), text)
	})(c)
}

func basicLogging(c Capture) Capture {
	return perLine(func(l Piece) []byte {
		return fmt.Appendf(nil, "INFO:reader:%s\n", highAs(withoutEnd(l.Data), ""))
	})(c)
}

// jsonTelegrams decodes what arrives at once as Latin-1.
func jsonTelegrams(c Capture) Capture {
	return perPiece(func(b []byte) []byte { return fmt.Appendf(nil, "{\"telegram\": %s}\n", quoted(b)) })(c)
}

// mosquitto is what mosquitto_sub -F %j prints of a topic with telegrams.
//
//	{"tst":"2026-03-01T00:00:10.123456+0100","topic":"p1/telegram","qos":0,"retain":0,"payloadlen":812,"payload":"/ISK5…"}
func mosquitto(c Capture) Capture {
	var out Capture
	for _, p := range c {
		out = append(out, Piece{p.At, fmt.Appendf(nil, `{"tst":%q,"topic":"p1/telegram","qos":0,"retain":0,"payloadlen":%d,"payload":%s}`+"\n",
			p.At.Format("2006-01-02T15:04:05.000000-0700"), len(p.Data), quoted(p.Data))})
	}
	return out
}

// quoted is Latin-1 as a string of JSON.
func quoted(b []byte) []byte {
	text, err := json.Marshal(string(latin1(b)))
	if err != nil {
		panic(err) // a string can be written
	}
	return text
}

// pythonTime is what logging writes for asctime.
func pythonTime(at time.Time) string {
	return at.Format("2006-01-02 15:04:05") + fmt.Sprintf(",%03d", at.Nanosecond()/1e6)
}

// journal is what journalctl shows of a service that prints the port's lines. journald
// takes NUL for the end of a line too, strips white space at the end and drops empty
// lines; journalctl shows a message with control characters, or that is no UTF-8, as a
// number of bytes (systemd's journald-stream.c and logs-show.c).
//
//	Mar 01 00:00:10 raspberrypi p1[523]: [27B blob data]
func journal(c Capture) Capture {
	var out Capture
	for _, l := range lines(c) {
		for _, m := range messages(l.Data) {
			out = append(out, Piece{l.At, fmt.Appendf(nil, "%s raspberrypi p1[523]: %s\n", l.At.Format("Jan 02 15:04:05"), m)})
		}
	}
	return out
}

// messages is what the journal has of a line.
func messages(line []byte) [][]byte {
	var out [][]byte
	for _, m := range bytes.Split(line, []byte{0}) {
		m = bytes.TrimRight(m, " \t\r\n")
		if len(m) == 0 {
			continue
		}
		hidden := !utf8.Valid(m) || bytes.ContainsFunc(m, func(r rune) bool { return r < ' ' && r != '\t' || r >= 0x7F && r < 0xA0 })
		if hidden {
			m = fmt.Appendf(nil, "[%dB blob data]", len(m))
		}
		out = append(out, m)
	}
	return out
}

// journalLeft is those messages, with or without the empty line that follows a header.
func journalLeft(c Capture) [][]byte {
	var bare, spaced [][]byte
	for line := range bytes.Lines(c.Bytes()) {
		for _, m := range messages(line) {
			bare, spaced = append(bare, m), append(spaced, m)
			if m[0] == '/' {
				spaced = append(spaced, nil)
			}
		}
	}
	return append(eitherEnd(bare), eitherEnd(spaced)...)
}

// rsyslog writes a control character that it receives as # and three octal digits
// ($EscapeControlCharactersOnReceive).
func rsyslog(c Capture) Capture {
	return perLine(func(l Piece) []byte {
		out := []byte(l.At.Format("Jan _2 15:04:05") + " raspberrypi p1: ")
		for _, b := range bytes.TrimSuffix(l.Data, []byte("\n")) {
			if b < ' ' || b == 0x7F {
				out = fmt.Appendf(out, "#%03o", b)
			} else {
				out = append(out, b)
			}
		}
		return append(out, '\n')
	})(c)
}

var octal = regexp.MustCompile(`#(0[0-3][0-7]|177)`)

// unOctal is a log in which #015 in the text itself has become CR.
func unOctal(log []byte) []byte {
	log = octal.ReplaceAllFunc(log, func(m []byte) []byte {
		return []byte{(m[1]-'0')<<6 | (m[2]-'0')<<3 | (m[3] - '0')}
	})
	if len(log) > 0 && log[len(log)-1] != '\n' {
		log = append(log, '\n')
	}
	return log
}

func jsonLines(layout string) func(Capture) Capture {
	return perLine(func(l Piece) []byte {
		text, err := json.Marshal(string(highAs(withoutEnd(l.Data), replacement)))
		if err != nil {
			panic(err) // a string can be written
		}
		if layout == "" {
			return fmt.Appendf(nil, "{\"message\": %s}\n", text)
		}
		return fmt.Appendf(nil, "{\"@timestamp\": %q, \"message\": %s}\n", l.At.UTC().Format(layout), text)
	})
}

// What is taken for a telegram by dsmr_parser's telegram_buffer.py, and by dsmr-reader's
// datalogger.
var (
	parserTelegram = regexp.MustCompile(`(?s)/[^/]+?![A-F0-9]{0,4}\x00?\r\n`)
	readerTelegram = regexp.MustCompile(`(?s)/[^/]+?![A-F0-9]{4}|/[^/]+?!\r\n`)
)

// homeAssistant is the debug log of Home Assistant's dsmr integration: dsmr_parser's
// clients/protocol.py logs what it reads, a few bytes at a time, as Latin-1, and the
// telegrams that it finds if they are ASCII. Whether what is read is logged too depends on
// who shares the log.
//
//	2026-03-01 00:00:10.123 DEBUG (MainThread) [dsmr_parser.clients.protocol] received data: 1-0:1.8.1(008234.5
//	2026-03-01 00:00:10.125 DEBUG (MainThread) [dsmr_parser.clients.protocol] received data: 24*kWh)
//	1-0:1.8.2(00
//	2026-03-01 00:00:10.171 DEBUG (MainThread) [dsmr_parser.clients.protocol] got telegram: /ISK5\2M550T-1012
//
//	1-3:0.2.8(50)
//	…
//	!5B60
//
//	2026-03-01 00:00:11.123 DEBUG …
func homeAssistant(received bool) func(Capture) Capture {
	return parserLog(received, "2006-01-02 15:04:05.000 DEBUG (MainThread) [dsmr_parser.clients.protocol] ")
}

// console is what the same library's dsmr_console --verbose prints.
//
//	DEBUG:dsmr_parser.clients.protocol:received data: /ISK5\2M550
func console(c Capture) Capture {
	return parserLog(true, "DEBUG:dsmr_parser.clients.protocol:")(c)
}

// parserLog is the library's log with what stands before each entry, in the layout of a
// time.
func parserLog(received bool, layout string) func(Capture) Capture {
	entry := func(at time.Time, what string, data []byte) Piece {
		head := at.Format(layout) + what + ": "
		return Piece{at, append(append([]byte(head), latin1(data)...), '\n')}
	}
	return func(c Capture) Capture {
		var out Capture
		var buffer []byte
		for i, p := range c {
			if received {
				for _, part := range cut(Capture{p}, 12+i%60) {
					out = append(out, entry(part.At, "received data", part.Data))
				}
			}
			buffer = append(buffer, p.Data...)
			for _, t := range parserTelegram.FindAll(buffer, -1) {
				if isASCII(t) {
					out = append(out, entry(p.At.Add(time.Duration(len(p.Data))*byteTime), "got telegram", t))
				}
			}
			if at := parserTelegram.FindAllIndex(buffer, -1); len(at) > 0 {
				buffer = buffer[at[len(at)-1][1]:]
			}
		}
		return out
	}
}

func isASCII(b []byte) bool { return bytes.Equal(highAs(b, ""), b) }

// gotTelegrams is the telegrams alone.
func gotTelegrams(log []byte) []byte {
	var out []byte
	for _, t := range parserTelegram.FindAll(log, -1) {
		if isASCII(t) {
			out = append(out, t...)
		}
	}
	return out
}

// dsmrReader is the debug log of dsmr-reader, whose datalogger logs the telegrams that it
// has found, up to the CRC, as they are.
//
//	2026-03-01 00:00:10,123 DEBUG    datalogger   telegram_to_reading              81 | Received telegram:
//	/ISK5\2M550T-1012
//
//	1-3:0.2.8(50)
//	…
//	!5B60
//	2026-03-01 00:00:11,123 DEBUG …
func dsmrReader(c Capture) Capture {
	return foundBy(c, func(at time.Time, t []byte) []byte {
		head := pythonTime(at) + " DEBUG    datalogger   telegram_to_reading              81 | Received telegram:\n"
		return append(append([]byte(head), latin1(t)...), '\n')
	})
}

// dsmrReaderBase64 is the log of its versions before 4.
//
//	[2026-03-01 00:00:10,123] INFO @ services | Received telegram (base64 encoded): b'L0lTSzVcMk01…'
func dsmrReaderBase64(c Capture) Capture {
	return foundBy(c, func(at time.Time, t []byte) []byte {
		return fmt.Appendf(nil, "[%s] INFO @ services | Received telegram (base64 encoded): b'%s'\n",
			pythonTime(at), base64.StdEncoding.EncodeToString(latin1(t)))
	})
}

// foundBy writes each telegram that dsmr-reader finds.
func foundBy(c Capture, write func(at time.Time, t []byte) []byte) Capture {
	var out Capture
	log, ends := c.Bytes(), 0
	next := 0
	for _, at := range readerTelegram.FindAllIndex(log, -1) {
		for next < len(c) && ends+len(c[next].Data) <= at[0] {
			ends += len(c[next].Data)
			next++
		}
		out = append(out, Piece{c[next].At, write(c[next].At, bytes.TrimRight(log[at[0]:at[1]], "\r\n"))})
	}
	return out
}

// readerTelegrams is the telegrams alone, each with one end of line or the other.
func readerTelegrams(log []byte) [][]byte {
	var found [][]byte
	for _, t := range readerTelegram.FindAll(log, -1) {
		found = append(found, bytes.TrimRight(t, "\r\n"))
	}
	return eitherEnd(found)
}

// readTelegrams is readerTelegrams of a capture.
func readTelegrams(c Capture) [][]byte { return readerTelegrams(c.Bytes()) }

// espTelegram is the log of ESPHome's dsmr component with its telegram as a text sensor
// (text_sensor.cpp). The telegram ends with the CRC.
//
//	[00:00:10][D][text_sensor:064]: 'Telegram': Sending state '/ISK5\2M550T-1012
//
//	1-3:0.2.8(50)
//	…
//	!5B60'
func espTelegram(c Capture) Capture {
	return foundBy(c, func(at time.Time, t []byte) []byte {
		return append(append(espHead(at, "text_sensor:064", "'Telegram': Sending state '"), t...), '\'', '\n')
	})
}

// espHead is how a line of ESPHome's log begins; since 2025 with milliseconds.
func espHead(at time.Time, tag, text string) []byte {
	return fmt.Appendf(nil, "[%s][D][%s]: %s", at.Format("15:04:05"), tag, text)
}

// espLines is what ESPHome's dsmr component has logged with debug_telegrams.
//
//	[00:00:10][D][dsmr:033]: Telegram line: 1-0:1.8.1(008234.524*kWh)\r\n
func espLines(c Capture) Capture {
	return perLine(func(l Piece) []byte {
		return append(append(espHead(l.At, "dsmr:033", "Telegram line: "), espEscapes(l.Data)...), '\n')
	})(c)
}

// espText is what ESPHome's UART debugger logs with log_string after each LF
// (uart_debugger.cpp).
//
//	[00:00:10][D][uart_debug:158]: <<< "1-0:1.8.1(008234.524*kWh)\r\n"
func espText(c Capture) Capture { return espPieces(Capture(lines(c))) }

func espPieces(c Capture) Capture {
	var out Capture
	for _, p := range c {
		text := append(espHead(p.At, "uart_debug:158", `<<< "`), espEscapes(p.Data)...)
		out = append(out, Piece{p.At, append(text, '"', '\n')})
	}
	return out
}

// espHex is the same with log_hex, after a hundred bytes.
//
//	[00:00:10][D][uart_debug:114]: <<< 2F:49:53:4B:35:5C:32:4D
func espHex(c Capture) Capture {
	var out Capture
	for _, p := range cut(c, 100) {
		text := espHead(p.At, "uart_debug:114", "<<< ")
		for i, b := range p.Data {
			if i > 0 {
				text = append(text, ':')
			}
			text = fmt.Appendf(text, "%02X", b)
		}
		out = append(out, Piece{p.At, append(text, '\n')})
	}
	return out
}

// espColours is espText with the colours that a terminal shows.
func espColours(c Capture) Capture {
	var out Capture
	for _, p := range espText(c) {
		text := append([]byte("\x1b[0;36m"), bytes.TrimSuffix(p.Data, []byte("\n"))...)
		out = append(out, Piece{p.At, append(text, "\x1b[0m\n"...)})
	}
	return out
}

// espEscapes writes bytes as log_string does.
func espEscapes(b []byte) []byte {
	short := map[byte]string{7: `\a`, 8: `\b`, 9: `\t`, 10: `\n`, 11: `\v`, 12: `\f`, 13: `\r`, 27: `\e`, '"': `\"`, '\'': `\'`, '\\': `\\`}
	var out []byte
	for _, c := range b {
		switch s, ok := short[c]; {
		case ok:
			out = append(out, s...)
		case c < ' ' || c > 127:
			out = fmt.Appendf(out, `\x%02X`, c)
		default:
			out = append(out, c)
		}
	}
	return out
}
