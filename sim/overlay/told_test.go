package overlay_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// What is in the upper after a call and was not before, or was and is not, or is
// another: the events of the call tell of it, all of it, and of nothing else.
func TestEventsTellAll(t *testing.T) {
	for seed := range uint64(120) {
		s := newSimulated()
		r := newRunner(s)
		var events []overlay.Event
		listen := func() {
			s.m = overlay.New(s.m.Lowers(), s.m.Upper(), overlay.Options{
				Now: func() tree.Time { return s.now }, Trace: func(e overlay.Event) { events = append(events, e) },
			})
			s.become(user)
		}
		listen()
		was := inUpper(s.m)
		for _, line := range randomScript(seed) {
			events = nil
			r.do(line)
			if line == "rotate" {
				listen()
				was = inUpper(s.m)
				continue
			}
			is := inUpper(s.m)
			gathered := strings.Contains(line, "fwrite ") || strings.Contains(line, "fpwrite ") // told by close
			if d := untold(was, is, events); d != "" && !gathered {
				t.Fatalf("seed %d, line %d, %s: %s; told: %s", seed, r.n, line, d, eventText(events))
			}
			was = is
		}
		r.finish()
	}
}

func eventText(events []overlay.Event) string {
	var out []string
	for _, e := range events {
		out = append(out, fmt.Sprintf("%T%+v", e, e))
	}
	return strings.Join(out, ", ")
}

// inUpper is what the upper holds by path. The times of a directory change with
// its names and do not count.
func inUpper(m *overlay.Mount) map[string]string {
	out := map[string]string{}
	m.Upper().Walk(func(p string, i tree.Ino, n *tree.Inode) bool {
		text := fmt.Sprintf("%d %o %d:%d %v %v", i, n.Mode, n.UID, n.GID, n.Opaque, n.Xattrs)
		if !n.IsDir() {
			text += fmt.Sprint(n.MTime, n.Content().Size())
		}
		out["/"+p] = text
		return true
	})
	return out
}

// untold is a difference that the events do not tell, or an event that tells of a
// path in the upper that is not so.
func untold(was, is map[string]string, events []overlay.Event) string {
	exact, below := map[string]bool{}, []string{}
	for _, e := range events {
		switch e := e.(type) {
		case overlay.CopiedUp:
			exact[e.Path] = true
			for _, p := range e.Parents {
				exact[p] = true
			}
			if _, there := was[e.Path]; there {
				return e.Path + " was in the upper before its copy-up"
			}
		case overlay.Created:
			exact[e.Path] = true
		case overlay.OpaqueMade:
			exact[e.Path] = true
			if !strings.Contains(is[e.Path], "true") {
				return e.Path + " is not opaque"
			}
		case overlay.Changed:
			exact[e.Path] = true
		case overlay.Whiteout:
			below = append(below, e.Path)
			if e.Hides < 0 || e.Bytes < 0 {
				return fmt.Sprintf("a whiteout of nothing: %+v", e)
			}
		case overlay.Removed:
			below = append(below, e.Path)
		case overlay.Renamed:
			below = append(below, e.Old, e.New)
		}
	}
	told := func(p string) bool {
		for _, b := range below {
			if p == b || strings.HasPrefix(p, b+"/") {
				return true
			}
		}
		return exact[p]
	}
	sameInode := map[string]bool{} // a further name changes with the one that is told
	for p := range exact {
		number, _, _ := strings.Cut(is[p], " ")
		sameInode[number] = true
	}
	for p, text := range is {
		number, _, _ := strings.Cut(text, " ")
		if was[p] != text && !told(p) && !(was[p] != "" && sameInode[number]) {
			return fmt.Sprintf("%s is %q, was %q", p, text, was[p])
		}
	}
	for p := range was {
		if _, there := is[p]; !there && !told(p) {
			return p + " is gone"
		}
	}
	return ""
}
