package store_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/opencontainers/go-digest"
	"pgregory.net/rapid"

	"github.com/layerlab/layerlab/sim/store"
)

// audit counts anew, from the images alone, what the store should keep: each
// layer with the images that have it, each blob, the bytes of all.
func audit(t *rapid.T, s *store.Store) {
	layers, blobs := map[digest.Digest]int{}, map[digest.Digest]int64{}
	held := map[digest.Digest]*store.Held{}
	for _, im := range s.Images() {
		if got, want := len(im.Layers), len(im.DiffIDs()); got != want {
			t.Fatalf("image %s has %d layers of %d", im.ID, got, want)
		}
		for i, h := range im.Layers {
			if h.ChainID != im.ChainIDs()[i] || h.DiffID != im.DiffIDs()[i] || h.Layer == nil {
				t.Fatalf("image %s: layer %d is %s %s", im.ID, i, h.ChainID, h.DiffID)
			}
			if old := held[h.ChainID]; old != nil && old != h {
				t.Fatalf("layer %s is kept twice", h.ChainID)
			}
			held[h.ChainID] = h
			layers[h.ChainID]++
			blobs[h.Digest] = h.Size
		}
		blobs[im.Digest], blobs[im.ConfigDigest] = int64(len(im.ManifestRaw)), int64(len(im.ConfigRaw))
	}
	var total int64
	for c, n := range layers {
		if s.SharedBy(c) != n || s.Layer(c) != held[c] {
			t.Fatalf("layer %s has %d references and %d images", c, s.SharedBy(c), n)
		}
		if !s.Packed(c) {
			total += held[c].Layer.DiskUsage() + held[c].Below
		}
	}
	for _, n := range blobs {
		total += n
	}
	if got := s.Kept(); got.Layers != len(layers) || got.Blobs != len(blobs) {
		t.Fatalf("%d layers and %d blobs are kept, %d and %d are in images", got.Layers, got.Blobs, len(layers), len(blobs))
	}
	if s.Total() != total {
		t.Fatalf("the store takes %d bytes, %d are in images", s.Total(), total)
	}
	for _, r := range s.Refs() {
		if s.Get(r.ID) == nil {
			t.Fatalf("%s is a name of nothing", r.Name)
		}
	}
}

// freed holds what a removal says against what the store was before and is now.
func freed(t *rapid.T, before, s *store.Store, f store.Freed, n store.Needs) {
	if got := before.Total() - s.Total(); got != f.Bytes {
		t.Fatalf("freed %d bytes, the store has %d less", f.Bytes, got)
	}
	for _, h := range f.Layers {
		if s.Layer(h.ChainID) != nil || before.Layer(h.ChainID) == nil || on(n, h.ChainID) || n.Cached(h.ChainID) {
			t.Fatalf("layer %s is told gone", h.ChainID)
		}
	}
	for _, k := range f.Kept {
		if s.SharedBy(k.Layer.ChainID) != len(k.Images) || len(k.Containers) > 0 != on(n, k.Layer.ChainID) || k.Cached != (n.Cached(k.Layer.Digest) || n.Cached(k.Layer.ChainID)) {
			t.Fatalf("layer %s stays for %v, %v, cache %v", k.Layer.ChainID, k.Images, k.Containers, k.Cached)
		}
		if len(k.Images)+len(k.Containers) == 0 && !k.Cached {
			t.Fatalf("layer %s stays for nothing", k.Layer.ChainID)
		}
	}
	have := s.Blobs()
	for _, d := range f.Blobs {
		if _, ok := have[d]; ok || n.Cached(d) {
			t.Fatalf("blob %s is told gone", d)
		}
	}
}

func on(n store.Needs, chain digest.Digest) bool {
	return slices.ContainsFunc(n.Users, func(u store.User) bool { return slices.Contains(u.Layers, chain) })
}

