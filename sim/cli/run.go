package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/distribution/reference"
	units "github.com/docker/go-units"

	"github.com/layerlab/layerlab/sim/container"
	"github.com/layerlab/layerlab/sim/store"
)

// runFailed is an error of `docker run` or `docker create`, with the pointer to
// its help that run adds.
func runFailed(err error, code int) error { return failedWithHelp("run", err, code) }

func failedWithHelp(command string, err error, code int) error {
	return &statusError{"docker: " + err.Error() + "\n\nRun 'docker " + command + " --help' for more information", code}
}

// A parseError is flags that the client refuses, before the daemon is asked.
type parseError struct{ error }

// config is what the flags of run and create say.
func (c *call) config(args []string) (container.Config, error) {
	cfg := container.Config{
		Name: c.str("name"), Image: args[0], Args: args[1:], User: c.str("user"), WorkDir: c.str("workdir"), Hostname: c.str("hostname"),
		Labels: map[string]string{}, TTY: c.on("tty"), Interactive: c.on("interactive"), AutoRemove: c.on("rm"), ReadOnly: c.on("read-only"),
		Detached: c.on("detach"), StopSignal: c.str("stop-signal"), Ports: c.list("publish"),
	}
	for _, v := range c.list("volume") {
		// A path that begins with a dot is relative to where docker was typed.
		if from, rest, ok := strings.Cut(v, ":"); ok && strings.HasPrefix(from, ".") {
			v = c.abs(from) + ":" + rest
		}
		cfg.Volumes = append(cfg.Volumes, v)
	}
	if c.given("entrypoint") {
		e := c.str("entrypoint")
		cfg.Entrypoint = &e
	}
	if c.given("stop-timeout") {
		n := c.num("stop-timeout", 10)
		cfg.StopTimeout = &n
	}
	for _, l := range c.list("label") {
		k, v, _ := strings.Cut(l, "=")
		cfg.Labels[k] = v
	}
	cfg.Tmpfs = c.list("tmpfs")
	if m := c.str("memory"); m != "" {
		if n, err := units.RAMInBytes(m); err == nil && n > 0 && n < 6<<20 {
			return cfg, &statusError{"Error response from daemon: Minimum memory limit allowed is 6MB", 125}
		}
	}
	env, err := c.envFlags()
	if err != nil {
		return cfg, err
	}
	cfg.Env = env
	if cfg.Healthcheck, err = c.healthcheck(); err != nil {
		return cfg, err
	}
	if cfg.WorkDir != "" && !path.IsAbs(cfg.WorkDir) {
		return cfg, daemon(fmt.Errorf("the working directory '%s' is invalid, it needs to be an absolute path", cfg.WorkDir))
	}
	for _, p := range cfg.Ports {
		port, _ := splitPort(p)
		if n, _, _ := strings.Cut(port, "/"); n == "" || strings.Trim(n, "0123456789-") != "" {
			return cfg, fmt.Errorf("invalid containerPort: %s", n)
		}
	}
	return cfg, nil
}

// envFlags are --env and --env-file: a name without a value takes the learner's
// own variable, if there is one.
func (c *call) envFlags() ([]string, error) {
	var out []string
	for _, name := range c.list("env-file") {
		b, err := c.fs.ReadFile(c.abs(name))
		if err != nil {
			return nil, fmt.Errorf("open %s: %s", name, errno(err))
		}
		for line := range strings.Lines(string(b)) {
			line = strings.TrimLeft(strings.TrimRight(line, "\r\n"), " \t")
			if line == "" || line[0] == '#' {
				continue
			}
			key, _, _ := strings.Cut(line, "=")
			if strings.ContainsAny(key, " \t") {
				return nil, fmt.Errorf("--env-file: invalid env file (%s): variable '%s' contains whitespaces", name, key)
			}
			if key == "" {
				return nil, fmt.Errorf("--env-file: invalid env file (%s): no variable name on line '%s'", name, line)
			}
			out = append(out, c.withValue(line)...)
		}
	}
	for _, e := range c.list("env") {
		if e == "" || e[0] == '=' {
			return nil, fmt.Errorf("invalid environment variable: %s", e)
		}
		out = append(out, c.withValue(e)...)
	}
	return out, nil
}

