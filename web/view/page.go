package view

import "github.com/layerlab/layerlab/web/state"

// Page is the frame around the panes.
type Page struct {
	View     string
	Tab      string
	Embed    bool
	Pane     string
	Dark     bool
	Dropping bool
	Messages []state.Message
	Said     state.Said
	Images   int
}

// NewPage lays the frame out.
func NewPage(s *state.State) Page {
	p := s.Page
	if p.Pane == "" {
		p.Pane = "all"
	}
	return Page{View: p.View, Tab: p.Tab, Embed: p.Embed, Pane: p.Pane, Dark: p.Dark, Dropping: p.Dropping,
		Messages: p.Messages, Said: s.Said, Images: len(s.World.Images)}
}
