package shell

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"mvdan.cc/sh/v3/syntax"
)

// A kernel is what the processes of one Exec or one Session share: the turn to
// run, the budget, the process numbers and the mounts.
//
// Processes are goroutines, but one at a time has the turn; it gives it up only
// where it would block (an empty or full pipe, wait, sleep). So pipelines run in
// the same order every time, on one thread or many, and the overlay is never
// changed by two processes at once.
type kernel struct {
	cur     *task
	ready   []*task // in the order in which they became runnable
	parked  []*task // in the order in which they began to wait
	live    map[*task]bool
	dying   bool
	err     error // why everything ended: the context's error or a *BudgetError
	nextPID int
	died    int // the signal that ended the last process that a signal ended

	ctx     context.Context // of the run, for what counts without one of its own
	depth   int             // programs that wait for a program that they started
	budget  Budget
	used    Budget
	pending int // turns since the last Pause
	random  uint64
	mounts  []Mounted
	root    *Mounted // what FS is mounted as, nil when it can be written
	pause   func(context.Context) error
	fifos   map[fifoKey]*pipe
	arith   map[syntax.ArithmExpr]arithText // what expressions of scripts are, once read
	offline bool                            // somebody was told that there is no network
}

// A task is one process that can run while others wait.
type task struct {
	wake   chan struct{}
	done   bool
	signal int    // that it gets when it runs next
	stuck  bool   // woken because nobody else can run
	wait   *waitq // who waits for its end
	exit   int
}

// A waitq is tasks that wait for the same thing.
type waitq struct{ tasks []*task }

// BudgetError is why a run was ended that would not end by itself.
type BudgetError struct {
	What  string // "commands", "loop turns", "bytes of output", "bytes in one word"…
	Limit int64
}

// Error says which limit was met.
func (e *BudgetError) Error() string {
	return fmt.Sprintf("stopped by the simulator after %d %s: this looks endless", e.Limit, e.What)
}

// errDeadlock is what a process gets that waits for something that no other
// process can bring about any more.
var errDeadlock = errors.New("every process is waiting for another")

// stop unwinds a process: a signal ends this process only, else the whole run.
type stop struct {
	signal int
	err    error
	group  *Process // the signal is for all that this process started
}

func newKernel(b Budget, pause func(context.Context) error) *kernel {
	if b.Commands == 0 {
		b.Commands = 200_000
	}
	if b.Turns == 0 {
		b.Turns = 5_000_000
	}
	if b.Output == 0 {
		b.Output = 1 << 30
	}
	if b.Input == 0 {
		b.Input = 1 << 30
	}
	k := &kernel{ctx: context.Background(), budget: b, pause: pause, live: map[*task]bool{}, arith: map[syntax.ArithmExpr]arithText{}, nextPID: 1, random: 0x9E3779B97F4A7C15}
	k.cur = &task{wake: make(chan struct{}, 1), wait: new(waitq)}
	return k
}

// turn is called in every loop of every command: it counts, yields to the page
// and ends the process when the run is over.
func (k *kernel) turn(ctx context.Context) { k.count(ctx, 1) }

// work counts n turns for what takes about as long, with the context of the run.
func (k *kernel) work(n int) { k.count(k.ctx, n) }

func (k *kernel) count(ctx context.Context, n int) {
	k.used.Turns += n
	if k.used.Turns > k.budget.Turns {
		k.end(&BudgetError{"loop turns", int64(k.budget.Turns)})
	}
	k.pending += n
	if k.pending >= 256 || k.dying {
		k.breathe(ctx)
	}
}

// breathe lets the page run and looks whether the run is over.
func (k *kernel) breathe(ctx context.Context) {
	k.pending = 0
	if k.dying {
		panic(stop{err: k.err})
	}
	if err := ctx.Err(); err != nil {
		k.end(err)
	}
	if k.pause != nil {
		if err := k.pause(ctx); err != nil {
			k.end(err)
		}
	}
}

// command counts one more command.
func (k *kernel) command(ctx context.Context) {
	k.used.Commands++
	if k.used.Commands > k.budget.Commands {
		k.end(&BudgetError{"commands", int64(k.budget.Commands)})
	}
	k.pending += 15
	k.turn(ctx)
}

// spend counts n bytes of output.
func (k *kernel) spend(n int64) {
	if !k.dying {
		k.work(int(n >> 14))
	}
	k.used.Output += n
	if k.used.Output > k.budget.Output {
		k.end(&BudgetError{"bytes of output", k.budget.Output})
	}
}

// take counts n bytes of input.
func (k *kernel) take(n int) {
	k.used.Input += int64(n)
	if k.used.Input > k.budget.Input {
		k.end(&BudgetError{"bytes of input", k.budget.Input})
	}
}

// fits ends the run when one value has grown over the limit.
func (k *kernel) fits(n int, limit int64, what string) {
	if int64(n) > limit {
		k.end(&BudgetError{what, limit})
	}
}

