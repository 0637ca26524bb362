package state

import (
	"archive/tar"
	"context"
	"errors"
	"path"
	"strings"

	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/tree"
	"github.com/layerlab/layerlab/web/action"
)

// Upper is the view of a container's upper directory: as the kernel stores it,
// beside the tar that would ship it.
type Upper struct {
	Open     bool
	Selected string    // key of the selected object, see UpperKeys; "" for none
	At       [2]int    // the selected row on each side, kernel and tar; -1 for none
	Shipment *Shipment // what the tar would be; nil while it is not known
	asked    *Container
	shipped  *Container // that Shipment is of
}

// A Shipment is the layer that `docker commit` would make of a container now.
type Shipment struct {
	Entries []TarEntry // in the order of the tar, the first MaxEntries
	Count   int        // entries of the tar
	Size    int64      // bytes of the tar
	DiffID  string
	Err     string
}

// MaxEntries is how many entries of a tar are kept for showing.
const MaxEntries = 1000

// A TarEntry is one header of a layer tar.
type TarEntry struct {
	*tar.Header
	Path string // cleaned and absolute: "/a/b"
}

type (
	// ShipUpper makes the tar of a container's upper directory.
	ShipUpper struct{ Container *Container }
	// UpperShipped is what it is like.
	UpperShipped struct {
		Container *Container
		Shipment  *Shipment
	}
)

// errEnough ends the reading of a tar of which enough is known.
var errEnough = errors.New("enough")

func reduceUpper(s *State, a action.Action) ([]Effect, bool) {
	u := &s.Upper
	switch a := a.(type) {
	case action.ShowUpper:
		s.showUpper(a.Container)
	case action.CloseUpper:
		u.Open = false
	case UpperShipped:
		if a.Container == u.asked {
			u.Shipment, u.shipped = a.Shipment, a.Container
			u.find(a.Container)
		}
	case action.SelectUpper:
		s.selectUpper(a.Side, a.Row)
	case action.MoveInUpper:
		s.moveInUpper(a.Side, a.Key)
	default:
		return nil, false
	}
	return nil, true
}

// UpperContainer is the container whose upper directory is shown, nil if there is
// none.
func (s *State) UpperContainer() *Container {
	im := s.Shown()
	if im == nil {
		return nil
	}
	if c := s.World.Container(s.Stack.Container); c != nil && c.ImageID == im.ID {
		return c
	}
	if on := s.World.On(im.ID); len(on) > 0 {
		return on[len(on)-1]
	}
	return nil
}

func (s *State) showUpper(id string) {
	if c := s.World.Container(id); c != nil {
		s.Stack.show(c.ImageID)
		s.Stack.Container, s.Stack.Layer = id, 0
	}
	c := s.UpperContainer()
	if c == nil {
		return
	}
	s.Stack.Container, s.Stack.Layer = c.ID, 0
	s.Upper = Upper{Open: true, At: [2]int{-1, -1}}
	s.Page.View, s.Page.Tab = "build", "files"
	s.showContainerFiles()
	s.ship()
}

// ship asks for the tar of what is shown, if it is not known.
func (s *State) ship() {
	u := &s.Upper
	c := s.UpperContainer()
	if !u.Open || c == u.asked {
		return
	}
	if c == nil {
		u.Open = false
		return
	}
	if u.asked == nil || u.asked.ID != c.ID {
		u.Shipment, u.Selected, u.At = nil, "", [2]int{-1, -1}
	}
	u.asked = c
	u.find(c)
	if c.held != nil {
		s.want(ShipUpper{c})
	}
}

// Sides of the view of an upper directory.
const (
	KernelSide = 0
	TarSide    = 1
)

func sideOf(name string) int {
	if name == "tar" {
		return TarSide
	}
	return KernelSide
}

// MaxUpper is how many names of an upper directory are shown.
const MaxUpper = 1000

// UpperRow is one name of an upper directory.
type UpperRow struct {
	Path  string // "/" for the root
	Level int
	Ino   tree.Ino
	Node  *tree.Inode
}

// UpperRows is the names of an upper directory, the root first, each directory
// before what is in it, and how many more there are.
func UpperRows(t *tree.Tree) (rows []UpperRow, more int) {
	if t == nil || t.Names() == 0 {
		return nil, 0
	}
	rows = []UpperRow{{Path: "/", Ino: tree.Root, Node: t.Inode(tree.Root)}}
	t.Walk(func(p string, i tree.Ino, n *tree.Inode) bool {
		if len(rows) > MaxUpper {
			more++
			return true
		}
		p = path.Join("/", p)
		if p != "/" {
			rows = append(rows, UpperRow{Path: p, Level: strings.Count(p, "/"), Ino: i, Node: n})
		}
		return true
	})
	return rows, more
}

// UpperKeys tells which rows of the two sides are about one object.
type UpperKeys struct {
	t     *tree.Tree
	first map[tree.Ino]string // the first name of files with several
}

