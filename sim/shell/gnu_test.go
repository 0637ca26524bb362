package shell

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/layerlab/layerlab/sim/tree"
)

// host is a process on the learner's own machine.
func host() (*Process, *bytes.Buffer) {
	t := tree.New(epoch)
	dir := tree.Inode{Mode: tree.Directory | 0o755, MTime: epoch}
	t.MkdirAll("home/learner/project", dir)
	t.MkdirAll("root", dir)
	img := image()
	for _, name := range []string{"passwd", "group"} {
		t.Add(t.MkdirAll("etc", dir), name, *img.Get("etc/" + name))
	}
	t.Add(tree.Root, "tmp", tree.Inode{Mode: tree.Directory | tree.Sticky | 0o777, MTime: epoch})
	p, out := world(t)
	p.Host, p.Dir = true, "/home/learner/project"
	return p, out
}

func TestGNU(t *testing.T) {
	const file = "testdata/gnu.txt"
	es := examples(t, file)
	realGNU(t, file, es)
	for _, e := range es {
		p, out := host()
		p.Args = []string{"bash", "-c", e.in}
		exit, err := Exec(context.Background(), p)
		if err != nil && !errors.As(err, new(*BudgetError)) {
			t.Fatalf("%s: %v", e.in, err)
		}
		if got := shown(out.String(), exit); got != e.want {
			t.Errorf("%s\n--- got\n%s--- want\n%s", e.in, got, e.want)
		}
	}
}

// realGNU holds the recorded answers against bash and the GNU tools of the
// machine, where they are those of Debian 12.
func realGNU(t *testing.T, file string, es []example) {
	version, err := exec.Command("sort", "--version").Output()
	if err != nil || os.Getuid() != 0 || !bytes.Contains(version, []byte("coreutils) 9.1")) {
		t.Log("the real GNU tools did not run: coreutils 9.1 is not here, or the test is not root")
		return
	}
	for i := range es {
		cmd := exec.Command("bash", "-c", es[i].in)
		cmd.Dir = t.TempDir()
		cmd.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C", "TZ=UTC"}
		got, _ := cmd.CombinedOutput()
		text := strings.ReplaceAll(string(got), cmd.Dir, "/home/learner/project")
		want := shown(text, cmd.ProcessState.ExitCode())
		if *record {
			es[i].want = want
		} else if want != es[i].want {
			t.Errorf("the real tools answer\n$ %s\n%s--- recorded\n%s", es[i].in, want, es[i].want)
		}
	}
	if *record {
		writeExamples(t, file, es)
	}
}

// debian is an image with dash, bash and the GNU tools as programs in /usr/bin.
func debian() (*Process, *bytes.Buffer) {
	t := tree.New(epoch)
	dir := tree.Inode{Mode: tree.Directory | 0o755, MTime: epoch}
	img := image()
	for _, name := range []string{"passwd", "group"} {
		t.Add(t.MkdirAll("etc", dir), name, *img.Get("etc/" + name))
	}
	t.MkdirAll("root", dir)
	t.MkdirAll("srv", dir)
	t.Add(tree.Root, "bin", tree.Inode{Mode: tree.Symlink | 0o777, Target: "usr/bin", MTime: epoch})
	for name := range strings.FieldsSeq("dash bash ls cat sed grep mawk env find sort head tail cut tr wc mkdir rm cp mv ln chmod chown touch sleep tar gzip xargs id date tee stat printf echo expr seq uniq true false readlink basename " +
		"arch b2sum base32 base64 chgrp cksum comm dd df dirname du expand unexpand factor fold groups hostid hostname install join link md5sum mkfifo mknod mktemp nice nl nohup nproc numfmt od paste " +
		"printenv pwd realpath rmdir sha1sum sha224sum sha256sum sha384sum sha512sum shuf sleep split stdbuf sum sync tac test timeout truncate tsort tty uname unlink whoami yes rev getopt getconf getent which egrep fgrep zcat gunzip diff cmp xxd hexdump " +
		"useradd userdel usermod groupadd groupdel groupmod adduser addgroup deluser delgroup passwd chpasswd chsh gpasswd su ldconfig ldd update-ca-certificates update-alternatives locale localedef service mountpoint run-parts flock " +
		"curl wget git gpg gpgconf openssl unzip patch file envsubst lsb_release python3 node go gcc make nginx perl java") {
		add(t, "/usr/bin/"+name, tree.Regular|0o755, "\x7fELF"+name)
	}
	bin := t.Lookup("usr/bin")
	t.Add(bin, "sh", tree.Inode{Mode: tree.Symlink | 0o777, Target: "dash", MTime: epoch})
	t.Add(bin, "awk", tree.Inode{Mode: tree.Symlink | 0o777, Target: "/usr/bin/mawk", MTime: epoch})
	t.Add(tree.Root, "tmp", tree.Inode{Mode: tree.Directory | tree.Sticky | 0o777, MTime: epoch})
	return world(t)
}

func TestDash(t *testing.T) {
	const file = "testdata/dash.txt"
	es := examples(t, file)
	realDash(t, file, es)
	for _, e := range es {
		p, out := debian()
		if got := run(t, p, out, e.in); got != e.want {
			t.Errorf("%s\n--- got\n%s--- want\n%s", e.in, got, e.want)
		}
	}
}

// realDash holds the recorded answers against the dash of the machine.
func realDash(t *testing.T, file string, es []example) {
	version, _ := exec.Command("dpkg-query", "-W", "-f", "${Version}", "dash").Output()
	if !bytes.HasPrefix(version, []byte("0.5.12-2")) || os.Getuid() != 0 {
		t.Log("the real dash did not run: 0.5.12-2 is not here, or the test is not root")
		return
	}
	for i := range es {
		cmd := exec.Command("dash", "-c", es[i].in)
		cmd.Args[0] = "sh"
		cmd.Dir = t.TempDir()
		cmd.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C", "TZ=UTC"}
		got, _ := cmd.CombinedOutput()
		want := shown(strings.ReplaceAll(string(got), cmd.Dir, "/srv"), cmd.ProcessState.ExitCode())
		if *record {
			es[i].want = want
		} else if want != es[i].want {
			t.Errorf("the real dash answers\n$ %s\n%s--- recorded\n%s", es[i].in, want, es[i].want)
		}
	}
	if *record {
		writeExamples(t, file, es)
	}
}
