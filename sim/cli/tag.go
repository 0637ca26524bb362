package cli

import (
	"errors"

	"github.com/distribution/reference"

	"github.com/layerlab/layerlab/sim/engine"
)

// tag is `docker tag`.
func (c *call) tag(args []string) error {
	if _, err := reference.ParseAnyReference(args[0]); err != nil {
		return plain("error parsing reference: %q is not a valid repository/tag: %v", args[0], badReference(err))
	}
	ref, err := reference.ParseNormalizedNamed(args[1])
	if err != nil {
		return plain("error parsing reference: %q is not a valid repository/tag: %v", args[1], err)
	}
	if _, ok := ref.(reference.Digested); ok {
		return plain("refusing to create a tag with a digest reference")
	}
	if err := c.e.Tag(args[0], args[1]); err != nil {
		return daemon(err)
	}
	return nil
}

// rmi is `docker rmi`: what goes well is printed as it happens, what does not at
// the end, in one.
func (c *call) rmi(args []string) error {
	var failed []error
	fatal := false
	for _, a := range args {
		if a == "" {
			failed, fatal = append(failed, daemon(errors.New("page not found"))), true
			continue
		}
		done, err := c.e.RemoveImage(a, engine.RemoveOptions{Force: c.on("force"), NoPrune: c.on("no-prune")})
		for _, d := range done {
			if d.Untagged != "" {
				c.printf("Untagged: %s\n", d.Untagged)
			}
			if d.Deleted != "" {
				c.printf("Deleted: %s\n", d.Deleted)
			}
		}
		if err != nil {
			failed = append(failed, daemon(err))
			fatal = fatal || !c.on("force") || !isNotFound(err)
		}
	}
	return c.failures(failed, fatal)
}

// failures are several errors as Docker prints them, one a line; not fatal, they
// are printed and forgotten.
func (c *call) failures(failed []error, fatal bool) error {
	if len(failed) == 0 {
		return nil
	}
	err := errors.Join(failed...)
	if !fatal {
		c.eprintf("%v\n", err)
		return nil
	}
	return &statusError{err.Error(), 1}
}

// badReference is an error of a name as the daemon words it: an empty one is of
// an invalid format like others.
func badReference(err error) error {
	if errors.Is(err, reference.ErrNameEmpty) {
		return reference.ErrReferenceInvalidFormat
	}
	return err
}
