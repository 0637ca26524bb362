package state

import (
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/event"
	"github.com/layerlab/layerlab/web/browser"
)

// An Effect is something to be done outside the state: one of the types of this
// package that a [Runner] knows.
type Effect any

// What the engine is asked for. These run one after another.
type (
	// RunCommand runs a line in the terminal. Before it, the Dockerfile of
	// the editor is written to the project if it differs.
	RunCommand struct {
		ID         int // of the terminal's entry
		Line       string
		Dockerfile string
	}
	// TravelTo takes the engine to the moment after its first N commands.
	TravelTo struct{ N int }
	// ReadProjectFile reads a file of the project for editing.
	ReadProjectFile struct{ Path string }
	// WriteProjectFile writes a file of the project.
	WriteProjectFile struct {
		Path string
		Old  string // its name before, "" for a new file
		Text *string
		Body content.Body // in place of Text
		Mode uint32
	}
	// DeleteProjectFile deletes a file of the project.
	DeleteProjectFile struct{ Path string }
	// AddToContext puts files from the person's disk into the build context.
	AddToContext struct{ Files []browser.File }
	// OpenArchive reads a file as an image archive.
	OpenArchive struct {
		ID   int
		File browser.File
	}
	// CheckDockerfile has the parser look at the text once typing pauses.
	CheckDockerfile struct{ Text string }
	// CompleteWord asks the shell how the line could go on.
	CompleteWord struct{ Text string }
)

// What the browser is asked for.
type (
	// StopCommand cancels the command that runs.
	StopCommand struct{}
	// SetTheme makes the page dark or light and remembers it.
	SetTheme struct{ Dark bool }
	// PickForContext asks for files for the build context.
	PickForContext struct{}
	// CancelArchive stops reading an archive.
	CancelArchive struct{ ID int }
	// CopyText puts a text on the clipboard and says so.
	CopyText struct{ Text, Said string }
	// PickArchive asks for image archives.
	PickArchive struct{}
	// DownloadBody gives the person a file.
	DownloadBody struct {
		Name string
		Body content.Body
	}
)

// Messages of the engine and the browser.
type (
	// WorldRead is the engine as it is now.
	WorldRead struct {
		World      *World
		Dockerfile *string // nil when there is none in the project
		Points     []Point
		At         int
		Dir        string
		Prompt     string
	}
	// LineStarted, LinePrinted and LineEnded follow a command.
	LineStarted struct{ ID int }
	LinePrinted struct {
		ID   int
		Text string
	}
	LineEnded struct {
		ID   int
		Exit int
		Note string // what the page says under the output, "" for nothing
	}
	// LineUnfinished is a line that needs more lines after it.
	LineUnfinished struct {
		ID   int
		Line string
	}
	// Happened is an event of the engine.
	Happened struct{ Event event.Event }
	// Travelled is the end of TravelTo: the terminal as it was.
	Travelled struct{ Entries []TermEntry }
	// PastBuild is what the last build before the moment of a travel did, and
	// the Dockerfile that it built.
	PastBuild struct {
		Dockerfile string
		Events     []event.Event
	}
	// FileRead is a file of the project, opened for editing.
	FileRead struct {
		Path   string
		Text   string
		Mode   uint32
		Binary bool
		Size   int64
	}
	// FileSaved is the end of WriteProjectFile.
	FileSaved struct {
		Path string
		Err  string
	}
	// Checked is what the parser says of a text.
	Checked struct {
		Text  string
		Error *LineError
	}
	// Completed is what a line could become.
	Completed struct {
		Text    string
		Choices []string
	}
	// ThemeChanged and DragChanged come from the browser.
	ThemeChanged struct{ Dark bool }
	DragChanged  struct{ Over bool }
	// Failed is something that went wrong outside a command.
	Failed struct{ Title, Text string }
	// Booted is the end of the first screen's commands.
	Booted struct{}
	// FilesGiven is files that were picked, dropped or pasted. Zone says where:
	// "context", or "" for anywhere on the page.
	FilesGiven struct {
		Files []browser.File
		Zone  string
	}
)
