// Package shell is a shell whose files are an overlay: the commands that RUN
// and docker exec need, as Go functions, and the sh language around them.
package shell

import (
	"context"
	"io"
	"time"

	"github.com/layerlab/layerlab/sim/overlay"
)

// Process is what a command gets: its files, words, environment, streams.
type Process struct {
	FS             *overlay.View
	Args           []string
	Env            []string // NAME=value
	Dir            string   // absolute
	Stdin          io.Reader
	Stdout, Stderr io.Writer

	Extra    map[string]Command // commands that need no file: docker, lab
	Now      func() time.Time
	Sleep    func(ctx context.Context, d time.Duration) error
	Pause    func(ctx context.Context) error
	Budget   Budget
	Lacks    func(name string) // the image has the program name, the simulator lacks it
	Host     bool              // the learner's own machine: GNU flavour, commands need no file
	Hostname string
	PID      int
}

// Budget bounds what one Exec or one line may do; zero fields mean the defaults.
type Budget struct {
	Commands int   // commands run
	Turns    int   // loop turns of the shell and of long-running commands
	Output   int64 // bytes written to all streams and files
}

// Command is a command in Go; it returns the exit status.
type Command func(ctx context.Context, p *Process) int

// NotFound is the error of Exec when no file of that name is in PATH.
type NotFound struct{ Name, Text string }

func (e *NotFound) Error() string { return e.Text }

// NotExecutable is the error of Exec when the file is there but cannot be run.
type NotExecutable struct{ Name, Text string }

func (e *NotExecutable) Error() string { return e.Text }

// Exec runs p.Args as runc starts a container's process.
func Exec(ctx context.Context, p *Process) (exit int, err error) { panic("shell: stub") }

// Session is a shell that keeps its state between lines.
type Session struct{ p *Process }

// NewSession is a session with the directory, environment and streams of p.
func NewSession(p *Process) *Session { return &Session{p} }

// Run runs one line (or several) and returns its exit status.
func (s *Session) Run(ctx context.Context, line string) (exit int) { panic("shell: stub") }

// Dir is the current directory.
func (s *Session) Dir() string { return s.p.Dir }

// Complete gives the words that could end the line.
func (s *Session) Complete(line string) []string { return nil }
