package overlay

import (
	"path"
	"strings"

	"github.com/layerlab/layerlab/sim/tree"
)

// XRay is what every layer has of a literal path (no symbolic links are
// followed), topmost first, one Version for each layer, the upper included if
// there is one. It costs the path in each layer, and what is below it where that
// is hidden.
func (m *Mount) XRay(p string) []Version {
	m.begin()
	defer m.end()
	var parts []string
	for part := range strings.SplitSeq(path.Clean("/"+p), "/") {
		if part != "" {
			parts = append(parts, part)
		}
	}
	x := xray{m: m, by: -1, winner: -1}
	var out []Version
	for _, r := range m.roots(m.upper != nil) {
		out = append(out, x.layer(r.layer, parts))
	}
	return out
}

// An xray goes down the layers and remembers what hides the path from there on.
type xray struct {
	m      *Mount
	by     int // the layer that hides all below it, or -1
	cause  Cause
	winner int // the topmost layer that has the path, or -1
}

func (x *xray) hide(layer int, c Cause) {
	if x.by < 0 {
		x.by, x.cause = layer, c
	}
}

// layer is the version of one layer. What it hides counts for the layers below,
// not for itself.
func (x *xray) layer(layer int, parts []string) Version {
	t := x.m.tree(layer)
	v := Version{Layer: layer, State: Absent, By: -1}
	above := *x
	at := tree.Root
	for i, name := range parts {
		at = t.Child(at, name)
		n := t.Inode(at)
		final := i == len(parts)-1
		switch {
		case n == nil:
			return v
		case n.IsWhiteout():
			v.State, v.Cause = Marker, WhitedOut
			if !final {
				v.Cause = ParentWhitedOut
			}
			x.hide(layer, v.Cause)
			return v
		case !final && !n.IsDir():
			x.hide(layer, ParentReplaced)
			return v
		case n.Opaque:
			x.hide(layer, OpaqueDir)
		}
	}
	n := t.Inode(at)
	v.Node = copyOf(n)
	switch {
	case n.LinkBroken && x.m.linked(ref{layer, at}, n) == nil:
		v.State = Absent // a hard link to nothing
	case above.by >= 0:
		v.State, v.By, v.Cause = Hidden, above.by, above.cause
	case x.winner < 0:
		v.State, x.winner = Wins, layer
	case n.IsDir():
		v.State = Merged
	default: // directories above, and this is none
		v.State, v.By, v.Cause = Hidden, x.winner, Overwritten
	}
	if !n.IsDir() {
		x.hide(max(layer, v.By), Overwritten)
	}
	if v.State == Hidden {
		v.Dead = stored(t, at, map[tree.Ino]bool{})
	}
	return v
}

// copyOf keeps what the caller holds from changing with the upper.
func copyOf(n *tree.Inode) *tree.Inode {
	c := *n
	return &c
}

// stored is the file bytes of a layer at and below the inode i, each inode once.
func stored(t *tree.Tree, i tree.Ino, seen map[tree.Ino]bool) int64 {
	n := t.Inode(i)
	if !n.IsDir() {
		if !n.IsRegular() || seen[i] {
			return 0
		}
		seen[i] = true
		return n.Size()
	}
	var sum int64
	for _, c := range t.Children(i) {
		sum += stored(t, c, seen)
	}
	return sum
}
