package engine

import (
	"strings"

	"github.com/layerlab/layerlab/sim/build"
	"github.com/layerlab/layerlab/sim/event"
)

// maxPart is how many bytes of a part of a cache key are told.
const maxPart = 160

// tellGoing tells the subscribers how a build goes on.
func (e *Engine) tellGoing(ev build.Event) {
	switch ev := ev.(type) {
	case build.Planned:
		out := event.BuildPlanned{}
		for _, s := range ev.Stages {
			out.Stages = append(out.Stages, plannedStage(s))
		}
		e.Tell(out)
	case build.StepStarted:
		e.Tell(event.StepStarted(ev))
	case build.FilesTaken:
		e.Tell(event.FilesTaken(ev))
	case build.KeyCompared:
		out := event.KeyCompared{Line: ev.Line, Hit: ev.Hit, Reason: ev.Reason, Key: ev.Key, Was: ev.Was, Same: ev.Same, Differ: ev.Differ, Changes: ev.Changes}
		for _, p := range ev.Parts {
			out.Parts = append(out.Parts, keyPart(p))
		}
		e.Tell(out)
	case build.StepWrites:
		e.Tell(event.StepWrites(ev))
	}
}

func plannedStage(s build.PlannedStage) event.PlannedStage {
	out := event.PlannedStage{Name: s.Name, Line: s.Line, From: s.From}
	for _, n := range s.Steps {
		out.Steps = append(out.Steps, event.PlannedRow(n))
	}
	if s.Base == nil {
		return out
	}
	out.Base = s.As
	for _, row := range s.Base.Image.Rows() {
		r := event.BaseRow{By: row.History.CreatedBy}
		if row.Layer >= 0 && row.Layer < len(s.Base.Layers) {
			if l := s.Base.Layers[row.Layer].Layer; l != nil {
				r.DiffID, r.Size, r.Files = l.DiffID.String(), l.DiskUsage(), l.Entries
			}
		}
		out.Below = append(out.Below, r)
	}
	return out
}

// keyPart is a part of a key under the name that people read.
func keyPart(p build.Part) event.KeyPart {
	out := event.KeyPart{Name: p.Label(), Now: cut(p.Value), Was: cut(p.Was), Known: p.Change != build.NoFormer, Same: p.Change == build.Unchanged}
	if out.Same {
		out.Was = out.Now
	}
	return out
}

// cut is a text's first maxPart bytes.
func cut(s string) string {
	if len(s) <= maxPart {
		return s
	}
	return strings.TrimSpace(strings.ToValidUTF8(s[:maxPart], "")) + "…"
}
