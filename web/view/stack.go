package view

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/layerlab/layerlab/web/state"
)

// Stack is the layers pane.
type Stack struct {
	Title      string
	Subtitle   string
	Verified   *Chip
	Containers []Plate // side by side on top, the oldest first
	Items      []Plate // layers and the configuration rows between them, topmost first
	Facts      []Fact
	Empty      string // in place of plates
	CanRun     bool
	Live       Live     // what a build does just now
	Busy       bool     // a build is at work: no other image can be chosen
	Choices    []Choice // the images to choose from
}

// A Choice is one entry of a list to choose from.
type Choice struct {
	ID, Name string
	Now      bool
}

// A Plate is one layer, container or configuration row.
type Plate struct {
	Key      string
	Number   int    // of a layer; 0 for a container or a row
	ID       string // of a container
	Name     string // of a container
	Badge    string // "5", "rw"
	Hue      int
	What     string
	Size     string
	Digest   string // short
	Chips    []Chip
	Flights  []string // what went up, one line each
	Label    string   // all of it, read aloud
	Selected bool
	About    string // of a model's layer: what the model says of itself
	Fresh    bool   // was made by the last build
	Drops    bool   // and comes up now
	State    string // while it is built: "waits", "compares", "fills", "frozen", "reused", "broken"
	Fill     int    // how far it is filled, in percent
	Line     int    // of the step that makes it, while that is built
	Config   bool   // a configuration row
	Reading  bool   // a progress bar is shown
	Percent  int
	Bad      string // why this layer is not to be trusted
	Pulse    int    // grows when the same plate should draw attention again
	Ask      string // what it answers while a path is looked up: "no", "yes", "white", "pass"
	AskText  string // in words
	AskNow   bool   // it is asked right now
}

// A Chip is a short remark with a kind: "", "good", "warn", "bad" or "new".
type Chip struct {
	Text string
	Kind string
}

// A Fact is a number with its name.
type Fact struct{ Name, Value, Title string }

// NewStack lays the stack out.
func NewStack(s *state.State) Stack {
	if s.Live.On {
		return liveStack(s)
	}
	im := s.Shown()
	if im == nil {
		v := Stack{Title: "Layers", Empty: "No image yet. Build the Dockerfile, or open an image."}
		if !s.Page.Booted {
			v.Empty = "Building the first image…"
		}
		return v
	}
	v := Stack{Title: "Layers", CanRun: im.Source != nil && s.Page.Booted}
	on := s.World.On(im.ID)
	switch len(on) {
	case 0:
	case 1:
		v.Subtitle = "and the container on it"
	default:
		v.Subtitle = "and " + strconv.Itoa(len(on)) + " containers on it"
	}
	v.Choices = choices(s, im.ID)
	for _, c := range on {
		v.Containers = append(v.Containers, containerPlate(s, im, c))
	}
	v.Items = plates(s, im)
	v.Verified = verified(im)
	v.Facts = facts(s)
	return v
}

// choices is the images that can be shown, those still being read first.
func choices(s *state.State, now string) []Choice {
	var out []Choice
	add := func(im *state.Image) {
		out = append(out, Choice{im.ID, im.Name(), im.ID == now})
	}
	for _, a := range s.Opening.Archives {
		for _, im := range a.Images {
			if s.World.Image(im.ID) == nil {
				add(im)
			}
		}
	}
	for _, im := range s.World.Images {
		add(im)
	}
	return out
}

// plates is the layers and configuration rows, topmost first.
func plates(s *state.State, im *state.Image) []Plate {
	var out []Plate
	shown := map[int]bool{}
	models := modelLayers(s)
	for i := len(im.Rows) - 1; i >= 0; i-- {
		r := im.Rows[i]
		if l := im.Layer(r.Layer); l != nil {
			shown[r.Layer] = true
			out = append(out, layerPlate(s, im, l, models))
			continue
		}
		out = append(out, Plate{Key: "row" + strconv.Itoa(i), What: Instruction(r.By), Config: true,
			Label: Instruction(r.By) + ", configuration only, no layer"})
	}
	// History that does not match the layers hides none of them.
	var rest []Plate
	for i := len(im.Layers) - 1; i >= 0; i-- {
		if l := im.Layers[i]; !shown[l.Number] {
			rest = append(rest, layerPlate(s, im, l, models))
		}
	}
	return append(rest, out...)
}

