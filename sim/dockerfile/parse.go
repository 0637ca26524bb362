package dockerfile

import (
	"bytes"
	"errors"
	"strconv"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// MaxSize is the most bytes a Dockerfile may have; BuildKit's own limit is of
// the same order (4 MiB for a message).
const MaxSize = 4 << 20

// Parse reads the Dockerfile src, called name in messages. The error is an
// *Error with BuildKit's own words; the file then holds what the linter has said
// so far and no stages.
func Parse(src []byte, name string) (*File, error) {
	f := &File{Name: name, Source: src}
	if len(src) == 0 {
		return f, f.Wrap(errors.New("the Dockerfile cannot be empty"))
	}
	if len(src) > MaxSize {
		return f, f.Wrap(errors.New("the Dockerfile is larger than 4 MiB"))
	}
	if err := f.newLinter(); err != nil {
		return f, f.Wrap(err)
	}
	parsed, err := parser.Parse(bytes.NewReader(src))
	if err != nil {
		return f, f.Wrap(err)
	}
	f.Escape = parsed.EscapeToken
	f.Syntax, _, _, _ = parser.DetectSyntax(src)
	for _, w := range parsed.Warnings {
		if w.URL == linter.RuleNoEmptyContinuation.URL && w.Location != nil {
			f.Linter.Run(&linter.RuleNoEmptyContinuation, []parser.Range{*w.Location}, linter.RuleNoEmptyContinuation.Format())
		}
	}
	stages, meta, err := instructions.Parse(parsed.AST, f.Linter)
	if err != nil {
		return f, f.Wrap(err)
	}
	if len(stages) == 0 {
		return f, f.Wrap(errors.New("dockerfile contains no stages to build"))
	}
	f.lintStageNames(stages)
	f.lintCasing(stages)
	f.take(stages, meta)
	return f, nil
}

// take turns what the parser gives into stages and steps.
func (f *File) take(stages []instructions.Stage, meta []instructions.ArgCommand) {
	for i := range meta {
		line, end := Lines(meta[i].Location())
		f.MetaArgs = append(f.MetaArgs, MetaArg{line, end, meta[i].String(), meta[i]})
	}
	for i := range stages {
		st := &stages[i]
		s := Stage{Index: i, Name: st.Name, Base: st.BaseName, Text: st.SourceCode, Cmd: st}
		s.Line, s.EndLine = Lines(st.Location)
		for _, c := range st.Commands {
			step := Step{Cmd: c, Text: Text(c)}
			step.Line, step.EndLine = Lines(c.Location())
			s.Steps = append(s.Steps, step)
		}
		f.Stages = append(f.Stages, s)
	}
}

// ParseTrigger reads the instruction of an ONBUILD, as if it stood where at
// says.
func ParseTrigger(trigger string, at []parser.Range) (instructions.Command, error) {
	parsed, err := parser.Parse(bytes.NewReader([]byte(trigger)))
	if err != nil {
		return nil, err
	}
	if len(parsed.AST.Children) != 1 {
		return nil, errors.New("onbuild trigger should be a single expression")
	}
	node := parsed.AST.Children[0]
	node.StartLine, node.EndLine = Lines(at)
	return instructions.ParseCommand(node)
}

// Text is an instruction as written, its continuation lines joined.
func Text(c instructions.Command) string {
	if s, ok := c.(interface{ String() string }); ok {
		return s.String()
	}
	return c.Name()
}

// Lines is the first and last line of a location, 0 and 0 for none.
func Lines(location []parser.Range) (first, last int) {
	for i, r := range location {
		if i == 0 || r.Start.Line < first {
			first = r.Start.Line
		}
		last = max(last, r.End.Line, r.Start.Line)
	}
	return first, last
}

func itoa(n int) string { return strconv.Itoa(n) }
