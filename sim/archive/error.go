package archive

import (
	"strings"

	"github.com/opencontainers/go-digest"
)

// An Error says why a file is not an image archive that can be read, and what it
// seems to be instead.
type Error struct {
	File     string // the file's name, or ""
	Entry    string // the entry of the tar that is at fault, or ""
	Problem  string // what is wrong: "is a PNG picture"
	Expected string // what was expected, or what can be done
	Docker   string // what Docker itself says of such a file, or ""
}

// Error is one sentence: `photo.tar: is a PNG picture; expected a tar of docker
// save, …`.
func (e *Error) Error() string {
	var b strings.Builder
	file := e.File
	if file == "" {
		file = "the file"
	}
	b.WriteString(shorten(file))
	if e.Entry != "" {
		b.WriteString(`: entry "` + shorten(e.Entry) + `"`)
	}
	b.WriteString(" " + e.Problem)
	if e.Expected != "" {
		b.WriteString("; expected " + e.Expected)
	}
	return b.String()
}

// A Mismatch is bytes that do not have the digest that names them.
type Mismatch struct {
	What     string // "blob digest", "DiffID", "config digest", "manifest digest"
	Expected digest.Digest
	Got      digest.Digest
}

// Error says both digests.
func (m *Mismatch) Error() string {
	return m.What + " does not match: expected " + m.Expected.String() + ", got " + m.Got.String()
}
