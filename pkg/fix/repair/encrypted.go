package repair

import "p1/pkg/record"

// passEncrypted hands on a telegram that came in an encrypted frame. Its frame is as good as its tag says:
// there is nothing to learn for others, and nothing to repair in one that is bad,
// whose why says what is wrong.
func (f *Fixer) passEncrypted(e entry) error {
	if t := e.record.(*record.Telegram); t.Status == record.Bad {
		t.Status = record.Lost
		if t.Why == "" {
			t.Why = string(sealed)
		}
	}
	return f.pass(e)
}
