package shell

import (
	"context"
	"errors"
	"testing"
)

// FuzzScript runs any script on a small budget: it ends, and never by a mistake
// of ours.
func FuzzScript(f *testing.F) {
	for _, file := range []string{"testdata/busybox.txt", "testdata/gnu.txt", "testdata/dash.txt"} {
		for _, e := range examples(&testing.T{}, file) {
			f.Add(e.in)
		}
	}
	f.Fuzz(func(t *testing.T, script string) {
		if len(script) > 500 {
			return
		}
		for _, name := range []string{"sh", "bash"} {
			p, _ := world()
			if name == "bash" {
				p, _ = host()
			}
			p.Budget = Budget{Commands: 100, Turns: 5000, Output: 1 << 16}
			p.Args = []string{name, "-c", script}
			if _, err := Exec(context.Background(), p); err != nil && !errors.As(err, new(*BudgetError)) {
				t.Errorf("%q: %v", script, err)
			}
		}
	})
}

// FuzzRegexp holds that every POSIX pattern is compiled or refused.
func FuzzRegexp(f *testing.F) {
	for _, pat := range []string{`a\(b\|c\)*\{1,2\}`, `[^]a-z[:alpha:]-]`, `^*ab$`, `a{,3}(x|y)+?`, `\<w\>\b`, `[[.a.]]`, `é[é]`, `a**`, `(`, `\`} {
		f.Add(pat, true)
		f.Add(pat, false)
	}
	f.Fuzz(func(t *testing.T, pat string, extended bool) {
		if rx, err := posixRegexp(pat, extended, false); err == nil {
			rx.MatchString("abc")
		}
		glob(pat, "abc")
		matches(pat, "abc")
	})
}
