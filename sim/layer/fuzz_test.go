package layer

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerlab/layerlab/internal/hazard"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/tree"
)

// maxFuzz is the size above which an input of a fuzz target says nothing that a
// smaller one does not.
const maxFuzz = 256 << 10

// readBudget is what reading one input may cost. A tar of b bytes can describe b/2
// directories, by one path of names of one letter, and a directory takes some
// hundred bytes.
var readBudget = hazard.Budget{Base: 24 << 20, Factor: 1500}

// addTars gives a fuzz target every hazard and a layer of everything.
func addTars(f *testing.F) {
	for _, h := range hazard.All() {
		if len(h.Bytes) < 64<<10 {
			f.Add(h.Bytes)
		}
	}
}

// FuzzIndex reads tars. However damaged, they are refused or read within bounds,
// the same by each way of reading; and what was read can be written, read again
// as the same tree and written again as the same bytes.
func FuzzIndex(f *testing.F) {
	addTars(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > maxFuzz {
			return
		}
		var l *Layer
		hazard.Spend(t, len(b), readBudget, func() { l = indexAll(t, b) })
		if l == nil {
			return
		}
		hazard.Spend(t, len(b), readBudget, func() {
			l.DiskUsage()
			checkEach(t, l)
			Flatten([]*Layer{l, recode(t, l, content.Bytes(b))})
		})
		checkRewritten(t, l, len(b))
	})
}

// failer is what the tests here want of a testing.T or a rapid.T.
type failer interface {
	Helper()
	Errorf(string, ...any)
	Fatal(...any)
	Fatalf(string, ...any)
}

// indexAll reads b by seeking, as a stream, by archive/tar alone and after a
// journey through the index's encoding. It is nil when b is refused.
func indexAll(t failer, b []byte) *Layer {
	body := content.Bytes(b)
	seeked, err := Index(ctx, body, IndexOptions{})
	hashed, err1 := Index(ctx, body, IndexOptions{Digest: true})
	slow, err2 := Index(ctx, body, IndexOptions{slow: true})
	streamed, err3 := IndexStream(ctx, bytes.NewReader(b), body, IndexOptions{})
	for how, other := range map[string]error{"hashing": err1, "by archive/tar": err2, "as a stream": err3} {
		if (err == nil) != (other == nil) {
			t.Fatalf("seeking: %v; %s: %v", err, how, other)
		}
	}
	if err != nil {
		if len(err.Error()) > 1000 {
			t.Errorf("the message has %d bytes", len(err.Error()))
		}
		return nil
	}
	want := sketch(seeked.Tree)
	for how, l := range map[string]*Layer{"hashed": hashed, "by archive/tar": slow, "as a stream": streamed, "decoded": recode(t, seeked, body)} {
		if l.Size != int64(len(b)) || l.Entries != seeked.Entries || l.Bytes != seeked.Bytes || len(l.Notes) != len(seeked.Notes) {
			t.Fatalf("seeked: %d entries, %d bytes, %q; %s: %d bytes long, %d entries, %d bytes, %q", seeked.Entries, seeked.Bytes, seeked.Notes, how, l.Size, l.Entries, l.Bytes, l.Notes)
		}
		if diff := cmp.Diff(want, sketch(l.Tree)); diff != "" {
			t.Fatalf("%s (+) is another tree than seeked (-):\n%s", how, diff)
		}
	}
	if seeked.Bytes > int64(len(b))*int64(max(1, seeked.Entries)) {
		t.Errorf("%d bytes are said to be stored in %d", seeked.Bytes, len(b))
	}
	return seeked
}

// sketch is a tree as text, with the ends of each file's bytes.
func sketch(tr *tree.Tree) []string {
	var out []string
	line := func(p string, _ tree.Ino, n *tree.Inode) bool {
		var ends [20]byte
		a, _ := content.ReadAt(n.Content(), ends[:10], 0)
		z, _ := content.ReadAt(n.Content(), ends[10:], max(0, n.Size()-10))
		out = append(out, fmt.Sprintf("%s %o %d:%d %v %d,%d %q %v %v %v %v %d %d %q %q", p, n.Mode, n.UID, n.GID, n.MTime, n.Major, n.Minor, n.Target,
			n.Opaque, n.Implied, n.LinkBroken, n.Xattrs, n.Nlink, n.Size(), ends[:a], ends[10:10+z]))
		return len(out) < 5000
	}
	line("/", tree.Root, tr.Inode(tree.Root))
	tr.Walk(line)
	return out
}

// checkEach holds what Each visits against what Index counted.
func checkEach(t *testing.T, l *Layer) {
	n := 0
	if err := l.Each(ctx, func(Entry) error { n++; return nil }); err != nil {
		t.Errorf("Each: %v", err)
	}
	if n != l.Entries {
		t.Errorf("Each visits %d entries, Index counted %d", n, l.Entries)
	}
}

