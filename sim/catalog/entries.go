package catalog

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/tree"
)

// An Entry is one file of a list of files.
type Entry struct {
	Path    string // absolute and clean, as the package names it: "/bin/sh" although /bin is a link
	Mode    uint32 // type and permissions
	UID     uint32
	GID     uint32
	Size    int64
	Target  string // of a symbolic link; of a hard link, the other path
	Hard    bool   // a hard link
	Text    string // the whole content, when Literal
	Literal bool
	Adds    bool   // Text is added to what the layers below have
	Package string // that it belongs to, or ""
	Bare    bool   // a directory of which only the path is said: it may be there already
	MTime   int64  // seconds of Unix time
}

// Body is the entry's content; nil unless it is a regular file that is not empty.
func (e *Entry) Body() content.Body {
	switch {
	case e.Mode&tree.TypeMask != tree.Regular || e.Hard:
		return nil
	case e.Literal:
		return content.String(e.Text)
	}
	return Made(KindOf(e.Path, e.Mode), e.Path, e.Size)
}

// Inode is the entry as an inode.
func (e *Entry) Inode() tree.Inode {
	n := tree.Inode{Mode: e.Mode, UID: e.UID, GID: e.GID, MTime: tree.Time{Sec: e.MTime}, Body: e.Body()}
	if e.Mode&tree.TypeMask == tree.Symlink {
		n.Target = e.Target
	}
	return n
}

// Entries reads a list of files and calls visit for each, in order. The list is
// lines:
//
//	/DIR[\tMODE[\tUID:GID]]       a directory, 0755 and root's; what follows is in it. The path alone leaves one that is there as it is
//	NAME\tSIZE[x][\tMODE[\tUID:GID]] a file, 0644 or with x 0755
//	NAME\t>TARGET                 a symbolic link
//	NAME\t=PATH                   a hard link to a path that came before
//	NAME\t|LINES[\tMODE[\tUID:GID]]  a file with its text: so many lines follow; "|-" for one without a newline at its end
//	NAME\t+LINES[\tMODE[\tUID:GID]]  the text of the same file in the layers below, and so many lines more (sorted in, for dpkg's database)
//	@PACKAGE MTIME                the files of a package follow; "@ MTIME" ends that
//
// Errors name the line.
func Entries(list string, visit func(*Entry) error) error {
	var dir, pkg string
	var at int64
	number := 0
	next := func() (string, bool) {
		if list == "" {
			return "", false
		}
		line, rest, _ := strings.Cut(list, "\n")
		list = rest
		number++
		return line, true
	}
	for {
		line, ok := next()
		if !ok {
			return nil
		}
		if line == "" {
			continue
		}
		if line[0] == '@' {
			name, when, _ := strings.Cut(line[1:], " ")
			t, err := strconv.ParseInt(when, 10, 64)
			if err != nil {
				return fmt.Errorf("line %d of the list: want a time: %q", number, line)
			}
			pkg, at = name, t
			continue
		}
		e := &Entry{Package: pkg, MTime: at}
		f := strings.Split(line, "\t")
		var err error
		if line[0] == '/' {
			dir = f[0]
			e.Path, e.Mode, e.Bare = dir, tree.Directory|0o755, len(f) == 1
			err = e.owner(f[1:])
		} else if len(f) < 2 || f[1] == "" {
			err = fmt.Errorf("want a name and what it is")
		} else {
			e.Path = path.Join(dir, f[0])
			err = e.file(f[1:], next)
		}
		if err == nil {
			err = visit(e)
		}
		if err != nil {
			return fmt.Errorf("line %d of the list: %w: %q", number, err, line)
		}
	}
}

// owner reads "MODE UID:GID", both of which may be missing.
func (e *Entry) owner(f []string) error {
	if len(f) > 0 && f[0] != "" {
		mode, err := strconv.ParseUint(f[0], 8, 12)
		if err != nil {
			return fmt.Errorf("want an octal mode, not %q", f[0])
		}
		e.Mode = e.Mode&tree.TypeMask | uint32(mode)
	}
	if len(f) > 1 {
		if _, err := fmt.Sscanf(f[1], "%d:%d", &e.UID, &e.GID); err != nil {
			return fmt.Errorf("want UID:GID, not %q", f[1])
		}
	}
	return nil
}

// file reads what stands behind the name.
func (e *Entry) file(f []string, next func() (string, bool)) error {
	what := f[0]
	e.Mode = tree.Regular | 0o644
	switch what[0] {
	case '>':
		e.Mode, e.Target = tree.Symlink|0o777, what[1:]
		return e.owner(f[1:])
	case '=':
		e.Target, e.Hard = what[1:], true
		return nil
	case '|', '+':
		e.Adds = what[0] == '+'
		if err := e.owner(f[1:]); err != nil {
			return err
		}
		return e.lines(what[1:], next)
	}
	size, x := strings.CutSuffix(what, "x")
	if x {
		e.Mode |= 0o111
	}
	n, err := strconv.ParseInt(size, 10, 64)
	if err != nil || n < 0 {
		return fmt.Errorf("want a size, not %q", what)
	}
	e.Size = n
	return e.owner(f[1:])
}

func (e *Entry) lines(count string, next func() (string, bool)) error {
	count, open := strings.CutSuffix(count, "-")
	n, err := strconv.Atoi(count)
	if err != nil {
		return fmt.Errorf("want a number of lines, not %q", count)
	}
	var b strings.Builder
	for range n {
		line, ok := next()
		if !ok {
			return fmt.Errorf("the list ends within the text")
		}
		b.WriteString(line + "\n")
	}
	e.Text, e.Literal = b.String(), true
	if open {
		e.Text = strings.TrimSuffix(e.Text, "\n")
	}
	e.Size = int64(len(e.Text))
	return nil
}
