package view

import (
	"strconv"

	"github.com/layerlab/layerlab/sim/build"
	"github.com/layerlab/layerlab/web/state"
)

// Compare is two images side by side.
type Compare struct {
	A, B  []Choice // to choose from
	Text  string
	Rows  []CompareRow
	Empty string
}

// A CompareRow is one step of both images, or of one.
type CompareRow struct {
	Kind  string       // "shared", "bytes", "row", "differ", "a" or "b"
	A, B  *CompareSide // of what is shared, A alone
	Why   string
	Parts []string // the parts of the keys that differ
	First bool     // from here on they differ
}

// A CompareSide is one layer, or a row without one.
type CompareSide struct {
	Tag                *Tag // nil for a row without a layer
	What, Size, Digest string
}

func newCompare(s *state.State) Compare {
	sides := s.Sides()
	v := Compare{A: compareChoices(s, sides.A), B: compareChoices(s, sides.B)}
	c := s.Images.Compared
	switch {
	case len(v.A) < 2:
		v.Empty = "There is only one image. Build once more, or open another one."
		return v
	case c == nil || c.Sides != sides:
		v.Text = "Looking…"
		return v
	}
	v.Text = c.Comparison.Text
	a, b := 0, 0
	for i, r := range c.Comparison.Rows {
		row := CompareRow{Kind: compareKind(r.Likeness), A: compareSide(r.A, &a), B: compareSide(r.B, &b), Why: sentence(r.Text), First: i == c.Comparison.First}
		if r.Likeness == build.SharedLayer || r.Likeness == build.SameRow {
			row.B, row.Why = nil, ""
		}
		for _, p := range r.Why {
			if p.Kind != build.PartBase && r.Likeness != build.SharedLayer {
				row.Parts = append(row.Parts, p.String())
			}
		}
		if len(row.Parts) < 5 {
			row.Parts = nil // the sentence has them all
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

func compareKind(l build.Likeness) string {
	switch l {
	case build.SharedLayer:
		return "shared"
	case build.SameBytes:
		return "bytes"
	case build.SameRow:
		return "row"
	case build.OnlyA:
		return "a"
	case build.OnlyB:
		return "b"
	}
	return "differ"
}

// compareSide is one side of a row; n counts its layers.
func compareSide(r *build.Row, n *int) *CompareSide {
	if r == nil {
		return nil
	}
	v := &CompareSide{What: Instruction(r.By)}
	if v.What == "" {
		v.What = "no history for this layer"
	}
	if r.DiffID != "" {
		*n++
		t := tagOf(*n)
		v.Tag, v.Size, v.Digest = &t, Bytes(r.Size), state.Short(r.DiffID.String())
	}
	return v
}

// compareChoices is the builds, the newest first, and the images that were not
// built here.
func compareChoices(s *state.State, now string) []Choice {
	var out []Choice
	built := map[string]bool{}
	for i := len(s.World.Builds) - 1; i >= 0; i-- {
		b := s.World.Builds[i]
		if built[b.ID] {
			continue
		}
		built[b.ID] = true
		name := "Build " + strconv.Itoa(b.Number) + ": "
		if b.Name != "" {
			name += b.Name + " "
		}
		out = append(out, Choice{b.ID, name + "(" + state.Short(b.ID) + ")", b.ID == now})
	}
	for _, im := range s.World.Images {
		if !built[im.ID] {
			out = append(out, Choice{im.ID, im.Name(), im.ID == now})
		}
	}
	return out
}
