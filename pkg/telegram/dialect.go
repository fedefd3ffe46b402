package telegram

// Dialect returns whose rules the telegram's lines follow: dsmr2.2, dsmr3,
// dsmr4, dsmr5, esmr, fluvius, smarty, sweden, hungary, q3d, or unknown.
func (t *Telegram) Dialect() string { return "unknown" }
