package build

import (
	"errors"
	"fmt"
	"io"
	"time"
)

// logTail is the number of a failed step's last lines that are shown again.
const logTail = 10

// A PlainWriter writes a build as `docker build --progress=plain` does: a block
// for each vertex, then what failed, or what the linter found. The format is that
// of BuildKit's progressui.
type PlainWriter struct {
	w       io.Writer
	open    int  // the vertex whose block is being written, 0 for none
	any     bool // a block was written
	started map[int]VertexStarted
	tail    map[int][]string // last lines of a vertex's log
	failed  int
	warned  []string
}

// Plain is a writer of progress to w.
func Plain(w io.Writer) *PlainWriter {
	return &PlainWriter{w: w, started: map[int]VertexStarted{}, tail: map[int][]string{}}
}

// Event writes what an event adds.
func (p *PlainWriter) Event(e Event) {
	switch e := e.(type) {
	case VertexStarted:
		p.started[e.ID] = e
		p.block(e.ID)
	case VertexStatus:
		p.block(e.ID)
		took := ""
		if e.Took > 10*time.Millisecond {
			took = fmt.Sprintf(" %.1fs", e.Took.Seconds())
		}
		if e.Done {
			took += " done"
		}
		p.line(e.ID, e.Text+took)
	case VertexWarning:
		p.warned = append(p.warned, e.Text)
		p.block(e.ID)
		p.line(e.ID, "WARN: "+e.Text)
	case VertexLog:
		p.block(e.ID)
		text := logTime(e.At) + " " + e.Text
		p.line(e.ID, text)
		tail := append(p.tail[e.ID], text)
		p.tail[e.ID] = tail[max(0, len(tail)-logTail):]
	case VertexDone:
		p.block(e.ID)
		switch {
		case e.Canceled:
			p.line(e.ID, "CANCELED")
		case e.Err != "":
			p.failed = e.ID
			p.line(e.ID, "ERROR: "+e.Err)
		case e.Cached:
			p.line(e.ID, "CACHED")
		default:
			p.line(e.ID, fmt.Sprintf("DONE %.1fs", e.Took.Seconds()))
		}
		p.open = 0
	}
}

// block makes a vertex's block the one that is written to.
func (p *PlainWriter) block(id int) {
	if p.open == id {
		return
	}
	if p.open != 0 {
		p.line(p.open, "...")
	}
	if p.any {
		fmt.Fprintln(p.w)
	} else {
		p.Begin()
	}
	p.open = id
	p.line(id, p.started[id].Name)
}

// Begin writes the very first lines, if they are not written yet.
func (p *PlainWriter) Begin() {
	if !p.any {
		fmt.Fprint(p.w, "#0 building with \"default\" instance using docker driver\n\n")
		p.any = true
	}
}

func (p *PlainWriter) line(id int, text string) { fmt.Fprintf(p.w, "#%d %s\n", id, text) }

// logTime is the time of a log line, in seconds with as many digits as fit.
func logTime(d time.Duration) string {
	switch s := d.Seconds(); {
	case s >= 100:
		return fmt.Sprintf("%.1f", s)
	case s >= 10:
		return fmt.Sprintf("%.2f", s)
	default:
		return fmt.Sprintf("%.3f", s)
	}
}

// Finish writes what stands after the last vertex: the warnings, and for a build
// that failed the log of the failed step, the source around it and the error.
func (p *PlainWriter) Finish(err error) {
	if err != nil && p.failed != 0 {
		fmt.Fprintf(p.w, "------\n > %s:\n", p.started[p.failed].Name)
		for _, l := range p.tail[p.failed] {
			fmt.Fprintln(p.w, l)
		}
		fmt.Fprint(p.w, "------\n")
	}
	p.warnings()
	if err != nil {
		fmt.Fprint(p.w, FailureText(err))
	}
}

// warnings lists what the linter found.
func (p *PlainWriter) warnings() {
	if len(p.warned) == 0 {
		return
	}
	noun := "warnings"
	if len(p.warned) == 1 {
		noun = "warning"
	}
	fmt.Fprintf(p.w, "\n \x1b[33m%d %s found (use docker --debug to expand):\n\x1b[0m", len(p.warned), noun)
	for _, w := range p.warned {
		fmt.Fprintf(p.w, " - %s\n", w)
	}
}

// FailureText is what `docker build` writes of a failed build after its
// progress, and with -q alone: the source around the mistake and the error.
func FailureText(err error) string {
	var e *Error
	excerpt := ""
	if errors.As(err, &e) {
		excerpt = e.Excerpt
	}
	return excerpt + "ERROR: failed to build: failed to solve: " + err.Error() + "\n"
}
