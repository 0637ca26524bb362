package view

import (
	"strconv"
	"strings"
	"time"

	"github.com/layerlab/layerlab/web/state"
)

// Timeline is the commands so far and where in them the page stands.
type Timeline struct {
	Points  []Point
	At, Max int
	Date    string // of the engine's clock and the package repositories: "2026-01-05"
	CanPass bool   // the date can be moved on
	Where   string // "5 of 7"
	Line    string
	Summary string
	Spoken  string // the slider's value in words
	CanUndo bool
	CanRedo bool
}

// A Point is one command of the track.
type Point struct {
	N    int    // the moment after it
	Kind string // "past", "now", "next"
	Bad  bool
	Hint string
}

// maxPoints is how many points the track shows; of more, every n-th.
const maxPoints = 48

// NewTimeline lays the timeline out.
func NewTimeline(s *state.State) Timeline {
	t := s.Time
	n := len(t.Points)
	v := Timeline{At: t.At, Max: n, CanUndo: t.At > 0 && s.Term.Queue == 0, CanRedo: t.At < n && s.Term.Queue == 0}
	if w := s.World; w != nil && !w.Now.IsZero() {
		v.Date, v.CanPass = w.Now.UTC().Format(time.DateOnly), s.Page.Booted && s.Term.Queue == 0
	}
	step := (n + maxPoints - 1) / maxPoints
	for i := 1; i <= n; i++ {
		if step > 1 && i%step != 0 && i != t.At {
			continue
		}
		p := Point{N: i, Kind: "past", Bad: t.Points[i-1].Exit != 0, Hint: t.Points[i-1].Line}
		switch {
		case i == t.At:
			p.Kind = "now"
		case i > t.At:
			p.Kind = "next"
		}
		v.Points = append(v.Points, p)
	}
	v.Where = strconv.Itoa(t.At) + " of " + strconv.Itoa(n)
	if t.At == 0 || t.At > n {
		v.Summary = "The start: nothing has been run."
		v.Spoken = "Start of " + Count(n, "command")
		return v
	}
	p := t.Points[t.At-1]
	v.Line, v.Summary = one(p.Line, 200), p.Summary
	if note, ok := strings.CutPrefix(p.Line, "# "); ok {
		v.Line = note
		if v.Summary == "" {
			v.Summary = "A change of the build context; images and containers are as they were."
		}
	} else if v.Summary == "" {
		v.Summary = "Images and containers are as they were."
	}
	v.Spoken = v.Where + ", " + v.Line + ": " + v.Summary
	return v
}
