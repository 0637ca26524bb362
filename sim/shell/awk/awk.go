// Package awk is the part of awk (POSIX awk(1)) that scripts around images use:
// patterns, print and printf, fields, expressions, control flow, arrays,
// functions, getline, redirections, and the built-in functions. It knows no files
// and no processes: all that is outside comes in through [Config].
//
// The names are those of POSIX: a record is a line of input, a field a part of
// it ($1 … $NF), a rule a pattern with an action.
package awk

import (
	"io"
	"regexp"
)

// A Program is a parsed awk program.
type Program struct {
	begin, end [][]stmt
	rules      []rule
	funcs      map[string]*function
}

type rule struct {
	pattern, to expr // to is the second of a range
	action      []stmt
	bare        bool // no action: print
}

type function struct {
	name   string
	params []string
	body   []stmt
}

// A Config is what is outside of an awk program.
type Config struct {
	Args    []string // file names and assignments, as they follow the program
	Vars    []string // NAME=value, set before BEGIN (-v)
	Environ []string
	Stdin   io.Reader
	Stdout  io.Writer
	Open    func(name string) (io.ReadCloser, error)            // for reading
	Create  func(name string, add bool) (io.WriteCloser, error) // for writing
	Command func(line string, in io.Reader, out io.Writer) int  // runs a shell command
	Regexp  func(expr string) (*regexp.Regexp, error)           // compiles an extended regular expression
	Turn    func()                                              // called in every loop; it may panic to end the run
	Random  func() uint64                                       // source of rand
	Now     func() int64                                        // seconds since 1970, for systime
	Busybox bool                                                // as busybox does it where awks differ: bytes, substr, IGNORECASE
	Fold    func(expr string) (*regexp.Regexp, error)           // Regexp without case, for IGNORECASE
	Warn    func(text string)                                   // a message about a file that was passed over
}

// An Error is a fault of the program or while it runs. Line is 0 when it is not known.
type Error struct {
	Line int
	Text string
}

// Error is the text alone: what it is called by depends on the awk that is played.
func (e *Error) Error() string { return e.Text }
