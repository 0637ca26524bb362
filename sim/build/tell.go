package build

import (
	"sync"

	"github.com/layerlab/layerlab/sim/dockerfile"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// What is told of a step beside the vertices that BuildKit's own progress shows:
// enough to draw it while it goes on. A preview tells nothing.

// maxNamed is how many files are told by name.
const maxNamed = 8

// maxCompared is how many files are held against those of the build before one by
// one, only to tell of it.
const maxCompared = 4000

// tell tells an event of a build that somebody follows.
func (r *run) tell(e Event) {
	if r.sink != nil && !r.dry {
		r.emit(e)
	}
}

// tellPlan tells what is about to be built.
func (r *run) tellPlan(needed map[*stage]bool) {
	p := Planned{}
	r.order = map[*stage]int{}
	for _, st := range r.stages {
		if !needed[st] || st.external {
			continue
		}
		line, _ := dockerfile.Lines(st.at)
		next := PlannedStage{Name: st.name, Line: line, As: st.orig, From: -1}
		if st.base != nil {
			next.From = r.order[st.base]
		} else if !st.scratch {
			next.Base = st.resolved
		}
		for _, s := range st.steps {
			if s.history >= 0 || s.node != nil {
				line, end := dockerfile.Lines(s.cmd.Location())
				next.Steps = append(next.Steps, NextStep{Line: line, EndLine: end, Step: s.shown, Layer: s.node != nil})
			}
		}
		r.order[st] = len(p.Stages)
		p.Stages = append(p.Stages, next)
	}
	r.tell(p)
}

// tellKey tells which files a step takes, and how its key stands to the last one.
func (r *run) tellKey(n *node, d Decision) {
	if r.sink == nil || r.dry {
		return
	}
	if t := taken(n, d); t.Files > 0 {
		r.emit(t)
	}
	k := KeyCompared{Line: d.Line, Hit: d.Hit, Reason: d.Reason.Text, Key: d.Key, Parts: partsOf(d.in.bare(), d.was.bare())}
	if d.was != nil {
		k.Was = d.was.sum
		k.compare(d)
	}
	r.emit(k)
}

// taken is the files that a step's key is made of.
func taken(n *node, d Decision) FilesTaken {
	t := FilesTaken{Line: d.Line}
	if op, ok := n.op.(*copyOp); ok {
		for _, a := range op.Actions {
			if a.Kind == "from" {
				t.From = a.label
			}
		}
	}
	for _, f := range d.in.Files {
		if f.Mode&tree.TypeMask == tree.Directory {
			continue
		}
		t.Files++
		t.Bytes += f.Size
		if len(t.Names) < maxNamed {
			t.Names = append(t.Names, f.Path)
		}
	}
	return t
}

// compare counts the files of a key that differ from those of the build before.
func (k *KeyCompared) compare(d Decision) {
	changes := d.Reason.Files
	switch {
	case d.Key == d.was.sum:
		changes = nil
	case d.Reason.Kind != FilesChanged && len(d.in.Files) <= maxCompared:
		changes, _ = compareFiles(d.was.Files, d.in.Files)
	}
	gone := 0
	for _, c := range changes {
		if c.What == "removed" {
			gone++
		}
		if len(k.Changes) < maxNamed {
			k.Changes = append(k.Changes, c.String())
		}
	}
	k.Differ = len(changes)
	k.Same = len(d.in.Files) - (len(changes) - gone)
}

// bare is inputs without their files.
func (in *inputs) bare() *inputs {
	if in == nil {
		return nil
	}
	out := *in
	out.Files = nil
	return &out
}

// A writing counts what a step writes.
type writing struct {
	r   *run
	mu  sync.Mutex
	now StepWrites
	due StepWrites // what has to be reached to be told again
}

// follow tells of a step that begins to run, and gives what its mount tells of
// changes to.
func (r *run) follow(v *vertex) func(overlay.Event) {
	if r.sink == nil || r.dry {
		return nil
	}
	w := &writing{r: r, now: StepWrites{Line: v.line}}
	r.emit(w.now)
	return w.trace
}

func (w *writing) trace(e overlay.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := e.(type) {
	case overlay.Created:
		w.wrote(e.Path, e.Kind, 0)
	case overlay.CopiedUp:
		w.wrote(e.Path, e.Kind, e.Bytes)
	case overlay.Changed:
		w.now.Bytes += e.Bytes
	case overlay.Whiteout:
		w.wrote(e.Path, tree.CharDevice, 0)
	default:
		return
	}
	if w.now.Files < w.due.Files && w.now.Bytes < w.due.Bytes || w.now.Path == "" {
		return
	}
	w.due = StepWrites{Files: w.now.Files + 1 + w.now.Files/8, Bytes: w.now.Bytes + 1 + w.now.Bytes/8}
	w.r.emit(w.now)
}

// wrote counts a name. Directories are no files.
func (w *writing) wrote(p string, kind uint32, bytes int64) {
	if kind != tree.Directory {
		w.now.Path = p
		w.now.Files++
		w.now.Bytes += bytes
	}
}
