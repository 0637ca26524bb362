//go:build !js

package shell

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/layerlab/layerlab/assets"
	"github.com/layerlab/layerlab/sim/catalog"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// The cases of testdata/debian are scripts and what they did in a root directory
// of Debian 12: TestDebian plays them in the model of debian:bookworm-slim, and
// -record -root DIR writes down anew what DIR's programs do (record_linux_test.go).
//
// A file begins with "#!" and the shell's words, then comes the script that makes
// the start, up to the first "$ " line. A case is a script after "$ ", its further
// lines after "> "; below stand the standard output, the standard error after
// "! ", the exit status, and what the upper directory then holds.

// further is the programs that the recorded root directory has beside those of
// the model.
const further = "curl wget git gpg unzip zip patch file envsubst gosu xz bzip2 bunzip2 bzcat unxz xzcat hexdump col colrm column look rev ps free top uptime pgrep pkill pidof w watch less sudo gawk hostname locale-gen ifconfig netstat " +
	"update-ca-certificates c_rehash openssl msgfmt gettext run-parts"

// before is the latest time of a file of the start; what a script makes is younger.
var before = time.Date(2024, 5, 31, 0, 0, 0, 0, time.UTC)

// A suite is a file of testdata/debian.
type suite struct {
	shell []string
	start string
	cases []example
}

// recordSuite asks the real programs, on Linux.
var recordSuite = func(t *testing.T, file string, s *suite) {}

