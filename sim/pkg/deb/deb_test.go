package deb_test

import (
	"testing"

	"github.com/layerlab/layerlab/sim/pkg/deb"
)

// TestCompare's cases were asked of dpkg --compare-versions.
func TestCompare(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"1.0", "1.0", 0}, {"1.0", "1.0-0", 0}, {"1.0~rc1", "1.0", -1}, {"1.0", "1.0a", -1}, {"1.10", "1.9", 1}, {"1:0.1", "2.0", 1}, {"0:1", "1", 0},
		{"3.0.22-1~deb12u2", "3.0.22-1", -1}, {"2.36-9+deb12u14", "2.36-9+deb12u9", 1}, {"1.0+b1", "1.0", 1}, {"1.0-1.1", "1.0-1", 1}, {"00001", "1", 0}, {"a", "+", -1}, {"1.~", "1.", -1},
	} {
		if got := deb.Compare(c.a, c.b); got != c.want {
			t.Errorf("%s and %s: %d, want %d", c.a, c.b, got, c.want)
		}
		if got := deb.Compare(c.b, c.a); got != -c.want {
			t.Errorf("%s and %s: %d, want %d", c.b, c.a, got, -c.want)
		}
	}
}

func TestRelations(t *testing.T) {
	got := deb.Relations("libc6 (>= 2.34), perl:any, a | b (<< 2)")
	if len(got) != 3 || got[0][0] != (deb.Relation{Name: "libc6", Op: ">=", Version: "2.34"}) || got[1][0].Name != "perl" || len(got[2]) != 2 || got[2][1].Allows("2") || !got[2][1].Allows("1.9") {
		t.Errorf("%+v", got)
	}
}
