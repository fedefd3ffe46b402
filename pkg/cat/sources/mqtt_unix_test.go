//go:build unix

package sources

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
)

// save has the broker write down what it keeps.
func (b *broker) save() {
	b.t.Helper()
	if err := b.run.Process.Signal(syscall.SIGUSR1); err != nil {
		b.t.Fatal(err)
	}
	time.Sleep(200 * time.Millisecond)
}

// keeps checks that the broker hands out a message that it has kept.
func (b *broker) keeps(topic, text string) {
	b.t.Helper()
	got := make(chan string, 10)
	p := b.publisher("looks")
	p.done(p.Subscribe(topic, 1, func(_ mqtt.Client, m mqtt.Message) { got <- string(m.Payload()) }))
	select {
	case kept := <-got:
		if kept != text {
			b.t.Errorf("the broker keeps %.60q", kept)
		}
	case <-time.After(patience):
		b.t.Error("the broker keeps nothing")
	}
	p.Disconnect(100)
}

// A broker that is killed and comes back is connected to again, and a gap says that
// messages may be missing. What it hands out then it has saved a while ago: it has come
// before, and counts once.
func TestBrokerIsKilledAndBack(t *testing.T) {
	t.Parallel()
	b := newBroker(t, "allow_anonymous true\npersistence true\nautosave_interval 0\npersistence_location "+t.TempDir()+"/")
	texts := telegramsOf(t, 5)
	p := quick()
	p.again = 0
	k, s := openTopic(t, b.name("meter/telegram"), p)
	k.opened(1)
	want, gaps := "", "start@0"
	for i, text := range texts {
		b.publisher("bridge").send("meter/telegram", true, text)
		want += text
		k.bytes(len(want))
		if i == 1 {
			b.save()
		}
		b.kill()
		s.awaitTimes(t, "the connection is lost (", i+1)
		b.start()
		gaps += fmt.Sprintf(" reconnect@%d", len(want))
		k.until("a gap", func() bool { return len(k.gaps) == i+2 })
		if i > 1 {
			b.keeps("meter/telegram", texts[1])
		}
	}
	b.publisher("bridge").send("meter/telegram", false, texts[2]) // which a bridge may do, too
	end := "1-0:1.8.0(1*kWh)\r\n"
	b.publisher("end").send("meter/telegram", false, end)
	want += end
	k.bytes(len(want))
	if string(k.data) != want || k.whys() != gaps {
		t.Errorf("%d bytes of %d, gaps %s, want %s", len(k.data), len(want), k.whys(), gaps)
	}
	if n := len(texts); s.count("the connection is lost") != n || s.count("cannot connect") > n {
		t.Errorf("said %q", s.all())
	}
}
