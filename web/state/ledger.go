package state

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/tidwall/btree"

	"github.com/layerlab/layerlab/sim/cli"
	"github.com/layerlab/layerlab/sim/engine"
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

	origins btree.Map[string, Origin] // by path
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
	deed   int // its place among the Deeds, from 1; 0 when it is not kept there
}

// Origin is where the object at a path of the upper directory was copied up from.
func (l *Ledger) Origin(p string) (Origin, bool) {
	if l == nil {
		return Origin{}, false
	}
	return l.origins.Get(p)
}

// books are the ledgers of all containers after so many entries of a journal.
type books struct {
	entries int
	end     engine.State // after the last of them, which tells whether they are the same still
	of      map[string]*Ledger
}

// after is the ledgers after the given entries, by container. Those that were read
// the last time are not read again. What it gave before stays as it is. pause is
// called every few hundred events.
func (b *books) after(journal []cli.Entry, pause func()) map[string]*Ledger {
	if b.entries > len(journal) || b.entries > 0 && journal[b.entries-1].After != b.end {
		*b = books{}
	}
	next := maps.Clone(b.of)
	if next == nil {
		next = map[string]*Ledger{}
	}
	mine := map[string]bool{} // ledgers that nobody else has yet
	for _, e := range journal[b.entries:] {
		for i, ev := range e.Events {
			if i%256 == 255 {
				pause()
			}
			id := containerOf(ev)
			if id == "" {
				continue
			}
			if !mine[id] {
				mine[id] = true
				next[id] = next[id].copy()
			}
			next[id].Take(ev)
		}
		b.end = e.After
	}
	b.entries, b.of = len(journal), next
	return next
}

// copy is a ledger that can be written on without l changing; nil makes a new one.
func (l *Ledger) copy() *Ledger {
	if l == nil {
		return &Ledger{}
	}
	out := *l
	out.Deeds = slices.Clone(l.Deeds)
	out.origins = *l.origins.Copy()
	return &out
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

// note keeps a deed and says where among the Deeds, from 1; 0 when there are too
// many.
func (l *Ledger) note(d Deed) int {
	if len(l.Deeds) == maxDeeds {
		l.More++
		return 0
	}
	l.Deeds = append(l.Deeds, d)
	return len(l.Deeds)
}

func (l *Ledger) copiedUp(ev event.CopiedUp) {
	l.CopyUps += 1 + len(ev.Parents)
	l.Copied += ev.Bytes
	if ev.Bytes > 0 {
		l.Files++
	}
	for _, p := range ev.Parents {
		l.origins.Set(p, Origin{Why: ev.Why, For: ev.Path, Object: "directory"})
	}
	n := l.note(Deed{Kind: CopyUp, Path: ev.Path, From: ev.From + 1, Bytes: ev.Bytes, Object: ev.Kind, Why: ev.Why, Parents: ev.Parents})
	l.origins.Set(ev.Path, Origin{From: ev.From + 1, Why: ev.Why, Object: ev.Kind, deed: n})
}

// changed counts what is written to a file that had to be copied for it.
func (l *Ledger) changed(ev event.FileChanged) {
	o, copied := l.origins.Get(ev.Path)
	if !copied || ev.Bytes == 0 {
		return
	}
	l.Changed += ev.Bytes
	if o.deed > 0 && l.Deeds[o.deed-1].Path == ev.Path {
		l.Deeds[o.deed-1].Changed += ev.Bytes
	}
}

// forget drops where a path and all below it came from: it is another object now,
// or none.
func (l *Ledger) forget(p string) {
	for _, q := range l.below(p) {
		l.origins.Delete(q)
	}
	l.origins.Delete(p)
}

// below is the paths below p whose origin is known.
func (l *Ledger) below(p string) []string {
	var out []string
	l.origins.Ascend(p+"/", func(q string, _ Origin) bool {
		if !strings.HasPrefix(q, p+"/") {
			return false
		}
		out = append(out, q)
		return true
	})
	return out
}

func (l *Ledger) renamed(old, new string) {
	moved := map[string]Origin{}
	for _, q := range append(l.below(old), old) {
		if o, ok := l.origins.Get(q); ok {
			moved[path.Join(new, q[len(old):])] = o
		}
	}
	l.forget(new)
	l.forget(old)
	for q, o := range moved {
		l.origins.Set(q, o)
	}
}
