package overlay_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "record the kernel's answers to testdata/*.txt anew (root on Linux)")

// A scenario is a script with the answers of a real overlayfs: after each line
// what it said, if anything, and at the end the merged tree and the upper
// directory.
type scenario struct {
	title  string
	script []string
	text   string // all of it as it stands in the file
}

// scenarios reads a file of testdata: "# title", then lines that begin with "> ".
func scenarios(t *testing.T, file string) []scenario {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []scenario
	for part := range strings.SplitSeq("\n"+strings.TrimSpace(string(b)), "\n# ") {
		if part == "" {
			continue
		}
		title, _, _ := strings.Cut(part, "\n")
		s := scenario{title: title, text: "# " + strings.TrimSpace(part) + "\n"}
		for line := range strings.SplitSeq(part, "\n") {
			if l, ok := strings.CutPrefix(line, "> "); ok {
				s.script = append(s.script, l)
			}
		}
		out = append(out, s)
	}
	return out
}

// play is the text of a scenario with the answers of a system.
func (s scenario) play(sys system) string {
	r := newRunner(sys)
	defer r.finish()
	var b strings.Builder
	b.WriteString("# " + s.title + "\n")
	for _, line := range s.script {
		b.WriteString("> " + line + "\n")
		if out := r.do(line); out != "" {
			b.WriteString(out + "\n")
		}
	}
	b.WriteString("merged\n")
	for _, l := range r.dump() {
		b.WriteString("  " + l + "\n")
	}
	b.WriteString("upper\n")
	for _, l := range sys.upper() {
		b.WriteString("  " + l + "\n")
	}
	if tar := sys.tar(); tar != nil {
		b.WriteString("layer\n")
		for _, l := range entriesOf(tar) {
			b.WriteString("  " + l + "\n")
		}
	}
	return b.String()
}

func caseFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no scenarios in testdata: ", err)
	}
	return files
}

// TestCases plays the scenarios and expects what the kernel answered when they
// were recorded.
func TestCases(t *testing.T) {
	for _, file := range caseFiles(t) {
		for _, s := range scenarios(t, file) {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txt")+"/"+s.title, func(t *testing.T) {
				if d := cmp.Diff(s.text, s.play(newSimulated())); d != "" {
					t.Errorf("kernel (-), simulator (+):\n%s", d)
				}
			})
		}
	}
}

func TestUpdateIsOff(t *testing.T) {
	if *update {
		t.Error("-update is on: the answers were recorded, not compared")
	}
}
