package sample

import (
	"archive/tar"
	"bufio"
	"fmt"
	"io"
	"os"
	"time"
)

// The wide image has many paths in many layers. Half of the files lie in
// directories that every layer adds to, half in directories of one layer alone;
// some are written again by the layer above, some are removed there.
const (
	WideLayers = 60
	WideShared = 50        // directories that all layers add to
	WideFiles  = 50        // files of one layer in each of them
	wideOwn    = 51        // directories of one layer alone
	wideAgain  = 40        // files that the layer above writes again
	wideGone   = 10        // files that it removes
	WideCopies = 400       // files of WideCopy bytes in /srv/copy of the first layer
	WideCopy   = 4096      // bytes
	WideBigs   = 20        // files of WideBig bytes in /srv/big
	WideBig    = 1 << 20   // bytes
	wideBody   = int64(64) // bytes of every other file
	wideTime   = int64(1700000000)
)

// A WideEntry is one entry of a layer of the wide image.
type WideEntry struct {
	Name     string // "usr/share/doc-00"
	Dir      bool
	Whiteout bool // that hides Name
	Size     int64
	Data     bool // its bytes matter: it is to be copied up
}

// SharedDir is a directory that all layers add to.
func SharedDir(n int) string { return fmt.Sprintf("usr/share/doc-%02d", n) }

// SharedFile is a file of a layer in SharedDir(dir).
func SharedFile(layer, dir, n int) string {
	return fmt.Sprintf("%s/page-%02d-%03d.html", SharedDir(dir), layer, n)
}

// OwnDir is a directory that one layer alone has.
func OwnDir(layer, n int) string { return fmt.Sprintf("opt/app-%02d/module-%02d", layer, n) }

// WideLayerEntries gives the entries of a layer, parents before children.
func WideLayerEntries(layer int, yield func(WideEntry) error) error {
	var err error
	add := func(e WideEntry) {
		if err == nil {
			err = yield(e)
		}
	}
	dir := func(name string) { add(WideEntry{Name: name, Dir: true}) }
	dir("opt")
	dir(fmt.Sprintf("opt/app-%02d", layer))
	for d := range wideOwn {
		dir(OwnDir(layer, d))
		for f := range WideFiles - 1 {
			add(WideEntry{Name: fmt.Sprintf("%s/part-%03d.o", OwnDir(layer, d), f), Size: wideBody})
		}
	}
	if layer == 0 {
		dir("srv")
		dir("srv/big")
		for f := range WideBigs {
			add(WideEntry{Name: fmt.Sprintf("srv/big/%02d.bin", f), Size: WideBig, Data: true})
		}
		dir("srv/copy")
		for f := range WideCopies {
			add(WideEntry{Name: fmt.Sprintf("srv/copy/%04d.conf", f), Size: WideCopy, Data: true})
		}
	}
	dir("usr")
	dir("usr/share")
	for d := range WideShared {
		dir(SharedDir(d))
		for f := range WideFiles {
			add(WideEntry{Name: SharedFile(layer, d, f), Size: wideBody})
		}
	}
	if layer > 0 {
		for f := range wideAgain {
			add(WideEntry{Name: SharedFile(layer-1, f%WideShared, 0), Size: wideBody})
		}
		for f := range wideGone {
			add(WideEntry{Name: SharedFile(layer-1, f%WideShared, 1), Whiteout: true})
		}
	}
	return err
}

// WideLayer writes the layer tar of the given number.
func WideLayer(w io.Writer, layer int) error {
	out := tar.NewWriter(w)
	b := &noise{x: uint64(layer)*0x9E3779B97F4A7C15 + 7}
	err := WideLayerEntries(layer, func(e WideEntry) error {
		h := &tar.Header{Name: e.Name, Mode: 0o644, Size: e.Size, ModTime: time.Unix(wideTime, 0), Format: tar.FormatUSTAR}
		switch {
		case e.Dir:
			h.Typeflag, h.Name, h.Mode = tar.TypeDir, e.Name+"/", 0o755
		case e.Whiteout:
			h.Name, h.Mode, h.ModTime = whiteout(e.Name), 0, time.Unix(0, 0)
		}
		if err := out.WriteHeader(h); err != nil {
			return err
		}
		_, err := io.CopyN(out, b, e.Size)
		return err
	})
	if err != nil {
		return err
	}
	return out.Close()
}

func whiteout(name string) string {
	for i := len(name) - 1; i >= 0; i-- {
		if name[i] == '/' {
			return name[:i+1] + ".wh." + name[i+1:]
		}
	}
	return ".wh." + name
}

// WideArchive writes the wide image as docker save of today writes one.
func WideArchive(file string) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	if err := writeArchive(w, WideLayers, WideLayer); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}
