package layer

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerlab/layerlab/internal/hazard"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/tree"
)

// list is what a layer's tree holds, one line a name: type, what is special, path,
// and a file's bytes or a link's target. Large files show both their ends.
func list(t *testing.T, tr *tree.Tree) string {
	t.Helper()
	var out strings.Builder
	line := func(p string, n *tree.Inode) {
		kind := map[uint32]string{tree.Regular: "-", tree.Directory: "d", tree.Symlink: "l", tree.CharDevice: "c", tree.BlockDevice: "b", tree.FIFO: "p"}[n.Type()]
		if n.IsWhiteout() {
			kind = "whiteout"
		}
		fmt.Fprintf(&out, "%s %s", kind, p)
		if n.Opaque {
			out.WriteString(" opaque")
		}
		if n.Implied && p != "/" {
			out.WriteString(" implied")
		}
		if !n.IsDir() && n.Nlink > 1 {
			fmt.Fprintf(&out, " nlink=%d", n.Nlink)
		}
		switch {
		case n.LinkBroken:
			fmt.Fprintf(&out, " => %s", n.Target)
		case n.IsSymlink():
			fmt.Fprintf(&out, " -> %s", n.Target)
		case n.IsRegular() && n.Size() > 64:
			var a, z [4]byte
			if _, err := content.ReadAt(n.Body, a[:], 0); err != nil {
				t.Errorf("%s: %v", p, err)
			}
			if m, err := content.ReadAt(n.Body, z[:], n.Size()-4); m != 4 {
				t.Errorf("%s: %v", p, err)
			}
			fmt.Fprintf(&out, " %d bytes %q…%q", n.Size(), a, z)
		case n.IsRegular():
			b, err := content.ReadAll(n.Content(), 64)
			if err != nil {
				t.Errorf("%s: %v", p, err)
			}
			fmt.Fprintf(&out, " %q", b)
		}
		out.WriteByte('\n')
	}
	if root := tr.Inode(tree.Root); root.Opaque {
		line("/", root)
	}
	tr.Walk(func(p string, _ tree.Ino, n *tree.Inode) bool {
		if n.Implied && !n.Opaque && tr.Len(tr.Lookup(p)) > 0 && strings.Count(p, "d/") > 20 {
			return true
		}
		line(p, n)
		return true
	})
	return out.String()
}

var ctx = context.Background()

func hazardLayer(t *testing.T, name string) *Layer {
	t.Helper()
	l, err := Index(ctx, content.Bytes(hazard.Get(name)), IndexOptions{})
	if err != nil {
		t.Fatalf("indexing %s: %v", name, err)
	}
	return l
}

// TestHazards reads each hazard in every way that there is: by seeking, hashed,
// as a stream, compressed, and after a journey through Encode. All must give the
// same layer, or all the error that the hazard names.
func TestHazards(t *testing.T) {
	for _, h := range hazard.All() {
		t.Run(h.Name, func(t *testing.T) {
			body := content.Bytes(h.Bytes)
			seeked, err := Index(ctx, body, IndexOptions{})
			checkRefused(t, "seeking", err, h.Refused)
			slow, err := Index(ctx, body, IndexOptions{slow: true})
			checkRefused(t, "reading by archive/tar", err, h.Refused)
			hashed, err := Index(ctx, body, IndexOptions{Digest: true})
			checkRefused(t, "hashing", err, h.Refused)
			blob, _, zerr := GzipBlob(ctx, body, nil)
			if zerr != nil {
				t.Fatal(zerr)
			}
			inflated := InflatedBody(blob, Gzip, -1)
			streamed, err := Index(ctx, inflated, IndexOptions{Digest: true})
			checkRefused(t, "inflating", err, h.Refused)
			if h.Refused != "" {
				return
			}
			want := list(t, seeked.Tree)
			for name, l := range map[string]*Layer{"slow": slow, "hashed": hashed, "streamed": streamed, "decoded": recode(t, seeked, body), "decoded stream": recode(t, streamed, inflated)} {
				if diff := cmp.Diff(want, list(t, l.Tree)); diff != "" {
					t.Errorf("%s differs from seeked:\n%s", name, diff)
				}
				if l.Size != int64(len(h.Bytes)) || l.Entries != seeked.Entries || l.Bytes != seeked.Bytes || !cmp.Equal(l.Notes, seeked.Notes) || !cmp.Equal(l.Dups, seeked.Dups) {
					t.Errorf("%s: %d bytes, %d entries, %d stored, %v, %v", name, l.Size, l.Entries, l.Bytes, l.Notes, l.Dups)
				}
			}
			if hashed.DiffID != streamed.DiffID || hashed.DiffID == "" {
				t.Errorf("DiffIDs differ: %s and %s", hashed.DiffID, streamed.DiffID)
			}
		})
	}
}

