package yield

import (
	"fmt"
	"time"

	"p1/pkg/record"
)

// knownAfter is how many good telegrams come before those with a random CRC.
const knownAfter = 200

// Random is what came of well-formed telegrams with random CRCs. Each is the
// right one once in 65,536 times; there is nothing else to be found.
type Random struct {
	Telegrams int // with a random CRC
	OK        int // of these: the CRC holds
	Repaired  int
	Salvaged  int
	Good      int // of the telegrams before them: ok
	Elapsed   time.Duration
}

// MeasureRandomCRC sends good telegrams of a meter through the decoder, and then
// the ones that follow them with random CRCs.
func MeasureRandomCRC(meter string, telegrams int, seed uint64, minConfidence float64) (Random, error) {
	query := fmt.Sprintf("meter=%s&logger=raw&telegrams=%d&seed=%d", meter, knownAfter+telegrams, seed)
	good, err := simulate(query)
	if err != nil {
		return Random{}, err
	}
	bad, err := simulate(query + "&crc=random")
	if err != nil {
		return Random{}, err
	}
	t := &tally{}
	p := newPipeline(t, minConfidence, false)
	for x, ok := bad.Next(); ok; x, ok = bad.Next() {
		if x.Seq <= knownAfter {
			x, _ = good.Next() // the same telegram with the right CRC
			t.known += int64(len(x.Logged))
		}
		if err := p.send(x.Logged); err != nil {
			return Random{}, err
		}
	}
	err = p.close()
	t.random.Telegrams, t.random.Elapsed = telegrams, p.elapsed
	return t.random, err
}

// tally counts statuses, apart for what is good and what comes after it.
type tally struct {
	random Random
	known  int64 // where the good telegrams end
}

func (c *tally) received(record.Record) {}

func (c *tally) take(r record.Record) error {
	t, ok := r.(*record.Telegram)
	switch {
	case !ok:
	case t.Offset < c.known && t.Status == record.OK:
		c.random.Good++
	case t.Offset < c.known:
	case t.Status == record.OK:
		c.random.OK++
	case t.Status == record.Repaired:
		c.random.Repaired++
	case t.Status == record.Salvaged:
		c.random.Salvaged++
	}
	return nil
}

func (c *tally) close() {}

// String says it in a line.
func (r Random) String() string {
	return fmt.Sprintf("%d telegrams with a random CRC: %d ok, %d repaired, %d salvaged; %s telegrams/s\n",
		r.Telegrams, r.OK, r.Repaired, r.Salvaged, rate(float64(r.Telegrams), r.Elapsed.Seconds()))
}