// TestStoreKeepsWhatIsNeeded does random things to a store: what images need is
// there, nothing else is, and every removal says to the byte what it freed.
func TestStoreKeepsWhatIsNeeded(t *testing.T) {
	layers := []*store.Held{fill(t, "a", 1), fill(t, "b", 5000), fill(t, "c", 9), fill(t, "d", 4096)}
	rapid.Check(t, func(t *rapid.T) {
		s := store.New()
		var past []*store.Store
		var totals []int64
		n := store.Needs{Cached: func(d digest.Digest) bool { return d[len(d)-1] < '4' }}
		image := func() *store.Image { return rapid.SampledFrom(s.Images()).Draw(t, "image") }
		name := rapid.SampledFrom([]string{"p:1", "p:2", "q", "r/x:1"})
		sum := func(done []store.Deletion, before *store.Store) {
			var f store.Freed
			for _, d := range done {
				f.Bytes += d.Freed.Bytes
				f.Layers, f.Kept, f.Blobs = append(f.Layers, d.Freed.Layers...), nil, append(f.Blobs, d.Freed.Blobs...)
			}
			freed(t, before, s, f, n)
		}
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			past, totals = append(past, s.Snapshot()), append(totals, s.Total())
			before := past[len(past)-1]
			op := rapid.SampledFrom([]string{"add", "add", "add", "tag", "untag", "remove", "delete", "prune", "use", "leave", "unpack", "commit"}).Draw(t, "do")
			if len(s.Images()) == 0 {
				op = "add"
			}
			switch op {
			case "add":
				var stack []*store.Held
				for range rapid.IntRange(0, 4).Draw(t, "layers") {
					h := rapid.SampledFrom(layers).Draw(t, "layer")
					stack = append(stack, &store.Held{Layer: h.Layer, Blob: h.Blob, Digest: h.Digest, Size: h.Size, MediaType: h.MediaType, DiffID: h.DiffID})
				}
				im, held := build(t, rapid.SampledFrom([]string{"x", "y", "z"}).Draw(t, "label"), stack...)
				kept := s.Add(im, held, store.AddOptions{Packed: rapid.Bool().Draw(t, "packed")})
				if rapid.Bool().Draw(t, "named") {
					s.Tag(ref(t, name.Draw(t, "name")), kept.ID)
				}
			case "commit":
				base, h := image(), rapid.SampledFrom(layers).Draw(t, "layer")
				top := &store.Held{Layer: h.Layer, Blob: h.Blob, Digest: h.Digest, Size: h.Size, MediaType: h.MediaType, DiffID: h.DiffID, Below: 20480}
				im, held := build(t, "committed", append(slices.Clone(base.Layers), top)...)
				s.Add(im, held, store.AddOptions{Parent: base.ID})
			case "tag":
				s.Tag(ref(t, name.Draw(t, "name")), image().ID)
			case "untag":
				s.Untag(ref(t, name.Draw(t, "name")))
			case "unpack":
				s.Unpack(image())
			case "remove":
				freed(t, before, s, s.Remove(image().ID, n), n)
			case "delete":
				arg := image().ID.String()
				if refs := s.Refs(); len(refs) > 0 && rapid.Bool().Draw(t, "by name") {
					arg = rapid.SampledFrom(refs).Draw(t, "ref").Name.String()
				}
				done, _ := s.Delete(arg, store.DeleteOptions{Force: rapid.Bool().Draw(t, "force"), NoPrune: rapid.Bool().Draw(t, "no prune"), Needs: n})
				sum(done, before)
			case "prune":
				sum(s.Prune(rapid.Bool().Draw(t, "all"), func(*store.Image) bool { return true }, n), before)
			case "use":
				im := image()
				n.Users = append(slices.Clone(n.Users), store.User{
					ID: fmt.Sprintf("%064d", len(past)), Name: fmt.Sprint("c", len(past)), Image: im.ID, Layers: im.ChainIDs(),
					Asked: rapid.SampledFrom([]string{im.ID.Encoded()[:12], "p:1", "q"}).Draw(t, "asked"), Running: rapid.Bool().Draw(t, "running"),
				})
			case "leave":
				n.Users = nil
			}
			audit(t, s)
			for i, p := range past {
				if p.Total() != totals[i] {
					t.Fatalf("the snapshot before step %d changed", i)
				}
			}
			for _, im := range s.Images() {
				if u, own := s.Usage(im.ID), s.Snapshot(); u.Own != own.Remove(im.ID, n).Bytes || u.Unique != u.Disk-u.Shared {
					t.Fatalf("%s: %+v", im.ID, u)
				}
			}
		}
		for _, p := range past {
			audit(t, p)
		}
	})
}

// TestFreedSaysWhy takes an image away of which another, a container and the
// build cache each hold a layer.
func TestFreedSaysWhy(t *testing.T) {
	s := store.New()
	a, b, c, d := fill(t, "a", 1), fill(t, "b", 2), fill(t, "c", 3), fill(t, "d", 4)
	add(t, s, "base", []*store.Held{a}, "python:3.12")
	im := add(t, s, "app", []*store.Held{a, b, c, d}, "app")
	chain := im.ChainIDs()
	n := store.Needs{
		Users:  []store.User{{ID: "1", Name: "web", Image: "sha256:gone", Layers: chain[:2]}},
		Cached: func(blob digest.Digest) bool { return blob == c.Digest },
	}
	f := s.Remove(im.ID, n)
	var got []string
	for _, k := range f.Kept {
		got = append(got, fmt.Sprint(slices.Index(chain, k.Layer.ChainID), len(k.Images), k.Containers, k.Cached, k.Bytes-k.Layer.Size))
	}
	if want := "[2 0 [] true 0 1 0 [web] false " + fmt.Sprint(b.DiskUsage()-b.Size) + " 0 1 [web] false " + fmt.Sprint(a.DiskUsage()) + "]"; fmt.Sprint(got) != want {
		t.Errorf("kept\n%s\nwant\n%s", got, want)
	}
	if len(f.Layers) != 1 || f.Layers[0].ChainID != chain[3] {
		t.Errorf("gone: %v", f.Layers)
	}
	meta := int64(len(im.ManifestRaw) + len(im.ConfigRaw))
	if want := meta + b.DiskUsage() + b.Size + c.DiskUsage() + c.Size + d.DiskUsage() + d.Size; f.Bytes != want {
		t.Errorf("freed %d, want %d", f.Bytes, want)
	}
	if want := meta + b.Size + c.DiskUsage() + d.DiskUsage() + d.Size; f.Reclaimed != want {
		t.Errorf("reclaimed %d, want %d", f.Reclaimed, want)
	}
	if blobs := slices.Sorted(maps.Keys(s.Blobs())); len(blobs) != 3 {
		t.Errorf("left: %v", blobs)
	}
}
