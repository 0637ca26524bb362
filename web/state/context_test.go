package state

import (
	"strings"
	"testing"

	"github.com/layerlab/layerlab/web/action"
)

func TestFilesOfTheContextAreCheckedBeforeTheyAreWritten(t *testing.T) {
	for name, c := range map[string]struct{ path, mode, want string }{
		"good":          {"src/app.txt", "755", ""},
		"slashes":       {"/app.txt/", "644", ""},
		"no name":       {" ", "644", "needs a name"},
		"out of it":     {"../passwd", "644", "inside the build context"},
		"empty part":    {"a//b", "644", "inside the build context"},
		"long":          {strings.Repeat("a", 300), "644", "255 bytes"},
		"mode":          {"a", "rwx", "octal"},
		"mode too high": {"a", "17777", "octal"},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := Reduce(New(Start{}), action.NewFile{})
			for _, a := range []action.Action{action.NameFile{Path: c.path}, action.ModeFile{Mode: c.mode}, action.EditFile{Text: "x"}} {
				s, _ = Reduce(s, a)
			}
			s, effects := Reduce(s, action.SaveFile{})
			if c.want == "" {
				w := effects[0].(WriteProjectFile)
				if w.Path != strings.Trim(c.path, "/") || *w.Text != "x" {
					t.Errorf("wrote %+v", w)
				}
				return
			}
			if len(effects) != 0 || !strings.Contains(s.Context.Open.Err, c.want) || !strings.Contains(s.Said.Text, c.want) {
				t.Errorf("effects %v, error %q, said %q", effects, s.Context.Open.Err, s.Said.Text)
			}
		})
	}
}
