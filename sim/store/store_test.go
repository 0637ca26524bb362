package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/distribution/reference"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"pgregory.net/rapid"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/store"
	"github.com/layerlab/layerlab/sim/tree"
)

// fill is a layer of one file.
func fill(t rapid.TB, name string, size int) *store.Held {
	tr := tree.New(tree.Time{})
	tr.Add(tree.Root, name, tree.Inode{Mode: tree.Regular | 0o644, Body: content.Bytes(bytes.Repeat([]byte("x"), size))})
	l, err := layer.New(context.Background(), tr, layer.WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	blob, d, err := layer.GzipBlob(context.Background(), l.Tar(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return &store.Held{Layer: l, Blob: blob, Digest: d, Size: blob.Size(), MediaType: ocispec.MediaTypeImageLayerGzip, DiffID: l.DiffID}
}

func build(t rapid.TB, label string, layers ...*store.Held) (*image.Image, []*store.Held) {
	var cfg image.Config
	cfg.OS, cfg.Architecture = "linux", "amd64"
	cfg.Config.Labels = map[string]string{"is": label}
	created := time.Unix(int64(len(label)), 0).UTC()
	cfg.Created = &created
	var ds []image.Descriptor
	for _, h := range layers {
		cfg.RootFS.DiffIDs = append(cfg.RootFS.DiffIDs, h.DiffID)
		ds = append(ds, image.Descriptor{MediaType: h.MediaType, Digest: h.Digest, Size: h.Size})
	}
	im, err := image.New(cfg, ds)
	if err != nil {
		t.Fatal(err)
	}
	return im, layers
}

func ref(t rapid.TB, s string) reference.NamedTagged {
	r, err := reference.ParseNormalizedNamed(s)
	if err != nil {
		t.Fatal(err)
	}
	return reference.TagNameOnly(r).(reference.NamedTagged)
}

func add(t *testing.T, s *store.Store, label string, layers []*store.Held, names ...string) *store.Image {
	t.Helper()
	im, held := build(t, label, layers...)
	out := s.Add(im, held, store.AddOptions{})
	for _, n := range names {
		s.Tag(ref(t, n), out.ID)
	}
	return out
}

// The rule of Docker 29: every directory and the root take 4096 bytes, every
// file its bytes rounded up to 4096; blobs are counted as they are.
func TestUsageSharesLayers(t *testing.T) {
	s := store.New()
	base, top := fill(t, "base", 10000), fill(t, "top", 1)
	one := add(t, s, "one", []*store.Held{base})
	alone := s.Usage(one.ID)
	if want := int64(4096 + 3*4096); alone.Disk-alone.Content != want || alone.Shared != 0 || alone.Content != base.Size+int64(len(one.ManifestRaw)+len(one.ConfigRaw)) {
		t.Errorf("%+v, unpacked %d, want %d", alone, alone.Disk-alone.Content, want)
	}
	two := add(t, s, "two", []*store.Held{fill(t, "base", 10000), top})
	if two.Layers[0] != one.Layers[0] {
		t.Error("the base is kept twice")
	}
	u := s.Usage(one.ID)
	if u.Unique != int64(len(one.ManifestRaw)+len(one.ConfigRaw)) {
		t.Errorf("unique to one: %d", u.Unique)
	}
	if sum := s.Usage(one.ID).Unique + s.Usage(two.ID).Unique + u.Shared; sum != s.Total() {
		t.Errorf("total %d, want %d", s.Total(), sum)
	}
	if got := fmt.Sprint(s.HistorySizes(two)); got != "[16384 8192]" {
		t.Errorf("history sizes %s", got)
	}
	if f := s.Remove(two.ID, store.Needs{}); len(f.Layers) != 1 || f.Layers[0] != two.Layers[1] || s.Usage(one.ID) != alone {
		t.Errorf("freed %v, one now %+v", f, s.Usage(one.ID))
	}
	if s.Remove(one.ID, store.Needs{}); s.Total() != 0 {
		t.Errorf("an empty store has %d bytes", s.Total())
	}
}

// An image that is only stored takes no more than its blobs, and its history says
// 0B of the layers that no image has unpacked, until something runs on it.
func TestPackedImage(t *testing.T) {
	s := store.New()
	add(t, s, "one", []*store.Held{fill(t, "base", 10000)})
	im, held := build(t, "two", fill(t, "base", 10000), fill(t, "top", 1))
	total := s.Total()
	two := s.Add(im, held, store.AddOptions{Packed: true})
	if u := s.Usage(two.ID); u.Disk != u.Content || s.Total()-total != u.Own {
		t.Errorf("packed: %+v, total %d before and %d after", u, total, s.Total())
	}
	if got := fmt.Sprint(s.HistorySizes(two)); got != "[16384 0]" {
		t.Errorf("history sizes of a packed image %s", got)
	}
	old := s.Snapshot()
	s.Unpack(two)
	if u := s.Usage(two.ID); u.Disk-u.Content != 16384+8192 {
		t.Errorf("unpacked: %+v", u)
	}
	if got := fmt.Sprint(s.HistorySizes(two), old.HistorySizes(two)); got != "[16384 8192] [16384 0]" {
		t.Errorf("history sizes after and before %s", got)
	}
	again := s.Add(im, held, store.AddOptions{Packed: true})
	if got := fmt.Sprint(s.HistorySizes(again)); got != "[16384 8192]" {
		t.Errorf("history sizes once it was unpacked %s", got)
	}
}

// The same changeset at another depth is another layer and the same blob: Docker
// 29 counts the layer again, and its blob, in an image that has it twice.
func TestSameLayerTwice(t *testing.T) {
	s := store.New()
	a, empty := fill(t, "a", 1), fill(t, "e", 0)
	im := add(t, s, "twice", []*store.Held{a, empty, empty})
	if im.Layers[1].ChainID == im.Layers[2].ChainID || len(im.ChainIDs()) != 3 {
		t.Error("one chain ID for two depths")
	}
	u := s.Usage(im.ID)
	if want := int64(8192 + 4096 + 4096); u.Disk-u.Content != want {
		t.Errorf("unpacked %d, want %d", u.Disk-u.Content, want)
	}
	if u.Disk-s.Total() != empty.Size {
		t.Errorf("disk %d, total %d: want the empty blob (%d) counted once in total", u.Disk, s.Total(), empty.Size)
	}
}

func TestResolve(t *testing.T) {
	s := store.New()
	im := add(t, s, "x", []*store.Held{fill(t, "f", 1)}, "busybox:1.36", "h3/app")
	hex := im.ID.Encoded()
	for _, tt := range []struct{ in, want string }{ // want: the error, "" for found
		{"busybox:1.36", ""}, {"docker.io/library/busybox:1.36", ""}, {"library/busybox:1.36", ""}, {"index.docker.io/library/busybox:1.36", ""},
		{"h3/app", ""}, {"h3/app:latest", ""}, {"busybox@sha256:" + hex, ""}, {"busybox:1.36@sha256:" + hex, ""},
		{hex, ""}, {"sha256:" + hex, ""}, {hex[:12], ""}, {hex[:4], ""}, {"sha256:" + hex[:4], ""},
		{"busybox", "No such image: busybox:latest"},
		{hex[:3], "No such image: " + hex[:3] + ":latest"}, {"sha256:" + hex[:3], "No such image: sha256:" + hex[:3]},
		{"nosuch@sha256:" + hex, "No such image: nosuch@sha256:" + hex},
		{strings.Repeat("f", 64), "No such image: sha256:" + strings.Repeat("f", 64)},
		{"Bad:x", "invalid reference format: repository name (library/Bad) must be lowercase"},
		{":", "invalid reference format"}, {"", "invalid reference format"},
	} {
		r, err := s.Resolve(tt.in)
		switch {
		case tt.want == "" && (err != nil || r.Image != im):
			t.Errorf("%q: %v", tt.in, err)
		case tt.want != "" && (err == nil || err.Error() != tt.want):
			t.Errorf("%q: %v, want %s", tt.in, err, tt.want)
		}
	}
}

func TestResolveAmbiguous(t *testing.T) {
	s := store.New()
	seen := map[string]bool{}
	for i := range 2000 { // two IDs that begin alike are found soon
		im := add(t, s, fmt.Sprint("n", i), nil)
		p := im.ID.Encoded()[:4]
		if seen[p] {
			var a *store.Ambiguous
			if _, err := s.Resolve(p); !errors.As(err, &a) || a.Error() != "ambiguous reference: "+p {
				t.Error(err)
			}
			return
		}
		seen[p] = true
	}
	t.Error("no two IDs began alike")
}

func lines(d []store.Deletion, err error) string {
	var out []string
	for _, l := range d {
		s := l.String()
		if l.Deleted != "" {
			s = "Deleted"
		}
		out = append(out, s)
	}
	if err != nil {
		out = append(out, err.Error())
	}
	return strings.Join(out, "; ")
}

// Every answer here was given by Docker 29.
func TestDelete(t *testing.T) {
	for _, tt := range []struct {
		names   string
		user    string // "", "stopped" or "running"
		arg     string // ID stands for the short ID
		force   bool
		want    string
		remains bool
	}{
		{"a:1", "", "a:1", false, "Untagged: a:1; Deleted", false},
		{"a:1 b:1", "", "a:1", false, "Untagged: a:1", true},
		{"a:1", "", "ID", false, "Untagged: a:1; Deleted", false},
		{"a:1 a:2 b:1", "", "ID", false, "conflict: unable to delete ID (must be forced) - image is referenced in multiple repositories", true},
		{"a:2 b:1 a:1", "", "ID", true, "Untagged: a:1; Untagged: a:2; Untagged: b:1; Deleted", false},
		{"a:1 b:1", "running", "a:1", false, "Untagged: a:1", true},
		{"a:1", "stopped", "a:1", false, "conflict: unable to delete a:1 (must be forced) - container 76a22d36f534 is using its referenced image ID", true},
		{"a:1", "running", "a:1", false, "conflict: unable to delete a:1 (must be forced) - container 76a22d36f534 is using its referenced image ID", true},
		{"a:1", "running", "a:1", true, "Untagged: a:1", true},
		{"a:1 b:1", "stopped", "ID", false, "conflict: unable to delete ID (must be forced) - image is being used by stopped container 76a22d36f534", true},
		{"a:1 b:1", "stopped", "ID", true, "Untagged: a:1; Untagged: b:1; Deleted", false},
		{"a:1", "running", "ID", true, "conflict: unable to delete ID (cannot be forced) - image is being used by running container 76a22d36f534", true},
		{"", "running", "ID", false, "conflict: unable to delete ID (cannot be forced) - image is being used by running container 76a22d36f534", true},
		{"a:1", "", "a@FULL", false, "Untagged: a:1; Deleted", false},
		{"a:1 b:1", "", "a@FULL", false, "Untagged: a:1", true},
		{"a:1", "", "b:1", true, "No such image: b:1", true},
	} {
		s := store.New()
		im := add(t, s, "x", []*store.Held{fill(t, "f", 1)}, strings.Fields(tt.names)...)
		id := im.ID.Encoded()[:12]
		var users []store.User
		if tt.user != "" {
			users = []store.User{{ID: "76a22d36f5340000", Name: "box", Image: im.ID, Running: tt.user == "running"}}
		}
		arg := strings.NewReplacer("ID", id, "FULL", im.ID.String()).Replace(tt.arg)
		got := lines(s.Delete(arg, store.DeleteOptions{Force: tt.force, Needs: store.Needs{Users: users}}))
		if want := strings.ReplaceAll(tt.want, "ID", id); got != want || (s.Get(im.ID) != nil) != tt.remains {
			t.Errorf("rmi %s of %q, %s:\n got %s\nwant %s (remains %v)", tt.arg, tt.names, tt.user, got, want, tt.remains)
		}
	}
}

func TestTagMovesAName(t *testing.T) {
	s := store.New()
	a, b := add(t, s, "a", nil, "x"), add(t, s, "bb", nil)
	if r := s.Tag(ref(t, "x"), b.ID); r != a.ID {
		t.Errorf("replaced %q", r)
	}
	if r := s.Tag(ref(t, "x"), b.ID); r != "" {
		t.Errorf("replaced %q by itself", r)
	}
	if n := s.Names(a.ID); len(n) != 0 {
		t.Errorf("a still has %v", n)
	}
	if got := s.Images(); got[0].ID != b.ID {
		t.Error("the newest is not first")
	}
}

// Names come in the order of their full form, in which docker.io comes first.
func TestNamesAreSortedInFull(t *testing.T) {
	s := store.New()
	im := add(t, s, "a", nil, "team/red:x", "alocal:5000/red:x", "localhost:5000/red:x", "busy")
	got := fmt.Sprint(s.Names(im.ID))
	if want := "[alocal:5000/red:x docker.io/library/busy:latest docker.io/team/red:x localhost:5000/red:x]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// Adding an image again whose layer was missing gives the layer to all that
// have it.
func TestAddFillsInLayers(t *testing.T) {
	s := store.New()
	whole := fill(t, "f", 5)
	bare := &store.Held{Digest: whole.Digest, Size: whole.Size, MediaType: whole.MediaType, DiffID: whole.DiffID}
	other := add(t, s, "other", []*store.Held{bare})
	im := add(t, s, "im", []*store.Held{bare})
	if u := s.Usage(im.ID); u.Disk != u.Content {
		t.Errorf("%+v", u)
	}
	im = add(t, s, "im", []*store.Held{whole})
	if s.Get(other.ID).Layers[0] != im.Layers[0] || im.Layers[0].Layer == nil || len(s.Images()) != 2 {
		t.Error("the layer was not filled in")
	}
	if add(t, s, "im", []*store.Held{bare}).Layers[0].Layer == nil {
		t.Error("adding the bare layer again took the whole one away")
	}
	s.Remove(im.ID, store.Needs{})
	if s.Remove(other.ID, store.Needs{}); s.Total() != 0 {
		t.Errorf("%d bytes left", s.Total())
	}
}

// Whatever is added, tagged and removed: a snapshot taken before is as it was,
// and an empty store holds nothing.
func TestSnapshots(t *testing.T) {
	layers := []*store.Held{fill(t, "a", 1), fill(t, "b", 5000), fill(t, "c", 9)}
	rapid.Check(t, func(t *rapid.T) {
		s := store.New()
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			before, total, names := s.Snapshot(), s.Total(), fmt.Sprint(s.Refs())
			switch rapid.SampledFrom([]string{"add", "add", "remove"}).Draw(t, "do") {
			case "add":
				n := rapid.IntRange(0, 3).Draw(t, "layers")
				im, held := build(t, rapid.SampledFrom([]string{"x", "y", "z"}).Draw(t, "label"), slices.Clone(layers[:n])...)
				s.Tag(ref(t, rapid.SampledFrom([]string{"p", "q"}).Draw(t, "name")), s.Add(im, held, store.AddOptions{}).ID)
			case "remove":
				if all := s.Images(); len(all) > 0 {
					s.Remove(rapid.SampledFrom(all).Draw(t, "image").ID, store.Needs{})
				}
			}
			if before.Total() != total || fmt.Sprint(before.Refs()) != names {
				t.Fatalf("the snapshot changed: %d bytes %v, were %d %s", before.Total(), before.Refs(), total, names)
			}
		}
		for _, im := range s.Images() {
			s.Remove(im.ID, store.Needs{})
		}
		if s.Total() != 0 || len(s.Refs()) != 0 {
			t.Fatalf("%d bytes and %v left", s.Total(), s.Refs())
		}
	})
}
