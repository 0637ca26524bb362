package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
)

// tarOf is a part of a package's archive as dpkg-deb gives it: fsys or ctrl.
func tarOf(file, part string) (*tar.Reader, error) {
	b, err := exec.Command("dpkg-deb", "--"+part+"-tarfile", file).Output()
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", file, err)
	}
	return tar.NewReader(bytes.NewReader(b)), nil
}

// archive is the .deb of a package, fetched where it is not there.
func archive(s stanza, dir string) (string, error) {
	name := fmt.Sprintf("%s_%s_%s.deb", s["Package"], strings.ReplaceAll(s["Version"], ":", "%3a"), s["Architecture"])
	file := filepath.Join(dir, name)
	if _, err := os.Stat(file); err == nil {
		return file, nil
	}
	c := exec.Command("apt-get", "download", s["Package"]+"="+s["Version"])
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("fetching %s: %w: %s", name, err, out)
	}
	return file, nil
}

// packageFiles writes what a package's archive holds, what dpkg keeps of its
// control files, and what installing it makes. With totals, see compact.
func packageFiles(l *listing, s stanza, debs string, made []*node, totals bool) error {
	file, err := archive(s, debs)
	if err != nil {
		return err
	}
	var at int64
	var heads []*tar.Header
	r, err := tarOf(file, "fsys")
	if err != nil {
		return err
	}
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		heads = append(heads, h)
		if h.Typeflag == tar.TypeReg {
			at = max(at, h.ModTime.Unix())
		}
	}
	at = min(at, epoch)
	l.pkg(s["Package"], at)
	if totals {
		heads = compact(heads)
	}
	for _, h := range heads {
		p := path.Clean("/" + h.Name)
		mode, uid, gid := uint32(h.Mode)&0o7777, h.Uid, h.Gid
		switch h.Typeflag {
		case tar.TypeDir:
			if p != "/" {
				l.mkdir(p, mode, uid, gid)
			}
		case tar.TypeSymlink:
			l.symlink(p, h.Linkname)
		case tar.TypeLink:
			l.link(p, path.Clean("/"+h.Linkname))
		case tar.TypeReg:
			l.file(p, h.Size, mode, uid, gid)
		}
	}
	return controlFiles(l, s, file, made, at)
}

func controlFiles(l *listing, s stanza, file string, made []*node, at int64) error {
	name := s["Package"]
	if s["Multi-Arch"] == "same" {
		name += ":" + s["Architecture"]
	}
	l.pkg("+"+s["Package"], at)
	r, err := tarOf(file, "ctrl")
	if err != nil {
		return err
	}
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		if base := path.Base(h.Name); h.Typeflag == tar.TypeReg && base != "control" && base != "md5sums" {
			l.file("/var/lib/dpkg/info/"+name+"."+base, h.Size, uint32(h.Mode)&0o7777, 0, 0)
		}
	}
	seen := map[uint64]string{}
	for _, n := range made {
		if err := (&system{}).put(l, n, n.path, seen); err != nil {
			return err
		}
	}
	return nil
}

// basePackages is the names in the image of Debian.
func basePackages() []string {
	text, err := readData("debian-bookworm.zst")
	if err != nil {
		return nil
	}
	var out []string
	for line := range strings.Lines(text) {
		if name, ok := strings.CutPrefix(line, "Package: "); ok {
			out = append(out, strings.TrimSpace(name))
		}
	}
	return out
}

// readEffects is what the packages' scripts made in the system under root, by the
// package: byte code beside Python's sources, alternatives, certificates.
func readEffects(root string) (map[string][]*node, error) {
	owner := map[string]string{}
	lists, err := filepath.Glob(filepath.Join(root, "var/lib/dpkg/info/*.list"))
	if err != nil {
		return nil, err
	}
	for _, f := range lists {
		b, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		name, _, _ := strings.Cut(strings.TrimSuffix(filepath.Base(f), ".list"), ":")
		for line := range strings.Lines(string(b)) {
			p := strings.TrimSpace(line)
			owner[p] = name
			for _, merged := range []string{"/bin/", "/sbin/", "/lib/", "/lib64/"} {
				if strings.HasPrefix(p, merged) {
					owner["/usr"+p] = name
				}
			}
		}
	}
	out := map[string][]*node{}
	for _, dir := range []string{"usr", "etc/alternatives", "etc/ssl/certs", "var/lib/dpkg/alternatives"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(file string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			p := strings.TrimPrefix(file, strings.TrimSuffix(root, "/"))
			if owner[p] != "" {
				return nil
			}
			i, err := d.Info()
			if err != nil {
				return err
			}
			n := &node{path: p, mode: uint32(i.Sys().(*syscall.Stat_t).Mode) & 0o7777, size: i.Size(), kind: i.Mode().Type(), links: 1}
			if n.kind == fs.ModeSymlink {
				n.target, _ = os.Readlink(file)
			}
			if by := maker(root, n, owner); by != "" {
				out[by] = append(out[by], n)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	for _, nodes := range out {
		sort.SliceStable(nodes, func(i, j int) bool { return nodes[i].path < nodes[j].path })
	}
	return out, nil
}

// maker is the package whose script made a file that is in no package, "" when it
// is not told.
func maker(root string, n *node, owner map[string]string) string {
	dir, base := path.Split(n.path)
	switch {
	case strings.HasPrefix(n.path, "/etc/ssl/certs/"):
		return "ca-certificates"
	case base == "__pycache__" && n.kind == fs.ModeDir:
		entries, _ := os.ReadDir(root + path.Dir(n.path))
		for _, e := range entries {
			if by := owner[dir+e.Name()]; by != "" && strings.HasSuffix(e.Name(), ".py") {
				return by
			}
		}
	case strings.HasSuffix(dir, "/__pycache__/"):
		stem, _, _ := strings.Cut(base, ".cpython-")
		return owner[path.Join(dir, "..", stem+".py")]
	case strings.HasPrefix(n.path, "/etc/alternatives/") && n.kind == fs.ModeSymlink:
		return owner[n.target]
	case n.kind == fs.ModeSymlink && strings.HasPrefix(n.target, "/etc/alternatives/"):
		target, _ := os.Readlink(root + n.target)
		return owner[target]
	}
	return ""
}
