package inspect_test

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/inspect"
	"github.com/layerlab/layerlab/sim/layer"
)

// stack makes layers of one entry a word: "d/" is a directory, "f=100" a file of
// 100 bytes, "f=3:z" one of 3 times "z", "l->t" a symbolic link, "h=>t" a hard
// link, ".wh.f" a whiteout, "d/.wh..wh..opq" an opaque mark.
func stack(t testing.TB, layers ...string) []*layer.Layer {
	t.Helper()
	var out []*layer.Layer
	for _, entries := range layers {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		for _, e := range strings.Fields(entries) {
			h, body := header(e)
			if err := w.WriteHeader(h); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write(body); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		l, err := layer.Index(t.Context(), content.Bytes(b.Bytes()), layer.IndexOptions{Digest: true})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, l)
	}
	return out
}

func header(e string) (*tar.Header, []byte) {
	h := &tar.Header{Typeflag: tar.TypeReg, Name: e, Mode: 0o644}
	if name, target, ok := strings.Cut(e, "->"); ok {
		h.Typeflag, h.Name, h.Linkname, h.Mode = tar.TypeSymlink, name, target, 0o777
		return h, nil
	}
	if name, target, ok := strings.Cut(e, "=>"); ok {
		h.Typeflag, h.Name, h.Linkname = tar.TypeLink, name, target
		return h, nil
	}
	if strings.HasSuffix(e, "/") {
		h.Typeflag, h.Mode = tar.TypeDir, 0o755
		return h, nil
	}
	name, size, ok := strings.Cut(e, "=")
	if !ok {
		return h, nil
	}
	n, fill := 0, "x"
	if size, f, ok := strings.Cut(size, ":"); ok {
		fill = f
		fmt.Sscan(size, &n)
	} else {
		fmt.Sscan(size, &n)
	}
	h.Name, h.Size = name, int64(n)
	return h, []byte(strings.Repeat(fill, n))
}

