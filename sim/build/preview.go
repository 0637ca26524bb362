package build

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/layerlab/layerlab/sim/dockerfile"
	"github.com/layerlab/layerlab/sim/overlay"
)

// An Outcome is what a preview says of a step.
type Outcome string

// The outcomes. Unknown is a step that takes files from one that would run anew:
// only the run shows whether they have the same bytes.
const (
	WillHit  Outcome = "hit"
	WillMiss Outcome = "miss"
	Unknown  Outcome = "unknown"
	NoKey    Outcome = "config" // FROM and what only changes the configuration
)

// A Forecast is what would become of one step. Its decision has no layer, size
// or time unless the step would hit.
type Forecast struct {
	Decision
	Outcome Outcome
}

// A Preview is what a build would do.
type Preview struct {
	Steps                []Forecast // of all stages that are needed, in the order of the Dockerfile
	Hits, Misses, Unsure int
	Warnings             []dockerfile.Warning
	Err                  *Error // a mistake that would end the build, where it stands; nil for none
}

// Preview says of every step whether a build with the same arguments would reuse
// its result, and why. Nothing is run, kept or told. The error is one that has
// nothing to do with the Dockerfile or the context.
func (b *Builder) Preview(ctx context.Context, contextDir *overlay.View, dir string, o Options) (*Preview, error) {
	dry := &Builder{Images: b.Images, Now: b.Now, Pause: b.Pause, NewRef: b.NewRef}
	if b.Cache != nil {
		dry.Cache = b.Cache.Snapshot()
	}
	out := &Preview{}
	r := dry.newRun(ctx, contextDir, dir, o, nil)
	r.dry = true
	err := r.plan()
	if err == nil {
		err = r.blameIf(r.solve())
	}
	if err != nil && !errors.As(err, &out.Err) {
		return nil, err
	}
	if r.file != nil {
		out.Warnings = r.file.Warnings
	}
	for _, d := range r.out {
		f := Forecast{Decision: d}
		switch {
		case d.Config || strings.HasPrefix(d.Step, "FROM "):
			f.Outcome = NoKey
		case d.Reason.Kind == NotKnown:
			f.Outcome = Unknown
			out.Unsure++
		case d.Hit:
			f.Outcome = WillHit
			out.Hits++
		default:
			f.Outcome = WillMiss
			out.Misses++
		}
		f.Reason.Text = asForecast(f.Reason.Text)
		out.Steps = append(out.Steps, f)
	}
	return out, nil
}

func (r *run) blameIf(err error) error {
	if err == nil {
		return nil
	}
	return r.blame(err)
}

// asForecast is a decision's sentence about what is still to come.
func asForecast(text string) string {
	for _, w := range [][2]string{{"missed", "would miss"}, {"hit", "would hit"}} {
		if rest, ok := strings.CutPrefix(text, w[0]); ok {
			return w[1] + strings.Replace(rest, ") missed and this", ") would miss and this", 1)
		}
	}
	return text
}

// keyless is the reason of a step whose key cannot be computed without running
// another, nil if it can be: it takes files from a step that would run anew, or
// starts from one of which nothing is known. That it starts from a step that
// misses is enough to know that it misses.
func (r *run) keyless(n *node, word string) *Reason {
	base := n.base.real()
	if n.linked() {
		base = nil
	}
	if base != nil && base.res != nil && base.res.unsure {
		of := base.res
		return &Reason{Kind: NotKnown, Parent: of.line, Text: fmt.Sprintf("not known yet: it starts from the result of line %d (%s), of which that is not known", of.line, of.step)}
	}
	for _, in := range n.inputs() {
		of := in.real().res
		if in == n.base || of == nil || !of.dry {
			continue
		}
		if base != nil && base.res != nil && base.res.dry {
			return &Reason{Kind: ParentChanged, Parent: base.res.line, Text: becauseOf(base.res, word)}
		}
		return &Reason{Kind: NotKnown, Parent: of.line, Text: fmt.Sprintf("not known before line %d (%s) has run: if what is taken from there has the same bytes, this hits", of.line, of.step)}
	}
	return nil
}

// foresee gives a step that would not be reused a result without files, for what
// is built on it.
func (r *run) foresee(s *step, n *node, d Decision, key string) {
	n.res = &result{key: key, dry: true, unsure: d.Reason.Kind == NotKnown, line: d.Line, step: s.text}
	if b := n.base.real(); b != nil {
		n.res.held, n.res.trees, n.res.created = b.res.held, b.res.trees, b.res.created
	}
}
