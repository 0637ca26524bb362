package store

import (
	"fmt"

	"github.com/distribution/reference"
	"github.com/opencontainers/go-digest"
)

// Freed is what removing an image gave back.
type Freed struct {
	Layers []digest.Digest // chain IDs of the layers that no image has any more, topmost first
	Bytes  int64           // of disk usage
}

// Remove takes an image, its names and the layers that no other image has. It
// asks nobody; Delete is what docker rmi does.
func (s *Store) Remove(id digest.Digest) Freed {
	im := s.Get(id)
	if im == nil {
		return Freed{}
	}
	before := s.Total()
	for _, n := range s.Names(id) {
		s.Untag(n)
	}
	s.count(im, -1)
	s.images.Delete(id)
	f := Freed{Bytes: before - s.Total()}
	for i := len(im.Layers) - 1; i >= 0; i-- {
		if s.Layer(im.Layers[i].ChainID) == nil {
			f.Layers = append(f.Layers, im.Layers[i].ChainID)
		}
	}
	return f
}

// A User is a container that uses an image.
type User struct {
	ID      string        // of the container
	Image   digest.Digest // ID
	Name    string        // full name of the image as the container was given it, or ""
	Running bool
}

// A Deletion is one line of what docker rmi answers: either name gone or image
// gone.
type Deletion struct {
	Untagged string        // familiar name, or ""
	Deleted  digest.Digest // or ""
	Freed    Freed         // with Deleted
}

// String is the line: "Untagged: busybox:1.36" or "Deleted: sha256:…".
func (d Deletion) String() string {
	if d.Untagged != "" {
		return "Untagged: " + d.Untagged
	}
	return "Deleted: " + d.Deleted.String()
}

// A Conflict is a reason for which docker rmi leaves an image where it is.
type Conflict struct {
	Ref    string // as the daemon names it
	Hard   bool   // --force does not help
	Reason string
}

// Error is the daemon's.
func (e *Conflict) Error() string {
	forced := "must be forced"
	if e.Hard {
		forced = "cannot be forced"
	}
	return fmt.Sprintf("conflict: unable to delete %s (%s) - %s", e.Ref, forced, e.Reason)
}

// Delete removes an image or one of its names as docker rmi does with the
// containerd image store (moby daemon/containerd/image_delete.go). By name, an
// image with other names only loses this one, and the last name of an image that
// a container uses must be forced: then the image stays without a name. By ID,
// all names go with the image, unless it has several or a container uses it. It
// fails with *Conflict or what Resolve fails with.
func (s *Store) Delete(arg string, force bool, users []User) ([]Deletion, error) {
	r, err := s.Resolve(arg)
	if err != nil {
		return nil, err
	}
	id, all := r.Image.ID, s.Names(r.Image.ID)
	if r.Name == nil && r.Repo == nil {
		return s.deleteID(id, all, force, users)
	}
	same := all
	if r.Name != nil {
		same = []reference.NamedTagged{r.Name}
	} else {
		same = nil
		for _, n := range all {
			if n.Name() == r.Repo.Name() {
				same = append(same, n)
			}
		}
	}
	if len(same) < len(all) {
		return s.untag(same), nil
	}
	for _, u := range users {
		if u.Image != id {
			continue
		}
		if !force {
			return nil, &Conflict{Ref: reference.FamiliarString(same[0]), Reason: fmt.Sprintf("container %s is using its referenced image %s", short(u.ID), short(id.Encoded()))}
		}
		return s.untag(same), nil
	}
	return append(s.untag(same), s.deleted(id)), nil
}

func (s *Store) deleteID(id digest.Digest, all []reference.NamedTagged, force bool, users []User) ([]Deletion, error) {
	conflict := &Conflict{Ref: short(id.Encoded())}
	for _, u := range users {
		if u.Image == id && u.Running {
			conflict.Hard, conflict.Reason = true, "image is being used by running container "+short(u.ID)
			return nil, conflict
		}
	}
	if !force {
		for _, u := range users {
			if u.Image == id {
				conflict.Reason = "image is being used by stopped container " + short(u.ID)
				return nil, conflict
			}
		}
		if len(all) > 1 {
			conflict.Reason = "image is referenced in multiple repositories"
			return nil, conflict
		}
	}
	return append(s.untag(all), s.deleted(id)), nil
}

func (s *Store) untag(names []reference.NamedTagged) []Deletion {
	out := make([]Deletion, 0, len(names)+1)
	for _, n := range names {
		s.Untag(n)
		out = append(out, Deletion{Untagged: reference.FamiliarString(n)})
	}
	return out
}

func (s *Store) deleted(id digest.Digest) Deletion { return Deletion{Deleted: id, Freed: s.Remove(id)} }

func short(hex string) string { return hex[:min(len(hex), 12)] }
