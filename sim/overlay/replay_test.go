package overlay_test

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// The answers of the kernel to random scripts are kept as fingerprints, one for
// each line, so that the scripts can be played where there is no root.
const (
	recordedFile    = "testdata/random.fingerprints"
	recordedScripts = 180
)

// fingerprints is, for each line of a script and a last rotation, four hexadecimal
// digits of what it said and of the merged tree after it; a rotation counts the
// upper directory and the layer too.
func fingerprints(s system, script []string) []string {
	r := newRunner(s)
	r.lines = true
	defer r.finish()
	r.dump()
	var out []string
	for _, line := range append(slices.Clone(script), "rotate") {
		h := sha256.New()
		if line == "rotate" {
			fmt.Fprintln(h, strings.Join(s.upper(), "\n"))
			h.Write(s.tar())
		}
		fmt.Fprintln(h, r.do(line))
		fmt.Fprintln(h, strings.Join(r.dump(), "\n"))
		out = append(out, fmt.Sprintf("%x", h.Sum(nil)[:2]))
	}
	return out
}

// scriptName tells scripts apart: the fingerprints are of no use for another.
func scriptName(script []string) string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(script, "\n"))))[:8]
}

// TestRandomRecorded plays random scripts and expects what the kernel answered when
// they were recorded.
func TestRandomRecorded(t *testing.T) {
	f, err := os.Open(recordedFile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	seen, ops := 0, 0
	for ; lines.Scan(); seen++ {
		var name, kernel string
		var seed uint64
		if _, err := fmt.Sscan(lines.Text(), &seed, &name, &kernel); err != nil {
			t.Fatalf("%s: %q: %v", recordedFile, lines.Text(), err)
		}
		script := randomScript(seed)
		if scriptName(script) != name {
			t.Fatalf("seed %d makes another script than when the kernel's answers were recorded: record them again (-update, as root)", seed)
		}
		ops += len(script)
		sim := strings.Join(fingerprints(newSimulated(), script), "")
		if sim == kernel {
			continue
		}
		for i := 0; i < len(sim); i += 4 {
			if sim[i:i+4] != kernel[i:i+4] {
				play := append(slices.Clone(script), "rotate")[:i/4+1]
				t.Fatalf("seed %d, line %d: the kernel's answer, tree or layer was another after\n  %s\nthe simulator has\n  %s",
					seed, i/4+1, strings.Join(play, "\n  "), strings.Join(after(play), "\n  "))
			}
		}
	}
	if seen != recordedScripts {
		t.Errorf("%s has %d scripts, expected %d", recordedFile, seen, recordedScripts)
	}
	t.Logf("%d operations in %d scripts", ops, seen)
}

// after is what the simulator says of the last line of a script, and its tree then.
func after(script []string) []string {
	r := newRunner(newSimulated())
	r.lines = true
	defer r.finish()
	var said string
	for _, line := range script {
		said = r.do(line)
	}
	return append([]string{fmt.Sprintf("%q", said)}, r.dump()...)
}
