package container

import (
	"github.com/layerlab/layerlab/sim/event"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

func (c *Container) trace(e overlay.Event) {
	if up, ok := e.(overlay.CopiedUp); ok {
		c.copiedUp(up)
	}
	if c.tell == nil {
		return
	}
	out := FileEvent(e, event.Place{Container: c.ID, Name: c.Name})
	if up, ok := out.(event.CopiedUp); ok {
		up.To = len(c.layers) + 1
		out = up
	}
	if out != nil {
		c.tell(out)
	}
}

// FileEvent is what an overlay told, as an event in place in; nil for what is
// not worth telling (lookups).
func FileEvent(e overlay.Event, in event.Place) event.Event {
	switch e := e.(type) {
	case overlay.Read:
		return event.FileRead{In: in, Path: e.Path, Layer: e.Layer}
	case overlay.CopiedUp:
		return event.CopiedUp{In: in, Path: e.Path, From: e.From, Bytes: e.Bytes, Kind: kind(e.Kind), Why: e.Why, Parents: e.Parents}
	case overlay.Whiteout:
		return event.Whiteout{In: in, Path: e.Path, Hides: e.Hides, Bytes: e.Bytes}
	case overlay.OpaqueMade:
		return event.OpaqueMade{In: in, Path: e.Path}
	case overlay.Created:
		return event.FileCreated{In: in, Path: e.Path}
	case overlay.Changed:
		return event.FileChanged{In: in, Path: e.Path, Bytes: e.Bytes}
	case overlay.Removed:
		return event.FileRemoved{In: in, Path: e.Path}
	case overlay.Renamed:
		return event.FileRenamed{In: in, Old: e.Old, New: e.New}
	case overlay.CrossDevice:
		return event.CrossDevice{In: in, Path: e.Path, To: e.To}
	}
	return nil
}

func kind(mode uint32) string {
	switch mode & tree.TypeMask {
	case tree.Directory:
		return "directory"
	case tree.Symlink:
		return "symlink"
	case tree.CharDevice, tree.BlockDevice:
		return "device"
	case tree.FIFO:
		return "fifo"
	case tree.Socket:
		return "socket"
	}
	return "file"
}
