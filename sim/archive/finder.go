package archive

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/distribution/reference"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/image"
)

// The annotations that matter in an index.
const (
	annotationName        = "io.containerd.image.name" // the full name, by containerd and Docker
	annotationTag         = ocispec.AnnotationRefName  // by all others: a name, or a tag alone
	annotationReference   = "vnd.docker.reference.type"
	annotationReferenceTo = "vnd.docker.reference.digest"
)

// The limits of an archive: how deep an index nests, how many manifests are looked
// at, how many names and layers an image has, and how many layers all images have
// together. No engine takes more layers; a kilobyte of JSON can name hundreds, and
// a thousand images the same config.
const (
	maxDepth     = 8
	maxManifests = 2000
	maxNames     = 1000
	maxLayers    = 4096
	maxAllLayers = 1 << 16
)

// A finder puts the images of one archive together.
type finder struct {
	out       *outer
	a         *Archive
	byConfig  map[digest.Digest][]int  // images found by the index, by their config
	seen      map[digest.Digest]int    // manifests found, with the image they made
	indexes   map[digest.Digest][2]int // indexes read, with the images they gave: from, to
	manifests int
	layers    int                    // of all images
	refused   map[digest.Digest]bool // configs in manifest.json that are none, or too large
	absent    []string               // manifests that are named but not there
	broken    error                  // the first image that could not be read
}

// index reads index.json and all that it names.
func (f *finder) index() error {
	raw, err := f.out.read("index.json")
	if err != nil {
		return f.out.fail("index.json", "cannot be read: "+err.Error(), "")
	}
	var idx ocispec.Index
	if err := json.Unmarshal(raw, &idx); err != nil {
		return f.out.fail("index.json", "is no JSON document: "+err.Error(), "an OCI image index (image-spec image-index.md)")
	}
	f.byConfig = map[digest.Digest][]int{}
	f.seen = map[digest.Digest]int{}
	f.indexes = map[digest.Digest][2]int{}
	for _, d := range idx.Manifests {
		f.descriptor(d, target{}, nil)
		if i, ok := f.seen[d.Digest]; ok && i >= 0 {
			f.named(i, nameOf(d))
		} else if images, ok := f.indexes[d.Digest]; ok && images[0] < images[1] {
			f.named(images[0], nameOf(d))
		}
	}
	if len(f.absent) > 0 {
		f.a.note("%s named but not in the archive, as is usual when one platform was saved: %s", plural(len(f.absent), "manifest is", "manifests are"), list(f.absent))
	}
	return nil
}

// named notes that the file names its i-th image, or that it has one without a
// name.
func (f *finder) named(i int, name string) {
	if len(f.a.Order) < maxManifests {
		f.a.Order = append(f.a.Order, Named{Name: name, Image: i})
	}
}

func list(s []string) string {
	const most = 6
	if len(s) > most {
		return strings.Join(s[:most], ", ") + fmt.Sprintf(" and %d more", len(s)-most)
	}
	return strings.Join(s, ", ")
}

// A target is the entry of index.json that an image was reached by.
type target struct {
	set   bool
	desc  ocispec.Descriptor
	index *Index // the outermost index below index.json, if there is one
}

// descriptor reads what an index names: a manifest, or an index again. A problem
// is noted, since the rest of the archive may be fine.
func (f *finder) descriptor(d ocispec.Descriptor, to target, way []digest.Digest) {
	if f.manifests++; f.manifests > maxManifests {
		if f.manifests == maxManifests+1 {
			f.a.note("more than %d manifests: the rest is passed over", maxManifests)
		}
		return
	}
	if !to.set {
		to.set, to.desc = true, d
	}
	if d.Annotations[annotationReference] == "attestation-manifest" {
		f.a.note("an attestation of %s is passed over: it says how an image was made, it is no image", short(digest.Digest(d.Annotations[annotationReferenceTo])))
		f.extra(d, to)
		return
	}
	if err := d.Digest.Validate(); err != nil {
		f.a.note("index.json names the digest %q: %v", shorten(string(d.Digest)), err)
		return
	}
	if images, ok := f.indexes[d.Digest]; ok { // named again, as an image with two tags is
		for i := images[0]; i < images[1]; i++ {
			f.a.Images[i].addName(nameOf(to.desc))
		}
		return
	}
	name := blobName(d.Digest)
	if !f.out.has(name) {
		f.absent = append(f.absent, describeDescriptor(d))
		return
	}
	raw, err := f.out.read(name)
	if err == nil && int64(len(raw)) != d.Size && d.Size != 0 {
		f.a.note("%s %s has %d bytes, the index says %d", kindOf(d.MediaType), short(d.Digest), len(raw), d.Size)
	}
	if err != nil {
		f.problem(name, "cannot be read: "+err.Error(), "a manifest")
		return
	}
	if got := d.Digest.Algorithm().FromBytes(raw); got != d.Digest {
		m := &Mismatch{What: "manifest digest", Expected: d.Digest, Got: got}
		f.problem(name, "is damaged: "+m.Error(), "")
		return
	}
	if isIndex(d.MediaType, raw) {
		f.nested(d, raw, to, way)
		return
	}
	f.manifest(d, raw, to)
}

