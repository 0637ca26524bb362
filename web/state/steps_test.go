package state

import (
	"fmt"
	"strings"
	"testing"

	"github.com/layerlab/layerlab/web/action"
)

func TestStepsOfADockerfile(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"plain":                {"FROM a\nRUN b\n", "1-1 2-2"},
		"comments and blanks":  {"# syntax=x\n\nFROM a\n  # note\nRUN b", "3-3 5-5"},
		"continued":            {"FROM a\nRUN b \\\n  c \\\n  d\nCMD e", "1-1 2-4 5-5"},
		"comment in between":   {"RUN b \\\n# why\n  c\nCMD e", "1-3 4-4"},
		"here-document":        {"FROM a\nRUN <<EOF\necho FROM b\nEOF\nCMD c", "1-1 2-4 5-5"},
		"indented end":         {"RUN <<-EOF\n\techo\n\tEOF\nCMD c", "1-3 4-4"},
		"quoted word":          {"COPY <<'END' /a\nx\nEND\nCMD c", "1-3 4-4"},
		"here-string is not":   {"RUN cat <<<EOF\nCMD c", "1-1 2-2"},
		"never closed":         {"RUN <<EOF\na\nb", "1-3"},
		"ends in a backslash":  {"RUN a \\", "1-1"},
		"nothing":              {"", ""},
		"carriage return kept": {"FROM a\n\n", "1-1"},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, s := range Steps(c.text) {
				got = append(got, fmt.Sprintf("%d-%d", s.Line, s.EndLine))
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("steps of %q: got %v, want %q", c.text, got, c.want)
			}
		})
	}
}

func TestAddedStepsGoBelowTheStepOfTheCaret(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		caret int
		id    string
		want  string
	}{
		"empty":             {"", 1, "from", "FROM busybox:1.36\n"},
		"at the end":        {"FROM a\nRUN b\n", 3, "workdir", "FROM a\nRUN b\nWORKDIR /app\n"},
		"in between":        {"FROM a\nRUN b\n", 1, "workdir", "FROM a\nWORKDIR /app\nRUN b\n"},
		"not into a step":   {"FROM a\nRUN b \\\n  c\nCMD d\n", 2, "workdir", "FROM a\nRUN b \\\n  c\nWORKDIR /app\nCMD d\n"},
		"without final end": {"FROM a", 1, "user", "FROM a\nUSER 1000\n"},
	} {
		t.Run(name, func(t *testing.T) {
			s := New(Start{Dockerfile: c.text})
			s.Editor.Caret = c.caret
			s, _ = Reduce(s, action.AddStep{ID: c.id})
			if s.Editor.Text != c.want {
				t.Errorf("got %q, want %q", s.Editor.Text, c.want)
			}
			if got := strings.Split(s.Editor.Text, "\n")[s.Editor.Caret-1]; !strings.HasPrefix(c.want, got) && !strings.Contains(c.want, "\n"+got+"\n") {
				t.Errorf("the caret is at %q", got)
			}
		})
	}
}

func TestEveryStepOfThePaletteStandsOnOneLineAndSaysWhatItDoes(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range Palette {
		if len(Steps(p.Text)) != 1 || strings.Contains(p.Text, "\n") || len(p.About) < 20 || seen[p.ID] {
			t.Errorf("palette step %+v", p)
		}
		seen[p.ID] = true
	}
}
