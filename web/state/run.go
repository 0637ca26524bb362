package state

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/layerlab/layerlab/sim/dockerfile"
	"github.com/layerlab/layerlab/sim/engine"
	"github.com/layerlab/layerlab/sim/event"
)

// runCommand writes the Dockerfile of the editor if it differs, runs the line and
// tells what came of it.
func (r *Runner) runCommand(ctx context.Context, e RunCommand) {
	if r.session.Incomplete(e.Line) {
		r.dispatch(LineUnfinished{e.ID, e.Line})
		return
	}
	r.flush(e.Dockerfile)
	r.dispatch(LineStarted{e.ID})
	r.lacks = nil
	r.line = e.ID
	out := &printer{tell: func(s string) { r.dispatch(LinePrinted{e.ID, s}) }}
	cut := r.session.At()
	r.b.Working(true)
	defer r.b.Working(false)
	r.pace.begin()
	exit := r.session.Run(ctx, e.Line, out)
	r.pace.end()
	out.flush()
	if r.session.At() > cut {
		r.keep(cut, logged{Line: e.Line})
	}
	world := r.readWorld()
	r.dispatch(LineEnded{ID: e.ID, Exit: exit, Note: lackNote(r.lacks)})
	r.dispatch(world)
}

// lackNote says that it is the simulator that lacks a program, not the image.
func lackNote(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "The image has " + strings.Join(names, ", ") + ", this simulator does not: a real container would run it."
}

const dockerfilePath = engine.Project + "/Dockerfile"

// flush writes the editor's text to the project's Dockerfile when it differs.
func (r *Runner) flush(text string) {
	now, err := r.engine.ReadFile(dockerfilePath)
	if err == nil && string(now) == text || err != nil && text == "" {
		return
	}
	r.note(logged{Note: "# edit Dockerfile", Files: []loggedFile{{Path: "Dockerfile", Text: text, Mode: 0o644}}})
}

// tellWorld reads the engine and tells it, with the timeline.
func (r *Runner) tellWorld() { r.dispatch(r.readWorld()) }

// readWorld reads the engine and the timeline. It lets the page run meanwhile, also
// when the job was cancelled: what the engine has is to be seen then too.
func (r *Runner) readWorld() WorldRead {
	pause := func() { _ = r.b.Pause(context.Background()) }
	m := WorldRead{World: ReadWorld(r.engine, r.world, pause), At: r.session.At(), Dir: r.session.Dir(), Prompt: r.session.Prompt()}
	r.world = m.World
	if b, err := r.engine.ReadFile(dockerfilePath); err == nil {
		s := string(b)
		m.Dockerfile = &s
	}
	r.markVerified(m.World)
	m.World.Builds = r.pastBuilds()
	ledgers := r.books.after(r.session.Journal()[:r.session.At()], pause)
	for _, c := range m.World.Containers {
		c.Ledger = ledgers[c.ID]
	}
	for _, e := range r.session.Journal() {
		m.Points = append(m.Points, Point{Line: e.Line, Summary: e.Summary, Exit: e.Exit})
	}
	return m
}

// happened is told every event of the engine.
func (r *Runner) happened(ev event.Event) {
	r.followBuilds(ev)
	if lack, ok := ev.(event.Simulated); ok {
		r.lacks = append(r.lacks, lack.Name)
	}
	if !r.shows(ev) {
		return
	}
	r.pace.before(ev)
	r.dispatch(Happened{ev})
	r.pace.after(ev, func(t BuildTicked) { r.dispatch(t) })
}

// shows reports whether an event changes what is seen. A command may touch thousands
// of files; the ledger reads of them afterwards, in the journal.
func (r *Runner) shows(ev event.Event) bool {
	switch ev := ev.(type) {
	case event.CommandStarted:
		r.made = 0
	case event.FileCreated:
		if ev.In.Container != "" {
			r.made++
		}
		return ev.In.Container != "" && r.made <= maxFlights
	case event.FileRead:
		return ev.In.Container != ""
	case event.FileChanged, event.FileRemoved, event.FileRenamed, event.OpaqueMade:
		return false
	}
	return true
}

// travel goes to the moment after the first n commands.
func (r *Runner) travel(n int) {
	r.session.Goto(n)
	var entries []TermEntry
	for i, e := range r.session.Journal()[:r.session.At()] {
		if strings.HasPrefix(e.Line, "# ") {
			continue
		}
		entries = append(entries, TermEntry{ID: i + 1, Line: e.Line, Output: e.Output, Exit: e.Exit, Done: true})
	}
	world := r.readWorld()
	r.dispatch(world)
	r.dispatch(Travelled{entries})
	r.replayEvents(n)
	r.dispatch(world) // what the events pointed to, such as a path, is looked at in it
	r.regive()
	r.save()
}

// replayEvents tells once more what the last build and the last command before a
// moment did, so that the editor and the stack show it as they did then.
func (r *Runner) replayEvents(n int) {
	journal := r.session.Journal()
	past := PastBuild{}
	for i := n - 1; i >= 0 && past.Events == nil; i-- {
		for _, ev := range journal[i].Events {
			if b, ok := ev.(event.BuildStarted); ok && b.Dockerfile == "Dockerfile" {
				past.Events = journal[i].Events
			}
		}
		if past.Events != nil {
			r.session.Goto(i + 1)
			b, _ := r.engine.ReadFile(dockerfilePath)
			past.Dockerfile = string(b)
			r.session.Goto(n)
		}
	}
	r.dispatch(past)
	if n > 0 {
		for _, ev := range journal[n-1].Events {
			if _, built := ev.(event.BuildStarted); built {
				return // told just now
			}
			r.dispatch(Happened{ev})
		}
	}
}

// check has the parser look at a text once typing has paused.
func (r *Runner) check(text string) {
	if r.checks != nil {
		r.checks()
	}
	r.checks = r.b.After(700*time.Millisecond, func() {
		m := Checked{Text: text}
		if strings.TrimSpace(text) != "" {
			_, err := dockerfile.Parse([]byte(text), "Dockerfile")
			if e, ok := err.(*dockerfile.Error); ok {
				m.Error = &LineError{Line: e.Line, EndLine: e.EndLine, Msg: e.Msg}
			}
		}
		r.dispatch(m)
	})
}

// complete asks the shell how a line could go on. The shell gives words for the
// last one.
func (r *Runner) complete(line string) {
	head := line[:strings.LastIndexByte(line, ' ')+1]
	words := r.session.Complete(line)
	m := Completed{Text: line}
	for _, w := range words {
		if len(words) == 1 && !strings.HasSuffix(w, "/") && !strings.HasSuffix(w, " ") {
			w += " "
		}
		m.Choices = append(m.Choices, head+w)
	}
	r.dispatch(m)
}

// printed is how often what a command prints is told: each time the page lays out
// the end of the output anew.
const printed = 100 * time.Millisecond

// printer gathers what a command prints and tells it a few times a second.
type printer struct {
	tell func(string)
	buf  []byte
	last time.Time
}

var _ io.Writer = (*printer)(nil)

func (p *printer) Write(b []byte) (int, error) {
	p.buf = append(p.buf, b...)
	if now := time.Now(); now.Sub(p.last) > printed {
		p.last = now
		p.flush()
	}
	return len(b), nil
}

func (p *printer) flush() {
	if len(p.buf) > 0 {
		p.tell(string(p.buf))
		p.buf = nil
	}
}
