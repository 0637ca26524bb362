package cli

import (
	"strings"

	"github.com/layerlab/layerlab/sim/build"
)

// secrets reads --secret id=ID[,src=FILE][,env=NAME][,type=file|env]. Without a
// source, a variable named like the secret is it, or else a file.
func (c *call) secrets(o *build.Options) error {
	for _, spec := range c.list("secret") {
		id, file, env, err := parseSecret(spec)
		if err != nil {
			return err
		}
		if id == "" {
			return buildFailed("secret missing ID")
		}
		if file == "" && env == "" {
			if c.withValue(id) != nil {
				env = id
			} else {
				file = id
			}
		}
		if o.Secrets == nil {
			o.Secrets = map[string][]byte{}
		}
		if env != "" {
			value := ""
			if own := c.withValue(env); own != nil {
				_, value, _ = strings.Cut(own[0], "=")
			}
			o.Secrets[id] = []byte(value)
			continue
		}
		if o.Secrets[id], err = c.fs.ReadFile(c.abs(file)); err != nil {
			return buildFailed("failed to stat %s: stat %s: %s", file, file, errno(err))
		}
		if len(o.Secrets[id]) > 500<<10 {
			return buildFailed("secret %s too big. max size 500KB", id)
		}
	}
	return nil
}

func parseSecret(spec string) (id, file, env string, err error) {
	kind := ""
	for _, field := range strings.Split(spec, ",") {
		k, v, ok := strings.Cut(field, "=")
		if !ok {
			return "", "", "", &statusError{"ERROR: invalid field '" + field + "' must be a key=value pair", 1}
		}
		switch strings.ToLower(k) {
		case "type":
			if v != "file" && v != "env" {
				return "", "", "", &statusError{"ERROR: unsupported secret type \"" + v + "\"", 1}
			}
			kind = v
		case "id":
			id = v
		case "source", "src":
			file = v
		case "env":
			env = v
		default:
			return "", "", "", &statusError{"ERROR: unexpected key '" + k + "' in '" + field + "'", 1}
		}
	}
	if kind == "env" && env == "" {
		env, file = file, ""
	}
	return id, file, env, nil
}
