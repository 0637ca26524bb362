package overlay_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// base is what the steps below start from.
const base = `
mkdir /w 755
mkdir /w/d1 755
mkdir /w/d2 755
mkdir /w/d5 755
mkdir /w/d5/sub 755
mkdir /w/t 755
mkdir /w/t/dir 755
write /w/d1/f1 1
link /w/d1/f1 /w/d1/f1b
write /w/d1/f2 2
write /w/d5/sub/x 5
write /w/d5/y y
symlink d1 /w/l
write /w/a.txt a
write /w/t/old old
write /w/t/dir/k k
mknod /w/t/p p 644
utimes /w/a.txt 1000
utimes /w/d1/f1 1000
utimes /w/t/old 1000`

// Each step was run by a RUN instruction of BuildKit 0.30 (Docker 29.9.3) and by
// docker diff and docker commit; these are the entries that they gave.
var changesetTests = []struct {
	title, steps string
	diff         string // docker diff
	entries      string // of the layer
	commit       string // of docker commit's, if they are others
}{
	{
		title:   "83 a new directory brings its parents, not its siblings",
		steps:   "mkdir /w/d1/d 755",
		diff:    "C /w, C /w/d1, A /w/d1/d",
		entries: "w/, w/d1/, w/d1/d/",
	}, {
		title:   "84 a removed directory is one whiteout",
		steps:   "rmtree /w/d5",
		diff:    "C /w, D /w/d5",
		entries: "w/, w/.wh.d5",
	}, {
		title:   "85 a removed file comes after its parent",
		steps:   "unlink /w/d1/f2",
		diff:    "C /w, C /w/d1, D /w/d1/f2",
		entries: "w/, w/d1/, w/d1/.wh.f2",
	}, {
		title:   "86 a new name of a lower file",
		steps:   "link /w/d1/f1 /w/d2/l1",
		diff:    "C /w, C /w/d2, A /w/d2/l1",
		entries: "w/, w/d2/, w/d2/l1",
		commit:  "w/, w/d2/, w/d2/l1, w/d1/, w/d1/f1=w/d2/l1",
	}, {
		title:   "86 a new name before the old one",
		steps:   "link /w/t/old /w/d1/l0; link /w/d1/l0 /w/t/z",
		diff:    "C /w, C /w/d1, A /w/d1/l0, C /w/t, A /w/t/z",
		entries: "w/, w/d1/, w/d1/l0, w/t/, w/t/z=w/d1/l0",
		commit:  "w/, w/d1/, w/d1/l0, w/t/, w/t/old=w/d1/l0, w/t/z=w/d1/l0",
	}, {
		title:   "86 new names of two of a lower file's names",
		steps:   "link /w/d1/f1 /w/t/f; link /w/d1/f1b /w/t/g; unlink /w/d1/f2",
		diff:    "C /w, C /w/d1, D /w/d1/f2, C /w/t, A /w/t/f, A /w/t/g",
		entries: "w/, w/d1/, w/d1/.wh.f2, w/t/, w/t/f, w/t/g",
		commit:  "w/, w/d1/, w/d1/.wh.f2, w/t/, w/t/f, w/d1/f1=w/t/f, w/t/g, w/d1/f1b=w/t/g",
	}, {
		title:   "86 a new name of which the old one is gone",
		steps:   "link /w/t/old /w/t/z; unlink /w/t/old",
		diff:    "C /w, C /w/t, A /w/t/z, D /w/t/old",
		entries: "w/, w/t/, w/t/.wh.old, w/t/z",
	}, {
		title:   "86b changed and linked in one step",
		steps:   "append /w/d1/f1b x; link /w/d1/f1b /w/d1/zz",
		diff:    "C /w, C /w/d1, C /w/d1/f1b, A /w/d1/zz",
		entries: "w/, w/d1/, w/d1/f1b, w/d1/zz=w/d1/f1b",
	}, {
		title:   "87 sockets are left out, a FIFO is not",
		steps:   "mknod /w/d1/sock s 644; mknod /w/fifo p 644",
		diff:    "C /w, C /w/d1, A /w/d1/sock, A /w/fifo",
		entries: "w/, w/fifo",
	}, {
		title:   "89 the same bytes and time again",
		steps:   "unlink /w/a.txt; write /w/a.txt a; utimes /w/a.txt 1000",
		diff:    "",
		entries: "",
	}, {
		title:   "the same size and time, other bytes",
		steps:   "write /w/a.txt b; utimes /w/a.txt 1000",
		diff:    "",
		entries: "w/, w/a.txt",
	}, {
		title:   "90 made and removed in one step",
		steps:   "write /w/d1/n n; unlink /w/d1/n",
		diff:    "",
		entries: "",
	}, {
		title:   "90 made and moved in one step",
		steps:   "mkdir /w/q 755; rename /w/q /w/q2",
		diff:    "C /w, A /w/q2",
		entries: "w/, w/q2/",
	}, {
		title:   "91 removed and made again",
		steps:   "unlink /w/a.txt; write /w/a.txt new",
		diff:    "C /w, C /w/a.txt",
		entries: "w/, w/a.txt",
	}, {
		title:   "92 rm -rf, mkdir: whiteouts tell what an opaque directory hides",
		steps:   "rmtree /w/t; mkdir /w/t 755; mkdir /w/t/dir 755; write /w/t/dir/k2 k; write /w/t/new n",
		diff:    "C /w, C /w/t, C /w/t/dir, A /w/t/dir/k2, D /w/t/dir/k, A /w/t/new, D /w/t/old, D /w/t/p",
		entries: "w/, w/t/, w/t/dir/, w/t/dir/.wh.k, w/t/dir/k2, w/t/new, w/t/.wh.old, w/t/.wh.p",
	}, {
		title:   "92b a file that came back as it was needs no entry",
		steps:   "rmtree /w/t; mkdir /w/t 755; write /w/t/old old; utimes /w/t/old 1000",
		diff:    "C /w, C /w/t, D /w/t/dir, D /w/t/p",
		entries: "w/, w/t/, w/t/.wh.dir, w/t/.wh.p",
	}, {
		title:   "93 a directory becomes a file",
		steps:   "rmtree /w/d5; write /w/d5 f",
		diff:    "C /w, C /w/d5",
		entries: "w/, w/d5",
	}, {
		title:   "93 a file becomes a directory",
		steps:   "unlink /w/a.txt; mkdir /w/a.txt 755; write /w/a.txt/x x",
		diff:    "C /w, C /w/a.txt, A /w/a.txt/x",
		entries: "w/, w/a.txt/, w/a.txt/x",
	}, {
		title:   "93 a symbolic link becomes a directory",
		steps:   "unlink /w/l; mkdir /w/l 755; write /w/l/z z",
		diff:    "C /w, C /w/l, A /w/l/z",
		entries: "w/, w/l/, w/l/z",
	}, {
		title:   "a mode that came back is no change, nor is a directory's time",
		steps:   "chmod /w/d2 700; chmod /w/d2 755; utimes /w/d2 5",
		diff:    "",
		entries: "",
	}, {
		title:   "a mode that changed is, without its parents' content",
		steps:   "chmod /w 711; chmod /w/d1/f2 600",
		diff:    "C /w, C /w/d1, C /w/d1/f2",
		entries: "w/, w/d1/, w/d1/f2",
	}, {
		title:   "the root has no entry",
		steps:   "chmod / 700",
		diff:    "",
		entries: "",
	}, {
		title:   "opened for writing and left as it was",
		steps:   "open /w/a.txt rw",
		diff:    "",
		entries: "",
	}, {
		title:   "138 docker diff looks through an opaque directory",
		steps:   "rmtree /w/d5; mkdir /w/d5 755; write /w/d5/q q",
		diff:    "C /w, C /w/d5, A /w/d5/q, D /w/d5/sub, D /w/d5/y",
		entries: "w/, w/d5/, w/d5/q, w/d5/.wh.sub, w/d5/.wh.y",
	}, {
		title:   "139 nothing was done",
		steps:   "",
		diff:    "",
		entries: "",
	},
}

