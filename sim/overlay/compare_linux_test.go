package overlay_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	kernelScripts = flag.Int("kernel.scripts", 150, "random scripts to hold against the kernel's overlayfs")
	kernelSeed    = flag.Uint64("kernel.seed", 1, "seed of the first random script")
)

// same runs a script on the kernel and on the simulator and compares after every
// line what it said and the whole merged tree, and the upper directory before every
// rotation and at the end. It answers the first difference, or "".
func (k *kernel) differs(script []string) string {
	k.reset()
	k.mount()
	a, b := newRunner(k), newRunner(newSimulated())
	defer b.finish()
	defer a.finish()
	uppers := func() string { return difference(a.s.upper(), b.s.upper()) }
	for i, line := range script {
		if line == "rotate" {
			if d := uppers(); d != "" {
				return fmt.Sprintf("line %d, %s: upper directories:\n%s", i+1, line, d)
			}
		}
		x, y := a.do(line), b.do(line)
		if x != y {
			return fmt.Sprintf("line %d, %s: the kernel says %q, the simulator %q", i+1, line, x, y)
		}
		if d := difference(a.dump(), b.dump()); d != "" {
			return fmt.Sprintf("line %d, %s: merged trees:\n%s", i+1, line, d)
		}
	}
	if d := uppers(); d != "" {
		return "upper directories at the end:\n" + d
	}
	return ""
}

func difference(kernel, sim []string) string {
	if slices.Equal(kernel, sim) {
		return ""
	}
	var b strings.Builder
	for _, l := range kernel {
		if !slices.Contains(sim, l) {
			fmt.Fprintln(&b, "  kernel:    ", l)
		}
	}
	for _, l := range sim {
		if !slices.Contains(kernel, l) {
			fmt.Fprintln(&b, "  simulator: ", l)
		}
	}
	if b.Len() == 0 {
		return "  the same lines in another order"
	}
	return b.String()
}

// TestKernelRandom holds random scripts against the kernel and shortens one that
// shows a difference.
func TestKernelRandom(t *testing.T) {
	onKernel(t, func(k *kernel) {
		for n := range *kernelScripts {
			seed := *kernelSeed + uint64(n)
			script := randomScript(seed)
			if d := k.differs(script); d != "" {
				script = k.shorten(script)
				t.Errorf("seed %d:\n  %s\n%s", seed, strings.Join(script, "\n  "), k.differs(script))
				return
			}
		}
	})
}

// shorten leaves out lines as long as a difference remains.
func (k *kernel) shorten(script []string) []string {
	for size := len(script) / 2; size > 0; {
		cut := false
		for at := 0; at+size <= len(script); {
			less := slices.Delete(slices.Clone(script), at, at+size)
			if k.differs(less) != "" {
				script, cut = less, true
			} else {
				at += size
			}
		}
		if !cut || size > 1 {
			size /= 2
		}
	}
	return script
}

// TestKernelCases plays the scenarios of testdata on the kernel's overlayfs: they
// say what it says, line by line.
func TestKernelCases(t *testing.T) {
	for _, file := range caseFiles(t) {
		list := scenarios(t, file)
		var all []string
		ran := onKernel(t, func(k *kernel) {
			for _, s := range list {
				k.reset()
				k.mount()
				text := s.play(k)
				all = append(all, text)
				if d := cmp.Diff(s.text, text); d != "" && !*update {
					t.Errorf("%s: %s: recorded (-), the kernel now (+):\n%s", file, s.title, d)
				}
				if d := k.differs(s.script); d != "" {
					t.Errorf("%s: %s: %s", file, s.title, d)
				}
			}
		})
		if *update && ran {
			if err := os.WriteFile(file, []byte(strings.Join(all, "\n")), 0o644); err != nil {
				t.Error(err)
			}
		}
	}
}
