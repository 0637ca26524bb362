package shell

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

var recordRoot = flag.String("root", "", "with -record: a root directory of Debian 12, made by debootstrap, whose programs are asked")

func init() { recordSuite = askSuite }

// mounting makes an overlay of the directories named and runs a command in it,
// without a network, with processes and a host name of its own, and without the
// right to set the machine's clock.
const mounting = `set -e
mount -t overlay overlay -o "lowerdir=$1,upperdir=$2,workdir=$3" "$4"
mount -t proc proc "$4/proc"
hostname ` + recordedHost + `
d=$4; shift 4
exec setpriv --bounding-set -sys_time chroot "$d" "$@"`

// askSuite writes a file of cases anew, where -record and -root say so.
func askSuite(t *testing.T, file string, s *suite) {
	if !*record || *recordRoot == "" {
		return
	}
	dir := t.TempDir()
	start := filepath.Join(dir, "start")
	ask(t, dir, *recordRoot, start, []string{"sh", "-c", s.start})
	var b strings.Builder
	head, _, _ := strings.Cut(readFile(t, file), "\n$ ")
	b.WriteString(head + "\n")
	for i, e := range s.cases {
		upper := filepath.Join(dir, "upper")
		lower := start + ":" + *recordRoot
		text := ask(t, dir, lower, upper, append(append([]string{}, s.shell...), e.in))
		s.cases[i].want = text + realChanges(t, strings.Split(lower, ":"), upper)
		b.WriteString("$ " + strings.ReplaceAll(e.in, "\n", "\n> ") + "\n" + s.cases[i].want)
		os.RemoveAll(upper)
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// ask runs a command in /srv over the directories lower; what it writes is in upper.
func ask(t *testing.T, dir, lower, upper string, args []string) string {
	t.Helper()
	work, merged := filepath.Join(dir, "work"), filepath.Join(dir, "merged")
	for _, d := range []string{upper, work, merged} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	defer os.RemoveAll(work)
	words := []string{"-m", "-u", "-n", "-p", "-f", "--kill-child", "sh", "-c", mounting, "sh", lower, upper, work, merged,
		"env", "-i"}
	words = append(append(words, recordedEnv...), "sh", "-c", `cd /srv; unset OLDPWD PWD; exec "$@"`, "sh")
	cmd := exec.Command("unshare", append(words, args...)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	exit := cmd.ProcessState.ExitCode()
	return apart(out.String(), errs.String(), exit)
}

// realChanges is what the kernel's overlay left in the directory upper.
func realChanges(t *testing.T, lowers []string, upper string) string {
	t.Helper()
	var out strings.Builder
	err := filepath.WalkDir(upper, func(p string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(strings.TrimPrefix(p, upper), "/")
		if leftOut(name) {
			return nil
		}
		info, err := os.Lstat(p)
		if err != nil {
			return err
		}
		st := info.Sys().(*syscall.Stat_t)
		c := change{path: name, perm: st.Mode & 0o7777, uid: st.Uid, gid: st.Gid, size: st.Size, mtime: info.ModTime()}
		switch st.Mode & syscall.S_IFMT {
		case syscall.S_IFDIR:
			c.kind = 'd'
			c.was = sameBelow(lowers, name, st)
		case syscall.S_IFLNK:
			c.kind = 'l'
			c.body, err = os.Readlink(p)
		case syscall.S_IFREG:
			var b []byte
			b, err = os.ReadFile(p)
			c.kind, c.body = '-', string(b)
			c.was = sameBelow(lowers, name, st)
		case syscall.S_IFCHR:
			c.kind = 's'
			if st.Rdev == 0 {
				c.kind = 'x'
			}
		default:
			c.kind = 's'
		}
		if !c.was {
			out.WriteString(c.String())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// sameBelow reports whether the lower directories have the directory or the file
// as it is.
func sameBelow(lowers []string, name string, st *syscall.Stat_t) bool {
	for _, l := range lowers {
		var was syscall.Stat_t
		if syscall.Lstat(filepath.Join(l, name), &was) == nil {
			touched := st.Mode&syscall.S_IFMT == syscall.S_IFREG && (was.Size != st.Size || was.Mtim != st.Mtim)
			return was.Mode == st.Mode && was.Uid == st.Uid && was.Gid == st.Gid && !touched
		}
	}
	return false
}