func TestChangeset(t *testing.T) {
	for _, tt := range changesetTests {
		t.Run(tt.title, func(t *testing.T) {
			s := newSimulated()
			r := newRunner(s)
			for line := range strings.SplitSeq(strings.TrimSpace(base), "\n") {
				r.mustDo(t, line)
			}
			r.do("rotate")
			for line := range strings.SplitSeq(tt.steps, "; ") {
				if line != "" {
					r.mustDo(t, line)
				}
			}
			var diff []string
			for _, c := range s.m.Changes() {
				diff = append(diff, fmt.Sprintf("%c %s", c.Kind, c.Path))
			}
			commit := tt.commit
			if commit == "" {
				commit = tt.entries
			}
			for _, x := range []struct{ what, want, got string }{
				{"docker diff", tt.diff, strings.Join(diff, ", ")},
				{"layer", tt.entries, entries(s.m.Changeset(), nil)},
				{"docker commit's layer", commit, entries(s.m.CommitChangeset())},
			} {
				if x.want != x.got {
					t.Errorf("%s: expected (-), got (+):\n%s", x.what,
						cmp.Diff(strings.Split(x.want, ", "), strings.Split(x.got, ", ")))
				}
			}
		})
	}
}

func (r *runner) mustDo(t *testing.T, line string) {
	t.Helper()
	if out := r.do(line); out != "" {
		t.Fatalf("%s: %s", line, out)
	}
}

