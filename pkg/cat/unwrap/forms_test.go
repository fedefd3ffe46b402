package unwrap

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"testing"
	"time"

	"p1/pkg/crc"
)

// Two telegrams of a meter whose header has a backslash and digits behind it, and whose text
// field holds bytes above 0x7F. No form needs their CRCs.
const (
	first = "/FLU5\\253769484_A\r\n\r\n0-0:1.0.0(261129140000W)\r\n1-0:1.8.0(008234.524*kWh)\r\n" +
		"1-0:2.7.0(00.000*kW)\r\n0-0:96.13.0(\xff\xff\xff\xff\x80)\r\n0-1:24.2.1(261129135500W)(00123.456*m3)\r\n!5B60\r\n"
	second = "/FLU5\\253769484_A\r\n\r\n0-0:1.0.0(261129140010W)\r\n1-0:1.8.0(008234.525*kWh)\r\n" +
		"1-0:2.7.0(00.000*kW)\r\n0-0:96.13.0(\xff\xff\xff\xff\x80)\r\n0-1:24.2.1(261129135500W)(00123.456*m3)\r\n!0A3C\r\n"
	plain = first + second
	ascii = "\xff\xff\xff\xff\x80"
)

func ofLines(text string, f func(i int, line string) string) string {
	var b strings.Builder
	i := 0
	for line := range strings.Lines(text) {
		b.WriteString(f(i, line))
		i++
	}
	return b.String()
}

// before puts a text before each line; %d in it is the number of the line.
func before(text, format string) string {
	return ofLines(text, func(i int, line string) string {
		if strings.Contains(format, "%") {
			return fmt.Sprintf(format, i) + line
		}
		return format + line
	})
}

// withoutHigh is text without what a form cannot hold.
func withoutHigh(text string) string { return strings.ReplaceAll(text, ascii, "") }

// jsonList is a telegram as a list of its lines.
func jsonList(telegram string) string {
	lines := strings.Split(strings.TrimSuffix(withoutHigh(telegram), "\r\n"), "\r\n")
	for i, line := range lines {
		lines[i] = `"` + escaped(line) + `"`
	}
	return "[" + strings.Join(lines, ", ") + "]\n"
}

func withoutCR(text string) string { return strings.ReplaceAll(text, "\r", "") }

// withParity is what a host that reads eight bits makes of seven and their parity. Its LF, 0A,
// is the same.
func withParity(text string) string {
	out := []byte(text)
	for i, c := range out {
		if bits.OnesCount8(c)%2 == 1 {
			out[i] |= 0x80
		}
	}
	return string(out)
}

