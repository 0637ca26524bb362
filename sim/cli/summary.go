package cli

import (
	"fmt"
	"strings"

	units "github.com/docker/go-units"

	"github.com/layerlab/layerlab/sim/event"
)

// summary is one or two sentences of what a line did, for a timeline; "" when it
// changed nothing.
func summary(events []event.Event) string {
	t := &tally{}
	for _, ev := range events {
		t.add(ev)
	}
	var out []string
	out = append(out, t.parts...)
	if f := t.files(); f != "" {
		out = append(out, f)
	}
	if t.images == 0 && t.touched() && !t.built {
		out = append(out, "The image below is untouched.")
	}
	for _, name := range t.lacks {
		out = append(out, fmt.Sprintf("The image has %q, the simulator has not.", name))
	}
	return strings.Join(out, " ")
}

// tally counts what happened.
type tally struct {
	parts                           []string // sentences, in order
	copied, whiteouts, created      int
	changed, removed, opaque, exdev int
	copiedBytes                     int64
	images                          int // images that came or went
	built                           bool
	hits, misses, layers            int
	lacks                           []string
	read                            int
}

func (t *tally) touched() bool {
	return t.copied+t.whiteouts+t.created+t.changed+t.removed+t.opaque > 0
}

func (t *tally) say(format string, args ...any) {
	t.parts = append(t.parts, fmt.Sprintf(format, args...))
}

func (t *tally) add(ev event.Event) {
	switch ev := ev.(type) {
	case event.CopiedUp:
		t.copied++
		t.copiedBytes += ev.Bytes
	case event.Whiteout:
		t.whiteouts++
	case event.OpaqueMade:
		t.opaque++
	case event.FileCreated:
		t.created++
	case event.FileChanged:
		t.changed++
	case event.FileRemoved:
		t.removed++
	case event.FileRead:
		t.read++
	case event.CrossDevice:
		t.exdev++
	case event.Simulated:
		t.lacks = append(t.lacks, ev.Name)
	default:
		t.addObject(ev)
	}
}

// addObject takes the events of images, builds and containers.
func (t *tally) addObject(ev event.Event) {
	switch ev := ev.(type) {
	case event.ImageLoaded:
		if t.images++; !t.built {
			t.say("%s came into the store: %s, %s.", nameOr(ev.Names, ev.ID), count(ev.Layers, "layer"), units.HumanSizeWithPrecision(float64(ev.Bytes), 3))
		}
	case event.ImageTagged:
		if t.images == 0 {
			t.say("%s is a further name of image %s.", ev.Name, shortID(ev.ID))
		}
	case event.ImageUntagged:
		t.say("The name %s is gone.", ev.Name)
	case event.ImageRemoved:
		t.images++
		t.say("Image %s is gone and gave back %s.", shortID(ev.ID), units.HumanSizeWithPrecision(float64(ev.Freed), 3))
		t.kept(ev.Kept)
	case event.ImageKept:
		t.images++
		t.say("Image %s stays without a name: it is the parent of %s.", shortID(ev.ID), strings.Join(ev.For, ", "))
	case event.BuildStarted:
		t.built = true
	case event.StepDecided:
		switch {
		case ev.ConfigOnly || strings.HasPrefix(ev.Step, "FROM "):
		case ev.Hit:
			t.hits++
		default:
			t.misses++
		}
	case event.LayerCommitted:
		if !ev.Cached {
			t.layers++
		}
	case event.BuildEnded:
		t.endBuild(ev)
	case event.ContainerCreated:
		t.say("Container %s has a thin layer of its own on %s.", ev.Name, ev.Image)
	case event.ContainerExited:
		t.say("Container %s ended with %d.", ev.Name, ev.Code)
	case event.ContainerRenamed:
		t.say("Container %s is now called %s.", ev.Old, ev.New)
	case event.ContainerCommitted:
		t.say("The layer of container %s became image %s.", ev.Name, shortID(ev.ImageID))
	case event.ContainerRemoved:
		t.say("Container %s is gone with its layer of %s.", ev.Name, units.HumanSizeWithPrecision(float64(ev.Freed), 3))
	}
}

// kept says which layers of an image that is gone stay, those for one reason
// together.
func (t *tally) kept(layers []event.LayerFate) {
	for i := 0; i < len(layers); {
		why, from, bytes := layers[i].Why(), i, int64(0)
		for ; i < len(layers) && layers[i].Why() == why; i++ {
			bytes += layers[i].Bytes
		}
		t.say("Kept %s of it (%s): %s.", count(i-from, "layer"), units.HumanSizeWithPrecision(float64(bytes), 3), why)
	}
}

func (t *tally) endBuild(ev event.BuildEnded) {
	if ev.Stopped {
		t.say("The build was stopped. What it had finished is in the cache; no image was made.")
		return
	}
	if ev.Err != "" {
		t.say("The build failed%s.", atLine(ev.Line))
		return
	}
	t.say("%s was built: %s reused, %s run, %s.", nameOr(ev.Names, ev.ID), count(t.hits, "step"), count(t.misses, "step"), count(t.layers, "new layer"))
}

// files is the sentence of what happened to files: "One file copied up (14 B),
// one whiteout, one new file."
func (t *tally) files() string {
	var parts []string
	add := func(n int, one, many, more string) {
		if n == 1 {
			parts = append(parts, one+more)
		} else if n > 1 {
			parts = append(parts, fmt.Sprintf("%d %s%s", n, many, more))
		}
	}
	bytes := ""
	if t.copiedBytes > 0 {
		bytes = " (" + units.CustomSize("%.3g %s", float64(t.copiedBytes), 1000, []string{"B", "kB", "MB", "GB", "TB"}) + ")"
	}
	add(t.copied, "one file copied up", "files copied up", bytes)
	add(t.whiteouts, "one whiteout", "whiteouts", "")
	add(t.opaque, "one opaque directory", "opaque directories", "")
	add(t.created, "one new file", "new files", "")
	if t.copied+t.created == 0 {
		add(t.changed, "one file changed", "changes of files", "")
	}
	add(t.removed, "one file removed without a trace", "files removed without a trace", "")
	if len(parts) == 0 {
		return ""
	}
	s := strings.Join(parts, ", ") + "."
	return strings.ToUpper(s[:1]) + s[1:]
}

func atLine(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" at line %d", n)
}

func nameOr(names []string, id string) string {
	if len(names) > 0 {
		return strings.Join(names, ", ")
	}
	return "Image " + shortID(id)
}

func count(n int, noun string) string {
	switch n {
	case 0:
		return "no " + noun
	case 1:
		return "one " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
