package state

import (
	"testing"

	"github.com/layerlab/layerlab/sim/event"
	"github.com/layerlab/layerlab/web/action"
)

const four = "FROM a\nRUN b\nRUN c\nCMD d\n"

// built is a state after a build of four.
func built(t *testing.T) State {
	t.Helper()
	s := New(Start{Dockerfile: four, Tag: "app:1"})
	s = happen(s, event.BuildStarted{})
	for _, st := range Steps(four) {
		s = happen(s, event.StepDecided{Line: st.Line, EndLine: st.EndLine, Step: st.Text, ConfigOnly: st.Line == 4, Reason: "why"})
	}
	s = happen(s, event.LayerCommitted{Line: 2, DiffID: "sha256:2", Size: 12})
	return happen(s, event.BuildEnded{ID: "sha256:im"})
}

func happen(s State, events ...event.Event) State {
	for _, ev := range events {
		s, _ = Reduce(s, Happened{ev})
	}
	return s
}

func TestStatusesStayWithTheirStepsWhileTheTextChanges(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want string // a letter for each step: known or unknown
	}{
		"unchanged":       {four, "kkkk"},
		"a line above":    {"# note\n" + four, "kkkk"},
		"a step changed":  {"FROM a\nRUN bb\nRUN c\nCMD d\n", "kukk"},
		"a step inserted": {"FROM a\nRUN b\nRUN x\nRUN c\nCMD d\n", "kkukk"},
		"a step removed":  {"FROM a\nRUN c\nCMD d\n", "kkk"},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := Reduce(built(t), action.EditDockerfile{Text: c.text})
			got := ""
			for _, st := range Steps(c.text) {
				if s.Editor.StatusOf(st) != nil {
					got += "k"
				} else {
					got += "u"
				}
			}
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestNextStepIsTheFirstThatIsNotBuilt(t *testing.T) {
	s := New(Start{Dockerfile: four, Tag: "app:1"})
	_, effects := Reduce(s, action.BuildStep{})
	if got := effects[0].(RunCommand).Line; got != "lab build --until 1 -t app:1 ." {
		t.Errorf("first: %q", got)
	}
	s, _ = Reduce(built(t), action.EditDockerfile{Text: "FROM a\nRUN b\nRUN cc\nCMD d\n"})
	_, effects = Reduce(s, action.BuildStep{})
	if got := effects[0].(RunCommand).Line; got != "lab build --until 3 -t app:1 ." {
		t.Errorf("after a change in line 3: %q", got)
	}
	_, effects = Reduce(built(t), action.BuildStep{})
	if got := effects[0].(RunCommand).Line; got != "docker build -t app:1 ." {
		t.Errorf("all built: %q", got)
	}
}

func TestFailedBuildMarksItsLineUntilTheNextBuild(t *testing.T) {
	s := happen(built(t), event.BuildStarted{}, event.BuildEnded{Err: `process "/bin/sh -c c" did not complete successfully: exit code: 1`, Line: 3})
	if e := s.Editor.Error; e == nil || e.Line != 3 || !e.Build {
		t.Fatalf("got %+v", e)
	}
	s, _ = Reduce(s, Checked{Text: s.Editor.Text})
	if s.Editor.Error == nil {
		t.Error("a text that parses took the build's error away")
	}
	if s = happen(s, event.BuildStarted{}); s.Editor.Error != nil {
		t.Error("the error outlived the next build")
	}
}

func TestParserIsHeardOnlyAboutTheTextOfNow(t *testing.T) {
	s := New(Start{Dockerfile: "FROM a\n"})
	s, effects := Reduce(s, action.EditDockerfile{Text: "FROM a\nFOO\n"})
	if effects[0] != (CheckDockerfile{"FROM a\nFOO\n"}) {
		t.Fatalf("effects: %v", effects)
	}
	late, _ := Reduce(s, Checked{Text: "FROM a\nF", Error: &LineError{Line: 2}})
	if late.Editor.Error != nil {
		t.Error("a finding about an older text was shown")
	}
	s, _ = Reduce(s, Checked{Text: s.Editor.Text, Error: &LineError{Line: 2, Msg: "unknown instruction: FOO"}})
	if s.Editor.Error == nil {
		t.Error("the mistake is not shown")
	}
	if s, _ = Reduce(s, action.EditDockerfile{Text: "FROM a\n"}); s.Editor.Error != nil {
		t.Error("the mistake stayed while it was mended")
	}
}

func TestWhatIsTypedStaysWhenTheProjectIsReadAgain(t *testing.T) {
	s := New(Start{Dockerfile: "FROM a"})
	read := func(text string) { s, _ = Reduce(s, WorldRead{World: &World{}, Dockerfile: &text}) }
	read("FROM a")
	s, _ = Reduce(s, action.EditDockerfile{Text: "FROM b"})
	read("FROM a") // another file of the context was saved
	if s.Editor.Text != "FROM b" {
		t.Errorf("what was typed is gone: %q", s.Editor.Text)
	}
	read("FROM c") // something wrote the Dockerfile
	if s.Editor.Text != "FROM c" {
		t.Errorf("the project's Dockerfile is not shown: %q", s.Editor.Text)
	}
}
