package catalog

import (
	_ "embed"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// index.txt is what the program knows of the images in the data files without
// loading one: NAME, FILE, bytes of the layers, ABOUT, by tabs. scripts/catalog
// writes it.
//
//go:embed index.txt
var indexText string

// A Listed is one image of the index.
type Listed struct {
	Name  string // familiar, with its tag
	File  string // the data file; "" for one that is in the program
	Size  int64  // bytes of its layers, uncompressed
	About string
}

var listed = readIndex(indexText)

func readIndex(text string) map[string]Listed {
	out := map[string]Listed{}
	for name, m := range models {
		out[name] = Listed{Name: name, Size: 2129920, About: m.description}
	}
	for line := range strings.Lines(text) {
		f := strings.SplitN(strings.TrimSuffix(line, "\n"), "\t", 4)
		if len(f) == 4 {
			size, _ := strconv.ParseInt(f[2], 10, 64)
			out[f[0]] = Listed{f[0], f[1], size, f[3]}
		}
	}
	return out
}

// List is all images of the catalogue by name, without loading any.
func List() []Listed {
	return slices.SortedFunc(maps.Values(listed), func(a, b Listed) int { return strings.Compare(a.Name, b.Name) })
}
