package state

import (
	"strings"
	"testing"

	"github.com/layerlab/layerlab/sim/build"
	"github.com/layerlab/layerlab/web/action"
	"github.com/layerlab/layerlab/web/browser"
)

// outcomes is a word for each step of the Dockerfile.
func (p *page) outcomes() string {
	var out []string
	for _, x := range p.s.Editor.Foresight.StatusesOf(p.s.Editor.Text, Steps(p.s.Editor.Text)) {
		if x == nil {
			out = append(out, "unknown")
			continue
		}
		out = append(out, string(x.Outcome))
	}
	return strings.Join(out, " ")
}

func (p *page) foreseen() {
	p.t.Helper()
	timers := p.b.Timers
	p.b.Timers = nil
	for _, f := range timers { // typing rests
		f()
	}
	p.until("what would change", func() bool { f := p.s.Editor.Foresight; return f.Known && f.Text == p.s.Editor.Text })
}

func TestWhatWouldChangeIsWhatTheBuildThenDoes(t *testing.T) {
	p := open(t, &browser.Stub{})
	p.do(action.ToggleForesight{})
	p.foreseen()
	if got, want := p.outcomes(), "config hit hit hit hit hit config"; got != want {
		t.Errorf("unchanged: %q, want %q", got, want)
	}
	points := len(p.s.Time.Points)
	p.do(action.EditDockerfile{Text: strings.Replace(firstDockerfile, "COPY app.txt .", "COPY . .", 1)})
	p.foreseen()
	if got, want := p.outcomes(), "config hit hit hit miss miss config"; got != want {
		t.Errorf("one step changed: %q, want %q", got, want)
	}
	p.do(action.Build{})
	if got, want := p.statuses(), "cached cached cached cached built built config"; got != want {
		t.Errorf("the build did %q, want %q", got, want)
	}
	p.until("all hits after the build", func() bool { return p.outcomes() == "config hit hit hit hit hit config" })
	// The Dockerfile is in the context: what is typed now makes COPY . . miss.
	p.do(action.EditDockerfile{Text: "# a note\n" + p.s.Editor.Text})
	p.foreseen()
	if got, want := p.outcomes(), "config hit hit hit miss miss config"; got != want {
		t.Errorf("a note in a Dockerfile that is copied: %q, want %q", got, want)
	}
	if len(p.s.Time.Points) != points+2 { // the Dockerfile was written, and built
		t.Errorf("looking ahead is in the timeline: %+v", p.s.Time.Points[points:])
	}
}

func TestAKeyIsTakenApart(t *testing.T) {
	p := open(t, &browser.Stub{})
	p.do(action.MoveCaret{Line: 5}, action.ToggleKey{})
	p.until("the key", func() bool { return p.s.Editor.Key.Known })
	k := p.s.Editor.Key
	var files []string
	for _, x := range k.Parts {
		if x.Kind == build.PartFile {
			files = append(files, x.Name+" "+string(x.Change))
		}
	}
	if got := strings.Join(files, ", "); got != "app.txt changed" || k.Hit || k.Future || k.Digest == "" {
		t.Errorf("files %q of %+v", got, k)
	}
	p.do(action.MoveCaret{Line: 1})
	p.until("the key of FROM", func() bool { return p.s.Editor.Key.Known })
	if k := p.s.Editor.Key; k.Missing == "" || k.Line != 1 {
		t.Errorf("FROM: %+v", k)
	}
}

func TestBuildsAreHeldAfterTheirNameIsAnothers(t *testing.T) {
	p := open(t, &browser.Stub{})
	p.do(action.EditDockerfile{Text: "FROM busybox:1.36\nRUN echo a > /a\n"}, action.SetTag{Name: "same"}, action.Build{})
	p.do(action.EditDockerfile{Text: "FROM busybox:1.36\nRUN echo b > /a\n"}, action.Build{})
	p.do(action.ShowCompare{})
	p.until("the comparison", func() bool { return p.s.Images.Compared != nil })
	v := p.s.Sides()
	if p.s.World.Image(v.A) != nil || p.s.World.Image(v.B) == nil {
		t.Errorf("the former is to be gone from the store, the later there: %+v", v)
	}
	c := p.s.Images.Compared.Comparison
	if c.Shared != 1 || c.First < 0 || !strings.Contains(c.Rows[c.First].Text, "echo a") {
		t.Errorf("%+v", c)
	}
	n := len(p.s.World.Builds)
	p.do(action.Undo{})
	if got := len(p.s.World.Builds); got != n-1 {
		t.Errorf("%d builds before the last of %d", got, n)
	}
	p.do(action.Redo{})
	if got := len(p.s.World.Builds); got != n {
		t.Errorf("%d builds after going forward again, not %d", got, n)
	}
}