func layerPlate(s *state.State, im *state.Image, l *state.Layer, models map[string]string) Plate {
	p := Plate{
		Key: "layer" + strconv.Itoa(l.Number), Number: l.Number, Badge: strconv.Itoa(l.Number), Hue: Hue(l.Number),
		What: Instruction(l.By), Digest: state.Short(l.DiffID),
		Selected: s.Stack.Layer == l.Number && s.Stack.Container == "", Fresh: s.Stack.Fresh[l.DiffID], Drops: s.Stack.Drops && s.Stack.Fresh[l.DiffID],
	}
	if p.What == "" {
		p.What = "no history for this layer"
	}
	if b := baseOf(s, im, l); b != "" {
		p.What = b + " — " + p.What
	}
	said := []string{fmt.Sprintf("Layer %d of %d", l.Number, len(im.Layers)), one(p.What, 120)}
	if l.Layer != nil {
		p.Size = Bytes(l.Size)
		said = append(said, p.Size, Count(l.Entries, "entry"))
		p.Chips = append(p.Chips, Chip{Count(l.Entries, "entry"), "quiet"})
	}
	if c := origin(p.Fresh, l.Shared); c.Text != "" {
		p.Chips = append(p.Chips, c)
		said = append(said, c.Text)
	}
	if about := models[l.ChainID]; about != "" && l.ChainID != "" {
		p.Chips = append(p.Chips, Chip{"model", "dim"})
		p.About = about
		said = append(said, "of a model")
	}
	if r := s.Stack.Read; r != nil && r.From == l.Number && onShown(s, r.Container) {
		p.Chips = append(p.Chips, Chip{"read " + r.Path + " from here", "good"})
		said = append(said, r.Path+" was read from here")
		p.Pulse = s.Said.N
	}
	if l.Progress != nil {
		said = append(said, p.progress(l.Progress))
	}
	p.Ask, p.AskText, p.AskNow = asked(s, im, l.Number, "")
	p.Label = strings.Join(said, ", ")
	return p
}

// progress shows how far the reading of a layer is, and says it in words.
func (p *Plate) progress(g *state.Progress) string {
	chip := Chip{}
	switch g.State {
	case state.Waiting:
		chip = Chip{"waits to be read", ""}
	case state.Reading:
		p.Reading, p.Percent = true, Percent(g.Done, g.Total)
		chip = Chip{Bytes(g.Done) + " of " + Bytes(g.Total), ""}
	case state.Verified:
		chip = Chip{"✓ verified", "good"}
	case state.Mismatch:
		chip = Chip{"✗ does not match", "bad"}
		p.Bad = "does not match: expected " + g.Expected + ", got " + g.Got
	case state.Broken:
		chip = Chip{"✗ cannot be read", "bad"}
		p.Bad = g.Err
	}
	p.Chips = append(p.Chips, chip)
	if p.Bad != "" {
		return p.Bad
	}
	return chip.Text
}

// baseOf is the name of another image that ends with this layer, "" if there is
// none: what a Dockerfile started FROM.
func baseOf(s *state.State, im *state.Image, l *state.Layer) string {
	if l.Number == len(im.Layers) {
		return ""
	}
	for _, o := range s.World.Images {
		if n := len(o.Layers); o != im && n == l.Number && len(o.Names) > 0 && l.ChainID != "" && o.Layers[n-1].ChainID == l.ChainID {
			return o.Name()
		}
	}
	return ""
}

func onShown(s *state.State, container string) bool {
	c := s.World.Container(container)
	return c != nil && s.Shown() != nil && c.ImageID == s.Shown().ID
}

// origin says whether a layer is new or whose it is as well.
func origin(fresh bool, shared []string) Chip {
	switch {
	case len(shared) == 1:
		return Chip{"shared with " + shared[0], ""}
	case len(shared) > 1:
		return Chip{"shared by " + strconv.Itoa(len(shared)+1) + " images", ""}
	case fresh:
		return Chip{"new", "new"}
	}
	return Chip{}
}

