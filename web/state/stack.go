package state

import (
	"strconv"

	"github.com/layerlab/layerlab/sim/event"
	"github.com/layerlab/layerlab/web/action"
)

// Stack is the layers pane: which image is shown and what is selected in it.
type Stack struct {
	Image     string          // ID; the newest image when ""
	Layer     int             // selected layer, from 1; 0 for none
	Container string          // selected container, "" for none
	Fresh     map[string]bool // DiffIDs of layers that the last build made
	Drops     bool            // they came at once, and not as a build went on
	Flights   []Flight        // what went up to or was hidden by a container in the last command
	Read      *Flight         // the file that was read last, and where it came from
	landed    bool            // Flights are of an earlier command: the next one starts anew
	starting  bool            // a program is being started
	program   string          // the file of the program that was started last
}

// A Flight is one thing that the last command did in a container's layer.
type Flight struct {
	Container string // ID
	Kind      FlightKind
	Path      string
	From      int // number of the layer it comes from, from 1
	Bytes     int64
	Why       string
}

// FlightKind is what a Flight is.
type FlightKind int

// The kinds of flight.
const (
	CopyUp FlightKind = iota
	Hide
	Make
	Read
	Exdev
	MakeOpaque
)

func reduceStack(s *State, a action.Action) ([]Effect, bool) {
	switch a := a.(type) {
	case WorldRead:
		s.takeWorld(a)
	case action.SelectImage:
		if s.image(a.ID) == nil {
			break
		}
		s.Live.leave()
		s.Stack.show(a.ID)
		s.Page.View = "build"
		s.Page.Tab = "layers"
		s.refreshFiles()
	case action.SelectLayer:
		if s.Live.On {
			break // its plates have no files yet
		}
		s.Stack.Layer, s.Stack.Container = a.Number, ""
		s.showLayerFiles(a.Number)
	case action.SelectContainer:
		if c := s.World.Container(a.ID); c != nil {
			s.Live.leave()
			if c.ImageID != s.shownImage() {
				s.Stack.show(c.ImageID)
			}
			s.Stack.Container, s.Stack.Layer = a.ID, 0
			s.showContainerFiles()
			s.ship()
		}
	case action.RunContainer:
		im := s.World.Image(s.shownImage())
		if im == nil {
			return nil, true
		}
		return s.run("docker run -d --name " + s.freeName() + " " + im.Name() + " sleep 600"), true
	case action.PassDays:
		return s.run("lab date +" + itoa(a.Days) + "d"), true
	case action.RemoveContainer:
		return s.run("docker rm -f " + a.Name), true
	case Happened:
		s.happened(a.Event)
	default:
		return nil, false
	}
	return nil, true
}

// takeWorld shows a new world and lets go of what is no longer in it.
func (s *State) takeWorld(a WorldRead) {
	if n := len(a.Points); s.Page.Booted && a.At == n && a.At > s.Time.At && a.Points[n-1].Summary != "" {
		s.say(a.Points[n-1].Summary)
	}
	s.World = a.World
	s.Live.settle()
	if a.Dockerfile != nil {
		s.Editor.sync(*a.Dockerfile)
	}
	s.Time = Time{Points: a.Points, At: a.At}
	s.Term.Dir, s.Term.Prompt = a.Dir, a.Prompt
	if s.World.Container(s.Stack.Container) == nil {
		s.Stack.Container = ""
	}
	if s.Stack.Image != "" && s.image(s.Stack.Image) == nil {
		s.Stack.Image = ""
	}
	if im := s.Shown(); im == nil || s.Stack.Layer > len(im.Layers) {
		s.Stack.Layer = 0
	}
	s.refreshFiles()
	s.ship()
	s.foresee(false)
	s.readKey()
	s.study()
}

// image finds an image of the engine or of an archive that is being read.
func (s *State) image(id string) *Image {
	if im := s.World.Image(id); im != nil {
		return im
	}
	return s.Opening.image(id)
}