// checkRewritten writes the layer, reads that, and writes it again.
func checkRewritten(t *testing.T, l *Layer, size int) {
	var bytesOf int64
	plain := true
	l.Tree.Walk(func(p string, _ tree.Ino, n *tree.Inode) bool {
		bytesOf += n.Size() + 2048
		// A name that begins with ".wh." is a directory that a path implies: no
		// tar can hold an entry for it.
		plain = plain && !strings.Contains("/"+p, "/"+whiteoutPrefix)
		return plain
	})
	if !plain || bytesOf > 1<<20 || l.Tree.Names() > 1000 {
		return
	}
	var once, twice bytes.Buffer
	if err := WriteTar(ctx, &once, l.Tree, WriteOptions{}); err != nil {
		t.Fatalf("writing what was read: %v", err)
	}
	again, err := Index(ctx, content.Bytes(once.Bytes()), IndexOptions{})
	if err != nil {
		t.Fatalf("reading what was written: %v", err)
	}
	if diff := cmp.Diff(sketch(writable(l.Tree)), sketch(again.Tree)); diff != "" {
		t.Fatalf("read again (+) it is another tree (-):\n%s", diff)
	}
	if err := WriteTar(ctx, &twice, again.Tree, WriteOptions{}); err != nil || !bytes.Equal(once.Bytes(), twice.Bytes()) {
		t.Fatalf("written again the tar is another (%d and %d bytes): %v", once.Len(), twice.Len(), err)
	}
}

// writable is what of a tree a layer tar carries: whole seconds, one extended
// attribute, nothing about the root but that it is opaque.
func writable(t *tree.Tree) *tree.Tree {
	t = t.Snapshot()
	var all []tree.Ino
	t.Walk(func(_ string, i tree.Ino, _ *tree.Inode) bool { all = append(all, i); return true })
	for _, i := range all {
		t.Update(i, func(n *tree.Inode) {
			v, ok := n.Xattrs["security.capability"]
			n.MTime.Nsec, n.Implied, n.Xattrs = 0, false, nil
			if ok && v != "" && !n.LinkBroken {
				n.Xattrs = map[string]string{"security.capability": v}
			}
			if n.IsWhiteout() {
				*n = tree.Inode{Mode: tree.CharDevice, Nlink: 1}
			}
		})
	}
	t.Update(tree.Root, func(n *tree.Inode) {
		n.Mode, n.UID, n.GID, n.MTime, n.Xattrs, n.Implied = tree.Directory|0o755, 0, 0, tree.Time{}, nil, true
	})
	return t
}

// FuzzPlainHeader holds parsePlain against archive/tar: whatever it takes for a
// plain header, archive/tar must read the same.
func FuzzPlainHeader(f *testing.F) {
	for _, h := range hazard.All() {
		if len(h.Bytes) >= block {
			f.Add(h.Bytes[:block])
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < block {
			return
		}
		b = append(bytes.Clone(b[:block]), make([]byte, 2*block)...)
		sum := 8 * int(' ')
		for i, c := range b[:block] {
			if i < 148 || i >= 156 {
				sum += int(c)
			}
		}
		copy(b[148:156], fmt.Sprintf("%06o\x00 ", sum))
		var got tar.Header
		if !parsePlain(b[:block], &got) {
			return
		}
		want, err := tar.NewReader(bytes.NewReader(b)).Next()
		if err != nil {
			t.Fatalf("archive/tar says %v, parsePlain %+v", err, got)
		}
		want.Uname, want.Gname, want.Format, want.Devmajor, want.Devminor = "", "", 0, 0, 0
		if diff := cmp.Diff(*want, got); diff != "" {
			t.Error(diff)
		}
	})
}

// FuzzDecode reads damaged indexes. What is accepted is encoded to the same bytes
// each time.
func FuzzDecode(f *testing.F) {
	for _, h := range hazard.All() {
		l, err := Index(ctx, content.Bytes(h.Bytes), IndexOptions{})
		if err != nil || len(h.Bytes) > 64<<10 {
			continue
		}
		var b bytes.Buffer
		if err := l.Encode(&b); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > maxFuzz {
			return
		}
		hazard.Spend(t, len(b), readBudget, func() {
			tar := content.Zero(1 << 20)
			l, err := Decode(bytes.NewReader(b), tar)
			if err != nil {
				return
			}
			var once, twice bytes.Buffer
			if err := l.Encode(&once); err != nil {
				t.Fatal(err)
			}
			again, err := Decode(bytes.NewReader(once.Bytes()), tar)
			if err != nil {
				t.Fatal(err)
			}
			if err := again.Encode(&twice); err != nil || !bytes.Equal(once.Bytes(), twice.Bytes()) {
				t.Fatalf("encoded again it is %d bytes, was %d: %v", twice.Len(), once.Len(), err)
			}
			l.DiskUsage()
			WriteTar(ctx, &limited{left: 1 << 20}, l.Tree, WriteOptions{})
		})
	})
}

// limited is a writer that is full after so many bytes.
type limited struct{ left int }

func (l *limited) Write(p []byte) (int, error) {
	if l.left -= len(p); l.left < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

// TestLinkToABrokenLink has two names for a link whose target is not there.
func TestLinkToABrokenLink(t *testing.T) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range []tar.Header{
		{Typeflag: tar.TypeDir, Name: "d/", Mode: 0o755},
		{Typeflag: tar.TypeLink, Name: "d/g", Linkname: "gone"},
		{Typeflag: tar.TypeLink, Name: "h", Linkname: "d/g"},
	} {
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	l := indexAll(t, b.Bytes())
	if n := l.Tree.Inode(l.Tree.Child(l.Tree.Child(tree.Root, "d"), "g")); n.Nlink != 2 || !n.LinkBroken {
		t.Fatalf("%+v: want two names of one broken link", n)
	}
	checkRewritten(t, l, b.Len())
}
