package shell

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// NotFound is the error of Exec when there is no such program.
type NotFound struct {
	Name string
	Text string // as runc says it: exec: "x": executable file not found in $PATH
}

func (e *NotFound) Error() string { return e.Text }

// NotExecutable is the error of Exec when the file is there and must not be run.
type NotExecutable struct {
	Name string
	Text string // as runc says it: exec: "/etc": is a directory: permission denied
}

func (e *NotExecutable) Error() string { return e.Text }

// Exec runs p.Args as runc runs the first process of a container, and returns
// its exit status. When that process ends, all others that it started end too.
//
// The error is a *NotFound or *NotExecutable when nothing was started (runc's
// exit statuses for them are 127 and 126), a *BudgetError when the run was ended
// as endless (after a message on Stderr), or the context's.
func Exec(ctx context.Context, p *Process) (exit int, err error) {
	c := p.prepare(ctx)
	defer c.closeAll()
	if len(p.Args) == 0 || p.Args[0] == "" {
		return 127, &NotFound{"", `exec: "": executable file not found in $PATH`}
	}
	prog, err := c.find(c.Args[0])
	if err != nil {
		return c.notStarted(err)
	}
	return c.k.whole(c, func() int { return c.runProgram(ctx, prog) })
}

// notStarted tells what fails before the process is made, which is runc's
// error, from what execve itself refuses, which the process prints and ends
// with 255.
func (p *Process) notStarted(err error) (int, error) {
	name := p.Args[0]
	e := p.execError(name, err)
	var lack *lackError
	switch {
	case errors.As(err, &lack):
		p.errf("exec %s: the simulator does not have this program\n", name)
		return 126, nil
	case strings.HasPrefix(e.Error(), "exec "):
		p.errf("%v\n", e)
		return 255, nil
	}
	if _, ok := e.(*NotFound); ok {
		return 127, e
	}
	return 126, e
}

// whole runs f as the first process and ends all others after it.
func (k *kernel) whole(p *Process, f func() int) (exit int, err error) {
	defer func() {
		if r := recover(); r != nil {
			end, ok := r.(stop)
			if !ok {
				panic(r)
			}
			k.dying = true
			exit, err = 137, end.err
			var over *BudgetError
			if errors.As(err, &over) {
				k.used = Budget{} // room for the message
				fmt.Fprintf(p.Stderr, "%v\n", over)
			}
		}
		k.killAll()
	}()
	return k.survive(f), nil
}
