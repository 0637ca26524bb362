// Package dockerfile reads Dockerfiles as BuildKit does: its own parser, with
// stages, steps and the lines they stand on.
//
// The words used here:
//
//   - directive: a "# name=value" comment at the very top (syntax, escape, check);
//   - meta ARG: an ARG before the first FROM, seen by FROM lines only;
//   - stage: a FROM line and the instructions up to the next one;
//   - step: one instruction with the lines it was written on;
//   - here-document: lines below an instruction that belong to it (<<EOF … EOF).
//
// What the instructions mean is package build's business.
package dockerfile

import (
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
)

// A File is a Dockerfile that was parsed.
type File struct {
	Name     string // as given to Parse, for messages
	Source   []byte
	Syntax   string // of the syntax directive, "" if there is none
	Escape   rune   // the continuation character, '\\' unless directed otherwise
	MetaArgs []MetaArg
	Stages   []Stage
	Warnings []Warning // what the linter has said so far, in the order it said it

	// Linter adds to Warnings; whoever finds more to warn of (package build,
	// while it expands variables) tells it.
	Linter *linter.Linter
}

// A MetaArg is an ARG before the first FROM.
type MetaArg struct {
	Line, EndLine int
	Text          string
	Cmd           instructions.ArgCommand
}

// A Stage is a FROM line and the steps below it.
type Stage struct {
	Index         int    // from 0
	Name          string // what AS says, lower case; "" for an unnamed stage
	Base          string // the image or stage after FROM, before substitution
	Line, EndLine int    // of the FROM line, from 1
	Text          string // the FROM line as written
	Steps         []Step
	Cmd           *instructions.Stage
}

// A Step is one instruction.
type Step struct {
	Line, EndLine int                  // first and last line, from 1; a here-document's lines included
	Text          string               // as written, continuation lines joined
	Cmd           instructions.Command // the parsed instruction, before substitution
}

// String is the name of the stage, or its number as --from takes it ("0").
func (s *Stage) String() string {
	if s.Name != "" {
		return s.Name
	}
	return itoa(s.Index)
}

// A Warning is a finding of BuildKit's linter.
type Warning struct {
	Rule          string // "StageNameCasing"
	Text          string // "Stage name 'Build' should be lowercase"
	Line, EndLine int    // 0 when it is about no line
	URL           string // the rule's documentation
	Detail        string // what the rule is about
}

// Short is the warning as `docker build` lists it: rule, text and line.
func (w Warning) Short() string { return linter.LintFormatShort(w.Rule, w.Text, w.Line) }

// StageAt is the stage that line number line belongs to, or nil above the first
// FROM. A line between two stages belongs to the one above it.
func (f *File) StageAt(line int) *Stage {
	var at *Stage
	for i := range f.Stages {
		if f.Stages[i].Line <= line {
			at = &f.Stages[i]
		}
	}
	return at
}

// StepAt is the step that holds line number line, with its stage. The step is
// nil for a FROM line and for a line that belongs to none.
func (f *File) StepAt(line int) (*Stage, *Step) {
	st := f.StageAt(line)
	if st == nil {
		return nil, nil
	}
	for i := range st.Steps {
		if s := &st.Steps[i]; s.Line <= line && line <= s.EndLine {
			return st, s
		}
	}
	return st, nil
}
