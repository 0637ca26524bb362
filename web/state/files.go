package state

import (
	"github.com/layerlab/layerlab/web/action"
)

// Files is the files pane: the tree and the path that is selected in it.
type Files struct {
	Mode     string          // "merged", "layer" or "container"
	Selected string          // absolute path, "" for none
	Open     map[string]bool // directories that are open
	Filter   string
	First    int // first row in sight
	Fit      int // rows that fit
	Contents *Contents
	Lookup   int // steps of the lookup that are played, 0 for none
}

// Contents is the bytes of one version of the selected path.
type Contents struct {
	Path  string
	Layer int // from 0
	Hex   bool
}

func newFiles() Files {
	return Files{Mode: "merged", Open: map[string]bool{}, Fit: 40}
}

func reduceFiles(s *State, a action.Action) ([]Effect, bool) {
	switch a := a.(type) {
	case action.ShowFiles:
		s.Files.Mode = a.Mode
		s.refreshFiles()
	default:
		return nil, false
	}
	return nil, true
}

// refreshFiles is called when the image, the container or the world changed.
func (s *State) refreshFiles() {}

// showLayerFiles is called when a layer was selected on the stack.
func (s *State) showLayerFiles(number int) {
	if number > 0 {
		s.Files.Mode = "layer"
	} else {
		s.Files.Mode = "merged"
	}
	s.refreshFiles()
}

// showContainerFiles is called when a container was selected on the stack.
func (s *State) showContainerFiles() {
	s.Files.Mode = "container"
	s.refreshFiles()
}
