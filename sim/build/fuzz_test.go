package build

import (
	"context"
	"errors"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/layerlab/layerlab/sim/shell"
)

// Whatever a Dockerfile holds, a build gives an image or an error with words, the
// same again from the cache, and never panics.
func FuzzBuild(f *testing.F) {
	a, err := txtar.ParseFile("testdata/recorded.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range a.Files {
		if strings.HasSuffix(file.Name, ".Dockerfile") {
			f.Add(strings.ReplaceAll(string(file.Data), "busybox:1.36", "scratch"))
		}
	}
	f.Add("ARG A=scratch\nFROM $A AS b\nONBUILD COPY d /d\nFROM b\nCOPY --from=b / /\nCOPY --parents --exclude=x d/./* /../x/.\n")
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 4096 {
			return
		}
		l := newLab(t)
		l.b.process = func(context.Context, *shell.Process) (int, error) { return 0, nil }
		l.writeRecordedContext()
		l.write("Dockerfile", src)
		first, err := l.try(Options{})
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Msg == "" {
				t.Fatalf("error %#v", err)
			}
			if !strings.Contains(l.plain(err), e.Msg) {
				t.Errorf("the progress does not tell of %q", e.Msg)
			}
			return
		}
		if again := l.build(Options{}); again.Image.Digest != first.Image.Digest {
			t.Errorf("from the cache comes another image:\n%s\n%s", first.Image.ConfigRaw, again.Image.ConfigRaw)
		}
	})
}
