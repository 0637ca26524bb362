package catalog

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/store"
	"github.com/layerlab/layerlab/sim/tree"
)

// A Picture is what a data file says of one model image. The file is text:
//
//	image NAME             the familiar name, with its tag
//	about TEXT             one sentence: of what it is a model, and what of it is real
//	from NAME              another image of the catalogue, whose layers are below (may be missing)
//	config JSON            the configuration without its layers
//	layer DIFFID SIZE ENTRIES BYTES BLOB BLOBSIZE   what making the layer would find
//	like FILE              begin with the files of the first layer in another data file …
//	drop PATTERN           … without the paths that match (path.Match, * also across /; "drop !PATTERN" keeps them all the same)
//	files                  a list of files follows (see Entries), up to the next layer line
//
// Layers follow one another; the digests and sizes are held to the truth by a test.
type Picture struct {
	Name, About, From string
	Config            image.Config
	Layers            []PictureLayer
}

// A PictureLayer is one layer of a Picture.
type PictureLayer struct {
	DiffID  digest.Digest
	Size    int64
	Entries int
	Bytes   int64
	Blob    digest.Digest
	Packed  int64 // bytes of the blob

	Like string // data file
	Drop []string
	List string // see Entries
}

// ParsePicture reads a data file of an image. Errors name the line.
func ParsePicture(text string) (*Picture, error) {
	p := &Picture{}
	var l *PictureLayer
	for number := 1; text != ""; number++ {
		line, rest, _ := strings.Cut(text, "\n")
		text = rest
		word, value, _ := strings.Cut(line, " ")
		var err error
		switch {
		case word == "image":
			p.Name = value
		case word == "about":
			p.About = value
		case word == "from":
			p.From = value
		case word == "config":
			err = json.Unmarshal([]byte(value), &p.Config)
		case word == "layer":
			p.Layers = append(p.Layers, PictureLayer{})
			l = &p.Layers[len(p.Layers)-1]
			err = l.facts(strings.Fields(value))
		case l == nil:
			err = fmt.Errorf("want image, about, from, config or layer")
		case word == "like":
			l.Like = value
		case word == "drop":
			l.Drop = append(l.Drop, value)
		case word == "files":
			l.List = text
			text = ""
			if end := strings.Index(l.List, "\nlayer "); end >= 0 {
				l.List, text = l.List[:end+1], l.List[end+1:]
				number += strings.Count(l.List, "\n")
			}
		default:
			err = fmt.Errorf("want like, drop or files")
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w: %.60q", number, err, line)
		}
	}
	return p, nil
}

func (l *PictureLayer) facts(f []string) error {
	if len(f) == 0 {
		return nil // not known yet: the generator makes it to find out
	}
	if len(f) != 6 {
		return fmt.Errorf("want six facts")
	}
	var numbers [4]int64
	for i, s := range []string{f[1], f[2], f[3], f[5]} {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return err
		}
		numbers[i] = n
	}
	l.DiffID, l.Blob = digest.Digest(f[0]), digest.Digest(f[4])
	l.Size, l.Entries, l.Bytes, l.Packed = numbers[0], int(numbers[1]), numbers[2], numbers[3]
	return nil
}

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
	const stand = "\x01"
	ok, err := path.Match(strings.ReplaceAll(pattern, "/", stand), strings.ReplaceAll(name, "/", stand))
	return ok && err == nil
}

// Tree makes the files of the layer. below is the list of the layer that it is
// like, or "".
func (l *PictureLayer) Tree(ctx context.Context, below string, pause func(context.Context) error) (*tree.Tree, error) {
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
			return Put(t, e)
		}
	}
	if below != "" {
		if err := Entries(below, put(l.Drop)); err != nil {
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

// Put adds an entry to t, whose directory must be there; a file that is there
// gives way, a directory keeps its metadata unless the entry belongs to no package.
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
		if n := t.Inode(old); n.IsDir() && e.Package == "" {
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

// held is the layer ready for a store.
func (l *PictureLayer) held(t *tree.Tree) *store.Held {
	made := layer.Known(t, l.DiffID, l.Size, l.Entries, l.Bytes)
	return &store.Held{
		Layer: made, Blob: layer.GzipBody(made.Tar(), l.Packed), Digest: l.Blob, Size: l.Packed,
		MediaType: ocispec.MediaTypeImageLayerGzip, DiffID: l.DiffID,
	}
}
