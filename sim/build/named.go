package build

import (
	"fmt"
	"strings"

	"github.com/distribution/reference"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/store"
	"github.com/layerlab/layerlab/sim/tree"
)

// A NamedContext is what --build-context gives a name to. It stands in for the
// stage of that name, and for the image that FROM or --from would mean by it.
type NamedContext struct {
	Dir   string // a directory of the machine, or
	Image string // an image, as written after docker-image://
}

// ContextName is a name as Options.Contexts has it: without what is implied.
func ContextName(name string) (string, error) {
	named, err := reference.ParseNormalizedNamed(name)
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(reference.FamiliarString(named), ":latest"), nil
}

// context is the named context that stands in for a stage or an image, with its
// name; nil if there is none.
func (r *run) context(name string) (string, *NamedContext) {
	if len(r.o.Contexts) == 0 || strings.EqualFold(name, "scratch") || strings.EqualFold(name, "context") {
		return "", nil
	}
	key, err := ContextName(name)
	if err != nil {
		return "", nil
	}
	if nc, ok := r.o.Contexts[key]; ok {
		return key, &nc
	}
	return "", nil
}

// stands reports whether a named context stands in for a stage. Nothing of what
// the stage says counts then, its FROM neither.
func (r *run) stands(st *stage) bool {
	if st.as == "" {
		return false
	}
	key, nc := r.context(st.as)
	if nc == nil {
		return false
	}
	st.orig, st.base, st.scratch, st.dispatched = key, nil, false, true
	return true
}

// resolveContext gives a stage the named context that stands in for its base, and
// reports whether there is one.
func (r *run) resolveContext(st *stage) (bool, error) {
	key, nc := r.context(st.orig)
	if nc == nil {
		return false, nil
	}
	st.dispatched = st.dispatched || st.external
	if nc.Dir != "" {
		return true, r.localContext(st, key, nc.Dir)
	}
	return true, r.imageContext(st, key, nc.Image)
}

func (r *run) imageContext(st *stage, key, ref string) error {
	named, err := reference.ParseNormalizedNamed(ref)
	if err != nil {
		return err
	}
	full := reference.TagNameOnly(named).String()
	v := r.begin("[context "+key+"] load metadata for "+ref, 0, 0)
	base, err := r.b.Images.Resolve(r.ctx, full)
	if err != nil {
		err = notFound(full, err)
		v.done(err)
		return fmt.Errorf("failed to resolve source metadata for %s: %w", full, err)
	}
	v.done(nil)
	st.resolved, st.img = base, cloneConfig(base.Image.Config)
	st.img.Created = nil
	if len(base.Layers) > 0 {
		r.contextNode(st, "[context "+key+"] "+ref, &sourceOp{Name: full, base: base, context: key})
	}
	return nil
}

// localContext loads a directory. What is built upon it gets it as its first layer.
func (r *run) localContext(st *stage, key, dir string) error {
	files, err := r.localFiles(key, dir)
	if err != nil {
		return err
	}
	held := &store.Held{Layer: &layer.Layer{Tree: files}, DiffID: digest.FromString(dir)}
	if !st.external {
		l, err := layer.New(r.ctx, files, layer.WriteOptions{Pause: r.b.Pause})
		if err != nil {
			return fmt.Errorf("reading the context %s: %w", key, err)
		}
		held = &store.Held{Layer: l, DiffID: l.DiffID, MediaType: ocispec.MediaTypeImageLayerGzip}
	}
	cfg := emptyConfig()
	cfg.RootFS.DiffIDs = []digest.Digest{held.DiffID}
	st.img = emptyConfig()
	base := &Base{Name: key, Image: &image.Image{Config: cfg}, Layers: []*store.Held{held}}
	r.contextNode(st, "[context "+key+"] load from client", &sourceOp{Name: fmt.Sprintf("local %s %d", key, len(r.nodes)), base: base, context: key, local: true})
	return nil
}

// localFiles is the files of a directory that is a named context, without what its
// .dockerignore excludes. It is read once in a build.
func (r *run) localFiles(key, dir string) (*tree.Tree, error) {
	if t := r.source.named[key]; t != nil {
		return t, nil
	}
	src := &contextSource{view: r.source.machine(), dir: dir}
	v := r.begin("[context "+key+"] load .dockerignore", 0, 0)
	text, err := src.readIgnore()
	size := 2
	if text != nil {
		size = sentSize(".dockerignore", len(text))
	}
	v.status("transferring "+key+": "+byteSize(int64(size)), 0)
	v.done(err)
	if err == nil {
		err = src.ignore(text)
	}
	if err == nil {
		err = src.load(r.clock(), r.pause)
	}
	if err != nil {
		return nil, err
	}
	if r.source.named == nil {
		r.source.named = map[string]*tree.Tree{}
	}
	r.source.named[key] = src.files.Lowers()[0]
	return r.source.named[key], nil
}

func (r *run) contextNode(st *stage, name string, op *sourceOp) {
	n := &node{op: op, at: st.at, step: name, own: name}
	r.register(n)
	st.node = n
}

// told is what the vertex of a base says that it did.
func (op *sourceOp) told(r *run, n *node) string {
	if !op.local {
		return "resolve " + op.Name
	}
	total := int64(2)
	op.base.Layers[0].Layer.Tree.Walk(func(p string, _ tree.Ino, f *tree.Inode) bool {
		for _, src := range r.takenFrom(n) {
			if covers(src, p) {
				total += int64(19+len(p)) + f.Size()
				break
			}
		}
		return true
	})
	return "transferring " + op.context + ": " + byteSize(total)
}

// contextDone ends the vertex of a named context: an image that something was made
// of before is there already, a directory is looked at anew in each build.
func (r *run) contextDone(op *sourceOp, res *result) {
	v := res.source
	if op.local {
		res.source = nil
	} else if _, ok := r.b.Cache.last.Get(usedKey(res.key)); ok {
		v.cached()
		res.source = nil
		return
	}
	v.done(nil)
}

// takenFrom is the paths that steps take from a node.
func (r *run) takenFrom(n *node) (paths []string) {
	for _, other := range r.nodes {
		switch op := other.op.(type) {
		case *copyOp:
			for _, a := range op.Actions {
				if a.from == n {
					paths = append(paths, a.Src)
				}
			}
		case *runOp:
			for _, m := range op.Mounts {
				if m.from == n {
					paths = append(paths, "/"+trimRoot(m.Source))
				}
			}
		}
		if other.base == n {
			paths = append(paths, "/")
		}
	}
	return paths
}
