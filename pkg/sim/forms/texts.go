package forms

import (
	"fmt"
	"strings"
)

// identifiers has the ways in which a meter names itself.
var identifiers = []form{
	{"identifier", "P1 companion standard 5.0.2, §6.12: hex digits of text",
		"0-0:96.1.1(4530303435303031323334353637383930)", func(c *composer) part { return c.identifier("0-0:96.1.1", "", "") }},
	{"identifier with blanks", "owners: the text has blanks around it, as hex 20",
		"0-0:96.1.1(204B413655303034333231303938373635)", func(c *composer) part {
			blanks := []string{"", " ", "  "}
			return c.identifier([]string{"0-0:96.1.1", "0-0:96.1.0"}[c.IntN(2)], blanks[1+c.IntN(2)], blanks[c.IntN(3)])
		}},
	{"identifier 96.1.0", "owners of Swiss and Hungarian meters",
		"0-0:96.1.0(4C475A31…)", func(c *composer) part { return c.identifier("0-0:96.1.0", "", "") }},
	{"identifier 42.0.0", "Smarty 1.1.3",
		"0-0:42.0.0(53414731…)", func(c *composer) part { return c.identifier("0-0:42.0.0", "", "") }},
	{"no identifier", "EasyMeter Q3D and others: the header has it", "", func(*composer) part { return func(*page) {} }},
}

// texts has what is no number.
var texts = []form{
	{"word", "P1 companion standard 5.0.2, §6.12; e-MUCS P1 1.7.1; owners of Hungarian meters",
		"0-0:96.14.0(0002)", func(c *composer) part { return c.word() }},
	{"message in hex", "P1 companion standard 5.0.2, §6.12: hex digits of up to 1,024 characters",
		"0-0:96.13.0(303132333435)", func(c *composer) part { return c.message(hexMessage) }},
	{"empty message", "P1 companion standard 5.0.2, §6.12",
		"0-0:96.13.0()", func(c *composer) part { return c.message(func(string) []string { return []string{""} }) }},
	{"unknown code", "Fluvius 94.32.1, Swiss 97.97.0, Norwegian 0.2.129: unknown codes must survive",
		"1-0:94.32.1(400)", func(c *composer) part { return c.unknown() }},
}

// identifier writes the meter's, of which the first of 96.1.1, 96.1.0 and 42.0.0 counts.
func (c *composer) identifier(code, before, after string) part {
	if !c.take("identifier") {
		return nil
	}
	id := fmt.Sprintf("E%012d", c.Int64N(1e12))
	return func(p *page) {
		p.line(fmt.Sprintf("%s(%X)", code, before+id+after), Fact{Kind: Meter, Code: code, Text: id})
	}
}

// words are codes and what they may say.
var words = []struct {
	code string
	says []string
}{
	{"0-0:96.14.0", []string{"0001", "0002", "1", "TARIFF 1"}},
	{"0-0:96.3.10", []string{"1", "0", "ON"}},
	{"0-1:96.3.10", []string{"0", "1"}},
	{"0-2:96.3.10", []string{"0", "1"}},
	{"0-0:96.50.68", []string{"ON", "02"}},
	{"1-3:0.2.8", []string{"50", "42", "40"}},
	{"0-0:96.1.4", []string{"50217", "50213"}},
	{"0-0:96.13.1", []string{""}},
	{"0-0:96.2.1", []string{""}},
}

func (c *composer) word() part {
	w := words[c.IntN(len(words))]
	if !c.take(w.code) {
		return nil
	}
	text := w.says[c.IntN(len(w.says))]
	return func(p *page) { p.line(w.code+"("+text+")", Fact{Kind: Text, Code: w.code, Text: text}) }
}

// message writes one to the household.
func (c *composer) message(write func(text string) []string) part {
	if !c.take("0-0:96.13.0") {
		return nil
	}
	text := []string{"0123456789:;<=>?", "Work on the grid on Monday, 8 to 12 h.", "Please call 0800-1234"}[c.IntN(3)]
	text += strings.Repeat(" "+text, c.IntN(8))
	rows := write(text)
	if rows[0] == "" {
		text = ""
	}
	f := Fact{Kind: Text, Code: "0-0:96.13.0", Text: text}
	return func(p *page) {
		p.line("0-0:96.13.0("+strings.Join(rows, "\r\n")+")", f)
	}
}

func hexMessage(text string) []string { return []string{fmt.Sprintf("%X", text)} }

// wrapped breaks hex digits into lines of an even number of them.
func (c *composer) wrapped(text string) []string {
	hex := fmt.Sprintf("%X", text)
	width := 2 * (8 + c.IntN(24))
	var rows []string
	for len(hex) > width {
		rows = append(rows, hex[:width])
		hex = hex[width:]
	}
	return append(rows, hex)
}

func (c *composer) nested() part {
	list := [][2]string{{"1-0:0.2.0", "(ER11)"}, {"1-1:0.2.8", "ER13)"}, {"1-0:0.2.0", "V(2).10"}, {"1-0:0.0.1", "(A)(B)x"}, {"0-0:96.13.2", "call (0800) 1234"}}
	one := list[c.IntN(len(list))]
	if !c.take(one[0]) {
		return nil
	}
	return func(p *page) { p.line(c.own(one[0])+"("+one[1]+")", Fact{Kind: Text, Code: one[0], Text: one[1]}) }
}

func (c *composer) unknown() part {
	list := [][2]string{{"1-0:94.32.1", "400"}, {"1-1:0.2.129", "AIDON_V0001"}, {"0-0:94.91.7", "17"}, {"0-0:96.1.7", "6534"}, {"1-0:81.7.1", "120"}}
	one := list[c.IntN(len(list))]
	if !c.take(one[0]) {
		return nil
	}
	return func(p *page) { p.line(c.own(one[0])+"("+one[1]+")", Fact{Kind: Text, Code: one[0], Text: one[1]}) }
}
