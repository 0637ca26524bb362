package state

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/web/action"
	"github.com/layerlab/layerlab/web/browser"
)

// A page is a state with a runner and a real engine behind it, without a screen.
type page struct {
	t    *testing.T
	b    *browser.Stub
	r    *Runner
	s    State
	more chan action.Action
}

// open is a page whose first screen is up.
func open(t *testing.T, b *browser.Stub) *page {
	t.Helper()
	p := &page{t: t, b: b, more: make(chan action.Action, 10000)}
	p.r = NewRunner(b, func(a action.Action) { p.more <- a })
	p.s = New(p.r.Start())
	p.r.Boot()
	p.until("the first screen", func() bool { return p.s.Page.Booted })
	return p
}

// do is an action of the person, with all that comes of it until nothing is
// left to be done.
func (p *page) do(actions ...action.Action) {
	p.t.Helper()
	for _, a := range actions {
		p.take(a)
		idle := make(chan bool)
		p.r.later(func(context.Context) { close(idle) })
		p.until("the engine is idle", func() bool {
			select {
			case <-idle:
				return len(p.more) == 0
			default:
				return false
			}
		})
	}
}

func (p *page) take(a action.Action) {
	next, effects := Reduce(p.s, a)
	p.s = next
	for _, e := range effects {
		p.r.Do(e)
	}
}

// until takes messages until a condition holds.
func (p *page) until(what string, ok func() bool) {
	p.t.Helper()
	late := time.After(20 * time.Second)
	for !ok() {
		select {
		case a := <-p.more:
			p.take(a)
		case <-time.After(time.Millisecond):
		case <-late:
			p.t.Fatalf("waited in vain for: %s", what)
		}
	}
}

// statuses is a word for each step of the Dockerfile.
func (p *page) statuses() string {
	var out []string
	for _, st := range Steps(p.s.Editor.Text) {
		w := "unknown"
		if x := p.s.Editor.StatusOf(st); x != nil {
			switch {
			case x.ConfigOnly:
				w = "config"
			case x.Hit:
				w = "cached"
			default:
				w = "built"
			}
		}
		out = append(out, w)
	}
	return strings.Join(out, " ")
}

func (p *page) last() TermEntry { return p.s.Term.Entries[len(p.s.Term.Entries)-1] }

func TestFirstScreenIsAlive(t *testing.T) {
	p := open(t, &browser.Stub{})
	im := p.s.Shown()
	if im == nil || im.Name() != "app:2" || len(im.Layers) != 6 {
		t.Fatalf("shown: %+v", im)
	}
	if got, want := p.statuses(), "cached cached cached cached built built config"; got != want {
		t.Errorf("statuses %q, want %q", got, want)
	}
	c := p.s.World.Containers[0]
	var changes []string
	for _, ch := range c.Changes {
		changes = append(changes, string(ch.Kind)+ch.Path)
	}
	if got := strings.Join(changes, " "); got != "C/app C/app/app.txt A/app/out.log D/app/deps.txt" {
		t.Errorf("changes %q", got)
	}
	if f := p.s.Stack.Flights[0]; f.Kind != CopyUp || f.Path != "/app/app.txt" || f.From != 5 || f.Bytes != 12 {
		t.Errorf("flight %+v", f)
	}
	if p.s.Stack.Container != c.ID || !strings.Contains(p.s.Time.Points[p.s.Time.At-1].Summary, "copied up") {
		t.Errorf("container %q, timeline %+v", p.s.Stack.Container, p.s.Time)
	}
	if l := im.Layers[3]; len(l.Shared) != 1 || l.Shared[0] != "app:1" || len(im.Layers[5].Shared) != 0 {
		t.Errorf("shared: %v, %v", l.Shared, im.Layers[5].Shared)
	}
}

func TestGoingBackLooksAtThePathThatIsSelectedThen(t *testing.T) {
	p := open(t, &browser.Stub{})
	p.do(action.RunLine{Line: "docker exec web sh -c 'echo x >> installed.txt; rm -r /var'"})
	p.do(action.SelectPath{Path: "/var"}, action.Undo{})
	f := p.s.Files
	if f.Selected != "/app/app.txt" || f.At < 0 || f.Rows[f.At].Path != f.Selected {
		t.Fatalf("%s is selected, row %d", f.Selected, f.At)
	}
	if n := f.Versions[0].Node; n == nil || !n.IsRegular() || n.Size() != 17 {
		t.Errorf("the versions are of something else: %+v", f.Versions[0])
	}
}

