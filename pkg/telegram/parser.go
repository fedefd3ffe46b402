package telegram

// Parser takes the telegrams of a stream apart as [Parse] does, and in a tenth of
// the time where one fits the [Template] of the one before. The zero value is ready.
type Parser struct {
	before Template
	t      Telegram
	memo   memo
}

// memo is what was found in telegrams of the same template, and need not be looked
// for again.
type memo struct {
	lines map[string]*Line // by the code that was asked for, nil where there is none
	// The last identifier that was read, and the text it was read from.
	text, id string
}

// identifier is what an identifier's text stands for.
func (m *memo) identifier(text []byte) string {
	if m == nil {
		return DecodeID(string(text))
	}
	if m.text != string(text) {
		m.text = string(text)
		m.id = DecodeID(m.text)
	}
	return m.id
}

// Parse takes raw apart in the memory of the telegram before, which is lost. It
// reports whether lines, codes and values stand where they stood in that one, and
// the codes are the same. It keeps raw until then.
func (p *Parser) Parse(raw []byte) (t *Telegram, same bool) {
	if same = p.before.follow(raw); same {
		p.t.Raw = raw
		return &p.t, true
	}
	p.before.Set(raw)
	p.t = *Parse(raw)
	p.memo.lines = map[string]*Line{}
	p.t.memo = &p.memo
	return &p.t, false
}

// Namer finds the [Identity] of the telegrams of a stream, in a fraction of the
// time where one fits the [Template] of the one before. The zero value is ready.
type Namer struct {
	before       Template
	header, name Span
}

// Identity is [Identity]. What it returns are parts of raw.
func (n *Namer) Identity(raw []byte) (header, name []byte) {
	if !n.before.follow(raw) {
		n.before.Set(raw)
		n.header, n.name = identity(raw)
	}
	return n.header.Of(raw), n.name.Of(raw)
}
