package fsops

import (
	"io"
	"slices"
	"strings"
	"syscall"

	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// Start is the time at which a model's clock begins: 2023-11-14T22:13:20Z. It goes
// on by one second before each operation.
var Start = tree.Time{Sec: 1_700_000_000}

// A Model is a mount of package overlay as a System.
type Model struct {
	first    []Lower // as at the start
	noUpper  bool    // as at the start
	lowers   []Lower
	m        *overlay.Mount
	writable *overlay.Mount // what m was before it was made read-only
	v        *overlay.View
	user     User
	cwd      *overlay.File // nil: the root
	now      tree.Time
	passing  *overlay.File // open until the next operation
	tracing  bool
	events   []overlay.Event
}

var _ System = (*Model)(nil)

// NewModel is the union of lowers, lowest first, below an empty upper directory, or
// without one.
func NewModel(lowers []Lower, noUpper bool) *Model {
	if len(lowers) == 0 {
		lowers = []Lower{{Name: "an empty directory", Tree: tree.New(Start)}}
	}
	s := &Model{first: lowers, noUpper: noUpper}
	s.Reset()
	return s
}

// Reset goes back to the start.
func (s *Model) Reset() error {
	s.lowers, s.now, s.writable, s.events = slices.Clone(s.first), Start, nil, nil
	if s.noUpper {
		s.mount(overlay.New(s.trees(), nil, s.options()))
	} else {
		s.mount(overlay.New(s.trees(), tree.New(Start), s.options()))
	}
	return nil
}

func (s *Model) trees() []*tree.Tree {
	var out []*tree.Tree
	for _, l := range s.lowers {
		out = append(out, l.Tree)
	}
	return out
}

func (s *Model) options() overlay.Options {
	return overlay.Options{
		Now: func() tree.Time { return s.now },
		Trace: func(e overlay.Event) {
			if s.tracing {
				s.events = append(s.events, e)
			}
		},
	}
}

func (s *Model) mount(m *overlay.Mount) {
	s.m, s.cwd = m, nil
	s.Become(s.user)
}

// Rotate makes the upper directory the topmost lower layer.
func (s *Model) Rotate() error {
	if s.m.Upper() == nil {
		return bad("op", "the mount is read-only: there is no upper directory to rotate")
	}
	name := "the upper directory of rotation " + decimal(len(s.lowers)-len(s.first)+1)
	s.lowers = append(s.lowers, Lower{Name: name, Tree: s.m.Upper()})
	s.mount(overlay.New(s.trees(), tree.New(s.now), s.options()))
	return nil
}

// Remount takes the mount down and up again.
func (s *Model) Remount(readOnly bool) error {
	if s.writable == nil && s.m.Upper() != nil {
		s.writable = s.m
	}
	switch {
	case !readOnly && s.writable == nil:
		return bad("readonly", "false: there is no upper directory (-upper none)")
	case !readOnly:
		s.mount(s.writable.Snapshot(s.options()))
		s.writable = nil
	case s.writable != nil:
		s.mount(overlay.New(append(s.trees(), s.writable.Upper()), nil, s.options()))
	default:
		s.mount(overlay.New(s.trees(), nil, s.options()))
	}
	return nil
}

// Sleep lets the clock go on.
func (s *Model) Sleep(t tree.Time) {
	s.now.Sec += t.Sec
	if s.now.Nsec += t.Nsec; s.now.Nsec >= 1e9 {
		s.now.Sec, s.now.Nsec = s.now.Sec+1, s.now.Nsec-1e9
	}
}

// Become sets who calls.
func (s *Model) Become(u User) {
	s.user = u
	s.v = s.m.As(overlay.Cred{UID: u.UID, GID: u.GID, Groups: u.Groups, Umask: u.Umask})
}

// tick begins an operation: the clock goes on, and if events are wanted those of
// the operation before are forgotten.
func (s *Model) tick(traced bool) {
	s.Sleep(tree.Time{Sec: 1})
	if s.passing != nil {
		s.passing.Close()
		s.passing = nil
	}
	if s.tracing = traced; traced {
		s.events = nil
	}
}

// A modelFile is an open file with the names of a directory that are still to be
// told.
type modelFile struct {
	*overlay.File
	path   bool // opened with O_PATH
	writes bool // opened for writing
	begun  bool // the names have been told
	opener User
}

// at is who calls, with relative paths that begin in a directory.
func (s *Model) at(dir Dir, path string) (*overlay.View, error) {
	switch d := dir.(type) {
	case *modelFile:
		return s.v.At(d.File), nil
	case special:
		if d == badFD && path != "" && len(path) < 4096 && path[0] != '/' {
			return nil, syscall.EBADF
		}
	}
	return s.here(), nil
}

func (s *Model) here() *overlay.View { return s.v.At(s.cwd) }

// Chdir is chdir(2).
func (s *Model) Chdir(p string) error {
	f, err := s.here().Open(p, overlay.OpenPath|overlay.OpenDirectory, 0)
	if err != nil {
		return err
	}
	return s.enter(f)
}

// enter makes an open directory the working directory.
func (s *Model) enter(f *overlay.File) error {
	st, err := f.Stat()
	if err != nil {
		return err
	}
	if !st.IsDir() {
		return syscall.ENOTDIR
	}
	if err := s.v.At(f).Access(".", 1); err != nil {
		f.Close()
		return err
	}
	if s.cwd != nil {
		s.cwd.Close()
	}
	s.cwd = f
	return nil
}

// Fchdir is fchdir(2).
func (s *Model) Fchdir(h Handle) error {
	f := h.(*modelFile)
	st, err := f.Stat()
	if err != nil {
		return err
	}
	if !st.IsDir() {
		return syscall.ENOTDIR
	}
	again, err := s.m.Root().Open(f.Path(), overlay.OpenPath|overlay.OpenDirectory, 0)
	if err != nil {
		return err
	}
	return s.enter(again)
}

// Getcwd is getcwd(2).
func (s *Model) Getcwd() (string, error) {
	if s.cwd == nil {
		return "/", nil
	}
	if _, err := s.m.Root().Lstat(s.cwd.Path()); err != nil {
		return "", syscall.ENOENT
	}
	return s.cwd.Path(), nil
}

// Statfs is statfs(2).
func (s *Model) Statfs(p string) (Statfs, error) {
	if _, err := s.here().Stat(p); err != nil {
		return Statfs{}, err
	}
	return s.Fstatfs(nil)
}

// Fstatfs is fstatfs(2).
func (s *Model) Fstatfs(Handle) (Statfs, error) {
	t := s.v.Statfs()
	return Statfs{
		Type: t.Type, Bsize: t.BlockSize, Namelen: t.NameMax, Blocks: uint64(t.Blocks), Bfree: uint64(t.Free), Files: uint64(t.MaxFiles), ReadOnly: t.ReadOnly,
	}, nil
}

// Upper is the upper directory as the kernel would store it.
func (s *Model) Upper() ([]Stored, error) {
	m := s.m
	if s.writable != nil {
		m = s.writable
	}
	up := m.Upper()
	if up == nil {
		return nil, nil
	}
	var out []Stored
	up.Walk(func(p string, i tree.Ino, n *tree.Inode) bool {
		x := n.Xattrs
		if n.Opaque {
			y := "y"
			x = tree.WithXattr(x, opaqueXattr, &y)
		}
		st := Stat{
			Dev: modelDev, Ino: uint64(i), Mode: n.Mode, Nlink: uint64(n.Nlink), UID: n.UID, GID: n.GID, Major: n.Major, Minor: n.Minor,
			Size: n.Size(), Atime: n.MTime, Mtime: n.MTime, Ctime: n.MTime,
		}
		out = append(out, Stored{Path: "/" + strings.TrimPrefix(p, "/"), Stat: st, Target: n.Target, Xattrs: x})
		return true
	})
	return out, nil
}

const (
	opaqueXattr = "trusted.overlay.opaque"
	modelDev    = 42 // st_dev, the same for all of a mount whose layers are on one file system
)

// readFull reads until p is full or nothing follows: read(2) of a file.
func readFull(p []byte, read func([]byte) (int, error)) (int, error) {
	done := 0
	for done < len(p) {
		n, err := read(p[done:])
		done += n
		if err == io.EOF {
			break
		}
		if err != nil {
			if done > 0 {
				break
			}
			return 0, err
		}
	}
	return done, nil
}
