package mutate

import (
	"strings"
	"testing"

	"github.com/layerlab/layerlab/scripts/internal/repo"
)

// TestApplies sees that every mutation still finds what it breaks. That the tests
// notice is seen by go run ./scripts/test -mutate, for it takes a minute.
func TestApplies(t *testing.T) {
	root, err := repo.Root()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range Union {
		if b, err := Apply(root, m); err != nil {
			t.Error(err)
		} else if len(m.New) > 0 && !strings.Contains(string(b), m.New) {
			t.Errorf("%s: not broken", m.Rule)
		}
	}
}

func TestApplySaysWhatIsMissing(t *testing.T) {
	root, err := repo.Root()
	if err != nil {
		t.Fatal(err)
	}
	_, err = Apply(root, Mutation{Rule: "r", File: "sim/overlay/doc.go", Old: "no such text"})
	if err == nil || !strings.Contains(err.Error(), "0 times") {
		t.Errorf("a text that is not there: %v", err)
	}
}
