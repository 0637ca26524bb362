package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/container"
	"github.com/layerlab/layerlab/sim/image"
)

// applyChanges runs the instructions of `docker commit --change` on a
// configuration (moby daemon/builder/dockerfile BuildFromConfig).
func applyChanges(cfg *image.Config, changes []string) error {
	if len(changes) == 0 {
		return nil
	}
	tree, err := parser.Parse(strings.NewReader(strings.Join(changes, "\n")))
	if err != nil {
		return err
	}
	for _, n := range tree.AST.Children {
		cmd, err := instructions.ParseCommand(n)
		if err != nil {
			return err
		}
		if err := applyChange(&cfg.Config, cmd); err != nil {
			return err
		}
	}
	return nil
}

func applyChange(c *dockerspec.DockerOCIImageConfig, cmd instructions.Command) error {
	shell := func(s instructions.ShellDependantCmdLine) []string {
		if !s.PrependShell {
			return s.CmdLine
		}
		return append([]string{"/bin/sh", "-c"}, strings.Join(s.CmdLine, " "))
	}
	switch cmd := cmd.(type) {
	case *instructions.CmdCommand:
		c.Cmd = shell(cmd.ShellDependantCmdLine)
	case *instructions.EntrypointCommand:
		c.Entrypoint = shell(cmd.ShellDependantCmdLine)
	case *instructions.EnvCommand:
		for _, kv := range cmd.Env {
			c.Env = container.MergeEnv(c.Env, []string{unquote(kv.Key) + "=" + unquote(kv.Value)})
		}
	case *instructions.LabelCommand:
		labels := map[string]string{}
		for k, v := range c.Labels {
			labels[k] = v
		}
		for _, kv := range cmd.Labels {
			labels[unquote(kv.Key)] = unquote(kv.Value)
		}
		c.Labels = labels
	case *instructions.ExposeCommand:
		c.ExposedPorts = with(c.ExposedPorts, cmd.Ports, func(p string) string {
			if !strings.Contains(p, "/") {
				p += "/tcp"
			}
			return p
		})
	case *instructions.VolumeCommand:
		c.Volumes = with(c.Volumes, cmd.Volumes, func(v string) string { return v })
	case *instructions.UserCommand:
		c.User = cmd.User
	case *instructions.WorkdirCommand:
		c.WorkingDir = cmd.Path
	case *instructions.StopSignalCommand:
		c.StopSignal = cmd.Signal
	case *instructions.OnbuildCommand:
		c.OnBuild = append(slices.Clone(c.OnBuild), cmd.Expression)
	default:
		return fmt.Errorf("%s is not a valid change command", strings.ToLower(cmd.Name()))
	}
	return nil
}

func unquote(s string) string {
	if len(s) >= 2 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		return s[1 : len(s)-1]
	}
	return s
}

func with(set map[string]struct{}, names []string, fix func(string) string) map[string]struct{} {
	out := map[string]struct{}{}
	for k := range set {
		out[k] = struct{}{}
	}
	for _, n := range names {
		out[fix(n)] = struct{}{}
	}
	return out
}
