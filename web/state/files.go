package state

import (
	"maps"
	"path"
	"slices"

	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
	"github.com/layerlab/layerlab/web/action"
)

// Files is the files pane: the tree and the path that is selected in it.
type Files struct {
	Mode     string          // "merged", "layer" or "container", as far as there is one
	Selected string          // absolute path, "" for none
	Open     map[string]bool // directories that are open
	Filter   string
	Found    *Found // what the filter found, nil without a filter
	Deleted  bool   // the merged view shows what was deleted too
	BySize   bool
	First    int // first row in sight
	Fit      int // rows that fit
	Reveal   int // grows when the selected row must come into sight
	Contents *Contents
	Way      *Way   // the look-up that is played back, nil for none
	Asked    string // the text of the path to be looked up
	Ledger   bool   // what happened in the container's layer is shown one by one
	Source   *FileSource
	Rows     []FileRow
	Flat     bool              // the rows are what a filter found, not a tree
	At       int               // index of the selected row, -1 for none
	Versions []overlay.Version // what each layer has of the selected path, topmost first

	known    *listing
	revealed string // the path that was brought into sight last
	finds    int    // number of the search
	reads    int    // number of the reading of contents
	plays    int    // number of the playing of a look-up
	wants    []Effect
}

// Found is what a filter found so far.
type Found struct {
	N      int // of the search
	Rows   []FileRow
	Looked int // names looked at
	Of     int // names that there are, at most
	Done   bool
	More   int // names that were found and have no row
}

func newFiles() Files {
	return Files{Mode: "merged", Open: map[string]bool{}, Fit: 30, At: -1}
}

func reduceFiles(s *State, a action.Action) ([]Effect, bool) {
	f := &s.Files
	switch a := a.(type) {
	case action.ShowFiles:
		s.showFiles(a.Mode)
	case action.SelectPath:
		s.selectPath(a.Path)
	case action.ShowPath:
		s.showPath(a)
	case action.TogglePath:
		s.selectPath(a.Path)
		s.setOpen(a.Path, !f.Open[a.Path])
	case action.FilterFiles:
		s.filter(a.Text)
	case action.ToggleDeleted:
		f.Deleted = !f.Deleted
		s.relist()
	case action.SortFiles:
		f.BySize = a.By == "size"
		s.layRows()
	case action.ScrollFiles:
		f.First, f.Fit = max(a.First, 0), min(max(a.Fit, 5), 120)
	case action.MoveInFiles:
		s.moveInFiles(a.Key)
	case FilesFound:
		s.takeFound(a)
	case action.ToggleLedger:
		f.Ledger = !f.Ledger
	default:
		if reduceLookup(s, a) {
			return nil, true
		}
		return reduceContents(s, a)
	}
	return nil, true
}

// want has an effect done after the reduction that goes on.
func (s *State) want(e Effect) {
	s.Files.wants = append(s.Files.wants[:len(s.Files.wants):len(s.Files.wants)], e)
}

// wanted is the effects that were wanted.
func (s *State) wanted() []Effect {
	out := s.Files.wants
	s.Files.wants = nil
	return out
}

// showFiles chooses what the tree shows, and with it what is selected on the
// stack.
func (s *State) showFiles(mode string) {
	im := s.Shown()
	if im == nil {
		return
	}
	switch mode {
	case "merged":
		s.Stack.Layer, s.Stack.Container = 0, ""
	case "layer":
		s.Stack.Container = ""
		if s.Stack.Layer == 0 {
			s.Stack.Layer = len(im.Layers)
		}
	case "container":
		s.Stack.Layer = 0
		if on := s.World.On(im.ID); s.Stack.Container == "" && len(on) > 0 {
			s.Stack.Container = on[len(on)-1].ID
		}
	}
	s.Files.Mode = mode
	s.refreshFiles()
}

// showLayerFiles is called when a layer was selected on the stack.
func (s *State) showLayerFiles(number int) {
	s.Files.Mode = "merged"
	if number > 0 {
		s.Files.Mode = "layer"
	}
	s.refreshFiles()
}

// showContainerFiles is called when a container was selected on the stack.
func (s *State) showContainerFiles() {
	s.Files.Mode = "container"
	s.refreshFiles()
}

// source is the tree to show: that of the mode, or the merged one where there is
// no such layer or container.
func (s *State) source() *FileSource {
	im := s.Shown()
	if im == nil {
		return nil
	}
	switch s.Files.Mode {
	case "layer":
		if im.Layer(s.Stack.Layer) != nil {
			return newSource("layer", im, s.Stack.Layer, nil)
		}
	case "container":
		c := s.World.Container(s.Stack.Container)
		if on := s.World.On(im.ID); c == nil && len(on) > 0 {
			c = on[len(on)-1]
		}
		if c != nil && c.ImageID == im.ID && c.Mount != nil {
			return newSource("container", im, 0, c)
		}
	}
	return newSource("merged", im, 0, nil)
}

