package build

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/distribution/reference"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/util/suggest"

	"github.com/layerlab/layerlab/sim/dockerfile"
	"github.com/layerlab/layerlab/sim/image"
)

// resolve finds the base images of the stages that are needed, and puts the
// ONBUILD triggers of bases in front of the steps; triggers may need further
// stages, so this goes on until nothing new is needed.
func (r *run) resolve() error {
	for {
		needed := r.reachable()
		for i := 0; i < len(r.stages); i++ {
			st := r.stages[i]
			if st.base != nil || st.ready {
				continue
			}
			if !needed[st] {
				if err := st.checkName(); err != nil {
					return parser.WithLocation(err, st.at)
				}
				continue
			}
			if err := r.resolveStage(st); err != nil {
				return parser.WithLocation(err, st.at)
			}
		}
		more := false
		for _, st := range slices.Clone(r.stages) {
			if !needed[st] || st.triggered {
				continue
			}
			added, err := r.trigger(st)
			if err != nil {
				return parser.SetLocation(err, st.at)
			}
			more = more || added
		}
		if !more {
			return nil
		}
	}
}

// checkName fails if what a stage that is not needed starts from is no name of an
// image at all.
func (st *stage) checkName() error {
	if st.scratch {
		return nil
	}
	if _, err := reference.ParseNormalizedNamed(st.orig); err != nil {
		return fmt.Errorf("failed to parse stage name %q: %w", st.orig, err)
	}
	return nil
}

// resolveStage finds the image that a stage starts from.
func (r *run) resolveStage(st *stage) error {
	st.ready = true
	if done, err := r.resolveContext(st); done {
		return err
	}
	if st.scratch {
		st.img = emptyConfig()
		st.dispatched = st.external
		return nil
	}
	named, err := reference.ParseNormalizedNamed(st.orig)
	if err != nil {
		return fmt.Errorf("failed to parse stage name %q: %w", st.orig, err)
	}
	st.ref = reference.TagNameOnly(named).String()
	st.dispatched = st.external
	base, err := r.load(st.ref)
	if err != nil {
		err = fmt.Errorf("%s: %w", st.orig, err)
		return suggest.WrapError(err, st.orig, append(r.stageNames(), commonImages()...), true)
	}
	st.resolved = base
	st.img = cloneConfig(base.Image.Config)
	r.lintBasePlatform(st)
	st.img.Created = nil
	name := st.ref
	if full, err := reference.WithDigest(reference.TagNameOnly(named), base.Image.Digest); err == nil {
		name = full.String()
	}
	if len(base.Layers) == 0 {
		return nil
	}
	n := &node{base: nil, op: &sourceOp{Name: name, base: base}, at: st.at, step: "FROM " + name}
	n.own = st.prefix(n.step, false)
	r.register(n)
	st.node = n
	return nil
}

// load asks for an image by its full name, once in a build.
func (r *run) load(ref string) (*Base, error) {
	for _, st := range r.stages {
		if st.ref == ref && st.resolved != nil {
			return st.resolved, nil
		}
	}
	v := r.begin("[internal] load metadata for "+ref, 0, 0)
	base, err := r.b.Images.Resolve(r.ctx, ref)
	if err != nil {
		err = notFound(ref, err)
		v.done(err)
		return nil, fmt.Errorf("failed to resolve source metadata for %s: %w", ref, err)
	}
	v.done(nil)
	return base, nil
}

// notFound is an error about an image that is not there in a registry's words.
func notFound(ref string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: not found", ref)
	}
	return err
}

// trigger puts the ONBUILD instructions of a stage's base before its own steps.
// It reports whether they need other stages.
func (r *run) trigger(st *stage) (more bool, err error) {
	st.triggered = true
	var triggers []string
	if st.base == nil {
		triggers = slices.Clone(st.img.Config.OnBuild)
		st.img.Config.OnBuild = nil
	} else {
		if !st.base.triggered {
			st.triggered = false // the base's own triggers come first
			return true, nil
		}
		for _, s := range st.base.steps {
			if c, ok := s.cmd.(*instructions.OnbuildCommand); ok {
				triggers = append(triggers, c.Expression)
			}
		}
	}
	var steps []*step
	for _, t := range triggers {
		c, err := dockerfile.ParseTrigger(t, st.at)
		if err != nil {
			return false, err
		}
		s := &step{cmd: c, text: dockerfile.Text(c), trigger: true, history: -1}
		s.line, s.end = dockerfile.Lines(st.at)
		before := len(st.needs)
		if err := r.addSources(st, s); err != nil {
			return false, err
		}
		more = more || len(st.needs) > before
		steps = append(steps, s)
	}
	st.steps = append(steps, st.steps...)
	st.total += len(steps)
	return more, nil
}

// emptyConfig is the configuration of "FROM scratch".
func emptyConfig() image.Config {
	var c image.Config
	c.OS, c.Architecture = platformOS, platformArch
	c.RootFS.Type = "layers"
	c.Config.WorkingDir = "/"
	c.Config.Env = []string{"PATH=" + defaultPath}
	return c
}

// cloneConfig is a configuration that can be changed without changing c.
func cloneConfig(c image.Config) image.Config {
	o := c
	o.Config.Env = slices.Clone(c.Config.Env)
	o.Config.Cmd = slices.Clone(c.Config.Cmd)
	o.Config.Entrypoint = slices.Clone(c.Config.Entrypoint)
	o.Config.OnBuild = slices.Clone(c.Config.OnBuild)
	o.Config.Shell = slices.Clone(c.Config.Shell)
	o.Config.ExposedPorts = maps.Clone(c.Config.ExposedPorts)
	o.Config.Volumes = maps.Clone(c.Config.Volumes)
	o.Config.Labels = maps.Clone(c.Config.Labels)
	if h := c.Config.Healthcheck; h != nil {
		copied := *h
		copied.Test = slices.Clone(h.Test)
		o.Config.Healthcheck = &copied
	}
	o.History = slices.Clone(c.History)
	o.RootFS.DiffIDs = slices.Clone(c.RootFS.DiffIDs)
	return o
}

// commonImages is the names that a misspelt base image is held against.
func commonImages() []string {
	var out []string
	for _, n := range []string{"alpine", "busybox", "centos", "debian", "golang", "ubuntu", "fedora"} {
		out = append(out, n, n+":latest")
	}
	return out
}
