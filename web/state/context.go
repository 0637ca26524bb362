package state

import (
	"strconv"
	"strings"

	"github.com/layerlab/layerlab/web/action"
)

// Context is the build context's panel: the file that is open for editing. The
// files themselves are World.Project.
type Context struct {
	Open *OpenFile
}

// OpenFile is a file of the project that is open for editing.
type OpenFile struct {
	Path   string // as typed now
	Old    string // its name in the project, "" for a new file
	Text   string
	Mode   string // octal, as typed now
	Binary bool   // too large or no text: only name and mode can be changed
	Size   int64
	Err    string // why it cannot be saved, in words
	Rev    int    // grows when another file is opened
}

func reduceContext(s *State, a action.Action) ([]Effect, bool) {
	switch a := a.(type) {
	case action.NewFile:
		s.Context.Open = &OpenFile{Mode: "644", Rev: s.nextRev()}
	case action.OpenFile:
		if a.Path == "Dockerfile" {
			s.Page.Tab = "steps"
			s.say("The Dockerfile is open in the editor above")
			return nil, true
		}
		return []Effect{ReadProjectFile{a.Path}}, true
	case FileRead:
		s.Context.Open = &OpenFile{Path: a.Path, Old: a.Path, Text: a.Text, Binary: a.Binary, Size: a.Size,
			Mode: strconv.FormatUint(uint64(a.Mode), 8), Rev: s.nextRev()}
	case action.EditFile, action.NameFile, action.ModeFile:
		s.editOpen(a)
	case action.SaveFile:
		return s.saveFile(), true
	case FileSaved:
		if s.Context.Open == nil {
			break
		}
		if a.Err != "" {
			open := *s.Context.Open
			open.Err = a.Err
			s.Context.Open = &open
			s.say(a.Err)
			break
		}
		s.Context.Open = nil
		s.say("Saved " + a.Path)
	case action.CloseFile:
		s.Context.Open = nil
	case action.DeleteFile:
		s.Context.Open = nil
		return []Effect{DeleteProjectFile{a.Path}}, true
	case action.UploadFiles:
		return []Effect{PickForContext{}}, true
	default:
		return nil, false
	}
	return nil, true
}

func (s *State) nextRev() int {
	s.Page.next++
	return s.Page.next
}

func (s *State) editOpen(a action.Action) {
	if s.Context.Open == nil {
		return
	}
	open := *s.Context.Open
	open.Err = ""
	switch a := a.(type) {
	case action.EditFile:
		open.Text = a.Text
	case action.NameFile:
		open.Path = a.Path
	case action.ModeFile:
		open.Mode = a.Mode
	}
	s.Context.Open = &open
}

// saveFile checks the open file's name and mode and has it written.
func (s *State) saveFile() []Effect {
	if s.Context.Open == nil {
		return nil
	}
	open := *s.Context.Open
	name, problem := cleanName(open.Path)
	mode, err := strconv.ParseUint(strings.TrimSpace(open.Mode), 8, 32)
	switch {
	case problem != "":
		open.Err = problem
	case err != nil || mode > 0o7777:
		open.Err = "The mode is an octal number such as 644 or 755, not “" + open.Mode + "”."
	default:
		open.Err = ""
	}
	s.Context.Open = &open
	if open.Err != "" {
		s.say(open.Err)
		return nil
	}
	w := WriteProjectFile{Path: name, Old: open.Old, Mode: uint32(mode)}
	if !open.Binary {
		w.Text = &open.Text
	}
	return []Effect{w}
}

// cleanName is a path inside the project, or what is wrong with it.
func cleanName(p string) (name, problem string) {
	p = strings.Trim(strings.TrimSpace(p), "/")
	if p == "" {
		return "", "The file needs a name, app.txt for instance."
	}
	for part := range strings.SplitSeq(p, "/") {
		switch {
		case part == "" || part == "." || part == "..":
			return "", "A name may not hold “" + part + "” as a part: the file has to be inside the build context."
		case len(part) > 255:
			return "", "A name may have 255 bytes at most between slashes."
		case strings.ContainsRune(part, 0):
			return "", "A name may not hold a NUL byte."
		}
	}
	return p, ""
}
