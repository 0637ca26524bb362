package archive

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/image"
)

// headBytes is how much of the start of each entry is kept, to tell what it is.
const headBytes = 512

// maxEntries is how many entries an outer tar may have. A docker archive has a
// few for each layer.
const maxEntries = 1 << 20

// maxJSON is how many bytes of JSON documents are read of one archive, beside as
// many as the archive has: a small one may name the same large document a thousand
// times.
const maxJSON = image.MaxJSON

// maxLinkWork bounds the work of finding files behind links, in bytes of names that
// are looked up.
const maxLinkWork = 8 << 20

// An entry is one entry of the outer tar: where its bytes are, not the bytes.
type entry struct {
	name   string // cleaned, without a leading slash
	typ    byte
	size   int64
	off    int64  // of the body in the tar
	link   string // of a symbolic or hard link
	head   []byte // the first bytes
	sparse bool   // stored with holes, so that size is not what is stored
	json   []byte // the whole of it, when the tar can only be read once
}

// An outer is the index of the tar that an archive is.
type outer struct {
	o       Options
	tar     content.Body // the uncompressed tar
	entries map[string]*entry
	order   []*entry
	dups    []string
	spent   int64 // bytes of JSON that were read
	links   int   // bytes of names that were looked up behind links
	endless bool  // it has no end mark
	rootfs  bool  // the scan ended early: thousands of files, none of an image archive
}

// scan indexes a tar. at says how far r has been read, and peek gives the bytes
// of the body that begins there without taking them away.
func (out *outer) scan(r io.Reader, at func() int64, peek func(int) []byte) error {
	out.entries = map[string]*entry{}
	tr := tar.NewReader(r)
	last := "" // the entry before, for messages
	for n := 0; ; n++ {
		start := at()
		h, err := tr.Next()
		if err == io.EOF {
			out.ended(start, at())
			return nil
		}
		if err != nil {
			return out.scanError(err, n, last, start)
		}
		if h.Typeflag == tar.TypeXGlobalHeader {
			continue
		}
		if n >= maxEntries {
			return out.fail("", fmt.Sprintf("has more than %d entries", maxEntries), "an image archive has a few for each layer")
		}
		e := &entry{name: clean(h.Name), typ: h.Typeflag, size: h.Size, off: at(), link: h.Linkname, sparse: isSparse(h)}
		if last = h.Name; e.name == "" {
			continue // "./", the folder itself
		}
		if e.typ == tar.TypeReg && !e.sparse {
			if left := out.tar.Size() - e.off; out.tar.Size() >= 0 && e.size > left {
				return out.truncated(h.Name, e.off, e.size, left)
			}
			e.head = peek(int(min(e.size, headBytes)))
		}
		if out.entries[e.name] != nil && e.typ != tar.TypeDir {
			out.dups = append(out.dups, e.name)
		}
		out.entries[e.name] = e
		out.order = append(out.order, e)
		if n == 5000 && !out.likeImage() {
			out.rootfs = true
			return nil
		}
	}
}

// ended looks whether the tar ends with the zero blocks that mark its end.
// Readers do without them, but then a part may be missing, cut off between two
// entries. The tar reader reads two blocks of zeros and says EOF.
func (out *outer) ended(start, at int64) {
	if n := len(out.order); n > 0 {
		last := out.order[n-1]
		if last.typ == tar.TypeReg && !last.sparse {
			start = last.off + (last.size+511)/512*512
		}
	}
	out.endless = at-start < 1024
}

// scanError words a failure of the tar reader.
func (out *outer) scanError(err error, n int, last string, at int64) error {
	where := "the first header"
	if n > 0 {
		where = fmt.Sprintf("the header after entry %q", shorten(last))
	}
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF) && n > 0:
		end := "" // of a compressed file only the reader knows how long it is inside
		if n := out.size(); n >= 0 {
			end = fmt.Sprintf(" at byte %d", n)
		}
		e := out.fail(last, "is truncated: the file ends"+end+", inside this entry or the header after it",
			"a whole archive; copy or download it again").(*Error)
		e.Docker = "unexpected EOF"
		if len(out.order) == 0 { // only "./" and global headers
			return e
		}
		if l := out.order[len(out.order)-1]; l.typ == tar.TypeReg && out.size() > 0 && out.size() < l.off+(l.size+511)/512*512 {
			e.Docker = "unrecognized image format" // cut where a file is filled up to whole blocks, it ends like a tar
		}
		return e
	case errors.Is(err, tar.ErrHeader) || errors.Is(err, io.ErrUnexpectedEOF):
		return out.fail(last, fmt.Sprintf("is damaged: %s, near byte %d, is no tar header", where, at), "a whole archive; copy or download it again")
	}
	return err
}

func (out *outer) truncated(name string, off, size, left int64) error {
	left = max(left, 0)
	return &Error{
		File: out.o.Name, Entry: name, Expected: "a whole archive; copy or download it again",
		Problem: fmt.Sprintf("is truncated: the entry begins at byte %d and should have %d bytes, but the file ends after %d of them", off, size, left),
		Docker:  fmt.Sprintf("failed to ingest %q: short read: expected %d bytes but got %d: unexpected EOF", name, size, left),
	}
}

func (out *outer) size() int64 { return out.tar.Size() }

func (out *outer) fail(entry, problem, expected string) error {
	return &Error{File: out.o.Name, Entry: entry, Problem: problem, Expected: expected}
}

