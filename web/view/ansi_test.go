package view

import (
	"fmt"
	"testing"
)

func TestEscapeSequencesBecomeKinds(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                        "[{plain }]",
		"\x1b[33m1 warning\x1b[0m - x": "[{1 warning warn} { - x }]",
		"\x1b[1;31mno\x1b[m":           "[{no bad}]",
		"a\x1b[2Kb\x1b[10;3Hc":         "[{a } {b } {c }]",
		"a\x1b":                        "[{a }]",
		"a\x1b[33":                     "[{a }]",
		"\x1b(Bx":                      "[{Bx }]",
		"":                             "[]",
	} {
		if got := fmt.Sprint(Segments(in)); got != want {
			t.Errorf("Segments(%q) = %s, want %s", in, got, want)
		}
	}
}

func FuzzSegments(f *testing.F) {
	f.Add("\x1b[33mx\x1b[0m")
	f.Fuzz(func(t *testing.T, s string) {
		n := 0
		for _, seg := range Segments(s) {
			n += len(seg.Text)
		}
		if n > len(s) {
			t.Errorf("%q grew to %d bytes", s, n)
		}
	})
}
