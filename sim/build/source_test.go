package build

import (
	"strings"
	"testing"
)

// A FROM line is CACHED when a step or the export loads a base image that an
// earlier build loaded too, and DONE when nothing is made of it. Recorded with
// one build after another on an empty Docker Engine 29.9.3.
func TestSourceIsCachedWhenLoadedAgain(t *testing.T) {
	l := newLab(t).withModel().fakeShell()
	for i, b := range []struct{ dockerfile, want string }{
		{"FROM busybox:1.36\nENV A=1\n", "DONE"},
		{"FROM busybox:1.36\nENV A=1\n", "CACHED"}, // the export loads it
		{"FROM busybox:1.36\nENV A=2\n", "CACHED"},
		{"FROM busybox:1.36\nWORKDIR /1\n", "CACHED"},
		{"FROM busybox:1.36\nWORKDIR /1\n", "DONE"}, // the step is cached
		{"FROM busybox:1.36\nWORKDIR /1\nWORKDIR /2\n", "DONE"},
		{"FROM busybox:1.36\nWORKDIR /2\n", "CACHED"},
		{"FROM scratch\nCOPY --from=busybox:1.36 /bin/ls /1\n", "CACHED"},
		{"FROM scratch\nCOPY --from=busybox:1.36 /bin/ls /1\n", "DONE"},
	} {
		l.write("Dockerfile", b.dockerfile)
		_, err := l.try(Options{})
		if err != nil {
			t.Fatal(err)
		}
		text := l.plain(nil)
		id, last := "", ""
		for line := range strings.Lines(text) {
			n, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
			if strings.Contains(rest, "FROM docker.io/library/busybox") {
				id = n
			}
			if n == id && (strings.HasPrefix(rest, "DONE") || rest == "CACHED") {
				last, _, _ = strings.Cut(rest, " ")
			}
		}
		if last != b.want {
			t.Errorf("build %d: %q, want %q:\n%s", i+1, last, b.want, text)
		}
	}
}