// refreshFiles is called when the image, the container or the world changed.
func (s *State) refreshFiles() {
	f := &s.Files
	next := s.source()
	if next == nil {
		*f = Files{Mode: f.Mode, Open: map[string]bool{}, Fit: f.Fit, At: -1, finds: f.finds + 1, wants: f.wants}
		return
	}
	if f.Source.same(next) {
		s.reveal()
		return
	}
	old := f.Source
	f.Source = next
	if old == nil || !old.view(next) {
		f.First = 0
		f.Reveal++
		if old != nil && old.ImageID != next.ImageID {
			f.Open = map[string]bool{}
			if c := f.Contents; c != nil {
				f.Contents = nil
			}
		}
		s.openChanges()
	}
	s.relist()
	s.reveal()
}

// openAll is how many names a layer may have for all its directories to be opened
// at once.
const openAll = 200

// openChanges opens the directories in which a layer or container has changed
// something, if that is not too much to look at.
func (s *State) openChanges() {
	f := &s.Files
	var changed []string
	switch src := f.Source; src.Mode {
	case "layer":
		l := src.layers[src.Layer-1]
		if l == nil || l.Tree.Names() > openAll {
			return
		}
		l.Tree.Walk(func(p string, _ tree.Ino, _ *tree.Inode) bool {
			changed = append(changed, path.Join("/", p))
			return true
		})
	case "container":
		if len(src.changes) > openAll {
			return
		}
		for p := range src.changes {
			changed = append(changed, p)
		}
	}
	f.Open = maps.Clone(f.Open)
	for _, p := range changed {
		for _, d := range parents(p) {
			f.Open[d] = true
		}
	}
}

// relist lists the tree anew, with the filter applied anew.
func (s *State) relist() {
	f := &s.Files
	f.known = nil
	if f.Source != nil {
		f.known = newListing(f.Source, f.Deleted)
	}
	if f.Filter != "" {
		s.find()
	}
	s.layRows()
	s.look()
	s.lookAgain()
}

// layRows makes the rows, of the tree or of what was found.
func (s *State) layRows() {
	f := &s.Files
	f.Flat = f.Found != nil
	switch {
	case f.known == nil:
		f.Rows = nil
	case f.Found != nil:
		f.Rows = f.Found.Rows
		if f.BySize {
			f.Rows = slices.Clone(f.Rows)
			slices.SortStableFunc(f.Rows, func(a, b FileRow) int { return int(max(-1, min(1, sizeOf(b.Node)-sizeOf(a.Node)))) })
		}
	default:
		f.Rows = f.known.rows(f.Open, f.BySize)
	}
	f.At = rowAt(f.Rows, f.Selected)
	f.First = max(0, min(f.First, len(f.Rows)-f.Fit))
}

// Count is the number of names in a directory that has a row.
func (f *Files) Count(dir string) int {
	if f.known == nil {
		return 0
	}
	return f.known.count(dir)
}

// setOpen opens or closes a directory.
func (s *State) setOpen(p string, open bool) {
	f := &s.Files
	if f.At < 0 || f.At >= len(f.Rows) || !f.Rows[f.At].Expands() || f.Flat {
		return
	}
	f.Open = maps.Clone(f.Open)
	if open {
		f.Open[p] = true
	} else {
		delete(f.Open, p)
	}
	s.layRows()
}

// selectPath chooses a path.
func (s *State) selectPath(p string) {
	f := &s.Files
	if f.Contents != nil && f.Contents.Path != p {
		f.Contents = nil
	}
	f.Selected, f.revealed = p, p
	f.At = rowAt(f.Rows, p)
	s.look()
	if f.Way != nil {
		s.lookUp(p)
	}
}

// look asks every layer for the selected path.
func (s *State) look() {
	f := &s.Files
	f.Versions = nil
	if f.Selected == "" || f.Source == nil {
		return
	}
	vs := f.Source.mount.XRay(f.Selected)
	for _, v := range vs {
		if v.State != overlay.Absent {
			f.Versions = vs
			return
		}
	}
}

// reveal brings the selected path into sight if something else than the tree
// selected it.
func (s *State) reveal() {
	f := &s.Files
	if f.Selected == f.revealed || f.Selected == "" || f.Source == nil {
		return
	}
	f.revealed = f.Selected
	s.look()
	f.Open = maps.Clone(f.Open)
	for _, d := range parents(f.Selected) {
		f.Open[d] = true
	}
	s.layRows()
	s.keepInSight()
}

// keepInSight scrolls to the selected row.
func (s *State) keepInSight() {
	f := &s.Files
	if f.At < 0 {
		return
	}
	fit := max(1, f.Fit-1) // the last may be cut
	switch {
	case f.At < f.First:
		f.First = f.At
	case f.At >= f.First+fit:
		f.First = f.At - fit + 1
	}
	f.Reveal++
}

// showPath goes to one path of an image, deleted or not.
func (s *State) showPath(a action.ShowPath) {
	if s.image(a.Image) == nil {
		return
	}
	s.Page.View, s.Page.Tab = "build", "files"
	s.Stack.show(a.Image)
	s.Stack.Layer, s.Stack.Container = 0, ""
	s.Files.Mode, s.Files.Filter, s.Files.Found = "merged", "", nil
	s.Files.revealed = ""
	s.Files.Selected = a.Path
	s.refreshFiles()
	if s.Files.At < 0 {
		s.Files.Deleted, s.Files.revealed = true, ""
		s.relist()
		s.reveal()
	}
}
