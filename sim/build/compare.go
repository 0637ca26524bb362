package build

import (
	"fmt"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/store"
)

// A Side is an image to compare. Layers may be nil; with them sizes are told.
type Side struct {
	Image  *image.Image
	Layers []*store.Held // from the lowest
}

// A Likeness is how two rows of two images stand to each other.
type Likeness string

// The likenesses.
const (
	SharedLayer Likeness = "shared"     // the same layer on the same layers: stored once
	SameBytes   Likeness = "same bytes" // the same DiffID on other layers: sent once, unpacked twice
	SameRow     Likeness = "same row"   // rows without a layer that say the same
	Different   Likeness = "different"
	OnlyA       Likeness = "only a"
	OnlyB       Likeness = "only b"
)

// A Comparison is two images row by row of their histories.
type Comparison struct {
	Rows   []RowPair
	Shared int   // layers from the bottom that are the same on both sides
	Bytes  int64 // what these take on disk, if the layers were given
	First  int   // the first of Rows that differs, -1 if the images have the same rows
	Text   string
}

// A RowPair is one step of both images, or of one of them.
type RowPair struct {
	A, B     *Row
	Likeness Likeness
	Why      []Part // the parts of the steps' keys that differ, A's as Was; only of steps that were built here
	Text     string // a sentence for a learner
}

// A Row is a row of an image's history.
type Row struct {
	By       string        // the instruction as history shows it
	DiffID   digest.Digest // "" for a row without a layer
	ChainID  digest.Digest
	Size     int64     // of the layer on disk, in bytes
	Decision *Decision // how the step was decided when the image was built here, or nil
}

// Compare says which layers two images have in common, from which step they
// differ and why: for images that were built here, by what differs in the steps'
// keys. A is the former, B the later.
func (c *Cache) Compare(a, b Side) *Comparison {
	rowsA, rowsB := c.rows(a), c.rows(b)
	out := &Comparison{First: -1}
	for i, j := range align(rowsA, rowsB) {
		p := RowPair{A: j[0], B: j[1]}
		p.judge(out.First >= 0)
		if p.Likeness == SharedLayer {
			out.Shared++
			out.Bytes += p.B.Size
		}
		if out.First < 0 && p.Likeness != SharedLayer && p.Likeness != SameRow {
			out.First = i
		}
		out.Rows = append(out.Rows, p)
	}
	switch {
	case out.First < 0 && a.Image.Digest == b.Image.Digest:
		out.Text = "They are one image."
	case out.First < 0:
		out.Text = fmt.Sprintf("They have the same steps and share %s; what differs is in their configurations or times.", layers(out.Shared))
	case out.Shared == 0:
		out.Text = "They share no layer. The first difference: " + out.Rows[out.First].Text
	default:
		out.Text = fmt.Sprintf("They share %s. The first difference: %s", layers(out.Shared), out.Rows[out.First].Text)
	}
	return out
}

// rows is an image's history with its layers, and its decisions if it was built
// here.
func (c *Cache) rows(s Side) []*Row {
	made := map[int]*Decision{}
	trace, _ := c.traces.Get(s.Image.Digest.String())
	for i := range trace {
		made[trace[i].Row] = &trace[i]
	}
	diffIDs := s.Image.DiffIDs()
	chain := image.ChainIDs(diffIDs)
	var out []*Row
	at := 0
	row := func(by string, empty bool, d *Decision) {
		x := &Row{By: instruction(by), Decision: d}
		if !empty && at < len(diffIDs) {
			x.DiffID, x.ChainID = diffIDs[at], chain[at]
			if at < len(s.Layers) && s.Layers[at].Layer != nil {
				x.Size = s.Layers[at].Layer.DiskUsage()
			}
			at++
		}
		out = append(out, x)
	}
	for i, h := range s.Image.Config.History {
		row(h.CreatedBy, h.EmptyLayer, made[i])
	}
	for at < len(diffIDs) {
		row("", false, nil) // an image without a history, or with too short a one
	}
	return out
}

// instruction is a row's text without what builders put around it.
func instruction(by string) string {
	by = strings.TrimSuffix(by, " # buildkit")
	if rest, ok := strings.CutPrefix(by, "/bin/sh -c #(nop) "); ok {
		return strings.TrimSpace(rest)
	}
	return by
}