// NewUpperKeys is the keys of an upper directory.
func NewUpperKeys(t *tree.Tree) *UpperKeys {
	k := &UpperKeys{t, map[tree.Ino]string{}}
	if t == nil {
		return k
	}
	t.Walk(func(p string, i tree.Ino, n *tree.Inode) bool {
		if _, ok := k.first[i]; !ok && !n.IsDir() && n.Nlink > 1 {
			k.first[i] = path.Join("/", p)
		}
		return true
	})
	return k
}

// Of is what the rows of one object have in common: its path, for a file with
// several names the first of them, for a whiteout that the upper directory has
// not the opaque directory that it stands for. p is the path that a row is about.
func (k *UpperKeys) Of(p string) string {
	i := k.t.Lookup(p)
	if i == 0 {
		for d := path.Dir(p); ; d = path.Dir(d) {
			if n := k.t.Get(d); n != nil && n.IsDir() && n.Opaque {
				return d
			}
			if d == "/" {
				return p
			}
		}
	}
	if first, ok := k.first[i]; ok {
		return first
	}
	return p
}

// About is the path that an entry is about: that which a whiteout hides, the
// directory of an opaque marker, its own otherwise.
func (e TarEntry) About() string {
	dir, name := path.Split(e.Path)
	switch {
	case name == ".wh..wh..opq":
		return path.Clean(dir)
	case strings.HasPrefix(name, ".wh."):
		return path.Join(dir, name[len(".wh."):])
	}
	return e.Path
}

// IsWhiteout reports whether an entry is a whiteout or an opaque marker.
func (e TarEntry) IsWhiteout() bool { return strings.HasPrefix(path.Base(e.Path), ".wh.") }

// keys is the key of each row of a side.
func (u *Upper) keys(c *Container, side int) []string {
	var out []string
	if c.Upper == nil {
		return nil
	}
	k := NewUpperKeys(c.Upper)
	if side == KernelSide {
		rows, _ := UpperRows(c.Upper)
		for _, r := range rows {
			out = append(out, k.Of(r.Path))
		}
		return out
	}
	if u.Shipment != nil {
		for _, e := range u.Shipment.Entries {
			out = append(out, k.Of(e.About()))
		}
	}
	return out
}

// find finds the rows of the selected object.
func (u *Upper) find(c *Container) {
	for side := range u.At {
		keys, was := u.keys(c, side), u.At[side]
		u.At[side] = -1
		for i, k := range keys {
			if u.Selected != "" && k == u.Selected && (u.At[side] < 0 || i == was) {
				u.At[side] = i
			}
		}
	}
	if u.At[0] < 0 && u.At[1] < 0 {
		u.Selected = ""
	}
}

func (s *State) selectUpper(side string, row int) {
	u, c := &s.Upper, s.UpperContainer()
	if c == nil {
		return
	}
	n := sideOf(side)
	keys := u.keys(c, n)
	if row < 0 || row >= len(keys) {
		return
	}
	u.Selected = keys[row]
	u.At = [2]int{-1, -1}
	u.At[n] = row
	u.find(c)
}

func (s *State) moveInUpper(side, key string) {
	u, c := &s.Upper, s.UpperContainer()
	if c == nil {
		return
	}
	n := sideOf(side)
	last := len(u.keys(c, n)) - 1
	to := map[string]int{"up": u.At[n] - 1, "down": u.At[n] + 1, "pageup": u.At[n] - 10, "pagedown": u.At[n] + 10, "home": 0, "end": last}[key]
	s.selectUpper(side, min(max(to, 0), last))
}

// shipUpper makes a layer of a copy of the container, as `docker commit` would.
func (r *Runner) shipUpper(e ShipUpper) {
	ctx := context.Background()
	sh := &Shipment{}
	t, order := e.Container.held.Changeset()
	l, err := layer.New(ctx, t, layer.WriteOptions{Order: order, Pause: r.b.Pause})
	if err == nil {
		sh, err = ShipmentOf(ctx, l)
	}
	if err != nil {
		sh = &Shipment{Err: err.Error()}
	}
	r.dispatch(UpperShipped{e.Container, sh})
}

// ShipmentOf reads the headers of a layer's tar again, as another program would.
func ShipmentOf(ctx context.Context, l *layer.Layer) (*Shipment, error) {
	sh := &Shipment{Count: l.Entries, Size: l.Size, DiffID: l.DiffID.String()}
	err := l.Each(ctx, func(x layer.Entry) error {
		if len(sh.Entries) == MaxEntries {
			return errEnough
		}
		h := *x.Header
		sh.Entries = append(sh.Entries, TarEntry{Header: &h, Path: path.Join("/", x.Name)})
		return nil
	})
	if err == errEnough {
		err = nil
	}
	return sh, err
}

// Shipping reports whether the tar that is shown is that of an earlier moment.
func (u *Upper) Shipping() bool { return u.shipped != u.asked }
