package view

import (
	"fmt"
	"strconv"

	"github.com/layerlab/layerlab/sim/inspect"
	"github.com/layerlab/layerlab/web/state"
)

// Images is the view of all images.
type Images struct {
	Shown      bool // nothing is laid out while nobody sees it
	List       []ImageRow
	Sum        []Fact
	Name       string
	ID         string
	Facts      []Fact
	Notes      []string
	Tab        string
	Tabs       []Choice
	Waste      Waste
	History    []HistoryRow
	Inspect    string
	Containers []ContainerRow
	Compare    Compare
	Empty      string
}

// An ImageRow is one image of the list.
type ImageRow struct {
	ID, Name, Short, Size, Unique, Layers, Age, State string
	Now                                               bool
	Model                                             bool // it is one of the catalogue
}

// A HistoryRow is one row of an image's history, the newest first.
type HistoryRow struct {
	Tag  *Tag // nil for a row that made no layer
	What string
	Size string
	Note string
}

// A ContainerRow is one container of an image.
type ContainerRow struct{ ID, Name, Status, Size, Command string }

// Waste is what is stored and not seen.
type Waste struct {
	Words   string // the sum in a sentence
	Percent int    // of the bytes that are seen
	Busy    bool
	Err     string
	Layers  []WasteLayer
	Dead    []DeadRow
	More    string
}

// A WasteLayer is what is dead in one layer, by cause.
type WasteLayer struct {
	Tag    Tag
	Bytes  string
	Dead   string
	Share  int // dead bytes in percent of the layer's
	Width  int // of the bar, in percent of the largest layer
	Causes string
	Killed string
}

// A DeadRow is one dead entry.
type DeadRow struct {
	Path, Shown, Bytes, Cause string
	Tag, By                   Tag
	Gone                      bool // the path is no longer there at all
}

// maxDead is how many dead entries are listed.
const maxDead = 100

// NewImages lays the images out.
func NewImages(s *state.State) Images {
	v := Images{Tab: s.Images.Tab}
	if s.Page.View != "images" {
		return v
	}
	v.Shown = true
	now := s.Studied()
	for _, a := range s.Opening.Archives {
		for _, im := range a.Images {
			v.List = append(v.List, imageRow(im, now))
		}
	}
	for _, im := range s.World.Images {
		v.List = append(v.List, imageRow(im, now))
	}
	v.Sum = facts(s)
	if now == nil {
		v.Empty = "No image yet. Build the Dockerfile, or open an image."
		return v
	}
	v.Name, v.ID, v.Notes = now.Name(), now.ID, now.Notes
	for i, n := range now.Names {
		if i > 0 {
			v.Name += ", " + n
		}
	}
	v.Facts = imageFacts(now)
	for _, t := range [][2]string{{"waste", "What is wasted"}, {"history", "History"}, {"inspect", "Inspect"}, {"containers", "Containers"}, {"compare", "Side by side"}} {
		v.Tabs = append(v.Tabs, Choice{t[0], t[1], t[0] == v.Tab})
	}
	switch v.Tab {
	case "waste":
		v.Waste = newWaste(s, now)
	case "history":
		v.History = newHistory(now)
	case "inspect":
		v.Inspect = s.InspectOf(now)
	case "compare":
		v.Compare = newCompare(s)
	case "containers":
		for _, c := range s.World.On(now.ID) {
			v.Containers = append(v.Containers, ContainerRow{c.ID, c.Name, c.Status, Bytes(c.Size), c.Command})
		}
	}
	return v
}

func imageRow(im, now *state.Image) ImageRow {
	r := ImageRow{ID: im.ID, Name: im.Name(), Short: state.Short(im.ID), Size: Bytes(im.Size), Unique: Bytes(im.Unique),
		Layers: Count(len(im.Layers), "layer"), Model: modelOf(im) != "", Now: now != nil && im.ID == now.ID}
	if im.Source == nil {
		r.Short, r.Unique, r.State = "", "", "not in the engine"
	}
	if !im.Created.IsZero() && im.Created.Unix() > 0 {
		r.Age = im.Created.UTC().Format("2006-01-02")
	}
	return r
}

