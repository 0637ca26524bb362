package view

import "github.com/layerlab/layerlab/web/state"

// Images is the view of all images.
type Images struct {
	Tab string
}

// NewImages lays the images out.
func NewImages(s *state.State) Images { return Images{Tab: s.Images.Tab} }
