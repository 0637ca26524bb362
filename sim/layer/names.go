package layer

import (
	"fmt"
	"path"
	"strings"
)

// The names that mark what a layer hides (image-spec layer.md, "Whiteouts"; the
// prefix comes from AUFS, whose own bookkeeping uses it twice).
const (
	whiteoutPrefix = ".wh."
	aufsPrefix     = ".wh..wh."
	opaqueMarker   = ".wh..wh..opq"
)

// The limits of Linux in bytes: NAME_MAX, PATH_MAX without its final zero byte, and
// XATTR_SIZE_MAX.
const (
	maxName  = 255
	maxPath  = 4095
	maxXattr = 65536
)

// clean is the path that a name in a tar stands for: absolute, without ".",
// ".." and doubled slashes, and never outside the root. escaped says that ".."
// pointed above the root.
func clean(name string) (p string, escaped bool) {
	p = "/" + strings.TrimSuffix(name, "/")
	if strings.Contains(p, "//") || strings.Contains(p, "/.") || len(p) == 1 {
		p = path.Clean(p)
	}
	if !strings.Contains(name, "..") {
		return p, false
	}
	rel := path.Clean("./" + strings.TrimLeft(name, "/"))
	return p, rel == ".." || strings.HasPrefix(rel, "../")
}

// split is the directory and the last part of a clean path.
func split(p string) (dir, base string) {
	i := strings.LastIndexByte(p, '/')
	return p[:max(i, 1)], p[i+1:]
}

// markedPath is the path that an entry speaks of: for a whiteout the one that it
// hides, which may be as long as any. Its own name then is longer than a file's,
// but is never one.
func markedPath(p string, m marker) string {
	if m != whiteout {
		return p
	}
	dir, base := split(p)
	return strings.TrimSuffix(dir, "/") + "/" + strings.TrimPrefix(base, whiteoutPrefix)
}

// checkName refuses a path that no Linux file system could hold.
func checkName(p string) error {
	if len(p)-1 > maxPath {
		return fmt.Errorf("its path is %d bytes long, Linux allows %d", len(p)-1, maxPath)
	}
	if len(p)-1 <= maxName {
		return nil
	}
	for part := range strings.SplitSeq(p, "/") {
		if len(part) > maxName {
			return fmt.Errorf("its path has a name of %d bytes, Linux allows %d", len(part), maxName)
		}
	}
	return nil
}

// shorten is a name fit to be shown in a message.
func shorten(name string) string {
	const show = 120
	if len(name) <= show {
		return name
	}
	return name[:show/2] + "…" + name[len(name)-show/4:]
}

// marker tells what an entry's base name says besides naming a file.
type marker int

const (
	noMarker    marker = iota
	whiteout           // .wh.NAME
	opaque             // .wh..wh..opq
	aufs               // .wh..wh.* and all below: AUFS's own, without meaning here
	badWhiteout        // .wh., .wh.. and .wh...: names that no file can have
)

// markerOf tells what the cleaned path p marks; hidden is the name that a
// whiteout hides. Only the last part of a path can be a whiteout: containerd and
// umoci take ".wh.a/b" for a plain file.
func markerOf(p string) (m marker, hidden string) {
	if !strings.Contains(p, "/"+whiteoutPrefix) {
		return noMarker, ""
	}
	base := path.Base(p)
	switch {
	case base == opaqueMarker:
		return opaque, ""
	case strings.Contains(p, "/"+aufsPrefix):
		return aufs, ""
	case !strings.HasPrefix(base, whiteoutPrefix):
		return noMarker, ""
	}
	hidden = base[len(whiteoutPrefix):]
	if hidden == "" || hidden == "." || hidden == ".." {
		return badWhiteout, ""
	}
	return whiteout, hidden
}