func TestWaste(t *testing.T) {
	for _, tt := range []struct {
		name   string
		layers []string
		want   string // PATH LAYER BYTES CAUSE by LAYER, largest first
	}{
		{"same file in both", []string{"a=100", "a=100"}, "/a 0 100 overwritten by 1 copy-up"},
		{"overwritten by another", []string{"a=100", "a=100:y"}, "/a 0 100 overwritten by 1"},
		{"overwritten by less", []string{"a=100", "a=1"}, "/a 0 100 overwritten by 1"},
		{"deleted", []string{"a=100", ".wh.a"}, "/a 0 100 whiteout by 1"},
		{"directory deleted", []string{"d/ d/a=100", ".wh.d"}, "/d/a 0 100 whiteout by 1"},
		{"opaque directory", []string{"d/ d/a=100", "d/ d/.wh..wh..opq d/b=5"}, "/d/a 0 100 opaque directory by 1"},
		{"deleted and made anew in one layer", []string{"d/ d/a=100", ".wh.d d/ d/b=1"}, "/d/a 0 100 opaque directory by 1"},
		{"directory replaced by a file", []string{"d/ d/a=100 d/e/ d/e/b=7", "d=3"}, "/d/a 0 100 parent replaced by 1, /d/e/b 0 7 parent replaced by 1"},
		{"directory replaced by a link", []string{"d/ d/a=100", "d->x"}, "/d/a 0 100 parent replaced by 1"},
		{"file replaced by a directory", []string{"d=3", "d/ d/a=1"}, "/d 0 3 overwritten by 1"},
		{"whiteout of nothing", []string{"a=100", ".wh.0 a=100:y"}, "/a 0 100 overwritten by 1"},
		{"added, deleted, added", []string{"a=100", ".wh.a", "a=100"}, "/a 0 100 whiteout by 1"},
		{"twice in one layer", []string{"a=100 a=50:y"}, "/a 0 100 twice in one layer by 0"},
		{"the first to hide it is to blame", []string{"d/ d/a=100", "d/a=1", ".wh.d", "d=1"}, "/d/a 0 100 overwritten by 1, /d/a 1 1 whiteout by 2"},
		{"three deep", []string{"d/ d/a=5", "d/ d/.wh..wh..opq d/b=6", "d/ d/c=7", ".wh.d"}, "/d/c 2 7 whiteout by 3, /d/b 1 6 whiteout by 3, /d/a 0 5 opaque directory by 1"},
		{"one of two names deleted", []string{"a=100 b=>a", ".wh.a"}, ""},
		{"both names deleted, one later", []string{"a=100 b=>a", ".wh.a", "b=1"}, "/b 0 100 overwritten by 2"},
		{"nothing", []string{"", ""}, ""},
		{"through a link is elsewhere", []string{"a/ a/f=9 s->a", "s/.wh.f"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			layers := stack(t, tt.layers...)
			r, err := inspect.Waste(t.Context(), layers, inspect.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			var wasted, killed, bytes int64
			for _, d := range r.Dead {
				s := fmt.Sprintf("%s %d %d %v by %d", d.Path, d.Layer, d.Bytes, d.Cause, d.By)
				if d.CopyUp {
					s += " copy-up"
				}
				got = append(got, s)
				wasted += d.Bytes
			}
			if s := strings.Join(got, ", "); s != tt.want {
				t.Errorf(" got %s\nwant %s", s, tt.want)
			}
			for i, s := range r.Layers {
				killed += s.Killed
				bytes += s.Bytes
				var causes int64
				for _, n := range s.Causes {
					causes += n
				}
				if causes != s.Dead || s.Layer != i {
					t.Errorf("layer %d: %d by cause, %d dead", i, causes, s.Dead)
				}
			}
			if r.Wasted != wasted || killed != wasted || r.Bytes != bytes {
				t.Errorf("wasted %d, listed %d, killed %d; bytes %d, by layer %d", r.Wasted, wasted, killed, r.Bytes, bytes)
			}
			if e := r.Efficiency(); e < 0 || e > 1 || (wasted == 0) != (e == 1) {
				t.Errorf("efficiency %v", e)
			}
		})
	}
}

func TestVersions(t *testing.T) {
	layers := stack(t, "d/ d/f=3:a", "d/f=4:b", "d/.wh.f", "d/ d/.wh..wh..opq d/f=2:c g=>d/f", "h=>d/f")
	var got []string
	for _, v := range inspect.Versions(layers, "/d/f") {
		b, err := content.ReadAll(v.Node.Content(), 100)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%d %q whiteout=%v %v %d", v.Layer, b, v.Node.IsWhiteout(), v.Cause, v.By))
	}
	want := []string{`3 "cc" whiteout=false live -1`, `2 "" whiteout=true opaque directory 3`, `1 "bbbb" whiteout=false whiteout 2`, `0 "aaa" whiteout=false overwritten 1`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if vs := inspect.Versions(layers, "h"); len(vs) != 1 || vs[0].Node.Size() != 2 {
		t.Errorf("a hard link to a lower layer: %d versions", len(vs))
	}
	if vs := inspect.Versions(layers, "/nope/../no"); len(vs) != 0 {
		t.Errorf("%d versions of nothing", len(vs))
	}
	if vs := inspect.Versions(layers, "/"); len(vs) != 5 {
		t.Errorf("%d versions of the root", len(vs))
	}
}

func TestWriteTree(t *testing.T) {
	layers := stack(t, "a/ a/x=2 a-b=1 s->a/x h=>a/x gone=9", "a/ a/y=3 .wh.gone l=>a-b m/n/o=0 bad=>nowhere", "")
	layers = append(layers, nil) // a layer that could not be read
	var b strings.Builder
	if err := inspect.WriteTree(t.Context(), &b, layers, inspect.Options{}); err != nil {
		t.Fatal(err)
	}
	want := `d 0755 0:0 0 - /a
- 0644 0:0 1 2d711642b726 /a-b
- 0644 0:0 2 5dde896887f6 /a/x
- 0644 0:0 3 cd2eb0837c9b /a/y
- 0644 0:0 2 5dde896887f6 /h
- 0644 0:0 1 2d711642b726 /l
d 0755 0:0 0 - /m
d 0755 0:0 0 - /m/n
- 0644 0:0 0 e3b0c44298fc /m/n/o
l 0777 0:0 0 - /s -> a/x
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
	b.Reset()
	if err := inspect.WriteLayers(t.Context(), &b, layers[:2], inspect.Options{MaxHash: 2}); err != nil {
		t.Fatal(err)
	}
	want = fmt.Sprintf(`layer 1 %s %d
  d 0755 0:0 0 - /a
  - 0644 0:0 2 5dde896887f6 /a/x
  - 0644 0:0 1 2d711642b726 /a-b
  l 0777 0:0 0 - /s -> a/x
  h 0644 0:0 0 - /h => /a/x
  - 0644 0:0 9 ? /gone
layer 2 %s %d
  d 0755 0:0 0 - /a
  - 0644 0:0 3 ? /a/y
  - 0644 0:0 0 e3b0c44298fc /.wh.gone
  h 0644 0:0 0 - /l => /a-b
  - 0644 0:0 0 e3b0c44298fc /m/n/o
  h 0644 0:0 0 - /bad => /nowhere
`, layers[0].DiffID, layers[0].Size, layers[1].DiffID, layers[1].Size)
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

// The union that this package walks is the one that package layer flattens to.
func TestTreeIsTheFlattenedTree(t *testing.T) {
	layers := stack(t, "a/ a/b/ a/b/c=1 a/d=2 e=3", "a/b=4 .wh.e", "a/ a/.wh..wh..opq a/z=1", "e/ e/f/ e/f/g=2", "e/f=1")
	var b strings.Builder
	if err := inspect.WriteTree(t.Context(), &b, layers, inspect.Options{}); err != nil {
		t.Fatal(err)
	}
	flat := layer.Flatten(layers)
	for _, l := range strings.Split(strings.TrimSpace(b.String()), "\n") {
		p := l[strings.Index(l, " /")+1:]
		if n := flat.Get(p); n == nil || n.IsDir() != (l[0] == 'd') {
			t.Errorf("%s is not in the flattened tree", l)
		}
	}
	if got := strings.Count(b.String(), "\n"); got != flat.Names() {
		t.Errorf("%d lines, the flattened tree has %d names", got, flat.Names())
	}
}

func TestWorkCanBeGivenUp(t *testing.T) {
	var many []string
	for i := range 5000 {
		many = append(many, fmt.Sprintf("f%d=1", i))
	}
	layers := stack(t, strings.Join(many, " "))
	stop := errors.New("stop")
	o := inspect.Options{Pause: func(context.Context) error { return stop }}
	if _, err := inspect.Waste(t.Context(), layers, o); err != stop {
		t.Error(err)
	}
	if err := inspect.WriteTree(t.Context(), &strings.Builder{}, layers, o); err != stop {
		t.Error(err)
	}
}

func TestWriteIDs(t *testing.T) {
	layers := stack(t, "a=1")
	var cfg image.Config
	cfg.OS, cfg.Architecture = "linux", "amd64"
	cfg.RootFS.DiffIDs = append(cfg.RootFS.DiffIDs, layers[0].DiffID)
	im, err := image.New(cfg, []image.Descriptor{{Digest: "sha256:b10b"}})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := inspect.WriteIDs(&b, im.Digest, im); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("manifest %s\nconfig %s\nlayer sha256:b10b %s\n", im.Digest, im.ConfigDigest, layers[0].DiffID)
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestSniff(t *testing.T) {
	for in, want := range map[string]bool{
		"": true, "hello\n": true, "tab\tand \x1b[31mred": true, "grün": true, "cut gr\xc3": true,
		"\x00": false, "\x7fELF\x02": false, "\xff\xfe": false, "a\xc3b": false,
	} {
		if got := inspect.Sniff([]byte(in)); got != want {
			t.Errorf("%q: %v", in, got)
		}
	}
}

func TestHex(t *testing.T) {
	body := content.Concat(content.String("Hello, world!\n"), content.Zero(100), content.String("end\xff"))
	var b strings.Builder
	if err := inspect.Hex(&b, body, 0, 1000); err != nil {
		t.Fatal(err)
	}
	want := `00000000  48 65 6c 6c 6f 2c 20 77  6f 72 6c 64 21 0a 00 00  |Hello, world!...|
00000010  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|
*
00000070  00 00 65 6e 64 ff                                 |..end.|
00000076
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
	b.Reset()
	if err := inspect.Hex(&b, content.Zero(1<<40), 1<<39, 16); err != nil || !strings.HasPrefix(b.String(), "8000000000  00") {
		t.Errorf("%v %s", err, b.String())
	}
	if err := inspect.Hex(&b, body, 500, 16); err != nil {
		t.Error(err)
	}
}

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"a\tb\nc": "a\tb\nc", "\xbcr gr\xc3": "r gr", "x\x00y\x1b[m\x7f": "x␀y␛[m␡", "a\xffb": "a\ufffdb", "": "", "\xe2\x82": "",
	} {
		if got := inspect.Text([]byte(in)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
