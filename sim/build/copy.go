package build

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"syscall"

	"github.com/moby/patternmatcher"

	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// owner is the user that --chown names; nil keeps owners as they are.
type owner struct{ uid, gid uint32 }

// A copier copies files as COPY does (the rules are those of BuildKit's fsutil:
// contents of directories, symbolic links inside them kept, metadata kept).
type copier struct {
	src, dst *overlay.View
	action   *copyAction
	own      *owner
	change   modeChange
	now      tree.Time
	links    map[uint64]string // where an inode with several names was copied to
	include  *patternmatcher.PatternMatcher
	exclude  *patternmatcher.PatternMatcher
	parents  []parentDir // directories that are made when something in them is
	contents bool        // copy a directory's contents, not itself
	pause    func() error
	seen     int
}

type parentDir struct {
	src, dst string
	made     bool
}

// copyOne copies one source, given without wildcards, to the action's Dest.
func (c *copier) copyOne(src string) error {
	var err error
	if c.action.Parents != "" {
		if c.include, err = patternmatcher.New([]string{c.action.Parents}); err != nil {
			return fmt.Errorf("invalid includepatterns: %s: %w", c.action.Parents, err)
		}
	}
	if len(c.action.Exclude) > 0 {
		if c.exclude, err = patternmatcher.New(c.action.Exclude); err != nil {
			return fmt.Errorf("invalid excludepatterns: %s: %w", c.action.Exclude, err)
		}
	}
	if c.change, err = c.modeLetters(); err != nil {
		return err
	}
	dest := cleanSource(c.action.Dest)
	ensure := dest
	if dir, file := path.Split(dest); file != "" && file != "." {
		ensure = dir
	}
	if ensure, err = rootPath(c.dst, ensure, true); err != nil {
		return err
	}
	if err := c.mkdirAll(ensure); err != nil {
		return err
	}
	if dest, err = rootPath(c.dst, dest, true); err != nil {
		return err
	}
	from, err := rootPath(c.src, src, c.contents)
	if err != nil {
		return err
	}
	target, err := c.prepareTarget(from, src, dest)
	if err != nil {
		return err
	}
	c.links = map[uint64]string{}
	return c.copy(from, "", target, false, patternmatcher.MatchInfo{}, patternmatcher.MatchInfo{})
}

func (c *copier) modeLetters() (modeChange, error) {
	if c.action.ModeStr == "" {
		return nil, nil
	}
	return parseMode(c.action.ModeStr)
}

// prepareTarget is the path that a source becomes: below the destination if that
// is a directory and the source is none.
func (c *copier) prepareTarget(from, src, dest string) (string, error) {
	s, err := c.src.Lstat(from)
	if err != nil {
		return "", err
	}
	d, err := c.dst.Stat(dest)
	there := err == nil
	if err != nil && !notThere(err) {
		return "", fmt.Errorf("failed to lstat destination path: %w", err)
	}
	if there && (!c.contents && s.IsDir() || !s.IsDir() && d.IsDir()) {
		dest = path.Join(dest, path.Base(src))
	}
	parent := path.Dir(dest)
	if c.contents && s.IsDir() && !there {
		parent = dest
	}
	return dest, c.mkdirAll(parent)
}

// mkdirAll makes a directory and those above it that are missing, with the
// owner of --chown and the mode of --chmod if that is a number.
func (c *copier) mkdirAll(p string) error {
	perm := uint32(0o755)
	if c.action.Mode != nil {
		perm = *c.action.Mode & 0o777
	}
	return mkdirAll(c.dst, p, perm, c.own, nil)
}

