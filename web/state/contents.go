package state

import (
	"bytes"
	"context"
	"fmt"
	"path"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/inspect"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
	"github.com/layerlab/layerlab/web/action"
)

// Contents is the bytes of one version of the selected path, a part at a time.
type Contents struct {
	Path    string
	Layer   int // from 0
	Body    content.Body
	Node    *tree.Inode
	Form    string // "text" or "hex"; "" until the bytes were looked at
	Off     int64  // where the part begins
	Len     int    // bytes of it
	Shown   string // the part, as text or hex
	Reading bool
	Err     string
}

// Part is how many bytes of a file are shown at once.
const Part = 32 << 10

type (
	// ReadContents reads a part of a file. Form "" is text if it looks like it.
	ReadContents struct {
		N    int
		Body content.Body
		Off  int64
		Form string
	}
	// ContentsRead is the end of it.
	ContentsRead struct {
		N     int
		Off   int64
		Len   int
		Form  string
		Shown string
		Err   string
	}
)

func reduceContents(s *State, a action.Action) ([]Effect, bool) {
	f := &s.Files
	switch a := a.(type) {
	case action.ShowContents:
		s.showContents(a.Layer)
	case action.CloseContents:
		f.Contents = nil
	case action.ContentsAs:
		if f.Contents != nil {
			s.readContents(f.Contents.Off, a.Form)
		}
	case action.MoveContents:
		if c := f.Contents; c != nil {
			last := (max(c.Body.Size()-1, 0) / Part) * Part
			s.readContents(max(0, min(c.Off+int64(a.By)*Part, last)), c.Form)
		}
	case action.DownloadVersion:
		if body, _ := f.version(a.Layer); body != nil {
			return []Effect{DownloadBody{Name: path.Base(f.Selected), Body: body}}, true
		}
	case ContentsRead:
		if c := f.Contents; c != nil && a.N == f.reads {
			next := *c
			next.Reading, next.Off, next.Len, next.Form, next.Shown, next.Err = false, a.Off, a.Len, a.Form, a.Shown, a.Err
			f.Contents = &next
		}
	default:
		return nil, false
	}
	return nil, true
}

// showContents shows what one layer has of the selected path.
func (s *State) showContents(number int) {
	f := &s.Files
	body, n := f.version(number)
	if body == nil {
		return
	}
	f.Contents = &Contents{Path: f.Selected, Layer: number, Body: body, Node: n}
	s.readContents(0, "")
}

// showWinner shows the selected path as a process sees it, or as the topmost layer
// has it that still does.
func (s *State) showWinner() {
	for _, v := range s.Files.Versions {
		if body, _ := s.Files.version(v.Layer); body != nil {
			s.showContents(v.Layer)
			return
		}
	}
}

func (s *State) readContents(off int64, form string) {
	f := &s.Files
	next := *f.Contents
	next.Reading, next.Err = true, ""
	f.Contents = &next
	f.reads++
	s.want(ReadContents{f.reads, next.Body, off, form})
}

// version is what one layer has of the selected path: the file that it links to
// where it is a hard link to one of a lower layer; nil unless it is a file.
func (f *Files) version(number int) (content.Body, *tree.Inode) {
	for _, v := range f.Versions {
		if v.Layer != number || v.Node == nil || v.State == overlay.Marker {
			continue
		}
		n := v.Node
		if n.LinkBroken {
			if m := f.Source.linked(number, f.Selected); m != nil {
				n = m
			}
		}
		if n.IsRegular() {
			return n.Content(), n
		}
	}
	return nil, nil
}

// Readable reports whether the selected path has bytes to be read in a layer.
func (f *Files) Readable(number int) bool {
	body, _ := f.version(number)
	return body != nil
}

// linked is the file that a hard link of a layer to a lower layer's file means.
func (src *FileSource) linked(number int, p string) *tree.Inode {
	layers := src.layers
	if number < len(layers) {
		layers = layers[:number+1]
	} else if up := src.mount.Upper(); up != nil {
		layers = append(layers[:len(layers):len(layers)], &layer.Layer{Tree: up})
	}
	for _, v := range inspect.Versions(layers, p) {
		if v.Layer == number {
			return v.Node
		}
	}
	return nil
}

// readContents reads a part of a file beside all else.
func (r *Runner) readContents(e ReadContents) {
	m := ContentsRead{N: e.N, Off: e.Off, Form: e.Form}
	defer func() {
		if p := recover(); p != nil {
			m.Err = fmt.Sprint(p)
		}
		r.dispatch(m)
	}()
	if err := r.b.Pause(context.Background()); err != nil {
		return
	}
	part, err := inspect.Window(e.Body, e.Off, Part)
	if err != nil {
		m.Err = err.Error()
		return
	}
	m.Len = len(part)
	if m.Form == "" {
		m.Form = "hex"
		if inspect.Sniff(part[:min(len(part), inspect.SniffBytes)]) {
			m.Form = "text"
		}
	}
	if m.Form == "text" {
		m.Shown = inspect.Text(part)
		return
	}
	var out bytes.Buffer
	if err := inspect.Hex(&out, offset{e.Body, e.Off, part}, e.Off, len(part)); err != nil {
		m.Err = err.Error()
		return
	}
	m.Shown = out.String()
}

// offset is a body of which one part was read already.
type offset struct {
	content.Body
	off  int64
	part []byte
}

// ReadAt reads from that part.
func (o offset) ReadAt(p []byte, off int64) (int, error) {
	if off < o.off || off > o.off+int64(len(o.part)) {
		return content.ReadAt(o.Body, p, off)
	}
	return copy(p, o.part[off-o.off:]), nil
}
