package build

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shownParts is the parts of the step on a line, one a line.
func shownParts(res *Result, line int) []string {
	var out []string
	for _, d := range res.Decisions {
		if d.Line != line {
			continue
		}
		for _, p := range d.Parts() {
			if p.Kind == PartBase {
				p.Value, p.Was = "", ""
			}
			s := strings.ReplaceAll(strings.TrimSpace(fmt.Sprintf("%s %s: %s", p.Kind, p.Name, p.Change)), " :", ":")
			if f := p.File; f != nil {
				s += fmt.Sprintf(" (%s %04o %d:%d %d)", f.Type, f.Mode, f.UID, f.GID, f.Size)
			}
			out = append(out, s)
		}
	}
	return out
}

// What a COPY's key is made of, file by file, against the build before.
func TestPartsOfCopy(t *testing.T) {
	l := newLab(t).fakeShell().write("d/a", "1", "d/b", "22", "d/c", "333", "d/t", "t", "d/l -> a", "", "Dockerfile", "FROM scratch\nCOPY d /d\n")
	first := l.build(Options{})
	want := []string{"base:", "instruction:", "file d: (directory 0755 0:0 0)", "file d/a: (file 0644 0:0 1)", "file d/b: (file 0644 0:0 2)",
		"file d/c: (file 0644 0:0 3)", "file d/l: (symbolic link 0777 0:0 0)", "file d/t: (file 0644 0:0 1)"}
	if diff := cmp.Diff(want, shownParts(first, 2)); diff != "" {
		t.Error(diff)
	}
	l.host.Root().Unlink("/ctx/d/b")
	l.write("d/a", "9", "d/new", "n").touch("d/t").chmod("d/c", 0o600)
	want = []string{"base: same", "instruction: same", "file d: same (directory 0755 0:0 0)", "file d/a: changed (file 0644 0:0 1)", "file d/b: removed",
		"file d/c: changed (file 0600 0:0 3)", "file d/l: same (symbolic link 0777 0:0 0)", "file d/new: added (file 0644 0:0 1)", "file d/t: touched (file 0644 0:0 1)"}
	res := l.build(Options{})
	if diff := cmp.Diff(want, shownParts(res, 2)); diff != "" {
		t.Error(diff)
	}
	var said []string
	for _, p := range Differing(res.Decisions[1].Parts()) {
		said = append(said, p.String())
	}
	wantSaid := []string{"d/a changed (sha256 6b86b273… → 19581e27…)", "d/b was removed", "d/c has another mode (0644 → 0600)", "d/new was added"}
	if diff := cmp.Diff(wantSaid, said); diff != "" {
		t.Error(diff)
	}
}

// What a RUN's key is made of.
func TestPartsOfRun(t *testing.T) {
	l := newLab(t).fakeShell().write("Dockerfile", "FROM scratch\nENV E=1 GONE=x\nARG A=1\nRUN a\n")
	l.build(Options{})
	l.write("Dockerfile", "FROM scratch\nENV E=2 NEW=y\nARG A=3\nUSER 5\nWORKDIR /w\nRUN a\n")
	res := l.build(Options{})
	var got []string
	for _, d := range res.Decisions {
		if d.Line == 6 {
			for _, p := range Differing(d.Parts()) {
				if p.Kind == PartBase {
					p.Value, p.Was = "", ""
				}
				got = append(got, p.String())
			}
		}
	}
	want := []string{"what it starts from ( → )", "ENV E=1 became E=2", "ENV NEW=y is new", "ARG A=1 became A=3", "ENV GONE=x is gone", `its directory ("/" → "/w")`, "its user (root → user 5)"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
