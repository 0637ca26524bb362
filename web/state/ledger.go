package state

import (
	"path"
	"strings"

	"github.com/layerlab/layerlab/sim/cli"
	"github.com/layerlab/layerlab/sim/event"
)

// A Ledger is what the writes of one container cost, as it happened: which files
// were copied up, from where, why, and what was hidden. It is read from the
// engine's events up to the present moment, so that going back in time takes it
// back too.
type Ledger struct {
	Deeds     []Deed // the first maxDeeds of them, oldest first
	More      int    // deeds that are counted and not kept
	CopyUps   int    // files, directories and links that were copied up
	Files     int    // of them, files that had bytes
	Copied    int64  // bytes copied up in total
	Changed   int64  // bytes that were then written to the copies
	Whiteouts int
	Hidden    int64 // bytes that the whiteouts hide and do not free

	origins map[string]Origin
}

// maxDeeds is how many deeds of a container are kept one by one.
const maxDeeds = 500

// A Deed is one thing that happened in a writable layer.
type Deed struct {
	Kind    FlightKind // CopyUp, Hide, MakeOpaque or Exdev
	Path    string
	From    int // number of the layer that was copied from or is hidden, from 1
	Bytes   int64
	Changed int64    // bytes written to the copy since
	Object  string   // what was copied: "file", "directory", …
	Why     string   // the call that needed it
	Parents []string // directories that were copied before it
}

// An Origin is where an object of the upper directory was copied up from.
type Origin struct {
	From   int    // number of the layer, from 1; 0 when it is only known that it was copied
	Why    string // the call
	For    string // of a directory that came along: the path that was copied up or made in it
	Object string
}

// Origin is where the object at a path of the upper directory was copied up from.
func (l *Ledger) Origin(p string) (Origin, bool) {
	if l == nil {
		return Origin{}, false
	}
	o, ok := l.origins[p]
	return o, ok
}

// readLedgers reads the events of a journal, by container.
func readLedgers(journal []cli.Entry) map[string]*Ledger {
	all := map[string]*Ledger{}
	for _, e := range journal {
		for _, ev := range e.Events {
			if id := containerOf(ev); id != "" {
				if all[id] == nil {
					all[id] = &Ledger{}
				}
				all[id].Take(ev)
			}
		}
	}
	return all
}

// containerOf is the container in which a file event took place.
func containerOf(ev event.Event) string {
	switch ev := ev.(type) {
	case event.CopiedUp:
		return ev.In.Container
	case event.Whiteout:
		return ev.In.Container
	case event.OpaqueMade:
		return ev.In.Container
	case event.FileCreated:
		return ev.In.Container
	case event.FileChanged:
		return ev.In.Container
	case event.FileRemoved:
		return ev.In.Container
	case event.FileRenamed:
		return ev.In.Container
	case event.CrossDevice:
		return ev.In.Container
	}
	return ""
}

// Take enters one event of the container's files; others change nothing.
func (l *Ledger) Take(ev event.Event) {
	if l.origins == nil {
		l.origins = map[string]Origin{}
	}
	switch ev := ev.(type) {
	case event.CopiedUp:
		l.copiedUp(ev)
	case event.Whiteout:
		l.Whiteouts++
		l.Hidden += ev.Bytes
		l.forget(ev.Path)
		l.note(Deed{Kind: Hide, Path: ev.Path, From: ev.Hides + 1, Bytes: ev.Bytes})
	case event.OpaqueMade:
		l.note(Deed{Kind: MakeOpaque, Path: ev.Path})
	case event.FileCreated:
		l.forget(ev.Path)
	case event.FileChanged:
		l.changed(ev)
	case event.FileRemoved:
		l.forget(ev.Path)
	case event.FileRenamed:
		l.renamed(ev.Old, ev.New)
	case event.CrossDevice:
		l.note(Deed{Kind: Exdev, Path: ev.Path})
	}
}

func (l *Ledger) note(d Deed) {
	if len(l.Deeds) == maxDeeds {
		l.More++
		return
	}
	l.Deeds = append(l.Deeds, d)
}

func (l *Ledger) copiedUp(ev event.CopiedUp) {
	l.CopyUps += 1 + len(ev.Parents)
	l.Copied += ev.Bytes
	if ev.Bytes > 0 {
		l.Files++
	}
	for _, p := range ev.Parents {
		l.origins[p] = Origin{Why: ev.Why, For: ev.Path, Object: "directory"}
	}
	l.origins[ev.Path] = Origin{From: ev.From + 1, Why: ev.Why, Object: ev.Kind}
	l.note(Deed{Kind: CopyUp, Path: ev.Path, From: ev.From + 1, Bytes: ev.Bytes, Object: ev.Kind, Why: ev.Why, Parents: ev.Parents})
}

// changed counts what is written to a file that had to be copied for it.
func (l *Ledger) changed(ev event.FileChanged) {
	if _, copied := l.origins[ev.Path]; !copied || ev.Bytes == 0 {
		return
	}
	l.Changed += ev.Bytes
	for i := len(l.Deeds) - 1; i >= 0; i-- {
		if d := &l.Deeds[i]; d.Kind == CopyUp && d.Path == ev.Path {
			d.Changed += ev.Bytes
			return
		}
	}
}

// forget drops where a path and all below it came from: it is another object now,
// or none.
func (l *Ledger) forget(p string) {
	for q := range l.origins {
		if q == p || strings.HasPrefix(q, p+"/") {
			delete(l.origins, q)
		}
	}
}

func (l *Ledger) renamed(old, new string) {
	moved := map[string]Origin{}
	for q, o := range l.origins {
		if q == old || strings.HasPrefix(q, old+"/") {
			moved[path.Join(new, q[len(old):])] = o
		}
	}
	l.forget(new)
	l.forget(old)
	for q, o := range moved {
		l.origins[q] = o
	}
}
