package cli

import (
	"strings"
	"testing"
)

// TestSizes holds sizes against what Docker prints, traps of %.3g included.
func TestSizes(t *testing.T) {
	for n, want := range map[int64][2]string{
		0: {"0B", "0B"}, 999: {"999B", "999B"}, 4096: {"4.1kB", "4.096kB"}, 500500: {"500kB", "500.5kB"},
		999500: {"1e+03kB", "999.5kB"}, 2048000: {"2.05MB", "2.048MB"}, 3118119: {"3.12MB", "3.118MB"}, 2000000000: {"2GB", "2GB"},
	} {
		if got := [2]string{size(n), size4(n)}; got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestEllipsis(t *testing.T) {
	for _, c := range []struct {
		s    string
		n    int
		want string
	}{
		{"short", 20, "short"},
		{"sh -c 'echo hi > /now'", 20, "sh -c 'echo hi > /n…"},
		{"äöü", 3, "äöü"}, {"äöüß", 3, "äö…"}, {"ab", 1, "a"},
	} {
		if got := ellipsis(c.s, c.n); got != c.want {
			t.Errorf("ellipsis(%q, %d) = %q, want %q", c.s, c.n, got, c.want)
		}
	}
}

// TestSpecs checks the table of commands: every action has its section, and every
// flag a kind and a text.
func TestSpecs(t *testing.T) {
	for name, a := range actions {
		sp := specs()[a.spec]
		if sp == nil || sp.usage == "" || sp.short == "" {
			t.Errorf("%s: no section [%s] in commands.txt", name, a.spec)
			continue
		}
		for _, f := range sp.flags {
			if f.name == "" || f.kind == "" || f.text == "" || strings.ContainsAny(f.name, " |") {
				t.Errorf("%s: bad flag %+v", name, f)
			}
		}
	}
}
