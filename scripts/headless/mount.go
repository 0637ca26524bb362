package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/layerlab/layerlab/sim/engine"
)

// maxMounted is how many files of a folder are shown.
const maxMounted = 50000

// mountFolder shows the files of a real folder in /mnt: their names and sizes
// now, their bytes when somebody reads them.
func mountFolder(e *engine.Engine, dir string) error {
	n := 0
	return filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			if p == dir {
				return err
			}
			fmt.Fprintln(os.Stderr, "headless: not shown:", err)
			return nil
		}
		st, err := os.Stat(p) // symbolic links are followed
		if err != nil || !st.Mode().IsRegular() {
			return nil
		}
		if n++; n > maxMounted {
			fmt.Fprintf(os.Stderr, "headless: only the first %d files of %s are shown\n", maxMounted, dir)
			return filepath.SkipAll
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			return err
		}
		body, err := openFile(p)
		if err != nil {
			return err
		}
		return e.Give(filepath.ToSlash(rel), body)
	})
}

// A lazyFile is a real file that is opened when it is first read.
type lazyFile struct {
	name string
	once sync.Once
	f    *os.File
	err  error
}

// ReadAt reads the file at an offset.
func (l *lazyFile) ReadAt(p []byte, off int64) (int, error) {
	l.once.Do(func() { l.f, l.err = os.Open(l.name) })
	if l.err != nil {
		return 0, l.err
	}
	return l.f.ReadAt(p, off)
}
