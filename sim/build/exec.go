package build

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/shell"
	"github.com/layerlab/layerlab/sim/tree"
)

// A processError is a RUN that ended badly.
type processError struct {
	args []string
	exit int    // exit code, if it was started
	text string // else why it was not
}

func (e *processError) Error() string {
	why := e.text
	if why == "" {
		why = fmt.Sprintf("exit code: %d", e.exit)
	}
	return fmt.Sprintf("process %q did not complete successfully: %s", strings.Join(e.args, " "), why)
}

const (
	maxLog     = 2 << 20 // bytes that a RUN may print
	notStarted = "runc run failed: unable to start container process: error during container init: "
)

// exec runs a RUN's command on the mount m, and returns what it changed. What it
// prints goes to the vertex.
func (r *run) exec(m *overlay.Mount, op *runOp, v *vertex) (*tree.Tree, error) {
	if err := makeStubs(m.Root()); err != nil {
		return nil, err
	}
	mounts, err := r.mount(m, op)
	var no notMounted
	if errors.As(err, &no) {
		out := &logWriter{v: v, max: maxLog}
		fmt.Fprintf(out.stream(2), "%s%v\n", notStarted, no)
		return nil, &processError{args: op.Args, exit: 1}
	}
	if err != nil {
		return nil, err
	}
	if err := r.start(m, op, mounts, v); err != nil {
		return nil, err
	}
	mounts.keep(op)
	return mounts.without(m.Changeset()), nil
}

// start runs the process and waits for its end.
func (r *run) start(m *overlay.Mount, op *runOp, mounts *mounted, v *vertex) error {
	root := m.Root()
	cred, home, err := login(root, op.User)
	if err != nil {
		return &processError{args: op.Args, text: err.Error()}
	}
	dir, err := resolvePath(root, op.Dir, true)
	if err != nil {
		return err
	}
	if err := mkdirAll(root, dir, 0o755, &owner{cred.UID, cred.GID}, nil); err != nil {
		return err
	}
	env := envOf(op.Env)
	for k, v := range proxies(r.args) {
		env = env.with(k, v)
	}
	if _, ok := env.Get("HOME"); !ok {
		env = env.with("HOME", home)
	}
	for _, kv := range mounts.env {
		k, v, _ := strings.Cut(kv, "=")
		env = env.with(k, v)
	}
	out := &logWriter{v: v, max: maxLog}
	p := &shell.Process{
		FS: m.As(cred), Args: op.Args, Env: env.list, Dir: dir, Mounts: mounts.list,
		Stdin: bytes.NewReader(nil), Stdout: out.stream(1), Stderr: out.stream(2),
		Now: r.b.Now, Sleep: r.b.Sleep, Pause: r.b.Pause, Lacks: r.b.Lacks, Packages: r.b.Packages, Hostname: "buildkitsandbox", PID: 1,
	}
	process := shell.Exec
	if r.b.process != nil {
		process = r.b.process
	}
	exit, err := process(r.ctx, p)
	var notFound *shell.NotFound
	var notRun *shell.NotExecutable
	if errors.As(err, &notFound) || errors.As(err, &notRun) {
		why := strings.Replace(err.Error(), ": is a directory: permission denied", ": is a directory", 1)
		fmt.Fprintf(out.stream(2), "%s%s\n", notStarted, why)
		exit, err = 1, nil
	}
	out.flush()
	if err != nil && r.ctx.Err() != nil {
		return r.ctx.Err()
	}
	if err != nil && exit == 0 {
		return err
	}
	if exit != 0 {
		return &processError{args: op.Args, exit: exit}
	}
	return nil
}

// makeStubs makes the directories that a container runtime mounts on, if the
// image lacks them; the first RUN's layer holds them.
func makeStubs(v *overlay.View) error {
	for _, dir := range []string{"/dev", "/proc", "/sys"} {
		if _, err := v.Lstat(dir); err == nil || !notThere(err) {
			continue
		}
		if err := v.Mkdir(dir, 0o755); err != nil {
			return err
		}
	}
	return nil
}

// proxies is the proxy variables given as build arguments: a RUN sees them, but
// they are neither in the image nor in the cache key.
func proxies(args map[string]string) map[string]string {
	out := map[string]string{}
	for k, v := range args {
		switch strings.ToLower(k) {
		case "http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy":
			out[strings.ToUpper(k)], out[strings.ToLower(k)] = v, v
		}
	}
	return out
}

// logWriter makes log lines of what a process prints. Both streams come in one
// order; a line is told when it is complete.
type logWriter struct {
	v    *vertex
	line []byte
	last int
	max  int64 // bytes that are told; what is printed further is dropped
	sent int64
}

type logStream struct {
	w *logWriter
	n int
}

func (w *logWriter) stream(n int) *logStream { return &logStream{w, n} }

func (s *logStream) Write(p []byte) (int, error) {
	w, total := s.w, len(p)
	w.last = s.n
	for len(p) > 0 {
		line, rest, complete := bytes.Cut(p, []byte("\n"))
		w.line = append(w.line, line...)
		p = rest
		if complete || len(w.line) > 1<<16 {
			w.tell()
		}
	}
	return total, nil
}

func (w *logWriter) tell() {
	w.sent += int64(len(w.line)) + 1
	if w.sent <= w.max {
		w.v.r.emit(VertexLog{ID: w.v.id, Stream: w.last, Text: string(bytes.TrimSuffix(w.line, []byte("\r"))), At: w.v.r.b.Now().Sub(w.v.start)})
	}
	w.line = w.line[:0]
}

// flush tells a last line that has no end.
func (w *logWriter) flush() {
	if len(w.line) > 0 {
		w.tell()
	}
	if w.sent > w.max {
		w.v.r.emit(VertexLog{ID: w.v.id, Stream: 2, Text: "[output clipped, log limit 2MiB reached]", At: w.v.r.b.Now().Sub(w.v.start)})
	}
}

// clock is the virtual clock as a file system reads it.
func (r *run) clock() tree.Time { return tree.TimeOf(r.b.Now()) }
