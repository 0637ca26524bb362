package engine

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/build"
	"github.com/layerlab/layerlab/sim/container"
	"github.com/layerlab/layerlab/sim/image"
)

// changeCommands is the instructions that --change takes.
var changeCommands = []string{"cmd", "entrypoint", "healthcheck", "env", "expose", "label", "onbuild", "stopsignal", "user", "volume", "workdir"}

// applyChanges runs the instructions of --change of commit and import on a
// configuration (moby daemon/builder/dockerfile BuildFromConfig): all of them are
// read before the first is run.
func applyChanges(cfg *image.Config, changes []string) error {
	if len(changes) == 0 {
		return nil
	}
	tree, err := parser.Parse(strings.NewReader(strings.Join(changes, "\n")))
	if err != nil {
		return err
	}
	c := changer{c: &cfg.Config, lex: shell.NewLex(tree.EscapeToken)}
	var commands []instructions.Command
	for _, n := range tree.AST.Children {
		if !slices.Contains(changeCommands, strings.ToLower(n.Value)) {
			return fmt.Errorf("%s is not a valid change command", n.Value)
		}
		cmd, err := instructions.ParseCommand(n)
		if err != nil {
			return err
		}
		commands = append(commands, cmd)
	}
	for _, cmd := range commands {
		if err := c.apply(cmd); err != nil {
			return err
		}
	}
	return nil
}

// A changer changes a configuration, one instruction after another.
type changer struct {
	c      *dockerspec.DockerOCIImageConfig
	lex    *shell.Lex
	cmdSet bool // by an instruction before this one
}

func (r *changer) apply(cmd instructions.Command) error {
	c := r.c
	env := shell.EnvsFromSlice(c.Env)
	if ex, ok := cmd.(instructions.SupportsSingleWordExpansion); ok {
		err := ex.Expand(func(w string) (string, error) {
			out, _, err := r.lex.ProcessWord(w, env)
			return out, err
		})
		if err != nil {
			return err
		}
	}
	switch cmd := cmd.(type) {
	case *instructions.CmdCommand:
		c.Cmd = r.argv(cmd.ShellDependantCmdLine)
		r.cmdSet = r.cmdSet || len(cmd.CmdLine) > 0
	case *instructions.EntrypointCommand:
		c.Entrypoint = r.argv(cmd.ShellDependantCmdLine)
		if !r.cmdSet {
			c.Cmd = nil
		}
	case *instructions.EnvCommand:
		for _, kv := range cmd.Env {
			c.Env = container.MergeEnv(c.Env, []string{kv.Key + "=" + kv.Value})
		}
	case *instructions.LabelCommand:
		labels := map[string]string{}
		for k, v := range c.Labels {
			labels[k] = v
		}
		for _, kv := range cmd.Labels {
			labels[kv.Key] = kv.Value
		}
		c.Labels = labels
	case *instructions.ExposeCommand:
		return r.expose(cmd, env)
	case *instructions.VolumeCommand:
		if slices.Contains(cmd.Volumes, "") {
			return errors.New("VOLUME specified can not be an empty string")
		}
		c.Volumes = with(c.Volumes, cmd.Volumes)
	case *instructions.UserCommand:
		c.User = cmd.User
	case *instructions.WorkdirCommand:
		if cmd.Path == "" {
			return errors.New("cannot normalize nothing")
		}
		if path.IsAbs(cmd.Path) {
			c.WorkingDir = path.Clean(cmd.Path)
		} else {
			c.WorkingDir = path.Join("/", c.WorkingDir, cmd.Path)
		}
	case *instructions.StopSignalCommand:
		if !build.ValidSignal(cmd.Signal) {
			return fmt.Errorf("invalid signal: %s", cmd.Signal)
		}
		c.StopSignal = cmd.Signal
	case *instructions.HealthCheckCommand:
		c.Healthcheck = &dockerspec.HealthcheckConfig{
			Test: cmd.Health.Test, Interval: cmd.Health.Interval, Timeout: cmd.Health.Timeout,
			StartPeriod: cmd.Health.StartPeriod, StartInterval: cmd.Health.StartInterval, Retries: cmd.Health.Retries,
		}
	case *instructions.OnbuildCommand:
		c.OnBuild = append(slices.Clone(c.OnBuild), cmd.Expression)
	}
	return nil
}

// argv is a command line, with a shell before it in the shell form.
func (r *changer) argv(s instructions.ShellDependantCmdLine) []string {
	if !s.PrependShell {
		return s.CmdLine
	}
	sh := r.c.Shell
	if len(sh) == 0 {
		sh = []string{"/bin/sh", "-c"}
	}
	return append(slices.Clone(sh), strings.Join(s.CmdLine, " "))
}

func (r *changer) expose(cmd *instructions.ExposeCommand, env shell.EnvGetter) error {
	var ports []string
	for _, p := range cmd.Ports {
		words, err := r.lex.ProcessWords(p, env)
		if err != nil {
			return err
		}
		for _, w := range words {
			some, err := build.ParsePorts(w)
			if err != nil {
				return err
			}
			ports = append(ports, some...)
		}
	}
	r.c.ExposedPorts = with(r.c.ExposedPorts, ports)
	return nil
}

// with is a set with names added, the set itself left as it is.
func with(set map[string]struct{}, names []string) map[string]struct{} {
	out := map[string]struct{}{}
	for k := range set {
		out[k] = struct{}{}
	}
	for _, n := range names {
		out[n] = struct{}{}
	}
	return out
}
