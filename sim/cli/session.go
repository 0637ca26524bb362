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
	"time"

	"github.com/layerlab/layerlab/sim/engine"
	"github.com/layerlab/layerlab/sim/event"
	"github.com/layerlab/layerlab/sim/shell"
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
// journal of what was typed. It is not safe for concurrent use.
type Session struct {
	// TTY says that a person sits at the terminal: `docker exec -it` opens a
	// shell in it, and Docker does not write tars to it.
	TTY bool
	// Budget bounds what one line may use; zero fields are the shell's defaults.
	Budget shell.Budget
	// Pause is called often in long work: it yields to the page, or answers
	// ctx.Err(). nil: nothing is yielded.
	Pause func(context.Context) error

	e     *engine.Engine
	host  *shell.Session
	fresh shell.Saved // the host's shell as it starts
	inner *inner      // the shell of a container that is open in the terminal
	out   *terminal

	journal []Entry
	at      int
	events  []event.Event // of the line that runs
	running bool
}

// tick is how long a line takes beside what its commands take.
const tick = 1000731403 * time.Nanosecond

// maxEvents is how many events of a line are kept; maxOutput how many bytes.
const (
	maxEvents = 20000
	maxOutput = 4 << 20
)

// New is a terminal whose shell stands in the project directory.
func New(e *engine.Engine) *Session {
	s := &Session{e: e, out: &terminal{}}
	e.Subscribe(func(ev event.Event) {
		if s.running && len(s.events) < maxEvents {
			s.events = append(s.events, ev)
		}
	})
	s.host = shell.NewSession(&shell.Process{
		FS: e.Host().Root(), Args: []string{"bash"}, Env: hostEnv(), Dir: engine.Project, Host: true, Hostname: engine.Hostname, PID: 1000,
		Extra: map[string]shell.Command{"docker": s.docker, "lab": s.lab}, Now: e.Now, Sleep: e.Sleep,
	})
	s.fresh = s.host.Save()
	return s
}

func hostEnv() []string {
	return []string{
		"HOME=" + engine.Home, "USER=root", "LOGNAME=root", "SHELL=/bin/bash", "TERM=xterm-256color", "LANG=C.UTF-8",
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "PWD=" + engine.Project,
	}
}

// Engine is the engine that the terminal works on.
func (s *Session) Engine() *engine.Engine { return s.e }

// Run runs one line (or several, a here-document for instance) and adds it to
// the journal. Output goes to out as it comes. When the session was taken back,
// what stood after that moment is dropped first.
func (s *Session) Run(ctx context.Context, line string, out io.Writer) (exit int) {
	s.record(line, out, func() int {
		exit = 1 // of a line that does not come to its end
		s.e.Tell(event.CommandStarted{Line: line})
		if s.inner != nil {
			exit = s.runInner(ctx, line)
		} else {
			s.prepare(s.host.Process())
			exit = s.host.Run(ctx, line)
		}
		s.e.Tell(event.CommandEnded{Line: line, Exit: exit})
		return exit
	})
	return exit
}

// prepare gives a shell's process what changes from line to line.
func (s *Session) prepare(p *shell.Process) {
	if p.Host {
		p.FS = s.e.Host().Root()
	}
	p.Stdin, p.Stdout, p.Stderr = nil, s.out, s.out
	p.Pause, p.Budget = s.pause, s.Budget
}

// record runs do as one entry of the journal.
func (s *Session) record(line string, out io.Writer, do func() int) {
	s.journal = s.journal[:s.at:s.at]
	entry := Entry{Line: line, Before: s.e.Snapshot(), before: s.shellState()}
	s.e.Advance(tick)
	s.events, s.running = nil, true
	s.out.begin(out)
	entry.Exit = s.guarded(entry, do)
	s.running = false
	entry.Output, entry.Events = s.out.String(), s.events
	entry.After, entry.after = s.e.Snapshot(), s.shellState()
	entry.Summary = summary(entry.Events)
	s.journal = append(s.journal, entry)
	s.at = len(s.journal)
}

// guarded runs do. A mistake of the simulator's own ends the line, not the
// program: it is told, and everything is taken back to where it was.
func (s *Session) guarded(before Entry, do func() int) (exit int) {
	defer func() {
		if r := recover(); r != nil {
			s.restore(before.Before, before.before)
			writef(s.out, "the simulator made a mistake (%v); everything is as it was before this line\n", r)
			exit = 1
		}
	}()
	return do()
}

// Note adds an entry for something that was not typed (a file edited, an
// archive dropped): do changes the engine and prints to out. An error of do is
// printed too, and makes the entry's exit status 1.
func (s *Session) Note(line string, out io.Writer, do func(out io.Writer) error) (err error) {
	s.record(line, out, func() int {
		if err = do(s.out); err != nil {
			writef(s.out, "%v\n", err)
			return 1
		}
		return 0
	})
	return err
}

// ResetShell starts the shell anew, in the project directory: no variables, no
// functions, and no container's shell open.
func (s *Session) ResetShell() {
	s.inner = nil
	s.host.Restore(s.fresh)
}

// Prompt is what the terminal shows before the next line: "~/project$ ", or that
// of the container's shell while one is open.
func (s *Session) Prompt() string {
	if s.inner != nil {
		return s.inner.prompt()
	}
	return tilde(s.host.Dir()) + "$ "
}

func tilde(dir string) string {
	if rest, ok := cutDir(dir, engine.Home); ok {
		return "~" + rest
	}
	return dir
}

func cutDir(dir, prefix string) (string, bool) {
	if dir == prefix {
		return "", true
	}
	if len(dir) > len(prefix) && dir[:len(prefix)] == prefix && dir[len(prefix)] == '/' {
		return dir[len(prefix):], true
	}
	return "", false
}

// Dir is the working directory of the shell on the learner's machine.
func (s *Session) Dir() string { return s.host.Dir() }

// Incomplete reports whether line needs more lines after it: an open quote, a
// here-document, a loop without its end.
func (s *Session) Incomplete(line string) bool { return s.host.Incomplete(line) }

// Complete gives the words that could stand in place of the last word of line.
func (s *Session) Complete(line string) []string {
	if s.inner != nil {
		return s.inner.sh.Complete(line)
	}
	if words := s.completeDocker(line); words != nil {
		return words
	}
	s.host.Process().FS = s.e.Host().Root()
	return s.host.Complete(line)
}

func (s *Session) pause(ctx context.Context) error {
	if s.Pause != nil {
		return s.Pause(ctx)
	}
	return ctx.Err()
}
