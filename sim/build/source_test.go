package build

import (
	"strings"
	"testing"

	"github.com/layerlab/layerlab/sim/content"
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

// A source that is missing from the very image that the step is built on is
// missed by the copying, not by the cache key; recorded from Docker Engine 29.9.3.
func TestMissingFromTheBaseItself(t *testing.T) {
	for file, want := range map[string]string{
		"FROM busybox:1.36\nCOPY --from=busybox:1.36 /nosuch /a\n":                          "lstat /nosuch: no such file or directory",
		"FROM busybox:1.36 AS s\nFROM s\nCOPY --from=s /bin/ls /no/such /a/\n":              "lstat /no/such: no such file or directory",
		"FROM busybox:1.36 AS s\nFROM busybox:1.36\nCOPY --from=s /nosuch /a\n":             "lstat /nosuch: no such file or directory",
		"FROM busybox:1.36\nWORKDIR /w\nCOPY --from=busybox:1.36 /nosuch /a\n":              `failed to compute cache key: failed to calculate checksum of ref R: "/nosuch": not found`,
		"FROM busybox:1.36 AS s\nWORKDIR /w\nFROM busybox:1.36\nCOPY --from=s /nosuch /a\n": `failed to compute cache key: failed to calculate checksum of ref R: "/nosuch": not found`,
	} {
		l := newLab(t).withModel().fakeShell().write("Dockerfile", file)
		l.b.NewRef = func() string { return "R" }
		_, err := l.try(Options{})
		if got := strings.ReplaceAll(errText(err), "R::R", "R"); got != want {
			t.Errorf("%s%q, want %q", file, got, want)
		}
	}
}

// A file of holes is not read for its cache key when it could not be copied.
func TestHugeSourceIsRefused(t *testing.T) {
	l := newLab(t).write("Dockerfile", "FROM scratch\nCOPY f /\n")
	if err := l.host.Root().SetBody("/ctx/f", content.Zero(1<<40), nil); err != nil {
		t.Fatal(err)
	}
	_, err := l.try(Options{})
	if got := errText(err); !strings.Contains(got, "f: its 1099511627776 bytes") || !strings.HasSuffix(got, "no space left on device") {
		t.Errorf("%q", got)
	}
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