// entries is the names of a changeset as its tar would have them, in the order
// given or in that of a walk.
func entries(c *tree.Tree, order []string) string {
	if order == nil {
		c.Walk(func(p string, _ tree.Ino, _ *tree.Inode) bool {
			order = append(order, p)
			return true
		})
	} else if len(order) != c.Names() {
		return fmt.Sprintf("%d names, %d entries", c.Names(), len(order))
	}
	var out []string
	first := map[tree.Ino]string{}
	for _, p := range order {
		i := c.Lookup("/" + p)
		n := c.Inode(i)
		switch {
		case n.IsWhiteout():
			dir, name := p[:strings.LastIndex(p, "/")+1], p[strings.LastIndex(p, "/")+1:]
			p = dir + ".wh." + name
		case n.IsDir():
			p += "/"
		case first[i] != "":
			p += "=" + first[i]
		default:
			first[i] = p
		}
		if n.Opaque {
			p += " opaque"
		}
		out = append(out, p)
	}
	return strings.Join(out, ", ")
}

// Whatever was done, the changeset on top of the lower layers shows the same tree.
func TestChangesetRestores(t *testing.T) {
	for seed := range uint64(400) {
		s := newSimulated()
		r := newRunner(s)
		for _, line := range randomScript(seed) {
			if strings.Contains(line, "mknod ") && strings.Contains(line, " s ") {
				continue
			}
			r.do(line)
		}
		r.finish()
		commit, _ := s.m.CommitChangeset()
		for name, c := range map[string]*tree.Tree{"Changeset": s.m.Changeset(), "CommitChangeset": commit} {
			again := overlay.New(append(s.m.Lowers(), c), nil, overlay.Options{})
			if d := cmp.Diff(plain(s.m), plain(again)); d != "" {
				t.Fatalf("seed %d: %s: mount (-), lower layers and changeset (+):\n%s\n%s", seed, name, d, strings.Join(randomScript(seed), "\n"))
			}
		}
	}
}

// plain is a merged tree without what a layer does not carry: link counts, the
// times of directories and attributes.
func plain(m *overlay.Mount) []string {
	var out []string
	var dir func(p string)
	dir = func(p string) {
		for _, l := range m.List(p) {
			n := l.Node
			line := fmt.Sprintf("%s/%s %c %04o %d:%d %d,%d %s", p, l.Name, typeLetter(n.Mode), n.Perm(), n.UID, n.GID, n.Major, n.Minor, n.Target)
			if n.IsRegular() {
				b, err := m.Root().ReadFile(p + "/" + l.Name)
				line += fmt.Sprintf(" %d %q %v", n.MTime.Sec, b, err)
			}
			out = append(out, line)
			if n.IsDir() {
				dir(p + "/" + l.Name)
			}
		}
	}
	dir("")
	return out
}
