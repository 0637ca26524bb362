package fsops

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

var (
	update  = flag.Bool("update", false, "record what the kernel answers to the scripts of testdata")
	scripts = flag.Int("scripts", 6, "random scripts to hold against the kernel")
	length  = flag.Int("length", 250, "operations of a random script")
	seed    = flag.Uint64("seed", 1, "of the first random script")
)

// onKernel runs f with the kernel's overlayfs, or says why it can not.
func onKernel(t *testing.T, lowers []Lower, f func(k *Kernel)) bool {
	t.Helper()
	ran := false
	err := WithKernel(lowers, func(k *Kernel) error { ran = true; f(k); return nil })
	if !ran {
		fmt.Println("scripts/internal/fsops: the comparison with the kernel's overlayfs does not run:", err)
	} else if err != nil {
		t.Error(err)
	}
	return ran
}

// kernelSession is a session of the kernel. Before each request it waits until the
// clock from which files get their times has passed all that was stamped before,
// so that times tell requests apart.
func kernelSession(k *Kernel) *session {
	return newSession(k, func() int64 {
		now := clock(unix.CLOCK_REALTIME)
		for clock(unix.CLOCK_REALTIME_COARSE) <= now {
			time.Sleep(time.Millisecond)
		}
		return clock(unix.CLOCK_REALTIME_COARSE)
	})
}

func clock(id int32) int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(id, &ts); err != nil {
		panic(err)
	}
	return ts.Nano()
}

// differs is the first difference between what the kernel and the model answer, or
// "". After every request the whole trees are compared if deep is set.
func differs(k *Kernel, lowers []Lower, script []string, deep bool) string {
	if err := k.Reset(); err != nil {
		return err.Error()
	}
	a, b := kernelSession(k), modelSession(lowers)
	defer a.close()
	defer b.close()
	step := func(i int, line string) string {
		x, y := a.do(line), b.do(line)
		if x != y {
			return fmt.Sprintf("request %d, %s:\n  kernel %s\n  model  %s\n", i+1, line, x, y)
		}
		return ""
	}
	for i, line := range script {
		if d := step(i, line); d != "" {
			return d
		}
		if !deep && (i+1)%25 != 0 && i+1 < len(script) {
			continue
		}
		for _, look := range []string{`{"op":"dump","data":true}`, `{"op":"upper"}`} {
			if d := step(i, look); d != "" {
				return "after " + line + ": " + firstDifference(d)
			}
		}
	}
	return ""
}

// firstDifference shortens two long answers to where they part.
func firstDifference(d string) string {
	lines := strings.Split(d, "\n")
	if len(lines) < 3 {
		return d
	}
	a, b := strings.Split(strings.TrimPrefix(lines[1], "  kernel "), "},{"), strings.Split(strings.TrimPrefix(lines[2], "  model  "), "},{")
	for i := range max(len(a), len(b)) {
		x, y := "nothing", "nothing"
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		if x != y {
			return fmt.Sprintf("%s\n  kernel %s\n  model  %s\n", lines[0], x, y)
		}
	}
	return d
}

// TestKernelScripts plays the scripts of testdata on the kernel's overlayfs: it
// says what is recorded.
func TestKernelScripts(t *testing.T) {
	lowers := baseLowers(t)
	for _, file := range scriptFiles(t) {
		script, recorded := readScript(t, file)
		var out strings.Builder
		ran := onKernel(t, lowers, func(k *Kernel) {
			s := kernelSession(k)
			defer s.close()
			for i, line := range script {
				answer := s.do(line)
				if !*update && answer != recorded[i] {
					t.Errorf("%s: request %d, %s: recorded %s, the kernel now says %s", filepath.Base(file), i+1, line, recorded[i], answer)
				}
				fmt.Fprintf(&out, "> %s\n< %s\n", line, answer)
			}
		})
		if *update && ran {
			if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestKernelRandom holds random requests against the kernel and shortens a script
// that shows a difference.
func TestKernelRandom(t *testing.T) {
	lowers := baseLowers(t)
	onKernel(t, lowers, func(k *Kernel) {
		for n := range *scripts {
			at := *seed + uint64(n)
			script := randomScript(rand.New(rand.NewPCG(at, 0)), *length)
			if differs(k, lowers, script, false) == "" {
				continue
			}
			script = shorten(script, func(s []string) bool { return differs(k, lowers, s, true) != "" })
			t.Errorf("seed %d:\n%s\n%s", at, strings.Join(script, "\n"), differs(k, lowers, script, true))
		}
	})
}

// shorten leaves out lines as long as it fails.
func shorten(script []string, fails func([]string) bool) []string {
	for size := len(script) / 2; size > 0; size /= 2 {
		for at := 0; at+size <= len(script); {
			less := append(append([]string{}, script[:at]...), script[at+size:]...)
			if fails(less) {
				script = less
			} else {
				at += size
			}
		}
	}
	return script
}
