package view

import (
	"strconv"

	"github.com/layerlab/layerlab/web/state"
)

// Contents is the bytes of one version of a path.
type Contents struct {
	Title  string
	Tag    Tag
	Number int // of the mount, from 0
	Size   string
	Form   string // "text", "hex" or "" while it is read for the first time
	Text   string
	Err    string
	Empty  bool
	Part   string // "bytes 1 to 32,768 of 1.2 MB", "" when all is shown
	Back   bool
	On     bool
}

func newContents(f *state.Files) *Contents {
	c := f.Contents
	if c == nil {
		return nil
	}
	size := c.Body.Size()
	v := &Contents{Title: visible(c.Path), Number: c.Layer, Size: Bytes(size), Form: c.Form, Text: c.Shown, Err: c.Err, Empty: size == 0}
	v.Tag = tagOf(f.Source.Number(c.Layer))
	if v.Err != "" {
		v.Err = "It cannot be read: " + v.Err
	}
	if c.Off > 0 || int64(c.Len) < size {
		v.Part = "bytes " + thousands(int(c.Off)+1) + " to " + thousands(int(c.Off)+c.Len) + " of " + thousands(int(size))
		v.Back, v.On = c.Off > 0, c.Off+int64(c.Len) < size
	}
	return v
}

// Name is the layer's number as an argument of an action.
func (c *Contents) Name() string { return strconv.Itoa(c.Number) }