// end ends the whole run for the reason err; it does not return.
func (k *kernel) end(err error) {
	if k.err == nil {
		k.err = err
	}
	k.dying = true
	panic(stop{err: k.err})
}

// maxTasks is how many processes may run at once.
const maxTasks = 1000

// maxDepth is how many programs may wait, each for the one that it started.
const maxDepth = 200

// full reports whether no further process can be started.
func (k *kernel) full() bool { return len(k.live) >= maxTasks || k.depth >= maxDepth }

// spawn makes a task that runs f when its turn comes.
func (k *kernel) spawn(f func() int) *task {
	t := &task{wake: make(chan struct{}, 1), wait: new(waitq)}
	k.live[t] = true
	k.ready = append(k.ready, t)
	go func() {
		<-t.wake
		t.exit = k.guard(f)
		t.done = true
		delete(k.live, t)
		k.wakeAll(t.wait)
		k.next()
	}()
	return t
}

// guard runs f and turns a stop into an exit status.
func (k *kernel) guard(f func() int) (exit int) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case stop:
			exit = 128 + r.signal
			if r.signal == 0 {
				exit = 137
			}
		default:
			panic(r)
		}
	}()
	if k.dying {
		return 137
	}
	if k.cur.signal != 0 {
		return 128 + k.cur.signal
	}
	return f()
}

// next gives the turn to the first runnable task. When there is none, all wait
// for each other: the one that has waited longest is told so.
func (k *kernel) next() {
	if !k.runnable() {
		t := k.parked[0]
		t.stuck = true
		k.wakeUp(t)
	}
	t := k.ready[0]
	k.ready = k.ready[1:]
	k.cur = t
	t.wake <- struct{}{}
}

// runnable reports whether a task is ready, and forgets those that have ended.
func (k *kernel) runnable() bool {
	for len(k.ready) > 0 && k.ready[0].done {
		k.ready = k.ready[1:]
	}
	return len(k.ready) > 0
}

// park gives up the turn until somebody wakes q. It fails when nobody is left
// who could.
func (k *kernel) park(q *waitq) error {
	if k.dying {
		panic(stop{err: k.err})
	}
	if !k.runnable() {
		return errDeadlock
	}
	t := k.cur
	q.tasks = append(q.tasks, t)
	k.parked = append(k.parked, t)
	k.next()
	<-t.wake
	if k.dying {
		panic(stop{err: k.err})
	}
	if t.signal != 0 {
		panic(stop{signal: t.signal})
	}
	if t.stuck {
		t.stuck = false
		return errDeadlock
	}
	return nil
}

// yield lets the other runnable tasks go first.
func (k *kernel) yield() {
	if !k.runnable() || k.dying {
		return
	}
	t := k.cur
	k.ready = append(k.ready, t)
	k.next()
	<-t.wake
	if k.dying {
		panic(stop{err: k.err})
	}
	if t.signal != 0 {
		panic(stop{signal: t.signal})
	}
}

// wakeUp makes a parked task runnable.
func (k *kernel) wakeUp(t *task) {
	if i := slices.Index(k.parked, t); i >= 0 {
		k.parked = slices.Delete(k.parked, i, i+1)
		k.ready = append(k.ready, t)
	}
}

func (k *kernel) wakeAll(q *waitq) {
	for _, t := range q.tasks {
		k.wakeUp(t)
	}
	q.tasks = nil
}

// join waits for t to end and returns its exit status.
func (k *kernel) join(t *task) int {
	for !t.done {
		if k.park(t.wait) != nil {
			return 137
		}
	}
	return t.exit
}

// drain runs all other tasks until each has ended or waits for ever.
func (k *kernel) drain() {
	for k.runnable() && !k.dying {
		k.yield()
	}
}

// killAll ends every other task, as the end of a container's first process does.
func (k *kernel) killAll() {
	was, err, me := k.dying, k.err, k.cur
	k.dying = true
	for len(k.live) > 0 {
		for len(k.parked) > 0 {
			k.wakeUp(k.parked[0])
		}
		if !k.runnable() {
			break
		}
		k.ready = append(k.ready, me)
		k.next()
		<-me.wake
	}
	k.dying, k.err = was, err
}

// pid is the next process number.
func (k *kernel) pid() int {
	k.nextPID++
	return k.nextPID
}

// guess is the next number of a generator that gives the same every run.
func (k *kernel) guess() uint64 {
	k.random ^= k.random << 13
	k.random ^= k.random >> 7
	k.random ^= k.random << 17
	return k.random
}

// sleep lets others run, then passes d on the virtual clock.
func (p *Process) sleep(ctx context.Context, d time.Duration) {
	p.k.yield()
	if p.Sleep != nil {
		if err := p.Sleep(ctx, d); err != nil {
			p.k.end(err)
		}
	}
	p.k.breathe(ctx)
}

// kill ends one task that has not run to its end with a signal.
func (k *kernel) kill(t *task, signal int) {
	if t.done || t == k.cur {
		return
	}
	t.signal = signal
	k.wakeUp(t)
}
