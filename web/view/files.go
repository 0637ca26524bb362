package view

import (
	"strconv"
	"strings"

	"github.com/layerlab/layerlab/sim/tree"
	"github.com/layerlab/layerlab/web/state"
)

// Files is the files pane.
type Files struct {
	Modes    []FileMode
	Filter   string
	Note     string // how far the filter is, and what it found
	Deleted  bool
	CanShow  bool // whether there is a choice to show deleted names
	BySize   bool
	Rows     []FileRow // those in sight, with some around
	First    int       // index of the first of them
	Count    int       // of all rows
	At       int       // index of the selected row, -1 for none
	Scroll   int       // index of the row to be at the top
	Reveal   int       // grows when that must be so
	Active   string    // DOM ID of the selected row, "" when it is not among Rows
	Title    string    // what the tree is, for those who do not see the buttons
	Empty    string    // in place of rows
	XRay     XRay
	Lookup   Lookup
	Ledger   *Ledger // of the container that is shown, nil otherwise
	Contents *Contents
}

// A FileMode is one of the trees to choose from.
type FileMode struct {
	ID, Label string
	Now, Off  bool
}

// A FileRow is one row of the tree.
type FileRow struct {
	DOM       string // its DOM ID
	Path      string
	Name      string
	Target    string // of a symbolic link
	Level     int
	Size, Pos int
	Expands   bool
	Open      bool
	Selected  bool
	Mark      string // "A", "M", "D" or ""
	Said      string // the mark in words
	Opaque    bool
	Bytes     string
	Mode      string
	ModeLong  string
	Owner     string
	Tag       Tag
	Merged    bool // a directory to which layers below that one add
}

// Shown is the name as it stands in the row.
func (r FileRow) Shown() string {
	if r.Expands && !strings.HasSuffix(r.Name, "/") {
		return r.Name + "/"
	}
	return r.Name
}

// Spoken is the name with what became of the file, in words.
func (r FileRow) Spoken() string {
	s := r.Shown()
	if r.Target != "" {
		s += " → " + r.Target
	}
	if r.Opaque {
		s += ", opaque"
	}
	if r.Said != "" {
		s += ", " + r.Said
	}
	return s
}

// A Tag is the number and colour of a layer.
type Tag struct {
	Text string // "5", "rw"
	Hue  int
	Said string // "layer 5", "the container"
}

// tagOf is the tag of a layer by its number; 0 is the container, a negative one
// the layer that Docker puts under it.
func tagOf(number int) Tag {
	switch {
	case number == 0:
		return Tag{"rw", containerHue, "the container"}
	case number < 0:
		return Tag{"init", containerHue, "the init layer, which Docker puts under each container for its own files"}
	}
	return Tag{strconv.Itoa(number), Hue(number), "layer " + strconv.Itoa(number)}
}

// Around is how many rows are kept above and below those in sight.
const Around = 6

// MaxRows is how many rows there are at most at once.
const MaxRows = 64

// NewFiles lays the files pane out.
func NewFiles(s *state.State) Files {
	f := &s.Files
	v := Files{Filter: f.Filter, Deleted: f.Deleted, BySize: f.BySize, Count: len(f.Rows), At: f.At, Scroll: f.First, Reveal: f.Reveal,
		Modes: fileModes(s), Title: filesTitle(s)}
	if f.Source == nil {
		v.Empty = "No image yet."
		return v
	}
	v.CanShow = f.Source.Mode != "layer" && f.Found == nil
	v.First = max(0, f.First-Around)
	end := min(len(f.Rows), f.First+f.Fit+Around, v.First+MaxRows)
	for i := min(v.First, end); i < end; i++ {
		v.Rows = append(v.Rows, fileRow(f, i))
	}
	if f.At >= v.First && f.At < end {
		v.Active = rowID(f.At)
	}
	v.Note = findNote(f)
	if len(f.Rows) == 0 {
		v.Empty = filesEmpty(s)
	}
	v.XRay = newXRay(s)
	v.Lookup = NewLookup(s)
	v.Ledger = newLedger(s)
	v.Contents = newContents(f)
	return v
}

func rowID(i int) string { return "file-" + strconv.Itoa(i) }

func fileModes(s *state.State) []FileMode {
	im := s.Shown()
	layer, mode := "Layer", "merged"
	if src := s.Files.Source; src != nil {
		mode = src.Mode
	}
	if im != nil {
		n := s.Stack.Layer
		if n == 0 {
			n = len(im.Layers)
		}
		layer += " " + strconv.Itoa(n)
	}
	return []FileMode{
		{"merged", "Merged", mode == "merged", im == nil},
		{"layer", layer, mode == "layer", im == nil || len(im.Layers) == 0},
		{"container", "Container", mode == "container" && !s.Upper.Open, im == nil || len(s.World.On(im.ID)) == 0},
	}
}