func containerPlate(s *state.State, im *state.Image, c *state.Container) Plate {
	what := c.Name
	if len(s.World.On(im.ID)) == 1 {
		what += " — what this container has written"
	}
	p := Plate{
		Key: "container" + c.ID, ID: c.ID, Name: c.Name, Badge: "rw", Hue: containerHue,
		What: what, Size: Bytes(c.Size),
		Selected: s.Stack.Container == c.ID,
	}
	said := []string{"Container " + c.Name + " on " + im.Name(), c.Status, "thin layer of " + p.Size}
	if c.Status != "running" {
		p.Chips = append(p.Chips, Chip{c.Status, "warn"})
	}
	for i, ch := range c.Written[:min(len(c.Written), 12)] {
		kind, word := "new", "A"
		switch ch.Kind {
		case 'C':
			kind, word = "warn", "M"
		case 'D':
			kind, word = "bad", "D"
		}
		if i < 4 {
			p.Chips = append(p.Chips, Chip{word + " " + base(ch.Path), kind})
		}
		said = append(said, map[string]string{"A": "added", "M": "changed", "D": "deleted"}[word]+" "+ch.Path)
	}
	if files := len(c.Written); files > 4 {
		p.Chips = append(p.Chips, Chip{"and " + strconv.Itoa(files-4) + " more", ""})
	} else if files == 0 {
		p.Chips = append(p.Chips, Chip{"nothing written yet", "quiet"})
		said = append(said, "nothing written yet")
	}
	for _, f := range s.Stack.Flights {
		if f.Container == c.ID {
			if t := flight(im, f); t != "" {
				p.Flights = append(p.Flights, t)
				said = append(said, t)
			}
		}
	}
	if n := len(p.Flights); n > 2 {
		p.Flights = append(p.Flights[:2:2], "and "+strconv.Itoa(n-2)+" more")
	}
	p.Ask, p.AskText, p.AskNow = asked(s, im, 0, c.ID)
	p.Label = strings.Join(said, ", ")
	return p
}

// flight is one thing that the last command did, as it flies at the plate.
// Things that are on the plate already need no words here.
func flight(im *state.Image, f state.Flight) string {
	from := strconv.Itoa(f.From)
	if f.From > len(im.Layers) {
		from = "init" // what Docker puts there itself
	}
	switch f.Kind {
	case state.CopyUp:
		if f.Bytes == 0 {
			return ""
		}
		return fmt.Sprintf("⇡ %s · %s copied up from %s", base(f.Path), Bytes(f.Bytes), from)
	case state.Hide:
		return fmt.Sprintf("⌫ %s · hides %s of %s", base(f.Path), Bytes(f.Bytes), from)
	case state.Exdev:
		return "⇢ " + base(f.Path) + " · a lower directory cannot be renamed: copied"
	}
	return ""
}

func base(p string) string {
	if i := strings.LastIndexByte(strings.TrimSuffix(p, "/"), '/'); i >= 0 && p != "/" {
		return p[i+1:]
	}
	return p
}

// verified sums up the digests of an image's layers, nil when none were checked.
func verified(im *state.Image) *Chip {
	good, bad, wait := 0, 0, 0
	for _, l := range im.Layers {
		if l.Progress == nil {
			continue
		}
		switch l.Progress.State {
		case state.Verified:
			good++
		case state.Mismatch, state.Broken:
			bad++
		default:
			wait++
		}
	}
	switch {
	case bad > 0:
		return &Chip{"✗ " + Count(bad, "layer") + " not as promised", "bad"}
	case wait > 0:
		return &Chip{strconv.Itoa(good) + " of " + Count(len(im.Layers), "digest") + " verified", ""}
	case good > 0 && good == len(im.Layers):
		return &Chip{"✓ all digests verified", "good"}
	case good > 0:
		return &Chip{"✓ " + Count(good, "digest") + " verified", "good"}
	}
	return nil
}

// facts is the sum under the stack.
func facts(s *state.State) []Fact {
	w := s.World
	out := []Fact{
		{"On disk once", Bytes(w.Once), "What all images take together, every layer counted once"},
		{"Sum of docker images", Bytes(w.Sum), "What it looks like when the sizes of the images are added up"},
	}
	if w.Sum > w.Once && w.Sum > 0 {
		out = append(out, Fact{"saved", strconv.Itoa(Percent(w.Sum-w.Once, w.Sum)) + " %", "What the images have in common is on disk once"})
	}
	return out
}

// Instruction is what made a layer, as it stood in the Dockerfile: without
// BuildKit's remark, the shell around RUN and the classic builder's markers.
func Instruction(by string) string {
	by = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(by), "# buildkit"))
	if i := strings.Index(by, "#(nop)"); i >= 0 {
		return strings.TrimSpace(by[i+len("#(nop)"):])
	}
	for _, sh := range []string{"RUN /bin/sh -c ", "/bin/sh -c "} {
		if rest, ok := strings.CutPrefix(by, sh); ok {
			return "RUN " + rest
		}
	}
	if strings.HasPrefix(by, "RUN |") { // RUN |2 A=1 B=2 /bin/sh -c …
		if i := strings.Index(by, "/bin/sh -c "); i >= 0 {
			return "RUN " + by[i+len("/bin/sh -c "):]
		}
	}
	return by
}
