package state

import (
	"path"
	"strings"

	"github.com/distribution/reference"

	"github.com/layerlab/layerlab/sim/container"
	"github.com/layerlab/layerlab/sim/engine"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/store"
)

// ReadWorld is what the engine has now. It is to be called between commands; what
// it gives stays as it is whatever the engine does afterwards. What did not change
// since the world last is taken from that; pause is called every few milliseconds.
func ReadWorld(e *engine.Engine, last *World, pause func()) *World {
	w := &World{}
	if last == nil {
		last = &World{}
	}
	st := e.Store()
	known := map[*store.Image]*Image{}
	for _, v := range last.Images {
		known[v.Source] = v
	}
	users := map[string][]string{} // chain ID -> names of the images that have it
	for i, im := range st.Images() {
		if i%8 == 7 {
			pause()
		}
		var names []string
		for _, n := range st.Names(im.ID) {
			names = append(names, reference.FamiliarString(n))
		}
		v := readAgain(known[im], im, names)
		for _, l := range v.Layers {
			users[l.ChainID] = append(users[l.ChainID], v.Name())
		}
		u := st.Usage(im.ID)
		v.Size, v.Content, v.Unique = u.Disk, u.Content, u.Own
		w.Sum += u.Disk
		w.Images = append(w.Images, v)
	}
	for i, v := range w.Images {
		if i%8 == 7 {
			pause()
		}
		for _, l := range v.Layers {
			l.Shared = others(users[l.ChainID], v.Name())
		}
	}
	w.Once = st.Total()
	for _, c := range e.Containers() {
		w.Containers = append(w.Containers, readContainer(c, last.Container(c.ID), pause))
	}
	w.Project = readProject(e.Host().Root())
	w.Now = e.Now()
	return w
}

// readAgain is ReadImage for an image that may be known: was is what was read of it
// before, nil if nothing was.
func readAgain(was *Image, im *store.Image, names []string) *Image {
	if was == nil {
		return ReadImage(im, names)
	}
	v := *was
	v.Names, v.Layers = names, make([]*Layer, len(was.Layers))
	for i, l := range was.Layers {
		next := *l
		next.Shared, next.Progress = nil, nil
		v.Layers[i] = &next
	}
	return &v
}

// others is the names but one's own.
func others(names []string, own string) []string {
	if len(names) < 2 {
		return nil
	}
	out := make([]string, 0, len(names)-1)
	for _, n := range names {
		if n != own {
			out = append(out, n)
		}
	}
	return out
}

// ReadImage is an image of the store as the page needs it, without what depends
// on the other images.
func ReadImage(im *store.Image, names []string) *Image {
	v := &Image{ID: string(im.ID), Names: names, Platform: platform(im), Source: im, Notes: im.Notes}
	if im.Config.Created != nil {
		v.Created = *im.Config.Created
	}
	diffs, chains := im.DiffIDs(), im.ChainIDs()
	for i, d := range diffs {
		l := &Layer{Number: i + 1, DiffID: string(d)}
		if i < len(chains) {
			l.ChainID = string(chains[i])
		}
		if i < len(im.Layers) {
			if h := im.Layers[i]; h != nil && h.Layer != nil {
				l.Layer, l.Size, l.Entries = h.Layer, h.Layer.DiskUsage(), h.Layer.Entries
			}
		}
		v.Layers = append(v.Layers, l)
	}
	for _, r := range im.Rows() {
		v.Rows = append(v.Rows, Row{By: r.History.CreatedBy, Layer: r.Layer + 1, Note: r.Note})
		if l := v.Layer(r.Layer + 1); l != nil && l.By == "" {
			l.By = r.History.CreatedBy
		}
	}
	return v
}

func platform(im *store.Image) string {
	p := im.Config.OS + "/" + im.Config.Architecture
	if im.Config.Variant != "" {
		p += "/" + im.Config.Variant
	}
	return strings.Trim(p, "/")
}

// readContainer is a container as the page needs it; last is what was read of it
// before, nil if nothing was.
func readContainer(c *container.Container, last *Container, pause func()) *Container {
	out := &Container{
		ID: c.ID, Name: c.Name, Image: c.Image, ImageID: c.ImageID, Status: string(c.Status), Exit: c.ExitCode,
		Command: strings.Join(c.Argv(), " "), state: c.Revision(),
	}
	pause()
	if last != nil && last.state == out.state {
		out.Size, out.Changes, out.Written, out.Upper, out.Mount = last.Size, last.Changes, last.Written, last.Upper, last.Mount
	} else {
		out.Changes, out.Upper, out.Mount = c.Diff(), c.Upper(), c.Mount().Snapshot(overlay.Options{})
		pause()
		out.Written = leaves(out.Changes)
		pause()
		out.Size = c.SizeOf(out.Upper)
		pause()
	}
	out.held = c.Copy()
	return out
}

// leaves is the changes without the directories that only lead to other changes:
// what is changed in a directory comes right after it.
func leaves(changes []overlay.Change) []overlay.Change {
	var out []overlay.Change
	for i, ch := range changes {
		if ch.Kind != 'C' || i+1 == len(changes) || !strings.HasPrefix(changes[i+1].Path, ch.Path+"/") {
			out = append(out, ch)
		}
	}
	return out
}

// maxProject bounds how many files of the project are listed.
const maxProject = 500

// readProject lists the files of the project, directories first named, their
// files below.
func readProject(v *overlay.View) []ProjectFile {
	var out []ProjectFile
	var walk func(dir string)
	walk = func(dir string) {
		list, err := v.ReadDir(dir)
		if err != nil {
			return
		}
		for _, d := range list {
			if len(out) >= maxProject {
				return
			}
			p := path.Join(dir, d.Name)
			f := ProjectFile{Path: strings.TrimPrefix(p, engine.Project+"/"), Size: d.Stat.Size, Mode: d.Stat.Mode & 0o7777, Link: d.Stat.Target}
			f.Dir = d.Stat.Mode&0o170000 == 0o040000
			out = append(out, f)
			if f.Dir {
				walk(p)
			}
		}
	}
	walk(engine.Project)
	return out
}
