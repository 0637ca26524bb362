package build

import (
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"
)

// decisions is what was decided in the last build, by line.
func (l *lab) decisions() map[int]Decision {
	out := map[int]Decision{}
	for _, e := range l.events {
		if d, ok := e.(StepDecided); ok {
			out[d.Decision.Line] = d.Decision
		}
	}
	return out
}

// with is files with those at the given paths as they are in old.
func with(files, old []contextFile, paths []FileChange) []contextFile {
	out := slices.Clone(files)
	for _, p := range paths {
		out = slices.DeleteFunc(out, func(f contextFile) bool { return f.path == p.Path })
		if i := slices.IndexFunc(old, func(f contextFile) bool { return f.path == p.Path }); i >= 0 {
			out = append(out, old[i])
			switch old[i].kind { // the content is another's
			case 'h':
				out = with(out, old, []FileChange{{Path: old[i].data}})
			case 'l':
				out = with(out, old, []FileChange{{Path: path.Join(path.Dir(p.Path), old[i].data)}})
			}
		}
	}
	return out
}

// What a reason names is the reason: of random builds, after one change to the
// context, a step that says which files it missed for hits when just these are
// again as they were; and a reason about the environment is a part of the key
// that differs.
func TestReasonsAreTheReasons(t *testing.T) {
	files, env := 0, 0
	for seed := uint64(1); seed <= 250; seed++ {
		c := newRandomCase(t, seed)
		r := rand.New(rand.NewPCG(seed, 5))
		first := c.rounds[0]
		l := newLab(t).withModel()
		first.ours(l)
		if l.last == nil {
			continue
		}
		before := l.b.Cache.Snapshot()
		changed := first
		if seed%3 == 0 {
			tars := strings.Contains(first.dockerfile, "t.t")
			d := newRandomDockerfile(rand.New(rand.NewPCG(seed, 4)), tars)
			if changed.dockerfile = d.change(r).text(); d.text() != first.dockerfile {
				changed.dockerfile = strings.Replace(first.dockerfile, "\nENV ", "\nENV SEED=1 ", 1)
			}
		} else {
			for range 1 + r.IntN(3) {
				changed.files = changeContext(r, changed.files, 1_100_000_000)
			}
		}
		changed.ours(l)
		for line, d := range l.decisions() {
			if d.Hit || d.Config || d.Err != nil {
				continue
			}
			differ := Differing(d.Parts())
			switch d.Reason.Kind {
			case EnvChanged, ArgChanged:
				if d.Reason.Name == "" {
					continue
				}
				env++
				if !slices.ContainsFunc(differ, func(p Part) bool {
					return (p.Kind == PartEnv || p.Kind == PartArg) && p.Name == d.Reason.Name && p.Was == d.Reason.Old && p.Value == d.Reason.New
				}) {
					t.Errorf("seed %d line %d: %s, but %v differ", seed, line, d.Reason.Text, differ)
				}
			case FilesChanged:
				if strings.Contains(d.Step, "from=") || first.dockerfile != changed.dockerfile {
					continue
				}
				files++
				again := changed
				again.files = with(changed.files, first.files, d.Reason.Files)
				l.b.Cache = before.Snapshot()
				again.ours(l)
				if got := l.decisions()[line]; !got.Hit && got.Reason.Kind != ParentChanged {
					t.Errorf("seed %d line %d %s: %s; with these as they were: %s", seed, line, d.Step, d.Reason.Text, got.Reason.Text)
				}
			}
		}
	}
	if files < 20 || env < 5 {
		t.Errorf("only %d steps missed for files and %d for the environment: the cases are too few", files, env)
	}
}