// escaped writes text as ESPHome's log does.
func escaped(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		switch {
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\\':
			b.WriteString(`\\`)
		case c < 32 || c > 126:
			fmt.Fprintf(&b, `\x%02X`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func every(text string, n int, f func(i int, part string) string) string {
	var b strings.Builder
	for i := 0; len(text) > 0; i++ {
		m := min(n, len(text))
		b.WriteString(f(i, text[:m]))
		text = text[m:]
	}
	return b.String()
}

// wrappings are the forms, as other programs write them, and what they have left of plain.
var wrappings = []struct {
	name, text, want string
	forms            string // that are to be recognised
}{
	{"ts", before(plain, "Nov 29 14:00:%02d "), plain, "time stamp"},
	{"ts -s", before(plain, "00:00:%02d "), plain, "time stamp"},
	{"ts %.s", before(plain, "17960436%02d.123456 "), plain, "time stamp"},
	{"minicom", before(plain, "[2026-11-29 14:00:%02d.120] "), plain, "time stamp"},
	{"CoolTerm", before(plain, "2026-11-29 14:00:%02d.120\t"), plain, "time stamp"},
	{"RealTerm", before(plain, "29/11/2026 14:00:%02d,"), plain, "time stamp"},
	{"Termite", before(plain, "14:00:%02d.120> "), plain, "time stamp"},
	{"Arduino", before(plain, "14:00:%02d.120 -> "), plain, "time stamp"},
	{"US clock", before(plain, "11/29/2026 2:00:%02d PM, "), plain, "time stamp"},
	{"seconds since the start", before(plain, "12.3456%02d "), plain, "time stamp"},
	{"several stamps of grabserial", before(plain, "[12.3456%02d 0.000123] "), plain, "time stamp"},
	{"kernel", before(plain, "[  123.4567%02d] "), plain, "time stamp"},
	{"syslog", before(plain, "Nov 29 14:00:%02d raspberrypi p1[812]: "), plain, "time stamp, label"},
	{"Python's logging", before(plain, "2026-11-29 14:00:%02d,123 INFO p1.reader: "), plain, "time stamp, label"},
	{"level and module", before(plain, "DEBUG:p1:"), plain, "label"},
	{"stamps of a meter that speaks 7E1", before(withParity(withoutHigh(plain)), "14:00:%02d "), withParity(withoutHigh(plain)), "time stamp"},
	{"indent", before(plain, "    "), plain, "quote marks"},
	{"quotes", before(plain, "> "), plain, "quote marks"},
	{"comment", before(plain, "# "), plain, "quote marks"},
	{"escapes of Java", ofLines(plain, func(_ int, l string) string { return `  "` + escaped(l) + "\" +\n" }), plain, "quote marks, escapes"},
	{"quotes, blanks trimmed", strings.ReplaceAll(before(withoutCR(plain), "> "), "> \n", ">\n"), withoutCR(plain), "quote marks"},
	{"trailing blanks", strings.ReplaceAll(plain, "\r\n", "  \r\n"), plain, "trailing blanks"},
	{"trailing blanks, damage", strings.ReplaceAll(strings.Replace(plain, "54*kWh)", "54*kWh ", 1), "\r\n", " \r\n"), strings.Replace(plain, "54*kWh)", "54*kWh ", 1), "trailing blanks"},
	{"a table's blanks", ofLines(plain, func(_ int, l string) string { return fmt.Sprintf("%-60s\r\n", strings.TrimRight(l, "\r\n")) }), plain, "trailing blanks"},
	{"trailing U+00A0", strings.ReplaceAll(plain, "\r\n", "\u00a0\n"), withoutCR(plain), "trailing blanks"},
	{"stamps and trailing blanks", before(strings.ReplaceAll(plain, "\r\n", " \r\n"), "14:00:%02d "), plain, "time stamp, trailing blanks"},
	{"blank lines", ofLines(plain, func(_ int, l string) string { return l + "\r\n" }), plain, "line ends"},
	{"blank lines, LF", ofLines(plain, func(_ int, l string) string { return l + "\n" }), plain, "line ends"},
	{"CR to LF", strings.ReplaceAll(plain, "\r", "\n"), plain, "line ends"},
	{"LF to CR", strings.ReplaceAll(plain, "\n", "\r"), plain, "line ends"},
	{"CR NUL LF", strings.ReplaceAll(plain, "\r", "\r\x00"), plain, "line ends"},
	{"CR CR LF", strings.ReplaceAll(plain, "\n", "\r\n"), plain, "line ends"},
	{"both LF, then CR LF", strings.NewReplacer("\r", "\r\n", "\n", "\r\n").Replace(plain), plain, "line ends"},
	{"both LF, then CR LF, a CR hit", strings.NewReplacer("\r", "\r\n", "\n", "\r\n").Replace(strings.ReplaceAll(plain, "24*kWh)\r", "24*kWh)\f")), strings.ReplaceAll(plain, "24*kWh)\r", "24*kWh)\f"), "line ends"},
	{"blank lines, a CR hit", ofLines(strings.ReplaceAll(plain, "24*kWh)\r", "24*kWh)\f"), func(_ int, l string) string { return l + "\r\n" }), strings.ReplaceAll(plain, "24*kWh)\r", "24*kWh)\f"), "line ends"},
	{"doubled", strings.NewReplacer("\r", "\r\r", "\n", "\n\n").Replace(plain), plain, "line ends"},
	{"cat -v", strings.NewReplacer("\r", "^M", "\xff", "M-^?", "\x80", "M-^@").Replace(plain), plain, "caret notation"},
	{"cat -A", strings.NewReplacer("\r\n", "^M$\n", "\xff", "M-^?", "\x80", "M-^@").Replace(plain), plain, "caret notation"},
	{"cat -A, saved with CR LF", strings.NewReplacer("\r\n", "^M$\r\n", "\xff", "M-^?", "\x80", "M-^@").Replace(plain), plain, "caret notation"},
	{"cat -v, saved with CR LF", strings.NewReplacer("\r\n", "^M\r\n", "\xff", "M-^?", "\x80", "M-^@").Replace(plain), plain, "caret notation"},
	{"escapes", ofLines(plain, func(_ int, l string) string { return escaped(l) + "\n" }), plain, "escapes"},
	{"escapes, header as it is", strings.ReplaceAll(ofLines(plain, func(_ int, l string) string { return escaped(l) + "\n" }), `\\253`, `\253`), plain, "escapes"},
	{"repr", ofLines(plain, func(_ int, l string) string { return "b'" + escaped(l) + "'\n" }), plain, "escapes"},
	{"repr of telegrams", "b'" + escaped(first) + "'\nb'" + escaped(second) + "'\n", plain, "escapes"},
	{"repr, ends stripped", ofLines(plain, func(_ int, l string) string { return "b'" + escaped(strings.TrimRight(l, "\r\n")) + "'\n" }), withoutCR(plain), "escapes"},
	{"sed -n l", ofLines(withoutHigh(plain), func(_ int, l string) string {
		return strings.NewReplacer(`\`, `\\`, "\r\n", "\\015$\n").Replace(l)
	}), withoutHigh(plain), "escapes"},
	{"JSON lines", ofLines(withoutHigh(plain), func(i int, l string) string {
		return fmt.Sprintf(`{"time":"2026-11-29T13:00:%02dZ","line":"%s"}`+"\n", i, escaped(l))
	}), withoutHigh(plain), "JSON"},
	{"JSON, lists of lines", jsonList(first) + jsonList(second), withoutCR(withoutHigh(plain)), "JSON"},
	{"JSON, a list in a field", `{"at":1,"telegram":` + strings.TrimSpace(jsonList(first)) + "}\n", withoutCR(withoutHigh(first)), "JSON"},
	{"JSON, ends stripped", ofLines(withoutHigh(plain), func(i int, l string) string {
		return fmt.Sprintf(`{"n":%d,"msg":"%s"}`+"\n", i, escaped(strings.TrimRight(l, "\r\n")))
	}), withoutCR(withoutHigh(plain)), "JSON"},
	{"Home Assistant", "2026-11-29 14:00:00.123 DEBUG (MainThread) [dsmr_parser.clients.protocol] received data: " + first[:100] + "\n" +
		"2026-11-29 14:00:00.123 DEBUG (MainThread) [dsmr_parser.clients.protocol] received data: " + first[100:] + "\n" +
		"2026-11-29 14:00:00.124 DEBUG (MainThread) [dsmr_parser.clients.protocol] got telegram: " + first + "\n" +
		"2026-11-29 14:00:01.124 INFO (MainThread) [homeassistant.core] bus:handling\n" +
		"2026-11-29 14:00:10.124 DEBUG (MainThread) [dsmr_parser.clients.protocol] got telegram: " + second + "\n", plain, "log entries"},
	{"Home Assistant, parts only", every(plain, 90, func(i int, part string) string {
		return "2026-11-29 14:00:00.123 DEBUG (MainThread) [dsmr_parser.clients.protocol] received data: " + part + "\n"
	}), plain, "log entries"},
	{"entries, other words", "2026-11-29 14:00:00 INFO Telegram: " + first + "2026-11-29 14:00:10 INFO Telegram: " + second, plain, "log entries"},
	{"entries, no words", "[14:00:00][I][wifi:100]: ok\n[14:00:00][V][dsmr:203]: " + first + "[14:00:10][V][dsmr:203]: " + second, plain, "log entries"},
	{"entries, no clock", "[V][dsmr:203]: " + first + "[V][dsmr:203]: " + second, plain, "log entries"},
	{"entries, quoted", "[D][text_sensor:064]: 'DSMR telegram': Sending state '" + strings.TrimSuffix(first, "\r\n") + "'\n[I][wifi:100]: ok\n" + "[D][text_sensor:064]: 'DSMR telegram': Sending state '" + second + "'\n",
		strings.TrimSuffix(first, "\r\n") + "\n" + second, "log entries"},
	{"entries, a header in another one", "2026-11-29 14:00:00 INFO [dsmr] connected: /FLU5\\253769484_A\n" + every(plain, 90, func(i int, part string) string {
		return "2026-11-29 14:00:00 DEBUG [dsmr] received data: " + part + "\n"
	}), "/FLU5\\253769484_A\n" + plain, "log entries"},
	{"entries, damaged headers", "[14:00:00][V][dsmr:203]: Telegram: " + first + "[14:00:01][V][dsmr:203]: /dev/ttyS0 is open\n" +
		"[14:00:10][V][dsmr:203]: Telegram: " + second[:2] + " " + second[3:] + "[14:00:20][V][dsmr:203]: Telegram: " + second[1:] +
		"[14:00:30][V][uart:203]: /FLU \\253\n" + second[20:],
		first + second[:2] + " " + second[3:] + second[1:] + "/FLU \\253\n" + second[20:], "log entries"},
	{"dsmr-reader", "[2026-11-29 14:00:00,123] DEBUG    datalogger | Received telegram:\n" + first + "\n" +
		"[2026-11-29 14:00:10,123] DEBUG    datalogger | Received telegram:\n" + second + "\n", plain, "log entries"},
	{"dsmr-reader, base64", fmt.Sprintf("[2026-11-29 14:00:00,123] INFO @ services | Received telegram (base64 encoded): b'%s'\n",
		base64.StdEncoding.EncodeToString([]byte(plain))) + strings.Repeat("[2026-11-29 14:00:01,123] INFO @ services | Received telegram (base64 encoded): b'"+base64.StdEncoding.EncodeToString([]byte(first))+"'\n", 2), plain + first + first, "time stamp, label, base64"},
	{"the command base64", every(base64.StdEncoding.EncodeToString([]byte(plain)), 76, func(_ int, part string) string { return part + "\n" }), plain, "base64"},
	{"ESPHome, one line each", ofLines(plain, func(i int, l string) string {
		return fmt.Sprintf("[14:00:%02d][D][dsmr:033]: Telegram line: %s\n", i, escaped(l))
	}), plain, "time stamp, label, escapes"},
	{"ESPHome, text", every(plain, 40, func(i int, part string) string {
		return fmt.Sprintf("[14:00:%02d][D][uart_debug:158]: <<< \"%s\"\n", i, escaped(part)) + "[14:00:00][D][sensor:094]: 'Power': Sending state 0.42 kW\n"
	}), plain, "time stamp, label, escapes"},
	{"ESPHome, text, coloured", ofLines(plain, func(i int, l string) string {
		return fmt.Sprintf("\x1b[0;36m[14:00:%02d][D][uart_debug:158]: <<< \"%s\"\x1b[0m\n", i, escaped(l))
	}), plain, "colours, time stamp, label, escapes"},
	{"ESPHome, hex", every(plain, 40, func(i int, part string) string {
		return fmt.Sprintf("[14:00:%02d][D][uart_debug:114]: <<< %s\n", i, spaced(part, ":"))
	}), plain, "time stamp, label, hex"},
	{"amsreader, hex", every(plain, 16, func(_ int, part string) string { return "(V) " + spaced(part, " ") + "\r\n" }), plain, "label, hex"},
	{"ESPHome, telegrams", espTelegrams(first, second), strings.TrimSuffix(first, "\r\n") + "\n" + strings.TrimSuffix(second, "\r\n") + "\n", "log entries"},
	{"ESPHome, telegrams, a header hit", espTelegrams(first, strings.Replace(second, "\r\n", "\x00\r\n", 1)), strings.TrimSuffix(first, "\r\n") + "\n" + strings.Replace(strings.TrimSuffix(second, "\r\n"), "\r\n", "\x00\r\n", 1) + "\n", "log entries"},
	{"rsyslog", before(strings.NewReplacer("\r", "#015", "\xff", "\xff").Replace(plain), "Nov 29 14:00:%02d raspberrypi p1: "), plain, "time stamp, label, octal control characters"},
	{"control characters by their escapes", strings.NewReplacer("\r\n", "<\\r><\\n>\r\n").Replace(plain), plain, "named control characters"},
	{"control characters by name", before(strings.NewReplacer("\r\n", "<CR><LF>\r\n").Replace(plain), "29.11.2026 14:00:%02d.120 [RX] - "), plain, "time stamp, label, named control characters"},
	{"cat -n", before(plain, "%6d\t"), plain, "line numbers"},
	{"code block", "Hello,\n\nwho can read this?\n\n```\n" + withoutHigh(withoutCR(plain)) + "```\nThanks!\n", withoutHigh(withoutCR(plain)), "code block"},
	{"hex", every(plain, 30, func(_ int, part string) string { return hex.EncodeToString([]byte(part)) + "\n" }), plain, "hex"},
	{"hex of one line", hex.EncodeToString([]byte(plain)), plain, "hex"},
	{"hex, spaced", every(plain, 16, func(_ int, part string) string { return spaced(part, " ") + "\r\n" }), plain, "hex"},
	{"hex of C", every(plain, 12, func(_ int, part string) string { return "0x" + spaced(part, ", 0x") + ",\n" }), plain, "hex"},
	{"hex of terminals", every(plain, 16, func(_ int, part string) string { return "$" + spaced(part, " $") + "\n" }), plain, "hex"},
	{"dashes", strings.NewReplacer("0-0:", "0\u20130:", "1-0:", "1\u20130:").Replace(plain), plain, "dashes"},
	{"dashes and stamps", before(strings.ReplaceAll(plain, "-0:", "\u20130:"), "14:00:%02d "), plain, "time stamp, dashes"},
	{"Saleae Logic 2", every(plain, 1, func(i int, c string) string {
		return fmt.Sprintf("\"Async Serial\",\"data\",0.%06d,0.00008,0x%02X,\n", i*87, c[0])
	}), plain, "logic analyser"},
	{"Saleae Logic 1", every(plain, 1, func(i int, c string) string { return fmt.Sprintf("0.%06d,0x%02X,,\n", i*87, c[0]) }), plain, "logic analyser"},
	{"sigrok", every(plain, 1, func(i int, c string) string { return fmt.Sprintf("%d-%d uart-1: RX: %02X\n", i*100, i*100+80, c[0]) }), plain, "logic analyser"},
	{"xxd", dumpOf(plain, "%08x: ", true, 2, ""), plain, "dump"},
	{"hexdump -C", strings.TrimSuffix(hex.Dump([]byte(plain)), "") + fmt.Sprintf("%08x\n", len(plain)), plain, "dump"},
	{"od -t x1", dumpOf(plain, "%07o ", false, 1, "") + fmt.Sprintf("%07o\n", len(plain)), plain, "dump"},
	{"hexdump", dumpOf(plain, "%07x ", false, 2, "swap") + fmt.Sprintf("%07x\n", len(plain)), plain, "dump"},
	{"od", dumpOf(plain, "%07o ", false, 2, "octal") + fmt.Sprintf("%07o\n", len(plain)), plain, "dump"},
	{"UTF-16", every(plain, 1, func(_ int, c string) string { return c + "\x00" }), plain, "UTF-16"},
	{"UTF-16, high byte first", every(plain, 1, func(_ int, c string) string { return "\x00" + c }), plain, "UTF-16"},
	{"page", "<!DOCTYPE html>\n<html><head><title>a</title></head><body><pre>" + strings.ReplaceAll(withoutHigh(plain), "(", "&#40;") + "</pre></body></html>", "\n" + withoutHigh(plain), "page"},
	{"page with breaks", "<html><body>" + strings.ReplaceAll(withoutCR(plain), "\n", "<br>\n") + "</body></html>", withoutCR(plain), "page"},
	{"one line", ofLines(strings.NewReplacer("\r\n", " ", "!5B60 ", "!5B60\n", "!0A3C ", "!0A3C\n").Replace(plain), func(_ int, l string) string { return strings.TrimPrefix(l, "\r\n") }), plain, "one line"},
	{"one line, nothing between", strings.ReplaceAll(withoutHigh(first), "\r\n", "") + "\n" + strings.ReplaceAll(withoutHigh(second), "\r\n", "") + "\n", withoutHigh(plain), "one line"},
	{"Markdown as in a README, blanks end a line", "Snapshot of raw output:\n\n" + strings.NewReplacer("*", `\*`, "\n", "  \n").Replace(signed()) + "\nExplanation:\n- 1-3:0.2.8(50)  \n", "Snapshot of raw output:\n\n" + signed() + "\nExplanation:\n- 1-3:0.2.8(50)\n", "Markdown"},
	{"Markdown of pandoc, a backslash ends a line", strings.NewReplacer("*", `\*`, "_", `\_`, `\`, `\\`, "\n", "\\\n").Replace(signed()), signed(), "Markdown"},
	{"Markdown, characters above U+007F", strings.NewReplacer("*", `\*`, "\xff", "\u00ff", "\x80", "\u0080").Replace(withCRCs(withoutCR(plain), "\r\n")), withCRCs(withoutCR(plain), "\r\n"), "Markdown"},
	{"Markdown, a meter without CRCs", strings.NewReplacer("*", `\*`, "!5B60", "!", "!0A3C", "!").Replace(withoutHigh(withoutCR(plain))), strings.NewReplacer("!5B60", "!", "!0A3C", "!").Replace(withoutHigh(withoutCR(plain))), "Markdown"},
	{"HTML, a break after each line", strings.ReplaceAll(signed(), "\n", "<br>\n"), signed(), "HTML"},
	{"HTML on one line", strings.ReplaceAll(signed(), "\n", "<br/>"), signed(), "HTML"},
	{"HTML, entities", strings.NewReplacer("/", "&#47;", "(", "&#x28;", "*", "&ast;").Replace(signed()), signed(), "HTML"},
	{"HTML, a meter without CRCs", strings.NewReplacer("\n", "<br>\n", "!5B60", "!", "!0A3C", "!").Replace(withoutHigh(withoutCR(plain))), strings.NewReplacer("!5B60", "!", "!0A3C", "!").Replace(withoutHigh(withoutCR(plain))), "HTML"},
	// They combine.
	{"HTML in a comment of Java", before(strings.ReplaceAll(signed(), "\n", "<br>\n"), " * "), signed(), "quote marks, HTML"},
	{"Markdown, quoted", before(strings.ReplaceAll(signed(), "*", `\*`), "> "), signed(), "quote marks, Markdown"},
	{"Markdown, blank lines between", strings.NewReplacer("*", `\*`, "\n", "\n\n").Replace(signed()), strings.ReplaceAll(signed(), "\n", "\r\n"), "Markdown, line ends"},
	{"cat -A of ESPHome's log", every(plain, 90, func(i int, part string) string {
		return fmt.Sprintf("[14:00:%02d][D][uart_debug:158]: <<< \"%s\"$\n", i, escaped(part))
	}), plain, "time stamp, label, caret notation, escapes"},
	{"stamps and hex", ofLines(every(plain, 16, func(_ int, part string) string { return spaced(part, " ") + "\n" }),
		func(i int, l string) string { return fmt.Sprintf("[2026-11-29 14:00:%02d] %s", i%60, l) }), plain, "time stamp, hex"},
	{"quotes and blank lines", ofLines(before(plain, "> "), func(_ int, l string) string { return l + "\n" }), plain, "quote marks, line ends"},
	{"indent and stamps", before(before(plain, "2026-11-29T14:00:%02dZ "), "  "), plain, "quote marks, time stamp"},
	{"stamps and escapes", before(ofLines(plain, func(_ int, l string) string { return "b'" + escaped(l) + "'\n" }), "14:00:%02d "), plain, "time stamp, escapes"},
	// One telegram is what people paste.
	{"one telegram: stamp and hex", "[14:00:00.120] " + hex.EncodeToString([]byte(first)) + "\n", first, "time stamp, hex"},
	{"one telegram: JSON and hex", `{"message":"` + hex.EncodeToString([]byte(first)) + "\"}\n", first, "JSON, hex"},
	{"one telegram: repr in a log", "2026-11-29 14:00:00,123 INFO reader: b'" + escaped(first) + "'\n", first, "time stamp, label, escapes"},
	{"one telegram: base64", "[2026-11-29 14:00:00,123] INFO @ services | Received telegram (base64 encoded): b'" + base64.StdEncoding.EncodeToString([]byte(first)) + "'\n", first, "time stamp, label, base64"},
	{"a code block of stamps", "Hi!\n~~~text\n" + before(withoutCR(plain), "2026-11-29T14:00:%02dZ ") + "~~~\n", withoutCR(plain), "code block, time stamp"},
	{"a code block of a dump, quoted", before("Hi!\n\n```\n"+dumpOf(plain, "%08x: ", true, 2, "")+"```\n", "> "), plain, "quote marks, code block, dump"},
	{"a page of a dump", "<html><pre>\n" + dumpOf(plain, "%08x: ", true, 2, "") + "</pre></html>", plain, "page, dump"},
}

// signed is plain as an editor keeps it, with the CRCs that it had with CR LF.
func signed() string { return withCRCs(withoutHigh(withoutCR(plain)), "\r\n") }

// withCRCs puts the CRC behind each telegram that it has with these line ends.
func withCRCs(text, end string) string {
	var b, telegram strings.Builder
	for line := range strings.Lines(text) {
		telegram.WriteString(strings.ReplaceAll(line, "\n", end))
		if line[0] == '!' {
			sent, _, _ := strings.Cut(telegram.String(), "!")
			line = "!" + crc.ARC.Digits([]byte(sent+"!")) + "\n"
			telegram.Reset()
		}
		b.WriteString(line)
	}
	return b.String()
}

func spaced(part, between string) string {
	var list []string
	for _, c := range []byte(part) {
		list = append(list, fmt.Sprintf("%02X", c))
	}
	return strings.Join(list, between)
}

// espTelegrams writes telegrams as ESPHome logs those that it has read.
func espTelegrams(telegrams ...string) string {
	var b strings.Builder
	for i, t := range telegrams {
		fmt.Fprintf(&b, "[14:00:%d0][D][text_sensor:064]: 'Telegram': Sending state '%s'\n", i, strings.TrimSuffix(t, "\r\n"))
	}
	return b.String()
}

// dumpOf writes a dump of 16 bytes a line, in groups of one or two.
func dumpOf(text, address string, beside bool, group int, how string) string {
	var b strings.Builder
	for at := 0; at < len(text); at += 16 {
		part := text[at:min(at+16, len(text))]
		fmt.Fprintf(&b, address, at)
		var list []string
		for i := 0; i < len(part); i += group {
			g := part[i:min(i+group, len(part))]
			switch {
			case how != "":
				low, high := int(g[0]), 0
				if len(g) > 1 {
					high = int(g[1])
				}
				list = append(list, fmt.Sprintf(map[string]string{"swap": "%04x", "octal": "%06o"}[how], high<<8|low))
			default:
				list = append(list, hex.EncodeToString([]byte(g)))
			}
		}
		line := strings.Join(list, " ")
		if beside {
			line = fmt.Sprintf("%-41s%s", line, strings.Map(func(r rune) rune {
				if r < ' ' || r > '~' {
					return '.'
				}
				return r
			}, part))
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// Each form gives what it has left of the meter's bytes, however these are cut into reads.
func TestForms(t *testing.T) {
	for _, w := range wrappings {
		for _, size := range []int{1 << 20, 700, 7, 1} {
			got, _, s := unwrapAll(Options{}, []byte(w.text), size)
			if forms := strings.Join(s.Unwrapped(), ", "); forms != w.forms || strings.Trim(string(got), "\n") != strings.Trim(w.want, "\n") && string(got) != w.want {
				t.Errorf("%s in reads of %d: forms %q, want %q:\n%q\nwant\n%q", w.name, size, forms, w.forms, got, w.want)
				break
			}
		}
	}
}

// A person may name the forms.
func TestFormsThatAreTold(t *testing.T) {
	for _, w := range wrappings {
		names, err := ParseForms(strings.ReplaceAll(w.forms, " ", "-"))
		if err != nil {
			names, err = ParseForms(strings.ReplaceAll(w.forms, ", ", ","))
		}
		if err != nil {
			t.Fatal(err)
		}
		got, _, _ := unwrapAll(Options{Forms: names}, []byte(w.text), 1<<20)
		if strings.Trim(string(got), "\n") != strings.Trim(w.want, "\n") {
			t.Errorf("%s: %q\nwant\n%q", w.name, got, w.want)
		}
	}
	if _, err := ParseForms("wax"); err == nil || !strings.Contains(err.Error(), "time stamp") {
		t.Errorf("%v, want the names that there are", err)
	}
}

// Of a live line, three lines in a row tell the forms of whole lines, and come through as
// they are; a time stamp is told by one. What one line has, noise may have made.
func TestLiveForms(t *testing.T) {
	const line = "1-0:1.8.0(008234.524*kWh)\r\n"
	three := func(text string) string { return strings.Repeat(text, fewLines) }
	const uart = "[14:00:00][D][uart_debug:158]: <<< \"1-0:1.8.0(008234.524*kWh)\\r\\n\"\n"
	for _, c := range []struct{ text, want string }{
		{"[2026-11-29 14:00:00] " + line, line},
		{three(uart) + uart, three(uart) + line},
		{three("> "+line) + "> " + line, three("> "+line) + line},
		{" " + line + three(line) + " " + line, " " + line + three(line) + " " + line},
		{"*" + line + line, "*" + line + line},
		{">" + line + ">" + line + line + ">" + line, ">" + line + ">" + line + line + ">" + line},
		{"1-0:1.8.0(008234.524*kWh)^M\r\n" + line, "1-0:1.8.0(008234.524*kWh)^M\r\n" + line},
		{"kW:" + line + line, "kW:" + line + line},
		{"/ISK5\\2M550T-1012\r\n", "/ISK5\\2M550T-1012\r\n"},
		{" -0:1.8.0(008234.524*kWh)\r\n", " -0:1.8.0(008234.524*kWh)\r\n"},
		{"14:00:00 \x0e\x0c\r\n", "14:00:00 \x0e\x0c\r\n"},
		{strings.ReplaceAll(plain, "\r", "\n"), strings.ReplaceAll(plain, "\r", "\n")},
	} {
		for _, size := range []int{1, 10, len(c.text)} {
			s := New(Options{Live: true})
			var got []byte
			for rest := []byte(c.text); len(rest) > 0; {
				n := min(size, len(rest))
				for _, p := range s.Take(rest[:n]) {
					got = append(got, p.Data...)
				}
				rest = rest[n:]
			}
			if string(got) != c.want {
				t.Errorf("%q: %q, want %q at once", c.text, got, c.want)
			}
		}
	}
}

// A blank that noise has put before the first line is no part of all stamps.
func TestFirstStampHasABlank(t *testing.T) {
	s := New(Options{Live: true})
	s.Take([]byte("14:00:00  1-0:1.8.0(008234.524*kWh)\r\n"))
	got := s.Take([]byte("14:00:01 1-0:2.8.0(008234.524*kWh)\r\n"))
	if len(got) != 1 || string(got[0].Data) != "1-0:2.8.0(008234.524*kWh)\r\n" {
		t.Errorf("%v", got)
	}
}

// A line that does not fit is passed on, and counted with its number in the file.
func TestMisfits(t *testing.T) {
	text := before(plain, "14:00:%02d ")
	at := strings.Index(text, "14:00:05")
	got, _, s := unwrapAll(Options{}, []byte(text[:at]+"lost contact\n"+text[at:]), 50)
	if n, first := s.Misfits(); n != 1 || first != 6 || !bytes.Contains(got, []byte("\nlost contact\n")) {
		t.Errorf("%d misfits, the first in line %d: %q", n, first, got)
	}
}

// What lines of a dump are missing is known by the addresses of the others.
func TestMissing(t *testing.T) {
	lines := strings.SplitAfter(hex.Dump([]byte(plain)), "\n")
	whole, _, s := unwrapAll(Options{}, []byte(strings.Join(lines, "")), 1<<20)
	if h := s.Missing(); h != (Hole{}) || string(whole) != plain {
		t.Errorf("of a whole dump %+v is missing", h)
	}
	lines = slices.Delete(lines, 5, 7)
	lines = slices.Delete(lines, 9, 10)
	got, _, s := unwrapAll(Options{}, []byte(strings.Join(lines, "")), 100)
	want := plain[:5*16] + plain[7*16:11*16] + plain[12*16:]
	if h := s.Missing(); h != (Hole{Bytes: 48, First: 80, Line: 6}) || string(got) != want {
		t.Errorf("%+v, %q", h, got)
	}
}

// What is escaped stays as it is where no CRC of a telegram holds behind that: damage, and
// telegrams that were masked; a header has backslashes of its own.
func TestPastedTextIsProved(t *testing.T) {
	masked := strings.Replace(signed(), "008234.524", "008234.5XX", 1)
	masked = strings.Replace(masked, "008234.525", "008234.5XX", 1)
	for text, want := range map[string]string{strings.ReplaceAll(masked, "*", `\*`): "Markdown", strings.ReplaceAll(masked, "\n", "<br>\n"): "HTML"} {
		if got, _, s := unwrapAll(Options{}, []byte(text), 1<<20); string(got) != text || strings.Join(s.Unproved(), ",") != want {
			t.Errorf("%q is taken off, and %q looks like it: %q", s.Unwrapped(), s.Unproved(), got)
		}
	}
	for _, text := range []string{
		signed() + strings.ReplaceAll(signed(), "*", `\*`), strings.Replace(signed(), "0-0", "&amp;0-0", 1),
		strings.Replace(strings.Replace(signed(), "21AF", "21AE", 1), "0-0", "<pre>0-0", 1), // one telegram, and what noise has made of it
		strings.NewReplacer("*kWh", `\*kWh`, "!5B60", "!", "!0A3C", "!").Replace(withoutHigh(plain)),
	} {
		if got, _, s := unwrapAll(Options{}, []byte(text), 1<<20); string(got) != text || s.Unproved() != nil {
			t.Errorf("%q is taken off, and %q looks like it: %q", s.Unwrapped(), s.Unproved(), got)
		}
	}
}

// A line or two may be damaged in any way: nothing is taken off these but what holds another
// form.
func TestFewLines(t *testing.T) {
	for _, text := range []string{
		"14:00:00 1-0:1.8.0(008234.524*kWh)\r\n", "> 1-0:1.8.0(008234.524*kWh)\r\n", "1-0:1.8.0(008234.524*kWh)^M\n", "1-0:1.8.0(008234.524*kWh)\\r\\n\n",
		"1-0:1.8.0(008234.524*kWh)#015\n", "1-0:1.8.0(008234.524*kWh)<CR>\n", "     1\t1-0:1.8.0(008234.524*kWh)\r\n", "DEBUG: 1-0:1.8.0(008234.524*kWh)\r\n",
		"'\x00\x01\x02\x03\x04\\r\\n'\n", "1-0:1.8.0(008234.524*kWh)\r\r\n", "```\n1-0:1.8.0(008234.524*kWh)\n",
	} {
		for n := 1; n < fewLines; n++ {
			log := strings.Repeat(text, n)
			if got, _, s := unwrapAll(Options{}, []byte(log), 1<<20); string(got) != log {
				t.Errorf("%q: %q is taken off", log, s.Unwrapped())
			}
		}
	}
}

// The blanks that a bad line makes of a 0 are the line's, and stay.
func TestDamageBehindAForm(t *testing.T) {
	damaged := strings.ReplaceAll(plain, "0-0:1.0.0", "  -0:1.0.0")
	for _, format := range []string{"14:00:%02d ", "> ", "    ", "DEBUG:p1: "} {
		got, _, s := unwrapAll(Options{}, []byte(before(damaged, format)), 1<<20)
		if string(got) != damaged {
			t.Errorf("%q, %q: %q", format, s.Unwrapped(), got)
		}
	}
}

// Stamps become times, those that follow closely make no piece of their own, and what does
// not say which time it is gives none.
func TestTimes(t *testing.T) {
	amsterdam, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	log := func(stamps ...string) []byte {
		var b strings.Builder
		for _, s := range stamps {
			b.WriteString(s + " 1-0:1.8.0(008234.524*kWh)\r\n")
		}
		return []byte(b.String())
	}
	for _, c := range []struct {
		name string
		zone *time.Location
		log  []byte
		want []string
	}{
		{"each for itself", nil, log("2026-11-29T13:00:00.100Z", "2026-11-29T13:00:00.300Z", "2026-11-29T13:00:00.600Z", "2026-11-29T13:00:10Z"),
			[]string{"2026-11-29T13:00:00.1Z", "2026-11-29T13:00:00.6Z", "2026-11-29T13:00:10Z"}},
		{"without a zone", nil, log("2026-11-29 14:00:00", "2026-11-29 14:00:01", "2026-11-29 14:00:02"), []string{""}},
		{"with a zone", amsterdam, log("2026-11-29 14:00:00", "2026-11-29 14:00:00", "2026-11-29 14:00:02"), []string{"2026-11-29T14:00:00+01:00", "2026-11-29T14:00:02+01:00"}},
		{"own zone", amsterdam, log("2026-11-29 14:00:00+0200", "2026-11-29 14:00:00+0200", "2026-11-29 14:00:00+0200"), []string{"2026-11-29T14:00:00+02:00"}},
		{"repeated hour", amsterdam, log("2026-10-25 02:30:00", "2026-10-25 02:30:10", "2026-10-25 02:30:20"), []string{""}},
		{"hour that is left out", amsterdam, log("2026-03-29 02:30:00", "2026-03-29 02:30:10", "2026-03-29 02:30:20"), []string{""}},
		{"into the repeated hour and out of it", amsterdam, log("2026-10-25 01:59:50", "2026-10-25 02:00:00", "2026-10-25 02:00:10", "2026-10-25 03:00:00"), []string{"2026-10-25T01:59:50+02:00", "", "2026-10-25T03:00:00+01:00"}},
		{"no date", amsterdam, log("14:00:00", "14:00:10", "14:00:20"), []string{""}},
		{"no year", amsterdam, log("Nov 29 14:00:00", "Nov 29 14:00:10", "Nov 29 14:00:20"), []string{""}},
		{"day or month first", amsterdam, log("03/02/2026 14:00:00", "03/02/2026 14:00:10", "03/02/2026 14:00:20"), []string{""}},
		{"epoch", nil, log("1796043600.5", "1796043600.6", "1796043610.5"), []string{"2026-11-30T13:00:00.5Z", "2026-11-30T13:00:10.5Z"}},
		{"ctime", amsterdam, log("Sun Nov 29 14:00:00 2026", "Sun Nov 29 14:00:00 2026", "Sun Nov 29 14:00:00 2026"), []string{"2026-11-29T14:00:00+01:00"}},
	} {
		_, pieces, s := unwrapAll(Options{Zone: c.zone}, c.log, 1<<20)
		var got []string
		for _, p := range pieces {
			text := ""
			if !p.Time.IsZero() {
				text = p.Time.Format(time.RFC3339Nano)
			}
			got = append(got, text)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q (%q)", c.name, got, c.want, s.Says())
		}
	}
}

// What another program says of the bytes is told in a sentence.
func TestSays(t *testing.T) {
	_, _, s := unwrapAll(Options{}, []byte(before(plain, "2026-11-29T14:00:%02d+01:00 ")), 1<<20)
	if got := s.Says(); len(got) != 1 || got[0] != "each line begins with a time stamp: taken off, and kept as time of arrival" {
		t.Errorf("%q", got)
	}
	if got := (&Stream{says: []string{"one", "one", "two"}}).Says(); len(got) != 2 {
		t.Errorf("the same is said twice: %q", got)
	}
	_, _, s = unwrapAll(Options{}, []byte(before(plain, "2026-11-29T14:00:%02d ")), 1<<20)
	if got := s.Says(); len(got) != 1 || !strings.Contains(got[0], "--tz") {
		t.Errorf("%q", got)
	}
}

// What does not fit into one piece has the time of the stamp before it, whatever the size of
// the reads.
func TestLongPiecesHaveTheirTime(t *testing.T) {
	text := before(strings.Repeat(plain, 400), "2026-11-29T14:00:00+01:00 ")
	for _, size := range []int{1000, len(text)} {
		_, pieces, _ := unwrapAll(Options{}, []byte(text), size)
		if len(pieces) < 2 {
			t.Fatalf("%d pieces", len(pieces))
		}
		for i, p := range pieces {
			if p.Time.IsZero() {
				t.Errorf("reads of %d: piece %d has no time", size, i)
			}
		}
	}
}

// Where a log's line ends are translated no more, or again, its lines are as they were sent
// from the first of them on, and those that are no more are counted.
func TestLineEndsOfHalfALog(t *testing.T) {
	translate := map[string]func(string) string{
		"blank lines":     func(text string) string { return strings.ReplaceAll(text, "\r\n", "\r\n\r\n") },
		"CR became CR LF": func(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") },
		"CR became LF":    func(text string) string { return strings.ReplaceAll(text, "\r", "\n") },
	}
	for name, f := range translate {
		half := strings.Repeat(plain, 3)
		for _, sent := range []string{half, withoutCR(half)} {
			text := f(half) + sent + f(half)
			for _, size := range []int{1, 100, len(text)} {
				got, _, s := unwrapAll(Options{}, []byte(text), size)
				if want := half + sent + half; string(got) != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
				if n, first := s.Misfits(); n != int64(strings.Count(strings.ReplaceAll(sent, "\r", ""), "\n"))-6 || first != int64(strings.Count(f(half), "\n"))+1 {
					t.Errorf("%s: %d misfits, the first is line %d", name, n, first)
				}
			}
		}
	}
}

// JSON lines whose key changes are read all the same; what has no field with a line of P1 is
// counted.
func TestKeysThatChange(t *testing.T) {
	object := func(key string) func(int, string) string {
		return func(_ int, line string) string {
			return fmt.Sprintf("{\"%s\":\"%s\"}\n", key, strings.ReplaceAll(strings.TrimSuffix(line, "\r\n"), "\\", "\\\\"))
		}
	}
	text := withoutHigh(strings.Repeat(plain, 2))
	got, _, s := unwrapAll(Options{}, []byte(ofLines(text, object("line"))+"{\"event\":\"restarted\"}\n"+ofLines(text, object("msg"))), 100)
	if want := withoutCR(text + text); string(got) != want {
		t.Errorf("%q, want %q", got, want)
	}
	if n, first := s.LeftOut(); n != 1 || first != int64(strings.Count(text, "\n"))+1 {
		t.Errorf("%d left out, the first is line %d", n, first)
	}
}

// A line that is too long to be read as a whole is cut where no escape stands, and that is
// counted.
func TestLongLines(t *testing.T) {
	text := strings.Repeat(plain, 2000)
	for _, size := range []int{4096, 65536} {
		got, _, s := unwrapAll(Options{Forms: []string{"escapes"}}, []byte(escaped(text)+"\n"), size)
		if n, first := s.Cut(); strings.TrimRight(string(got), "\n") != strings.TrimRight(text, "\n") || n != 1 || first != 1 {
			t.Errorf("reads of %d: %d bytes, want %d; %d lines cut, the first is %d", size, len(got), len(text), n, first)
		}
	}
}
