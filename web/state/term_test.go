package state

import (
	"strings"
	"testing"

	"github.com/layerlab/layerlab/web/action"
)

func typeLines(s State, lines ...string) State {
	for _, l := range lines {
		s, _ = Reduce(s, action.RunLine{Line: l})
		id := s.Term.Next
		s, _ = Reduce(s, LineStarted{id})
		s, _ = Reduce(s, LineEnded{ID: id})
	}
	return s
}

func TestArrowsGoThroughTheHistoryAndBackToTheDraft(t *testing.T) {
	s := typeLines(New(Start{}), "one", "two", "two", "three")
	s, _ = Reduce(s, action.TypeLine{Text: "dra"})
	var got []string
	for _, a := range []action.Action{
		action.HistoryBack{}, action.HistoryBack{}, action.HistoryBack{}, action.HistoryBack{},
		action.HistoryForward{}, action.HistoryForward{}, action.HistoryForward{}, action.HistoryForward{},
	} {
		s, _ = Reduce(s, a)
		got = append(got, s.Term.Typed)
	}
	if want := "three two one one two three dra dra"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

func TestCompletionGoesAsFarAsAllAgree(t *testing.T) {
	s, _ := Reduce(New(Start{}), action.TypeLine{Text: "docker i"})
	s, effects := Reduce(s, action.CompleteLine{Text: "docker i"})
	if effects[0] != (CompleteWord{"docker i"}) {
		t.Fatalf("effects: %v", effects)
	}
	s, _ = Reduce(s, Completed{"docker i", []string{"docker image", "docker images"}})
	if s.Term.Typed != "docker image" || len(s.Term.Choices) != 2 {
		t.Errorf("typed %q, choices %v", s.Term.Typed, s.Term.Choices)
	}
	late, _ := Reduce(s, Completed{"docker i", []string{"docker info"}})
	if late.Term.Typed != "docker image" {
		t.Errorf("an answer to an older text changed the line to %q", late.Term.Typed)
	}
}

func TestOutputIsKeptToABoundAndCutAtALine(t *testing.T) {
	s, _ := Reduce(New(Start{}), action.RunLine{Line: "yes"})
	line := strings.Repeat("y", 99) + "\n"
	for range 3 * maxOutput / len(line) / 50 {
		s, _ = Reduce(s, LinePrinted{1, strings.Repeat(line, 50)})
	}
	e := s.Term.Entries[0]
	if len(e.Output) > maxOutput || e.Cut == 0 || !strings.HasPrefix(e.Output, "yyy") || e.Cut%100 != 0 {
		t.Errorf("%d bytes kept, %d cut", len(e.Output), e.Cut)
	}
}

func TestInterruptStopsWhatRunsOrEmptiesThePrompt(t *testing.T) {
	s, _ := Reduce(New(Start{}), action.TypeLine{Text: "rm"})
	s, effects := Reduce(s, action.Interrupt{})
	if len(effects) != 0 || s.Term.Typed != "" {
		t.Errorf("idle: %v, %q", effects, s.Term.Typed)
	}
	s, _ = Reduce(s, action.RunLine{Line: "sleep 9"})
	if _, effects = Reduce(s, action.Interrupt{}); len(effects) != 1 || effects[0] != (StopCommand{}) {
		t.Errorf("running: %v", effects)
	}
}

func TestTravelStaysOnTheTimelineAndWaitsForCommands(t *testing.T) {
	s := New(Start{})
	s.Time = Time{Points: make([]Point, 3), At: 3}
	for _, c := range []struct {
		a    action.Action
		want []Effect
	}{
		{action.Redo{}, nil}, {action.GoTo{N: 4}, nil}, {action.GoTo{N: -1}, nil}, {action.GoTo{N: 3}, nil},
		{action.Undo{}, []Effect{TravelTo{2}}}, {action.GoTo{N: 0}, []Effect{TravelTo{0}}},
	} {
		_, got := Reduce(s, c.a)
		if len(got) != len(c.want) || len(got) == 1 && got[0] != c.want[0] {
			t.Errorf("%T%+v: got %v, want %v", c.a, c.a, got, c.want)
		}
	}
	busy, _ := Reduce(s, action.RunLine{Line: "ls"})
	if _, got := Reduce(busy, action.Undo{}); got != nil {
		t.Errorf("while a command runs: %v", got)
	}
}

func TestReduceLeavesTheOldStateAsItWas(t *testing.T) {
	before := typeLines(New(Start{}), "one")
	after := typeLines(before, "two")
	after, _ = Reduce(after, LinePrinted{1, "late"})
	if len(before.Term.Entries) != 1 || before.Term.Entries[0].Output != "" || after.Term.Entries[0].Output != "late" {
		t.Errorf("before %+v, after %+v", before.Term.Entries, after.Term.Entries)
	}
}
