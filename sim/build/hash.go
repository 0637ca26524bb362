package build

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"syscall"

	"github.com/moby/patternmatcher"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// A fileInput is one file as a COPY's cache key sees it, and its time, which the
// key does not see.
type fileInput struct {
	Path     string // in the context or image, without a leading slash
	Name     string // as it counts in the key: its path below the source
	Mode     uint32 // type and permissions
	UID, GID uint32
	Size     int64
	Digest   string // SHA-256 of the content in hex; "" for what is no regular file
	Target   string // of a symbolic link
	Dev      string // "major:minor" of a device
	Xattrs   map[string]string
	MTime    tree.Time
	counts   bool // whether metadata counts: not those of the top directory of a source
}

// key is what of the file is in the cache key: everything but the time.
func (f fileInput) key() string {
	if !f.counts {
		return f.Name
	}
	return digestJSON(f.Name, f.Mode, f.UID, f.GID, f.Size, f.Digest, f.Target, f.Dev, countingXattrs(f.Xattrs))
}

// counted reports whether two files are the same for a key.
func (f fileInput) counted(g fileInput) bool {
	if f.Name != g.Name || f.counts != g.counts {
		return false
	}
	return !f.counts || f.Mode == g.Mode && f.UID == g.UID && f.GID == g.GID && f.Size == g.Size && f.Digest == g.Digest &&
		f.Target == g.Target && f.Dev == g.Dev && slices.Equal(countingXattrs(f.Xattrs), countingXattrs(g.Xattrs))
}

// countingXattrs is those extended attributes that are in the key (contenthash's
// tarsum: not system.*, of security.* only the capabilities).
func countingXattrs(x map[string]string) []string {
	var out []string
	for _, k := range sortedKeys(x) {
		if k == "security.capability" || !strings.HasPrefix(k, "security.") && !strings.HasPrefix(k, "system.") {
			out = append(out, k+"="+x[k])
		}
	}
	return out
}

// A hasher reads what a COPY would copy.
type hasher struct {
	v      *overlay.View
	frozen bool // v shows layers only, whose inodes never change
	seen   map[*tree.Inode]string
	buf    []byte
	pause  func() error
}

// missing is a source that is not there.
type missing struct{ path string }

func (m missing) Error() string { return fmt.Sprintf("%q: not found", m.path) }

// badPattern is a pattern that cannot be matched.
type badPattern struct {
	which string
	list  []string
	err   error
}

func (b badPattern) Error() string {
	return fmt.Sprintf("invalid %spatterns: %s: %v", b.which, b.list, b.err)
}

// files is what an action would copy, in order.
func (h *hasher) files(a *copyAction) ([]fileInput, error) {
	found := []string{path.Clean(a.Src)}
	wild := hasWildcard(a.Src)
	if wild {
		var err error
		var gone notCopied
		if found, err = matches(h.v, a.Src, true); err != nil && !errors.As(err, &gone) {
			return nil, err
		}
	}
	w := &hashWalk{h: h, follow: path.Clean(a.Src) == "/" && (a.Parents != "" || len(a.Exclude) > 0)}
	var err error
	if a.Parents != "" || a.Required != "" { // what ends in "/./" means nothing
		if w.include, err = patternmatcher.New([]string{a.Parents}); err != nil {
			return nil, err
		}
	}
	if len(a.Exclude) > 0 {
		if w.exclude, err = patternmatcher.New(a.Exclude); err != nil {
			return nil, badPattern{"exclude", a.Exclude, err}
		}
	}
	for _, src := range found {
		p, err := resolvePath(h.v, src, true)
		if err != nil {
			return nil, err
		}
		st, err := h.v.Lstat(p)
		if err != nil && (w.include != nil || w.exclude != nil) {
			continue // filtering, BuildKit finds nothing; the copying misses it
		}
		if err != nil {
			return nil, missing{src}
		}
		name := ""
		if wild {
			name = path.Base(src)
		}
		if err := w.add(p, src, name, "", st, patternmatcher.MatchInfo{}, patternmatcher.MatchInfo{}); err != nil {
			return nil, err
		}
	}
	// A path that must exist is one that begins what was taken (contenthash's
	// includedPaths): the root itself, or a path through a link, begins nothing.
	if a.Required != "" && !slices.ContainsFunc(w.out, func(f fileInput) bool { return f.counts && strings.HasPrefix(path.Join("/", f.Path), a.Required) }) {
		return nil, missing{a.Required}
	}
	return w.out, nil
}

