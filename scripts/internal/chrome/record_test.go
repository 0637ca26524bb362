package chrome

import (
	"slices"
	"testing"
	"time"
)

// TestTasksAreThoseOfThePagesThread: other processes have threads that show a page
// too, and other threads run tasks.
func TestTasksAreThoseOfThePagesThread(t *testing.T) {
	named := func(process, thread int, name string) traced {
		e := traced{Name: "thread_name", Process: process, Thread: thread}
		e.Args.Name = name
		return e
	}
	ran := func(process, thread int, start, took, cpu float64) traced {
		return traced{Name: "RunTask", Process: process, Thread: thread, Start: start, Duration: took, CPU: cpu}
	}
	heard := []traced{
		named(1, 10, "CrRendererMain"), named(2, 20, "CrRendererMain"), named(2, 21, "Compositor"),
		ran(1, 10, 100, 2000, 1500), ran(2, 20, 5000, 9000, 3000), ran(2, 20, 200, 60000, 40000), ran(2, 21, 300, 900000, 900000),
		ran(2, 20, 99000, 400, 400),
	}
	var kept []traced
	for _, e := range heard {
		if e.matters() {
			kept = append(kept, e)
		}
	}
	want := []Task{
		{200 * time.Microsecond, 60 * time.Millisecond, 40 * time.Millisecond},
		{5 * time.Millisecond, 9 * time.Millisecond, 3 * time.Millisecond},
	}
	if got := tasks(kept); !slices.Equal(got, want) {
		t.Errorf("tasks: %v, want %v", got, want)
	}
}
