package catalog

import (
	_ "embed"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// index.txt is what the program knows of the images in the data files without
// loading one: NAME, FILE, bytes of the layers, ABOUT, by tabs; and lines
// "=NAME TAG…" of the further tags (or, with a colon or a slash, names) of an image.
// scripts/catalog writes it.
//
//go:embed index.txt
var indexText string

// A Listed is one image of the index.
type Listed struct {
	Name  string // familiar, with its tag
	Model string // the name that the model itself goes by: it has many tags
	File  string // the data file; "" for one that is in the program
	Size  int64  // bytes of its layers, uncompressed
	About string
}

var listed = readIndex(indexText)

func readIndex(text string) map[string]Listed {
	out := map[string]Listed{}
	for name, m := range models {
		out[name] = Listed{Name: name, Model: name, Size: 2129920, About: m.description}
	}
	for line := range strings.Lines(text) {
		if tags, ok := strings.CutPrefix(line, "="); ok {
			alike(out, strings.Fields(tags))
			continue
		}
		f := strings.SplitN(strings.TrimSuffix(line, "\n"), "\t", 4)
		if len(f) == 4 {
			size, _ := strconv.ParseInt(f[2], 10, 64)
			out[f[0]] = Listed{f[0], f[0], f[1], size, f[3]}
		}
	}
	return out
}

// alike lists the image of the first name under further tags.
func alike(out map[string]Listed, names []string) {
	l, ok := out[names[0]]
	if !ok {
		return
	}
	repository, _, _ := strings.Cut(l.Name, ":")
	for _, n := range names[1:] {
		if !strings.ContainsAny(n, ":/") {
			n = repository + ":" + n
		}
		l.Name = n
		out[n] = l
	}
}

// List is all images of the catalogue by name, without loading any.
func List() []Listed {
	return slices.SortedFunc(maps.Values(listed), func(a, b Listed) int { return strings.Compare(a.Name, b.Name) })
}
