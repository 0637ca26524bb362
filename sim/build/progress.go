package build

import "io"

// Plain writes a build's events as `docker build --progress=plain` does. The
// function it returns takes the events; finish is to be called at the end with
// the build's error and the warnings.
func Plain(w io.Writer) *PlainWriter { return &PlainWriter{w: w} }

// A PlainWriter writes progress as text.
type PlainWriter struct{ w io.Writer }

// Event writes what one event adds.
func (p *PlainWriter) Event(e Event) {}

// Finish writes what stands after the last vertex: the failed step's log, the
// source excerpt and the error, or the linter's warnings.
func (p *PlainWriter) Finish(r *Result, err error) {}
