package view

import (
	"path"
	"strconv"
	"strings"

	"github.com/layerlab/layerlab/sim/tree"
	"github.com/layerlab/layerlab/web/state"
)

// A rule is one way in which an upper directory and its tar differ.
type rule struct {
	title, text string
	holds       func(o object) bool
}

// An object is one name of the upper directory with its entries in the tar.
type object struct {
	row     state.UpperRow
	entries []state.TarEntry
	copied  bool // it was copied up
	names   int  // of its inode
}

func (o object) shipped() bool { return len(o.entries) > 0 }

// rules are the ways in which the two sides differ, in the order in which they are
// told. What containerd and BuildKit write is in containerd pkg/archive and
// BuildKit util/overlay.
var rules = []rule{
	{"Whiteout", "The kernel hides a name with a character device 0:0. A tar cannot say that something is gone, so an empty file .wh.NAME of mode 0 and time 0 stands for it, in the place that NAME would have.",
		func(o object) bool { return o.row.Node.IsWhiteout() && o.shipped() }},
	{"Whiteout of nothing", "No layer of the image has this name, so there is nothing to hide and the tar leaves the whiteout out.",
		func(o object) bool { return o.row.Node.IsWhiteout() && !o.shipped() }},
	{"Opaque directory", "Made where one had been deleted: the kernel marks it opaque, one attribute hides all below. docker commit and BuildKit compare with the layers below instead and write one .wh. entry for each name that is gone; Docker's older overlay2 store wrote a single .wh..wh..opq.",
		func(o object) bool { return o.row.Node.Opaque && o.hides() }},
	{"Opaque, hiding nothing", "The kernel marks a directory opaque when it is moved or made anew in a directory that layers below have, just in case. Nothing lies below it, so the tar has a plain directory.",
		func(o object) bool { return o.row.Node.Opaque && !o.hides() }},
	{"Hard link", "Names of one inode: the tar has the bytes once, under the first name in order; a later name is an entry of type 1 that points to it and has no bytes.",
		func(o object) bool { return o.names > 1 && o.shipped() }},
	{"Socket", "A socket means nothing without the process that listens on it: the tar leaves it out.",
		func(o object) bool { return o.row.Node.Type() == tree.Socket }},
	{"Copied up and left alone", "It was copied up, and is as it was below: same type, mode, owner, size and time. The tar leaves it out, the copy still takes room on this disk.",
		func(o object) bool {
			return o.copied && !o.shipped() && o.row.Path != "/" && o.row.Node.Type() != tree.Socket && !o.row.Node.IsWhiteout()
		}},
	{"Directory on the way", "It is in the upper directory because of what is in it. The tar has an entry for it with its owner, mode and time, so that they are the same wherever the layer is unpacked.",
		func(o object) bool { return o.row.Node.IsDir() && o.copied && o.shipped() && !o.row.Node.Opaque }},
	{"Copied up", "A layer has no parts of files: what was copied up to change one byte is shipped whole. Where it came from is the kernel's own note (trusted.overlay.*) and is not shipped.",
		func(o object) bool { return !o.row.Node.IsDir() && o.copied && o.shipped() }},
	{"Attributes", "Of the extended attributes only security.capability is shipped.",
		func(o object) bool {
			for k := range o.row.Node.Xattrs {
				if k != "security.capability" {
					return o.shipped()
				}
			}
			return false
		}},
	{"Parts of seconds", "The kernel keeps nanoseconds. The tar is written with whole seconds, the rest is cut off, so that the same layer has the same digest wherever it is made.",
		func(o object) bool { return o.row.Node.MTime.Nsec != 0 && o.shipped() && !o.row.Node.IsWhiteout() }},
	{"The root", "The upper directory itself has no entry in the tar: a layer begins with what is in it.",
		func(o object) bool { return o.row.Path == "/" }},
}

// hides reports whether the tar has whiteouts in the place of an opaque mark.
func (o object) hides() bool {
	for _, e := range o.entries {
		if e.IsWhiteout() {
			return true
		}
	}
	return false
}

// objects is the names of the upper directory with what the tar has of them.
func (u *upper) objects() []object {
	sh := u.s.Upper.Shipment
	if sh == nil {
		return nil
	}
	entries := map[string][]state.TarEntry{}
	for _, e := range sh.Entries {
		p := e.About()
		if u.c.Upper.Lookup(p) == 0 {
			p = u.keys.Of(p)
		}
		entries[p] = append(entries[p], e)
	}
	var out []object
	for _, r := range u.rows {
		o := object{row: r, entries: entries[r.Path], names: 1}
		_, o.copied = u.c.Ledger.Origin(r.Path)
		if !r.Node.IsDir() && !r.Node.IsWhiteout() {
			o.names = int(r.Node.Nlink)
		}
		out = append(out, o)
	}
	return out
}

// reasons is the rules that hold, with where they do.
func (u *upper) reasons() []Reason {
	objects := u.objects()
	var out []Reason
	for _, rule := range rules {
		r := Reason{Title: rule.title, Text: rule.text, Row: -1}
		var where []string
		for i, o := range objects {
			if !rule.holds(o) {
				continue
			}
			if r.Row < 0 {
				r.Row = i
			}
			r.Now = r.Now || u.keys.Of(o.row.Path) == u.s.Upper.Selected
			where = append(where, visible(name(o.row.Path)))
		}
		if len(where) == 0 {
			continue
		}
		if n := len(where); n > 3 {
			where = append(where[:3:3], "and "+strconv.Itoa(n-3)+" more")
		}
		r.Paths = strings.Join(where, ", ")
		out = append(out, r)
	}
	return out
}

// name is a path of the upper directory as its rows show it.
func name(p string) string {
	if p == "/" {
		return "."
	}
	return strings.TrimPrefix(p, "/")
}

// why is what is to be said of the selected object.
func (u *upper) why() string {
	sel := u.s.Upper.Selected
	if sel == "" {
		return ""
	}
	var out []string
	for _, o := range u.objects() {
		if u.keys.Of(o.row.Path) != sel {
			continue
		}
		for _, rule := range rules {
			if rule.holds(o) && rule.title != "Parts of seconds" {
				out = append(out, rule.title+": "+rule.text)
				break
			}
		}
		if len(out) == 0 {
			return visible(name(o.row.Path)) + ": made by the container, and shipped as it is."
		}
		return path.Base(visible(name(o.row.Path))) + ". " + out[0]
	}
	return ""
}
