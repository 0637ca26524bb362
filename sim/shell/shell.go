// Package shell is a shell whose files are an overlay: the sh language and the
// commands that RUN and docker exec need, all in Go.
//
// The names used here:
//
//   - process: a command with its words, environment, directory, files and user
//     ([Process]). [Exec] starts the first one of a container, [Session] is the
//     shell of a terminal;
//   - descriptor: an open file of a process by its small number;
//   - applet: one of the commands of busybox, a single program under many names.
//     A command here has two flavours: that of busybox, used where its name in
//     $PATH leads to a busybox, and that of GNU;
//   - budget: what a run may use up before it is ended as endless.
//
// A command is looked up as execve(2) and the shell do it: a name is searched in
// $PATH on the overlay and must lead to a program that is there. Then it is run by
// the Go function of the same name. So an image without sed has no sed, whatever
// this package knows; and a program of the image that this package does not know
// is reported through [Process.Lacks].
//
// No file, environment variable, clock or random number of the host is ever used.
package shell

import (
	"context"
	"io"
	"time"

	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/pkg"
)

// A Process is what a command gets: its files, words, environment and streams.
type Process struct {
	FS             *overlay.View // as the user that the process runs as
	Args           []string      // the command's name, then its words
	Env            []string      // NAME=value
	Dir            string        // absolute
	Stdin          io.Reader     // nil: empty
	Stdout, Stderr io.Writer     // nil: thrown away

	Extra    map[string]Command                               // commands that need no file: docker, lab
	Now      func() time.Time                                 // nil: 1970
	Sleep    func(ctx context.Context, d time.Duration) error // passes virtual time; nil: at once
	Pause    func(ctx context.Context) error                  // lets the page run; called often
	Budget   Budget
	Lacks    func(name string) // the image has the program name, the simulator does not
	Mounts   []Mounted         // further file systems; /dev, /proc and /sys are always there
	ReadOnly bool              // FS is mounted read-only, the further file systems are not
	Host     bool              // the learner's own machine: GNU flavour, commands need no file
	Hostname string            // "" is "localhost"
	Packages *pkg.World        // what package managers reach; nil: nothing
	PID      int               // 0 is 1

	k          *kernel
	fds        []*desc // by number; nil until the streams are wrapped
	path       string  // of the program that runs
	busybox    bool    // the program is a busybox
	standalone bool    // ... whose shell runs applets without a file
}

// A Mounted is a file system mounted over a directory of the process: a volume,
// a bind mount, /dev. Its View's own user is ignored: the process's is used.
type Mounted struct {
	Path     string // absolute and clean
	View     *overlay.View
	Root     string // the directory of View that is seen, "" is "/"
	ReadOnly bool
	Type     string // "tmpfs", "proc", … for /proc/mounts
}

// A Budget bounds what one Exec or one Session line may use; zero fields mean
// the defaults. The run is ended with a message that names the limit.
type Budget struct {
	Commands int   // commands started; 200,000
	Turns    int   // turns of loops, in scripts and in commands; 5,000,000
	Output   int64 // bytes written to streams and files; 1 GiB
	Input    int64 // bytes read from files and streams; 1 GiB
}

// A Command is a command in Go; it returns the exit status.
type Command func(ctx context.Context, p *Process) int
