package catalog

import "testing"

// The answers are those of fnmatch(3) with flags 0.
func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"/usr/share/doc/*", "/usr/share/doc/bash/README", true},
		{"/usr/share/doc/*", "/usr/share/doc/", true},
		{"/usr/share/doc/*", "/usr/share/doc", false},
		{"/usr/share/doc/*", "/usr/share/man/man1", false},
		{"/usr/share/doc/*/copyright", "/usr/share/doc/a/b/copyright", true},
		{"/usr/share/doc/*/copyright", "/usr/share/doc/a/changelog", false},
		{"/etc/hosts", "/etc/hosts", true},
		{"/etc/hosts", "/etc/hosts.allow", false},
		{"/a?c", "/a/c", true},
		{"/a[bc]d", "/acd", true},
		{"/a[bc]d", "/aed", false},
		{`/a\*`, "/a*", true},
		{`/a\*`, "/ab", false},
		{"*", "/anything/at/all", true},
	} {
		if got := Match(c.pattern, c.name); got != c.want {
			t.Errorf("Match(%q, %q) is %v", c.pattern, c.name, got)
		}
	}
}
