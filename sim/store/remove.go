package store

import (
	"fmt"

	"github.com/distribution/reference"
	"github.com/opencontainers/go-digest"
)

// A Deletion is one line of what docker rmi answers: either name gone or image
// gone.
type Deletion struct {
	Untagged string        // familiar name, or ""
	Image    digest.Digest // with Untagged: what had the name
	Deleted  digest.Digest // or ""
	Freed    Freed         // with Deleted
	// Stays says that the image is there without a name, whatever the line says:
	// other images were committed from it.
	Stays bool
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

// DeleteOptions say how Delete deletes.
type DeleteOptions struct {
	Force   bool
	NoPrune bool // leave parents without a name
	Needs
}

// Delete removes an image or one of its names as docker rmi does with the
// containerd image store (moby daemon/containerd/image_delete.go). By name, an
// image with other names only loses this one, and the last name of an image that
// a container uses must be forced: then the image stays without a name. By ID,
// all names go with the image, unless it has several or a container uses it. An
// image that others were committed from stays without a name until they are gone,
// unless it is forced; with an image go the parents that have no name. It fails
// with *Conflict or what Resolve fails with.
func (s *Store) Delete(arg string, o DeleteOptions) ([]Deletion, error) {
	r, err := s.Resolve(arg)
	if err != nil {
		return nil, err
	}
	id, all := r.Image.ID, s.Names(r.Image.ID)
	if r.Name == nil && r.Repo == nil {
		return s.deleteAll(id, all, o, o.Force)
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
		return s.untag(id, same), nil
	}
	for _, u := range o.Users {
		if u.Image != id {
			continue
		}
		if !o.Force {
			return nil, &Conflict{Ref: reference.FamiliarString(same[0]), Reason: fmt.Sprintf("container %s is using its referenced image %s", short(u.ID), short(id.Encoded()))}
		}
		return s.untag(id, same), nil
	}
	return s.deleteAll(id, all, o, o.Force || len(all) > 1)
}

// deleteAll removes an image with its names, and then its parents as long as they
// have none. With several, several names are no reason to leave it.
func (s *Store) deleteAll(id digest.Digest, all []reference.NamedTagged, o DeleteOptions, several bool) ([]Deletion, error) {
	if c := s.conflict(id, len(all), o, o.Force, several); c != nil {
		return nil, c
	}
	var parents []digest.Digest
	if !o.NoPrune {
		parents = s.parents(id)
	}
	stays := len(all) == 1 && !o.Force && len(s.Children(id)) > 0
	out := s.untag(id, all)
	d := Deletion{Deleted: id, Stays: stays}
	if !stays {
		d.Freed = s.Remove(id, o.Needs)
	}
	out = append(out, d)
	for _, p := range parents {
		if s.named(p) || s.conflict(p, len(all), o, false, false) != nil {
			break
		}
		out = append(out, Deletion{Deleted: p, Freed: s.Remove(p, o.Needs)})
	}
	return out, nil
}

// conflict is the reason for which an image that is asked for by names many names
// may not be deleted, or nil.
func (s *Store) conflict(id digest.Digest, names int, o DeleteOptions, stopped, several bool) error {
	c := &Conflict{Ref: short(id.Encoded())}
	for _, u := range o.Users {
		if u.Image == id && u.Running {
			c.Hard, c.Reason = true, "image is being used by running container "+short(u.ID)
			return c
		}
	}
	for _, u := range o.Users {
		if u.Image == id && !stopped {
			c.Reason = "image is being used by stopped container " + short(u.ID)
			return c
		}
	}
	if names > 1 && !several {
		c.Reason = "image is referenced in multiple repositories"
		return c
	}
	return nil
}

func (s *Store) untag(id digest.Digest, names []reference.NamedTagged) []Deletion {
	out := make([]Deletion, 0, len(names)+1)
	for _, n := range names {
		s.Untag(n)
		out = append(out, Deletion{Untagged: reference.FamiliarString(n), Image: id})
	}
	return out
}

func short(hex string) string { return hex[:min(len(hex), 12)] }