func readFile(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func readSuite(t *testing.T, file string) *suite {
	s := &suite{shell: []string{"sh", "-c"}, cases: examples(t, file)}
	text := readFile(t, file)
	head, _, _ := strings.Cut(text, "\n$ ")
	first, rest, _ := strings.Cut(head, "\n")
	s.shell = strings.Fields(strings.TrimPrefix(first, "#!"))
	s.start = rest
	return s
}

// lowers is the layers of a model image, the topmost first.
func lowers(t *testing.T, name string) []*tree.Tree {
	t.Helper()
	_, held, err := catalog.New(assets.Catalog{}, nil).Open(context.Background(), name)
	if err != nil {
		t.Fatal(err)
	}
	var out []*tree.Tree
	for _, h := range slices.Backward(held) {
		out = append(out, h.Layer.Tree)
	}
	return out
}

// programsBeside is a layer with the further programs and /srv.
func programsBeside() *tree.Tree {
	t := tree.New(epoch)
	dir := tree.Inode{Mode: tree.Directory | 0o755, MTime: epoch}
	bin := t.MkdirAll("usr/bin", dir)
	for name := range strings.FieldsSeq(further) {
		t.Add(bin, name, tree.Inode{Mode: tree.Regular | 0o755, MTime: epoch, Body: content.String("\x7fELF" + name)})
	}
	t.MkdirAll("srv", dir)
	return t
}

func TestDebian(t *testing.T) {
	files, err := filepath.Glob("testdata/debian/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	base := append([]*tree.Tree{programsBeside()}, lowers(t, "debian:bookworm-slim")...)
	for _, file := range files {
		t.Run(strings.TrimSuffix(path.Base(file), ".txt"), func(t *testing.T) {
			s := readSuite(t, file)
			recordSuite(t, file, s)
			start := tree.New(epoch)
			play(t, base, start, []string{"sh", "-c", s.start})
			for _, e := range s.cases {
				upper := tree.New(epoch)
				got := play(t, append([]*tree.Tree{start}, base...), upper, append(slices.Clone(s.shell), e.in))
				if got += changes(append([]*tree.Tree{start}, base...), upper); got != e.want {
					t.Errorf("%s\n--- got\n%s--- want\n%s", e.in, got, e.want)
				}
			}
		})
	}
}

// play runs a command in /srv and gives what it printed, as a case shows it.
func play(t *testing.T, lowers []*tree.Tree, upper *tree.Tree, args []string) string {
	t.Helper()
	now := time.Date(2024, 6, 1, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { now = now.Add(time.Millisecond); return now }
	m := overlay.New(lowers, upper, overlay.Options{Now: func() tree.Time { return tree.TimeOf(clock()) }})
	var out, errs bytes.Buffer
	p := &Process{
		FS: m.Root(), Dir: "/srv", Stdout: &out, Stderr: &errs, Now: clock, Args: args, Hostname: recordedHost,
		Env:   slices.Clone(recordedEnv),
		Sleep: func(_ context.Context, d time.Duration) error { now = now.Add(d); return nil },
	}
	exit, err := Exec(context.Background(), p)
	if err != nil && !errors.As(err, new(*BudgetError)) {
		t.Fatalf("%q: %v", args, err)
	}
	return apart(out.String(), errs.String(), exit)
}

const recordedHost = "lab"

var recordedEnv = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"}

// apart shows what was printed: the standard error line by line behind "! ".
func apart(out, errs string, exit int) string {
	text := shown(out, 0)
	if at := strings.Index("\n"+errs, "\nUsage: "); at >= 0 && strings.Contains(errs[at:], "\nOptions:\n") { // the model does not show them in full
		first, _, _ := strings.Cut(errs[at:], "\n")
		errs = errs[:at] + first + "\n"
	}
	for line := range strings.Lines(errs) {
		text += "! " + strings.TrimSuffix(line, "\n") + "\n"
	}
	return text + shown("", exit)
}

// A change is a name in an upper directory.
type change struct {
	path     string
	kind     byte // of ls -l; 'x' is a name that is gone
	perm     uint32
	uid, gid uint32
	size     int64
	body     string
	mtime    time.Time
	was      bool // a directory or a file that is as it was below
}

func (c *change) String() string {
	if c.kind == 'x' {
		return "[gone] " + c.path + "\n"
	}
	line := fmt.Sprintf("[%c%04o", c.kind, c.perm)
	if c.uid != 0 || c.gid != 0 {
		line += fmt.Sprintf(" %d:%d", c.uid, c.gid)
	}
	if c.mtime.Before(before) && c.kind != 'd' {
		line += c.mtime.UTC().Format(" 2006-01-02T15:04:05")
	}
	line += "] " + c.path
	switch c.kind {
	case 'l':
		line += " -> " + c.body
	case '-':
		line += " " + bodyText(c)
	}
	return line + "\n"
}

// bodyText is a file's content in a line; packed files are known by their names.
func bodyText(c *change) string {
	switch path.Ext(c.path) {
	case ".gz", ".tgz", ".xz", ".txz", ".bz2", ".tbz", ".zip", ".tar", ".cache":
		return "packed"
	case ".bashrc", ".profile", ".bash_logout": // the model's are made up
		return "of the skeleton"
	}
	if len(c.body) > 300 {
		return fmt.Sprintf("%q… of %d", c.body[:40], c.size)
	}
	return fmt.Sprintf("%q", c.body)
}

// leftOut are names that hold times or chance.
func leftOut(p string) bool {
	return strings.HasPrefix(p, "var/log/") || strings.HasPrefix(p, "proc") || p == "etc/.pwd.lock" || p == "run/adduser" || p == "tmp/l" || strings.HasPrefix(p, "var/cache/ldconfig") || p == ""
}

// changes is what an upper directory holds over its lower ones.
func changes(lowers []*tree.Tree, upper *tree.Tree) string {
	var out strings.Builder
	below := overlay.New(lowers, tree.New(epoch), overlay.Options{}).Root()
	upper.Walk(func(p string, _ tree.Ino, n *tree.Inode) bool {
		c := change{path: p, perm: n.Perm(), uid: n.UID, gid: n.GID, size: n.Size(), mtime: n.MTime.Time()}
		switch {
		case leftOut(p):
			return true
		case n.IsWhiteout():
			c.kind = 'x'
		case n.IsDir():
			c.kind = 'd'
			st, err := below.Lstat("/" + p)
			c.was = err == nil && st.IsDir() && st.Mode&tree.PermMask == c.perm && st.UID == c.uid && st.GID == c.gid
		case n.IsSymlink():
			c.kind, c.body, c.perm = 'l', n.Target, 0o777
		case n.IsRegular():
			b, _ := content.ReadAll(n.Content(), 1<<20)
			c.kind, c.body = '-', string(b)
			st, err := below.Lstat("/" + p)
			c.was = err == nil && st.Size == n.Size() && st.Mode == n.Mode && st.UID == c.uid && st.GID == c.gid && st.MTime == n.MTime
		default:
			c.kind = 's'
		}
		if !c.was {
			out.WriteString(c.String())
		}
		return true
	})
	return out.String()
}
