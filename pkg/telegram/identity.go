package telegram

import "encoding/hex"

// identityCodes are the lines that name the meter, the first present one wins.
var identityCodes = []string{"0-0:96.1.1", "0-0:96.1.0", "0-0:42.0.0"}

// Meter returns the meter's identifier: that of 0-0:96.1.1, 0-0:96.1.0 or
// 0-0:42.0.0, decoded from hex where that gives printable text, else the header
// after its fifth character ('/' counted).
func (t *Telegram) Meter() string {
	for _, code := range identityCodes {
		text, ok := t.Text(code)
		if !ok || text == "" {
			continue
		}
		if plain, err := hex.DecodeString(text); err == nil && printable(plain) {
			return string(plain)
		}
		return text
	}
	if h := t.Header(); len(h) > 4 {
		return string(h[4:])
	}
	return ""
}
