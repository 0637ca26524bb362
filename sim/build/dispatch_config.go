package build

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// dispatchConfig is an instruction that changes the configuration only. It
// returns the history's row.
func (r *run) dispatchConfig(st *stage, cmd instructions.Command) (string, error) {
	cfg := &st.img.Config
	switch c := cmd.(type) {
	case *instructions.EnvCommand:
		return r.dispatchEnv(st, c), nil
	case *instructions.ArgCommand:
		return r.dispatchArg(st, c)
	case *instructions.LabelCommand:
		r.lintKeyValue(c, c.Labels)
		row := "LABEL"
		if cfg.Labels == nil {
			cfg.Labels = map[string]string{}
		}
		for _, kv := range c.Labels {
			cfg.Labels[kv.Key] = kv.Value
			row += " " + kv.String()
		}
		return row, nil
	case *instructions.UserCommand:
		st.user, cfg.User = c.User, c.User
		return "USER " + c.User, nil
	case *instructions.ExposeCommand:
		return r.dispatchExpose(st, c)
	case *instructions.VolumeCommand:
		if cfg.Volumes == nil {
			cfg.Volumes = map[string]struct{}{}
		}
		for _, v := range c.Volumes {
			if v == "" {
				return "", errors.New("VOLUME specified can not be an empty string")
			}
			cfg.Volumes[v] = struct{}{}
		}
		return fmt.Sprintf("VOLUME %v", c.Volumes), nil
	case *instructions.CmdCommand:
		r.lintOnce(c, &st.cmdAt)
		args := c.CmdLine
		if c.PrependShell {
			r.lintJSON(c, st)
			args = withShell(st, args)
		}
		cfg.Cmd = args
		cfg.ArgsEscaped = true //lint:ignore SA1019 BuildKit writes it, and digests count it
		return fmt.Sprintf("CMD %q", args), nil
	case *instructions.EntrypointCommand:
		r.lintOnce(c, &st.entrypointAt)
		args := c.CmdLine
		if c.PrependShell {
			r.lintJSON(c, st)
			args = withShell(st, args)
		}
		cfg.Entrypoint = args
		if !st.cmdAt.set {
			cfg.Cmd = nil // an inherited CMD was meant for another entrypoint
		}
		return fmt.Sprintf("ENTRYPOINT %q", args), nil
	}
	return r.dispatchRest(st, cmd)
}

// dispatchRest is the instructions that are met less often.
func (r *run) dispatchRest(st *stage, cmd instructions.Command) (string, error) {
	cfg := &st.img.Config
	switch c := cmd.(type) {
	case *instructions.ShellCommand:
		cfg.Shell = c.Shell
		return fmt.Sprintf("SHELL %v", []string(c.Shell)), nil
	case *instructions.StopSignalCommand:
		if !ValidSignal(c.Signal) {
			return "", fmt.Errorf("invalid signal: %s", c.Signal)
		}
		cfg.StopSignal = c.Signal
		return "STOPSIGNAL " + c.Signal, nil
	case *instructions.HealthCheckCommand:
		r.lintOnce(c, &st.healthAt)
		cfg.Healthcheck = &dockerspec.HealthcheckConfig{
			Test: c.Health.Test, Interval: c.Health.Interval, Timeout: c.Health.Timeout,
			StartPeriod: c.Health.StartPeriod, StartInterval: c.Health.StartInterval, Retries: c.Health.Retries,
		}
		return fmt.Sprintf("HEALTHCHECK %+v", *cfg.Healthcheck), nil
	case *instructions.MaintainerCommand:
		st.img.Author = c.Maintainer
		return "MAINTAINER " + c.Maintainer, nil
	}
	return "", fmt.Errorf("unknown instruction: %s", cmd.Name())
}

func (r *run) dispatchEnv(st *stage, c *instructions.EnvCommand) string {
	row := "ENV"
	for _, kv := range c.Env {
		if kv.NoDelim {
			r.lintKeyValue(c, instructions.KeyValuePairs{kv})
		}
		r.lintSecret("ENV", kv.Key, c.Location())
		row += " " + kv.String()
		st.env = st.env.with(kv.Key, kv.Value)
		st.img.Config.Env = setEnv(st.img.Config.Env, kv.Key, kv.Value)
	}
	return row
}

// dispatchArg gives an ARG its value: the one given to the build, else its
// default, else that of the ARG of the same name above the first FROM.
func (r *run) dispatchArg(st *stage, c *instructions.ArgCommand) (string, error) {
	var row []string
	for _, arg := range c.Args {
		r.lintSecret("ARG", arg.Key, c.Location())
		given, isGiven := r.args[arg.Key]
		switch {
		case isGiven:
			arg.Value = &given
		case arg.Value != nil:
			v, unmatched, err := r.lex().ProcessWord(*arg.Value, st.env)
			r.lintUndefined(st, c.Location(), unmatched)
			if err != nil {
				return "", err
			}
			arg.Value = &v
		default:
			if v, ok := r.globals.Get(arg.Key); ok {
				arg.Value = &v
			}
		}
		text := arg.Key
		if arg.Value != nil {
			if !notEnv[arg.Key] {
				st.env = st.env.with(arg.Key, *arg.Value)
			}
			text += "=" + *arg.Value
		}
		st.args = append(st.args, arg)
		row = append(row, text)
	}
	return "ARG " + strings.Join(row, " "), nil
}

// withShell is a command in shell form as the words that are run.
func withShell(st *stage, args []string) []string {
	shell := st.img.Config.Shell
	if len(shell) == 0 {
		shell = []string{"/bin/sh", "-c"}
	}
	return append(slices.Clone(shell), strings.Join(args, " "))
}

// sortedKeys is the keys of a map in order.
func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
