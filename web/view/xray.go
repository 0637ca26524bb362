package view

import (
	"slices"
	"strconv"
	"strings"

	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
	"github.com/layerlab/layerlab/web/state"
)

// XRay is the selected path through all layers.
type XRay struct {
	Path    string // "" when no path is selected
	Image   string // ID
	Meta    string // what it is, in one line
	Layers  []XLayer
	Verdict string // what a process sees
	Dead    string // bytes that are stored and not seen, "" for none
}

// An XLayer is what one layer has of the path, or several that have nothing.
type XLayer struct {
	Tag      Tag
	Kind     string // "wins", "hidden", "marker", "merged", "absent"
	What     string // in the bar
	Right    string // beside it
	Width    int    // of the bar in percent: its bytes against those of the largest version
	Number   int    // of the mount, from 0, for reading it
	Readable bool
	Reading  bool   // its contents are shown
	Said     string // all of it
}

func newXRay(s *state.State) XRay {
	f := &s.Files
	im := s.Shown()
	if len(f.Versions) == 0 || im == nil || f.Source == nil {
		return XRay{}
	}
	x := XRay{Path: visible(f.Selected), Image: f.Source.ImageID}
	most := int64(1)
	var dead int64
	for _, v := range f.Versions {
		if v.Node != nil {
			most = max(most, v.Node.Size())
		}
		dead += v.Dead
	}
	if dead > 0 {
		x.Dead = Bytes(dead) + " dead"
	}
	var absent []int
	flush := func() {
		if len(absent) > 1 || len(absent) == 1 && absent[0] != state.InitLayer {
			x.Layers = append(x.Layers, absentLayers(im, absent))
		}
		absent = nil
	}
	for _, v := range f.Versions {
		if v.State == overlay.Absent {
			absent = append(absent, f.Source.Number(v.Layer))
			continue
		}
		flush()
		x.Layers = append(x.Layers, xlayer(f, v, most))
	}
	flush()
	x.Meta, x.Verdict = xmeta(f), verdict(f)
	return x
}

// absentLayers folds layers that do not have a path into one line.
func absentLayers(im *state.Image, numbers []int) XLayer {
	var words, unread []string
	for _, n := range numbers {
		if n == state.InitLayer {
			continue // of no interest
		}
		w := strconv.Itoa(n)
		if n == 0 {
			w = "rw"
		} else if l := im.Layer(n); l != nil && l.Layer == nil {
			unread = append(unread, w)
			continue
		}
		words = append(words, w)
	}
	x := XLayer{Tag: tagOf(numbers[0]), Kind: "absent", Width: 100}
	var parts []string
	if len(words) > 0 {
		parts = append(parts, "not in "+strings.Join(runs(words), ", "))
	}
	if len(unread) > 0 {
		parts = append(parts, "not read: "+strings.Join(unread, ", "))
	}
	x.What = strings.Join(parts, "; ")
	x.Said = x.What
	return x
}

// runs folds more than six numbers to the first, the last and what is between.
func runs(words []string) []string {
	if len(words) <= 6 {
		return words
	}
	return []string{words[0], words[1], "…", words[len(words)-1]}
}

func xlayer(f *state.Files, v overlay.Version, most int64) XLayer {
	x := XLayer{Tag: tagOf(f.Source.Number(v.Layer)), Kind: string(v.State), Number: v.Layer, Width: 100, Readable: f.Readable(v.Layer)}
	if c := f.Contents; c != nil && c.Layer == v.Layer && c.Path == f.Selected {
		x.Reading = true
	}
	by := ""
	if v.By >= 0 {
		by = " by " + tagOf(f.Source.Number(v.By)).Text
	}
	size := ""
	if v.Node != nil {
		size = kindName(v.Node)
		if v.Node.IsRegular() {
			size = Bytes(v.Node.Size())
			x.Width = 34 + int(66*v.Node.Size()/most)
		}
		if v.Node.LinkBroken {
			size = "hard link to " + visible(v.Node.Target)
		}
	}
	switch v.State {
	case overlay.Wins:
		x.What, x.Right = "seen: "+size, "wins"
		if o, ok := f.Source.Origin(f.Selected); ok && x.Tag.Text == "rw" {
			x.What += ", copied up"
			if o.From > 0 {
				x.What += " from " + tagOf(f.Source.Number(o.From-1)).Text
			}
			x.What += " (" + o.Why + ")"
		}
	case overlay.Merged:
		x.What, x.Right = "directory, adds its names", "merged"
	case overlay.Marker:
		x.What, x.Right = "whiteout: deleted here", "deletes"
		if v.Cause == overlay.ParentWhitedOut {
			x.What = "whiteout of a directory above it"
		}
	case overlay.Hidden:
		x.What = size + ", " + causeWords(v.Cause) + by
		x.Right = "hidden"
		if v.Dead > 0 && !v.Node.IsRegular() {
			x.What += ", " + Bytes(v.Dead) + " dead below"
		}
	}
	if v.Node != nil && v.Node.IsDir() && v.Node.Opaque {
		x.What += ", opaque"
	}
	x.Said = strings.ToUpper(x.Tag.Said[:1]) + x.Tag.Said[1:] + ": " + x.What
	return x
}

// causeWords is why a version is hidden, as a part of a sentence that ends with
// "by 5".
func causeWords(c overlay.Cause) string {
	switch c {
	case overlay.Overwritten:
		return "overwritten"
	case overlay.WhitedOut:
		return "deleted (whiteout)"
	case overlay.OpaqueDir:
		return "hidden (opaque directory)"
	case overlay.ParentReplaced:
		return "hidden (a parent was replaced)"
	case overlay.ParentWhitedOut:
		return "deleted with its directory"
	}
	return "hidden"
}

// xmeta is what the path is where it is seen, or where it was.
func xmeta(f *state.Files) string {
	for _, v := range f.Versions {
		n := v.Node
		if n == nil || v.State == overlay.Marker {
			continue
		}
		words := []string{kindLetter(n) + Mode(n.Perm()), owner(n.UID, n.GID)}
		if n.IsRegular() {
			words = append(words, thousands(int(n.Size()))+" bytes")
		} else {
			words = append(words, kindName(n))
		}
		if !n.Implied {
			words = append(words, n.MTime.Time().Format("2006-01-02 15:04:05"))
		}
		if n.IsSymlink() {
			words = append(words, "→ "+visible(n.Target))
		}
		if n.Nlink > 1 && !n.IsDir() {
			words = append(words, Count(int(n.Nlink), "name"))
		}
		words = append(words, xattrs(n)...)
		return strings.Join(words, " · ")
	}
	return ""
}

func xattrs(n *tree.Inode) []string {
	var names []string
	for k := range n.Xattrs {
		names = append(names, visible(k))
	}
	slices.Sort(names)
	return names[:min(len(names), 8)]
}

// verdict is what a process sees.
func verdict(f *state.Files) string {
	for _, v := range f.Versions {
		switch v.State {
		case overlay.Wins:
			return "seen as in " + tagOf(f.Source.Number(v.Layer)).Said
		case overlay.Marker:
			return "deleted by " + tagOf(f.Source.Number(v.Layer)).Said
		case overlay.Hidden:
			if v.By >= 0 {
				return "gone since " + tagOf(f.Source.Number(v.By)).Said
			}
		}
	}
	return "gone"
}
