// Package sorted puts items in the order of their keys, more of them than memory holds.
//
//	s := sorted.New(output, say)
//	err := s.Add(key, data)                                  // of each item
//	err = s.Each(func(key, data []byte) error { … })         // in order; then it is empty
//
// Few items stay in memory. Of more the lowest go to a temporary file, a run, as long as
// they are not below what stands there already, so that items which come nearly in order
// make one run, and each log that begins anew another one:
//
//	Add → heap of what is held ─ lowest ─► run ─┐
//	                                       run ─┼─ merged ─► Each
//	                                       run ─┘
//
// Runs are compressed, as neighbours are alike. Of too many, as many as can be read at a
// time become one.
package sorted

import (
	"bytes"
	"container/heap"
	"errors"

	"p1/pkg/fileio"
)

const (
	// memory is how many bytes of items are held.
	memory = 4 << 20
	// overhead is what an item takes besides its bytes.
	overhead = 128
	// little is how many bytes on disk are not worth a word.
	little = 16 << 20
	// fan is how many runs are read at a time.
	fan = 16
)

// Sorter puts items in the order of their keys; those of one key stay in the order in
// which they were added.
type Sorter struct {
	output string
	say    func(Disk)
	most   int   // bytes held
	little int64 // bytes on disk that are not said

	held  items
	size  int // of what is held
	added int64
	free  []*item

	runs []*run // the oldest first
	now  int    // which run is being written, counted from 0
	to   *runWriter
	last []byte // the key that was written to it last
	disk Disk
	with tools
}

// item is something with a key.
type item struct {
	key, data []byte
	run       int // the one that it goes to
	at        int64
}

func (i *item) size() int { return len(i.key) + len(i.data) + overhead }

// items is a heap of them: the first one is written first.
type items []*item

func (h items) Len() int      { return len(h) }
func (h items) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *items) Push(x any)   { *h = append(*h, x.(*item)) }
func (h *items) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}

func (h items) Less(i, j int) bool {
	a, b := h[i], h[j]
	if a.run != b.run {
		return a.run < b.run
	}
	if c := bytes.Compare(a.key, b.key); c != 0 {
		return c < 0
	}
	return a.at < b.at
}

// Disk is what is on disk of a [Sorter].
type Disk struct {
	Dir   string
	Bytes int64
	Items int64
}

// New returns a Sorter whose temporary files are beside a file that is being written, or,
// where that is none, where the system has such files. say, if not nil, is told once what
// is on disk, before that is more than a little.
func New(output string, say func(Disk)) *Sorter {
	return &Sorter{output: output, say: say, most: memory, little: little}
}

// Add adds an item. Its bytes are copied.
func (s *Sorter) Add(key, data []byte) error {
	i := s.newItem()
	i.key, i.data = append(i.key[:0], key...), append(i.data[:0], data...)
	i.at = s.added
	s.added++
	i.run = s.now
	if s.to != nil && bytes.Compare(i.key, s.last) < 0 {
		i.run++
	}
	heap.Push(&s.held, i)
	s.size += i.size()
	for s.size > s.most {
		if err := s.put(); err != nil {
			return err
		}
	}
	return nil
}

// newItem returns an item whose memory may be that of one that was written.
func (s *Sorter) newItem() *item {
	n := len(s.free)
	if n == 0 {
		return &item{}
	}
	i := s.free[n-1]
	s.free = s.free[:n-1]
	return i
}

// lowest takes out what is held and comes first.
func (s *Sorter) lowest() *item {
	i := heap.Pop(&s.held).(*item)
	s.size -= i.size()
	return i
}

// put writes what comes first of what is held.
func (s *Sorter) put() error {
	i := s.lowest()
	if s.to != nil && i.run != s.now {
		if err := s.endRun(); err != nil {
			return err
		}
		s.now = i.run
	}
	if s.to == nil {
		if err := s.beginRun(); err != nil {
			return err
		}
	}
	s.last = append(s.last[:0], i.key...)
	err := s.to.write(i.key, i.data)
	if len(s.free) < 16 {
		s.free = append(s.free, i)
	}
	s.disk.Items++
	if written := s.disk.Bytes + s.to.written; written > s.little && s.say != nil {
		s.say(Disk{s.to.dir, written, s.disk.Items})
		s.say = nil
	}
	return err
}

func (s *Sorter) beginRun() error {
	f, dir, err := fileio.Scratch(s.output)
	if err != nil {
		return err
	}
	s.to, err = s.with.write(f, dir)
	return err
}

// endRun makes the run that is being written one of those to be read. Many of a kind
// become one, so that each item is read a few times at most.
func (s *Sorter) endRun() error {
	r, err := s.to.done(0)
	s.disk.Bytes += s.to.written
	s.to = nil
	if err != nil {
		return err
	}
	s.runs = append(s.runs, r)
	for len(s.runs) >= fan && s.runs[len(s.runs)-fan].level == s.runs[len(s.runs)-1].level {
		if err := s.join(fan); err != nil {
			return err
		}
	}
	return nil
}

// join makes the last n runs one.
func (s *Sorter) join(n int) error {
	from := s.runs[len(s.runs)-n:]
	f, dir, err := fileio.Scratch(s.output)
	if err != nil {
		return err
	}
	to, err := s.with.write(f, dir)
	if err != nil {
		return err
	}
	level := from[0].level + 1
	if err := s.with.merge(from, to.write); err != nil {
		return errors.Join(err, f.Close())
	}
	joined, err := to.done(level)
	s.runs = append(s.runs[:len(s.runs)-n], joined)
	return err
}

// Each hands out all items in order, and leaves none. What it hands out is gone once it
// returns.
func (s *Sorter) Each(take func(key, data []byte) error) error {
	if s.to == nil && len(s.runs) == 0 {
		for len(s.held) > 0 {
			i := s.lowest()
			if err := take(i.key, i.data); err != nil {
				return err
			}
		}
		return nil
	}
	for len(s.held) > 0 {
		if err := s.put(); err != nil {
			return err
		}
	}
	s.held, s.free = nil, nil // room for the readers
	if err := s.endRun(); err != nil {
		return err
	}
	for len(s.runs) > fan {
		if err := s.join(min(fan, len(s.runs)-fan+1)); err != nil {
			return err
		}
	}
	runs := s.runs
	s.runs, s.now, s.last, s.disk = nil, 0, nil, Disk{}
	return s.with.merge(runs, take)
}

// Close leaves nothing behind of items that were not handed out.
func (s *Sorter) Close() error {
	var err error
	if s.to != nil {
		err = s.to.f.Close()
	}
	for _, r := range s.runs {
		err = errors.Join(err, r.f.Close())
	}
	s.to, s.runs, s.held = nil, nil, nil
	return err
}
