package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/layer"
)

// Open reads the index of the image archive f, which should be a content.Random
// so that bodies can be seeked over. Nothing of f is held but names and JSON.
//
// When f is no image archive, the error is an *Error that says what it seems to
// be. Images with missing parts are given with notes on what is missing.
func Open(ctx context.Context, f content.Body, o Options) (*Archive, error) {
	if f.Size() == 0 {
		return nil, &Error{File: o.Name, Problem: "is empty: it has 0 bytes", Expected: advice("")}
	}
	head := make([]byte, min(f.Size(), headBytes))
	if n, err := content.ReadAt(f, head, 0); n < len(head) && err != nil && err != io.EOF {
		return nil, &Error{File: o.Name, Problem: fmt.Sprintf("cannot be read: %v", err)}
	}
	out := &outer{o: o, tar: f}
	codec := layer.Detect(head)
	var err error
	switch {
	case codec != layer.Plain:
		err = out.scanCompressed(ctx, f, codec)
	case !isTar(head):
		what := describe(head, o.Name)
		return nil, &Error{File: o.Name, Problem: "is " + what, Expected: advice(what)}
	default:
		w := newWindow(ctx, f, o)
		err = out.scan(w, func() int64 { return w.pos }, w.peek)
	}
	if err != nil {
		return nil, out.asError(err)
	}
	a := &Archive{Size: f.Size(), Outer: codec}
	if err := out.images(a); err != nil {
		return nil, out.asError(err)
	}
	if codec != layer.Plain {
		a.note("the file is %s around its tar: it cannot be read at random, so every layer costs inflating the file up to it; the plain tar is faster", codecName(codec))
	}
	if out.endless {
		a.note("the tar has no end mark: it may have been cut short between two entries")
	}
	if n := len(out.dups); n > 0 {
		a.note("%s; the last of each is taken, as tar does", plural(n, "name occurs twice in the tar", "names occur twice in the tar"))
	}
	return a, nil
}

// asError is err as an *Error, unless the work was given up.
func (out *outer) asError(err error) error {
	var e *Error
	if errors.As(err, &e) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &Error{File: out.o.Name, Problem: "cannot be read: " + err.Error()}
}

// maxNotes is how many notes an archive gives; a crafted one could give any number.
const maxNotes = 100

func (a *Archive) note(format string, args ...any) {
	if s := fmt.Sprintf(format, args...); len(a.Notes) < maxNotes && !slices.Contains(a.Notes, s) {
		a.Notes = append(a.Notes, s)
	}
}

func (im *Image) note(format string, args ...any) {
	im.Notes = append(im.Notes, fmt.Sprintf(format, args...))
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// images finds out which kind of archive it is and reads its images.
func (out *outer) images(a *Archive) error {
	if dir := out.strip(); dir != "" {
		a.note("the image is in the folder %q of the tar", dir)
	}
	docker, oci := out.has("manifest.json"), out.has("index.json")
	switch {
	case docker && oci:
		a.Kind = KindDockerOCI
	case docker:
		a.Kind = KindDocker
	case oci:
		a.Kind = KindOCI
	case out.has("repositories"):
		return out.fail("repositories", "is of an image saved by Docker before 1.10 (2016): it has no manifest.json, only a chain of JSON files",
			"a newer archive; load it in a Docker of that age, or `skopeo copy` it, and save it again")
	default:
		return out.notAnImage()
	}
	found := &finder{out: out, a: a, refused: map[digest.Digest]bool{}}
	if oci {
		if err := found.index(); err != nil && !docker {
			return err
		} else if err != nil {
			a.note("index.json is passed over: %v", err)
		}
	}
	if docker {
		if err := found.docker(); err != nil {
			return err
		}
	}
	a.identify()
	if len(a.Images) == 0 && found.broken != nil {
		return found.broken
	}
	if len(a.Images) == 0 {
		a.note("the archive names no image")
		if len(found.absent) > 0 {
			return out.fail("index.json", "names only manifests that are not in the archive: "+strings.Join(found.absent, ", "), "at least one image with its blobs")
		}
	}
	return nil
}

// identify gives each image its ID. Of several platforms of one index, the one
// that an engine on linux/amd64 would take keeps the names.
func (a *Archive) identify() {
	platforms := map[digest.Digest][]int{}
	for i, im := range a.Images {
		d := im.Target.Digest
		platforms[d] = append(platforms[d], i)
	}
	for i := range a.Images {
		im := &a.Images[i]
		im.deep()
		im.ID = im.Target.Digest
		all := platforms[im.ID]
		if len(all) < 2 {
			continue
		}
		best := all[0]
		for _, j := range all {
			if a.Images[j].Platform == "linux/amd64" {
				best = j
				break
			}
		}
		if i != best && len(im.Names) > 0 {
			im.note("it is the %s of %s; the name goes to %s", im.Platform, strings.Join(im.Names, ", "), a.Images[best].Platform)
			im.Names = nil
		}
		im.ID, im.Index = im.Image.Digest, nil
	}
	for i := range a.Images {
		if im := &a.Images[i]; im.ID != im.Target.Digest {
			im.Target = image.DescriptorOf(im.Image.Manifest.MediaType, im.Image.ManifestRaw)
		}
	}
}

// maxOverlay2Depth is the number of layers above which Docker's overlay2 driver
// refuses an image (moby layer/layer_store.go). The containerd store takes more.
const maxOverlay2Depth = 125

func (im *Image) deep() {
	if n := len(im.Layers); n > maxOverlay2Depth {
		im.note("it has %d layers: Docker 29 takes them, but engines with the overlay2 driver, before it, refuse more than %d with \"max depth exceeded\"", n, maxOverlay2Depth)
	}
}

// notAnImage says what a tar without manifest.json and index.json is.
func (out *outer) notAnImage() error {
	what := out.guess()
	if what == KindDockerExport {
		return out.fail("", fmt.Sprintf("is a root file system (%s), as docker export writes it: it has no layers, history or config any more", out.sample()),
			"a tar of docker save; to make an image of one layer of this file, use `docker import FILE NAME`")
	}
	return out.fail("", "is "+what+": it has neither manifest.json nor index.json", advice(""))
}
