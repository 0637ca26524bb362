package shell

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

var record = flag.Bool("record", false, "write what the real programs answer into testdata")

// epoch is when the model image was made.
var epoch = tree.TimeOf(time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC))

const (
	passwd = "root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\nnobody:x:65534:65534:nobody:/home:/bin/false\n"
	groups = "root:x:0:\ndaemon:x:1:\nwww:x:33:daemon\nnobody:x:65534:\n"
)

// image is a tree like busybox:1.36: one program, a link for every command.
func image() *tree.Tree {
	t := tree.New(epoch)
	dir := tree.Inode{Mode: tree.Directory | 0o755, MTime: epoch}
	bin := t.MkdirAll("bin", dir)
	t.Add(bin, "busybox", tree.Inode{Mode: tree.Regular | 0o755, MTime: epoch, Body: content.Concat(content.String("\x7fELF\x02\x01\x01"), content.Zero(1000000))})
	for name := range appletSet {
		if name != "busybox" {
			t.Add(bin, name, tree.Inode{Mode: tree.Symlink | 0o777, Target: "busybox", MTime: epoch})
		}
	}
	etc := t.MkdirAll("etc", dir)
	t.Add(etc, "passwd", tree.Inode{Mode: tree.Regular | 0o644, MTime: epoch, Body: content.String(passwd)})
	t.Add(etc, "group", tree.Inode{Mode: tree.Regular | 0o644, MTime: epoch, Body: content.String(groups)})
	t.MkdirAll("root", dir)
	t.MkdirAll("srv", dir)
	t.Add(tree.Root, "tmp", tree.Inode{Mode: tree.Directory | tree.Sticky | 0o777, MTime: epoch})
	return t
}

// world is a process on a fresh container of the image, and where it prints.
func world(lowers ...*tree.Tree) (*Process, *bytes.Buffer) {
	if len(lowers) == 0 {
		lowers = []*tree.Tree{image()}
	}
	now := time.Date(2024, 6, 1, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { now = now.Add(time.Millisecond); return now }
	m := overlay.New(lowers, tree.New(epoch), overlay.Options{Now: func() tree.Time { return tree.TimeOf(clock()) }})
	out := new(bytes.Buffer)
	return &Process{
		FS: m.Root(), Dir: "/srv", Stdout: out, Stderr: out, Now: clock,
		Env:   []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"},
		Sleep: func(_ context.Context, d time.Duration) error { now = now.Add(d); return nil },
	}, out
}

// run plays a script with sh -c and gives what is printed, as a transcript shows it.
func run(t *testing.T, p *Process, out *bytes.Buffer, script string) string {
	t.Helper()
	p.Args = []string{"sh", "-c", script}
	exit, err := Exec(context.Background(), p)
	if err != nil && !errors.As(err, new(*BudgetError)) {
		t.Fatalf("%s: %v", script, err)
	}
	return shown(out.String(), exit)
}

func shown(text string, exit int) string {
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n[no newline]\n"
	}
	if exit != 0 {
		text += fmt.Sprintf("[exit %d]\n", exit)
	}
	return text
}

type example struct{ in, want string }

// examples reads a file of "$ command" lines with what they print below them;
// "> " goes on with the command, "#" before the first is a comment.
func examples(t *testing.T, file string) []example {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []example
	for line := range strings.Lines(string(text)) {
		switch {
		case strings.HasPrefix(line, "$ "):
			out = append(out, example{in: strings.TrimSuffix(line[2:], "\n")})
		case strings.HasPrefix(line, "> ") && len(out) > 0 && out[len(out)-1].want == "":
			out[len(out)-1].in += "\n" + strings.TrimSuffix(line[2:], "\n")
		case len(out) > 0:
			out[len(out)-1].want += line
		}
	}
	return out
}

func writeExamples(t *testing.T, file string, es []example) {
	t.Helper()
	var b strings.Builder
	for _, e := range es {
		b.WriteString("$ " + strings.ReplaceAll(e.in, "\n", "\n> ") + "\n" + e.want)
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestBusybox(t *testing.T) {
	const file = "testdata/busybox.txt"
	es := examples(t, file)
	realBusybox(t, file, es)
	for _, e := range es {
		p, out := world()
		if got := cutUsage(run(t, p, out, e.in)); got != e.want {
			t.Errorf("%s\n--- got\n%s--- want\n%s", e.in, got, e.want)
		}
	}
}

// realBusybox holds the recorded answers against the busybox of the machine,
// where there is one and the test may chroot.
func realBusybox(t *testing.T, file string, es []example) {
	program, err := exec.LookPath("busybox")
	if err != nil || os.Getuid() != 0 {
		t.Log("the real busybox did not run: there is none here, or the test is not root")
		return
	}
	version, _ := exec.Command(program).Output()
	if !bytes.Contains(version, []byte("BusyBox v1.35")) && !*record {
		t.Logf("the real busybox did not run: the answers are those of 1.35, this is %.30s", version)
		return
	}
	bin, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	list, err := exec.Command(program, "--list").Output()
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	for _, d := range []string{"bin", "etc", "root", "dev"} {
		os.MkdirAll(filepath.Join(root, d), 0o755)
	}
	os.WriteFile(filepath.Join(root, "bin/busybox"), bin, 0o755)
	for name := range strings.FieldsSeq(string(list)) {
		os.Symlink("busybox", filepath.Join(root, "bin", name))
	}
	exec.Command("mknod", "-m", "666", filepath.Join(root, "dev/null"), "c", "1", "3").Run()
	exec.Command("mknod", "-m", "666", filepath.Join(root, "dev/zero"), "c", "1", "5").Run()
	for i := range es {
		for _, d := range []string{"srv", "tmp"} {
			os.RemoveAll(filepath.Join(root, d))
			os.Mkdir(filepath.Join(root, d), 0o755)
		}
		os.WriteFile(filepath.Join(root, "etc/passwd"), []byte(passwd), 0o644)
		os.WriteFile(filepath.Join(root, "etc/group"), []byte(groups), 0o644)
		cmd := exec.Command("chroot", root, "/bin/busybox", "sh", "-c", "cd /srv; unset OLDPWD SHLVL; exec sh -c \"$0\"", es[i].in)
		cmd.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"}
		got, _ := cmd.CombinedOutput()
		exit := cmd.ProcessState.ExitCode()
		if exit < 0 {
			exit = 137 // killed by a signal: only 9 is sent
		}
		want := shown(string(got), exit)
		want = cutUsage(want)
		if *record {
			es[i].want = want
		} else if want != es[i].want {
			t.Errorf("the real busybox answers\n$ %s\n%s--- recorded\n%s", es[i].in, want, es[i].want)
		}
	}
	if *record {
		writeExamples(t, file, es)
	}
}

// cutUsage takes out the usage text, whose words are busybox's own.
func cutUsage(text string) string {
	i := strings.Index(text, "BusyBox v1.")
	if i < 0 {
		return text
	}
	out := text[:i] + "[usage]\n"
	if j := strings.LastIndex(text, "[exit "); j > i {
		out += text[j:]
	}
	return out
}
