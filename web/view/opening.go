package view

import "github.com/layerlab/layerlab/web/state"

// Opening is the archives that are being read.
type Opening struct {
	Archives []state.Archive
}

// NewOpening lays them out.
func NewOpening(s *state.State) Opening { return Opening{Archives: s.Opening.Archives} }
