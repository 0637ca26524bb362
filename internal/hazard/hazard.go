// Package hazard makes layer tars that are hard to read: what real images hold
// and what damaged or hostile ones do. Tests of every part that reads tars share
// them. All are made in code, small, and the same each time.
package hazard

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"
)

// A Tar is one hazard.
type Tar struct {
	Name  string // a short name, fit for a file name
	Bytes []byte // the uncompressed tar
	// Refused is part of the error with which reading it must fail, or "" when
	// it must be read.
	Refused string
}

// An Entry is one entry for Build. Its Type is told by what is set: a name that
// ends in a slash is a directory, Symlink a symbolic link, Hardlink a hard link,
// all else a file.
type Entry struct {
	Name     string
	Body     string
	Symlink  string
	Hardlink string
	Mode     int64 // 0 is 0755 for directories and 0644 for all else
	Type     byte  // overrides what is told by the rest
	Header   func(*tar.Header)
}

// Time is the modification time of every entry.
var Time = time.Unix(1_700_000_000, 0)

// Build is a tar of the entries, with its end marker.
func Build(entries ...Entry) []byte { return append(Open(entries...), make([]byte, 1024)...) }

// Open is a tar of the entries without its end marker, so that more can follow.
func Open(entries ...Entry) []byte {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, e := range entries {
		h := e.header()
		if err := w.WriteHeader(h); err != nil {
			panic(fmt.Sprintf("hazard: entry %q: %v", e.Name, err))
		}
		if h.Size > 0 {
			io.WriteString(w, e.Body)
		}
	}
	if err := w.Flush(); err != nil {
		panic(fmt.Sprintf("hazard: %v", err))
	}
	return out.Bytes()
}

func (e Entry) header() *tar.Header {
	h := &tar.Header{Name: e.Name, Mode: e.Mode, ModTime: Time, Typeflag: tar.TypeReg}
	switch {
	case e.Symlink != "":
		h.Typeflag, h.Linkname = tar.TypeSymlink, e.Symlink
	case e.Hardlink != "":
		h.Typeflag, h.Linkname = tar.TypeLink, e.Hardlink
	case strings.HasSuffix(e.Name, "/"):
		h.Typeflag = tar.TypeDir
	default:
		h.Size = int64(len(e.Body))
	}
	if e.Type != 0 {
		h.Typeflag = e.Type
	}
	if h.Mode == 0 {
		h.Mode = 0o644
		if h.Typeflag == tar.TypeDir {
			h.Mode = 0o755
		}
	}
	if e.Header != nil {
		e.Header(h)
	}
	return h
}

// All is every hazard.
func All() []Tar {
	out := []Tar{
		{"empty", make([]byte, 1024), ""},
		{"zero-bytes", nil, ""},
		{"no-end-marker", Open(Entry{Name: "a", Body: "x"}), ""},
		{"trailing-bytes", append(Build(Entry{Name: "a", Body: "x"}), "more bytes that count"...), ""},
		{"global-header", Build(Entry{Name: "pax_global_header", Type: tar.TypeXGlobalHeader, Header: func(h *tar.Header) {
			*h = tar.Header{Typeflag: tar.TypeXGlobalHeader, Name: "pax_global_header", PAXRecords: map[string]string{"comment": "made by git archive"}}
		}}, Entry{Name: "a", Body: "x"}), ""},
	}
	out = append(out, names()...)
	out = append(out, markers()...)
	out = append(out, links()...)
	out = append(out, special()...)
	out = append(out, formats()...)
	out = append(out, sparse()...)
	return append(out, damaged()...)
}

// Get is the bytes of the hazard with the given name; it panics if there is none.
func Get(name string) []byte {
	for _, t := range All() {
		if t.Name == name {
			return t.Bytes
		}
	}
	panic(fmt.Sprintf("hazard: no hazard %q", name))
}
