package cli

import (
	"path"
	"strings"

	"github.com/layerlab/layerlab/sim/overlay"
)

// A copyEnd is the source or the destination of a copy (go-archive CopyInfo).
// Its path keeps a "/" or "/." at the end: the first asserts a directory, the
// second means what is in it.
type copyEnd struct {
	path          string
	exists, isDir bool
	rebase        string // the name to copy as, when following a link changed it
}

// keepSlash is a cleaned path with the "/." or "/" that the typed one ended in.
func keepSlash(clean, typed string) string {
	switch {
	case path.Base(typed) == "." && path.Base(clean) != ".":
		if !strings.HasSuffix(clean, "/") {
			clean += "/"
		}
		clean += "."
	case strings.HasSuffix(typed, "/") && !strings.HasSuffix(clean, "/"):
		clean += "/"
	}
	return clean
}

// splitEntry is the directory and the name of a path; the name of "d/." is ".".
func splitEntry(p string) (dir, base string) {
	clean := path.Clean(p)
	if path.Base(p) == "." {
		return clean, "."
	}
	return path.Dir(clean), path.Base(clean)
}

// assertsDir reports whether a path says that it is a directory.
func assertsDir(p string) bool { return strings.HasSuffix(p, "/") || path.Base(p) == "." }

// rebaseName is a link's target with the ending of the path that was typed, and
// the name that was typed if that is another.
func rebaseName(typed, target string) (resolved, name string) {
	target = keepSlash(target, typed)
	if path.Base(typed) != path.Base(target) {
		name = path.Base(typed)
	}
	return target, name
}

// followLink is what the symbolic link p leads to in the end, whether that is
// there or not.
func followLink(v *overlay.View, p string) string {
	for range 40 {
		st, err := v.Lstat(p)
		if err != nil || !st.IsSymlink() {
			break
		}
		if path.IsAbs(st.Target) {
			p = path.Clean(st.Target)
		} else {
			p = path.Join(path.Dir(st.Path), st.Target)
		}
	}
	return p
}

// copySource is the source of a copy on the learner's machine: links before the
// last name are followed, and the last with -L.
func (c *call) copySource(typed string) (copyEnd, error) {
	p := keepSlash(c.abs(typed), typed)
	end := copyEnd{exists: true}
	clean := path.Clean(p)
	st, err := c.fs.Lstat(clean)
	if err != nil {
		return end, plain("lstat %s: %s", clean, errno(err))
	}
	switch {
	case st.IsSymlink() && (c.on("follow-link") || assertsDir(p)):
		real, err := c.fs.Realpath(clean)
		if err != nil {
			return end, plain("lstat %s: %s", followLink(c.fs, clean), errno(err))
		}
		if st, err = c.fs.Lstat(real); err != nil {
			return end, plain("lstat %s: %s", real, errno(err))
		}
		end.path, end.rebase = rebaseName(p, real)
	default:
		end.path = keepSlash(st.Path, p)
	}
	if assertsDir(p) && !st.IsDir() {
		return end, plain("not a directory")
	}
	end.isDir = st.IsDir()
	return end, nil
}

// destination is the destination of a copy; a symbolic link there is followed.
func destination(v *overlay.View, p string) copyEnd {
	end := copyEnd{path: p}
	clean := path.Clean(p)
	if st, err := v.Lstat(clean); err == nil && st.IsSymlink() {
		clean = followLink(v, clean)
		end.path = clean
	}
	st, err := v.Lstat(clean)
	if err == nil && (st.IsDir() || !strings.HasSuffix(p, "/")) {
		end.exists, end.isDir = true, st.IsDir()
	}
	return end
}

// destinationIn is the destination of a copy in a container, of which the path
// may be relative to its root.
func destinationIn(v *overlay.View, p string) copyEnd {
	abs := keepSlash(path.Join("/", p), p)
	end := destination(v, abs)
	if end.path == abs {
		end.path = p
	}
	return end
}

// placeCopy is where a source is unpacked, and as what: base is "" to leave its
// name alone (go-archive PrepareArchiveCopy).
func placeCopy(src, dst copyEnd) (dir, base string, err error) {
	dir, base = splitEntry(dst.path)
	switch {
	case dst.exists && dst.isDir:
		return dst.path, "", nil
	case dst.exists && src.isDir:
		return "", "", plain("cannot copy directory")
	case !dst.exists && !src.isDir && assertsDir(dst.path) || dst.path == "":
		return "", "", plain("no such directory")
	}
	return dir, base, nil
}
