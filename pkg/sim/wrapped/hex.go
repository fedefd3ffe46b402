package wrapped

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
)

// dumps are the forms in which each byte is a number, as xxd(1), hexdump(1) and od(1)
// print them, or a program that prints what it has read.
//
//	2f49534b355c324d353530542d313031320d0a                                        bare, a line a telegram
//	2F 49 53 4B 35 5C 32 4D 35 35 30 54 2D 31 30 31 32 0D 0A                      spaced, a line a telegram
//	00000000: 2f49 534b 355c 324d 3535 3054 2d31 3031  /ISK5\2M550T-101           xxd
//	2f49534b355c324d353530542d313031320d0a0d0a312d333a302e322e38                  xxd -p, thirty bytes a line
//	00000000  2f 49 53 4b 35 5c 32 4d  35 35 30 54 2d 31 30 31  |/ISK5\2M550T-101|   hexdump -C
//	000000 2f 49 53 4b 35 5c 32 4d 35 35 30 54 2d 31 30 31  >/ISK5\2M550T-101<    od -A x -t x1z
//	0000000   /   I   S   K   5   \   2   M   5   5   0   T   -   1   0   1        od -c
//	*                                                                             hexdump, od: lines like the last one are left out
func dumps() []Form {
	return []Form{
		{Name: "hex bare", Armour: true, Wrap: telegramsAs(func(b []byte) string { return hex.EncodeToString(b) })},
		{Name: "hex bare, one line", Armour: true, Wrap: whole(func(b []byte) []byte { return []byte(hex.EncodeToString(b) + "\n") })},
		{Name: "hex spaced", Armour: true, Wrap: telegramsAs(func(b []byte) string { return strings.TrimSuffix(fmt.Sprintf("% X", b), " ") })},
		{Name: "hex spaced, 16 a line", Armour: true, Wrap: whole(func(b []byte) []byte {
			return dump(b, 16, false, func(_ int, row []byte) string { return fmt.Sprintf("% x", row) })
		})},
		{Name: "xxd", Armour: true, Wrap: whole(XXD)},
		{Name: "xxd -p", Armour: true, Wrap: whole(XXDPlain)},
		{Name: "hexdump -C", Armour: true, Wrap: whole(Hexdump)},
		{Name: "od x1z", Armour: true, Wrap: whole(ODHex)},
		{Name: "od -c", Armour: true, Wrap: whole(ODChars)},
		{Name: "UTF-16LE", Wrap: perPiece(func(b []byte) []byte { return wide(b, 0) })},
		{Name: "UTF-16BE", Wrap: perPiece(func(b []byte) []byte { return wide(b, 1) })},
	}
}

// wide writes a byte as the character of the same number in UTF-16; at says which of the
// two bytes it is.
func wide(b []byte, at int) []byte {
	out := make([]byte, 2*len(b))
	for i, c := range b {
		out[2*i+at] = c
	}
	return out
}

// telegramsAs writes each piece on a line.
func telegramsAs(write func([]byte) string) func(Capture) Capture {
	return perPiece(func(b []byte) []byte { return append([]byte(write(b)), '\n') })
}

// dump writes rows of so many bytes. With squeeze a row like the one before it is left
// out, and so are those that follow it, for one line "*".
func dump(b []byte, width int, squeeze bool, row func(at int, row []byte) string) []byte {
	var out []byte
	var last []byte
	starred := false
	for at := 0; at < len(b); at += width {
		r := b[at:min(at+width, len(b))]
		if squeeze && len(r) == width && bytes.Equal(r, last) {
			if !starred {
				out = append(out, "*\n"...)
			}
			starred = true
			continue
		}
		starred, last = false, r
		out = append(append(out, row(at, r)...), '\n')
	}
	return out
}

// shown is a byte, or a point for one that is not printed.
func shown(b []byte) string {
	out := bytes.Clone(b)
	for i, c := range out {
		if c < ' ' || c > '~' {
			out[i] = '.'
		}
	}
	return string(out)
}

// XXD is what xxd prints.
func XXD(b []byte) []byte {
	return dump(b, 16, false, func(at int, row []byte) string {
		var pairs strings.Builder
		for i, c := range row {
			if i > 0 && i%2 == 0 {
				pairs.WriteByte(' ')
			}
			fmt.Fprintf(&pairs, "%02x", c)
		}
		return fmt.Sprintf("%08x: %-39s  %s", at, pairs.String(), shown(row))
	})
}

// XXDPlain is what xxd -p prints.
func XXDPlain(b []byte) []byte {
	return dump(b, 30, false, func(_ int, row []byte) string { return hex.EncodeToString(row) })
}

// Hexdump is what hexdump -C prints.
func Hexdump(b []byte) []byte {
	out := dump(b, 16, true, func(at int, row []byte) string {
		left, right := row[:min(8, len(row))], row[min(8, len(row)):]
		return fmt.Sprintf("%08x  %-48s  |%s|", at, fmt.Sprintf("%-24s", fmt.Sprintf("% x", left))+fmt.Sprintf(" % x", right), shown(row))
	})
	if len(b) == 0 {
		return nil
	}
	return fmt.Appendf(out, "%08x\n", len(b))
}

// ODHex is what od -A x -t x1z prints.
func ODHex(b []byte) []byte {
	out := dump(b, 16, true, func(at int, row []byte) string {
		return fmt.Sprintf("%06x %-47s  >%s<", at, fmt.Sprintf("% x", row), shown(row))
	})
	return fmt.Appendf(out, "%06x\n", len(b))
}

// ODChars is what od -c prints.
func ODChars(b []byte) []byte {
	names := map[byte]string{0: `\0`, 7: `\a`, 8: `\b`, 9: `\t`, 10: `\n`, 11: `\v`, 12: `\f`, 13: `\r`}
	out := dump(b, 16, true, func(at int, row []byte) string {
		text := fmt.Sprintf("%07o", at)
		for _, c := range row {
			name, ok := names[c]
			switch {
			case ok:
			case c < ' ' || c > '~':
				name = fmt.Sprintf("%03o", c)
			default:
				name = string(rune(c))
			}
			text += fmt.Sprintf("%4s", name)
		}
		return text
	})
	return fmt.Appendf(out, "%07o\n", len(b))
}
