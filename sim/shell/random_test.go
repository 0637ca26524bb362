package shell

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/layerlab/layerlab/sim/tree"
)

var (
	fresh     = flag.Int("fresh", 60, "how many random scripts of each kind are held against the real busybox")
	freshSeed = flag.Uint64("seed", 1, "where the random scripts begin")
	freshKind = flag.String("kind", "", "only this kind of random scripts")
)

// randomFiles is the small tree in which random scripts run: names below /srv
// and their text; "/" at the end is a directory, "->" a link.
var randomFiles = [][2]string{
	{"f1", "one\ntwo words\nthree\n\nfive 5\none\n"},
	{"f2", "apple 3 red\nbanana 10 yellow\ncherry 2 red\ndate 10 brown\nApple 7 green\n"},
	{"nums", "10\n9\n2\n33\n1\n2\n-5\n0x1f\n1e2\n"},
	{"csv", "id,name,qty\n1,foo,10\n2,bar,\n3,\"baz\",7\n,,\n"},
	{"nonl", "last line\nhas no newline"},
	{"empty", ""},
	{"sp ace", "in a name with a space\n"},
	{"tabs", "a\tb\tc\n  lead\n\tx  y\n"},
	{"conf", "# comment\nkey = value\nother=1 # x\n[section]\n  path = /usr/lib\n\n"},
	{"d/", ""},
	{"d/g1", "foo\nbar\nFoo bar\n"},
	{"d/.hid", "hidden\n"},
	{"d/sub/", ""},
	{"d/sub/deep.txt", "deep\nfoo\n"},
	{"d/x.sh", "#!/bin/sh\necho x.sh \"$@\"\n"},
	{"ln", "->f1"},
	{"dln", "->d"},
	{"broken", "->nowhere"},
}

func randomImage() *tree.Tree {
	t := image()
	dir := tree.Inode{Mode: tree.Directory | 0o755, MTime: epoch}
	srv := t.MkdirAll("srv", dir)
	for _, f := range randomFiles {
		name, text := f[0], f[1]
		switch {
		case strings.HasSuffix(name, "/"):
			t.MkdirAll("srv/"+name[:len(name)-1], dir)
		case strings.HasPrefix(text, "->"):
			t.Add(srv, name, tree.Inode{Mode: tree.Symlink | 0o777, Target: text[2:], MTime: epoch})
		default:
			mode := uint32(0o644)
			if strings.HasSuffix(name, ".sh") {
				mode = 0o755
			}
			add(t, "/srv/"+name, tree.Regular|mode, text)
		}
	}
	return t
}

// An answer is what a script printed and left behind.
type answer struct {
	out, err string
	exit     int
	files    string
}

// String is the answer as testdata keeps it.
func (a answer) String() string {
	var b strings.Builder
	b.WriteString(quoteLines("1", a.out))
	b.WriteString(quoteLines("2", a.err))
	if a.exit != 0 {
		fmt.Fprintf(&b, "= %d\n", a.exit)
	}
	b.WriteString(quoteLines("/", a.files))
	return b.String()
}

