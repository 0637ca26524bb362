package npm

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/layerlab/layerlab/assets"
	"github.com/layerlab/layerlab/sim/catalog"
)

// TestRanges' answers are node-semver's.
func TestRanges(t *testing.T) {
	for _, c := range []struct {
		r, v string
		want bool
	}{
		{"^1.2.3", "1.9.0", true}, {"^1.2.3", "2.0.0", false}, {"^0.2.3", "0.2.9", true}, {"^0.2.3", "0.3.0", false}, {"^0.0.3", "0.0.4", false}, {"~1.2", "1.2.9", true}, {"~1.2.3", "1.3.0", false},
		{"1.x", "1.5.0", true}, {"1", "2.0.0", false}, {">=1 <3", "2.9.9", true}, {">= 1.0 || 5", "0.9.0", false}, {"1.0.0 - 2", "2.9.0", true}, {"^1.0.0-beta.2", "1.0.0-beta.10", true},
		{"^1.0.0-beta.2", "1.0.1-beta.10", false}, {"<2", "2.0.0-rc.1", false}, {"3.1.4", "3.1.4", true}, {">1", "1.9.9", false}, {"^16.8.0 || ^17 || ^18", "18.3.1", true}, {"<=1.4", "1.4.9", true}, {"v1.2.3", "1.2.3", true},
	} {
		if got := Meets(c.r, c.v); got != c.want {
			t.Errorf("%s and %s: %v", c.r, c.v, got)
		}
	}
}

func index(t *testing.T) *Index {
	t.Helper()
	text, err := catalog.Load(context.Background(), assets.Catalog{}, DataFile, "the index")
	if err != nil {
		t.Fatal(err)
	}
	x, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// days are those of testdata/trees.txt.
var days = []time.Time{time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC), time.Date(2026, 7, 2, 0, 0, 0, 0, time.UTC)}

// TestTreesAsRecorded holds the layout of node_modules against lock files that npm
// wrote for each package of the catalogue on two days: how many packages, and the
// first half of the SHA-256 of the sorted lines "PATH@VERSION", without those for
// other platforms.
func TestTreesAsRecorded(t *testing.T) {
	text, err := os.ReadFile("testdata/trees.txt")
	if err != nil {
		t.Fatal(err)
	}
	x := index(t)
	trees, packages, differ := 0, 0, []string{}
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		depends := map[string]string{}
		for _, w := range f[3:] {
			i := strings.LastIndexByte(w, '@')
			depends[w[:i]] = w[i+1:]
		}
		nodes, err := x.Layout(context.Background(), &Project{Depends: depends, Day: days[f[0][0]-'0']})
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		var got []string
		for _, n := range nodes {
			got = append(got, n.Path+"@"+n.Version+"\n")
		}
		slices.Sort(got)
		trees++
		packages += len(nodes)
		if sum := sha256.Sum256([]byte(strings.Join(got, ""))); f[1] != fmt.Sprint(len(got)) || f[2] != fmt.Sprintf("%x", sum[:8]) {
			differ = append(differ, fmt.Sprintf("%s has %s packages, laid out were %d", strings.Join(f[3:], " "), f[1], len(got)))
		}
	}
	// What differs: optional packages of WebAssembly that npm writes down and does not
	// install, and sets of peers that npm backtracks for.
	if trees < 250 || len(differ) > trees/12 {
		t.Errorf("of %d trees with %d packages %d differ:\n%s", trees, packages, len(differ), strings.Join(differ, "\n"))
	}
}

// TestTheRegistryMovesOn: the same range means other versions later.
func TestTheRegistryMovesOn(t *testing.T) {
	x := index(t)
	early, err := x.Pick("axios", "^1.0.0", days[0])
	if err != nil {
		t.Fatal(err)
	}
	later, err := x.Pick("axios", "^1.0.0", days[1])
	if err != nil || later.sematic.compare(early.sematic) <= 0 {
		t.Errorf("first %s, later %s: %v", early.Version, later.Version, err)
	}
}

func TestWhatIsNotThere(t *testing.T) {
	x := index(t)
	var lost *NoVersion
	if _, err := x.Pick("nonesuch", "^1", days[0]); !errors.As(err, &lost) || !lost.Unknown {
		t.Error(err)
	}
	if _, err := x.Pick("express", "^99", days[0]); !errors.As(err, &lost) || lost.Unknown {
		t.Error(err)
	}
	if p := x.Locked("nonesuch", "1.2.3"); !p.MadeUp || p.Size == 0 || p.Files == 0 {
		t.Errorf("%+v", p)
	}
	if p, err := x.Pick("express", "3.1.4", days[0]); err != nil || p.Version != "3.1.4" || !p.MadeUp {
		t.Errorf("%+v, %v", p, err)
	}
}
