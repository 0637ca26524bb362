package view

import (
	"math"
	"strconv"
	"strings"

	"github.com/layerlab/layerlab/sim/event"
	"github.com/layerlab/layerlab/web/state"
)

// LiveID stands for the image that is being built among the images to choose from.
const LiveID = "live"

// Live is the panel that says what a build does just now.
type Live struct {
	On     bool
	Title  string // "Building app:2"
	Where  string // "step 3 of 5 · line 4"
	Step   string
	State  string // what it does, in a few words
	Kind   string // of State: "good", "warn", "bad", "dim"
	Takes  []string
	From   string // where Takes come from, with how many and how much
	Flying bool   // they are on their way to the plate
	Key    []Chip
	Same   string // the parts of the key that are as they were
	Names  []string
	Wrote  string
	Plate  string // key of the plate that this is about
	Going  bool   // can be stopped
}

// newLive lays the panel out.
func newLive(s *state.State) Live {
	l := &s.Live
	if !l.On {
		return Live{}
	}
	v := Live{On: true, Title: "Building " + liveName(l), Going: l.Going()}
	if l.Failed {
		v.Title = "Not finished: " + liveName(l)
	}
	d := &l.Doing
	if d.Line == 0 {
		v.State = "reads the Dockerfile and its bases"
		return v
	}
	v.Where, v.Step = liveWhere(l), one(d.Step, 200)
	v.State, v.Kind = livePhase(d)
	v.takes(d)
	v.compares(&d.Compared)
	v.Flying = d.Phase != state.Comparing && d.Phase != state.Reused && d.Taken.Files > 0
	if w := d.Wrote; w.Line == d.Line && d.Phase != state.Comparing {
		v.Wrote = soFar(w)
		v.Names = d.Names
	}
	return v
}

func liveName(l *state.Live) string {
	if l.Name == "" {
		return "an image"
	}
	return l.Name
}

func liveWhere(l *state.Live) string {
	where := "step " + strconv.Itoa(l.Number) + " of " + strconv.Itoa(l.Of) + " · line " + strconv.Itoa(l.Doing.Line)
	if len(l.Stages) > 1 && l.Stage < len(l.Stages) {
		where += " · " + l.Stages[l.Stage].Name
	}
	return where
}

// soFar is how much a step has written so far.
func soFar(w event.StepWrites) string {
	if w.Files == 0 {
		return "nothing yet"
	}
	return Count(w.Files, "file") + ", " + Bytes(w.Bytes)
}

// livePhase is what a step does, in a few words.
func livePhase(d *state.Doing) (text, kind string) {
	switch d.Phase {
	case state.Comparing:
		if d.Compared.Line != d.Line {
			return "looks at what it takes", "dim"
		}
		if d.Compared.Hit {
			return "✓ same key: reused", "good"
		}
		return "≠ another key: runs", "warn"
	case state.Writing:
		if d.Seconds > 0 {
			return "↻ runs · " + strconv.Itoa(d.Seconds) + " s", "warn"
		}
		return "↻ runs", "warn"
	case state.Reused:
		return "✓ reused", "good"
	case state.BrokenOff:
		return "✗ broke off", "bad"
	}
	return "❄ frozen", "good"
}

// maxTakes is how many of the files that a step takes are shown by name.
const maxTakes = 4

// takes is the files that a step takes.
func (v *Live) takes(d *state.Doing) {
	t := d.Taken
	if t.Line != d.Line || t.Files == 0 {
		return
	}
	names := t.Names[:min(len(t.Names), maxTakes)]
	for _, n := range names {
		v.Takes = append(v.Takes, one(visible(base(n)), 20))
	}
	if more := t.Files - len(names); more > 0 {
		v.Takes = append(v.Takes, "and "+thousands(more)+" more")
	}
	v.From = Count(t.Files, "file") + ", " + Bytes(t.Bytes) + ", from the build context"
	if t.From != "" {
		v.From = Count(t.Files, "file") + ", " + Bytes(t.Bytes) + ", from " + t.From
	}
}

// maxKeyChips is how many differing parts of a key are shown while it is compared.
const maxKeyChips = 3

// compares is the parts of a step's key: those that differ from what they were one
// by one, those that are the same together.
func (v *Live) compares(k *event.KeyCompared) {
	if k.Key == "" {
		return
	}
	var differ, same []string
	known := false
	for _, p := range k.Parts {
		known = known || p.Known
		switch {
		case !p.Known || p.Same:
			same = append(same, p.Name)
		default:
			differ = append(differ, differs(p))
		}
	}
	for _, c := range k.Changes {
		differ = append(differ, "≠ "+c)
	}
	more := len(differ) - maxKeyChips + k.Differ - len(k.Changes)
	for _, d := range differ[:min(len(differ), maxKeyChips)] {
		v.Key = append(v.Key, Chip{d, "warn"})
	}
	if more > 0 {
		v.Key = append(v.Key, Chip{"≠ and " + thousands(more) + " more", "warn"})
	}
	if k.Same > 0 {
		same = append(same, Count(k.Same, "file"))
	}
	switch {
	case !known:
		v.Key, v.Same = []Chip{{"nothing to compare with", "dim"}}, "made of: "+list(same)
	case len(same) > 0:
		v.Same = "✓ same: " + list(same)
	}
}

