package catalog

import (
	"context"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/layerlab/layerlab/sim/tree"
)

// dropped reports whether path p is left out.
func dropped(patterns []string, p string) bool {
	out := false
	for _, pat := range patterns {
		keep := strings.HasPrefix(pat, "!")
		if Match(strings.TrimPrefix(pat, "!"), p) {
			out = !keep
		}
	}
	return out
}

// Match is fnmatch(3) without flags: path.Match, but * and ? match a slash too.
func Match(pattern, name string) bool {
	// A package's files are held against some dozen patterns each, which mostly
	// differ from them at once: that is to cost nothing.
	plain := strings.IndexAny(pattern, `*?[\`)
	if plain < 0 {
		return pattern == name
	}
	name, ok := strings.CutPrefix(name, pattern[:plain])
	if pattern = pattern[plain:]; !ok || pattern == "*" {
		return ok
	}
	const stand = "\x01"
	ok, err := path.Match(strings.ReplaceAll(pattern, "/", stand), strings.ReplaceAll(name, "/", stand))
	return ok && err == nil
}

// Tree makes the files of the layer. alike is the list of the layer that it is
// like, or ""; lower are the layers below it, the lowest first, whose texts it may
// add to.
func (l *PictureLayer) Tree(ctx context.Context, alike string, lower []*tree.Tree, pause func(context.Context) error) (*tree.Tree, error) {
	t := tree.New(tree.Time{})
	var known info
	left := map[string]*Entry{} // directories that were dropped, for what is kept in them
	var parents func(p string) error
	parents = func(p string) error {
		dir := path.Dir(p)
		if e := left[dir]; e != nil {
			delete(left, dir)
			if err := parents(dir); err != nil {
				return err
			}
			return Put(t, e)
		}
		return nil
	}
	n := 0
	put := func(drop []string) func(e *Entry) error {
		return func(e *Entry) error {
			if n++; n%256 == 0 && pause != nil {
				if err := pause(ctx); err != nil {
					return err
				}
			}
			known.add(e)
			if len(drop) > 0 && dropped(drop, e.Path) {
				if e.Mode&tree.TypeMask == tree.Directory {
					left[e.Path] = e
				}
				return nil
			}
			if err := parents(e.Path); err != nil {
				return err
			}
			if e.Adds {
				text, err := textBelow(lower, e.Path)
				if err != nil {
					return err
				}
				e.Text = join(e.Path, text, e.Text)
			}
			return Put(t, e)
		}
	}
	if alike != "" {
		if err := Entries(strings.NewReplacer(l.Edit...).Replace(alike), put(l.Drop)); err != nil {
			return nil, err
		}
	}
	if err := Entries(l.List, put(nil)); err != nil {
		return nil, err
	}
	at := t.Inode(tree.Root).MTime.Sec
	known.write(t, at)
	return t, nil
}

// textBelow is the text that the layers below have of a file, "" when none has it.
func textBelow(lower []*tree.Tree, name string) (string, error) {
	for _, t := range slices.Backward(lower) {
		n := t.Get(Place(t, name))
		if n == nil || n.Body == nil {
			continue
		}
		r, err := n.Body.Open()
		if err != nil {
			return "", err
		}
		defer r.Close()
		b, err := io.ReadAll(r)
		return string(b), err
	}
	return "", nil
}

// join is a file's text with more of it: dpkg keeps its database by the packages'
// names, each once; in other files what is new stands at the end.
func join(name, old, more string) string {
	if name != dpkgStatus {
		return old + more
	}
	byName := map[string]string{}
	for stanza := range strings.SplitSeq(old+more, "\n\n") {
		if stanza = strings.Trim(stanza, "\n"); stanza != "" {
			first, _, _ := strings.Cut(stanza, "\n")
			byName[first] = stanza + "\n\n"
		}
	}
	var b strings.Builder
	for _, first := range slices.Sorted(maps.Keys(byName)) {
		b.WriteString(byName[first])
	}
	return b.String()
}

// dpkgStatus is dpkg's database.
const dpkgStatus = "/var/lib/dpkg/status"

// Put adds an entry to t, whose directory must be there; a file that is there
// gives way, a directory keeps its metadata unless the entry gives some and belongs to no package.
func Put(t *tree.Tree, e *Entry) error {
	p := Place(t, e.Path)
	node := e.Inode()
	if p == "/" {
		t.Update(tree.Root, func(n *tree.Inode) { n.Mode, n.UID, n.GID, n.MTime = node.Mode, node.UID, node.GID, node.MTime })
		return nil
	}
	dir := t.Lookup(path.Dir(p))
	if dir == 0 {
		return fmt.Errorf("no directory for it")
	}
	name := path.Base(p)
	old := t.Child(dir, name)
	if node.IsDir() && old != 0 {
		if n := t.Inode(old); n.IsDir() && e.Package == "" && !e.Bare {
			t.Update(old, func(n *tree.Inode) { n.Mode, n.UID, n.GID, n.MTime = node.Mode, node.UID, node.GID, node.MTime })
		}
		return nil
	}
	if old != 0 {
		t.Remove(dir, name)
	}
	if e.Hard {
		to := t.Lookup(Place(t, e.Target))
		if to == 0 {
			return fmt.Errorf("no file %q to link to", e.Target)
		}
		t.Link(dir, name, to)
		return nil
	}
	t.Add(dir, name, node)
	return nil
}
