package dockerfile

import (
	"errors"
	"fmt"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// An Error is a mistake in a Dockerfile, in the parser's words.
type Error struct {
	Name          string // of the Dockerfile
	Line, EndLine int    // from 1; 0 when it is about no line
	Msg           string // "dockerfile parse error on line 2: unknown instruction: FOO (did you mean FROM?)"
	Excerpt       string // the source around it as `docker build` prints it, "" without a line
	Err           error  // what the parser gave
}

func (e *Error) Error() string { return e.Msg }

// Unwrap is the parser's error.
func (e *Error) Unwrap() error { return e.Err }

// Wrap is err as an *Error, with the lines of the file that its location names.
func (f *File) Wrap(err error) *Error {
	e := &Error{Name: f.Name, Msg: err.Error(), Err: err}
	var at *parser.LocationError
	if !errors.As(err, &at) {
		return e
	}
	for i, ranges := range at.Locations {
		if i == 0 {
			e.Line, e.EndLine = Lines(ranges)
		}
		e.Excerpt += f.Excerpt(ranges)
	}
	return e
}

// Excerpt is the lines of the file around a location, framed and marked as
// `docker build` prints them below an error: about four lines around a single
// line, about two around several, fewer at the ends of the file.
func (f *File) Excerpt(at []parser.Range) string {
	lines := strings.Split(string(f.Source), "\n")
	start, end := Lines(at)
	if start < 1 || start > len(lines) {
		return ""
	}
	end = min(end, len(lines))
	first, around := start, 2
	if start == end {
		around = 4
	}
	// Each turn adds a line at both ends where there is one, and counts what
	// it added and itself.
	for n := 0; n < around; n++ {
		if start > 1 {
			start--
			n++
		}
		if end != len(lines) {
			end++
			n++
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d\n--------------------\n", f.Name, first)
	for i := start; i <= end; i++ {
		mark := "   "
		for _, r := range at {
			if r.Start.Line <= i && i <= max(r.Start.Line, r.End.Line) {
				mark = ">>>"
			}
		}
		fmt.Fprintf(&b, " %3d | %s %s\n", i, mark, lines[i-1])
	}
	b.WriteString("--------------------\n")
	return b.String()
}
