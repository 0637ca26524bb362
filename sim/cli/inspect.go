package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/layerlab/layerlab/sim/gotmpl"
)

// inspect is `docker inspect`: containers and images, in that order.
func (c *call) inspect(args []string) error {
	kind := c.str("type")
	switch kind {
	case "", "container", "image", "network", "volume", "config", "node", "plugin", "secret", "service", "task":
	default:
		return plain("unknown type: %q: must be one of \"config\", \"container\", \"image\", \"network\", \"node\", \"plugin\", \"secret\", \"service\", \"task\", \"volume\"", kind)
	}
	return c.inspectAll(args, func(name string) (any, error) {
		if kind == "" || kind == "container" {
			ct, err := c.e.Container(name)
			if err == nil {
				return c.containerInfo(ct, c.on("size")), nil
			}
			if kind == "container" {
				return nil, daemon(err)
			}
		}
		if kind == "" || kind == "image" {
			r, err := c.e.Store().Resolve(name)
			if err == nil {
				if c.on("size") {
					c.eprintf("WARNING: --size ignored for image\n")
				}
				return c.imageInfo(r.Image), nil
			}
			if kind == "image" {
				return nil, daemon(err)
			}
		}
		if kind == "volume" {
			return nil, daemon(plain("get %s: no such volume", name))
		}
		if kind == "network" {
			return nil, daemon(plain("network %s not found", name))
		}
		return nil, plain("error: no such object: %s", name)
	})
}

// imageInspect is `docker image inspect`.
func (c *call) imageInspect(args []string) error {
	return c.inspectAll(args, func(name string) (any, error) {
		r, err := c.e.Store().Resolve(name)
		if err != nil {
			return nil, daemon(err)
		}
		return c.imageInfo(r.Image), nil
	})
}

// containerInspect is `docker container inspect`.
func (c *call) containerInspect(args []string) error {
	return c.inspectAll(args, func(name string) (any, error) {
		ct, err := c.e.Container(name)
		if err != nil {
			return nil, daemon(err)
		}
		return c.containerInfo(ct, c.on("size")), nil
	})
}

// inspectAll prints what find has of each name: an array, or a line of a
// template each (cli/command/inspect/inspector.go). What is not found is said at
// the end.
func (c *call) inspectAll(names []string, find func(string) (any, error)) error {
	format := c.str("format")
	if format == "json" {
		format = "{{json .}}"
	}
	tmpl, err := gotmpl.Parse(format, funcs)
	if err != nil {
		return &statusError{"template parsing error: " + err.Error(), 64}
	}
	var failed []error
	var raw []json.RawMessage
	var lines bytes.Buffer
	for _, n := range names {
		v, err := find(n)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		if !c.given("format") {
			b, err := marshal(v)
			if err != nil {
				return err
			}
			raw = append(raw, b)
			continue
		}
		if err := inspectLine(&lines, tmpl, v); err != nil {
			failed = append(failed, err)
			break
		}
	}
	switch {
	case c.given("format"):
		if lines.Len() == 0 {
			lines.WriteByte('\n')
		}
		c.out.Write(lines.Bytes())
	default:
		var b bytes.Buffer
		joined := append(append([]byte{'['}, bytes.Join(rawBytes(raw), []byte{','})...), ']')
		if err := json.Indent(&b, joined, "", "    "); err != nil {
			return err
		}
		c.printf("%s\n", b.Bytes())
	}
	if len(failed) > 0 {
		return &statusError{errors.Join(failed...).Error(), 1}
	}
	return nil
}

func rawBytes(raw []json.RawMessage) [][]byte {
	out := make([][]byte, len(raw))
	for i, r := range raw {
		out[i] = r
	}
	return out
}

// inspectLine runs a template on a value: on its fields by their names in Go, and
// if that fails by their names in JSON.
func inspectLine(out *bytes.Buffer, tmpl *gotmpl.Template, v any) error {
	var b bytes.Buffer
	typed := v
	if w, ok := v.(withParent); ok {
		typed = w.imageInfo
	}
	if err := tmpl.Execute(&b, typed); err != nil {
		raw, err := marshal(v)
		if err != nil {
			return err
		}
		var m any
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.UseNumber()
		if err := dec.Decode(&m); err != nil {
			return err
		}
		b.Reset()
		if err := tmpl.Strict().Execute(&b, m); err != nil {
			return plain("template parsing error: %v", err)
		}
	}
	out.Write(b.Bytes())
	out.WriteByte('\n')
	return nil
}

func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("writing JSON: %w", err)
	}
	return bytes.TrimSpace(b.Bytes()), nil
}
