package build

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/moby/patternmatcher"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// parentKey is the cache key of what a node starts from.
func (n *node) parentKey() string {
	if b := n.base.real(); b != nil && !n.linked() {
		return b.res.key
	}
	return "scratch"
}

// inputsOf is what a node's result depends on. Its base and sources are built.
// An error is a source that is missing or cannot be read.
func (r *run) inputsOf(n *node) (*inputs, error) {
	in := &inputs{Shown: n.step, Parent: n.parentKey()}
	switch op := n.op.(type) {
	case *mkdirOp:
		in.Def = digestJSON("mkdir", op.Path, op.User, op.Time)
		in.User = op.User
	case *runOp:
		return in, r.inputsOfRun(n, op, in)
	case *copyOp:
		return in, r.inputsOfCopy(n, op, in)
	}
	return in, nil
}

func (r *run) inputsOfRun(n *node, op *runOp, in *inputs) error {
	in.Args, in.Env, in.Dir, in.User, in.Build = op.Args, op.Env, op.Dir, op.User, op.buildArg
	def := []any{"run", op.Network, op.Security, op.Script}
	for _, m := range op.Mounts {
		def = append(def, m.Type, m.Target, m.ReadOnly, m.From)
		if m.Type == "secret" { // which, but not what it says
			def = append(def, m.ID, m.Env, m.UID, m.GID, m.Mode, m.Required)
		}
		if m.Type != "bind" {
			continue
		}
		v, err := r.viewOf(m.from, m.From == "")
		if err != nil {
			return err
		}
		h := r.hasher(v, m.From != "")
		files, err := h.files(&copyAction{Src: path.Join("/", m.Source)})
		if err != nil {
			return err
		}
		in.Files = append(in.Files, files...)
	}
	in.Def = digestJSON(def...)
	return nil
}

func (r *run) inputsOfCopy(n *node, op *copyOp, in *inputs) error {
	def := []any{"copy"}
	for _, a := range op.Actions {
		def = append(def, path.Base(a.Src), a.Dest, a.Chown, a.Mode, a.ModeStr, a.Add, a.Parents, a.Exclude, a.Data)
		if ownerByName(a.Chown) && n.base != nil {
			v := n.base.real().res.view()
			for _, p := range []string{"/etc/passwd", "/etc/group"} {
				text, _ := v.ReadFile(p)
				def = append(def, string(text))
			}
		}
		if a.Kind == "inline" {
			continue
		}
		files, err := r.filesOf(a)
		if err != nil {
			return err
		}
		in.Counts = append(in.Counts, len(files))
		in.Files = append(in.Files, files...)
		if a.from != nil {
			in.From = append(in.From, a.from.real().seq)
		}
	}
	in.Def = digestJSON(def...)
	return nil
}

// filesOf is what an action would copy. Its source does not change any more.
func (r *run) filesOf(a *copyAction) ([]fileInput, error) {
	if a.looked {
		return a.files, nil
	}
	if a.Kind == "url" {
		return nil, fmt.Errorf("Get %q: the lab has no network", a.Src) //nolint:staticcheck // as Go's HTTP client says it
	}
	v, err := r.viewOf(a.from, a.Kind == "context")
	if err != nil {
		return nil, err
	}
	files, err := r.hasher(v, a.Kind == "from").files(a)
	a.files, a.looked = files, err == nil
	return files, err
}

// viewOf is the files of a node, of the context, or nothing.
func (r *run) viewOf(n *node, isContext bool) (*overlay.View, error) {
	if isContext {
		if err := r.needContext(); err != nil {
			return nil, err
		}
		return r.source.files.Root(), nil
	}
	if n == nil {
		return (*result)(nil).view(), nil
	}
	if n.real().res == nil {
		return nil, errors.New("the source was not built")
	}
	return n.real().res.view(), nil
}

func (r *run) hasher(v *overlay.View, frozen bool) *hasher {
	return &hasher{v: v, frozen: frozen, seen: r.b.Cache.digests, buf: make([]byte, 32<<10), pause: r.pause}
}

// key is the cache key of a step: everything that its result depends on and
// nothing else. A file's time is not in it, nor what only changes the
// configuration.
func (in *inputs) key() string {
	in.sum = digestJSON(in.Parent, in.Def, in.Args, in.Env, in.Dir, in.User, in.Counts, keyOfFiles(in.Files))
	return in.sum
}

