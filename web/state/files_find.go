package state

import (
	"context"
	"path"
	"strings"
	"time"
)

type (
	// FindFiles looks for the paths of a tree that match a text, without
	// holding the page up, and tells FilesFound a few times a second. A search
	// ends the one before.
	FindFiles struct {
		N      int
		Source *FileSource // nil only ends the search
		Text   string
	}
	// FilesFound is what a search found since the last message.
	FilesFound struct {
		N      int
		Rows   []FileRow
		Looked int
		More   int
		Done   bool
	}
)

// filter takes the text of the filter.
func (s *State) filter(text string) {
	f := &s.Files
	if text == f.Filter {
		return
	}
	f.Filter = text
	if strings.TrimSpace(text) != "" {
		s.find()
		return
	}
	f.finds++
	s.want(FindFiles{N: f.finds})
	f.Found = nil
	s.layRows()
	if f.At >= 0 {
		s.keepInSight()
		return
	}
	f.revealed = ""
	s.reveal()
}

// find starts a search. The rows of the one before stay until it finds something.
func (s *State) find() {
	f := &s.Files
	if f.Source == nil {
		return
	}
	f.finds++
	found := Found{N: f.finds, Of: f.Source.Names()}
	if f.Found != nil {
		found.Rows = f.Found.Rows
	} else {
		f.First = 0
	}
	f.Found = &found
	s.want(FindFiles{f.finds, f.Source, f.Filter})
}

// takeFound adds what was found.
func (s *State) takeFound(m FilesFound) {
	f := &s.Files
	if f.Found == nil || m.N != f.Found.N {
		return
	}
	next := *f.Found
	if next.Looked == 0 {
		next.Rows = nil // of the search before
		f.First = 0
		f.Reveal++
	}
	next.Rows = append(next.Rows[:len(next.Rows):len(next.Rows)], m.Rows...)
	next.Looked, next.More, next.Done = max(m.Looked, 1), m.More, m.Done
	f.Found = &next
	s.layRows()
}

// maxFound is how many rows a search may have.
const maxFound = 50000

// findFiles does a search.
func (r *Runner) findFiles(e FindFiles) {
	r.mu.Lock()
	if r.find != nil {
		r.find()
	}
	ctx, cancel := context.WithCancel(context.Background())
	r.find = cancel
	r.mu.Unlock()
	if e.Source == nil {
		return
	}
	go func() {
		w := &finder{ctx: ctx, pause: r.b.Pause, src: e.Source, match: matcher(e.Text), N: e.N,
			tell: func(m FilesFound) {
				if ctx.Err() == nil {
					r.dispatch(m)
				}
			}}
		if w.walk("/", 0) == nil {
			w.report(true)
		}
	}()
}

// A finder walks a tree.
type finder struct {
	ctx   context.Context
	pause func(context.Context) error
	src   *FileSource
	match func(p, name string) bool
	tell  func(FilesFound)
	N     int

	rows   []FileRow
	count  int
	more   int
	looked int
	last   time.Time
}

func (w *finder) walk(dir string, level int) error {
	if level > maxLevel*10 {
		return nil
	}
	if err := w.pause(w.ctx); err != nil {
		return err
	}
	err := w.src.Each(dir, true, func(e FileEntry) error {
		p := join(dir, e.Name)
		if w.looked++; w.looked%64 == 0 {
			if err := w.pause(w.ctx); err != nil {
				return err
			}
		}
		if w.match(p, e.Name) {
			if w.count++; w.count <= maxFound {
				w.rows = append(w.rows, FileRow{FileEntry: e, Path: p, Level: 1, Pos: w.count})
			} else {
				w.more++
			}
		}
		if e.Expands() {
			return w.walk(p, level+1)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if now := time.Now(); now.Sub(w.last) > 150*time.Millisecond {
		w.last = now
		w.report(false)
	}
	return nil
}

func (w *finder) report(done bool) {
	w.tell(FilesFound{N: w.N, Rows: w.rows, Looked: w.looked, More: w.more, Done: done})
	w.rows = nil
}

// matcher is what a filter matches: a path that holds the text, without regard to
// case unless the text has capitals; with *, ? or [, a name or, if the text has
// a slash, a whole path.
func matcher(text string) func(p, name string) bool {
	text = strings.TrimSpace(text)
	fold := text == strings.ToLower(text)
	lower := func(s string) string {
		if fold {
			return strings.ToLower(s)
		}
		return s
	}
	if !strings.ContainsAny(text, "*?[") {
		return func(p, _ string) bool { return strings.Contains(lower(p), text) }
	}
	if !strings.Contains(text, "/") {
		return func(_, name string) bool { ok, _ := path.Match(text, lower(name)); return ok }
	}
	if !strings.HasPrefix(text, "/") {
		text = "/" + text
	}
	return func(p, _ string) bool { ok, _ := path.Match(text, lower(p)); return ok }
}