func imageFacts(im *state.Image) []Fact {
	var out []Fact
	if im.Source != nil {
		out = append(out, Fact{"Image ID", im.ID, "The digest of its manifest, or of the index that names it"})
	}
	if about := modelOf(im); about != "" {
		out = append(out, Fact{"Model", about, "It stands in for the image of that name; nothing was pulled"})
	}
	out = append(out,
		Fact{"Platform", im.Platform, ""},
		Fact{"Layers", strconv.Itoa(len(im.Layers)), ""},
		Fact{"On disk", Bytes(im.Size), "Its layers unpacked, and their blobs"},
		Fact{"Blobs", Bytes(im.Content), "What is sent when it is pushed or pulled"})
	if im.Source != nil {
		out = append(out,
			Fact{"Its own", Bytes(im.Unique), "What would be freed if only this image were removed"},
			Fact{"Shared", Bytes(im.Size - im.Unique), "What other images have as well"})
	}
	if !im.Created.IsZero() {
		out = append(out, Fact{"Created", im.Created.UTC().Format("2006-01-02 15:04:05"), ""})
	}
	return out
}

func newHistory(im *state.Image) []HistoryRow {
	var out []HistoryRow
	shown := map[int]bool{}
	for i := len(im.Rows) - 1; i >= 0; i-- {
		r := im.Rows[i]
		h := HistoryRow{What: Instruction(r.By), Note: r.Note}
		if l := im.Layer(r.Layer); l != nil {
			shown[r.Layer] = true
			t := tagOf(l.Number)
			h.Tag, h.Size = &t, Bytes(l.Size)
			if l.Layer == nil {
				h.Size = ""
			}
		}
		if h.What == "" {
			h.What = "(nothing is said of it)"
		}
		out = append(out, h)
	}
	for _, l := range im.Layers {
		if !shown[l.Number] {
			t := tagOf(l.Number)
			out = append([]HistoryRow{{Tag: &t, What: "no history for this layer", Size: Bytes(l.Size)}}, out...)
		}
	}
	return out
}

func newWaste(s *state.State, im *state.Image) Waste {
	w := s.Images.Waste[im.ID]
	switch {
	case w == nil || w.Report == nil && w.Err == "":
		return Waste{Busy: true, Words: "Looking for dead bytes…"}
	case w.Err != "":
		return Waste{Err: w.Err}
	}
	r := w.Report
	v := Waste{Percent: int(r.Efficiency()*100 + .5)}
	if r.Wasted > 0 && v.Percent == 100 {
		v.Percent = 99
	}
	switch {
	case r.Bytes == 0:
		v.Words = "There are no file bytes in its layers."
	case r.Wasted == 0:
		v.Words = "Nothing is wasted: every one of the " + Bytes(r.Bytes) + " in its layers can be seen."
	default:
		v.Words = fmt.Sprintf("%d %% efficient: of %s in its layers %s are dead. They are stored and sent with every pull, and no process can see them.",
			v.Percent, Bytes(r.Bytes), Bytes(r.Wasted))
	}
	most := int64(1)
	for _, l := range r.Layers {
		most = max(most, l.Bytes)
	}
	for i := len(r.Layers) - 1; i >= 0; i-- {
		v.Layers = append(v.Layers, wasteLayer(r.Layers[i], most))
	}
	for i, d := range r.Dead {
		if i == maxDead {
			v.More = "and " + Count(len(r.Dead)-maxDead, "smaller one")
			break
		}
		v.Dead = append(v.Dead, deadRow(d))
	}
	return v
}

func wasteLayer(l inspect.Sum, most int64) WasteLayer {
	v := WasteLayer{Tag: tagOf(l.Layer + 1), Bytes: Bytes(l.Bytes), Share: Percent(l.Dead, l.Bytes), Width: max(1, Percent(l.Bytes, most))}
	var causes []string
	for c := inspect.Overwritten; c <= inspect.Duplicate; c++ {
		if n := l.Causes[c]; n > 0 {
			causes = append(causes, Bytes(n)+" "+deadWords(c))
		}
	}
	if l.Dead > 0 {
		v.Dead = Bytes(l.Dead) + " dead"
		v.Causes = list(causes)
	}
	if l.Killed > 0 {
		v.Killed = "hides " + Bytes(l.Killed)
	}
	return v
}

// deadWords is a cause as it stands after a size.
func deadWords(c inspect.Cause) string {
	switch c {
	case inspect.Overwritten:
		return "overwritten"
	case inspect.WhitedOut:
		return "deleted"
	case inspect.OpaqueDir:
		return "under an opaque directory"
	case inspect.ParentReplaced:
		return "lost with a replaced parent"
	case inspect.Duplicate:
		return "twice in this very layer"
	}
	return "hidden"
}

func deadRow(d inspect.Dead) DeadRow {
	r := DeadRow{Path: d.Path, Shown: visible(d.Path), Bytes: Bytes(d.Bytes), Cause: deadWords(d.Cause), Tag: tagOf(d.Layer + 1), By: tagOf(d.By + 1),
		Gone: d.Cause != inspect.Overwritten && d.Cause != inspect.Duplicate}
	if d.CopyUp {
		r.Cause = "copied again with the same bytes"
	}
	return r
}
