package cli

import (
	"archive/tar"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/layerlab/layerlab/sim/build"
	"github.com/layerlab/layerlab/sim/content"
)

// buildContext finds the context directory and the Dockerfile.
func (c *call) buildContext(where string, o *build.Options) (dir string, err error) {
	file := c.str("file")
	switch {
	case where == "-":
		return c.stdinContext(file, o)
	case strings.Contains(where, "://") || strings.HasPrefix(where, "git@"):
		return "", buildFailed("unable to prepare context: the simulator has no network for %s", where)
	}
	dir = c.abs(where)
	st, err := c.fs.Stat(dir)
	if err != nil || !st.IsDir() {
		return "", buildFailed("unable to prepare context: path %q not found", where)
	}
	switch file {
	case "-":
		text, err := c.readIn()
		if err == nil {
			o.Source, err = readSmall(text)
		}
		return dir, err
	case "":
		file = path.Join(dir, "Dockerfile")
	}
	return dir, c.dockerfileFlag(file, dir, o)
}

// namedContexts reads --build-context name=DIR or name=docker-image://IMAGE.
func (c *call) namedContexts(o *build.Options) error {
	for _, spec := range c.list("build-context") {
		if spec == "" {
			continue
		}
		k, _, ok := strings.Cut(spec, "=")
		if !ok {
			return &statusError{"ERROR: invalid context value: " + spec + ", expected key=value", 1}
		}
		name, err := build.ContextName(k)
		if err != nil {
			return &statusError{"ERROR: invalid context name " + k + ": " + err.Error(), 1}
		}
		if o.Contexts == nil {
			o.Contexts = map[string]build.NamedContext{}
		}
		o.Contexts[name] = build.NamedContext{Dir: spec[len(k)+1:]}
	}
	return nil
}

// findContexts finds what named contexts stand for.
func (c *call) findContexts(o *build.Options) error {
	for _, name := range slices.Sorted(maps.Keys(o.Contexts)) {
		where := o.Contexts[name].Dir
		if ref, ok := strings.CutPrefix(where, "docker-image://"); ok {
			o.Contexts[name] = build.NamedContext{Image: ref}
			continue
		}
		if strings.Contains(where, "://") || strings.HasPrefix(where, "git@") || strings.HasPrefix(where, "target:") {
			return buildFailed("the simulator cannot take the context %s from %s: it takes directories and docker-image://", name, where)
		}
		st, err := c.fs.Stat(c.abs(where))
		if err != nil {
			return buildFailed("failed to get build context %s: stat %s: %s", name, where, errno(err))
		}
		if !st.IsDir() {
			return buildFailed("failed to get build context path {%s <nil>}: not a directory", where)
		}
		o.Contexts[name] = build.NamedContext{Dir: c.abs(where)}
	}
	return nil
}

// stdinContext is the context of `docker build -`: a tar with everything, or a
// Dockerfile alone.
func (c *call) stdinContext(file string, o *build.Options) (dir string, err error) {
	if file == "-" {
		return "", buildFailed("invalid argument: can't use stdin for both build context and dockerfile")
	}
	in, err := c.readIn()
	if err != nil {
		return "", err
	}
	if isArchive(in) {
		o.Context, o.Dockerfile = in, file
		return "/", nil
	}
	if file != "" {
		return "", buildFailed("ambiguous Dockerfile source: both stdin and flag correspond to Dockerfiles")
	}
	if o.Source, err = readSmall(in); err != nil {
		return "", buildFailed("reading the Dockerfile: %v", err)
	}
	return c.emptyContext()
}

// isArchive reports whether a file begins as a tar, plain or compressed.
func isArchive(b content.Body) bool {
	head := make([]byte, 512)
	n, _ := content.ReadAt(b, head, 0)
	if compressed(head[:n]) {
		return true
	}
	r, err := b.Open()
	if err != nil {
		return false
	}
	defer r.Close()
	_, err = tar.NewReader(r).Next()
	return err == nil
}

// dockerfileFlag takes the Dockerfile's path, which is relative to where it was
// typed. A dockerfile in lower case stands in for one that is not there.
func (c *call) dockerfileFlag(file, dir string, o *build.Options) error {
	p := c.abs(file)
	if parent := path.Dir(p); parent != dir {
		if _, err := c.fs.Stat(parent); err != nil {
			return buildFailed("resolve : lstat %s: %s", path.Dir(file), errno(err))
		}
	}
	if base := path.Base(p); base == "Dockerfile" {
		if _, err := c.fs.Lstat(p); err != nil {
			lower := path.Join(path.Dir(p), strings.ToLower(base))
			if _, err := c.fs.Lstat(lower); err == nil {
				p = lower
			}
		}
	}
	if rel, ok := strings.CutPrefix(p, strings.TrimSuffix(dir, "/")+"/"); ok {
		o.Dockerfile = rel
		return nil
	}
	o.Dockerfile = path.Base(p)
	src, err := c.fs.ReadFile(p)
	if err != nil {
		return buildFailed("failed to solve: failed to read dockerfile: open %s: %s", path.Base(p), errno(err))
	}
	o.Source = src
	return nil
}

// emptyContext is a directory with nothing in it, for `docker build -`.
func (c *call) emptyContext() (string, error) {
	const dir = "/tmp/.docker-empty-context"
	if err := c.fs.MkdirAll(dir, 0o755); err != nil {
		return "", buildFailed("unable to prepare context: %s", errno(err))
	}
	return dir, nil
}