func quoteLines(mark, text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		cut, nl := strings.CutSuffix(line, "\n")
		if !nl {
			b.WriteString(mark + "\\ ")
		} else {
			b.WriteString(mark + " ")
		}
		if strings.ContainsFunc(cut, func(r rune) bool { return r < 32 && r != '\t' || r == 0xFFFD || r == 127 }) {
			b.WriteString(strconv.Quote(cut))
		} else {
			b.WriteString(cut)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// describeFile is one path of the tree after a script, as one line. What was written
// while the script ran has the time "now".
func describeFile(name string, fi fs.FileInfo, body func() string) string {
	name = strings.ReplaceAll(name, " ", "·")
	when := "now"
	if fi.ModTime().Before(time.Date(2024, 6, 1, 0, 0, 0, 0, time.UTC)) {
		when = fi.ModTime().UTC().Format("2006-01-02T15:04:05")
	}
	text := ""
	switch fi.Mode().Type() {
	case fs.ModeSymlink:
		return fmt.Sprintf("%s -> %s\n", name, body())
	case fs.ModeDir:
		return fmt.Sprintf("%s/ %v\n", name, fi.Mode())
	case 0:
		if text = body(); len(text) > 300 {
			text = fmt.Sprintf("%d %x", fi.Size(), sha256.Sum256([]byte(text)))
		} else {
			text = strconv.Quote(text)
		}
	}
	return fmt.Sprintf("%s %v %s %s\n", name, fi.Mode(), when, text)
}

// changed is the lines of after that are not in before, and "- " lines for those
// that are gone.
func changed(before, after []string) string {
	var b strings.Builder
	for _, l := range after {
		if !slices.Contains(before, l) {
			b.WriteString(l)
		}
	}
	names := map[string]bool{}
	for _, l := range after {
		names[strings.Fields(l)[0]] = true
	}
	for _, l := range before {
		if n := strings.Fields(l)[0]; !names[n] {
			b.WriteString("- " + n + "\n")
		}
	}
	return b.String()
}

func ourFiles(p *Process) []string {
	var out []string
	var walk func(dir string)
	walk = func(dir string) {
		list, _ := p.FS.ReadDir("/" + dir)
		for _, e := range list {
			name := dir + "/" + e.Name
			out = append(out, describeFile(name[4:], e.Stat.FileInfo(), func() string {
				if e.Stat.Type() == tree.Symlink {
					return e.Stat.Target
				}
				b, _ := p.FS.ReadFile("/" + name)
				return string(b)
			}))
			if e.Stat.IsDir() {
				walk(name)
			}
		}
	}
	walk("srv")
	slices.Sort(out)
	return out
}

var randomTree = randomImage()

func ourAnswer(script string) (answer, error) {
	p, _ := world(randomTree)
	before := ourFiles(p)
	var out, errs bytes.Buffer
	p.Stdout, p.Stderr = &out, &errs
	p.Budget = Budget{Commands: 5000, Turns: 200_000, Output: 1 << 20}
	p.Args = []string{"sh", "-c", script}
	exit, err := Exec(context.Background(), p)
	return answer{out.String(), cutUsage(errs.String()), exit, changed(before, ourFiles(p))}, err
}

// A box is the real busybox in a root of its own.
type box struct{ root string }

// newBox fails the test's leg softly: nil where there is no busybox like the one
// of the recorded image, or the test is not root.
func newBox(t testing.TB) *box {
	program, err := exec.LookPath("busybox")
	if err != nil || os.Getuid() != 0 {
		t.Log("the real busybox did not run: there is none here, or the test is not root")
		return nil
	}
	version, _ := exec.Command(program).Output()
	if !bytes.Contains(version, []byte("BusyBox v1.35")) {
		t.Logf("the real busybox did not run: the answers are those of 1.35, this is %.30s", version)
		return nil
	}
	bin, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	list, err := exec.Command(program, "--list").Output()
	if err != nil {
		t.Fatal(err)
	}
	b := &box{t.TempDir()}
	for _, d := range []string{"bin", "etc", "root", "dev"} {
		os.MkdirAll(filepath.Join(b.root, d), 0o755)
	}
	os.WriteFile(filepath.Join(b.root, "bin/busybox"), bin, 0o755)
	for name := range strings.FieldsSeq(string(list)) {
		os.Symlink("busybox", filepath.Join(b.root, "bin", name))
	}
	for name, minor := range map[string]string{"null": "3", "zero": "5", "full": "7", "urandom": "9"} {
		exec.Command("mknod", "-m", "666", filepath.Join(b.root, "dev", name), "c", "1", minor).Run()
	}
	return b
}

// reset empties what scripts write to.
func (b *box) reset() {
	for _, d := range []string{"srv", "tmp"} {
		os.RemoveAll(filepath.Join(b.root, d))
		os.Mkdir(filepath.Join(b.root, d), 0o755)
	}
	os.WriteFile(filepath.Join(b.root, "etc/passwd"), []byte(passwd), 0o644)
	os.WriteFile(filepath.Join(b.root, "etc/group"), []byte(groups), 0o644)
}

// command is sh -c script in the box.
func (b *box) command(ctx context.Context, script string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "chroot", b.root, "/bin/busybox", "sh", "-c", "cd /srv; unset OLDPWD SHLVL; exec sh -c \"$0\"", script)
	cmd.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"}
	cmd.WaitDelay = time.Second
	return cmd
}

func (b *box) files() []string {
	var out []string
	srv := filepath.Join(b.root, "srv")
	filepath.WalkDir(srv, func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == srv {
			return nil
		}
		fi, err := d.Info()
		if err != nil {
			return nil
		}
		out = append(out, describeFile(name[len(srv)+1:], fi, func() string {
			if d.Type() == fs.ModeSymlink {
				to, _ := os.Readlink(name)
				return to
			}
			text, _ := os.ReadFile(name)
			return string(text)
		}))
		return nil
	})
	slices.Sort(out)
	return out
}

