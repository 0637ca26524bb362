package state

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/layerlab/layerlab/sim/cli"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/engine"
	"github.com/layerlab/layerlab/web/browser"
)

// The first screen: a small image that was built twice, so that its steps say
// what was cached and why, and a container on it that has copied a file up,
// deleted one and made one. The engine does all of it anew at each start.
const (
	firstDockerfile = `FROM busybox:1.36
WORKDIR /app
COPY deps.txt .
RUN cat deps.txt > installed.txt
COPY app.txt .
RUN cat app.txt installed.txt > bundle.txt
CMD ["cat","bundle.txt"]
`
	firstTag = "app:2"
)

var firstFiles = []loggedFile{
	{Path: "Dockerfile", Text: firstDockerfile, Mode: 0o644},
	{Path: "deps.txt", Text: "left-pad\n", Mode: 0o644},
	{Path: "app.txt", Text: "hello\n", Mode: 0o644},
}

var firstCommands = []string{
	"docker build -q -t app:1 .",
	"echo 'hello again' > app.txt",
	"docker build -q -t app:2 .",
	"docker run -d --name web app:2 sleep 600",
	"docker exec web sh -c 'echo more >> app.txt; rm deps.txt; touch out.log' && docker diff web",
}

// Start is what the first picture is made of, before the engine is there.
func (r *Runner) Start() Start {
	return Start{Embed: r.b.Query("embed") == "1", Pane: r.b.Query("pane"), Dark: r.b.Dark(), Dockerfile: firstDockerfile, Tag: firstTag}
}

// Boot starts the engine behind the first picture: with the first screen's
// commands, or with what the person had when the program ended.
func (r *Runner) Boot() {
	r.b.OnDark(func(dark bool) { r.dispatch(ThemeChanged{dark}) })
	r.b.OnDrop(browser.DropTarget{
		Over: func(over bool) { r.dispatch(DragChanged{over}) },
		Drop: func(d browser.Drop) {
			r.dispatch(DragChanged{false})
			if d.Err != nil {
				r.dispatch(Failed{"Reading what was dropped", d.Err.Error()})
			}
			if len(d.Files) > 0 {
				r.dispatch(FilesGiven{d.Files, d.Zone})
			}
		},
	})
	r.b.OnPaste(func(f []browser.File) { r.dispatch(FilesGiven{f, ""}) })
	r.later(func(ctx context.Context) {
		r.engine = engine.New(engine.Options{Pause: r.b.Pause, Models: models{r}})
		r.session = cli.New(r.engine)
		r.session.TTY, r.session.Pause = true, r.b.Pause
		r.engine.Subscribe(r.happened)
		r.begin(ctx)
	})
	go r.work()
}

// begin replays the first screen or the session that was kept.
func (r *Runner) begin(ctx context.Context) {
	steps := r.kept()
	if steps == nil {
		steps = []logged{{Note: "# the project", Files: firstFiles}}
		for _, line := range firstCommands {
			steps = append(steps, logged{Line: line})
		}
	}
	for _, l := range steps {
		if l.Opened != "" {
			r.dispatch(Failed{l.Opened + " is no longer open", "A page cannot keep files of your disk when it starts again. Open it once more to have its images back."})
		}
		if l.Line == "" {
			if err := r.note(l); err != nil {
				r.dispatch(Failed{"Starting again: " + l.Note, err.Error()})
			}
			continue
		}
		r.dispatch(replay{l.Line})
		r.line = -1
		out := &printer{tell: func(s string) { r.dispatch(LinePrinted{-1, s}) }}
		at := r.session.At()
		exit := r.session.Run(ctx, l.Line, out)
		out.flush()
		if r.session.At() > at {
			r.keep(at, l)
		}
		r.dispatch(LineEnded{ID: -1, Exit: exit})
		r.tellWorld()
	}
	r.tellWorld()
	r.dispatch(Booted{})
}

// replay is a line that runs without having been typed now.
type replay struct{ Line string }

// logged is what one entry of the journal was made of: a typed line, or changes
// of the project's files under a note.
type logged struct {
	Line  string       `json:"line,omitempty"`
	Note  string       `json:"note,omitempty"`
	Files []loggedFile `json:"files,omitempty"`
	// Opened is an archive of the person's disk, which is not kept.
	Opened string `json:"opened,omitempty"`
}

// loggedFile is one changed file. Path is its name, Old the one before; without
// a Path it was deleted. A body that is not text is not kept across a restart.
type loggedFile struct {
	Path string `json:"path,omitempty"`
	Old  string `json:"old,omitempty"`
	Text string `json:"text,omitempty"`
	Mode uint32 `json:"mode,omitempty"`
	body content.Body
}

// keep notes what the journal's entry at index at was made of, and stores it all
// for a restart.
func (r *Runner) keep(at int, l logged) {
	if at < len(r.log) {
		r.log = r.log[:at]
		r.packed = r.packed[:min(at, len(r.packed))]
	}
	for len(r.log) < at {
		r.log = append(r.log, logged{Note: "#"})
	}
	r.log = append(r.log, l)
	r.save()
}

// maxKept bounds what is stored for a restart, in bytes.
const maxKept = 2 << 20

// save stores the session up to this moment, unless it is too large. Each entry is
// put into JSON once, not at every command.
func (r *Runner) save() {
	n := min(len(r.log), r.session.At())
	for len(r.packed) < n {
		b, err := json.Marshal(r.log[len(r.packed)])
		if err != nil {
			return
		}
		r.packed = append(r.packed, b)
	}
	size := 2
	for _, b := range r.packed[:n] {
		size += len(b) + 1
	}
	if size <= maxKept {
		r.b.Storage().Set(browser.SessionKey, "["+string(bytes.Join(r.packed[:n], []byte{','}))+"]")
	}
}

// kept is the session to start again with, nil for a fresh start.
func (r *Runner) kept() []logged {
	how := r.b.Restart()
	if how == browser.Fresh {
		return nil
	}
	text, ok := r.b.Storage().Get(browser.SessionKey)
	if !ok {
		return nil
	}
	var steps []logged
	if json.Unmarshal([]byte(text), &steps) != nil || len(steps) == 0 {
		return nil
	}
	if how == browser.ResumeCareful {
		steps = steps[:len(steps)-1]
	}
	return steps
}
