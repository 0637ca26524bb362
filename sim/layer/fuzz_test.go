package layer

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerlab/layerlab/internal/hazard"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/tree"
)

// FuzzIndex reads damaged tars: nothing may panic or hang, and seeking over the
// bodies must tell the same as reading them.
func FuzzIndex(f *testing.F) {
	for _, h := range hazard.All() {
		if len(h.Bytes) < 64<<10 {
			f.Add(h.Bytes)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		seeked, err1 := Index(ctx, content.Bytes(b), IndexOptions{})
		read, err2 := Index(ctx, content.Bytes(b), IndexOptions{Digest: true})
		slow, err3 := Index(ctx, content.Bytes(b), IndexOptions{slow: true})
		if (err1 == nil) != (err2 == nil) || (err1 == nil) != (err3 == nil) {
			t.Fatalf("seeking: %v; reading: %v; by archive/tar: %v", err1, err2, err3)
		}
		if err1 != nil {
			if len(err1.Error()) > 1000 {
				t.Errorf("the message has %d bytes", len(err1.Error()))
			}
			return
		}
		if seeked.Entries != read.Entries || seeked.Bytes != read.Bytes || seeked.Size != int64(len(b)) || read.Size != seeked.Size {
			t.Fatalf("seeking: %+v; reading: %+v", seeked, read)
		}
		if seeked.Bytes > int64(len(b))*int64(max(1, seeked.Entries)) {
			t.Errorf("%d bytes are said to be stored in %d", seeked.Bytes, len(b))
		}
		recoded := recode(t, seeked, content.Bytes(b))
		var names [3][]string
		for i, l := range []*Layer{seeked, recoded, slow} {
			l.Tree.Walk(func(p string, _ tree.Ino, n *tree.Inode) bool {
				names[i] = append(names[i], fmt.Sprintf("%s %o %d:%d %v %d,%d %q %v %v %d", p, n.Mode, n.UID, n.GID, n.MTime, n.Major, n.Minor, n.Target, n.Opaque, n.Xattrs, n.Size()))
				content.ReadAt(n.Content(), make([]byte, 10), max(0, n.Size()-10))
				return true
			})
		}
		if diff := cmp.Diff(names[0], names[1]) + cmp.Diff(names[0], names[2]); diff != "" {
			t.Error(diff)
		}
		seeked.DiskUsage()
		Flatten([]*Layer{seeked, recoded})
		var out bytes.Buffer
		if err := WriteTar(ctx, &limited{&out, 1 << 20}, seeked.Tree, WriteOptions{}); err != nil && len(err.Error()) > 1000 {
			t.Errorf("the message has %d bytes", len(err.Error()))
		}
	})
}

// FuzzDecode reads damaged indexes.
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
		l, err := Decode(bytes.NewReader(b), content.Zero(1<<20))
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := l.Encode(&again); err != nil {
			t.Fatal(err)
		}
		if _, err := Decode(&again, content.Zero(1<<20)); err != nil {
			t.Fatal(err)
		}
	})
}

// limited is a writer that is full after so many bytes.
type limited struct {
	b    *bytes.Buffer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	if l.left -= len(p); l.left < 0 {
		return 0, io.ErrShortWrite
	}
	return l.b.Write(p)
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
