package state

import (
	"path"
	"strings"
)

// moveInFiles is a key of the tree, as the WAI-ARIA practices have it for a
// treegrid whose rows take the focus.
func (s *State) moveInFiles(key string) {
	f := &s.Files
	if len(f.Rows) == 0 {
		return
	}
	to := f.At
	page := max(1, f.Fit-2)
	switch key {
	case "up":
		to = max(0, f.At-1)
	case "down":
		to = f.At + 1
	case "pageup":
		to = max(0, f.At-page)
	case "pagedown":
		to = f.At + page
	case "home":
		to = 0
	case "end":
		to = len(f.Rows) - 1
	case "left", "right", "enter":
		if f.At < 0 {
			to = 0
			break
		}
		to = s.turn(key)
	default:
		if text, ok := strings.CutPrefix(key, "to:"); ok {
			to = f.goTo(text)
		}
	}
	if f = &s.Files; len(f.Rows) == 0 || to < 0 {
		return
	}
	s.selectPath(f.Rows[min(to, len(f.Rows)-1)].Path)
	s.keepInSight()
}

// turn is left, right or enter on the selected row; it gives the row to go to.
func (s *State) turn(key string) int {
	f := &s.Files
	r := f.Rows[f.At]
	switch {
	case key == "enter" && !r.Expands():
		s.showWinner()
	case key == "enter":
		s.setOpen(r.Path, !r.Open)
	case key == "right" && r.Expands() && !r.Open:
		s.setOpen(r.Path, true)
	case key == "right" && r.Open && f.At+1 < len(f.Rows) && f.Rows[f.At+1].Level > r.Level:
		return f.At + 1
	case key == "left" && r.Open:
		s.setOpen(r.Path, false)
	case key == "left" && r.Level > 1:
		if up := rowAt(f.Rows, path.Dir(r.Path)); up >= 0 {
			return up
		}
	}
	return s.Files.At
}

// goTo is the next row, after the selected one and around, whose name begins with
// what was typed; one that does already stays when more is typed.
func (f *Files) goTo(text string) int {
	from := max(f.At, 0)
	if len([]rune(text)) == 1 {
		from++
	}
	for i := range f.Rows {
		at := (from + i) % len(f.Rows)
		if name := f.Rows[at].Name; len(name) >= len(text) && strings.EqualFold(name[:len(text)], text) {
			return at
		}
	}
	return f.At
}
