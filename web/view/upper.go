package view

import (
	"archive/tar"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/layerlab/layerlab/sim/tree"
	"github.com/layerlab/layerlab/web/state"
)

// Upper is a container's upper directory, as the kernel stores it and as the tar
// that would ship it.
type Upper struct {
	Shown   bool
	Name    string // of the container
	Empty   string
	Hint    string // what to type, where it is empty
	Kernel  []KernelRow
	Tar     []TarRow
	More    [2]string // on each side, what is not shown
	Active  [2]string // DOM IDs of the selected rows
	Sum     [2]string // under each side's heading
	DiffID  string
	Err     string
	Busy    bool   // the tar is being made
	Why     string // of the selected object: what differs between the sides
	Reasons []Reason
	Choices []Choice
}

// A Reason is one way in which the two sides differ, and why.
type Reason struct {
	Title string
	Text  string
	Paths string // where it occurs
	Row   int    // of the kernel's side, -1 for none
	Now   bool   // it is about the selected object
}

// A KernelRow is one name of the upper directory, as ls -l shows it.
type KernelRow struct {
	DOM      string
	Mode     string // "-rw-r--r--"
	Links    string
	Owner    string
	Size     string // "17", of a device "0, 0"
	Time     string // "Jan  5 09:00"
	Full     string // the time to the nanosecond
	Name     string
	Xattrs   []string
	Note     string
	From     *Tag
	Kind     string // "white", "opaque" or ""
	Selected bool
	Mate     bool // another name of the selected object
}

// A TarRow is one header of the layer tar.
type TarRow struct {
	DOM      string
	Flag     string // the type flag: "0"
	Type     string // in a word: "file"
	Mode     string // octal
	Owner    string
	Size     string
	Time     string
	Full     string
	Name     string
	Link     string
	Format   string // "USTAR" or "PAX"
	Records  []string
	Note     string
	Kind     string
	Selected bool
	Mate     bool
}

// NewUpper lays the upper directory of a container out.
func NewUpper(s *state.State) Upper {
	c := s.UpperContainer()
	if !s.Upper.Open || c == nil {
		return Upper{}
	}
	v := Upper{Shown: true, Name: c.Name}
	if im := s.Shown(); im != nil {
		for _, o := range s.World.On(im.ID) {
			v.Choices = append(v.Choices, Choice{o.ID, o.Name, o.ID == c.ID})
		}
	}
	rows, more := state.UpperRows(c.Upper)
	if len(rows) == 0 {
		v.Empty = "Nothing written yet: the upper directory is empty."
		v.Hint = "docker exec " + c.Name + " sh -c 'echo hi > /new; rm -rf /home; mkdir /home'"
		return v
	}
	u := upper{s: s, c: c, keys: state.NewUpperKeys(c.Upper), image: s.Shown()}
	u.kernel(&v, rows)
	u.tar(&v)
	if more > 0 {
		v.More[0] = "and " + Count(more, "name") + " more"
	}
	v.Reasons = u.reasons()
	v.Why = u.why()
	for i := range v.Reasons {
		v.Reasons[i].Now = v.Reasons[i].Now && s.Upper.Selected != ""
	}
	return v
}

// An upper is a container's upper directory that is put into words.
type upper struct {
	s     *state.State
	c     *state.Container
	image *state.Image
	keys  *state.UpperKeys
	rows  []state.UpperRow
}

