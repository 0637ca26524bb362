package build

import (
	"fmt"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/layerlab/layerlab/sim/dockerfile"
)

// memory is a stage as it was built last, and as it is built now.
type memory struct {
	r     *run
	key   string
	old   []memo
	now   []memo
	texts map[string]bool // of the steps as they are now
	taken map[int]bool    // old steps that were found by a step now

	baseChanged  bool
	configChange string // the last configuration instruction so far that differs from last time
}

// found is how a step's counterpart in the last build was found.
type found int

const (
	nothing  found = iota // there is none
	same                  // the same text
	replaced              // another text, in the same place
)

// recall is what the cache remembers of a stage.
func (r *run) recall(st *stage) *memory {
	name := st.as
	if name == "" {
		name = fmt.Sprintf("#%d", st.index)
	}
	m := &memory{r: r, key: r.source.dir + "\x00" + r.file.Name + "\x00" + name, texts: map[string]bool{}, taken: map[int]bool{}}
	m.old, _ = r.b.Cache.last.Get(m.key)
	for _, s := range st.steps {
		m.texts[s.text] = true
	}
	return m
}

// find is the counterpart of a step: the same text, best in the same place, or
// else what stood in its place if that is gone.
func (m *memory) find(i int, text string) (*memo, found) {
	if i < len(m.old) && m.old[i].text == text {
		m.taken[i] = true
		return &m.old[i], same
	}
	best := -1
	for j := range m.old {
		if j == 0 || m.taken[j] || m.old[j].text != text {
			continue
		}
		if best < 0 || abs(j-i) < abs(best-i) {
			best = j
		}
	}
	if best >= 0 {
		m.taken[best] = true
		return &m.old[best], same
	}
	if i < len(m.old) && !m.texts[m.old[i].text] && !m.taken[i] {
		m.taken[i] = true
		return &m.old[i], replaced
	}
	return nil, nothing
}

func abs(n int) int { return max(n, -n) }

// set remembers a step as it is now.
func (m *memory) set(i int, x memo) {
	for len(m.now) <= i {
		m.now = append(m.now, memo{})
	}
	m.now[i] = x
}

// store keeps the stage as it was built now; what of it was not reached stays as
// it was.
func (m *memory) store() {
	if len(m.now) < len(m.old) {
		m.now = append(m.now, m.old[len(m.now):]...)
	}
	m.r.b.Cache.last.Set(m.key, m.now)
}

// ranAnew reports whether the stage that a node ends ran a step in this
// build.
func ranAnew(n *node) bool {
	for at := n; at != nil; at = at.base.real() {
		if !at.isImage() && at.res != nil && !at.res.hit {
			return true
		}
	}
	return false
}

// decideFrom tells of a stage's FROM line.
func (r *run) decideFrom(st *stage, m *memory) {
	line, end := dockerfile.Lines(st.at)
	d := Decision{Stage: st.index, Line: line, EndLine: end, Step: "FROM " + st.orig, Row: -1}
	x := memo{text: d.Step, line: line}
	switch {
	case st.base != nil:
		d.Config = true
		d.Reason = Reason{Kind: ConfigOnly, Text: "starts from the result of stage " + st.base.name}
		x.base = "stage " + st.base.name
	case st.scratch || st.resolved == nil || len(st.resolved.Layers) == 0:
		d.Config = true
		d.Reason = Reason{Kind: ConfigOnly, Text: "starts from nothing: no layer yet"}
		x.base = "scratch"
	default:
		im := st.resolved.Image
		x.base = im.Digest.String()
		d.Hit = true
		d.Reason = Reason{Kind: Same, Text: fmt.Sprintf("starts from image %s with its %s", short(x.base), layers(len(st.resolved.Layers)))}
		top := st.resolved.Layers[len(st.resolved.Layers)-1]
		d.Layer, d.Size = top.Layer, top.Layer.DiskUsage()
	}
	if len(m.old) > 0 && m.old[0].base != x.base {
		m.baseChanged = true
		if !d.Config {
			d.Reason = Reason{Kind: BaseChanged, Old: m.old[0].base, New: x.base, Text: fmt.Sprintf("the base is another one than last time (%s → %s): everything on top of it is built anew", short(m.old[0].base), short(x.base))}
		}
	}
	m.set(0, x)
	r.decide(d)
}

func layers(n int) string {
	if n == 1 {
		return "1 layer"
	}
	return fmt.Sprintf("%d layers", n)
}

// decideConfig tells of a step that makes no layer.
func (r *run) decideConfig(st *stage, s *step, i int, m *memory) {
	line, end := s.line, s.end
	why := Reason{Kind: ConfigOnly, Text: "changes the image's configuration only: no layer, and nothing to reuse"}
	switch s.cmd.(type) {
	case *instructions.ArgCommand:
		why.Text = "sets a build argument: no layer; the steps below it may use it"
	case *instructions.OnbuildCommand:
		why.Text = "is kept for images that are built on this one: no layer"
	case *instructions.WorkdirCommand:
		why.Text = "sets the directory / that is always there: no layer"
	}
	old, how := m.find(i+1, s.text)
	if len(m.old) > 0 && (how != same || old.shown != s.shown) {
		m.configChange = s.shown
	}
	m.set(i+1, memo{text: s.text, shown: s.shown, line: line})
	r.decide(Decision{Stage: st.index, Line: line, EndLine: end, Step: s.shown, Config: true, Reason: why, Row: s.history})
}

// decideShared tells of a step that another stage of this build has made.
func (r *run) decideShared(st *stage, s *step, i int, n *node, m *memory) {
	line, end := dockerfile.Lines(s.cmd.Location())
	d := Decision{Stage: st.index, Line: line, EndLine: end, Step: s.shown, Hit: true, Row: s.history, Key: n.key}
	if held := n.res.held; !n.res.dry {
		d.Layer = held[len(held)-1].Layer
		d.Size = d.Layer.DiskUsage()
	}
	d.Reason = Reason{Kind: Shared, Parent: n.res.line, Text: fmt.Sprintf("hit: line %d has done exactly this in the same build", n.res.line)}
	x := memo{text: s.text, shown: s.shown, doc: s.doc, line: line, layer: true, key: n.key}
	if rec, ok := r.b.Cache.records.Get(n.key); ok {
		x.in, d.in, d.Created = rec.in, rec.in, rec.created
	}
	m.set(i+1, x)
	r.decide(d)
}
