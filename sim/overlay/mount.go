package overlay

import (
	"io/fs"
	"slices"
	"sync"
	"syscall"

	"github.com/tidwall/btree"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/tree"
)

const defaultMaxBytes = 512 << 20

// A Mount is lower layers and one upper directory, seen as one tree.
type Mount struct {
	mu     sync.Mutex
	lowers []*tree.Tree
	upper  *tree.Tree // nil: read-only
	o      Options

	origin   btree.Map[tree.Ino, uint64] // st_ino of what was copied up, by number in the upper
	stamps   btree.Map[tree.Ino, stamp]  // access and change times of what the mount changed, by number in the upper
	open     map[tree.Ino]*handle        // inodes of the upper that have open files
	dirty    map[*handle]bool            // those with writes that are not in the tree yet
	readers  map[ref]map[*File]bool      // open files of lower layers
	files    map[*File]bool              // all that are open
	fifos    map[uint64]*fifo            // FIFOs that have open ends, by number
	nameless uint64                      // files that were made with OpenTmpfile
	base     *dentry                     // the root directory and, below it, those looked up before
	dentries int                         // how many
	held     int64                       // literal bytes of the upper; counted once measured is set
	measured bool
	events   []Event
}

// New is the mount of lowers, lowest first, below upper. The lowers are never
// changed and may be shared by any number of mounts; the upper is the mount's
// own from here on. A nil upper makes the mount read-only: writes fail with
// EROFS. The cost does not depend on what the layers hold.
func New(lowers []*tree.Tree, upper *tree.Tree, o Options) *Mount {
	if o.Now == nil {
		o.Now = func() tree.Time { return tree.Time{} }
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = defaultMaxBytes
	}
	return &Mount{
		lowers: slices.Clone(lowers), upper: upper, o: o,
		open: map[tree.Ino]*handle{}, dirty: map[*handle]bool{}, readers: map[ref]map[*File]bool{}, files: map[*File]bool{},
	}
}

// Upper is the upper directory, live: it changes with the mount. Take a snapshot
// of it to keep it. It is nil when the mount is read-only.
func (m *Mount) Upper() *tree.Tree {
	m.begin()
	defer m.end()
	m.forget() // in case the caller changes it
	return m.upper
}

// Revision tells the states of the upper directory apart, see tree.Tree.Revision;
// 0 when the mount is read-only.
func (m *Mount) Revision() uint64 {
	m.begin()
	defer m.end()
	if m.upper == nil {
		return 0
	}
	return m.upper.Revision()
}

// Lowers is the lower layers, lowest first.
func (m *Mount) Lowers() []*tree.Tree { return slices.Clone(m.lowers) }

// Snapshot is a mount of the same lowers whose upper starts as this one's is now;
// from then on they are independent. Open files stay with m.
func (m *Mount) Snapshot(o Options) *Mount {
	m.begin()
	defer m.end()
	var upper *tree.Tree
	if m.upper != nil {
		upper = m.upper.Snapshot()
	}
	out := New(m.lowers, upper, o)
	out.origin = *m.origin.Copy()
	out.stamps = *m.stamps.Copy()
	out.held, out.measured, out.nameless = m.held, m.measured, m.nameless
	return out
}

// begin takes the lock and brings the tree up to date with what was written to
// open files. Every exported call begins with it and ends with end.
func (m *Mount) begin() {
	m.mu.Lock()
	if m.dentries > maxDentries {
		m.forget()
	}
	for h := range m.dirty {
		m.flush(h)
	}
}

// end gives the lock back and tells the trace what happened.
func (m *Mount) end() {
	events := m.events
	m.events = nil
	m.mu.Unlock()
	for _, e := range events {
		m.o.Trace(e)
	}
}

func (m *Mount) emit(e Event) {
	if m.o.Trace != nil {
		m.events = append(m.events, e)
	}
}

// top is the number of the upper.
func (m *Mount) top() int { return len(m.lowers) }

func (m *Mount) tree(layer int) *tree.Tree {
	if layer == len(m.lowers) {
		return m.upper
	}
	return m.lowers[layer]
}

// used is the literal bytes that the upper holds.
func (m *Mount) used() int64 {
	if !m.measured {
		m.measured = true
		seen := map[tree.Ino]bool{}
		m.upper.Walk(func(_ string, i tree.Ino, n *tree.Inode) bool {
			if n.Nlink > 1 && n.IsRegular() && seen[i] {
				return true
			}
			seen[i] = true
			m.held += content.Held(n.Content())
			return true
		})
	}
	return m.held
}

// room answers ENOSPC when replacing the body old by new would take more than
// the mount may hold, and counts the difference if not.
func (m *Mount) room(old, new content.Body) error {
	more := content.Held(new) - content.Held(old)
	if more > 0 && m.used()+more > m.o.MaxBytes {
		return syscall.ENOSPC
	}
	if m.measured {
		m.held += more
	}
	return nil
}

// A View is the system calls of one user on a mount. Paths are slash-separated
// and start at the mount's root, whether or not they begin with a slash;
// symbolic links never lead out of it. Errors are *PathError.
type View struct {
	m        *Mount
	c        Cred
	from, to *File // where relative paths begin; nil: at the root
}

// As is the mount as the user c sees it.
func (m *Mount) As(c Cred) *View { return &View{m: m, c: c} }

// Root is the mount as the engine itself sees it: root with CAP_SYS_ADMIN and umask
// 022.
func (m *Mount) Root() *View { return m.As(Cred{Umask: 0o022, Admin: true}) }

// Mount is the mount that v is a view of.
func (v *View) Mount() *Mount { return v.m }

// Cred is whom v acts as.
func (v *View) Cred() Cred { return v.c }

func fail(op, p string, err error) error {
	if err == nil {
		return nil
	}
	return &fs.PathError{Op: op, Path: p, Err: err}
}
