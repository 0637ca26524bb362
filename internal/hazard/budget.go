package hazard

import (
	"fmt"
	"runtime/metrics"
	"sync/atomic"
	"testing"
	"time"
)

// A Budget is what reading one input may cost. Readers of files that somebody
// made to hurt must answer soon and stay small, whatever the file says of itself.
type Budget struct {
	CPU    time.Duration // of this process, all its threads; 0 is one second
	Base   int64         // bytes that may be allocated for any input, used again or not
	Factor int64         // bytes that may be allocated for each byte of the input
}

// Spend runs f, which reads an input of size bytes, and fails the test when f costs
// more than the budget. It counts processor time, not time on the clock, so that
// a busy machine fails nothing; where that cannot be told, only memory is held.
// Memory is every byte allocated, not only what is held at a time: a bound for
// both, and the same on each run. An f that does not come back ends the
// process, which is how a fuzzer learns of an input that hangs.
func Spend(t testing.TB, size int, b Budget, f func()) {
	t.Helper()
	if b.CPU == 0 {
		b.CPU = time.Second
	}
	begin, from := cpuTime(), allocated()
	stop := watch(begin, 5*b.CPU, size)
	f()
	stop()
	if spent := cpuTime() - begin; spent > b.CPU {
		t.Errorf("an input of %d bytes took %v of processor time, more than %v", size, spent, b.CPU)
	}
	if got, most := allocated()-from, b.Base+b.Factor*int64(size); got > most {
		t.Errorf("an input of %d bytes had %d bytes allocated, more than %d", size, got, most)
	}
}

// hung is how long an input may take on the clock, for one that waits for ever
// and spends nothing.
const hung = 2 * time.Minute

// watch panics when limit more processor time than begin is spent, or the clock
// says that nothing goes on. The answer ends it.
func watch(begin, limit time.Duration, size int) (stop func()) {
	var done atomic.Bool
	start := time.Now()
	var again func()
	again = func() {
		switch spent := cpuTime() - begin; {
		case done.Load():
		case spent > limit || time.Since(start) > hung:
			panic(fmt.Sprintf("an input of %d bytes hangs: %v of processor time, %v on the clock", size, spent, time.Since(start)))
		default:
			time.AfterFunc(limit/2, again)
		}
	}
	timer := time.AfterFunc(limit, again)
	return func() {
		done.Store(true)
		timer.Stop()
	}
}

// allocated is the bytes that this process has allocated so far.
func allocated() int64 {
	s := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(s)
	return int64(s[0].Value.Uint64())
}
