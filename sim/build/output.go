package build

import (
	"math/bits"
	"path"

	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// An Output is a form in which a build's result leaves the builder.
type Output int

// The outputs of `docker build --output`.
const (
	OutputImage  Output = iota // an image in the engine's store
	OutputFiles                // type=local: the files, into a directory
	OutputTar                  // type=tar: the files, as one tar
	OutputDocker               // type=docker with a destination: an archive as docker save writes it
	OutputOCI                  // type=oci: an OCI layout, as a tar
)

// exporting is the name of an output's vertex.
func (o Output) exporting() string {
	switch o {
	case OutputFiles:
		return "exporting to client directory"
	case OutputTar:
		return "exporting to client tarball"
	case OutputDocker:
		return "exporting to docker image format"
	case OutputOCI:
		return "exporting to oci image format"
	}
	return "exporting to image"
}

// Stores reports whether the result becomes an image of the engine's.
func (o Options) Stores() bool {
	for _, out := range o.Outputs {
		if out == OutputImage {
			return true
		}
	}
	return len(o.Outputs) == 0
}

// exportFiles shows the vertex of an output that is files and not an image.
func (r *run) exportFiles(out Output, res *result) error {
	v := r.begin(out.exporting(), 0, 0)
	if out == OutputTar {
		v.status("sending tarball", 0)
		v.done(nil)
		return nil
	}
	s := &sender{m: readOnly(res.lowers()), pause: r.pause}
	if err := s.dir("/"); err != nil {
		v.done(err)
		return err
	}
	v.status("copying files "+byteSize(s.total), 0)
	v.done(nil)
	return nil
}

// sender counts what BuildKit says it copied for files: of each what is told about
// it, and its bytes in packets of 32 KiB (tonistiigi/fsutil's sender).
type sender struct {
	m         *overlay.Mount
	pause     func() error
	id, total int64
}

// packet is how much of a file is sent at once.
const packet = 32 << 10

func (s *sender) dir(p string) error {
	for _, e := range s.m.List(p) {
		if s.id%256 == 0 {
			if err := s.pause(); err != nil {
				return err
			}
		}
		name := path.Join(p, e.Name)
		s.total += field(statSize(name[1:], e.Node))
		if e.Node.IsRegular() {
			for left := e.Node.Size(); left > 0; left -= packet {
				s.total += 2 + number(s.id) + field(min(left, packet))
			}
		}
		s.id++
		if e.Node.IsDir() {
			if err := s.dir(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// statSize is the size of the protocol buffer that tells of one file.
func statSize(name string, n *tree.Inode) int64 {
	size := field(int64(len(name))) + number(int64(n.FileMode())) + number(int64(n.UID)) + number(int64(n.GID)) + number(n.MTime.Time().UnixNano())
	switch {
	case n.IsRegular():
		size += number(n.Size())
	case n.Target != "":
		size += number(int64(len(n.Target))) + field(int64(len(n.Target)))
	}
	return size
}

// number is the size of a numeric field of a protocol buffer: none for 0.
func number(n int64) int64 {
	if n == 0 {
		return 0
	}
	return 1 + varint(n)
}

// field is the size of a field of n bytes.
func field(n int64) int64 { return 1 + varint(n) + n }

func varint(n int64) int64 { return int64(bits.Len64(uint64(n)|1)+6) / 7 }
