package inspect

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"slices"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/tree"
)

// A Dead is an entry with bytes that the merged view does not show.
type Dead struct {
	Path  string // "/a/b"
	Layer int    // that has it, 0 the lowest
	Bytes int64  // stored in the layer's tar
	Cause Cause
	By    int // the layer that hides it
	// CopyUp says that it was overwritten by a file of the same bytes: only mode,
	// owner or time changed, and the whole file was stored again.
	CopyUp bool
}

// A Sum is what one layer holds and what became of it.
type Sum struct {
	Layer  int
	Bytes  int64           // file bytes in the layer's tar
	Dead   int64           // of them
	Causes map[Cause]int64 // Dead by cause
	Killed int64           // bytes of layers below, and of its own tar, that this layer hides
}

// A Report is the waste of an image.
type Report struct {
	Dead   []Dead // the largest first
	Layers []Sum  // the lowest first
	Bytes  int64  // in all layers
	Wasted int64  // of them
}

// Efficiency is the share of bytes that the merged view shows, 1 for no bytes.
func (r *Report) Efficiency() float64 {
	if r.Bytes == 0 {
		return 1
	}
	return float64(r.Bytes-r.Wasted) / float64(r.Bytes)
}

// inode names a file of a layer.
type inode struct {
	layer int
	ino   tree.Ino
}

// A link is a file with several names in its layer: its bytes are stored once,
// and dead when all its names are.
type link struct {
	names int // still to come
	live  bool
	last  Dead // the name that died last
}

// waster gathers a Report.
type waster struct {
	r       *Report
	layers  []*layer.Layer
	links   map[inode]*link
	tick    *ticker
	compare int64  // bytes that may still be read to compare files
	buf     []byte // to compare them with
}

// Waste finds the dead bytes of the layers of an image, the lowest layer first.
// A nil layer counts as empty. Its work grows with the names in all layers.
func Waste(ctx context.Context, layers []*layer.Layer, o Options) (*Report, error) {
	layers = known(layers)
	w := &waster{r: &Report{}, layers: layers, links: map[inode]*link{}, tick: newTicker(ctx, o), compare: o.Compare}
	if w.compare == 0 {
		w.compare = 64 << 20
	}
	for i, l := range layers {
		w.r.Layers = append(w.r.Layers, Sum{Layer: i, Bytes: l.Bytes, Causes: map[Cause]int64{}})
		w.r.Bytes += l.Bytes
		for _, d := range l.Dups {
			w.dead(Dead{Path: absolute(d.Path), Layer: i, Bytes: d.Size, Cause: Duplicate, By: i})
		}
	}
	walk := &walker{layers: layers, visit: w.visit, tick: w.tick}
	if err := walk.walk(); err != nil {
		return nil, err
	}
	slices.SortStableFunc(w.r.Dead, func(a, b Dead) int {
		return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Layer, b.Layer))
	})
	return w.r, nil
}

func absolute(p string) string {
	if p == "" || p[0] != '/' {
		return "/" + p
	}
	return p
}

func (w *waster) dead(d Dead) {
	if d.Bytes == 0 {
		return
	}
	w.r.Dead = append(w.r.Dead, d)
	w.r.Wasted += d.Bytes
	w.r.Layers[d.Layer].Dead += d.Bytes
	w.r.Layers[d.Layer].Causes[d.Cause] += d.Bytes
	w.r.Layers[d.By].Killed += d.Bytes
}

func (w *waster) visit(p string, vs []version) error {
	for i, v := range vs {
		if !v.node.IsRegular() || v.node.Nlink < 2 && v.cause == Live {
			continue
		}
		d := Dead{Path: p, Layer: v.layer, Bytes: w.layers[v.layer].StoredSize(v.node), Cause: v.cause, By: v.by}
		if v.cause == Overwritten {
			same, err := w.sameBytes(v, vs[i+1:])
			if err != nil {
				return err
			}
			d.CopyUp = same
		}
		if v.node.Nlink > 1 {
			w.name(inode{v.layer, v.ino}, int(v.node.Nlink), d)
		} else {
			w.dead(d)
		}
	}
	return nil
}

// name takes note of one name of a file with several.
func (w *waster) name(at inode, names int, d Dead) {
	l := w.links[at]
	if l == nil {
		l = &link{names: names}
		w.links[at] = l
	}
	if d.Cause == Live {
		l.live = true
	} else if d.By > l.last.By || l.last.Cause == Live {
		l.last = d
	}
	if l.names--; l.names == 0 {
		delete(w.links, at)
		if !l.live {
			w.dead(l.last)
		}
	}
}

// sameBytes reports whether the version that took v's place has the same bytes.
func (w *waster) sameBytes(v version, above []version) (bool, error) {
	i := slices.IndexFunc(above, func(a version) bool { return a.layer == v.by })
	if i < 0 || !above[i].node.IsRegular() || above[i].node.LinkBroken {
		return false, nil
	}
	a, b := v.node.Content(), above[i].node.Content()
	if a.Size() != b.Size() || a.Size() == 0 || 2*a.Size() > w.compare {
		return false, nil
	}
	w.compare -= 2 * a.Size()
	return w.equal(a, b)
}

func (w *waster) equal(a, b content.Body) (bool, error) {
	ra, err := a.Open()
	if err != nil {
		return false, nil // a layer that cannot be read is told elsewhere
	}
	defer ra.Close()
	rb, err := b.Open()
	if err != nil {
		return false, nil
	}
	defer rb.Close()
	if w.buf == nil {
		w.buf = make([]byte, 64<<10)
	}
	p, q := w.buf[:len(w.buf)/2], w.buf[len(w.buf)/2:]
	for {
		n, err := io.ReadFull(ra, p)
		m, _ := io.ReadFull(rb, q)
		if err := w.tick.tick((n+m)/64 + 1); err != nil {
			return false, err
		}
		if !bytes.Equal(p[:n], q[:m]) {
			return false, nil
		}
		if err != nil {
			return err == io.EOF || err == io.ErrUnexpectedEOF, nil
		}
	}
}