// sourceOf is the files that an action copies from.
func (r *run) sourceOf(a *copyAction) (*overlay.View, error) {
	if a.Kind != "inline" {
		return r.viewOf(a.from, a.Kind == "context")
	}
	// A document is a file that is made once: a later COPY of the same has its time,
	// and writes nothing if it is there already.
	key := digestJSON(a.Src, a.Data)
	made, ok := r.b.Cache.documents.Get(key)
	if !ok {
		made = r.clock()
		r.b.Cache.documents.Set(key, made)
	}
	t := tree.New(made)
	t.Add(tree.Root, path.Base(a.Src), tree.Inode{Mode: tree.Regular | 0o644, MTime: made, Body: content.String(a.Data)})
	return overlay.New([]*tree.Tree{t}, nil, overlay.Options{}).Root(), nil
}

// contextPaths is the paths of the context that a set of stages uses.
func (r *run) contextPaths(needed map[*stage]bool) (paths []string, uses bool) {
	for _, st := range r.stages {
		if !needed[st] {
			continue
		}
		for _, s := range st.steps {
			if s.node == nil {
				continue
			}
			switch op := s.node.op.(type) {
			case *copyOp:
				for _, a := range op.Actions {
					if a.Kind == "context" {
						paths, uses = append(paths, a.Src), true
					}
				}
			case *runOp:
				for _, m := range op.Mounts {
					if m.Type == "bind" && m.From == "" {
						paths, uses = append(paths, path.Join("/", m.Source)), true
					}
				}
			}
		}
	}
	return paths, uses
}

// loadContext shows the context's vertex, if a step takes anything from it.
func (r *run) loadContext(needed map[*stage]bool) error {
	paths, uses := r.contextPaths(needed)
	if !uses {
		return nil
	}
	if r.remote() {
		return r.needContext()
	}
	v := r.begin("[internal] load build context", 0, 0)
	if err := badPaths(paths); err != nil {
		v.done(err)
		return err
	}
	if err := r.needContext(); err != nil {
		v.done(err)
		return err
	}
	v.status("transferring context: "+byteSize(r.transferred(paths)), 0)
	v.done(nil)
	return nil
}

// badPaths fails if a source has wildcards that cannot be matched. The client is
// asked for just the paths that are used, unless all are.
func badPaths(paths []string) error {
	var list []string
	for _, p := range paths {
		if p = strings.TrimPrefix(path.Clean(p), "/"); p == "" {
			return nil
		}
		list = append(list, p)
	}
	slices.Sort(list)
	list = slices.Compact(list)
	if _, err := patternmatcher.New(list); err != nil {
		return fmt.Errorf("rpc error: code = Unknown desc = %w", badPattern{"include", list, err})
	}
	return nil
}

// needContext loads the context once.
func (r *run) needContext() error {
	if r.source.files != nil {
		return nil
	}
	return r.source.load(r.clock(), r.pause)
}

// transferred is the bytes that a client would send for the given paths: what is
// told of each file, and the bytes of those that the builder does not have yet.
func (r *run) transferred(paths []string) int64 {
	total := int64(2)
	root := r.source.files.Lowers()[0]
	root.Walk(func(p string, _ tree.Ino, n *tree.Inode) bool {
		if !slices.ContainsFunc(paths, func(src string) bool { return covers(src, p) }) {
			return n.IsDir()
		}
		total += int64(19 + len(p))
		if n.IsRegular() {
			old, known := r.b.Cache.sent.Get(p)
			if now := (sentFile{n.Size(), n.MTime}); !known || old != now {
				total += n.Size() + 6
				r.b.Cache.sent.Set(p, now)
			}
		}
		return true
	})
	return total
}

// covers reports whether a source means the path p of the context.
func covers(src, p string) bool {
	src = strings.Trim(path.Clean(src), "/")
	if src == "" || src == "." {
		return true
	}
	if !hasWildcard(src) {
		return p == src || strings.HasPrefix(p, src+"/")
	}
	patterns, names := strings.Split(src, "/"), strings.Split(p, "/")
	if len(names) < len(patterns) {
		return false
	}
	for i, pattern := range patterns {
		if ok, err := path.Match(pattern, names[i]); err != nil || !ok {
			return false
		}
	}
	return true
}

// sent reports whether the builder knows a directory of the context: it gets just
// what the sources mean, and keeps what it got for earlier builds.
func (r *run) sent(dir string) bool {
	dir = strings.Trim(dir, "/")
	paths, _ := r.contextPaths(r.reachable())
	if dir == "" || slices.ContainsFunc(paths, func(src string) bool { return covers(src, dir) }) {
		return true
	}
	found := false
	r.b.Cache.sent.Ascend(dir+"/", func(p string, _ sentFile) bool {
		found = strings.HasPrefix(p, dir+"/")
		return false
	})
	return found
}