// like reports whether two rows are one, or the same step.
func (x *Row) like(y *Row) bool {
	return x.ChainID == y.ChainID && x.DiffID == y.DiffID && x.By == y.By || x.By == y.By && x.By != "" || x.DiffID != "" && x.DiffID == y.DiffID
}

// align pairs the rows of two histories: the longest common sequence of steps
// first; of what lies between, steps of the same instruction in order.
func align(a, b []*Row) [][2]*Row {
	best := make([][]int, len(a)+1)
	for i := range best {
		best[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i].like(b[j]) {
				best[i][j] = 1 + best[i+1][j+1]
			} else {
				best[i][j] = max(best[i+1][j], best[i][j+1])
			}
		}
	}
	var out [][2]*Row
	var restA, restB []*Row
	flush := func() {
		out = append(out, pair(restA, restB)...)
		restA, restB = nil, nil
	}
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && j < len(b) && a[i].like(b[j]):
			flush()
			out = append(out, [2]*Row{a[i], b[j]})
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && best[i+1][j] >= best[i][j+1]:
			restA = append(restA, a[i])
			i++
		default:
			restB = append(restB, b[j])
			j++
		}
	}
	flush()
	return out
}

// pair puts steps that have no equal beside each other, where they are of the
// same instruction.
func pair(a, b []*Row) [][2]*Row {
	var out [][2]*Row
	for _, x := range a {
		at := slices.IndexFunc(b, func(y *Row) bool { return firstWord(x.By) == firstWord(y.By) && (x.DiffID == "") == (y.DiffID == "") })
		if at < 0 {
			out = append(out, [2]*Row{x, nil})
			continue
		}
		for _, y := range b[:at] {
			out = append(out, [2]*Row{nil, y})
		}
		out = append(out, [2]*Row{x, b[at]})
		b = b[at+1:]
	}
	for _, y := range b {
		out = append(out, [2]*Row{nil, y})
	}
	return out
}

// judge says how the rows of a pair stand to each other. below tells that rows
// under them differ.
func (p *RowPair) judge(below bool) {
	a, b := p.A, p.B
	switch {
	case a == nil:
		p.Likeness, p.Text = OnlyB, fmt.Sprintf("%q is in the second alone", b.By)
		return
	case b == nil:
		p.Likeness, p.Text = OnlyA, fmt.Sprintf("%q is in the first alone", a.By)
		return
	case a.DiffID == "" && b.DiffID == "":
		p.Likeness, p.Text = SameRow, "the same, and no layer"
		if a.By != b.By {
			p.Likeness, p.Text = Different, fmt.Sprintf("%q became %q: no layer", a.By, b.By)
		}
		return
	case a.ChainID == b.ChainID && a.DiffID != "":
		p.Likeness, p.Text = SharedLayer, "the same layer on the same layers: it is stored once"
		return
	case a.DiffID == b.DiffID:
		p.Likeness, p.Text = SameBytes, "the same bytes, on other layers"
	default:
		p.Likeness = Different
	}
	p.explain(below)
}

// explain says why two steps made two layers, by what differs in their keys.
func (p *RowPair) explain(below bool) {
	a, b := p.A.Decision, p.B.Decision
	if a != nil && b != nil && a.in != nil && b.in != nil {
		p.Why = Differing(partsOf(b.in, a.in))
	}
	if p.Likeness == SameBytes {
		return
	}
	var parts []string
	for _, x := range p.Why {
		if x.Kind != PartBase && !(x.Kind == PartInstruction && x.Value == x.Was) {
			parts = append(parts, x.String())
		}
	}
	if len(parts) > 4 {
		parts = append(parts[:3], fmt.Sprintf("%d more", len(parts)-3))
	}
	switch {
	case len(parts) > 0:
		p.Text = "the layers differ: " + words(parts)
	case p.A.By != p.B.By:
		p.Text = fmt.Sprintf("the layers differ: %q became %q", p.A.By, p.B.By)
	case a == nil || b == nil || a.in == nil || b.in == nil:
		p.Text = "the layers differ, and what they were made of is not known here"
	case len(p.Why) > 0 && below:
		p.Text = "the layers differ: the same step, started from another result"
	default:
		p.Text = "the layers differ although everything that went in is the same: it was run twice, and files have the time at which they were made"
	}
}
