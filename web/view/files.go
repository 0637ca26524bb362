package view

import "github.com/layerlab/layerlab/web/state"

// Files is the files pane.
type Files struct {
	Mode string
}

// NewFiles lays the files pane out.
func NewFiles(s *state.State) Files { return Files{Mode: s.Files.Mode} }
