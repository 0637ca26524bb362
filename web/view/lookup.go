package view

import (
	"path"
	"strconv"
	"strings"
	"syscall"

	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
	"github.com/layerlab/layerlab/web/state"
)

// Lookup is a path that is looked up, played back layer by layer.
type Lookup struct {
	Open    bool
	Field   string // the path in the field
	Path    string // that was looked up
	Names   []LookupName
	End     LookupStep
	Lamps   []Lamp // the layers in small, topmost first
	At      string // "step 3 of 9"
	Now     string // the step that is shown, in words
	First   bool   // the first step is shown
	Last    bool   // the last one
	Playing bool
}

// A LookupName is one component of the path.
type LookupName struct {
	Title string // "app in /"
	Steps []LookupStep
	Rest  string // the layers that were not asked, and why
}

// A LookupStep is one step, to be read by itself.
type LookupStep struct {
	Index int
	Tag   *Tag // nil for a step that is no layer's
	Text  string
	Kind  string // "no", "yes", "white", "link", "good" or "bad"
	Now   bool
	Ahead bool // it comes after the step that is shown
}

// A Lamp is one layer while a look-up is played: lit when it is asked.
type Lamp struct {
	Tag  Tag
	Kind string // "" not asked yet, "no", "yes", "white", "pass" for never asked
	Now  bool
}

// NewLookup lays a look-up out.
func NewLookup(s *state.State) Lookup {
	f := &s.Files
	w := f.Way
	if w == nil || f.Source == nil {
		return Lookup{}
	}
	v := Lookup{Open: true, Field: f.Asked, Path: visible(w.Path), First: w.At == 0, Last: w.At == len(w.Steps)-1, Playing: w.Playing,
		At: "step " + strconv.Itoa(w.At+1) + " of " + strconv.Itoa(len(w.Steps))}
	x := way{s, f, w}
	for i, st := range w.Steps {
		step := x.step(i, st)
		step.Index, step.Now, step.Ahead = i, i == w.At, i > w.At
		if step.Now {
			v.Now = step.said()
		}
		if st.Name < 0 {
			v.End = step
			continue
		}
		if st.Name == len(v.Names) {
			v.Names = append(v.Names, LookupName{Title: x.title(st.Name), Rest: x.rest(st.Name)})
		}
		n := &v.Names[st.Name]
		n.Steps = append(n.Steps, step)
	}
	for l := x.top(); l >= 0; l-- {
		v.Lamps = append(v.Lamps, x.lamp(l))
	}
	return v
}

// said is a step with its layer, to be read aloud.
func (st LookupStep) said() string { return strings.ToUpper(st.Text[:1]) + st.Text[1:] }

// A way is a look-up that is put into words.
type way struct {
	s *state.State
	f *state.Files
	w *state.Way
}

func (x way) top() int {
	m := x.f.Source.Mount()
	top := len(m.Lowers()) - 1
	if m.Upper() != nil {
		top++
	}
	return top
}

func (x way) tag(layer int) Tag { return tagOf(x.f.Source.Number(layer)) }

// where is a layer in a sentence: "upper", "layer 5".
func (x way) where(layer int) string {
	switch n := x.f.Source.Number(layer); {
	case n == 0:
		return "upper"
	case n < 0:
		return "the init layer"
	default:
		return "layer " + strconv.Itoa(n)
	}
}

func (x way) title(name int) string {
	p := x.w.Names[name].Path
	return visible(path.Base(p)) + " in " + visible(path.Dir(p))
}

// rest is the layers that were not asked for a name.
func (x way) rest(name int) string {
	n := x.w.Names[name]
	var out []string
	if len(n.Passed) > 0 {
		out = append(out, "not asked: "+x.names(n.Passed)+", which "+verb(len(n.Passed), "adds", "add")+" nothing to "+visible(path.Dir(n.Path)))
	}
	if len(n.Below) > 0 {
		out = append(out, "no longer asked: "+x.names(n.Below))
	}
	return strings.Join(out, "; ")
}

