package layer

import (
	"fmt"
	"strings"
	"testing"

	"github.com/layerlab/layerlab/internal/hazard"
	"github.com/layerlab/layerlab/sim/content"
)

// TestBombs reads layers of a few megabytes that are made so that a reader which
// looks twice at what it has seen takes minutes.
func TestBombs(t *testing.T) {
	for name, make := range map[string]func() []hazard.Entry{
		"hard links that each lead to the next": func() (out []hazard.Entry) {
			for i := range 5000 {
				out = append(out, hazard.Entry{Name: fmt.Sprintf("h%04d", i), Hardlink: fmt.Sprintf("h%04d", i+1)})
			}
			return append(out, hazard.Entry{Name: "h5000", Body: "x"})
		},
		"and to nothing": func() (out []hazard.Entry) {
			for i := range 5000 {
				out = append(out, hazard.Entry{Name: fmt.Sprintf("h%04d", i), Hardlink: fmt.Sprintf("h%04d", i+1)})
			}
			return out
		},
		"files behind links behind links": func() (out []hazard.Entry) {
			for i := range 200 {
				out = append(out, hazard.Entry{Name: fmt.Sprintf("l%d", i), Symlink: fmt.Sprintf(strings.Repeat("./", 7)+"l%d", i+1)})
			}
			out = append(out, hazard.Entry{Name: "l200/"})
			for i := range 2000 {
				out = append(out, hazard.Entry{Name: fmt.Sprintf("l0/f%d", i)})
			}
			return out
		},
		"links that are a way of a million steps": func() (out []hazard.Entry) {
			for i := range 250 {
				out = append(out, hazard.Entry{Name: fmt.Sprintf("l%d", i), Symlink: strings.Repeat("x/../", 800) + fmt.Sprintf("l%d", i+1)})
			}
			return append(out, hazard.Entry{Name: "x/"})
		},
		"files that become directories among many": func() (out []hazard.Entry) {
			for i := range 4000 {
				out = append(out, hazard.Entry{Name: fmt.Sprintf("d/f%04d", i)})
			}
			for i := range 4000 {
				out = append(out, hazard.Entry{Name: fmt.Sprintf("d/f%04d/c", i)})
			}
			return out
		},
		"the longest paths": func() (out []hazard.Entry) {
			for i := range 50 {
				out = append(out, hazard.Entry{Name: fmt.Sprintf("%02d/", i) + strings.Repeat("d/", 2045) + "f"})
			}
			return out
		},
		"the same deep tree, made and replaced": func() (out []hazard.Entry) {
			for range 50 {
				out = append(out, hazard.Entry{Name: strings.Repeat("d/", 2045) + "f", Body: "x"}, hazard.Entry{Name: "d", Body: "x"})
			}
			return out
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := hazard.Build(make()...)
			hazard.Spend(t, len(b), hazard.Budget{Base: 8 << 20, Factor: 400}, func() {
				l, err := Index(ctx, content.Bytes(b), IndexOptions{})
				if err == nil {
					l.DiskUsage()
					Flatten([]*Layer{l})
				}
			})
		})
	}
	for _, last := range []string{"l0/f", "l249/f"} {
		var entries []hazard.Entry
		for i := range 250 {
			entries = append(entries, hazard.Entry{Name: fmt.Sprintf("l%d", i), Symlink: strings.Repeat("x/../", 800) + fmt.Sprintf("l%d", i+1)})
		}
		_, err := Index(ctx, content.Bytes(hazard.Build(append(entries, hazard.Entry{Name: "l250/"}, hazard.Entry{Name: "x/"}, hazard.Entry{Name: last})...)), IndexOptions{})
		if far := last == "l0/f"; far != (err != nil && strings.Contains(err.Error(), "too many symbolic links")) {
			t.Errorf("%s: %v", last, err)
		}
	}
}
