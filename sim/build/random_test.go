package build

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// recordedCases is what Docker Engine 29.9.3 made of random cases: "seed N", and
// for each of its builds a line as brief gives it.
const recordedCases = "testdata/random.txt"

// brief is an answer in a line: the manifest's digest, or the error and where it
// stands; and of each step in the order of their names whether it was cached (C)
// or done (D).
func (a answer) brief() string {
	lines := strings.Split(a.text, "\n")
	out := lines[0]
	if strings.HasPrefix(out, "ERROR ") && len(lines) > 1 {
		out += " " + lines[1]
	}
	steps := slices.Clone(a.steps)
	slices.SortFunc(steps, func(a, b string) int {
		return strings.Compare(strings.TrimLeft(a, "ACDEHNO"), strings.TrimLeft(b, "ACDEHNO"))
	})
	for i, s := range steps {
		if i == 0 {
			out += " "
		}
		out += s[:1]
	}
	return out
}

// Random Dockerfiles and contexts, built up to three times with changes between:
// digests, errors and what was cached.
func TestRandomBuildsAreBuildKits(t *testing.T) {
	data, err := os.ReadFile(recordedCases)
	if err != nil {
		t.Fatal(err)
	}
	for _, rec := range strings.Split(string(data), "seed ")[1:] {
		number, want, _ := strings.Cut(strings.TrimSpace(rec), "\n")
		var seed uint64
		if _, err := fmt.Sscan(number, &seed); err != nil {
			t.Fatal(err)
		}
		t.Run(number, func(t *testing.T) {
			c := newRandomCase(t, seed)
			var got []string
			c.play(t, func(i int, _ *lab, ours answer) {
				if i == 0 {
					ours.steps = nil
				}
				got = append(got, ours.brief())
			})
			if diff := cmp.Diff(strings.Split(want, "\n"), got); diff != "" {
				t.Errorf("%v(-Docker +ours):\n%s", c, diff)
			}
		})
	}
}

// keepAnswers adds what Docker made of a case to the recorded ones.
func (c *randomCase) keepAnswers(t *testing.T, theirs []answer) {
	f, err := os.OpenFile(recordedCases, os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	fmt.Fprintf(f, "seed %d\n", c.seed)
	for _, a := range theirs {
		fmt.Fprintln(f, a.brief())
	}
}
