package chrome

import "testing"

func TestNamesMatchWholeOrAroundAnEllipsis(t *testing.T) {
	for _, tc := range []struct {
		name, pattern string
		want          bool
	}{
		{"Run", "Run", true}, {"Run it", "Run", false}, {"anything", "", true},
		{"Layer 3 of 6", "Layer 3…", true}, {"A Layer 3", "Layer 3…", false},
		{"/etc/passwd", "…passwd", true}, {"/etc/passwd", "…etc…", true}, {"/etc/passwd", "/etc…wd", true}, {"aba", "ab…ba", false},
	} {
		if got := matches(tc.name, tc.pattern); got != tc.want {
			t.Errorf("matches(%q, %q) = %v", tc.name, tc.pattern, got)
		}
	}
}
