package view

import (
	"strconv"

	"github.com/layerlab/layerlab/web/state"
)

// Opening is the archives that are being read, that the engine refused, or that
// are none.
type Opening struct {
	Archives []Archive
}

// An Archive is one of them.
type Archive struct {
	ID      string
	Name    string
	What    string // "12 MB of 400 MB read and checked"
	Percent int    // -1 where nothing is known
	Bad     string // why the engine does not take it
	Notes   []string
	Close   string // the label of the button that ends it
}

// NewOpening lays them out.
func NewOpening(s *state.State) Opening {
	var v Opening
	for _, a := range s.Opening.Archives {
		x := Archive{ID: strconv.Itoa(a.ID), Name: a.Name, Notes: a.Notes, Percent: Percent(a.Done, a.Total), Close: "Cancel"}
		switch a.Stage {
		case state.Inflating:
			x.What = "inflating it, " + Bytes(a.Done) + " of " + Bytes(a.Total)
		case state.Finding:
			x.What, x.Percent = "reading its index", -1
		case state.Checking:
			x.What = "reading and checking its layers, " + Bytes(a.Done) + " of " + Bytes(a.Total)
		case state.Loading:
			x.What, x.Percent = "all digests verified, the engine takes it", 100
		case state.Refused:
			x.What, x.Percent = "not in the engine, but open to be looked at", -1
			x.Bad, x.Close = a.Err, "Close"
		case state.NoImage:
			x.What, x.Percent = "This is not an image that can be opened", -1
			x.Bad, x.Close = a.Err, "Dismiss"
		}
		v.Archives = append(v.Archives, x)
	}
	return v
}
