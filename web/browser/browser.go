// Package browser is what the page asks of the browser that shows it.
//
// It is the only package outside wasm/ that imports syscall/js. Everything goes
// through [Browser], an interface with two implementations: the real one in
// a browser ([New] of GOOS=js), and [Stub], which the native tests of
// web/state and of whatever else needs a browser fill in.
//
// The words used here:
//
//   - event loop: the browser's single thread that runs the page's program, its
//     event handlers and the drawing of the page, one after the other. A handler
//     must not wait for the browser (it would wait for itself): it starts
//     a goroutine. Long work gives the loop its turn with [Browser.Pause];
//   - worker: a second program (wasm/worker) in a thread of its own, which reads,
//     inflates, hashes and indexes a blob without holding the page up;
//   - File: a handle of a file on the person's disk. Its bytes stay there and are
//     read in slices; nothing of it is ever sent anywhere.
package browser

import (
	"context"
	"time"

	"github.com/layerlab/layerlab/sim/content"
)

// Browser is all that the page asks of the browser. Its methods are to be called
// from the page's program only; those with a context wait and must not be called
// from an event handler without a goroutine.
type Browser interface {
	Files
	Screen
	Place
	Workers

	// Storage keeps small texts while the tab is open, and where the browser
	// allows it, across a reload (sessionStorage). It also survives the death of
	// the page's program.
	Storage() Storage
	// Settings keeps small texts on this machine for the next visit
	// (localStorage), or as long as Storage where that is blocked.
	Settings() Storage
	// Restart says how this run of the program was started.
	Restart() Restart

	// Pause gives the event loop its turn when this program has held it for
	// longer than a few milliseconds, otherwise it returns at once. It
	// returns ctx.Err(). It is cheap: call it in every turn of a long loop.
	Pause(ctx context.Context) error
	// Working tells that a command of the person's runs, or that it has ended. The
	// program's memory may grow while one does, for it not to be held up.
	Working(on bool)
	// Data is a data file of the catalogue by its name, fetched from where the page
	// came from. It waits for it.
	Data(ctx context.Context, name string) ([]byte, error)
	// WriteClipboard puts text on the clipboard. Browsers want that to happen
	// soon after a click or a key; an error says that this one did not allow it.
	WriteClipboard(ctx context.Context, text string) error
	// Download gives the person the bytes of body as a file of the given name. A
	// body that is read from a File is handed over without reading it here.
	Download(ctx context.Context, name string, body content.Body) error
}

// Files is how files get from the person's disk into the page.
type Files interface {
	// PickFiles shows the browser's file dialog and calls done with what was
	// chosen, not at all if the dialog was closed. It may be called from an event
	// handler, and must be: browsers show the dialog only after a click or a key.
	PickFiles(o PickOptions, done func([]File))
	// OnDrop calls d's functions when files are dragged over the page and
	// dropped on it, anywhere. The function returned ends that.
	OnDrop(d DropTarget) (stop func())
	// OnPaste calls f when files are pasted (text is left to the field that has
	// the focus).
	OnPaste(f func([]File)) (stop func())
}

// File is a file on the person's disk. Bodies that are slices of a File are read
// from the disk when they are read, never before.
type File interface {
	content.Random
	// Name is the file's own name: "app.tar".
	Name() string
	// Path is the name with the folders that were chosen or dropped with it:
	// "project/src/main.go"; equal to Name for a single file. No leading slash.
	Path() string
	// Modified is when the file was last changed.
	Modified() time.Time
}

// PickOptions says what the file dialog offers.
type PickOptions struct {
	Accept   string // as of the HTML attribute: ".tar,.tar.gz"; "" is any file
	Multiple bool
	Folder   bool // choose a folder with all that is in it
}

// DropTarget is told of files that are dragged over the page. Its functions are
// called from event handlers.
type DropTarget struct {
	Over func(over bool) // files are above the page now, or no longer
	Drop func(Drop)
}

// Drop is what was dropped.
type Drop struct {
	Files []File
	Err   error  // not nil when a part of it could not be read
	Zone  string // the data-drop attribute of the element it was dropped on, or of the nearest around it; "" if none has one
}

// Screen is how the page looks to the person.
type Screen interface {
	// Theme is what the person chose with the switch, Auto if nothing.
	Theme() Theme
	// SetTheme changes the look at once and is remembered in Settings.
	SetTheme(Theme)
	// Dark reports whether the page is dark now; OnDark tells of changes.
	Dark() bool
	OnDark(f func(dark bool)) (stop func())
	// ReducedMotion reports whether the person asked the system for less motion.
	ReducedMotion() bool
	// Hidden reports whether nobody can see the page: its tab is in the background.
	Hidden() bool
	// Frame calls f before the browser draws the next time.
	Frame(f func(at time.Duration))
	// After calls f from the event loop after d, unless stopped before.
	After(d time.Duration, f func()) (stop func())
	// Width is the width of the page in CSS pixels; OnResize tells of changes.
	Width() int
	OnResize(f func(width int)) (stop func())
}

// Theme is the look that the person chose.
type Theme string

// The themes.
const (
	Auto  Theme = ""
	Light Theme = "light"
	Dark  Theme = "dark"
)

// Place is where the page is: its address, and the page around it.
type Place interface {
	// Query is a parameter of the address: Query("embed") is "1" for ?embed=1.
	Query(name string) string
	// Hash is the part of the address after #, decoded.
	Hash() string
	// SetHash changes that part without a new entry in the browser's history.
	SetHash(hash string)
	// OnHash calls f when the person changes it.
	OnHash(f func(hash string)) (stop func())
	// Embedded reports whether the page is inside another page's frame and
	// was asked for with ?embed=1. An embedded page takes no focus on load.
	Embedded() bool
	// Post sends a message to the page around this one, as {type: "layerlab:" +
	// kind, …fields}; nothing when there is none. The height is posted by itself.
	Post(kind string, fields map[string]any)
}

// Storage keeps small texts under names. It never fails: where the browser
// refuses (a frame of another origin, a private window, a full store), what was
// set is still there as long as the tab is.
type Storage interface {
	Get(key string) (value string, ok bool)
	Set(key, value string)
	Remove(key string)
}

// SessionKey is the name in Storage under which the page keeps what it needs to
// start again where the person was: the Dockerfile, the context and the commands
// typed so far. The boot script looks at whether it is there, never into it.
const SessionKey = "session"

// Restart is how a run of the page's program was started.
type Restart string

// The ways to start.
const (
	// Fresh is the first run, or the person chose to begin anew: what an
	// earlier run kept under SessionKey is gone.
	Fresh Restart = ""
	// Resume is a run after a reload of the page or after the program died:
	// what is under SessionKey is to be brought back.
	Resume Restart = "resume"
	// ResumeCareful is Resume after the program died, when the person chose to
	// leave the last command out, as it may be what the program died of.
	ResumeCareful Restart = "careful"
)
