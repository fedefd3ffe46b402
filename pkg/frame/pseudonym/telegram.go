package pseudonym

import (
	"bytes"
	"math/bits"

	"p1/pkg/crc"
	"p1/pkg/record"
)

// telegram returns a telegram with pseudonyms in place of the names.
func (w *Writer) telegram(r *record.Telegram) *record.Telegram {
	framed := r.Cipher != ""
	if framed && bytes.Equal(r.Raw, r.ReceivedRaw) {
		return w.sealed(r)
	}
	t := *r
	received, err := textReceived(r)
	if certain(t.Status) {
		t.Raw = w.known.whole(r.Raw)
	} else {
		t.Raw = w.known.damaged(r.Raw, true)
	}
	t.Edits = w.edits(r.Edits, r.Raw, t.Raw)
	t.Suspect, t.Why, t.Cipher = w.known.words(r.Suspect), w.known.words(r.Why), w.known.words(r.Cipher)
	t.Extra = w.known.members(r.Extra)
	if w.known.secrets.in(r.Explain) {
		t.Explain = nil
	}
	text, err2 := textReceived(&t)
	if err != nil || err2 != nil {
		return &t // its edits contradict raw, and nobody can undo them
	}
	t.CRCCalc = recalculated(r.CRCCalc, received, text, w.known.kind)
	if t.ReceivedRaw = nil; r.ReceivedRaw != nil && !framed && r.Masked == nil { // else masks get their right length
		t.ReceivedRaw = withParity(r, received, text)
	}
	return &t
}

// textReceived returns the text that was received, with the CRs that an editor has
// taken away and without parity bits.
func textReceived(t *record.Telegram) ([]byte, error) {
	plain := *t
	plain.ReceivedRaw, plain.EOL = nil, ""
	return plain.Received()
}

// edits returns the edits that lead to the new raw.
func (w *Writer) edits(edits []record.Edit, raw, now []byte) []record.Edit {
	out := append([]record.Edit(nil), edits...)
	for i := range out {
		e := &out[i]
		if end := e.At + len(e.Now); e.At >= 0 && end <= len(raw) && bytes.Equal(raw[e.At:end], e.Now) {
			e.Now = bytes.Clone(now[e.At:end])
			e.Got = w.known.got(edits[i].Got, edits[i].Now, e.Now)
		}
	}
	return out
}

// got returns what would have been received of the pseudonym.
func (k *known) got(got, sent, hidden []byte) []byte {
	out := append(make([]byte, 0, len(got)), got...)
	if bytes.Equal(sent, hidden) {
		return out
	}
	if len(got) == len(sent) && len(got) == 1 {
		out[0] = damaged(sent[0], got[0], hidden[0])
		return out
	}
	a := align(sent, got, false)
	_, wrong := a.hit(sent, got, 0, len(sent))
	for i, of := range a.of {
		switch {
		case wrong*2 > len(got) && (of == none || sent[of] != hidden[of]):
			out[i] = blankByte // bytes out of step tell the bits of the identifier
		case of != none:
			out[i] = damaged(sent[of], got[i], hidden[of])
		}
	}
	return out
}

// recalculated returns crc_calc for a text that has changed: what it was calculated
// over ends in the '!' for which it was right before.
func recalculated(calc string, before, now []byte, kind crc.Kind) string {
	if calc == "" || len(before) != len(now) || bytes.Equal(before, now) {
		return calc
	}
	for bang := len(before) - 1; bang >= 0; bang-- {
		if before[bang] == '!' && kind.Digits(before[:bang+1]) == calc {
			return kind.Digits(now[:bang+1])
		}
	}
	return calc
}

// withParity returns the bytes as received, with parity bits that are right where
// they were right. before and now are the texts without them.
func withParity(r *record.Telegram, before, now []byte) []byte {
	if r.EOL == record.EOLLF {
		before = bytes.ReplaceAll(before, []byte{'\r'}, nil)
		now = bytes.ReplaceAll(now, []byte{'\r'}, nil)
	}
	if len(before) != len(r.ReceivedRaw) || len(now) != len(before) {
		return now
	}
	out := bytes.Clone(r.ReceivedRaw)
	for i := range out {
		if before[i] != now[i] {
			wrong := bits.OnesCount8(out[i]) & 1
			out[i] = now[i] & 0x7F
			out[i] |= byte(bits.OnesCount8(out[i])&1^wrong) << 7
		}
	}
	return out
}

// words takes identifiers out of a reason.
func (k *known) words(text string) string {
	if !k.secrets.in([]byte(text)) {
		return text
	}
	out := []byte(text)
	for i := range out {
		if n := k.secrets.at([]byte(text[i:])); n > 0 {
			for j := range n {
				out[i+j] = blankByte
			}
		}
	}
	return string(out)
}

// members leaves out what was said about a telegram and holds identifiers.
func (k *known) members(extra []record.Member) []record.Member {
	var out []record.Member
	for _, m := range extra {
		if !k.secrets.in(m.Value) {
			out = append(out, m)
		}
	}
	return out
}