func filesTitle(s *state.State) string {
	im, src := s.Shown(), s.Files.Source
	if im == nil || src == nil {
		return "Files"
	}
	switch src.Mode {
	case "layer":
		return "Files of layer " + strconv.Itoa(src.Layer) + " of " + im.Name()
	case "container":
		if c := s.World.Container(src.Holder); c != nil {
			return "Files of the container " + c.Name
		}
	}
	return "Files of " + im.Name()
}

func filesEmpty(s *state.State) string {
	f := &s.Files
	im := s.Shown()
	if f.Found != nil {
		if !f.Found.Done {
			return "Looking…"
		}
		return "No path matches “" + one(strings.TrimSpace(f.Filter), 60) + "”, deleted ones included."
	}
	if l := im.Layer(f.Source.Layer); l != nil && f.Source.Mode == "layer" {
		if l.Layer != nil {
			return "This layer changes no file."
		}
		if g := l.Progress; g != nil && g.State == state.Broken {
			return "This layer cannot be read: " + g.Err
		}
		return "This layer is being read…"
	}
	for _, l := range im.Layers {
		if l.Layer == nil && l.Progress != nil && l.Progress.State != state.Broken {
			return "The layers are being read…"
		}
	}
	return "There is no file."
}

// findNote is how far a filter is.
func findNote(f *state.Files) string {
	if f.Found == nil {
		return ""
	}
	if f.Found.Looked == 0 {
		return "looking…"
	}
	n := Count(len(f.Rows)+f.Found.More, "path")
	if f.Found.More > 0 {
		n += ", the first " + thousands(len(f.Rows)) + " shown"
	}
	if f.Found.Done {
		return n
	}
	return n + " so far, " + thousands(f.Found.Looked) + " looked at"
}

func fileRow(f *state.Files, i int) FileRow {
	r := f.Rows[i]
	n := r.Node
	v := FileRow{DOM: rowID(i), Path: r.Path, Name: r.Name, Level: r.Level, Size: r.Size, Pos: r.Pos, Expands: r.Expands() && !f.Flat,
		Open: r.Open, Selected: i == f.At, Opaque: r.Opaque, Mode: Octal(n.Perm()), ModeLong: kindLetter(n) + Mode(n.Perm()),
		Owner: owner(n.UID, n.GID), Tag: tagOf(r.Layer)}
	if v.Merged = r.Merged; r.Merged {
		v.Tag.Said += ", merged with layers below"
	}
	if o, ok := f.Source.Origin(r.Path); ok && r.Layer == 0 && o.From > 0 {
		v.Tag.Said += ", copied up from " + tagOf(f.Source.Number(o.From-1)).Said
	}
	if f.Flat {
		v.Name, v.Size = r.Path, len(f.Rows)
	}
	v.Name = visible(v.Name)
	switch r.Mark {
	case 'A':
		v.Mark, v.Said = "A", "added"
	case 'M':
		v.Mark, v.Said = "M", "modified"
	case 'D':
		v.Mark, v.Said = "D", "deleted"
	}
	switch {
	case n.IsDir() && !f.Flat:
		v.Bytes = "empty"
		if c := f.Count(r.Path); c > 0 {
			v.Bytes = Count(c, "name")
		}
	case n.IsRegular():
		v.Bytes = Bytes(n.Size())
	case n.IsSymlink():
		v.Target = visible(n.Target)
		v.Mode = ""
	case n.IsWhiteout():
		v.Bytes, v.Mode, v.Owner, v.ModeLong = "whiteout", "", "", ""
		v.Said = "deleted; there was no such name below"
	default:
		v.Bytes = kindName(n)
	}
	return v
}

func owner(uid, gid uint32) string {
	return strconv.FormatUint(uint64(uid), 10) + ":" + strconv.FormatUint(uint64(gid), 10)
}

// kindLetter is the first letter of a mode as ls shows it.
func kindLetter(n *tree.Inode) string {
	switch n.Type() {
	case tree.Directory:
		return "d"
	case tree.Symlink:
		return "l"
	case tree.CharDevice:
		return "c"
	case tree.BlockDevice:
		return "b"
	case tree.FIFO:
		return "p"
	case tree.Socket:
		return "s"
	}
	return "-"
}

func kindName(n *tree.Inode) string {
	switch n.Type() {
	case tree.Directory:
		return "directory"
	case tree.Symlink:
		return "symbolic link"
	case tree.CharDevice:
		return "device " + strconv.Itoa(int(n.Major)) + ":" + strconv.Itoa(int(n.Minor))
	case tree.BlockDevice:
		return "disk " + strconv.Itoa(int(n.Major)) + ":" + strconv.Itoa(int(n.Minor))
	case tree.FIFO:
		return "pipe"
	case tree.Socket:
		return "socket"
	}
	return "file"
}

// visible is a name with what cannot be seen, or would run the other way, made
// plain: control characters as pictures, marks of direction as U+FFFD.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r < ' ':
			return 0x2400 + r
		case r == 0x7f:
			return 0x2421
		case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f:
			return 0xfffd
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}