// likeImage reports whether any name so far is one that an image archive has.
func (out *outer) likeImage() bool {
	for _, e := range out.order {
		base := path.Base(e.name)
		if base == "manifest.json" || base == "index.json" || base == "oci-layout" || base == "repositories" && e.typ == tar.TypeReg || strings.Contains(e.name, "blobs/sha256") || base == "layer.tar" {
			return true
		}
	}
	return false
}

// clean is a tar name as a path inside the archive: "./a//b" is "a/b", and ".."
// stays inside.
func clean(name string) string { return strings.TrimPrefix(path.Clean("/"+name), "/") }

func isSparse(h *tar.Header) bool {
	if h.Typeflag == tar.TypeGNUSparse {
		return true
	}
	for k := range h.PAXRecords {
		if strings.HasPrefix(k, "GNU.sparse.") {
			return true
		}
	}
	return false
}

// strip takes a folder that holds the whole image off all names, for an image
// that was unpacked and packed again with its folder. It answers the folder.
func (out *outer) strip() string {
	if out.has("manifest.json") || out.has("index.json") {
		return ""
	}
	for _, e := range out.order {
		dir, base := path.Split(e.name)
		dir = strings.TrimSuffix(dir, "/")
		if (base != "manifest.json" && base != "index.json") || dir == "" || strings.Contains(dir, "/") || e.typ != tar.TypeReg {
			continue
		}
		if base == "index.json" && !out.has(dir+"/oci-layout") {
			continue
		}
		entries := map[string]*entry{}
		for _, e := range out.order {
			if rest, ok := strings.CutPrefix(e.name, dir+"/"); ok {
				e.name = rest
				entries[rest] = e
			}
		}
		out.entries = entries
		return dir
	}
	return ""
}

func (out *outer) has(name string) bool { return out.entries[name] != nil }

// maxPath is the longest path that Linux has.
const maxPath = 4095

// find follows links from a name to the regular file it means. Links stay
// inside the archive. The error says where the way ends.
func (out *outer) find(name string) (*entry, error) {
	if len(name) > maxPath {
		return nil, fmt.Errorf("%q is not in the archive", shorten(name))
	}
	at := clean(name)
	for hop := range 40 {
		if hop > 0 {
			out.links += len(at)
		}
		if len(at) > maxPath || out.links > maxLinkWork {
			return nil, fmt.Errorf("%q lies behind links that are too long", shorten(name))
		}
		e := out.entries[at]
		if e == nil {
			through, ok := out.throughDir(at)
			if !ok {
				if at == clean(name) {
					return nil, fmt.Errorf("%q is not in the archive", shorten(name))
				}
				return nil, fmt.Errorf("%q is a link to %q, which is not in the archive", shorten(name), shorten(at))
			}
			at = through
			continue
		}
		switch e.typ {
		case tar.TypeReg, tar.TypeGNUSparse:
			return e, nil
		case tar.TypeSymlink:
			target := e.link
			if !strings.HasPrefix(target, "/") {
				target = path.Join("/", path.Dir(at), target)
			}
			at = clean(target)
		case tar.TypeLink:
			if clean(e.link) == at {
				return nil, fmt.Errorf("%q is a hard link to itself", shorten(name))
			}
			at = clean(e.link)
		default:
			return nil, fmt.Errorf("%q is no regular file", shorten(name))
		}
	}
	return nil, fmt.Errorf("%q is a link that leads in a circle", shorten(name))
}

// throughDir is a name with the first of its folders that is a symbolic link
// resolved.
func (out *outer) throughDir(name string) (string, bool) {
	for i, c := range name {
		if c != '/' {
			continue
		}
		if out.links += i; out.links > maxLinkWork {
			return "", false
		}
		if e := out.entries[name[:i]]; e != nil && e.typ == tar.TypeSymlink {
			target := e.link
			if !strings.HasPrefix(target, "/") {
				target = path.Join("/", path.Dir(name[:i]), target)
			}
			return clean(target + name[i:]), true
		}
	}
	return "", false
}

// body is the bytes of a regular file.
func (out *outer) body(e *entry) content.Body {
	if e.json != nil {
		return content.Bytes(e.json)
	}
	return content.Slice(out.tar, e.off, e.size)
}

// read is the whole of a small file.
func (out *outer) read(name string) ([]byte, error) {
	e, err := out.find(name)
	if err != nil {
		return nil, err
	}
	if e.sparse {
		return nil, fmt.Errorf("%q is stored as a sparse file", shorten(name))
	}
	if e.size > image.MaxJSON {
		return nil, fmt.Errorf("%q has %d bytes, more than the %d that a JSON document of an image may have", shorten(name), e.size, image.MaxJSON)
	}
	if out.spent += e.size; out.spent > maxJSON+max(out.size(), 0) {
		return nil, fmt.Errorf("the documents of the archive name each other so often that %d bytes of JSON would be read", out.spent)
	}
	b, err := content.ReadAll(out.body(e), image.MaxJSON)
	if err != nil {
		return nil, fmt.Errorf("reading %q: %w", shorten(name), err)
	}
	return b, nil
}

// shorten cuts a name that is too long for a message.
func shorten(s string) string {
	if len(s) <= 200 {
		return s
	}
	return s[:120] + "…" + s[len(s)-60:]
}
