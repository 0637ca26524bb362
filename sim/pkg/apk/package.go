// Package apk is Alpine's package manager as a model: the index of a
// repository, the database of what is installed, and the resolver between them.
//
// Its words:
//
//   - world: /etc/apk/world, the packages that the person asked for. All that is
//     installed is there because of it: `apk add` adds to the world and installs
//     what it then needs, `apk del` takes from it and purges what nothing needs
//     any more;
//   - provides: what a package offers besides its name, "so:libz.so.1" for a
//     library, "cmd:git" for a program; dependencies may name either;
//   - virtual package: an empty package whose dependencies are those of one
//     `apk add --virtual NAME`, so that deleting it deletes them all.
//
// Records are those of the formats APKINDEX and /lib/apk/db/installed of
// apk-tools 2: lines "X:value", a blank line after each package.
package apk

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/layerlab/layerlab/sim/tree"
)

// A Package is what an index says of one version of one package.
type Package struct {
	Name, Version, Description string
	Size, Installed            int64 // bytes of its archive, and of its files
	Depends, Provides          []string
	InstallIf                  []string // comes by itself when all of these are there
	Scripts                    []string // "pre-install", "post-install", "trigger"
	raw                        string   // the record as the database has it, "" for one of the index
}

// Virtual reports whether p is a virtual package.
func (p *Package) Virtual() bool {
	return strings.HasPrefix(p.Name, ".") || p.Version == "0" || p.Installed == 0 && p.Size == 0
}

// Full is "NAME-VERSION".
func (p *Package) Full() string { return p.Name + "-" + p.Version }

// Sum is the checksum field of a record: "Q1" and a SHA-1. It is made up.
func Sum(of string) string {
	h := sha1.Sum([]byte("a model of " + of))
	return "Q1" + base64.StdEncoding.EncodeToString(h[:])
}

// Record is the package as an index has it, with a newline at its end.
func (p *Package) Record() string {
	var b strings.Builder
	field := func(name byte, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%c:%s\n", name, value)
		}
	}
	field('P', p.Name)
	field('V', p.Version)
	field('A', "x86_64")
	field('S', strconv.FormatInt(p.Size, 10))
	field('I', strconv.FormatInt(p.Installed, 10))
	field('T', p.Description)
	field('D', strings.Join(p.Depends, " "))
	field('p', strings.Join(p.Provides, " "))
	field('i', strings.Join(p.InstallIf, " "))
	field('x', strings.Join(p.Scripts, " ")) // apk has none such; ours names the package's scripts
	return b.String()
}

// A File is a path that belongs to a package.
type File struct {
	Path string // absolute
	Mode uint32 // type and permissions
}

// Installation is the record of the package in the database of what is installed,
// with its files: F: a directory, R: a name in it, a: the mode unless it is the
// usual one, Z: a checksum. The files must be ordered by directory.
func (p *Package) Installation(files []File) string {
	var b strings.Builder
	bare := *p
	bare.Scripts = nil
	b.WriteString("C:" + Sum(p.Full()) + "\n" + bare.Record())
	dir := "/"
	open := func(d string) {
		if d != dir {
			fmt.Fprintf(&b, "F:%s\n", strings.TrimPrefix(d, "/"))
			dir = d
		}
	}
	for _, f := range files {
		if f.Mode&tree.TypeMask == tree.Directory {
			open(f.Path)
			continue
		}
		open(path.Dir(f.Path))
		fmt.Fprintf(&b, "R:%s\n", path.Base(f.Path))
		switch perm := f.Mode & 0o7777; {
		case f.Mode&tree.TypeMask == tree.Symlink:
			b.WriteString("a:0:0:777\n")
		case perm != 0o644:
			fmt.Fprintf(&b, "a:0:0:%o\n", perm)
		}
		fmt.Fprintf(&b, "Z:%s\n", Sum(f.Path))
	}
	return b.String()
}

// parse reads the fields of one record.
func parse(record string) (*Package, error) {
	p := &Package{}
	for line := range strings.Lines(record) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
		var err error
		switch name {
		case "P":
			p.Name = value
		case "V":
			p.Version = value
		case "S":
			p.Size, err = strconv.ParseInt(value, 10, 64)
		case "I":
			p.Installed, err = strconv.ParseInt(value, 10, 64)
		case "T":
			p.Description = value
		case "D":
			p.Depends = strings.Fields(value)
		case "p":
			p.Provides = strings.Fields(value)
		case "i":
			p.InstallIf = strings.Fields(value)
		case "x":
			p.Scripts = strings.Fields(value)
		case "F":
			return p, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading the package %q: %w", p.Name, err)
		}
	}
	if p.Name == "" {
		return nil, fmt.Errorf("reading a package: %.40q has no name", record)
	}
	return p, nil
}