// problem keeps the first thing that is wrong, for an archive without any image
// that is right, and notes it.
func (f *finder) problem(entry, problem, expected string) {
	err := f.out.fail(entry, problem, expected)
	if f.broken == nil {
		f.broken = err
	}
	var e *Error
	if errors.As(err, &e) {
		f.a.note("entry %q %s", shorten(entry), problem)
	}
}

func (f *finder) nested(d ocispec.Descriptor, raw []byte, to target, way []digest.Digest) {
	if len(way) >= maxDepth || slices.Contains(way, d.Digest) {
		f.a.note("index %s lies too deep in other indexes: it is passed over", short(d.Digest))
		return
	}
	var idx ocispec.Index
	if err := json.Unmarshal(raw, &idx); err != nil {
		f.problem(blobName(d.Digest), "is no JSON document: "+err.Error(), "an image index")
		return
	}
	first := len(f.a.Images)
	defer func() { f.indexes[d.Digest] = [2]int{first, len(f.a.Images)} }()
	if to.index == nil {
		to.index = &Index{Digest: d.Digest, MediaType: d.MediaType, Raw: raw}
	} else {
		to.index.Blobs = append(to.index.Blobs, Extra{Descriptor: d, Body: f.out.body(f.out.entries[blobName(d.Digest)])})
	}
	for _, c := range idx.Manifests {
		f.descriptor(c, to, append(slices.Clone(way), d.Digest))
	}
}

// extra keeps an attestation with the index that names it, so that the image can
// be written again whole.
func (f *finder) extra(d ocispec.Descriptor, to target) {
	if to.index == nil || d.Digest.Validate() != nil {
		return
	}
	raw, err := f.out.read(blobName(d.Digest))
	if err != nil {
		return
	}
	to.index.keep(f.out, d)
	var m ocispec.Manifest
	if json.Unmarshal(raw, &m) == nil {
		for _, l := range append([]ocispec.Descriptor{m.Config}, m.Layers...) {
			to.index.keep(f.out, l)
		}
	}
}

func (x *Index) keep(out *outer, d ocispec.Descriptor) {
	if d.Digest.Validate() != nil {
		return
	}
	if e, err := out.find(blobName(d.Digest)); err == nil {
		x.Blobs = append(x.Blobs, Extra{Descriptor: d, Body: out.body(e)})
	}
}

// isIndex reports whether a document is an index: by its media type, or by its
// fields where the type is not said.
func isIndex(mediaType string, raw []byte) bool {
	switch mediaType {
	case ocispec.MediaTypeImageIndex, image.MediaTypeDockerIndex:
		return true
	case ocispec.MediaTypeImageManifest, image.MediaTypeDockerManifest:
		return false
	}
	var doc struct{ Manifests []json.RawMessage }
	return json.Unmarshal(raw, &doc) == nil && doc.Manifests != nil
}

func kindOf(mediaType string) string {
	if isIndex(mediaType, nil) {
		return "index"
	}
	return "manifest"
}

func describeDescriptor(d ocispec.Descriptor) string {
	if p := d.Platform; p != nil && p.Architecture != "" && p.Architecture != "unknown" {
		return platformName(*p) + " (" + short(d.Digest) + ")"
	}
	return kindOf(d.MediaType) + " " + short(d.Digest)
}

func platformName(p ocispec.Platform) string {
	s := p.OS + "/" + p.Architecture
	if p.Variant != "" {
		s += "/" + p.Variant
	}
	return s
}

func short(d digest.Digest) string {
	s := string(d)
	if i := strings.IndexByte(s, ':'); i >= 0 && len(s) > i+13 {
		return s[i+1 : i+13]
	}
	return shorten(s)
}

// blobName is where an OCI layout keeps a blob. It is "" for what is no digest.
func blobName(d digest.Digest) string {
	if d.Validate() != nil {
		return ""
	}
	return "blobs/" + d.Algorithm().String() + "/" + d.Encoded()
}

// maxName is the longest name that an image may have: 255 bytes for where it is,
// 128 for its tag, and the digest (distribution/reference).
const maxName = 255 + 1 + 128 + 1 + 7 + 128

// familiar is a name as Docker shows it: "docker.io/library/busybox:1.36" is
// "busybox:1.36". A name without a tag gets :latest. "" is no name.
func familiar(name string) string {
	if len(name) > maxName {
		return ""
	}
	ref, err := reference.ParseNormalizedNamed(name)
	if err != nil {
		return ""
	}
	return reference.FamiliarString(reference.TagNameOnly(ref))
}

// nameOf is the name that docker load gives an image of an index.
func nameOf(d ocispec.Descriptor) string {
	if n := familiar(d.Annotations[annotationName]); n != "" {
		return n
	}
	return familiar(d.Annotations[annotationTag])
}