func (u *upper) kernel(v *Upper, rows []state.UpperRow) {
	u.rows = rows
	whites, first := 0, tree.Time{}
	for _, r := range rows {
		if r.Node.IsWhiteout() {
			if whites++; whites == 1 || r.Node.MTime.Before(first) {
				first = r.Node.MTime
			}
		}
	}
	for i, r := range rows {
		k := u.kernelRow(r)
		if r.Node.IsWhiteout() {
			// All whiteouts of a mount are names of one inode, of which work/ has a further one.
			k.Links = strconv.Itoa(whites + 1)
			k.Time, k.Full = short(first.Time()), full(first.Time())
		}
		k.DOM = "upper-k" + strconv.Itoa(i)
		k.Selected, k.Mate = u.mark(state.KernelSide, i, r.Path)
		if k.Selected {
			v.Active[0] = k.DOM
		}
		v.Kernel = append(v.Kernel, k)
	}
	v.Sum[0] = Count(u.c.Upper.Names(), "name") + " · " + Bytes(u.c.Size) + " on disk"
}

// mark says whether a row is the selected one, or another of the same object.
func (u *upper) mark(side, row int, p string) (selected, mate bool) {
	if sel := u.s.Upper.Selected; sel != "" && u.keys.Of(p) == sel {
		at := u.s.Upper.At[side]
		return at == row, at != row
	}
	return false, false
}

func (u *upper) kernelRow(r state.UpperRow) KernelRow {
	n := r.Node
	k := KernelRow{
		Mode: kindLetter(n) + Mode(n.Perm()), Links: strconv.Itoa(int(n.Nlink)), Owner: owner(n.UID, n.GID),
		Size: strconv.FormatInt(n.Size(), 10), Time: short(n.MTime.Time()), Full: full(n.MTime.Time()), Name: visible(strings.TrimPrefix(r.Path, "/")),
	}
	switch {
	case r.Path == "/":
		k.Name = "."
	case n.IsSymlink():
		k.Name += " → " + visible(n.Target)
	}
	switch n.Type() {
	case tree.Directory:
		k.Size = "4096"
	case tree.CharDevice, tree.BlockDevice:
		k.Size = strconv.Itoa(int(n.Major)) + ", " + strconv.Itoa(int(n.Minor))
	}
	for _, name := range sortedKeys(n.Xattrs) {
		k.Xattrs = append(k.Xattrs, one(visible(name+"="+strconv.Quote(n.Xattrs[name])), 80))
	}
	switch {
	case n.IsWhiteout():
		k.Kind, k.Note = "white", "whiteout: hides "+base(visible(r.Path))
		if t := u.below(r.Path); t != nil {
			k.From, k.Note = t, "whiteout: hides "+base(visible(r.Path))+" of"
		}
	case n.Opaque:
		k.Kind, k.Note = "opaque", "hides what lies below"
		k.Xattrs = append(k.Xattrs, `trusted.overlay.opaque="y"`)
	}
	u.origin(r, &k)
	return k
}

// origin tells of a copied-up object where it came from and why, with the notes
// that the kernel makes of it (Documentation/filesystems/overlayfs.rst, "Inode
// properties"; fs/overlayfs/copy_up.c).
func (u *upper) origin(r state.UpperRow, k *KernelRow) {
	l := u.c.Ledger
	if o, ok := l.Origin(r.Path); ok && !r.Node.IsWhiteout() && !r.Node.Opaque {
		if o.For != "" {
			k.Note = "copied up to hold " + visible(o.For)
		} else {
			t := u.layerTag(o.From)
			k.From, k.Note = &t, "copied up, "+o.Why+", from"
		}
		if r.Node.IsDir() || !u.linkedBelow(r.Path) {
			k.Xattrs = append(k.Xattrs, "trusted.overlay.origin=(file handle)")
		}
	}
	if r.Node.IsDir() && !r.Node.Opaque && u.impure(r.Path) {
		k.Xattrs = append(k.Xattrs, `trusted.overlay.impure="y"`)
	}
}

// linkedBelow reports whether the object that was copied up to a path has several
// names below: the copy is then noted to be of its own.
func (u *upper) linkedBelow(p string) bool {
	lowers := u.c.Mount.Lowers()
	for i := len(lowers) - 1; i >= 0; i-- {
		if n := lowers[i].Get(p); n != nil {
			return !n.IsDir() && n.Nlink > 1
		}
	}
	return false
}

