package store

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/distribution/reference"
	"github.com/opencontainers/go-digest"
)

// Refs is all names, in bytewise order of their familiar form.
func (s *Store) Refs() []Ref {
	var out []Ref
	s.names.Scan(func(full string, id digest.Digest) bool {
		out = append(out, Ref{named(full), id})
		return true
	})
	slices.SortFunc(out, func(a, b Ref) int {
		return cmp.Compare(reference.FamiliarString(a.Name), reference.FamiliarString(b.Name))
	})
	return out
}

// named is a full name that was checked when it came in.
func named(full string) reference.NamedTagged {
	ref, err := reference.ParseNormalizedNamed(full)
	if err != nil {
		panic(fmt.Sprintf("store: bad name %q kept", full))
	}
	return ref.(reference.NamedTagged)
}

// Names is the names of an image, in bytewise order of their full form: the order
// in which containerd keeps them, and Docker lists them in RepoTags.
func (s *Store) Names(id digest.Digest) []reference.NamedTagged {
	var out []reference.NamedTagged
	s.names.Scan(func(full string, of digest.Digest) bool {
		if of == id {
			out = append(out, named(full))
		}
		return true
	})
	return out
}

// Tag points a name to an image, and returns the image it pointed to before if
// that was another.
func (s *Store) Tag(ref reference.NamedTagged, id digest.Digest) (replaced digest.Digest) {
	key := key(ref)
	if old, ok := s.names.Get(key); ok && old != id {
		replaced = old
	}
	s.names.Set(key, id)
	return replaced
}

// Unnamed reports whether an image is kept without a name beside those that it has
// or had: it was there without one when it was built or loaded again. Docker has an
// entry for an image without a name, and only docker tag takes it away.
func (s *Store) Unnamed(id digest.Digest) bool { return s.unnamed.Contains(id) }

// Christen takes away what Unnamed reports, as docker tag does.
func (s *Store) Christen(id digest.Digest) { s.unnamed.Delete(id) }

// Untag takes a name away. It reports whether there was one.
func (s *Store) Untag(ref reference.NamedTagged) bool {
	_, ok := s.names.Delete(key(ref))
	return ok
}

// key is a name without a digest, in full.
func key(ref reference.NamedTagged) string { return ref.Name() + ":" + ref.Tag() }

// A NotFound is a name or ID that no image has.
type NotFound struct {
	Ref string // as Docker prints it: with :latest where a tag was left out
}

// Error is the daemon's.
func (e *NotFound) Error() string { return "No such image: " + e.Ref }

// An Ambiguous is the beginning of an ID that more than one image has.
type Ambiguous struct{ Prefix string }

// Error is the daemon's.
func (e *Ambiguous) Error() string { return "ambiguous reference: " + e.Prefix }

// A Resolved is what a name or ID on the command line means.
type Resolved struct {
	Image *Image
	Name  reference.NamedTagged // the name it was found by; nil when by ID or digest
	Repo  reference.Named       // the repository of repository@digest, or nil
}

// truncated is what may be the beginning of an ID: at least four digits.
var truncated = regexp.MustCompile(`^(sha256:)?([a-f0-9]{4,64})$`)

// Resolve finds an image as Docker does: by name, with docker.io/library and
// :latest filled in, by repository@digest, or by ID, whole or from four digits
// on. It fails with *NotFound, *Ambiguous, or the error of a name that none can
// have.
func (s *Store) Resolve(name string) (Resolved, error) {
	if d, err := digest.Parse(name); err == nil {
		return s.byDigest(d)
	}
	if len(name) == 64 && truncated.MatchString(name) {
		return s.byDigest(digest.NewDigestFromEncoded(digest.SHA256, name))
	}
	prefix := ""
	if m := truncated.FindStringSubmatch(name); m != nil {
		prefix = m[2]
	}
	if strings.HasPrefix(name, "sha256:") {
		if prefix == "" {
			return Resolved{}, &NotFound{name}
		}
		return s.byPrefix(prefix, &NotFound{name})
	}
	ref, err := reference.ParseNormalizedNamed(name)
	if err != nil {
		return Resolved{}, invalid(err)
	}
	if d, ok := ref.(reference.Digested); ok {
		return s.inRepository(ref, d.Digest())
	}
	tagged := reference.TagNameOnly(ref).(reference.NamedTagged)
	if id, ok := s.names.Get(key(tagged)); ok {
		return Resolved{Image: s.Get(id), Name: tagged}, nil
	}
	none := &NotFound{reference.FamiliarString(tagged)}
	if prefix == "" {
		return Resolved{}, none
	}
	return s.byPrefix(prefix, none)
}

// invalid is the error of a name that none can have, in Docker's words.
func invalid(err error) error {
	if errors.Is(err, reference.ErrNameEmpty) {
		return reference.ErrReferenceInvalidFormat
	}
	return err
}

func (s *Store) byDigest(d digest.Digest) (Resolved, error) {
	if im := s.Get(d); im != nil {
		return Resolved{Image: im}, nil
	}
	return Resolved{}, &NotFound{string(d)}
}

// inRepository finds name@digest: an image with that digest that has a name in
// that repository.
func (s *Store) inRepository(ref reference.Named, d digest.Digest) (Resolved, error) {
	repo := reference.TrimNamed(ref)
	for _, n := range s.Names(d) {
		if n.Name() == repo.Name() {
			return Resolved{Image: s.Get(d), Repo: repo}, nil
		}
	}
	return Resolved{}, &NotFound{reference.FamiliarName(repo) + "@" + string(d)}
}

func (s *Store) byPrefix(prefix string, none error) (Resolved, error) {
	from := digest.NewDigestFromEncoded(digest.SHA256, prefix)
	var found []*Image
	s.images.Ascend(from, func(id digest.Digest, im *Image) bool {
		if !strings.HasPrefix(string(id), string(from)) {
			return false
		}
		found = append(found, im)
		return len(found) < 2
	})
	switch len(found) {
	case 0:
		return Resolved{}, none
	case 1:
		return Resolved{Image: found[0]}, nil
	}
	return Resolved{}, &Ambiguous{prefix}
}