// Shown is the image that the page shows, nil while there is none.
func (s *State) Shown() *Image { return s.image(s.shownImage()) }

func (s *State) shownImage() string {
	if s.Stack.Image != "" {
		return s.Stack.Image
	}
	if len(s.World.Images) > 0 {
		return s.World.Images[0].ID
	}
	return ""
}

// show changes to another image.
func (st *Stack) show(id string) {
	if id == "" || id == st.Image {
		return
	}
	st.Image, st.Layer, st.Container = id, 0, ""
}

// fresh notes a layer that was made now.
func (st *Stack) fresh(diffID string) {
	next := map[string]bool{diffID: true}
	for k := range st.Fresh {
		next[k] = true
	}
	st.Fresh = next
}

// freeName is "web", or "web2", "web3"… when that is taken.
func (s *State) freeName() string {
	for n := 1; ; n++ {
		name := "web"
		if n > 1 {
			name += strconv.Itoa(n)
		}
		taken := false
		for _, c := range s.World.Containers {
			taken = taken || c.Name == name
		}
		if !taken {
			return name
		}
	}
}

// happened follows the engine's events: builds in the editor, containers and
// their files on the stack.
func (s *State) happened(ev event.Event) {
	s.reduceBuildEvent(ev)
	s.Live.follow(ev, s.Page.Booted)
	switch ev := ev.(type) {
	case event.CommandStarted:
		s.Stack.landed, s.Stack.Read = true, nil
	case event.ImageLoaded:
		if s.Opening.image(s.Stack.Image) == nil { // else the end of its opening shows it
			s.Stack.show(ev.ID)
		}
	case event.ContainerCreated:
		s.Stack.show(ev.ImageID)
		s.Stack.Container, s.Stack.Layer = ev.ID, 0
		s.Files.Mode = "container"
	case event.ContainerCommitted:
		s.Stack.Drops = true
		s.Stack.show(ev.ImageID)
	case event.CopiedUp:
		s.fly(ev.In, Flight{Kind: CopyUp, Path: ev.Path, From: ev.From + 1, Bytes: ev.Bytes, Why: ev.Why})
	case event.Whiteout:
		s.fly(ev.In, Flight{Kind: Hide, Path: ev.Path, From: ev.Hides + 1, Bytes: ev.Bytes})
	case event.FileCreated:
		s.fly(ev.In, Flight{Kind: Make, Path: ev.Path})
	case event.CrossDevice:
		s.fly(ev.In, Flight{Kind: Exdev, Path: ev.Path})
	case event.ContainerStarted, event.ContainerExec:
		s.Stack.starting, s.Stack.program = true, ""
	case event.FileRead:
		if ev.In.Container != "" && !s.Stack.startup(ev.Path) {
			s.Stack.Read = &Flight{Container: ev.In.Container, Kind: Read, Path: ev.Path, From: ev.Layer + 1}
		}
	}
}

// startup reports whether a file was read only because a program was started:
// the users' files, and the program itself.
func (st *Stack) startup(p string) bool {
	if st.starting {
		if p == "/etc/passwd" || p == "/etc/group" {
			return true
		}
		st.starting, st.program = false, p
	}
	return p == st.program
}

// maxFlights bounds what one command may leave on a plate.
const maxFlights = 200

func (s *State) fly(in event.Place, f Flight) {
	if in.Container == "" {
		return
	}
	f.Container = in.Container
	if s.Stack.landed {
		s.Stack.landed, s.Stack.Flights = false, nil
	}
	if len(s.Stack.Flights) < maxFlights {
		s.Stack.Flights = append(s.Stack.Flights[:len(s.Stack.Flights):len(s.Stack.Flights)], f)
	}
	s.Stack.Container, s.Stack.Layer = in.Container, 0
	if f.Kind == CopyUp || s.Files.Selected == "" {
		s.Files.Selected = f.Path
	}
	if c := s.World.Container(in.Container); c != nil {
		s.Stack.Image = c.ImageID
	}
	s.Files.Mode = "container"
}
