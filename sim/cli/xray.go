package cli

import (
	"fmt"

	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// mountOf is a read-only union of layers, from the lowest.
func mountOf(layers []*layer.Layer) *overlay.Mount {
	var lowers []*tree.Tree
	for _, l := range layers {
		lowers = append(lowers, l.Tree)
	}
	return overlay.New(lowers, nil, overlay.Options{})
}

// xrayText says what one layer has of a path; what lies above the image's layers
// is the container.
func xrayText(v overlay.Version, layers int) string {
	what := "-"
	if n := v.Node; n != nil {
		switch {
		case n.IsWhiteout():
			what = "whiteout"
		case n.IsDir():
			what = fmt.Sprintf("directory %04o %d:%d", n.Perm(), n.UID, n.GID)
		case n.IsSymlink():
			what = "link to " + n.Target
		default:
			what = fmt.Sprintf("file %04o %d:%d %d bytes", n.Perm(), n.UID, n.GID, n.Size())
		}
	}
	text := fmt.Sprintf("%-8s %s", v.State, what)
	if v.State == overlay.Hidden {
		by := fmt.Sprintf("layer %d", v.By+1)
		if v.By >= layers {
			by = "the container"
		}
		text += fmt.Sprintf(" (%s, %s)", v.Cause, by)
	}
	if v.Dead > 0 {
		text += fmt.Sprintf(", %d bytes dead", v.Dead)
	}
	return text
}