func verb(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func (x way) names(layers []int) string {
	var words []string
	for _, l := range layers {
		words = append(words, x.tag(l).Text)
	}
	return list(runs(words))
}

// step is one step in words.
func (x way) step(i int, st state.Step) LookupStep {
	switch {
	case st.Name < 0:
		return x.end()
	case st.Answer < 0:
		n := x.w.Names[st.Name]
		return LookupStep{Text: visible(path.Base(n.Path)) + " is a symbolic link: go on with " + visible(n.Target), Kind: "link"}
	}
	n := x.w.Names[st.Name]
	a := n.Asked[st.Answer]
	tag := x.tag(a.Layer)
	text, kind := x.answer(n, st.Answer)
	return LookupStep{Tag: &tag, Text: text, Kind: kind}
}

// answer is what one layer says of a name.
func (x way) answer(n state.Name, i int) (text, kind string) {
	a := n.Asked[i]
	where, above := x.where(a.Layer), false
	for _, b := range n.Asked[:i] {
		above = above || b.Found == overlay.PlainDirectory
	}
	last := i == len(n.Asked)-1
	switch a.Found {
	case overlay.WhiteoutMark:
		if above {
			return "whiteout in " + where + ": what lies below adds nothing", "white"
		}
		return "whiteout in " + where + ": it was deleted, the search ends", "white"
	case overlay.OpaqueDirectory:
		return "here, in " + where + ": an opaque directory, nothing below it counts", "yes"
	case overlay.PlainDirectory:
		switch {
		case above:
			return "in " + where + ", too: a directory, its names are added", "yes"
		case last:
			return "here, in " + where + ": a directory", "yes"
		}
		return "here, in " + where + ": a directory; layers below may add to it", "yes"
	case overlay.OtherFile:
		if above {
			return "in " + where + " it is no directory: it does not count, and ends the search", "no"
		}
		return "here, in " + where + ": " + x.what(a.Layer, n.Path) + ", the search ends", "yes"
	}
	if im := x.s.Shown(); x.f.Source.Number(a.Layer) > 0 {
		if l := im.Layer(x.f.Source.Number(a.Layer)); l != nil && l.Layer == nil {
			return where + " is not read: passed by", "no"
		}
	}
	if x.f.Source.Number(a.Layer) == 0 {
		return "not in upper; whiteout? no", "no"
	}
	return "not in " + where, "no"
}

// what is the object that a layer has at a path, "a file of 12 B".
func (x way) what(layer int, p string) string {
	m := x.f.Source.Mount()
	t := m.Upper()
	if lowers := m.Lowers(); layer < len(lowers) {
		t = lowers[layer]
	}
	var n *tree.Inode
	if t != nil {
		n = t.Get(p)
	}
	switch {
	case n == nil:
		return "a file"
	case n.IsRegular():
		return "a file of " + Bytes(n.Size())
	}
	return "a " + kindName(n)
}

// end is how the search ended.
func (x way) end() LookupStep {
	w := x.w
	if w.Err != 0 {
		name := map[syscall.Errno]string{syscall.ENOENT: "ENOENT", syscall.ENOTDIR: "ENOTDIR", syscall.ELOOP: "ELOOP", syscall.ENAMETOOLONG: "ENAMETOOLONG"}[w.Err]
		return LookupStep{Text: name + ", " + overlay.Message(w.Err) + x.because(), Kind: "bad"}
	}
	var adds []int
	if n := len(w.Names); n > 0 && w.IsDir {
		for _, a := range w.Names[n-1].Asked {
			if a.Found == overlay.PlainDirectory || a.Found == overlay.OpaqueDirectory {
				adds = append(adds, a.Layer)
			}
		}
	}
	switch {
	case w.Layer < 0:
		return LookupStep{Text: "found: the root, to which all layers add", Kind: "good"}
	case len(adds) > 1:
		return LookupStep{Text: "found: a directory, merged from " + x.names(adds) + "; the topmost gives owner, mode and time", Kind: "good"}
	}
	tag := x.tag(w.Layer)
	return LookupStep{Tag: &tag, Text: "found: a process sees what " + x.where(w.Layer) + " has", Kind: "good"}
}

// because is why a look-up failed.
func (x way) because() string {
	w := x.w
	if w.Err == syscall.ELOOP {
		return ": after 40 symbolic links the kernel gives up"
	}
	if len(w.Names) == 0 || w.Err == syscall.ENAMETOOLONG {
		return ""
	}
	n := w.Names[len(w.Names)-1]
	p := visible(n.Path)
	if w.Err == syscall.ENOTDIR {
		return ": " + p + " is no directory, nothing can be below it"
	}
	if w.Err != syscall.ENOENT || !n.Missing || len(n.Asked) == 0 {
		return ""
	}
	if a := n.Asked[len(n.Asked)-1]; a.Found == overlay.WhiteoutMark {
		return ": the whiteout in " + x.where(a.Layer) + " hides " + p
	}
	return ": no layer that was asked has " + p
}

// lamp is one layer at the step that is shown.
func (x way) lamp(layer int) Lamp {
	w := x.w
	out := Lamp{Tag: x.tag(layer)}
	at := w.Steps[w.At]
	name, upTo := at.Name, at.Answer
	if name < 0 {
		name = len(w.Names) - 1
	}
	if name < 0 {
		return out
	}
	n := w.Names[name]
	if upTo < 0 {
		upTo = len(n.Asked) - 1
	}
	for i, a := range n.Asked {
		if a.Layer != layer {
			continue
		}
		if i <= upTo {
			_, out.Kind = x.answer(n, i)
		}
		out.Now = i == at.Answer && at.Name >= 0
		return out
	}
	out.Kind = "pass"
	return out
}

// asked is what a plate shows while a look-up is played.
func asked(s *state.State, im *state.Image, number int, container string) (kind, text string, now bool) {
	f := &s.Files
	if f.Way == nil || f.Source == nil || f.Source.ImageID != im.ID || number == 0 && f.Source.Holder != container {
		return "", "", false
	}
	x := way{s, f, f.Way}
	for l := x.top(); l >= 0; l-- {
		if f.Source.Number(l) != number {
			continue
		}
		lamp := x.lamp(l)
		at := f.Way.Steps[f.Way.At].Name
		if at < 0 {
			at = len(f.Way.Names) - 1
		}
		if at >= 0 && lamp.Kind != "pass" && lamp.Kind != "" {
			text = map[string]string{"no": "no ", "yes": "here: ", "white": "whiteout of "}[lamp.Kind] + one(visible(path.Base(f.Way.Names[at].Path)), 24)
		}
		return lamp.Kind, text, lamp.Now
	}
	return "", "", false
}
