package main

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
)

func init() { more["golang"] = golang }

// goRoot is the Go toolchain of this machine.
func goRoot() string {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return "/usr/local/go"
	}
	return strings.TrimSpace(string(out))
}

// gos are the versions that the images have; the first has the files of all.
var gos = []struct{ minor, version string }{{"1.26", "1.26.0"}, {"1.25", "1.25.5"}, {"1.24", "1.24.11"}, {"1.23", "1.23.12"}, {"1.22", "1.22.12"}, {"1.21", "1.21.13"}, {"1.20", "1.20.14"}}

func golang(debs string) error {
	items, err := hostItems(goRoot(), "/usr/local/go", func(p string) bool {
		return !strings.HasPrefix(p, "/pkg/mod") && !strings.Contains(p, "/testdata/") && !strings.HasPrefix(p, "/test/") && !strings.HasPrefix(p, "/pkg/linux")
	})
	if err != nil {
		return err
	}
	var work listing
	work.pkg("", epoch)
	for _, d := range []string{"/go", "/go/bin", "/go/src"} {
		work.mkdir(d, 0o1777, 0, 0)
	}
	about := "about The files of Go " + gos[0].version + ": names and sizes are real, the tests' data is left out.\n"
	if err := writeData("golang-files.zst", about+bareLayer+filesOf(items)+bareLayer+work.b.String()); err != nil {
		return err
	}
	compilers, err := aptLayer(debs, "go", false)
	if err != nil {
		return err
	}
	certs, err := apkLayer(debs, "ca-certificates")
	if err != nil {
		return err
	}
	for _, b := range []struct {
		suffix, from, below, cmd, packages string
		by                                 historyRow
	}{
		{"", "buildpack-deps:bookworm-scm", "buildpack-scm.zst", "bash", compilers, aptRow("go")},
		{"-alpine", "alpine:3.20", "alpine-3.20.zst", "/bin/sh", certs, row("RUN /bin/sh -c apk add --no-cache ca-certificates # buildkit", false)},
	} {
		for i, v := range gos {
			c, err := onto(b.below)
			if err != nil {
				return err
			}
			first := stackLayer{list: b.packages}
			if i > 0 {
				first = stackLayer{like: "golang-" + gos[0].minor + b.suffix + ".zst", list: emptyList}
			}
			path := "PATH=/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
			c.Config.Env = []string{path, "GOLANG_VERSION=" + v.version, "GOTOOLCHAIN=local", "GOPATH=/go"}
			c.Config.Cmd, c.Config.WorkingDir = []string{b.cmd}, "/go"
			c.History = append(slices.Clone(c.History), b.by, row("ENV GOLANG_VERSION="+v.version, true), row("ENV GOTOOLCHAIN=local", true), row("ENV GOPATH=/go", true), row("ENV "+path, true), row("COPY /target/ / # buildkit", false),
				row("RUN /bin/sh -c mkdir -p \"$GOPATH/src\" \"$GOPATH/bin\" && chmod -R 1777 \"$GOPATH\" # buildkit", false), row("WORKDIR /go", true))
			name := "golang:" + v.minor + b.suffix
			s := stack{
				name: name, file: "golang-" + v.minor + b.suffix + ".zst", from: b.from, config: c,
				layers: []stackLayer{first, {like: "golang-files.zst", list: emptyList}, {like: "golang-files.zst", which: 1, list: emptyList}},
				about:  aboutModel(name, "the model of "+b.from+", with the names and sizes of the files of Go "+gos[0].version+"."),
			}
			if err := s.write(); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}
