package catalog

import (
	"bufio"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/tree"
)

// made is the time of everything in the models: 2023-11-14T22:13:20Z.
var made = tree.Time{Sec: 1_700_000_000}

// parse reads a listing, whose first comment describes its form, to the tree that
// it describes. Errors name the line.
func parse(listing string) (*tree.Tree, error) {
	t := tree.New(made)
	var file tree.Ino // the file that "| " lines belong to
	var text strings.Builder
	flush := func() {
		if file != 0 {
			t.Update(file, func(n *tree.Inode) { n.Body = content.String(text.String()) })
		}
		file = 0
		text.Reset()
	}
	lines := bufio.NewScanner(strings.NewReader(listing))
	for number := 1; lines.Scan(); number++ {
		line := lines.Text()
		if body, ok := strings.CutPrefix(line, "|"); ok && file != 0 {
			text.WriteString(strings.TrimPrefix(body, " ") + "\n")
			continue
		}
		flush()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		i, err := entry(t, strings.Fields(line))
		if err != nil {
			return nil, fmt.Errorf("line %d of the listing: %w: %q", number, err, line)
		}
		if line[0] == '-' {
			file = i
		}
	}
	flush()
	return t, lines.Err()
}

// entry adds what one line describes.
func entry(t *tree.Tree, f []string) (tree.Ino, error) {
	if f[0] == "l" {
		if len(f) < 4 {
			return 0, fmt.Errorf("want \"l TARGET DIR NAME…\"")
		}
		dir := t.Lookup(f[2])
		if dir == 0 {
			return 0, fmt.Errorf("no directory %q", f[2])
		}
		for _, name := range f[3:] {
			t.Add(dir, name, tree.Inode{Mode: tree.Symlink | 0o777, Target: f[1], MTime: made})
		}
		return 0, nil
	}
	if len(f) < 3 {
		return 0, fmt.Errorf("want a type, a mode and a path")
	}
	mode, err := strconv.ParseUint(f[1], 8, 12)
	if err != nil {
		return 0, fmt.Errorf("want an octal mode, not %q", f[1])
	}
	n := tree.Inode{MTime: made}
	switch {
	case f[0] == "d" && len(f) == 3:
		n.Mode = tree.Directory
	case f[0] == "-" && len(f) == 3:
		n.Mode = tree.Regular
	case f[0] == "m" && len(f) == 4:
		size, err := strconv.ParseInt(f[3], 10, 64)
		if err != nil || size < 0 {
			return 0, fmt.Errorf("want a size, not %q", f[3])
		}
		n.Mode, n.Body = tree.Regular, program(f[2], size)
	default:
		return 0, fmt.Errorf("want d, -, m or l with its fields")
	}
	n.Mode |= uint32(mode)
	dir := t.Lookup(path.Dir("/" + f[2]))
	if dir == 0 {
		return 0, fmt.Errorf("its directory is not listed before it")
	}
	return t.Add(dir, path.Base(f[2]), n), nil
}
