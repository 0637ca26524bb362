package build

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// A randomCase is builds one after the other, with changes between. It is made of
// its seed alone.
type randomCase struct {
	seed   uint64
	rounds []round
}

// A round is one build of a random case.
type round struct {
	dockerfile string
	files      []contextFile
	flags      string // as the .flags of a recording
}

// randomDockerfile is the instructions of a Dockerfile, by stage; the first of a
// stage is its FROM.
type randomDockerfile struct {
	meta   []string
	stages [][]string
	writer []*stageWriter
}

func (d randomDockerfile) text() string {
	out := ""
	for _, m := range d.meta {
		out += m + "\n"
	}
	for _, st := range d.stages {
		out += strings.Join(st, "\n") + "\n"
	}
	return out
}

func newRandomDockerfile(r *rand.Rand, tars bool) randomDockerfile {
	var d randomDockerfile
	if r.IntN(4) == 0 {
		d.meta = append(d.meta, "ARG TAG=1.36", "ARG G="+pick(r, []string{"g", "a b", "${TAG}x"}))
	}
	n := 1 + r.IntN(3)
	var names []string
	likely := []string{"/home", "/etc/passwd", "/"}
	for i := range n {
		w := &stageWriter{r: r, index: i, names: slices.Clone(names), likely: slices.Clone(likely), tars: tars, paths: []string{"/a", "/x", "/d", "/etc/passwd"}}
		from := "scratch"
		switch {
		case i > 0 && r.IntN(4) == 0:
			k := r.IntN(i)
			from, w.shell = fmt.Sprintf("s%d", k), d.writer[k].shell
			w.paths = slices.Clone(d.writer[k].paths)
		case r.IntN(5) > 0:
			from, w.shell = "busybox:1.36", true
			if len(d.meta) > 0 {
				from = "busybox:${TAG}"
			}
			w.paths = append(w.paths, "/home", "/var/spool", "/etc/group", "/tmp", "/root")
		}
		st := []string{fmt.Sprintf("FROM %s AS s%d", from, i)}
		if r.IntN(3) == 0 {
			st = append(st, "ARG A="+pick(r, []string{"v.1.tar", "va/b", "x"}))
		}
		if len(d.meta) > 0 && r.IntN(2) == 0 {
			st = append(st, "ARG G", "ARG TAG")
		}
		for range 2 + r.IntN(14/n) {
			st = append(st, w.step())
		}
		d.stages = append(d.stages, st)
		d.writer = append(d.writer, w)
		likely = append(likely, w.paths[4:]...)
		names = append(names, fmt.Sprintf("s%d", i))
		if r.IntN(3) == 0 {
			names = append(names, fmt.Sprint(i))
		}
	}
	return d
}

// change does one thing to a Dockerfile.
func (d randomDockerfile) change(r *rand.Rand) randomDockerfile {
	out := d
	out.stages = nil
	for _, st := range d.stages {
		out.stages = append(out.stages, slices.Clone(st))
	}
	i := r.IntN(len(out.stages))
	st := out.stages[i]
	if len(st) < 3 {
		return out
	}
	at := 1 + r.IntN(len(st)-1)
	switch r.IntN(6) {
	case 0:
		out.stages[i] = slices.Delete(st, at, at+1)
	case 1:
		st[at] = d.writer[i].step()
	case 2:
		out.stages[i] = slices.Insert(st, at, d.writer[i].step())
	case 3:
		b := 1 + r.IntN(len(st)-1)
		st[at], st[b] = st[b], st[at]
	case 4:
		out.stages[i] = slices.Insert(st, at, pick(r, []string{"LABEL changed=1", "ENV CHANGED=1", "ARG CHANGED=2", "USER 0", "# changed", "CMD changed"}))
	case 5:
		for k, s := range st {
			if strings.HasPrefix(s, "ARG A=") || strings.HasPrefix(s, "ENV A=") {
				st[k] = s[:6] + "changed"
			}
		}
	}
	return out
}

func newRandomCase(t *testing.T, seed uint64) *randomCase {
	r := rand.New(rand.NewPCG(seed, 4))
	c := &randomCase{seed: seed}
	files := randomContext(t, r)
	tars := slices.ContainsFunc(files, func(f contextFile) bool { return f.path == "t.tar" })
	d := newRandomDockerfile(r, tars)
	flags := ""
	if r.IntN(4) == 0 {
		flags = pick(r, []string{"arg A=given\n", "arg B=b 1\n", "target s0\n", "label cli=1\n", "arg G=gg\n", "arg HTTP_PROXY=p\n"})
	}
	c.rounds = append(c.rounds, round{d.text(), files, flags})
	for n := r.IntN(3); n > 0; n-- {
		switch r.IntN(8) {
		case 0:
			c.rounds = append(c.rounds, c.rounds[0])
			continue
		case 1:
			flags = pick(r, []string{"", "arg A=other\n", "arg B=b2\n", "label cli=2\n", "arg HTTPS_PROXY=q\n", "no-cache s0\n"})
		case 2, 3, 4:
			d = d.change(r)
		default:
			files = changeContext(r, files, 1_100_000_000+int64(n))
		}
		c.rounds = append(c.rounds, round{d.text(), files, flags})
	}
	return c
}

func (c *randomCase) String() string {
	var b strings.Builder
	for i, r := range c.rounds {
		fmt.Fprintf(&b, "== seed %d, build %d %q\n", c.seed, i+1, r.flags)
		if i == 0 || r.dockerfile != c.rounds[i-1].dockerfile {
			b.WriteString(r.dockerfile)
		}
		for _, f := range r.files {
			if i == 0 && !slices.Contains(startContext(), f) || i > 0 && !slices.Contains(c.rounds[i-1].files, f) {
				fmt.Fprintf(&b, "   + %v\n", f)
			}
		}
		if i > 0 {
			for _, f := range c.rounds[i-1].files {
				if !slices.Contains(r.files, f) {
					fmt.Fprintf(&b, "   - %v\n", f)
				}
			}
		}
	}
	return b.String()
}