func (c *call) withValue(e string) []string {
	if strings.Contains(e, "=") {
		return []string{e}
	}
	for _, own := range c.env {
		if strings.HasPrefix(own, e+"=") {
			return []string{own}
		}
	}
	return nil
}

// make creates a container, after pulling its image where that is needed and allowed.
func (c *call) make(args []string) (*container.Container, error) {
	cfg, err := c.config(args)
	if err != nil {
		if _, asked := err.(*statusError); !asked {
			err = parseError{err}
		}
		return nil, err
	}
	if _, err := reference.ParseAnyReference(cfg.Image); err != nil {
		return nil, err
	}
	pull := c.str("pull")
	switch pull {
	case "", "missing", "always", "never":
	default:
		return nil, fmt.Errorf("invalid pull option: '%s': must be one of \"always\", \"missing\" or \"never\"", pull)
	}
	if pull == "always" {
		if _, err := c.pullTo(c.pullOut(), cfg.Image); err != nil {
			return nil, daemon(err)
		}
	}
	ct, err := c.e.Create(cfg)
	var missing *store.NotFound
	if errors.As(err, &missing) && pull != "never" {
		if ref, err := reference.ParseNormalizedNamed(cfg.Image); err == nil {
			c.eprintf("Unable to find image '%s' locally\n", reference.FamiliarString(reference.TagNameOnly(ref)))
			p, err := c.pullTo(c.pullOut(), cfg.Image)
			if err != nil {
				return nil, daemon(err)
			}
			if !c.on("quiet") {
				c.eprintf("Status: Downloaded newer image for %s\n", reference.FamiliarString(p.Ref))
			}
		}
		ct, err = c.e.Create(cfg)
	}
	if err != nil {
		return nil, daemon(err)
	}
	if len(cfg.Volumes) > 0 {
		c.warnVolumes(cfg.Volumes)
	}
	return ct, nil
}

// warnVolumes says honestly what the simulator does not do.
func (c *call) warnVolumes(volumes []string) {
	for _, v := range volumes {
		if from, _, ok := strings.Cut(v, ":"); ok && !path.IsAbs(from) {
			c.eprintf("WARNING: the simulator has no named volumes: the container sees its own files in place of %s\n", from)
		}
	}
}

func (c *call) pullOut() io.Writer {
	if c.on("quiet") {
		return io.Discard
	}
	return c.err
}

// create is `docker create`.
func (c *call) create(args []string) error {
	ct, err := c.make(args)
	if _, refused := err.(parseError); refused {
		return failedWithHelp("create", err, 125)
	}
	if err != nil {
		return err
	}
	c.printf("%s\n", ct.ID)
	return nil
}

// run is `docker run`.
func (c *call) run(args []string) error {
	detach := c.on("detach")
	if c.on("tty") && c.on("interactive") && !detach && !c.tty {
		return plain("cannot attach stdin to a TTY-enabled container because stdin is not a terminal")
	}
	if detach && len(c.list("attach")) > 0 {
		return runFailed(errors.New("conflicting options: cannot specify both --attach and --detach"), 125)
	}
	ct, err := c.make(args)
	if err != nil {
		return runFailed(err, 125)
	}
	if f := c.str("cidfile"); f != "" {
		if err := c.fs.WriteFile(c.abs(f), []byte(ct.ID), 0o644); err != nil {
			return runFailed(fmt.Errorf("failed to create the container ID file: %s", errno(err)), 125)
		}
	}
	if !detach && c.interactive(ct.Argv()) {
		return c.openShell(ct, container.Spec{Args: ct.Argv(), TTY: true}, true)
	}
	streams := container.IO{}
	if !detach {
		streams = container.IO{Stdout: c.out, Stderr: c.err}
		if c.on("interactive") {
			streams.Stdin = c.in
		}
	}
	if err := c.e.Start(c.ctx, ct, streams, detach); err != nil {
		return c.startFailed(err)
	}
	if detach {
		c.printf("%s\n", ct.ID)
		return nil
	}
	if ct.ExitCode != 0 {
		return silent(ct.ExitCode)
	}
	return nil
}

// startFailed is why `docker run` could not start a container, with the exit
// status that belongs to it.
func (c *call) startFailed(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	code := 125
	var refused *container.StartError
	if errors.As(err, &refused) {
		code = refused.Code
	}
	return runFailed(daemon(err), code)
}