func (b *box) answer(script string) (answer, bool) {
	b.reset()
	for _, f := range randomFiles {
		name, text := filepath.Join(b.root, "srv", f[0]), f[1]
		switch {
		case strings.HasSuffix(f[0], "/"):
			os.MkdirAll(name, 0o755)
		case strings.HasPrefix(text, "->"):
			os.Symlink(text[2:], name)
		default:
			mode := fs.FileMode(0o644)
			if strings.HasSuffix(name, ".sh") {
				mode = 0o755
			}
			os.WriteFile(name, []byte(text), mode)
		}
	}
	filepath.WalkDir(filepath.Join(b.root, "srv"), func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Type()&fs.ModeSymlink == 0 {
			os.Chtimes(name, epoch.Time(), epoch.Time())
		}
		return nil
	})
	before := b.files()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	cmd := b.command(ctx, script)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.Run()
	if ctx.Err() != nil || out.Len() > 1<<20 {
		return answer{}, false
	}
	exit := cmd.ProcessState.ExitCode()
	if exit < 0 {
		exit = 137
	}
	return answer{out.String(), cutUsage(errs.String()), exit, changed(before, b.files())}, true
}

// racing reports whether several processes of the script may trace at once.
func racing(script string) bool {
	return (strings.Contains(script, "x\n") || strings.Contains(script, "-x")) && strings.ContainsAny(script, "|&")
}

// TestRandom holds scripts that a grammar made against the recorded answers of
// the real busybox, and, where it is, fresh ones against itself.
func TestRandom(t *testing.T) {
	b := newBox(t)
	for _, kind := range scriptKinds {
		if *freshKind != "" && *freshKind != kind.name {
			continue
		}
		file := "testdata/random/" + kind.name + ".txt"
		if *record && b != nil {
			b.record(t, file, kind.make)
		}
		for _, e := range examples(t, file) {
			if got, _ := ourAnswer(e.in); got.String() != e.want {
				t.Errorf("%s\n$ %s\n--- got\n%s--- want\n%s", file, e.in, got, e.want)
			}
		}
		if b != nil {
			b.compare(t, kind.name, kind.make)
		}
	}
}

// TestTools holds the one-liners of testdata, which run in the same small tree,
// against the recorded answers, and those against the real busybox where it is.
func TestTools(t *testing.T) {
	b := newBox(t)
	for _, name := range []string{"awk", "sed", "tools"} {
		file := "testdata/random/" + name + ".txt"
		es := examples(t, file)
		for i, e := range es {
			if b != nil {
				real, ok := b.answer(e.in)
				switch {
				case !ok:
					t.Errorf("%s: the real one does not end", e.in)
				case *record:
					es[i].want = real.String()
				case real.String() != e.want:
					t.Errorf("the real busybox answers\n$ %s\n%s--- recorded\n%s", e.in, real, e.want)
				}
			}
			if got, _ := ourAnswer(e.in); got.String() != es[i].want {
				t.Errorf("%s 1\n$ %s\n--- got\n%s--- want\n%s", name, e.in, got, es[i].want)
			}
		}
		if *record && b != nil {
			writeExamples(t, file, es)
		}
	}
}

// script is the one that the grammar makes of a seed.
func script(seed uint64, make func(*grammar) string) string {
	return make(&grammar{Rand: rand.New(rand.NewPCG(seed, 7))})
}

// compare holds fresh scripts against the real program.
func (b *box) compare(t *testing.T, kind string, make func(*grammar) string) {
	bad := 0
	for i := range uint64(*fresh) {
		script := script(*freshSeed+i, make)
		want, ok := b.answer(script)
		if !ok {
			continue
		}
		got, err := ourAnswer(script)
		if errors.As(err, new(*BudgetError)) {
			continue
		}
		if racing(script) {
			got.err, want.err = "", ""
		}
		if got != want {
			bad++
			t.Errorf("%s %d\n$ %s\n--- got\n%s--- want\n%s", kind, *freshSeed+i, script, got, want)
		}
	}
	t.Logf("%s: %d of %d fresh scripts differ", kind, bad, *fresh)
}

// recorded is how many scripts of a kind testdata keeps, and recordedSize how
// long each may be.
const (
	recorded     = 120
	recordedSize = 420
)

// record writes what the real program answers to short scripts of each kind.
func (b *box) record(t *testing.T, file string, make func(*grammar) string) {
	var es []example
	for seed := uint64(100_000); len(es) < recorded; seed++ {
		script := script(seed, make)
		want, ok := b.answer(script)
		if got, _ := ourAnswer(script); ok && got != want {
			t.Errorf("not recorded, as it differs\n$ %s\n--- got\n%s--- want\n%s", script, got, want)
			continue
		}
		if !ok || len(script) > recordedSize || racing(script) || len(want.String()) > recordedSize {
			continue
		}
		es = append(es, example{script, want.String()})
	}
	writeExamples(t, file, es)
}
