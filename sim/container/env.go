package container

import (
	"slices"
	"strings"
)

// DefaultPath is PATH where neither image nor command line says otherwise.
const DefaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// Hostname is what the container calls itself: --hostname or the short ID.
func (c *Container) Hostname() string {
	if c.Config.Hostname != "" {
		return c.Config.Hostname
	}
	return c.ID[:min(12, len(c.ID))]
}

// env is the environment of a process, in the order in which Docker gives it:
// PATH, HOSTNAME, TERM, the image's and the command line's, the exec's, HOME.
func (c *Container) env(s Spec, home string) []string {
	out := []string{DefaultPath, "HOSTNAME=" + c.Hostname()}
	if s.TTY {
		out = append(out, "TERM=xterm")
	}
	out = MergeEnv(out, c.Run.Config.Env)
	out = MergeEnv(out, s.Env)
	if home == "" {
		home = "/"
	}
	for _, e := range out {
		if strings.HasPrefix(e, "HOME=") {
			return out
		}
	}
	return append(out, "HOME="+home)
}

// MergeEnv is env with the variables of more set: in place where the name is
// there already, else at the end. A name without "=" takes the variable away.
func MergeEnv(env, more []string) []string {
	out := append([]string(nil), env...)
next:
	for _, e := range more {
		name, _, set := strings.Cut(e, "=")
		for i, old := range out {
			if n, _, _ := strings.Cut(old, "="); n == name {
				if set {
					out[i] = e
				} else {
					out = append(out[:i], out[i+1:]...)
				}
				continue next
			}
		}
		if set {
			out = append(out, e)
		}
	}
	return out
}

// missing are the variables of env whose names are not in set.
func missing(env, set []string) []string {
	var out []string
	for _, e := range env {
		name, _, _ := strings.Cut(e, "=")
		if !slices.ContainsFunc(set, func(s string) bool { n, _, _ := strings.Cut(s, "="); return n == name }) {
			out = append(out, e)
		}
	}
	return out
}
