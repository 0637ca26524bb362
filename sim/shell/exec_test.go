package shell

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

func add(t *tree.Tree, name string, mode uint32, text string) {
	i := strings.LastIndexByte(name, '/')
	dir := t.MkdirAll(name[:i+1], tree.Inode{Mode: tree.Directory | 0o755, MTime: epoch})
	t.Add(dir, name[i+1:], tree.Inode{Mode: mode, MTime: epoch, Body: content.String(text)})
}

// noProgram is what is said of a program of the image that cannot run.
func noProgram(name string) string {
	return "layer lab: " + name + ": cannot run: the lab has files and a shell, but no processor for the programs of an image.\n" +
		"layer lab: Where only its result matters, put a file in its place (head -c 2M /dev/urandom > FILE, also with the real Docker) or COPY one; or end the command with \"|| true\".\n"
}

// TestExec holds what runc says, as recorded from Docker 29.
func TestExec(t *testing.T) {
	img := image()
	add(img, "/x/plain", tree.Regular|0o644, "data")
	add(img, "/x/text", tree.Regular|0o755, "echo hi\n")
	add(img, "/x/script", tree.Regular|0o755, "#!/bin/sh\necho script $0 $*\nexit 4\n")
	add(img, "/x/badint", tree.Regular|0o755, "#!/bin/bash\n")
	add(img, "/x/envbash", tree.Regular|0o755, "#!/bin/env bash\n")
	add(img, "/usr/bin/python3", tree.Regular|0o755, "\x7fELF\x00\x00")
	add(img, "/usr/bin/unheard", tree.Regular|0o755, "\x7fELF\x00\x00")
	for _, c := range []struct {
		args  string
		out   string
		exit  int
		error string
		lacks string
	}{
		{"nosuch", "", 127, `exec: "nosuch": executable file not found in $PATH`, ""},
		{"/nosuch", "", 127, `exec: "/nosuch": stat /nosuch: no such file or directory`, ""},
		{"./x", "", 127, `exec: "./x": stat ./x: no such file or directory`, ""},
		{"/etc", "", 126, `exec: "/etc": is a directory: permission denied`, ""},
		{"/x/plain", "", 126, `exec: "/x/plain": permission denied`, ""},
		{"/x/text", "exec /x/text: exec format error\n", 255, "", ""},
		{"/x/badint", "exec /x/badint: no such file or directory\n", 255, "", ""},
		{"/x/script a b", "script /x/script a b\n", 4, "", ""},
		{"/x/envbash", "env: can't execute 'bash': No such file or directory\n", 127, "", ""},
		{"echo a b", "a b\n", 0, "", ""},
		{"python3", noProgram("python3"), 126, "", "python3"},
		{"sh -c python3", noProgram("python3"), 126, "", "python3"},
		{"sh -c /usr/bin/unheard", noProgram("unheard"), 126, "", "unheard"},
		{"/bin/sh -c nosuchcommand", "/bin/sh: nosuchcommand: not found\n", 127, "", ""},
		{"sh -c /x/text", "hi\n", 0, "", ""},
		{"false", "", 1, "", ""},
	} {
		p, out := world(img)
		lacks := ""
		p.Lacks = func(name string) { lacks = name }
		p.Args = strings.Fields(c.args)
		exit, err := Exec(context.Background(), p)
		message := ""
		if err != nil {
			message = err.Error()
		}
		if out.String() != c.out || exit != c.exit || message != c.error || lacks != c.lacks {
			t.Errorf("%s: printed %q, exit %d, error %q, lacks %q; want %q, %d, %q, %q", c.args, out, exit, message, lacks, c.out, c.exit, c.error, c.lacks)
		}
	}
}

func TestExecScratch(t *testing.T) {
	p, _ := world(tree.New(epoch))
	p.Args = []string{"/bin/sh", "-c", "echo hi"}
	exit, err := Exec(context.Background(), p)
	if want := `exec: "/bin/sh": stat /bin/sh: no such file or directory`; exit != 127 || err == nil || err.Error() != want || !errors.As(err, new(*NotFound)) {
		t.Errorf("a shell in an empty image: %d, %v; want %s", exit, err, want)
	}
}

