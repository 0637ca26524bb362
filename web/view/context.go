package view

import (
	"strings"

	"github.com/layerlab/layerlab/web/state"
)

// Context is the build context's panel.
type Context struct {
	Files []ContextFile
	Open  *state.OpenFile
	Sum   string
}

// A ContextFile is one line of it.
type ContextFile struct {
	Path  string
	Size  string
	Mode  string
	Mark  string // "edited" when the editor's text is not in the project yet
	Dir   bool
	Label string
}

// NewContext lays the panel out.
func NewContext(s *state.State) Context {
	v := Context{Open: s.Context.Open}
	var sum int64
	n := 0
	for _, f := range s.World.Project {
		row := ContextFile{Path: f.Path, Size: Bytes(f.Size), Mode: Octal(f.Mode), Dir: f.Dir}
		if f.Dir {
			row.Size, row.Path = "", f.Path+"/"
		} else {
			sum += f.Size
			n++
		}
		if f.Link != "" {
			row.Mark = "→ " + f.Link
		}
		if f.Path == "Dockerfile" && s.Editor.Text != s.Editor.Saved {
			row.Mark = "edited"
		}
		said := []string{row.Path}
		for _, w := range []string{row.Size, "mode " + row.Mode, row.Mark} {
			if w != "" {
				said = append(said, w)
			}
		}
		row.Label = strings.Join(said, ", ")
		v.Files = append(v.Files, row)
	}
	if n > 0 {
		v.Sum = Count(n, "file") + ", " + Bytes(sum)
	}
	return v
}