// differs is a part of a key that is another than it was, in a few words.
func differs(p event.KeyPart) string {
	now, was := visible(p.Now), visible(p.Was)
	switch {
	case p.Name == "starts from", len(now)+len(was) > 48:
		return p.Name + " ≠ another"
	case was == "":
		return p.Name + " ≠ new"
	case now == "":
		return p.Name + " ≠ gone"
	}
	return p.Name + " ≠ " + was + " → " + now
}

// liveStack is the layers of the stage that is being built: those below it, those
// that are there and those that are still to come. Each has its place from the
// start, so that nothing moves.
func liveStack(s *state.State) Stack {
	l := &s.Live
	v := Stack{Title: "Layers", Subtitle: "as they are built", Facts: facts(s), Live: newLive(s), Busy: l.Going()}
	name := liveName(l)
	if l.Failed {
		name += ", not finished"
		v.Subtitle = "as far as it got"
	}
	v.Choices = append([]Choice{{LiveID, name, true}}, choices(s, "")...)
	all := livePlates(l, l.Stage)
	total := 0
	for _, p := range all {
		if p.Number > 0 {
			total++
		}
	}
	for i := len(all) - 1; i >= 0; i-- {
		p := all[i]
		if p.Number > 0 {
			p.Label = "Layer " + strconv.Itoa(p.Number) + " of " + strconv.Itoa(total) + ", " + p.Label
		}
		if p.Number > 0 && p.State != "" && p.Line == l.Doing.Line {
			v.Live.Plate = p.Key
		}
		v.Items = append(v.Items, p)
	}
	return v
}

// livePlates is the plates and rows of a stage, the lowest first.
func livePlates(l *state.Live, stage int) []Plate {
	if stage < 0 || stage >= len(l.Stages) {
		return nil
	}
	st := l.Stages[stage]
	out := livePlates(l, st.From)
	number := 0
	for _, p := range out {
		number = max(number, p.Number)
	}
	layers := 0
	for _, r := range st.Below {
		if r.DiffID != "" {
			layers++
		}
	}
	for _, r := range st.Below {
		what := Instruction(r.By)
		if r.DiffID == "" {
			out = append(out, rowPlate(len(out), what))
			continue
		}
		number++
		if number == layers {
			what = st.Base + " — " + what
		}
		p := numbered(number, what)
		p.frozen(r.DiffID, r.Size, r.Files)
		p.Label = strings.Join([]string{one(what, 120), p.Size, "of the base image"}, ", ")
		out = append(out, p)
	}
	for _, x := range st.Steps {
		if !x.Layer {
			out = append(out, rowPlate(len(out), x.Step))
			continue
		}
		number++
		out = append(out, stepPlate(l, number, x))
	}
	return out
}

func rowPlate(i int, what string) Plate {
	return Plate{Key: "row" + strconv.Itoa(i), What: what, Config: true, Label: what + ", configuration only, no layer"}
}

func numbered(number int, what string) Plate {
	n := strconv.Itoa(number)
	return Plate{Key: "layer" + n, Number: number, Badge: n, Hue: Hue(number), What: what}
}

// frozen is a plate whose layer is known.
func (p *Plate) frozen(diffID string, size int64, files int) {
	p.Digest, p.Size = state.Short(diffID), Bytes(size)
	p.Chips = append(p.Chips, Chip{Count(files, "entry"), "quiet"})
}

// stepPlate is the plate of a step that makes a layer.
func stepPlate(l *state.Live, number int, x state.LiveStep) Plate {
	p := numbered(number, one(x.Step, 300))
	p.Line = x.Line
	chip := Chip{"waits", "quiet"}
	words := "waits for its turn"
	switch x.Phase {
	case state.Waits:
		p.State = "waits"
	case state.Comparing:
		p.State, chip, words = "compares", Chip{"its key is compared", ""}, "its key is compared"
	case state.Writing:
		w := l.Doing.Wrote
		p.State, p.Fill, p.Size = "fills", fill(l, x), Bytes(w.Bytes)
		chip = Chip{"filling · " + soFar(w), ""}
		words = "filling, " + soFar(w)
	case state.Frozen:
		p.State, chip, words = "frozen", Chip{"❄ frozen", "new"}, "frozen"
		p.frozen(x.DiffID, x.Size, x.Files)
	case state.Reused:
		p.State, chip, words = "reused", Chip{"✓ reused", "good"}, "reused"
		p.frozen(x.DiffID, x.Size, x.Files)
	case state.BrokenOff:
		p.State, chip, words = "broken", Chip{"✗ broke off: nothing of it is kept", "bad"}, "broke off, nothing of it is kept"
	}
	p.Chips = append(p.Chips, chip)
	said := []string{one(p.What, 120), words}
	if p.Digest != "" {
		said = append(said, p.Size, "digest "+p.Digest)
	}
	p.Label = strings.Join(said, ", ")
	return p
}

// fill is how far a plate is filled, in percent. Of files that are copied it is
// known how many there are; what a command will write is not known: there each
// tenfold size is a step on.
func fill(l *state.Live, x state.LiveStep) int {
	d := &l.Doing
	if word, _, _ := strings.Cut(x.Step, " "); d.Taken.Files > 0 && strings.EqualFold(word, "COPY") {
		return Percent(int64(d.Wrote.Files), int64(d.Taken.Files))
	}
	return min(95, int(math.Log10(float64(d.Wrote.Bytes)+1)*11)+min(8, d.Wrote.Files))
}