type hashWalk struct {
	h                *hasher
	include, exclude *patternmatcher.PatternMatcher
	follow           bool // links that lie directly in the source must lead somewhere
	out              []fileInput
}

// add takes in a file or a directory with what is below it. shown is its path
// as a person knows it, rel its path below the source.
func (w *hashWalk) add(p, shown, name, rel string, st overlay.Stat, in, ex patternmatcher.MatchInfo) error {
	take := true
	var err error
	if rel != "" && w.include != nil {
		if take, in, err = w.include.MatchesUsingParentResults(rel, in); err != nil {
			return err
		}
	}
	if rel != "" && w.exclude != nil {
		var out bool
		if out, ex, err = w.exclude.MatchesUsingParentResults(rel, ex); err != nil {
			return err
		}
		take = take && !out
	}
	if take && w.follow && st.IsSymlink() && !strings.Contains(rel, "/") {
		// Filtering the whole context or image, BuildKit follows its links.
		if _, err := w.h.v.Stat(p); err != nil {
			return missing{p}
		}
	}
	if take {
		f := fileInput{
			Path: trimRoot(shown), Name: name, Mode: st.Mode, UID: st.UID, GID: st.GID, Target: st.Target, MTime: st.MTime,
			counts: rel != "" || !st.IsDir(),
		}
		switch st.Type() {
		case tree.Regular:
			f.Size, f.Xattrs = st.Size, xattrs(w.h.v, p)
			if f.Digest, err = w.h.digest(p); err != nil {
				return fmt.Errorf("reading %s: %w", shown, err)
			}
		case tree.CharDevice, tree.BlockDevice:
			f.Dev = fmt.Sprintf("%d:%d", st.Major, st.Minor)
		}
		w.out = append(w.out, f)
	}
	if !st.IsDir() {
		return nil
	}
	entries, err := w.h.v.ReadDir(p)
	if err != nil {
		return err
	}
	for i, e := range entries {
		if i%64 == 0 {
			if err := w.h.pause(); err != nil {
				return err
			}
		}
		if err := w.add(path.Join(p, e.Name), path.Join(shown, e.Name), path.Join(name, e.Name), path.Join(rel, e.Name), e.Stat, in, ex); err != nil {
			return err
		}
	}
	return nil
}

// digest is the SHA-256 of a file's content in hex.
func (h *hasher) digest(p string) (string, error) {
	var n *tree.Inode
	if h.frozen {
		if n, _, _ = h.v.Mount().Lookup(p); n != nil {
			if d, ok := h.seen[n]; ok {
				return d, nil
			}
		}
	}
	body, err := h.v.Body(p)
	if err != nil {
		return "", err
	}
	if n := body.Size(); n > layer.MaxTar {
		return "", fmt.Errorf("its %d bytes make a layer of more than %d GiB: %w", n, layer.MaxTar>>30, syscall.ENOSPC)
	}
	d, err := sha256Of(body, h.buf, h.pause)
	if err == nil && n != nil {
		if len(h.seen) > 1<<16 {
			clear(h.seen)
		}
		h.seen[n] = d
	}
	return d, err
}

// sha256Of reads a body to its end, through buf.
func sha256Of(b content.Body, buf []byte, pause func() error) (string, error) {
	rc, err := b.Open()
	if err != nil {
		return "", err
	}
	defer rc.Close()
	sum := sha256.New()
	for read := 0; ; {
		n, err := rc.Read(buf)
		sum.Write(buf[:n])
		if err == io.EOF {
			return hex.EncodeToString(sum.Sum(buf[:0])), nil
		}
		if err != nil {
			return "", err
		}
		if read += n; read >= 256<<10 {
			read = 0
			if err := pause(); err != nil {
				return "", err
			}
		}
	}
}

// keyOfFiles is the part of a cache key that files are.
func keyOfFiles(files []fileInput) string {
	keys := make([]string, len(files))
	for i, f := range files {
		keys[i] = f.key()
	}
	slices.Sort(keys)
	return digestJSON(keys)
}
