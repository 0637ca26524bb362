package inspect

import (
	"path"
	"slices"
	"strings"

	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/tree"
)

// A Version is what one layer has at a path. Its content, deleted or not, is
// Node.Content().
type Version struct {
	Layer int // 0 is the lowest
	Node  *tree.Inode
	Cause Cause // Live for what the merged view shows, and for directories merged into it
	By    int   // the layer that hides it, -1 when live
}

// Versions is what each layer has at a path, topmost first, whiteouts included.
// Symbolic links are not followed. A hard link to a file that only a lower layer
// has is given with that file's content.
func Versions(layers []*layer.Layer, p string) []Version {
	layers = known(layers)
	vs := versionsAt(layers, p)
	out := make([]Version, 0, len(vs))
	for _, v := range slices.Backward(vs) {
		n := v.node
		if n.LinkBroken {
			if t := linked(layers[:v.layer+1], n); t != nil {
				n = t.node
			}
		}
		out = append(out, Version{Layer: v.layer, Node: n, Cause: v.cause, By: v.by})
	}
	return out
}

// versionsAt is the versions of one path, the lowest first.
func versionsAt(layers []*layer.Layer, p string) []version {
	w := &walker{layers: layers}
	var vs []version
	for i, l := range layers {
		vs = settle(vs, version{layer: i, ino: tree.Root, node: l.Tree.Inode(tree.Root), by: -1})
	}
	for part := range strings.SplitSeq(path.Clean("/"+p), "/") {
		if part == "" {
			continue
		}
		dirs := slices.DeleteFunc(vs, func(v version) bool { return !v.node.IsDir() })
		var found []entry
		for i, d := range dirs {
			if c := layers[d.layer].Tree.Child(d.ino, part); c != 0 {
				found = append(found, entry{part, i, c})
			}
		}
		vs = w.children(dirs, found)
	}
	return vs
}

// linked is the file that a hard link to a lower layer's file means: what the
// merged view of these layers shows at its target. It is nil when there is none.
func linked(layers []*layer.Layer, n *tree.Inode) *version {
	for range 40 {
		v := top(versionsAt(layers, n.Target))
		if v == nil || v.node.IsDir() {
			return nil
		}
		if !v.node.LinkBroken {
			return v
		}
		if v.layer == 0 {
			return nil
		}
		n, layers = v.node, layers[:v.layer]
	}
	return nil
}