// mkdirAll makes a directory and those above it that are missing; at, if given,
// is their modification time.
func mkdirAll(v *overlay.View, p string, perm uint32, own *owner, at *tree.Time) error {
	if st, err := v.Stat(p); err == nil {
		if st.IsDir() {
			return nil
		}
		return &fs.PathError{Op: "mkdir", Path: p, Err: syscall.ENOTDIR}
	}
	if parent := path.Dir(p); parent != p {
		if err := mkdirAll(v, parent, perm, own, at); err != nil {
			return err
		}
	}
	if err := v.Mkdir(p, perm); err != nil {
		return err
	}
	if err := v.Chmod(p, perm); err != nil {
		return err
	}
	if own != nil {
		if err := v.Lchown(p, int(own.uid), int(own.gid)); err != nil {
			return err
		}
	}
	if at != nil {
		return v.Utimes(p, *at)
	}
	return nil
}

// copy copies one object and what is below it. rel is its path from the source,
// "" for the source itself; keep says that a directory that is already there
// takes the source's metadata.
func (c *copier) copy(src, rel, target string, keep bool, in, ex patternmatcher.MatchInfo) error {
	if c.seen++; c.seen%128 == 0 {
		if err := c.pause(); err != nil {
			return err
		}
	}
	take, excluded, in, ex, err := c.selected(rel, in, ex)
	if err != nil {
		return err
	}
	if !take && c.include == nil && (c.exclude == nil || !c.exclude.Exclusions()) {
		return nil
	}
	st, err := c.src.Lstat(src)
	if err != nil {
		return fmt.Errorf("failed to stat %s: %w", src, err)
	}
	if take {
		if err := c.makeParents(keep); err != nil {
			return err
		}
	}
	if st.IsDir() {
		return c.copyDir(src, rel, target, st, keep, take, excluded, in, ex)
	}
	if !take {
		return nil
	}
	return c.copyFile(src, target, st)
}

// selected reports what --parents and --exclude say of a path.
func (c *copier) selected(rel string, in, ex patternmatcher.MatchInfo) (take, excluded bool, _, _ patternmatcher.MatchInfo, err error) {
	take = true
	if rel == "" {
		return true, false, in, ex, nil
	}
	if c.include != nil {
		if take, in, err = c.include.MatchesUsingParentResults(rel, in); err != nil {
			return false, false, in, ex, fmt.Errorf("failed to match includepatterns: %w", err)
		}
	}
	if c.exclude != nil {
		if excluded, ex, err = c.exclude.MatchesUsingParentResults(rel, ex); err != nil {
			return false, false, in, ex, fmt.Errorf("failed to match excludepatterns: %w", err)
		}
	}
	return take && !excluded, excluded, in, ex, nil
}

func (c *copier) copyDir(src, rel, target string, st overlay.Stat, keep, take, excluded bool, in, ex patternmatcher.MatchInfo) error {
	created := false
	if take {
		var err error
		if created, err = c.makeDir(target, st, keep); err != nil {
			return err
		}
	}
	c.parents = append(c.parents, parentDir{src, target, take})
	defer func() { c.parents = c.parents[:len(c.parents)-1] }()
	if !excluded || c.exclude.Exclusions() {
		entries, err := c.src.ReadDir(src)
		if err != nil {
			return fmt.Errorf("failed to read %s: %w", src, err)
		}
		for _, e := range entries {
			if err := c.copy(path.Join(src, e.Name), path.Join(rel, e.Name), path.Join(target, e.Name), true, in, ex); err != nil {
				return err
			}
		}
	}
	switch {
	case !take:
		return nil
	case created || keep:
		return c.setMeta(src, target, st)
	}
	return c.dst.Utimes(target, c.timeOf(st))
}

// makeDir makes a directory if it is not there, and reports whether it did.
func (c *copier) makeDir(target string, st overlay.Stat, keep bool) (created bool, err error) {
	d, err := c.dst.Lstat(target)
	switch {
	case err != nil && !notThere(err):
		return false, err
	case err != nil:
		return true, c.dst.Mkdir(target, st.Perm())
	case !d.IsDir():
		return false, fmt.Errorf("cannot copy to non-directory: %s", target)
	case keep:
		return false, c.dst.Chmod(target, st.Perm())
	}
	return false, nil
}