// TestEnds holds that what would never end is ended, and says so.
func TestEnds(t *testing.T) {
	for _, c := range []struct{ script, want string }{
		{"while :; do :; done", "commands: this looks endless"},
		{"while true; do echo x; done", "commands: this looks endless"},
		{"while x=1; do x=2; done", "loop turns"},
		{"yes > /dev/null", "loop turns"},
		{"yes", "bytes of output"},
		{"awk 'BEGIN { while (1) i++ }'", "loop turns"},
		{"echo | sed ':a;ba'", "loop turns"},
		{"f() { f; }; f", "functions call each other"},
		{"for i in 1 2; do while :; do true & done; done", "can't fork"},
		{"while :; do ls / >/dev/null; done", "commands"},
		{"seq 1 1000000000 | tail -n 1", "loop turns"},
		{"f() { f | f; }; f", "can't fork"},
		{"f() { f | f & }; f; wait; echo over", "over"},
		{"mkfifo p; cat p; echo after", "after"},
		{"cat /dev/zero | head -c 5 | wc -c", "5"},
	} {
		p, out := world()
		p.Budget = Budget{Commands: 3000, Turns: 200_000, Output: 1 << 20}
		done := make(chan bool)
		go func() {
			run(t, p, out, c.script)
			close(done)
		}()
		select {
		case <-done:
		case <-time.After(60 * time.Second):
			t.Fatalf("%s: does not end", c.script)
		}
		text := out.String()
		if !strings.Contains(text, c.want) {
			t.Errorf("%s: the output ends with %q, want %q in it", c.script, text[max(0, len(text)-200):], c.want)
		}
	}
}

func TestCancel(t *testing.T) {
	p, _ := world()
	ctx, cancel := context.WithCancel(context.Background())
	p.Pause = func(ctx context.Context) error { cancel(); return ctx.Err() }
	p.Args = []string{"sh", "-c", "trap 'echo no' EXIT; while :; do echo x | cat; done"}
	if _, err := Exec(ctx, p); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled run ends with %v", err)
	}
}

