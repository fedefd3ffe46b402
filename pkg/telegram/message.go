package telegram

// Message is a text that the grid operator shows to the customer.
type Message struct {
	Code string // 0-0:96.13.0, …
	Text string // UTF-8; empty where there is none, or nothing but filler (0xFF)
	Hex  bool   // it was sent in hex digits
}

// Messages returns the messages, 0-0:96.13.x, in the telegram's order, empty ones
// too.
func (t *Telegram) Messages() []Message { return nil }
