package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"p1/pkg/record"
	"p1/pkg/sim"
	"p1/pkg/sim/longtest"
)

var kills = flag.Int("kills", longtest.Pick(6, 20, 100), "how often p1cat is killed")

// serveMeter plays a meter to whoever connects, ten times as fast as a real one.
func serveMeter(t *testing.T, seed int) (address string) {
	t.Helper()
	o, err := sim.ParseOptions(fmt.Sprintf("?meter=nl&telegrams=200&logger=raw&seed=%d", seed))
	if err != nil {
		t.Fatal(err)
	}
	stream, err := sim.New(o)
	if err != nil {
		t.Fatal(err)
	}
	log, err := io.ReadAll(stream)
	if err != nil {
		t.Fatal(err)
	}
	telegrams := bytes.SplitAfter(log, []byte("\r\n!"))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				for _, telegram := range telegrams {
					if _, err := conn.Write(telegram); err != nil {
						return
					}
					time.Sleep(100 * time.Millisecond)
				}
			}()
		}
	}()
	return listener.Addr().String()
}

// killed runs p1cat with an archive, kills it after a while without warning, and
// returns what it wrote, and when it was killed.
func killed(t *testing.T, address, dir string, after time.Duration) (string, time.Time) {
	t.Helper()
	var out, said bytes.Buffer
	cmd := exec.Command("p1cat", "tcp://"+address+"?telnet=0", "--archive", dir, "--ascii=false")
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	at := time.Now()
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed
	return out.String(), at
}

// The archive of a p1cat that is killed replays to what it wrote, but for the last
// two seconds at most; the next one goes on after that.
func TestKilled(t *testing.T) {
	var all sync.WaitGroup // they sleep most of the time, so that they may run beside each other
	defer all.Wait()
	turn := make(chan struct{}, 10)
	for i := range *kills / 2 {
		turn <- struct{}{}
		run := func(t *testing.T) {
			defer func() { <-turn }()
			rng := rand.New(rand.NewPCG(uint64(i), 5))
			dir := filepath.Join(t.TempDir(), "kept")
			address := serveMeter(t, i+1)
			want := ""
			for range 2 {
				after := time.Duration(500+rng.IntN(3500)) * time.Millisecond
				wrote, at := killed(t, address, dir, after)
				var said bytes.Buffer
				replay := exec.Command("p1cat", "--ascii=false")
				names, _ := filepath.Glob(filepath.Join(dir, "p1-*"))
				replay.Args = append(replay.Args, names...)
				replay.Stderr = &said
				var got []byte
				if len(names) > 0 {
					var err error
					if got, err = replay.Output(); err != nil && len(got) > 0 {
						t.Fatalf("replay: %v, %s", err, &said)
					}
				}
				mine, ok := strings.CutPrefix(string(got), want)
				if !ok {
					t.Fatalf("what was archived before is no longer there")
				}
				checkKilled(t, mine, wrote, at)
				want = string(got)
			}
		}
		all.Go(func() { t.Run(fmt.Sprint(i), run) })
	}
}

// checkKilled compares an archive with what was written until the program was
// killed. Either may have a record that the other lacks: what was archived, but not
// written yet, and the last two seconds, if the machine had time for p1cat.
func checkKilled(t *testing.T, archived, wrote string, at time.Time) {
	t.Helper()
	wrote = wrote[:strings.LastIndexByte(wrote, '\n')+1]
	wrote = strings.ReplaceAll(wrote, `,"live":true`, "") // which a replay is not
	if !strings.HasPrefix(wrote, archived) && !strings.HasPrefix(archived, wrote) {
		t.Fatalf("the archive is no prefix:\n%.300q\n%.300q", archived, wrote)
	}
	if len(archived) >= len(wrote) {
		return
	}
	r, err := record.NewReader("missing", strings.NewReader(wrote[len(archived):])).Read()
	if err != nil {
		t.Fatal(err)
	}
	came, ok := record.Arrival(r)
	if !ok {
		t.Fatalf("%+v does not say when it came", r)
	}
	t.Logf("%d of %d bytes are archived, the first that is not came %v before", len(archived), len(wrote), at.Sub(came))
	if longtest.Asked() && at.Sub(came) > 2*time.Second {
		t.Errorf("a record that came %v before is missing", at.Sub(came))
	}
}