// TestHostIsNotSeen holds that nothing of the machine that runs the tests is
// seen: files, users, variables.
func TestHostIsNotSeen(t *testing.T) {
	dir := t.TempDir()
	sentinel := dir + "/sentinel"
	if err := os.WriteFile(sentinel, []byte("host"), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("LAYERLAB_SENTINEL", "host")
	t.Chdir(dir)
	for _, make := range []func() (*Process, interface{ String() string }){
		func() (*Process, interface{ String() string }) { p, out := world(); return p, out },
		func() (*Process, interface{ String() string }) { p, out := host(); return p, out },
	} {
		p, out := make()
		name := "sh"
		if p.Host {
			name = "bash"
		}
		p.Args = []string{name, "-c", `cat ` + sentinel + `; . ` + sentinel + `; echo ` + dir + `/*; cd ` + dir + `; [ -e ` + sentinel + ` ]; ls ` + dir +
			`; echo $LAYERLAB_SENTINEL; env; echo ~root ~sys ~sync; echo > ` + sentinel + `; cp ` + sentinel + ` x; sed p ` + sentinel + `; awk 1 ` + sentinel + `; tar cf - ` + sentinel}
		Exec(context.Background(), p)
		if strings.Contains(out.String(), "host\n") {
			t.Errorf("something of the host is seen:\n%s", out)
		}
	}
	if b, _ := os.ReadFile(sentinel); string(b) != "host" {
		t.Errorf("the host's file was changed to %q", b)
	}
}

// TestSame holds that a run gives the same every time, pipelines and background
// jobs included.
func TestSame(t *testing.T) {
	const script = `for i in 1 2 3; do echo $i > f$i & done; wait; seq 100 | tee a | sort -r | tee b | head -n 3; mktemp -u; echo $RANDOM; ls -li --full-time; head -c 8 /dev/urandom | od -tx1`
	first := ""
	for i := range 20 {
		p, out := world()
		got := run(t, p, out, script)
		if i == 0 {
			first = got
		} else if got != first {
			t.Fatalf("run %d gives\n%s, the first gave\n%s", i, got, first)
		}
	}
}

// TestNotHeld holds that big files are not held in memory by what makes, copies,
// moves and packs them.
func TestNotHeld(t *testing.T) {
	p, out := world()
	got := run(t, p, out, "dd if=/dev/zero of=z bs=1M count=300 2>/dev/null && cp z y && mv y x && tar cf t.tar x z && truncate -s 5G h && cat h | head -c 3 | wc -c && mkdir o && tar xf t.tar -C o && ls -l o | awk '{print $5}'; cmp z o/z && rm z; dd if=x of=w bs=1M skip=200 2>/dev/null; wc -c < w")
	if want := "3\n\n314572800\n314572800\n104857600\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	var held int64
	p.FS.Mount().Upper().Walk(func(_ string, _ tree.Ino, n *tree.Inode) bool {
		held += content.Held(n.Content())
		return true
	})
	if held > 1<<20 {
		t.Errorf("%d bytes are held", held)
	}
}

// TestMoveLowerDirectory holds the lesson of rename(2) on overlayfs: EXDEV for a
// directory of the image, and mv copies and deletes.
func TestMoveLowerDirectory(t *testing.T) {
	img := image()
	add(img, "/data/old/a", tree.Regular|0o644, "a")
	add(img, "/data/old/b/c", tree.Regular|0o600, "c")
	var crossed []overlay.CrossDevice
	out := new(strings.Builder)
	m := overlay.New([]*tree.Tree{img}, tree.New(epoch), overlay.Options{Trace: func(e overlay.Event) {
		if c, ok := e.(overlay.CrossDevice); ok {
			crossed = append(crossed, c)
		}
	}})
	p := &Process{FS: m.Root(), Args: []string{"mv", "/data/old", "/data/new"}, Env: []string{"PATH=/bin"}, Stdout: out, Stderr: out}
	if exit, err := Exec(context.Background(), p); exit != 0 || err != nil {
		t.Fatalf("mv: %d, %v: %s", exit, err, out)
	}
	if len(crossed) == 0 {
		t.Error("rename did not fail with EXDEV first")
	}
	if b, err := m.Root().ReadFile("/data/new/b/c"); err != nil || string(b) != "c" {
		t.Errorf("/data/new/b/c: %q, %v", b, err)
	}
	if _, err := m.Root().Stat("/data/old"); err == nil {
		t.Error("/data/old is still there")
	}
}

func TestMounts(t *testing.T) {
	vol := tree.New(epoch)
	add(vol, "/f", tree.Regular|0o644, "in the volume\n")
	p, out := world()
	p.Mounts = []Mounted{{Path: "/mnt/v", View: overlay.New(nil, vol, overlay.Options{}).Root()}, {Path: "/ro", View: overlay.New(nil, vol.Snapshot(), overlay.Options{}).Root(), ReadOnly: true}}
	got := run(t, p, out, "cat /mnt/v/f; echo new > /mnt/v/g; ls /mnt/v; echo x > /ro/x; ls -d /ro /proc; mv /mnt/v/g /tmp/g; cat /tmp/g; ln /mnt/v/f /tmp/f; rmdir /ro; cd /mnt/v && ls; grep -c v /proc/mounts; ln -s /dev/stdout /tmp/log; echo logged > /tmp/log; echo x > /proc/x")
	want := "in the volume\nf\ng\nsh: can't create /ro/x: Read-only file system\n/proc\n/ro\nnew\nln: /tmp/f: Invalid cross-device link\nrmdir: '/ro': Read-only file system\nf\n6\nlogged\nsh: can't create /proc/x: Read-only file system\n[exit 1]\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, c := range p.FS.Mount().Changes() {
		if strings.HasPrefix(c.Path, "/mnt") || strings.HasPrefix(c.Path, "/dev") || strings.HasPrefix(c.Path, "/ro") {
			t.Errorf("%c %s: a mount changed the container's own layer", c.Kind, c.Path)
		}
	}
}

var _ io.Reader = (*desc)(nil)
