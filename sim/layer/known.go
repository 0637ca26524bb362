package layer

import (
	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/tree"
)

// Known is the layer that [New] makes of t, for those who know already what New
// would find by reading every byte: DiffID, Size, Entries and Bytes. Nothing is
// read.
func Known(t *tree.Tree, diffID digest.Digest, size int64, entries int, bytes int64) *Layer {
	l := &Layer{Tree: t.Snapshot(), DiffID: diffID, Size: size, Entries: entries, Bytes: bytes, dense: true}
	settle(l.Tree, nil)
	l.tar, l.usage = tarOf(l.Tree, l.Size, nil), diskUsage(l.Tree, (*tree.Inode).Size)
	return l
}
