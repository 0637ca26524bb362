package cli

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/store"
)

var (
	platformPart = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	platformOS   = regexp.MustCompile(`^([A-Za-z0-9_-]+)(?:\(([A-Za-z0-9_.%-]*)((?:\+[A-Za-z0-9_.%-]+)*)\))?$`)
)

// knownOS and knownArch are what a platform of one word may be.
var (
	knownOS = []string{
		"aix", "android", "darwin", "dragonfly", "freebsd", "hurd", "illumos", "ios", "js", "linux", "nacl", "netbsd", "openbsd", "plan9", "solaris", "windows", "zos",
	}
	knownArch = []string{
		"386", "amd64", "amd64p32", "arm", "armbe", "arm64", "arm64be", "ppc64", "ppc64le", "loong64", "mips", "mipsle", "mips64", "mips64le", "mips64p32", "mips64p32le",
		"ppc", "riscv", "riscv64", "s390", "s390x", "sparc", "sparc64", "wasm",
	}
)

// parsePlatform reads "linux/arm64", "linux/arm/v7", "windows" or "arm64"
// (containerd/platforms Parse).
func parsePlatform(s string) (ocispec.Platform, error) {
	var p ocispec.Platform
	if strings.Contains(s, "*") {
		return p, fmt.Errorf("%q: wildcards not yet supported: invalid argument", s)
	}
	parts := strings.SplitN(s, "/", 4)
	for i, part := range parts {
		if i == 0 {
			m := platformOS.FindStringSubmatch(part)
			if m == nil {
				return p, fmt.Errorf("%q is an invalid OS component of %q: OSAndVersion specifier component must match %q: invalid argument", part, s, platformOS)
			}
			p.OS, p.OSVersion = strings.ToLower(m[1]), m[2]
			if p.OS == "macos" {
				p.OS = "darwin"
			}
		} else if !platformPart.MatchString(part) {
			return p, fmt.Errorf("%q is an invalid component of %q: platform specifier component must match %q: invalid argument", part, s, platformPart)
		}
	}
	switch len(parts) {
	case 1:
		if slices.Contains(knownOS, p.OS) {
			p.Architecture = "amd64"
			return p, nil
		}
		p.Architecture, p.Variant = normalArch(parts[0], "")
		if !slices.Contains(knownArch, p.Architecture) {
			return p, fmt.Errorf("%q: unknown operating system or architecture: invalid argument", s)
		}
		p.OS = "linux"
	case 2:
		p.Architecture, p.Variant = normalArch(parts[1], "")
	case 3:
		p.Architecture, p.Variant = normalArch(parts[1], parts[2])
		if p.Architecture == "arm64" && p.Variant == "" {
			p.Variant = "v8"
		}
		return p, nil
	default:
		return p, fmt.Errorf("%q: cannot parse platform specifier: invalid argument", s)
	}
	if p.Architecture == "arm" && p.Variant == "v7" {
		p.Variant = ""
	}
	return p, nil
}

// normalArch is an architecture and variant by the names that Go has for them.
func normalArch(arch, variant string) (string, string) {
	arch, variant = strings.ToLower(arch), strings.ToLower(variant)
	switch arch {
	case "i386":
		return "386", ""
	case "x86_64", "x86-64", "amd64":
		if variant == "v1" {
			variant = ""
		}
		return "amd64", variant
	case "aarch64", "arm64":
		if variant == "8" || variant == "v8" {
			variant = ""
		}
		return "arm64", variant
	case "armhf":
		return "arm", "v7"
	case "armel":
		return "arm", "v6"
	case "arm":
		switch variant {
		case "", "7":
			variant = "v7"
		case "5", "6", "8":
			variant = "v" + variant
		}
	}
	return arch, variant
}

// platformText is a platform as Docker prints it.
func platformText(p ocispec.Platform) string {
	os := p.OS
	if p.OSVersion != "" {
		os += "(" + p.OSVersion + ")"
	}
	if p.Variant != "" {
		return os + "/" + p.Architecture + "/" + p.Variant
	}
	return os + "/" + p.Architecture
}

// platforms are those of --platform of save and load.
func (c *call) platforms() ([]ocispec.Platform, error) {
	var out []ocispec.Platform
	for _, s := range c.list("platform") {
		for _, one := range strings.Split(s, ",") {
			p, err := parsePlatform(one)
			if err != nil {
				return nil, plain("invalid platform: %v", err)
			}
			out = append(out, p)
		}
	}
	return out, nil
}

// provides reports whether an image is for one of the platforms.
func provides(im *store.Image, platforms []ocispec.Platform) bool {
	return im != nil && slices.ContainsFunc(platforms, func(p ocispec.Platform) bool {
		arch, variant := normalArch(im.Config.Architecture, im.Config.Variant)
		wantArch, want := normalArch(p.Architecture, p.Variant)
		return im.Config.OS == p.OS && arch == wantArch && variant == want
	})
}