func checkRefused(t *testing.T, how string, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("%s: %v", how, err)
	case want != "" && err == nil:
		t.Errorf("%s: no error; want one with %q", how, want)
	case want != "" && !strings.Contains(err.Error(), want):
		t.Errorf("%s: %v; want %q in it", how, err, want)
	case want != "":
		if e := (*Error)(nil); !errors.As(err, &e) {
			t.Errorf("%s: error is a %T", how, err)
		}
	}
}

func recode(t failer, l *Layer, body content.Body) *Layer {
	t.Helper()
	var b bytes.Buffer
	if err := l.Encode(&b); err != nil {
		t.Fatal(err)
	}
	out, err := Decode(&b, body)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestWhatHazardsHold says what each readable hazard must be read as.
func TestWhatHazardsHold(t *testing.T) {
	for name, want := range map[string]string{
		"empty":           "",
		"zero-bytes":      "",
		"global-header":   "- a \"x\"\n",
		"dot-names":       "d a\n- a/b \"x\"\n- abs \"y\"\n",
		"dot-dot-names":   "- b \"x\"\n- top \"z\"\n- up \"y\"\n",
		"root-as-file":    "- a \"x\"\n",
		"missing-parents": "d m implied\nd m/n implied\n- m/n/o \"x\"\n",
		"duplicates":      "- t \"second!\"\n",
		"not-utf8":        "- caf\xe9 \"x\"\n",

		"opaque-first":           "d a opaque\n- a/n \"x\"\n",
		"opaque-last":            "d a opaque\n- a/n \"x\"\n",
		"opaque-no-dir":          "d a opaque implied\nd a/d implied\n- a/d/n \"x\"\n",
		"opaque-root":            "d / opaque\n- k \"x\"\n",
		"whiteout-then-file":     "d a implied\n- a/f \"new\"\n",
		"file-then-whiteout":     "d a implied\n- a/f \"new\"\n",
		"whiteout-then-dir":      "d a implied\nd a/d opaque\n- a/d/n \"x\"\n",
		"dir-then-whiteout":      "d a implied\nd a/d opaque\n- a/d/n \"x\"\n",
		"whiteout-as-dir":        "d a implied\nwhiteout a/f\n",
		"whiteout-with-bytes":    "d a implied\nwhiteout a/f\n",
		"whiteout-bad":           "- k \"x\"\n",
		"whiteout-parent":        "d .wh.a implied\n- .wh.a/child \"x\"\n",
		"whiteout-below-symlink": "d a implied\n- a/f \"x\"\nl s -> a\n",
		"aufs":                   "- k \"x\"\n",
		"device-0-0":             "d a implied\nwhiteout a/f\n",
		"hardlinks":              "d d implied\n- d/h2 nlink=3 \"data\"\n- h nlink=3 \"data\"\n- t nlink=3 \"data\"\n",
		"hardlink-lower":         "- h => /bin/lower\n",
		"hardlink-self":          "- small \"x\"\n",
		"hardlink-self-only":     "- h => /h\n",
		"hardlink-before":        "- h nlink=2 \"data\"\n- t nlink=2 \"data\"\n",
		"hardlink-cycle":         "- g nlink=2 => /g\n- h nlink=2 => /g\n",
		"hardlink-replaced":      "- h \"first\"\n- t \"second\"\n",
		"hardlink-over-parent":   "- d => /d/t\n",
		"hardlink-to-dir":        "d d\n- h => /d\n",
		"hardlink-to-symlink":    "l h nlink=2 -> nowhere\nl s nlink=2 -> nowhere\n",
		"symlink-parent":         "d run\n- run/x \"x\"\nd var implied\nl var/run -> /run\n",
		"symlink-escape":         "l L -> ../../..\n- esc \"x\"\n",
		"file-then-child":        "d x implied\n- x/n \"child\"\n",
		"dir-then-file":          "- x \"file\"\n",
		"devices":                "d dev implied\nc dev/null\nb dev/sda\nd run implied\np run/pipe\n",
		"old-regular":            "- a \"x\"\n",
		"sparse-bomb-gnu":        "- disk.img 1099511627776 bytes \"data\"…\"\\x00\\x00\\x00\\x00\"\n",
		"sparse-bomb-0.0":        "- disk.img 1099511627776 bytes \"data\"…\"end!\"\n",
		"sparse-bomb-0.1":        "- disk.img 1099511627776 bytes \"data\"…\"end!\"\n",
		"sparse-bomb-1.0":        "- disk.img 1099511627776 bytes \"data\"…\"end!\"\n",
		"sparse-gnu-extended":    "- disk.img 1048576 bytes \"data\"…\"\\x00\\x00\\x00\\x00\"\n",

		"v7-header":               "- a \"x\"\n",
		"ustar-prefix":            "d " + strings.Repeat("p", 100) + " implied\n- " + strings.Repeat("p", 100) + "/" + strings.Repeat("n", 90) + " \"x\"\n",
		"gnu-prefix-is-time":      "- a \"x\"\n",
		"star-format":             "- a \"x\"\n",
		"size-base-256":           "- a \"xyz\"\n",
		"size-in-pax":             "- a \"xyz\"\n",
		"times":                   "- before-1970 \"\"\n- far \"\"\n- fraction \"\"\n- long-before \"\"\n",
		"huge-device":             "c d\n",
		"contiguous-file":         "- a \"x\"\n",
		"directory-with-size":     "d d\n- d/f \"x\"\n",
		"file-named-as-directory": "d d\n- d/f \"x\"\n",
		"empty-name":              "- k \"x\"\n",
		"empty-link":              "- h => /\nl s -> \n",
		"xattr-overlay":           "d d\n",
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(want, list(t, hazardLayer(t, name).Tree)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMetadata(t *testing.T) {
	l := hazardLayer(t, "modes")
	for p, want := range map[string]uint32{"su": tree.Regular | 0o4755, "sg": tree.Regular | 0o2755, "tmp": tree.Directory | 0o1777} {
		if n := l.Tree.Get(p); n == nil || n.Mode != want || n.MTime.Time() != hazard.Time.UTC() {
			t.Errorf("%s: %+v", p, n)
		}
	}
	if n := hazardLayer(t, "big-ids").Tree.Get("a"); n.UID != 1<<31+5 || n.GID != 1<<22 {
		t.Errorf("owner is %d:%d", n.UID, n.GID)
	}
	if n := hazardLayer(t, "impossible-ids").Tree.Get("a"); n.UID != 65534 || n.GID != 65534 {
		t.Errorf("owner is %d:%d", n.UID, n.GID)
	}
	if x := hazardLayer(t, "xattrs").Tree.Get("ping").Xattrs; x["user.note"] != "hi" || len(x["security.capability"]) != 8 {
		t.Errorf("extended attributes are %q", x)
	}
	if n := hazardLayer(t, "devices").Tree.Get("dev/sda"); n.Major != 8 || n.Minor != 0 {
		t.Errorf("device is %d:%d", n.Major, n.Minor)
	}
	l = hazardLayer(t, "times")
	for p, want := range map[string]tree.Time{"fraction": {Sec: 1_700_000_000, Nsec: 123_456_789}, "before-1970": {Sec: -5, Nsec: 500_000_000}, "far": {Sec: 1 << 40}, "long-before": {Sec: -1 << 40}} {
		if got := l.Tree.Get(p).MTime; got != want {
			t.Errorf("%s: %v, want %v", p, got, want)
		}
	}
	if n := hazardLayer(t, "huge-device").Tree.Get("d"); n.Major != 5 || n.Minor != 7 {
		t.Errorf("device is %d:%d", n.Major, n.Minor)
	}
	for _, name := range []string{"long-link-gnu", "long-link-pax"} {
		l := hazardLayer(t, name)
		if n := l.Tree.Get(strings.Repeat("l/", 120) + "t"); n == nil || n.Nlink != 2 || l.Tree.Get("s").Target != strings.Repeat("l/", 120)+"t" {
			t.Errorf("%s: %s", name, brief(l.Tree))
		}
	}
	if n := hazardLayer(t, "hardlinks-backwards").Tree.Get("h000"); n.Nlink != 301 || n.Size() != 1 {
		t.Errorf("the first of a chain of hard links has %d names and %d bytes", n.Nlink, n.Size())
	}
	if l := hazardLayer(t, "links-that-grow"); l.Tree.Get("l40/f") == nil {
		t.Errorf("at the end of the links: %s", brief(l.Tree))
	}
	l = hazardLayer(t, "duplicates")
	if want := []Dup{{"t", 5}}; !cmp.Equal(l.Dups, want) || l.Bytes != 12 {
		t.Errorf("dead are %v of %d bytes", l.Dups, l.Bytes)
	}
	if l := hazardLayer(t, "sparse-bomb-1.0"); l.Bytes != 8 || l.DiskUsage() != 4096+4096 {
		t.Errorf("the bomb stores %d bytes and takes %d", l.Bytes, l.DiskUsage())
	}
}

// TestNotes says what a person is told of layers that are read although they are
// odd.
func TestNotes(t *testing.T) {
	for name, want := range map[string]string{
		"dot-dot-names":     `above the root`,
		"root-as-file":      `names the root but is no directory`,
		"whiteout-then-dir": `lets the old files come back`,
		"whiteout-bad":      `refused by containerd`,
		"aufs":              `AUFS`,
		"device-0-0":        `takes it for a whiteout`,
		"opaque-root":       `Docker's overlay storage ignores it`,
		"hardlink-lower":    `which this layer does not hold; Docker refuses`,
		"hardlink-before":   `comes before its target`,
		"hardlink-to-dir":   `which no file system allows`,
		"symlink-parent":    `the link is followed`,
		"file-then-child":   `the file is replaced by a directory`,
		"impossible-ids":    `which Linux cannot store`,
		"huge-device":       `read as 5:7`,
		"sparse-bomb-1.0":   `is sparse: 1099511627776 bytes, of which the tar stores 8`,
		"empty-link":        `a symbolic link without a target`,
		"xattr-overlay":     `overlayfs's own attribute "trusted.overlay.opaque"`,
		"estargz":           `eStargz's own`,
		"windows":           `root of a Windows layer`,
	} {
		l := hazardLayer(t, name)
		if !slices.ContainsFunc(l.Notes, func(n Note) bool { return strings.Contains(n.Text, want) }) {
			t.Errorf("%s: notes %q, want %q in one", name, l.Notes, want)
		}
	}
}

// TestErrorsSayWhere reads the messages that a person sees.
func TestErrorsSayWhere(t *testing.T) {
	for name, want := range map[string]string{
		"truncated-body":   `reading entry "a/b" at byte 1024: its 5000 bytes end at byte 6536, but the tar has only 2048: unexpected EOF`,
		"truncated-header": `reading entry 2 at byte 1024: unexpected EOF`,
		"lying-size":       `reading entry "lies" at byte 0: its 8589934591 bytes end at byte 8589935103, but the tar has only 1024: unexpected EOF`,
		"name-256":         `its path has a name of 256 bytes, Linux allows 255`,
		"path-5000":        `its path is 5000 bytes long, Linux allows 4095`,
	} {
		_, err := Index(ctx, content.Bytes(hazard.Get(name)), IndexOptions{})
		if err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 400 {
			t.Errorf("%s: %v\nwant %s", name, err, want)
		}
	}
}

// TestLargeBodiesAreSeekedOver counts what is read of a tar of large files.
func TestLargeBodiesAreSeekedOver(t *testing.T) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := range 20 {
		w.WriteHeader(&tar.Header{Name: fmt.Sprint("big", i), Size: 1 << 20, Mode: 0o644})
		w.Write(make([]byte, 1<<20))
	}
	w.Close()
	r := &countingReaderAt{r: bytes.NewReader(b.Bytes())}
	l, err := Index(ctx, content.FromReaderAt(r, int64(b.Len())), IndexOptions{})
	if err != nil || l.Entries != 20 {
		t.Fatal(l, err)
	}
	if r.bytes > 1<<20 || r.calls > 50 {
		t.Errorf("read %d bytes in %d calls to index 20 files of 1 MiB", r.bytes, r.calls)
	}
}

// TestSmallFilesAreReadInWindows counts the reads for a tar of small files.
func TestSmallFilesAreReadInWindows(t *testing.T) {
	b := manyFiles(20_000)
	r := &countingReaderAt{r: bytes.NewReader(b)}
	l, err := Index(ctx, content.FromReaderAt(r, int64(len(b))), IndexOptions{})
	if err != nil || l.Entries < 20_000 {
		t.Fatal(l, err)
	}
	if r.calls > len(b)>>20+10 {
		t.Errorf("%d reads for %d bytes", r.calls, len(b))
	}
}

type countingReaderAt struct {
	r     io.ReaderAt
	bytes int
	calls int
}

func (c *countingReaderAt) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.r.ReadAt(p, off)
	c.bytes += n
	c.calls++
	return n, err
}

func TestEntryLimit(t *testing.T) {
	_, err := Index(ctx, content.Bytes(manyFiles(100)), IndexOptions{MaxEntries: 50})
	if err == nil || !strings.Contains(err.Error(), "more than 50 ") {
		t.Error(err)
	}
}

// TestImpliedDirectoriesAreLimited reads a tar whose few entries imply a great
// many directories.
func TestImpliedDirectoriesAreLimited(t *testing.T) {
	var entries []hazard.Entry
	for i := range 40 {
		entries = append(entries, hazard.Entry{Name: fmt.Sprintf("%d/%sf", i, strings.Repeat("d/", 2000))})
	}
	_, err := Index(ctx, content.Bytes(hazard.Build(entries...)), IndexOptions{MaxEntries: 50_000})
	if err == nil || !strings.Contains(err.Error(), "more than 50000 names") || len(err.Error()) > 400 {
		t.Error(err)
	}
}

func TestCancel(t *testing.T) {
	stop := errors.New("stopped by the person")
	for _, digest := range []bool{false, true} {
		_, err := Index(ctx, content.Bytes(manyFiles(5000)), IndexOptions{Digest: digest, Pause: func(context.Context) error { return stop }})
		if !errors.Is(err, stop) {
			t.Errorf("digest %v: %v", digest, err)
		}
	}
}

func TestTrailingBytesCount(t *testing.T) {
	b := hazard.Get("trailing-bytes")
	l, err := Index(ctx, content.Bytes(b), IndexOptions{Digest: true})
	if err != nil {
		t.Fatal(err)
	}
	if l.Size != int64(len(b)) {
		t.Errorf("size is %d of %d", l.Size, len(b))
	}
	if l2, _ := Index(ctx, content.Bytes(b[:len(b)-1]), IndexOptions{Digest: true}); l2.DiffID == l.DiffID {
		t.Error("bytes after the end marker do not change the DiffID")
	}
}

// manyFiles is a tar of n small files in directories of a hundred.
func manyFiles(n int) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := range n {
		if i%100 == 0 {
			w.WriteHeader(&tar.Header{Name: fmt.Sprintf("usr/share/doc/package-%05d/", i/100), Typeflag: tar.TypeDir, Mode: 0o755})
		}
		w.WriteHeader(&tar.Header{Name: fmt.Sprintf("usr/share/doc/package-%05d/changelog-%05d.gz", i/100, i), Size: 700, Mode: 0o644, ModTime: hazard.Time})
		w.Write(make([]byte, 700))
	}
	w.Close()
	return b.Bytes()
}
