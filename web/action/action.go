// Package action is what the person meant, as plain structs.
//
// A component of the page turns a click, a key or a drop into one of these
// values and hands it to the state; it decides nothing itself. The words are the
// person's, not the screen's: SelectLayer, not ClickedPlate. What comes back from
// the engine or the browser is no action of the person; those messages are
// types of package state.
package action

// An Action is one of the structs of this package.
type Action any

// The page as a whole.
type (
	// ShowView chooses what the page is about: "build" or "images".
	ShowView struct{ Name string }
	// ShowTab chooses the pane that a narrow page shows: "steps", "layers",
	// "files" or "terminal".
	ShowTab struct{ Name string }
	// SwitchTheme goes from the look of now to the other one.
	SwitchTheme struct{}
	// Dismiss puts a message away.
	Dismiss struct{ ID int }
	// Escape closes the topmost thing that is open.
	Escape struct{}
)

// The Dockerfile.
type (
	// EditDockerfile is the text after a change in the editor.
	EditDockerfile struct{ Text string }
	// MoveCaret is the line the caret stands on, from 1.
	MoveCaret struct{ Line int }
	// ToggleSteps opens or closes the palette of steps.
	ToggleSteps struct{}
	// ToggleForesight shows what the next build would do, or what the last did.
	ToggleForesight struct{}
	// ToggleKey opens or closes the panel that takes a step's cache key apart.
	ToggleKey struct{}
	// ShowCompare puts the last two builds side by side.
	ShowCompare struct{}
	// CompareWith chooses the former of two images that are put side by side, or
	// the later.
	CompareWith struct {
		ID    string
		Later bool
	}
	// Hurry ends the pauses that a build makes so that one can follow it.
	Hurry struct{}
	// LeaveBuild puts away what is left of a build that failed.
	LeaveBuild struct{}
	// AddStep puts a well-formed step of the palette into the Dockerfile,
	// after the line of the caret.
	AddStep struct{ ID string }
	// SetTag is the name that the next build gives its image.
	SetTag struct{ Name string }
	// Build builds the whole Dockerfile.
	Build struct{}
	// BuildStep builds as far as the next step that is not built yet.
	BuildStep struct{}
)

// The build context: the files of the project. Paths are relative to it.
type (
	// NewFile opens an empty file to be named and written.
	NewFile struct{}
	// OpenFile opens a file for editing.
	OpenFile struct{ Path string }
	// EditFile is the text of the open file after a change.
	EditFile struct{ Text string }
	// NameFile is the name of the open file after a change.
	NameFile struct{ Path string }
	// ModeFile is the mode of the open file after a change, in octal: "755".
	ModeFile struct{ Mode string }
	// SaveFile writes the open file and closes it.
	SaveFile struct{}
	// CloseFile closes the open file without writing it.
	CloseFile struct{}
	// DeleteFile deletes the file.
	DeleteFile struct{ Path string }
	// UploadFiles asks for files from the person's disk for the context.
	UploadFiles struct{}
)

// The stack of layers. Layers are numbered from 1, the lowest; 0 is none.
type (
	// SelectImage chooses the image that the page shows.
	SelectImage struct{ ID string }
	// SelectLayer chooses one layer of it.
	SelectLayer struct{ Number int }
	// SelectContainer chooses a container and shows its files.
	SelectContainer struct{ ID string }
	// RunContainer runs a container from the image that is shown.
	RunContainer struct{}
	// RemoveContainer removes a container, its process killed first.
	RemoveContainer struct{ Name string }
)

// The terminal and the timeline.
type (
	// RunLine runs what was typed.
	RunLine struct{ Line string }
	// TypeLine is the text of the prompt after a change.
	TypeLine struct{ Text string }
	// HistoryBack and HistoryForward go through the lines typed before.
	HistoryBack    struct{}
	HistoryForward struct{}
	// CompleteLine asks what the text of the prompt could become.
	CompleteLine struct{ Text string }
	// Interrupt stops the command that runs, or drops the text of the prompt.
	Interrupt struct{}
	// ClearTerminal empties the terminal's view.
	ClearTerminal struct{}
	// GoTo takes everything to the moment after the first N commands.
	GoTo struct{ N int }
	// PassDays moves the clock, and with it the package repositories, on.
	PassDays struct{ Days int }
	// Undo and Redo go one command back and forward.
	Undo struct{}
	Redo struct{}
)
