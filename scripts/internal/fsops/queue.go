package fsops

import (
	"io"
	"sync"
)

// maxQueued is how many bytes of answers are kept for a client that does not read.
const maxQueued = 64 << 20

// A queue writes to w what is put into it, in order and without making the one who
// puts it wait, up to maxQueued bytes.
type queue struct {
	mu      sync.Mutex
	changed *sync.Cond
	waiting []byte
	closed  bool
	err     error
	done    chan struct{}
}

func newQueue(w io.Writer) *queue {
	q := &queue{done: make(chan struct{})}
	q.changed = sync.NewCond(&q.mu)
	go q.run(w)
	return q
}

func (q *queue) run(w io.Writer) {
	defer close(q.done)
	var batch []byte
	for {
		q.mu.Lock()
		for len(q.waiting) == 0 && !q.closed {
			q.changed.Wait()
		}
		batch, q.waiting = q.waiting, batch[:0]
		q.changed.Broadcast()
		q.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		if _, err := w.Write(batch); err != nil {
			q.mu.Lock()
			q.err = err
			q.changed.Broadcast()
			q.mu.Unlock()
			return
		}
		if cap(batch) > 1<<20 {
			batch = nil
		}
	}
}

// put adds b; it waits only while too much is in the queue already.
func (q *queue) put(b []byte) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.waiting) > maxQueued && q.err == nil {
		q.changed.Wait()
	}
	q.waiting = append(q.waiting, b...)
	q.changed.Broadcast()
	return q.err
}

// close waits until all is written.
func (q *queue) close() error {
	q.mu.Lock()
	q.closed = true
	q.changed.Broadcast()
	q.mu.Unlock()
	<-q.done
	return q.err
}