func TestBuildChangeOneLineBuildAgain(t *testing.T) {
	p := open(t, &browser.Stub{})
	text := "FROM busybox:1.36\nCOPY . /app\nRUN chmod +x /app/hello.sh\nCMD /app/hello.sh\n"
	p.do(action.NewFile{}, action.NameFile{Path: "hello.sh"}, action.EditFile{Text: "#!/bin/sh\necho hi\n"}, action.SaveFile{})
	p.do(action.EditDockerfile{Text: text}, action.SetTag{Name: "hello"}, action.Build{})
	if got, want := p.statuses(), "cached built built config"; got != want || p.last().Exit != 0 {
		t.Fatalf("first build: %q, %s", got, p.last().Output)
	}
	if st := p.s.Editor.Steps[2]; st.Size != 12288 || st.DiffID == "" {
		t.Errorf("the layer of line 3: %+v", st)
	}
	p.do(action.EditDockerfile{Text: strings.Replace(text, "+x", "755", 1)}, action.Build{})
	if got, want := p.statuses(), "cached built built config"; got != want {
		// The context holds the Dockerfile: COPY . sees it change.
		t.Errorf("second build: %q, want %q", got, want)
	}
	if why := p.s.Editor.Steps[1].Reason; !strings.Contains(why, "Dockerfile") {
		t.Errorf("reason of line 2: %q", why)
	}
	if p.s.Shown().Name() != "hello:latest" {
		t.Errorf("shown: %s", p.s.Shown().Name())
	}
}

func TestBuildStepByStep(t *testing.T) {
	p := open(t, &browser.Stub{})
	p.do(action.EditDockerfile{Text: "FROM busybox:1.36\nRUN echo a > a\nRUN echo b > b\n"}, action.SetTag{Name: "step"})
	for i, want := range []string{"cached built unknown", "cached cached built"} {
		p.do(action.BuildStep{})
		if got := p.statuses(); got != want {
			t.Fatalf("after step %d: %q, want %q\n%s", i+1, got, want, p.last().Output)
		}
	}
}

func TestBuildErrorIsAtItsLineInTheBuildsOwnWords(t *testing.T) {
	p := open(t, &browser.Stub{})
	p.do(action.EditDockerfile{Text: "FROM busybox:1.36\nRUN true\nRUN false\n"}, action.Build{})
	if e := p.s.Editor.Error; e == nil || e.Line != 3 || !strings.Contains(e.Msg, "did not complete successfully: exit code: 1") {
		t.Errorf("got %+v", e)
	}
	if p.s.Shown().Name() != "app:2" {
		t.Errorf("shown: %s", p.s.Shown().Name())
	}
}

func TestGoingBackRestoresAllPanesAndGoingOnCutsTheFuture(t *testing.T) {
	p := open(t, &browser.Stub{})
	n := len(p.s.Time.Points)
	p.do(action.EditDockerfile{Text: "FROM busybox:1.36\nRUN echo x > x\n"}, action.SetTag{Name: "x"}, action.Build{}, action.RunLine{Line: "docker rm -f web"})
	if len(p.s.Time.Points) != n+3 || len(p.s.World.Containers) != 0 || p.s.Shown().Name() != "x:latest" {
		t.Fatalf("%d points, %d containers, %s", len(p.s.Time.Points), len(p.s.World.Containers), p.s.Shown().Name())
	}
	p.do(action.GoTo{N: n})
	if p.s.Editor.Text != firstDockerfile || len(p.s.World.Containers) != 1 || p.s.Shown().Name() != "app:2" || p.s.Time.At != n || len(p.s.Time.Points) != n+3 {
		t.Errorf("back: %q, %d containers, %s, %d of %d", p.s.Editor.Text, len(p.s.World.Containers), p.s.Shown().Name(), p.s.Time.At, len(p.s.Time.Points))
	}
	if got := p.last().Line; !strings.HasPrefix(got, "docker exec web") {
		t.Errorf("the terminal ends with %q", got)
	}
	if got, want := p.statuses(), "cached cached cached cached built built config"; got != want {
		t.Errorf("statuses after going back: %q, want %q", got, want)
	}
	p.do(action.Redo{}, action.Redo{}, action.Redo{})
	if p.s.Time.At != n+3 || len(p.s.World.Containers) != 0 {
		t.Errorf("forward: %d, %d containers", p.s.Time.At, len(p.s.World.Containers))
	}
	p.do(action.GoTo{N: n}, action.RunLine{Line: "echo new"})
	if len(p.s.Time.Points) != n+1 || p.last().Output != "new\n" {
		t.Errorf("after a new command: %d points, %q", len(p.s.Time.Points), p.last().Output)
	}
}

