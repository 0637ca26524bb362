package cli

import (
	"slices"
	"strings"

	"github.com/distribution/reference"
)

// completeDocker gives what the last word of a `docker` line could become, or nil
// when that is not Docker's to say: commands, then images or containers.
func (s *Session) completeDocker(line string) []string {
	words := strings.Fields(line)
	if len(words) == 0 || words[0] != "docker" || len(words) == 1 && !strings.HasSuffix(line, " ") {
		return nil
	}
	last := ""
	if !strings.HasSuffix(line, " ") {
		last, words = words[len(words)-1], words[:len(words)-1]
	}
	if strings.HasPrefix(last, "-") || strings.ContainsAny(last, "/.") {
		return nil
	}
	var names []string
	switch {
	case len(words) == 1:
		for name := range actions {
			if !strings.Contains(name, " ") {
				names = append(names, name)
			}
		}
		for _, g := range groups {
			names = append(names, g.name)
		}
	default:
		names = s.objects(words[1:])
	}
	var out []string
	for _, n := range names {
		if strings.HasPrefix(n, last) {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// objects are the names that may follow the words of a docker command.
func (s *Session) objects(words []string) []string {
	verb := words[0]
	for _, g := range groups {
		if g.name != verb {
			continue
		}
		if len(words) == 1 {
			var out []string
			for _, m := range g.members {
				out = append(out, m[0])
			}
			return out
		}
		verb = words[1]
	}
	var out []string
	switch verb {
	case "run", "create", "history", "rmi", "tag", "save", "push":
		for _, r := range s.e.Store().Refs() {
			out = append(out, reference.FamiliarString(r.Name))
		}
	case "exec", "start", "stop", "kill", "rm", "logs", "diff", "commit", "export", "attach", "pause", "unpause", "rename", "restart", "top", "port", "wait":
		for _, c := range s.e.Containers() {
			out = append(out, c.Name)
		}
	case "inspect":
		for _, c := range s.e.Containers() {
			out = append(out, c.Name)
		}
		for _, r := range s.e.Store().Refs() {
			out = append(out, reference.FamiliarString(r.Name))
		}
	}
	return out
}
