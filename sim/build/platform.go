package build

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

var (
	platformPart = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)
	platformOf   = regexp.MustCompile(`^([A-Za-z0-9_-]+)(?:\(([A-Za-z0-9_.%-]*)((?:\+[A-Za-z0-9_.%-]+)*)\))?$`)
)

const (
	knownOS   = " aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris windows zos "
	knownArch = " 386 amd64 amd64p32 arm armbe arm64 arm64be ppc64 ppc64le loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le ppc riscv riscv64 s390 s390x sparc sparc64 wasm "
)

var errPlatform = errors.New("invalid argument")

// parsePlatform reads "linux/arm64/v8", "linux" or "arm64" as containerd does, and
// gives it in full.
func parsePlatform(s string) (string, error) {
	if strings.Contains(s, "*") {
		return "", fmt.Errorf("%q: wildcards not yet supported: %w", s, errPlatform)
	}
	parts := strings.SplitN(s, "/", 4)
	m := platformOf.FindStringSubmatch(parts[0])
	if m == nil {
		return "", fmt.Errorf("%q is an invalid OS component of %q: OSAndVersion specifier component must match %q: %w", parts[0], s, platformOf, errPlatform)
	}
	for _, p := range parts[1:] {
		if !platformPart.MatchString(p) {
			return "", fmt.Errorf("%q is an invalid component of %q: platform specifier component must match %q: %w", p, s, platformPart, errPlatform)
		}
	}
	osName := strings.ToLower(m[1])
	if osName == "macos" {
		osName = "darwin"
	}
	switch len(parts) {
	case 1:
		if strings.Contains(knownOS, " "+osName+" ") {
			return osName + "/" + platformArch, nil
		}
		if arch := fullArch(parts[0], ""); strings.Contains(knownArch, " "+strings.Split(arch, "/")[0]+" ") {
			return platformOS + "/" + strings.TrimSuffix(arch, "/v7"), nil
		}
		return "", fmt.Errorf("%q: unknown operating system or architecture: %w", s, errPlatform)
	case 2:
		return osName + "/" + strings.TrimSuffix(fullArch(parts[1], ""), "/v7"), nil
	case 3:
		return osName + "/" + fullArch(parts[1], parts[2]), nil
	}
	return "", fmt.Errorf("%q: cannot parse platform specifier: %w", s, errPlatform)
}

// fullArch is an architecture, under whatever name, with its variant.
func fullArch(arch, variant string) string {
	arch, variant = strings.ToLower(arch), strings.ToLower(variant)
	switch arch {
	case "i386":
		arch, variant = "386", ""
	case "x86_64", "x86-64", "amd64":
		arch, variant = "amd64", strings.TrimPrefix(variant, "v1")
	case "aarch64", "arm64":
		arch = "arm64"
		switch variant {
		case "8", "v8.0":
			variant = "v8"
		case "9", "9.0", "v9.0":
			variant = "v9"
		}
	case "armhf":
		arch, variant = "arm", "v7"
	case "armel":
		arch, variant = "arm", "v6"
	case "arm":
		switch variant {
		case "", "7":
			variant = "v7"
		case "5", "6", "8":
			variant = "v" + variant
		}
	}
	if variant != "" {
		arch += "/" + variant
	}
	return arch
}
