package main

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// dataDir is where the data files go, from the repository's root.
const dataDir = "assets/catalog"

// writeData packs text into a data file.
func writeData(name, text string) error {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithWindowSize(8<<20), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	packed := z.EncodeAll([]byte(text), nil)
	fmt.Printf("%-40s %9d bytes, %8d packed\n", name, len(text), len(packed))
	return os.WriteFile(filepath.Join(dataDir, name), packed, 0o644)
}

func readData(name string) (string, error) {
	packed, err := os.ReadFile(filepath.Join(dataDir, name))
	if err != nil {
		return "", err
	}
	z, err := zstd.NewReader(nil)
	if err != nil {
		return "", err
	}
	defer z.Close()
	text, err := z.DecodeAll(packed, nil)
	return string(text), err
}

func command(name string, args ...string) error {
	c := exec.Command(name, args...)
	c.Stdout, c.Stderr = os.Stderr, os.Stderr
	if err := c.Run(); err != nil {
		return fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return nil
}

// listing writes a list of files in the form that sim/catalog reads.
type listing struct {
	b   strings.Builder
	dir string
}

func (l *listing) pkg(name string, at int64) { fmt.Fprintf(&l.b, "@%s %d\n", name, at) }

// attrs is "\tMODE\tUID:GID", as far as they are not the usual ones.
func attrs(mode, usual uint32, uid, gid int) string {
	switch {
	case uid != 0 || gid != 0:
		return fmt.Sprintf("\t%o\t%d:%d", mode, uid, gid)
	case mode != usual:
		return fmt.Sprintf("\t%o", mode)
	}
	return ""
}

func (l *listing) mkdir(p string, mode uint32, uid, gid int) {
	l.dir = p
	fmt.Fprintf(&l.b, "%s%s\n", p, attrs(mode, 0o755, uid, gid))
}

// in makes the directory of p the current one. It is listed again if another was.
func (l *listing) in(p string) string {
	if dir := path.Dir(p); dir != l.dir {
		l.b.WriteString(dir + "\n")
		l.dir = dir
	}
	return path.Base(p)
}

func (l *listing) file(p string, size int64, mode uint32, uid, gid int) {
	x := ""
	usual := uint32(0o644)
	if mode&0o777 == 0o755 {
		x, usual = "x", 0o755
	}
	fmt.Fprintf(&l.b, "%s\t%d%s%s\n", l.in(p), size, x, attrs(mode, usual, uid, gid))
}

func (l *listing) symlink(p, target string) { fmt.Fprintf(&l.b, "%s\t>%s\n", l.in(p), target) }
func (l *listing) link(p, target string)    { fmt.Fprintf(&l.b, "%s\t=%s\n", l.in(p), target) }

func (l *listing) text(p, text string, mode uint32, uid, gid int) {
	open := ""
	if !strings.HasSuffix(text, "\n") && text != "" {
		text, open = text+"\n", "-"
	}
	fmt.Fprintf(&l.b, "%s\t|%d%s%s\n%s", l.in(p), strings.Count(text, "\n"), open, attrs(mode, 0o644, uid, gid), text)
}
