package fsops

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func scriptFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts in testdata: ", err)
	}
	return files
}

// readScript is the requests of a file of testdata, and what the kernel answered
// to each when it was recorded ("" if it never was).
func readScript(t *testing.T, file string) (script, answers []string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "> "):
			script = append(script, line[2:])
			answers = append(answers, "")
		case strings.HasPrefix(line, "< ") && len(answers) > 0:
			answers[len(answers)-1] = line[2:]
		case line != "":
			t.Fatalf("%s: neither a request nor an answer: %s", file, line)
		}
	}
	return script, answers
}

// TestRecorded holds the model against what the kernel's overlayfs answered.
func TestRecorded(t *testing.T) {
	lowers := baseLowers(t)
	requests := 0
	for _, file := range scriptFiles(t) {
		script, answers := readScript(t, file)
		s := modelSession(lowers)
		for i, line := range script {
			requests++
			if got := s.do(line); got != answers[i] {
				t.Errorf("%s: request %d, %s:\n  kernel %s\n  model  %s", filepath.Base(file), i+1, line, answers[i], got)
			}
		}
		s.close()
	}
	if requests < 200 {
		t.Errorf("only %d requests are recorded", requests)
	}
}
