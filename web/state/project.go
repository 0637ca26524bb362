package state

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/engine"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/web/browser"
)

// maxText is the size in bytes above which a file is not edited as text here.
const maxText = 256 << 10

func (r *Runner) readFile(name string) {
	p := path.Join(engine.Project, name)
	v := r.engine.Host().Root()
	st, err := v.Stat(p)
	if err != nil {
		r.dispatch(Failed{"Opening " + name, err.Error()})
		return
	}
	m := FileRead{Path: name, Mode: st.Mode & 0o7777, Size: st.Size}
	if st.Size > maxText {
		m.Binary = true
	} else if b, err := v.ReadFile(p); err != nil {
		r.dispatch(Failed{"Opening " + name, err.Error()})
		return
	} else if !utf8.Valid(b) || bytes.IndexByte(b, 0) >= 0 {
		m.Binary = true
	} else {
		m.Text = string(b)
	}
	r.dispatch(m)
}

func (r *Runner) writeFile(e WriteProjectFile) {
	f := loggedFile{Path: e.Path, Old: e.Old, Mode: e.Mode, body: e.Body}
	if e.Text != nil {
		f.Text = *e.Text
	} else if e.Body == nil {
		b, err := r.engine.Host().Root().Body(path.Join(engine.Project, e.Old))
		if err != nil {
			r.dispatch(FileSaved{e.Path, err.Error()})
			return
		}
		f.body = b
	}
	if err := r.note(logged{Note: fileNote(e), Files: []loggedFile{f}}); err != nil {
		r.dispatch(FileSaved{e.Path, "It could not be saved: " + err.Error()})
		return
	}
	r.dispatch(FileSaved{Path: e.Path})
	r.tellWorld()
}

func fileNote(e WriteProjectFile) string {
	switch {
	case e.Old == "":
		return "# create " + e.Path
	case e.Old != e.Path:
		return "# rename " + e.Old + " to " + e.Path
	}
	return "# edit " + e.Path
}

func (r *Runner) deleteFile(name string) {
	if err := r.note(logged{Note: "# delete " + name, Files: []loggedFile{{Old: name}}}); err != nil {
		r.dispatch(Failed{"Deleting " + name, err.Error()})
	}
	r.tellWorld()
}

// giveContext puts files from the person's disk into the build context, without
// reading them.
func (r *Runner) giveContext(files []browser.File) {
	l := logged{}
	var names []string
	for _, f := range files {
		name, problem := cleanName(f.Path())
		if problem != "" {
			r.dispatch(Failed{"Adding " + f.Path(), problem})
			continue
		}
		names = append(names, name)
		l.Files = append(l.Files, loggedFile{Path: name, Mode: 0o644, body: f})
	}
	if len(names) == 0 {
		return
	}
	l.Note = "# add " + strings.Join(names[:min(3, len(names))], " ")
	if len(names) > 3 {
		l.Note += fmt.Sprintf(" and %d more", len(names)-3)
	}
	if err := r.note(l); err != nil {
		r.dispatch(Failed{"Adding files to the build context", err.Error()})
	}
	r.tellWorld()
}

// note changes files of the project as one entry of the journal.
func (r *Runner) note(l logged) error {
	at := r.session.At()
	err := r.session.Note(l.Note, io.Discard, func(io.Writer) error {
		for _, f := range l.Files {
			if err := f.apply(r.engine.Host().Root()); err != nil {
				return err
			}
		}
		return nil
	})
	if r.session.At() > at {
		r.keep(at, l)
	}
	return err
}

// apply writes, renames or deletes the file.
func (f loggedFile) apply(v *overlay.View) error {
	old, p := path.Join(engine.Project, f.Old), path.Join(engine.Project, f.Path)
	if f.Path == "" {
		return v.RemoveAll(old)
	}
	if f.Old == "" || f.Old != f.Path {
		if st, err := v.Lstat(p); err == nil && st.Mode&0o170000 == 0o040000 {
			return errors.New("there is a folder of that name")
		}
	}
	if err := v.MkdirAll(path.Dir(p), 0o755); err != nil {
		return err
	}
	body := f.body
	if body == nil {
		body = content.String(f.Text)
	}
	if err := v.SetBody(p, body, nil); err != nil {
		return err
	}
	if err := v.Chmod(p, f.Mode); err != nil {
		return err
	}
	if f.Old != "" && f.Old != f.Path {
		return v.RemoveAll(old)
	}
	return nil
}
