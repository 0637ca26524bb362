package state

import "github.com/layerlab/layerlab/web/action"

// Opening is the archives that are being read, or could not be.
type Opening struct {
	Archives []Archive
}

// An Archive is a file that is being opened as an image archive.
type Archive struct {
	ID     int
	Name   string
	Size   int64
	Images []*Image // on screen while their layers are read
	Err    string
}

// image finds an image of an archive that is being read.
func (o *Opening) image(id string) *Image {
	for _, a := range o.Archives {
		for _, im := range a.Images {
			if im.ID == id {
				return im
			}
		}
	}
	return nil
}

func reduceOpening(s *State, a action.Action) ([]Effect, bool) {
	switch a := a.(type) {
	case action.PickImage:
		return []Effect{PickArchive{}}, true
	case FilesGiven:
		if a.Zone == "context" {
			return []Effect{AddToContext{a.Files}}, true
		}
		return []Effect{OpenArchives{a.Files}}, true
	default:
		return nil, false
	}
}
