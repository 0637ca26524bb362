package build

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/store"
	"github.com/layerlab/layerlab/sim/tree"
)

// lab is a machine to build on.
type lab struct {
	t      *testing.T
	b      *Builder
	host   *overlay.Mount
	now    time.Time
	images map[string]*Base
	events []Event
	last   *Result
	other  *Result // an image that a test may want
}

func newLab(t *testing.T) *lab {
	l := &lab{t: t, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), images: map[string]*Base{}}
	now := func() time.Time { return l.now }
	l.host = overlay.New(nil, tree.New(tree.TimeOf(l.now)), overlay.Options{Now: func() tree.Time { return tree.TimeOf(l.now) }})
	l.b = &Builder{Images: l, Cache: NewCache(), Now: now, Sleep: func(_ context.Context, d time.Duration) error {
		l.now = l.now.Add(d)
		return nil
	}}
	if err := l.host.Root().MkdirAll("/ctx", 0o755); err != nil {
		t.Fatal(err)
	}
	return l
}

// Resolve makes a lab the Images of its builder.
func (l *lab) Resolve(_ context.Context, ref string) (*Base, error) {
	if b, ok := l.images[ref]; ok {
		return b, nil
	}
	return nil, fs.ErrNotExist
}

// write puts files into the context: name and content in turn. A name that ends
// in "/" is a directory, "a -> b" a symbolic link.
func (l *lab) write(pairs ...string) *lab {
	l.t.Helper()
	v := l.host.Root()
	l.now = l.now.Add(time.Second)
	for i := 0; i+1 < len(pairs); i += 2 {
		link, target, isLink := strings.Cut(pairs[i], " -> ")
		name := path.Join("/ctx", link)
		if err := v.MkdirAll(path.Dir(name), 0o755); err != nil {
			l.t.Fatal(err)
		}
		var err error
		switch {
		case isLink:
			err = v.Symlink(target, name)
		case strings.HasSuffix(link, "/"):
			err = v.MkdirAll(name, 0o755)
		default:
			err = v.WriteFile(name, []byte(pairs[i+1]), 0o644)
		}
		if err != nil {
			l.t.Fatal(err)
		}
	}
	return l
}

func (l *lab) try(o Options) (*Result, error) {
	l.events = nil
	l.now = l.now.Add(time.Second)
	res, err := l.b.Build(context.Background(), l.host.Root(), "/ctx", o, func(e Event) { l.events = append(l.events, e) })
	l.last = res
	return res, err
}

func (l *lab) build(o Options) *Result {
	l.t.Helper()
	res, err := l.try(o)
	if err != nil {
		l.t.Fatalf("build: %v\n%s", err, l.plain(err))
	}
	return res
}

// dockerfile writes the Dockerfile and builds.
func (l *lab) dockerfile(lines ...string) *Result {
	l.t.Helper()
	l.write("Dockerfile", strings.Join(lines, "\n")+"\n")
	return l.build(Options{})
}

// plain is the last build's progress.
func (l *lab) plain(err error) string {
	var b strings.Builder
	p := Plain(&b)
	for _, e := range l.events {
		p.Event(e)
	}
	p.Finish(err)
	return b.String()
}

// name gives a result a name for FROM.
func (l *lab) name(ref string, res *Result) {
	l.images[ref] = &Base{Name: ref, Image: res.Image, Layers: res.Layers}
}

// entries is what a layer's tar holds, in its order, as `lab layers` prints it.
func entries(l *store.Held) []string {
	var out []string
	seen := map[tree.Ino]string{}
	l.Layer.Tree.Walk(func(p string, i tree.Ino, n *tree.Inode) bool {
		line := fmt.Sprintf("%04o %d:%d %d /%s", n.Perm(), n.UID, n.GID, n.Size(), p)
		switch {
		case n.IsWhiteout():
			line = "whiteout /" + p
		case n.IsDir():
			line = fmt.Sprintf("d %04o %d:%d /%s", n.Perm(), n.UID, n.GID, p)
		case n.IsSymlink():
			line = fmt.Sprintf("l %d:%d /%s -> %s", n.UID, n.GID, p, n.Target)
		case seen[i] != "":
			line = fmt.Sprintf("h /%s => /%s", p, seen[i])
		}
		seen[i] = p
		out = append(out, line)
		return true
	})
	return out
}

// made is the entries of the layers that a build made, without its base's.
func made(res *Result, base int) [][]string {
	var out [][]string
	for _, h := range res.Layers[base:] {
		out = append(out, entries(h))
	}
	return out
}

// merged is the image's files: path and content.
func merged(res *Result) map[string]string {
	out := map[string]string{}
	fsys := res.Mount.FS()
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := fs.ReadFile(fsys, p)
		out["/"+p] = string(text)
		return err
	})
	if err != nil {
		panic(err)
	}
	return out
}

// history is the image's rows, created_by with "(layer)" behind those with one.
func history(im *image.Image) []string {
	var out []string
	for _, h := range im.Config.History {
		s := h.CreatedBy
		if !h.EmptyLayer {
			s += " (layer)"
		}
		out = append(out, s)
	}
	return out
}

func keys(m map[string]string) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