// impure reports whether something in a directory was copied up.
func (u *upper) impure(dir string) bool {
	for name := range u.c.Upper.Children(u.c.Upper.Lookup(dir)) {
		if _, ok := u.c.Ledger.Origin(path.Join(dir, name)); ok {
			return true
		}
	}
	return false
}

// below is the topmost layer that has what a whiteout hides.
func (u *upper) below(p string) *Tag {
	lowers := u.c.Mount.Lowers()
	for i := len(lowers) - 1; i >= 0; i-- {
		if n := lowers[i].Get(p); n != nil && !n.IsWhiteout() {
			t := u.layerTag(i + 1)
			return &t
		}
	}
	return nil
}

// layerTag is the tag of a layer of the mount, numbered from 1.
func (u *upper) layerTag(n int) Tag {
	if n > len(u.image.Layers) {
		return tagOf(state.InitLayer)
	}
	return tagOf(n)
}

func sortedKeys(m map[string]string) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// short is a time as ls shows it, full as ls --full-time does, both in UTC.
func short(t time.Time) string { return t.Format("Jan _2 15:04") }
func full(t time.Time) string  { return t.Format("2006-01-02 15:04:05.000000000") }

// types is what the type flags of a tar mean (POSIX pax, "ustar Interchange
// Format").
var types = map[byte]string{
	tar.TypeReg: "file", tar.TypeLink: "link", tar.TypeSymlink: "symlink", tar.TypeChar: "char", tar.TypeBlock: "block", tar.TypeDir: "dir", tar.TypeFifo: "fifo",
}

func (u *upper) tar(v *Upper) {
	sh := u.s.Upper.Shipment
	v.Busy = sh == nil || u.s.Upper.Shipping()
	if sh == nil {
		v.Sum[1] = "the tar is being written…"
		return
	}
	v.Err, v.DiffID = sh.Err, sh.DiffID
	v.Sum[1] = Count(sh.Count, "entry") + " · " + exactly(sh.Size)
	for i, e := range sh.Entries {
		r := u.tarRow(e)
		r.DOM = "upper-t" + strconv.Itoa(i)
		r.Selected, r.Mate = u.mark(state.TarSide, i, e.About())
		if r.Selected {
			v.Active[1] = r.DOM
		}
		v.Tar = append(v.Tar, r)
	}
	if more := sh.Count - len(sh.Entries); more > 0 && sh.Err == "" {
		v.More[1] = "and " + Count(more, "entry") + " more"
	}
}

func (u *upper) tarRow(e state.TarEntry) TarRow {
	r := TarRow{
		Flag: string(rune(e.Typeflag)), Type: types[e.Typeflag], Mode: fmt.Sprintf("%04o", e.Mode), Owner: owner(uint32(e.Uid), uint32(e.Gid)),
		Size: strconv.FormatInt(e.Size, 10), Time: short(e.ModTime.UTC()), Full: full(e.ModTime.UTC()), Name: visible(e.Name), Format: e.Format.String(),
	}
	if e.Typeflag == tar.TypeChar || e.Typeflag == tar.TypeBlock {
		r.Size = strconv.FormatInt(e.Devmajor, 10) + ", " + strconv.FormatInt(e.Devminor, 10)
	}
	if e.Linkname != "" {
		r.Link = visible(e.Linkname)
	}
	for _, k := range sortedKeys(e.PAXRecords) {
		r.Records = append(r.Records, "PAX "+one(visible(k+"="+strconv.Quote(e.PAXRecords[k])), 80))
	}
	if e.IsWhiteout() {
		r.Kind, r.Note = "white", "says: "+base(visible(e.About()))+" is gone"
		if u.c.Upper.Get(e.About()) == nil {
			r.Note += ", hidden by the opaque " + base(visible(u.keys.Of(e.About())))
		}
	}
	return r
}
