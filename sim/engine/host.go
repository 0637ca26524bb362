package engine

import (
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// Places of the learner's machine.
const (
	Home    = "/home/learner"
	Project = "/home/learner/project" // where the terminal starts and the build context lies
	Given   = "/mnt"                  // files from the outside
)

// Hostname is the name of the learner's machine.
const Hostname = "lab"

// newHost is the learner's machine as it starts: an empty project, and as much
// of a Linux system as a shell's user notices.
func newHost(at time.Time) *tree.Tree {
	t := tree.New(tree.TimeOf(at))
	dir := func(p string, perm uint32) {
		t.MkdirAll(path.Dir(p), tree.Inode{Mode: tree.Directory | 0o755, MTime: tree.TimeOf(at)})
		t.MkdirAll(p, tree.Inode{Mode: tree.Directory | perm, MTime: tree.TimeOf(at)})
	}
	file := func(p, text string) {
		t.Add(t.Lookup(path.Dir(p)), path.Base(p), tree.Inode{Mode: tree.Regular | 0o644, MTime: tree.TimeOf(at), Body: content.String(text)})
	}
	for _, p := range []string{Project, Given, "/bin", "/dev", "/etc", "/proc", "/run", "/sys", "/usr/bin", "/usr/local/bin", "/var/log"} {
		dir(p, 0o755)
	}
	dir("/tmp", tree.Sticky|0o777)
	dir("/root", 0o700)
	file("/etc/passwd", "root:x:0:0:root:"+Home+":/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n")
	file("/etc/group", "root:x:0:\nnogroup:x:65534:\n")
	file("/etc/hostname", Hostname+"\n")
	file("/etc/hosts", "127.0.0.1\tlocalhost\n127.0.1.1\t"+Hostname+"\n")
	return t
}

func (e *Engine) hostOptions() overlay.Options {
	return overlay.Options{Now: e.treeNow, MaxBytes: 1 << 30}
}

// Host is the learner's machine. It is live until the next Restore.
func (e *Engine) Host() *overlay.Mount { return e.host }

// ReadFile is a file of the learner's machine, by absolute path.
func (e *Engine) ReadFile(name string) ([]byte, error) { return e.host.Root().ReadFile(name) }

// WriteFile writes a file of the learner's machine, with its directories. The
// mode of a file that is there already becomes perm.
func (e *Engine) WriteFile(name string, b []byte, perm uint32) error {
	root := e.host.Root()
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return fmt.Errorf("writing %q: %w", name, err)
	}
	if err := root.WriteFile(name, b, perm); err != nil {
		return fmt.Errorf("writing %q: %w", name, err)
	}
	return root.Chmod(name, perm)
}

// Give puts a file from the outside into /mnt, without reading it. name may
// have directories; it replaces what was given under that name before.
func (e *Engine) Give(name string, body content.Body) error {
	p := path.Join(Given, path.Join("/", name))
	if p == Given || strings.ContainsRune(name, 0) {
		return fmt.Errorf("giving %q: not a file name", name)
	}
	root := e.host.Root()
	if err := root.MkdirAll(path.Dir(p), 0o755); err != nil {
		return fmt.Errorf("giving %q: %w", name, err)
	}
	if err := root.SetBody(p, body, &overlay.Meta{Perm: 0o444, MTime: e.treeNow()}); err != nil {
		return fmt.Errorf("giving %q: %w", name, err)
	}
	return nil
}
