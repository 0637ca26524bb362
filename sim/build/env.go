package build

import (
	"slices"
	"strings"
)

// env is an environment: names with values in the order in which they were first
// set. It is never changed; with gives another.
type env struct{ list []string }

func envOf(list []string) env {
	e := env{}
	for _, kv := range list {
		k, v, _ := strings.Cut(kv, "=")
		e = e.with(k, v)
	}
	return e
}

// with is e with one name set.
func (e env) with(name, value string) env {
	list := slices.Clone(e.list)
	if i := e.index(name); i >= 0 {
		list[i] = name + "=" + value
	} else {
		list = append(list, name+"="+value)
	}
	return env{list}
}

func (e env) index(name string) int {
	return slices.IndexFunc(e.list, func(kv string) bool { return strings.HasPrefix(kv, name+"=") })
}

// Get and Keys make env what BuildKit's word expansion reads.
func (e env) Get(name string) (string, bool) {
	if i := e.index(name); i >= 0 {
		return e.list[i][len(name)+1:], true
	}
	return "", false
}

func (e env) Keys() []string {
	out := make([]string, 0, len(e.list))
	for _, kv := range e.list {
		k, _, _ := strings.Cut(kv, "=")
		out = append(out, k)
	}
	return out
}

// setEnv sets a name in a config's Env, in place of an older value.
func setEnv(list []string, name, value string) []string { return envOf(list).with(name, value).list }
