package build

import (
	"errors"
	"io/fs"
	"path"
	"strings"
	"syscall"

	"github.com/layerlab/layerlab/sim/overlay"
)

// resolvePath is where a path leads to inside v's root, symbolic links followed.
// What is not there stays as it is written; nothing leads out of the root. With
// last false, the last component is not followed.
func resolvePath(v *overlay.View, p string, last bool) (string, error) {
	return follow(v, p, last, false)
}

// rootPath is resolvePath where a path that leads through a file is an error, as
// it is to what copies files.
func rootPath(v *overlay.View, p string, last bool) (string, error) {
	return follow(v, p, last, true)
}

func follow(v *overlay.View, p string, last, strict bool) (string, error) {
	at := "/"
	rest := strings.Split(path.Join("/", p), "/")
	for links := 0; len(rest) > 0; {
		part := rest[0]
		rest = rest[1:]
		switch part {
		case "", ".":
			continue
		case "..":
			at = path.Dir(at)
			continue
		}
		next := path.Join(at, part)
		st, err := v.Lstat(next)
		if err != nil && strict && errors.Is(err, syscall.ENOTDIR) {
			return "", notCopied{next, true}
		}
		if err != nil && !notThere(err) {
			return "", err
		}
		if err != nil || !st.IsSymlink() || len(rest) == 0 && !last {
			at = next
			continue
		}
		if links++; links > 255 {
			return "", &fs.PathError{Op: "open", Path: p, Err: syscall.ELOOP}
		}
		if path.IsAbs(st.Target) {
			at = "/"
		}
		rest = append(strings.Split(st.Target, "/"), rest...)
	}
	return at, nil
}

// notThere reports whether an error says that a path leads nowhere.
func notThere(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// matches is the paths that a source with wildcards means, each "/a/b", in the
// order of a walk. A directory that matches is not searched further. The error is
// a notCopied if the directory above the first wildcard is not there.
func matches(v *overlay.View, src string, follow bool) ([]string, error) {
	parts := strings.Split(path.Clean(src), "/")
	n := 0
	for n < len(parts) && !hasWildcard(parts[n]) {
		n++
	}
	if n == len(parts) {
		return []string{src}, nil
	}
	base, err := resolvePath(v, "/"+path.Join(parts[:n]...), follow)
	if err != nil {
		return nil, err
	}
	if _, err := v.Lstat(base); err != nil && notThere(err) {
		return nil, notCopied{base, errors.Is(err, syscall.ENOTDIR)}
	}
	return glob(v, base, parts[n:])
}

// beforeWildcard is the directory of a source up to the first name with wildcards.
func beforeWildcard(src string) string {
	dir := "/"
	for part := range strings.SplitSeq(strings.Trim(src, "/"), "/") {
		if hasWildcard(part) {
			break
		}
		dir = path.Join(dir, part)
	}
	return dir
}

// glob is the paths below dir that match the patterns, one for each level.
func glob(v *overlay.View, dir string, patterns []string) ([]string, error) {
	entries, err := v.ReadDir(dir)
	if err != nil {
		if notThere(err) {
			return nil, nil
		}
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if ok, err := path.Match(patterns[0], e.Name); err != nil || !ok {
			continue
		}
		p := path.Join(dir, e.Name)
		if len(patterns) == 1 {
			out = append(out, p)
			continue
		}
		if !e.Stat.IsDir() {
			continue
		}
		below, err := glob(v, p, patterns[1:])
		if err != nil {
			return nil, err
		}
		out = append(out, below...)
	}
	return out, nil
}
