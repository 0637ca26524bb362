// Package dockerfile reads Dockerfiles as BuildKit does: its own parser, with
// stages, steps and the lines they stand on.
//
// The words used here:
//
//   - directive: a "# name=value" comment at the very top (syntax, escape, check);
//   - meta ARG: an ARG before the first FROM, seen by FROM lines only;
//   - stage: a FROM line and the instructions up to the next one;
//   - step: one instruction with the lines it was written on.
//
// What the instructions mean is package build's business.
package dockerfile

import (
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// A File is a Dockerfile that was parsed.
type File struct {
	Name     string // as given to Parse, for messages
	Source   []byte
	Syntax   string // of the syntax directive, "" if there is none
	Escape   rune   // the continuation character, '\\' unless directed otherwise
	MetaArgs []Step // the ARG lines before the first FROM
	Stages   []Stage
	Warnings []Warning // what the linter says, in the order of the lines
}

// A Stage is a FROM line and the steps below it.
type Stage struct {
	Index   int    // from 0
	Name    string // what AS says, lower case; "" for an unnamed stage
	Base    string // the image or stage after FROM, before substitution
	Line    int    // of the FROM line, from 1
	EndLine int
	Text    string // the FROM line as written
	Steps   []Step
	Cmd     *instructions.Stage
}

// A Step is one instruction.
type Step struct {
	Line, EndLine int                  // first and last line, from 1; a here-document's lines included
	Text          string               // as written, continuation lines joined
	Cmd           instructions.Command // the parsed instruction, before substitution
}

// A Warning is a finding of BuildKit's linter.
type Warning struct {
	Rule   string // "StageNameCasing"
	Text   string
	Line   int // 0 when it is about no line
	URL    string
	Detail string // what the rule is about
}
