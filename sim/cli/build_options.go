package cli

import (
	"net/netip"
	"strings"

	"github.com/distribution/reference"

	"github.com/layerlab/layerlab/sim/build"
)

// buildOptions is what the flags say that are read before all others.
func (c *call) buildOptions() (build.Options, error) {
	o := build.Options{Target: c.str("target"), NoCache: c.on("no-cache"), BuildArgs: map[string]*string{}, Labels: map[string]string{}}
	for _, a := range c.list("build-arg") {
		k, v, set := strings.Cut(a, "=")
		if k == "" {
			return o, emptyKey(a)
		}
		if !set {
			if own := c.withValue(k); own != nil {
				_, v, set = strings.Cut(own[0], "=")
			}
		}
		if o.BuildArgs[k] = nil; set {
			o.BuildArgs[k] = &v
		}
	}
	const epoch = "SOURCE_DATE_EPOCH"
	if _, given := o.BuildArgs[epoch]; !given {
		if own := c.withValue(epoch); own != nil {
			if _, v, _ := strings.Cut(own[0], "="); v != "" {
				o.BuildArgs[epoch] = &v
			}
		}
	}
	for _, l := range c.list("label") {
		k, v, _ := strings.Cut(l, "=")
		if k == "" {
			return o, emptyKey(l)
		}
		o.Labels[k] = v
	}
	for _, names := range c.list("no-cache-filter") {
		o.NoCacheFilter = append(o.NoCacheFilter, strings.Split(names, ",")...)
	}
	if name := c.str("builder"); name != "" && name != "default" {
		return o, &statusError{"ERROR: no builder \"" + name + "\" found", 1}
	}
	if err := c.namedContexts(&o); err != nil {
		return o, err
	}
	return o, c.secrets(&o)
}

func emptyKey(pair string) error {
	return &statusError{"ERROR: invalid key-value pair \"" + pair + "\": empty key", 1}
}

// buildTags takes the names that the image is to get.
func (c *call) buildTags(o *build.Options) error {
	for _, t := range c.list("tag") {
		if err := addTag(o, t); err != nil {
			return err
		}
	}
	return nil
}

func addTag(o *build.Options, tag string) error {
	if tag == "" {
		return buildFailed("invalid tag %q: repository name must have at least one component", tag)
	}
	ref, err := reference.ParseNormalizedNamed(tag)
	if err != nil {
		msg := err.Error()
		if strings.Contains(msg, "must be lowercase") {
			msg = "repository name must be lowercase"
		}
		return buildFailed("invalid tag %q: %s", tag, msg)
	}
	if _, ok := ref.(reference.Digested); ok {
		return buildFailed("failed to solve: build tag cannot contain a digest")
	}
	o.Tags = append(o.Tags, reference.TagNameOnly(ref).String())
	return nil
}

// workerFlags checks the flags that say how RUN's processes are to be run, which
// makes no difference to what the simulator runs (buildx's build.toSolveOpt).
func (c *call) workerFlags() error {
	for _, a := range c.list("allow") {
		switch name, _, _ := strings.Cut(a, "="); name {
		case "network.host", "security.insecure", "device", "fs", "fs.read", "fs.write", "buildx.local.delete":
		default:
			return buildFailed("unknown entitlement %s", a)
		}
	}
	if len(c.list("ssh")) > 0 {
		return buildFailed("failed to convert agent config {%s [] false}: invalid empty ssh agent socket: make sure SSH_AUTH_SOCK is set", c.list("ssh")[0])
	}
	for _, p := range c.list("platform") {
		for one := range strings.SplitSeq(p, ",") {
			switch {
			case one == "linux/amd64" || one == "linux" || one == "amd64" || one == "local" || one == "linux/amd64/v1":
			case strings.Count(one, "/") > 2:
				return buildFailed("%q: cannot parse platform specifier: invalid argument", one)
			default:
				return buildFailed("the simulator builds for linux/amd64, not for %s", one)
			}
		}
	}
	switch n := c.str("network"); n {
	case "", "default", "none", "host":
	default:
		return buildFailed("network mode %q not supported by buildkit - you can define a custom network for your builder using the network driver-opt in buildx create", n)
	}
	for _, h := range c.list("add-host") {
		name, ip, ok := strings.Cut(h, "=")
		if !ok {
			name, ip, ok = strings.Cut(h, ":")
		}
		if _, err := netip.ParseAddr(strings.Trim(ip, "[]")); !ok || name == "" || err != nil && ip != "host-gateway" {
			return buildFailed("invalid host %s", h)
		}
	}
	return nil
}
