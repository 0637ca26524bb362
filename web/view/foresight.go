package view

import (
	"strconv"

	"github.com/layerlab/layerlab/sim/build"
	"github.com/layerlab/layerlab/web/state"
)

// A Forecast is the line under the editor's head that sums up what the next build
// would do.
type Forecast struct {
	On   bool
	Text string
	Bad  bool
}

func newForecast(f *state.Foresight) Forecast {
	v := Forecast{On: f.On}
	switch {
	case !f.On:
	case !f.Known:
		v.Text = "Looking…"
	case f.Err != "":
		v.Text, v.Bad = sentence(f.Err), true
	case f.Error != nil:
		v.Text, v.Bad = "The next build would fail in line "+strconv.Itoa(f.Error.Line)+".", true
	default:
		v.Text = "The next build: " + strconv.Itoa(f.Hits) + verb(f.Hits, " hit, ", " hits, ") + strconv.Itoa(f.Misses) + verb(f.Misses, " miss", " misses")
		if f.Unsure > 0 {
			v.Text += ", " + strconv.Itoa(f.Unsure) + " not known yet"
		}
		v.Text += ". Nothing was run."
	}
	return v
}

// foresee puts beside each step what the next build would do with it.
func foresee(e *state.Editor, steps []state.TextStep, lines []Line) {
	last := ""
	for i, x := range e.Foresight.StatusesOf(e.Text, steps) {
		if x == nil {
			continue
		}
		l := &lines[steps[i].Line-1]
		switch x.Outcome {
		case build.WillHit:
			l.Chip, l.Kind = "✓ would hit", "good"
			if !x.Plain {
				l.Why = sentence(x.Reason)
			}
		case build.WillMiss:
			l.Chip, l.Kind, l.Why = "↻ would miss", "warn", sentence(x.Reason)
		case build.Unknown:
			l.Chip, l.Kind, l.Why = "? known after line "+strconv.Itoa(x.After), "dim", sentence(x.Reason)
		default:
			l.Chip, l.Kind = "◇ config only", "dim"
			if isFrom(steps[i].Text) {
				l.Chip = "base"
			}
		}
		if l.Why != "" && l.Why == last {
			l.Why = ""
		} else if l.Why != "" {
			last = l.Why
		}
	}
}
