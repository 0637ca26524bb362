// Package store is an engine's disk: images, their names, and the layers that
// they share.
//
// It behaves as Docker's containerd image store does. An image's ID is the
// digest of its target, the manifest. A name (repository and tag) points to one
// image; an image may have several names or none. A layer is kept once for each
// chain ID (the digest of it and all below it), a blob once for each digest: two
// images that begin alike share what they have in common, and removing one of
// them frees only what the other does not use.
package store

import (
	"time"

	"github.com/distribution/reference"
	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/layer"
)

// A Held is a layer as the store keeps it: unpacked, and as its blob.
type Held struct {
	Layer     *layer.Layer // nil while only the blob is known
	Blob      content.Body // the stored bytes; nil when they are not there
	Digest    digest.Digest
	Size      int64 // of the blob
	MediaType string
	DiffID    digest.Digest
	ChainID   digest.Digest // set by Add
}

// An Image is one image in the store. It is never changed after it is added.
type Image struct {
	*image.Image
	Layers      []*Held
	Parent      digest.Digest     // the image it was committed from, or ""
	Annotations map[string]string // of the target's descriptor
	Added       time.Time         // when it was added or last tagged
}

// AddOptions is what an image is kept with.
type AddOptions struct {
	Parent      digest.Digest
	Annotations map[string]string
	At          time.Time
}

// A Ref is a name of an image.
type Ref struct {
	Name reference.NamedTagged
	ID   digest.Digest
}

// A Store holds images. It is not safe for concurrent use; its snapshots are
// independent of each other.
type Store struct{}

// New is an empty store.
func New() *Store { panic("stub") }

// Snapshot is a store with the same content that can be changed without
// changing s. It takes the same short time for every store.
func (s *Store) Snapshot() *Store { panic("stub") }

// Add keeps an image and its layers, lowest first, and returns it. Layers whose
// chain ID is there already are shared, and the image's Layers are the ones kept.
// Adding an image again keeps the one there is.
func (s *Store) Add(im *image.Image, layers []*Held, o AddOptions) *Image { panic("stub") }

// Get is the image with the given ID, or nil.
func (s *Store) Get(id digest.Digest) *Image { panic("stub") }

// Images is all images, newest first.
func (s *Store) Images() []*Image { panic("stub") }

// Refs is all names, in bytewise order of their familiar form.
func (s *Store) Refs() []Ref { panic("stub") }

// Names is the names of an image, in bytewise order.
func (s *Store) Names(id digest.Digest) []reference.NamedTagged { panic("stub") }

// Tag points a name to an image, and returns the image it pointed to before if
// that was another.
func (s *Store) Tag(ref reference.NamedTagged, id digest.Digest) (replaced digest.Digest) {
	panic("stub")
}

// Untag takes a name away. It reports whether there was one.
func (s *Store) Untag(ref reference.NamedTagged) bool { panic("stub") }

// Freed is what removing an image gave back.
type Freed struct {
	Layers []digest.Digest // chain IDs, topmost first
	Bytes  int64           // of disk usage
}

// Remove takes an image, its names and the layers that no other image uses.
func (s *Store) Remove(id digest.Digest) Freed { panic("stub") }

// A Resolved is what a name or ID on the command line means.
type Resolved struct {
	Image *Image
	Name  reference.NamedTagged // the name it was found by; nil when by ID
}

// Resolve finds an image as Docker does: by name, with docker.io/library and
// :latest filled in, by repository@digest, or by ID, long or as a prefix that
// only one image has. It fails with *NotFound, *Ambiguous or a reference error.
func (s *Store) Resolve(name string) (Resolved, error) { panic("stub") }

// A User is a container that uses an image.
type User struct {
	ID      string // of the container
	Image   digest.Digest
	Name    string // full name of the image as it was started, or ""
	Running bool
}

// A Deletion is one line of what docker rmi answers.
type Deletion struct {
	Untagged string        // familiar name, or ""
	Deleted  digest.Digest // or ""
}

// Delete removes an image or one of its names as docker rmi does with the
// containerd image store. What was done before an error is in the list.
func (s *Store) Delete(arg string, force bool, users []User) ([]Deletion, error) { panic("stub") }

// Usage is what an image takes on disk, in bytes.
type Usage struct {
	Disk    int64 // unpacked layers and content: DISK USAGE
	Content int64 // blobs, config and manifest: CONTENT SIZE
	Shared  int64 // of the unpacked layers and blobs, what other images have too
	Unique  int64 // Disk - Shared
}

// Usage is what the image with the given ID takes.
func (s *Store) Usage(id digest.Digest) Usage { panic("stub") }

// Total is what all images take together, each layer and blob counted once: the
// SIZE of docker system df.
func (s *Store) Total() int64 { panic("stub") }

// HistorySizes is the SIZE column of docker history, one for each row of the
// image's Rows: the disk usage of the row's layer, 0 for a row without.
func (im *Image) HistorySizes() []int64 { panic("stub") }