func TestFilesOfTheContextAreCreatedEditedRenamedAndDeleted(t *testing.T) {
	p := open(t, &browser.Stub{})
	list := func() string {
		var out []string
		for _, f := range p.s.World.Project {
			out = append(out, f.Path)
		}
		return strings.Join(out, " ")
	}
	p.do(action.NewFile{}, action.NameFile{Path: "bin/run.sh"}, action.EditFile{Text: "echo\n"}, action.ModeFile{Mode: "755"}, action.SaveFile{})
	if got := list(); got != "Dockerfile app.txt bin bin/run.sh deps.txt" || p.s.World.Project[3].Mode != 0o755 {
		t.Fatalf("%s %+v", got, p.s.World.Project)
	}
	p.do(action.OpenFile{Path: "bin/run.sh"})
	if o := p.s.Context.Open; o.Text != "echo\n" || o.Mode != "755" {
		t.Fatalf("opened %+v", o)
	}
	p.do(action.NameFile{Path: "run.sh"}, action.SaveFile{}, action.DeleteFile{Path: "deps.txt"})
	if got := list(); got != "Dockerfile app.txt bin run.sh" {
		t.Error(got)
	}
	p.do(FilesGiven{[]browser.File{fakeFile{content.String("\x00\x01"), "data/x.bin"}}, "context"})
	if got := list(); got != "Dockerfile app.txt bin data data/x.bin run.sh" {
		t.Error(got)
	}
	p.do(action.OpenFile{Path: "data/x.bin"})
	if !p.s.Context.Open.Binary {
		t.Error("bytes that are no text were opened as text")
	}
	p.do(action.OpenFile{Path: "app.txt"}, action.NameFile{Path: "data"}, action.SaveFile{})
	if o := p.s.Context.Open; o == nil || !strings.Contains(o.Err, "folder of that name") {
		t.Errorf("a file over a folder: %+v", o)
	}
}

type fakeFile struct {
	content.Body
	name string
}

func (f fakeFile) ReadAt(p []byte, off int64) (int, error) { return content.ReadAt(f.Body, p, off) }
func (f fakeFile) Name() string                            { return f.name }
func (f fakeFile) Path() string                            { return f.name }
func (f fakeFile) Modified() time.Time                     { return time.Time{} }

func TestSessionStartsAgainWithWhatWasDone(t *testing.T) {
	b := &browser.Stub{}
	p := open(t, b)
	p.do(action.EditDockerfile{Text: "FROM busybox:1.36\nRUN echo x > x\n"}, action.SetTag{Name: "x"}, action.Build{}, action.RunLine{Line: "echo last"})
	b.Start = browser.Resume
	again := open(t, b)
	if again.s.Editor.Text != p.s.Editor.Text || again.s.Shown().ID != p.s.Shown().ID || again.last().Line != "echo last" {
		t.Errorf("again: %q, %s, %q", again.s.Editor.Text, again.s.Shown().Name(), again.last().Line)
	}
	b.Start = browser.ResumeCareful
	careful := open(t, b)
	if careful.last().Line == "echo last" {
		t.Error("the last command was run again")
	}
}

func TestTypingDuringACommandIsKeptAndOtherChangesAreTaken(t *testing.T) {
	p := open(t, &browser.Stub{})
	p.take(action.RunLine{Line: "echo slow"})
	p.take(action.EditDockerfile{Text: "FROM busybox:1.36\nRUN typed meanwhile\n"})
	p.do(action.MoveCaret{Line: 1})
	if !strings.Contains(p.s.Editor.Text, "typed meanwhile") {
		t.Errorf("lost what was typed: %q", p.s.Editor.Text)
	}
	p.do(action.RunLine{Line: "sed -i 's/typed meanwhile/true/' Dockerfile"})
	if p.s.Editor.Text != "FROM busybox:1.36\nRUN true\n" {
		t.Errorf("the terminal's change is not in the editor: %q", p.s.Editor.Text)
	}
	p.do(action.EditDockerfile{Text: "FROM never written\n"}, action.Undo{})
	if strings.Contains(p.s.Editor.Text, "never") {
		t.Errorf("after going back: %q", p.s.Editor.Text)
	}
}

func TestUnfinishedLinesWaitForTheRest(t *testing.T) {
	p := open(t, &browser.Stub{})
	p.do(action.RunLine{Line: "cat <<END"})
	if p.s.Term.Pending != "cat <<END\n" || p.s.Term.Queue != 0 {
		t.Fatalf("pending %q", p.s.Term.Pending)
	}
	p.do(action.RunLine{Line: "a"}, action.RunLine{Line: "END"})
	if p.last().Output != "a\n" || p.s.Term.Pending != "" {
		t.Errorf("printed %q, pending %q", p.last().Output, p.s.Term.Pending)
	}
}

func TestCompletionOfTheShell(t *testing.T) {
	p := open(t, &browser.Stub{})
	p.do(action.TypeLine{Text: "cat dep"}, action.CompleteLine{Text: "cat dep"})
	if p.s.Term.Typed != "cat deps.txt " {
		t.Errorf("typed %q", p.s.Term.Typed)
	}
}
