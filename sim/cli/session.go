// Package cli is a terminal on the learner's machine: a shell in which `docker`
// and `lab` are commands, with Docker's own words, tables and exit codes.
//
// A [Session] keeps a journal of what was typed. Every [Entry] holds the line,
// what it printed, what happened and the state of everything before and after,
// so that any moment can be gone back to.
package cli

import (
	"context"
	"io"

	"github.com/layerlab/layerlab/sim/engine"
	"github.com/layerlab/layerlab/sim/event"
)

// An Entry is one line of the journal.
type Entry struct {
	Line    string        // as typed
	Output  string        // what it printed, both streams as they came
	Exit    int           // its exit status
	Events  []event.Event // what happened, in order
	Summary string        // one sentence of what it did, for a timeline; "" when it changed nothing
	Before  engine.State
	After   engine.State

	before, after shellState
}

// A Session is a terminal: an engine, a shell on the learner's machine, and the
// journal of what was typed.
type Session struct{}

type shellState struct{}

// New is a terminal whose shell stands in the project directory.
func New(e *engine.Engine) *Session { panic("stub") }

// Run runs one line (or several, a here-document for instance) and adds it to
// the journal. Output goes to out as it comes. When the session was taken back,
// what stood after that moment is dropped first.
func (s *Session) Run(ctx context.Context, line string, out io.Writer) (exit int) { panic("stub") }

// Prompt is what the terminal shows before the next line: "$ ", or that of the
// container's shell while one is open.
func (s *Session) Prompt() string { panic("stub") }

// Dir is the shell's working directory.
func (s *Session) Dir() string { panic("stub") }

// Complete gives the lines that a Tab at the end of line could make of it.
func (s *Session) Complete(line string) []string { panic("stub") }

// Journal is all that was typed, from the first; with entries after the present
// moment if the session was taken back.
func (s *Session) Journal() []Entry { panic("stub") }

// At is the present moment: the number of journal entries that have happened.
func (s *Session) At() int { panic("stub") }

// Goto takes everything to the moment after the first n entries, 0 being the start.
func (s *Session) Goto(n int) { panic("stub") }

// Note adds an entry for something that was not typed (a file edited, an
// archive dropped): do changes the engine and prints to out.
func (s *Session) Note(line string, out io.Writer, do func(out io.Writer) error) error {
	panic("stub")
}
