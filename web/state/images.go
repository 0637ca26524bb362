package state

import "github.com/layerlab/layerlab/web/action"

// Images is the view of all images.
type Images struct {
	Tab string // of the image that is shown: "inspect", "waste", "history"
}

func reduceImages(s *State, a action.Action) ([]Effect, bool) {
	switch a := a.(type) {
	case action.ShowImageTab:
		s.Images.Tab = a.Name
	default:
		return nil, false
	}
	return nil, true
}
