package overlay_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	kernelOps   = flag.Int("kernel.ops", 21_000, "random operations to hold against the kernel's overlayfs")
	kernelSeeds = flag.String("kernel.seeds", "1,2,3", "seeds that share them")
)

// differs runs a script on the kernel and on the simulator and compares after every
// line what it said and the whole merged tree, and before every rotation and at the
// end the upper directory and the layer that it makes. It answers the first
// difference, or "".
func (k *kernel) differs(script []string) string {
	k.reset()
	k.mount()
	a, b := newRunner(k), newRunner(newSimulated())
	a.lines, b.lines = k.fine, k.fine
	defer b.finish()
	defer a.finish()
	a.dump()
	b.dump()
	for i, line := range append(slices.Clone(script), "rotate") {
		if line == "rotate" {
			if d := made(a.s, b.s); d != "" {
				return fmt.Sprintf("before line %d, %s: %s", i+1, line, d)
			}
		}
		x, y := a.do(line), b.do(line)
		if x != y {
			return fmt.Sprintf("line %d, %s: the kernel says %q, the simulator %q", i+1, line, x, y)
		}
		if x == "EEXIST" && changesOpen(line) {
			// A copy-up for a file without its name failed. The kernel has marked the
			// directory as one that may hold copies, or had before; that changes its
			// change time, which is all that can differ.
			return ""
		}
		if d := difference(a.dump(), b.dump()); d != "" {
			return fmt.Sprintf("line %d, %s: merged trees:\n%s", i+1, line, d)
		}
	}
	return ""
}

// changesOpen reports whether a line is a call by descriptor that changes metadata.
func changesOpen(line string) bool {
	for _, w := range strings.Fields(line) {
		switch w {
		case "fchmod", "fchown", "futimens", "fsetxattr", "frmxattr":
			return true
		}
	}
	return false
}

// made compares the upper directories of two systems, and their layers.
func made(kernel, sim system) string {
	if d := difference(kernel.upper(), sim.upper()); d != "" {
		return "upper directories:\n" + d
	}
	x := kernel.tar()
	if x == nil {
		return ""
	}
	if y := sim.tar(); !bytes.Equal(x, y) {
		return "layers:\n" + cmp.Diff(entriesOf(x), entriesOf(y)) + fmt.Sprintf("(%d bytes and %d)", len(x), len(y))
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
	seeds := strings.Split(*kernelSeeds, ",")
	for _, s := range seeds {
		seed, err := strconv.ParseUint(s, 10, 32)
		if err != nil {
			t.Fatalf("-kernel.seeds: %v", err)
		}
		t.Run("seed "+s, func(t *testing.T) {
			t.Parallel()
			onKernel(t, func(k *kernel) {
				ops, scripts := 0, uint64(0)
				for ; ops < *kernelOps/len(seeds) && !t.Failed(); scripts++ {
					script := randomScript(seed<<32 | scripts)
					ops += len(script)
					if d := k.differs(script); d != "" {
						script = k.shorten(script)
						t.Errorf("seed %d, script %d:\n  %s\n%s", seed, scripts, strings.Join(script, "\n  "), k.differs(script))
					}
				}
				t.Logf("%d operations in %d scripts", ops, scripts)
			})
		})
	}
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

// TestKernelRecorded plays the scripts whose answers are recorded on the kernel: the
// record is its own.
func TestKernelRecorded(t *testing.T) {
	var b strings.Builder
	complete := true
	ran := onKernel(t, func(k *kernel) {
		if complete = k.fine && k.ship != nil; !complete {
			return
		}
		for seed := range uint64(recordedScripts) {
			script := randomScript(seed)
			k.reset()
			k.mount()
			fmt.Fprintln(&b, seed, scriptName(script), strings.Join(fingerprints(k, script), ""))
		}
	})
	switch {
	case !ran:
	case !complete:
		fmt.Println("sim/overlay: this kernel cannot tell times apart, or BuildKit's differ is missing: its answers are NOT compared with the record")
	case *update:
		if err := os.WriteFile(recordedFile, []byte(b.String()), 0o644); err != nil {
			t.Error(err)
		}
	default:
		was, err := os.ReadFile(recordedFile)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(strings.Split(string(was), "\n"), strings.Split(b.String(), "\n")); d != "" {
			t.Errorf("recorded (-), the kernel now (+):\n%s", d)
		}
	}
}
