package overlay_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
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

// randomScript is up to some forty operations on a handful of names, three
// directories deep, over one to four layers.
func randomScript(seed uint64) []string {
	r := rand.New(rand.NewPCG(seed, 7))
	names := []string{"a", "b", "c", "d", "e", "f"}[:2+r.IntN(5)]
	path := func() string {
		var p strings.Builder
		for range 1 + r.IntN(3) {
			p.WriteString("/" + names[r.IntN(len(names))])
		}
		if r.IntN(40) == 0 {
			p.WriteString([]string{"/", "/.", "/.."}[r.IntN(3)])
		}
		return p.String()
	}
	pick := func(s ...string) string { return s[r.IntN(len(s))] }
	mode := func() string {
		return pick("755", "700", "644", "600", "4755", "2775", "1777", "2755", "6711", "000", "750")
	}
	id := func() string { return pick("0", "1", "5", "-1") }
	var script []string
	for range 15 + r.IntN(30) {
		as := ""
		if r.IntN(8) == 0 {
			as = "as " + pick("1:1", "5:1", "1:5") + " "
		}
		script = append(script, as+randomOp(r, path, pick, mode, id))
		if r.IntN(14) == 0 {
			script = append(script, "rotate")
		}
	}
	return script
}

func randomOp(r *rand.Rand, path func() string, pick func(...string) string, mode, id func() string) string {
	data := pick("x", "yy", "<100*z>", "hello")
	switch r.IntN(34) {
	case 0, 1, 2, 3, 4:
		return "mkdir " + path() + " " + mode()
	case 5, 6, 7, 8:
		return "write " + path() + " " + data
	case 9:
		return "append " + path() + " " + data
	case 10:
		return fmt.Sprintf("pwrite %s %d %s", path(), r.IntN(50), data)
	case 11, 12:
		return "open " + path() + " " + pick("r", "w", "rw", "r,trunc", "w,creat,excl", "rw,creat", "r,creat", "r,nofollow", "w,nofollow,creat", "r,dir", "w,trunc") + " " + mode()
	case 13, 14:
		return "unlink " + path()
	case 15:
		return "rmdir " + path()
	case 16, 17:
		return "rmtree " + path()
	case 18, 19, 20, 21:
		return "rename " + path() + " " + path()
	case 22:
		return pick("noreplace ", "exchange ", "exchange ") + path() + " " + path()
	case 23, 24:
		return "link " + path() + " " + path()
	case 25:
		return "symlink " + pick(path(), path()[1:], "..", ".", "../"+path()[1:], "/") + " " + path()
	case 26:
		return "chmod " + path() + " " + mode()
	case 27:
		return pick("chown ", "lchown ") + path() + " " + id() + " " + id()
	case 28, 29:
		return fmt.Sprintf("utimes %s %d", path(), r.IntN(90_000))
	case 30:
		return fmt.Sprintf("truncate %s %d", path(), r.IntN(60))
	case 31:
		return "mknod " + path() + pick(" p 644", " c 600 1 3", " c 600 0 0", " s 600", " b 600 250 9", " f 4755")
	case 32:
		return pick("setxattr "+path()+" user.k "+data, "rmxattr "+path()+" user.k")
	}
	return pick("stat ", "lstat ", "readlink ", "readdir ", "read ", "access ") + path() + " " + pick("1", "2", "4", "6", "0")
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
