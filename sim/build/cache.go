package build

import (
	"time"

	"github.com/tidwall/btree"

	"github.com/layerlab/layerlab/sim/store"
	"github.com/layerlab/layerlab/sim/tree"
)

// A Cache remembers the results of steps by their keys, and what the last build
// of each stage was made of, so that a decision can say what changed.
//
// It is a set, not the last build: a step whose inputs are once more what they
// were in any earlier build finds its result again. Nothing here depends on
// images: a result stays when its image is untagged.
type Cache struct {
	records   btree.Map[string, *record]     // by key
	last      btree.Map[string, []memo]      // by Dockerfile and stage
	mounts    btree.Map[string, *tree.Tree]  // of RUN --mount=type=cache, by id
	sent      btree.Map[string, sentFile]    // of the context, by path
	rewritten btree.Map[string, *store.Held] // layers with clamped times, by DiffID and time
	traces    btree.Map[string, []Decision]  // how images were built, by digest
	documents btree.Map[string, tree.Time]   // when a here-document was first made a file, by name and text

	// digests is the SHA-256 of files of layers. Layers never change, so that
	// all snapshots share it.
	digests map[*tree.Inode]string
}

// record is the result of a step.
type record struct {
	key     string
	held    *store.Held
	tree    *tree.Tree // as held.Layer has it, but with fractions of seconds
	created time.Time
	in      *inputs
	files   stack // all layers: those below are not always what the last build has there
}

// stack is layers, from the lowest.
type stack struct {
	held    []*store.Held
	trees   []*tree.Tree
	created []*time.Time
}

// inputs is what a step's result depends on, in the form in which a change of it
// can be told.
type inputs struct {
	Kind   string // "RUN", "COPY", "WORKDIR"
	Shown  string // the step with its variables replaced
	Parent string // key of what it starts from
	Def    string // the operation without the files, the environment and so on
	Args   []string
	Env    []string
	Build  []string // names in Env that are build arguments
	Dir    string
	User   string
	Doc    string // its here-documents with their variables replaced
	Files  []fileInput
	Counts []int // of Files that each source gives
	From   []int // numbers of the stages that files come from

	sum string // the key, once it was computed
}

// memo is a step as the last build of its stage had it.
type memo struct {
	text   string // as written
	shown  string
	doc    string // its here-documents as written
	line   int
	layer  bool
	key    string
	in     *inputs
	base   string // for FROM: the image's digest
	failed bool
}

// sentFile is a file of the context that was transferred.
type sentFile struct {
	size  int64
	mtime tree.Time
}

// NewCache is an empty cache.
func NewCache() *Cache { return &Cache{digests: map[*tree.Inode]string{}} }

// Snapshot is a cache with the same content that changes apart from c. It takes
// the same short time for every cache.
func (c *Cache) Snapshot() *Cache {
	return &Cache{*c.records.Copy(), *c.last.Copy(), *c.mounts.Copy(), *c.sent.Copy(), *c.rewritten.Copy(), *c.traces.Copy(), *c.documents.Copy(), c.digests}
}

// Records is the number of results that are kept.
func (c *Cache) Records() int { return c.records.Len() }

// Entries is the results that are kept, in the order of their keys.
func (c *Cache) Entries() []CacheEntry {
	var out []CacheEntry
	c.records.Scan(func(key string, r *record) bool {
		out = append(out, CacheEntry{ID: key[:25], Step: r.in.Shown, Size: r.held.Layer.DiskUsage(), Created: r.created, Held: r.held})
		return true
	})
	return out
}

// A CacheEntry is a kept result, as `docker builder du` and `docker system df`
// count it.
type CacheEntry struct {
	ID      string
	Step    string
	Size    int64 // on disk
	Created time.Time
	Held    *store.Held
}

// Prune forgets everything, and returns what was kept.
func (c *Cache) Prune() []CacheEntry {
	out := c.Entries()
	*c = Cache{digests: c.digests, traces: c.traces}
	return out
}
