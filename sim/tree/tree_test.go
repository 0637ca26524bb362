package tree

import (
	"fmt"
	"io/fs"
	"sort"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"

	"github.com/layerlab/layerlab/sim/content"
)

func regular(s string) Inode { return Inode{Mode: Regular | 0o644, Body: content.String(s)} }

var directory = Inode{Mode: Directory | 0o755}

func TestFS(t *testing.T) {
	tr := New(Time{Sec: 1})
	etc := tr.MkdirAll("etc/conf.d", directory)
	i := tr.Add(etc, "a", regular("hello"))
	tr.Link(etc, "b", i)
	tr.Add(Root, "link", Inode{Mode: Symlink | 0o777, Target: "/etc/conf.d/a"})
	tr.Add(Root, "dirlink", Inode{Mode: Symlink | 0o777, Target: "etc/conf.d/"})
	tr.Add(etc, "up", Inode{Mode: Symlink | 0o777, Target: "../../etc/conf.d/../conf.d/b"})
	tr.Add(Root, "null", Inode{Mode: CharDevice | 0o666, Major: 1, Minor: 3})
	tr.Add(Root, "pipe", Inode{Mode: FIFO | 0o600})
	for n := range 50 {
		tr.Add(tr.MkdirAll("many", directory), fmt.Sprintf("%02d", n), regular("x"))
	}
	if err := fstest.TestFS(FS(tr), "etc/conf.d/a", "etc/conf.d/b", "link", "null", "many/49"); err != nil {
		t.Error(err)
	}
	for name, want := range map[string]string{"link": "hello", "dirlink/a": "hello", "etc/conf.d/up": "hello"} {
		if b, err := fs.ReadFile(FS(tr), name); err != nil || string(b) != want {
			t.Errorf("%s: %q, %v", name, b, err)
		}
	}
	tr.Add(Root, "loop", Inode{Mode: Symlink | 0o777, Target: "loop"})
	for name, want := range map[string]string{"loop": "too many levels", "nosuch": "not exist", "link/x": "not a directory", "../x": "invalid"} {
		if _, err := fs.Stat(FS(tr), name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
}

func TestFileMode(t *testing.T) {
	for mode, want := range map[uint32]string{
		Regular | 0o4755: "urwxr-xr-x", Directory | 0o1777: "dtrwxrwxrwx", Symlink | 0o777: "Lrwxrwxrwx", CharDevice | 0o600: "Dcrw-------",
		BlockDevice | 0o660: "Drw-rw----", FIFO | 0o644: "prw-r--r--", Socket | 0o700: "Srwx------", Regular | 0o2711: "grwx--x--x",
	} {
		n := Inode{Mode: mode}
		if got := n.FileMode().String(); got != want {
			t.Errorf("%o is %s, want %s", mode, got, want)
		}
	}
}

func TestTime(t *testing.T) {
	at := time.Date(2023, 11, 14, 22, 13, 20, 5, time.UTC)
	if u := TimeOf(at); u != (Time{1_700_000_000, 5}) || !u.Time().Equal(at) || !u.Before(Time{1_700_000_000, 6}) || u.Before(u) {
		t.Error(TimeOf(at))
	}
	if u := TimeOf(time.Unix(-5, 3)); !u.Time().Equal(time.Unix(-5, 3)) {
		t.Error(u)
	}
}

func TestWithXattr(t *testing.T) {
	v := "1"
	a := WithXattr(nil, "user.a", &v)
	b := WithXattr(a, "user.b", &v)
	c := WithXattr(b, "user.a", nil)
	if len(a) != 1 || len(b) != 2 || len(c) != 1 || c["user.b"] != "1" {
		t.Error(a, b, c)
	}
}

// node is a file or directory of the model that trees are held against.
type node struct {
	kids map[string]*node // nil for a file
	id   int
}

func (n *node) lookup(p string) *node {
	for part := range strings.SplitSeq(p, "/") {
		if part != "" {
			n = n.kids[part]
		}
		if n == nil {
			return nil
		}
	}
	return n
}

func (n *node) clone(seen map[*node]*node) *node {
	if c := seen[n]; c != nil {
		return c
	}
	c := &node{id: n.id}
	seen[n] = c
	if n.kids != nil {
		c.kids = map[string]*node{}
		for k, v := range n.kids {
			c.kids[k] = v.clone(seen)
		}
	}
	return c
}

func (n *node) paths(prefix string, dirsOnly bool) []string {
	var out []string
	for k, v := range n.kids {
		if v.kids != nil || !dirsOnly {
			out = append(out, prefix+k)
		}
		out = append(out, v.paths(prefix+k+"/", dirsOnly)...)
	}
	sort.Strings(out)
	return out
}

// check holds a tree against the model: the same names, link counts as stat(2)
// has them, no inode that no name reaches.
func check(t *rapid.T, tr *Tree, root *node) {
	names, inodes := 0, map[Ino]*node{Root: root}
	links := map[*node]uint32{}
	var walk func(i Ino, n *node, parent Ino)
	walk = func(i Ino, n *node, parent Ino) {
		in := tr.Inode(i)
		if in == nil || in.IsDir() != (n.kids != nil) {
			t.Fatalf("inode %d: %+v", i, in)
		}
		if n.kids == nil {
			links[n]++
			if in.UID != uint32(n.id) {
				t.Fatalf("inode %d is file %d, want %d", i, in.UID, n.id)
			}
			return
		}
		dirs := uint32(2)
		if tr.Len(i) != len(n.kids) || tr.Parent(i) != parent {
			t.Fatalf("directory %d has %d names, want %d; parent %d", i, tr.Len(i), len(n.kids), tr.Parent(i))
		}
		last := ""
		for name, c := range tr.Children(i) {
			if last != "" && name <= last {
				t.Fatalf("%q after %q", name, last)
			}
			last = name
			kid := n.kids[name]
			if kid == nil || inodes[c] != nil && inodes[c] != kid {
				t.Fatalf("name %q", name)
			}
			inodes[c] = kid
			names++
			walk(c, kid, i)
			if kid.kids != nil {
				dirs++
			}
		}
		if in.Nlink != dirs {
			t.Fatalf("directory %d has link count %d, want %d", i, in.Nlink, dirs)
		}
	}
	walk(Root, root, Root)
	for i, n := range inodes {
		if n.kids == nil && tr.Inode(i).Nlink != links[n] {
			t.Fatalf("file %d has link count %d, want %d", n.id, tr.Inode(i).Nlink, links[n])
		}
	}
	if tr.Names() != names || tr.inodes.Len() != len(inodes) {
		t.Fatalf("%d names, want %d; %d inodes, want %d", tr.Names(), names, tr.inodes.Len(), len(inodes))
	}
}

// TestTreeIsAFileTree does random things to a tree and its snapshots, and to
// plain maps.
func TestTreeIsAFileTree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type pair struct {
			tr   *Tree
			root *node
		}
		pairs := []pair{{New(Time{}), &node{kids: map[string]*node{}}}}
		id := 0
		name := rapid.SampledFrom([]string{"a", "b", "c", "d"})
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			p := pairs[rapid.IntRange(0, len(pairs)-1).Draw(t, "tree")]
			dirs := append(p.root.paths("", true), "")
			dir := rapid.SampledFrom(dirs).Draw(t, "dir")
			n := name.Draw(t, "name")
			d, m := p.tr.Lookup(dir), p.root.lookup(dir)
			switch rapid.IntRange(0, 6).Draw(t, "op") {
			case 0:
				id++
				in := regular("x")
				in.UID = uint32(id)
				p.tr.Add(d, n, in)
				m.kids[n] = &node{id: id}
			case 1:
				p.tr.Add(d, n, directory)
				m.kids[n] = &node{kids: map[string]*node{}}
			case 2:
				if got := p.tr.Remove(d, n); got != (m.kids[n] != nil) {
					t.Fatalf("Remove is %v", got)
				}
				delete(m.kids, n)
			case 3: // hard link
				all := p.root.paths("", false)
				if len(all) == 0 {
					continue
				}
				from := rapid.SampledFrom(all).Draw(t, "from")
				if f := p.root.lookup(from); f.kids == nil {
					p.tr.Link(d, n, p.tr.Lookup(from))
					m.kids[n] = f
				}
			case 4: // rename
				all := p.root.paths("", false)
				if len(all) == 0 {
					continue
				}
				from := rapid.SampledFrom(all).Draw(t, "from")
				to := strings.TrimPrefix(dir+"/"+n, "/")
				if to == from || strings.HasPrefix(to, from+"/") || strings.HasPrefix(from, to+"/") {
					continue
				}
				fromDir, fromName := "", from
				if i := strings.LastIndexByte(from, '/'); i >= 0 {
					fromDir, fromName = from[:i], from[i+1:]
				}
				p.tr.Rename(p.tr.Lookup(fromDir), fromName, d, n)
				f := p.root.lookup(fromDir)
				m.kids[n] = f.kids[fromName]
				delete(f.kids, fromName)
			case 5:
				if len(pairs) < 4 {
					pairs = append(pairs, pair{p.tr.Snapshot(), p.root.clone(map[*node]*node{})})
				}
			case 6:
				id++
				if c := p.tr.Child(d, n); c != 0 && m.kids[n].kids == nil {
					p.tr.Update(c, func(in *Inode) { in.UID = uint32(id) })
					m.kids[n].id = id
				}
			}
			for _, p := range pairs {
				check(t, p.tr, p.root)
			}
		}
	})
}

func TestWalkAndPath(t *testing.T) {
	tr := New(Time{})
	for _, p := range []string{"b/x", "a.b", "a/z", "a/y/q"} {
		dir, name := "", p
		if i := strings.LastIndexByte(p, '/'); i >= 0 {
			dir, name = p[:i], p[i+1:]
		}
		tr.Add(tr.MkdirAll(dir, directory), name, regular(p))
	}
	var got []string
	tr.Walk(func(p string, i Ino, n *Inode) bool {
		got = append(got, p)
		if n.IsDir() && tr.Path(i) != "/"+p {
			t.Errorf("%s is %s", p, tr.Path(i))
		}
		return p != "a/y"
	})
	if want := "a a/y a/z a.b b b/x"; strings.Join(got, " ") != want {
		t.Errorf("walked %v, want %s", got, want)
	}
	if tr.Path(Root) != "/" || tr.Lookup("/a//y/") == 0 || tr.Lookup("a/./y") != 0 || tr.Get("b/x/no") != nil {
		t.Error("lookups are wrong")
	}
}

func TestBadNamesPanic(t *testing.T) {
	for _, name := range []string{"", "a/b"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q is taken for a name", name)
				}
			}()
			New(Time{}).Add(Root, name, directory)
		}()
	}
}
