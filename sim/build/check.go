package build

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/layerlab/layerlab/sim/dockerfile"
	"github.com/layerlab/layerlab/sim/overlay"
)

// A Checked is what `docker build --check` finds: nothing is built.
type Checked struct {
	File     *dockerfile.File // nil if it could not be read
	Warnings []dockerfile.Warning
	Err      *Error // a mistake that would end a build before it begins
}

// Check reads a Dockerfile, expands its variables and looks for mistakes, in all
// stages unless o names one. contextDir and dir are as for Build. An error is one
// that has nothing to do with the Dockerfile's text.
func (b *Builder) Check(ctx context.Context, contextDir *overlay.View, dir string, o Options, sink func(Event)) (*Checked, error) {
	r := b.newRun(ctx, contextDir, dir, o, sink)
	r.checking = true
	err := r.plan()
	out := &Checked{File: r.file}
	if r.file != nil {
		out.Warnings = r.file.Warnings
	}
	var e *Error
	var mistake *dockerfile.Error
	if err != nil && (!errors.As(err, &e) || r.file == nil && !errors.As(err, &mistake)) {
		return nil, err
	}
	var at *parser.LocationError
	if e != nil && r.file != nil && errors.As(e, &at) {
		e.Excerpt = r.file.Excerpt(slices.Concat(at.Locations...)) // one for all places
	}
	out.Err = e
	return out, nil
}

// Clean reports whether nothing was found.
func (c *Checked) Clean() bool { return len(c.Warnings) == 0 && c.Err == nil }

// Text is what was found as `docker build --check` prints it, in the order of the
// lines.
func (c *Checked) Text() string {
	var b strings.Builder
	switch n := len(c.Warnings); {
	case c.Clean():
		return "Check complete, no warnings found.\n"
	case n == 1:
		b.WriteString("Check complete, 1 warning has been found!\n")
	case n > 1:
		fmt.Fprintf(&b, "Check complete, %d warnings have been found!\n", n)
	}
	sorted := slices.Clone(c.Warnings)
	slices.SortStableFunc(sorted, func(a, b dockerfile.Warning) int { return a.Line - b.Line })
	for _, w := range sorted {
		fmt.Fprintf(&b, "\nWARNING: %s", w.Rule)
		if w.URL != "" {
			b.WriteString(" - " + w.URL)
		}
		b.WriteString("\n" + w.Text + "\n")
		if w.Line > 0 {
			b.WriteString(c.File.Excerpt(lineRange(w.Line, w.EndLine)))
		}
	}
	return b.String()
}

// Failure is the mistake as `docker build --check` prints it on its error stream,
// "" for none.
func (c *Checked) Failure() string {
	if c.Err == nil {
		return ""
	}
	return fmt.Sprintf("\nERROR: %s\n%s\n", c.Err.Msg, c.Err.Excerpt)
}

func lineRange(first, last int) []parser.Range {
	return []parser.Range{{Start: parser.Position{Line: first}, End: parser.Position{Line: last}}}
}