// makeParents makes the directories that were put off until something in them
// is copied.
func (c *copier) makeParents(keep bool) error {
	for i := range c.parents {
		p := &c.parents[i]
		if p.made {
			continue
		}
		st, err := c.src.Stat(p.src)
		if err != nil {
			return err
		}
		created, err := c.makeDir(p.dst, st, keep)
		if err != nil {
			return err
		}
		if created {
			if err := c.setMeta(p.src, p.dst, st); err != nil {
				return err
			}
		}
		p.made = true
	}
	return nil
}

func (c *copier) copyFile(src, target string, st overlay.Stat) error {
	d, err := c.dst.Lstat(target)
	switch {
	case err == nil && d.IsDir():
		return fmt.Errorf("cannot replace to directory %s with file", target)
	case err == nil:
		if err := c.dst.Unlink(target); err != nil {
			return err
		}
	case !notThere(err):
		return fmt.Errorf("failed to lstat file target: %w", err)
	}
	switch st.Type() {
	case tree.Regular:
		if st.Nlink > 1 {
			if first, ok := c.links[st.Ino]; ok {
				return c.dst.Link(first, target)
			}
			c.links[st.Ino] = target
		}
		body, err := c.src.Body(src)
		if err != nil {
			return fmt.Errorf("failed to open source %s: %w", src, err)
		}
		uid, gid := c.ownerOf(st)
		return c.dst.SetBody(target, body, &overlay.Meta{Perm: c.modeOf(st) & tree.PermMask, UID: uid, GID: gid, MTime: st.MTime, Xattrs: xattrs(c.src, src)})
	case tree.Symlink:
		if err := c.dst.Symlink(st.Target, target); err != nil {
			return fmt.Errorf("failed to create symlink: %s: %w", target, err)
		}
	case tree.Socket:
		return nil
	default:
		if err := c.dst.Mknod(target, st.Mode, st.Major, st.Minor); err != nil {
			return fmt.Errorf("failed to create device: %w", err)
		}
	}
	return c.setMeta(src, target, st)
}

func (c *copier) ownerOf(st overlay.Stat) (uid, gid uint32) {
	if c.own != nil {
		return c.own.uid, c.own.gid
	}
	return st.UID, st.GID
}

// modeOf is the mode that a copy of st gets.
func (c *copier) modeOf(st overlay.Stat) uint32 {
	switch {
	case c.change != nil:
		return c.change.apply(st.Mode)
	case c.action.Mode != nil:
		return st.Type() | *c.action.Mode
	}
	return st.Mode
}

// setMeta gives a copy its owner, mode and time.
func (c *copier) setMeta(src, target string, st overlay.Stat) error {
	uid, gid := c.ownerOf(st)
	if err := c.dst.Lchown(target, int(uid), int(gid)); err != nil {
		return fmt.Errorf("failed to chown %s: %w", target, err)
	}
	if !st.IsSymlink() {
		if err := c.dst.Chmod(target, c.modeOf(st)&tree.PermMask); err != nil {
			return fmt.Errorf("failed to chmod %s: %w", target, err)
		}
		for name, value := range xattrs(c.src, src) {
			if err := c.dst.Setxattr(target, name, value); err != nil {
				return err
			}
		}
	}
	return c.dst.Lutimes(target, c.timeOf(st))
}

// timeOf is the time that a copy of st gets. The root of an image whose layers
// do not speak of it was made when the image was unpacked.
func (c *copier) timeOf(st overlay.Stat) tree.Time {
	if st.Path == "/" && st.MTime == (tree.Time{}) {
		return c.now
	}
	return st.MTime
}

// words is a list in a sentence: "a, b and c".
func words(list []string) string {
	switch len(list) {
	case 0:
		return ""
	case 1:
		return list[0]
	}
	list = slices.Clone(list)
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}
