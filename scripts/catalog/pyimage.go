package main

import (
	"fmt"
	"slices"
	"strings"
)

func init() { more["python"] = python }

// pythons are the versions that the images have; the first has the files that the
// others are made from.
var pythons = []struct{ minor, version, key string }{
	{"3.12", "3.12.8", "7169605F62C751356D054A26A821E680E5FA6305"},
	{"3.9", "3.9.21", "E3FF2839C048B25C084DEBE9B26995E310250568"},
	{"3.10", "3.10.16", "A035C8C19219BA821ECEA86B64E628F8D684696D"},
	{"3.11", "3.11.11", "A035C8C19219BA821ECEA86B64E628F8D684696D"},
	{"3.13", "3.13.1", "7169605F62C751356D054A26A821E680E5FA6305"},
	{"3.14", "3.14.0", "7169605F62C751356D054A26A821E680E5FA6305"},
}

const pythonPath = "PATH=/usr/local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// pythonFiles writes the data file that all Pythons are like.
func pythonFiles() error {
	const lib = "/usr/local/lib/python3.12"
	std, err := pythonItems("stdlib", lib, "")
	if err != nil {
		return err
	}
	for i := range std { // this machine's modules have their symbols
		if strings.Contains(std[i].path, "/lib-dynload/") {
			std[i].size /= 2
		}
	}
	for _, what := range []string{"pip", "include"} {
		items, err := pythonItems(what, lib, "/usr/local/include/python3.12")
		if err != nil {
			return err
		}
		std = append(std, items...)
	}
	bin := func(name string, size int64) item {
		return item{path: "/usr/local/bin/" + name, size: size, exec: true}
	}
	std = append(std, item{path: "/usr/local/lib/libpython3.12.so.1.0", size: 6_800_000, exec: true}, item{path: "/usr/local/lib/libpython3.12.so", target: "libpython3.12.so.1.0"}, item{path: "/usr/local/lib/libpython3.so", size: 14_008, exec: true},
		bin("python3.12", 14_688), item{path: "/usr/local/bin/python3", target: "python3.12"}, bin("2to3-3.12", 99), bin("idle3.12", 97), bin("pydoc3.12", 82), bin("python3.12-config", 2_984),
		item{path: "/usr/local/lib/pkgconfig/python-3.12.pc", size: 316}, item{path: "/usr/local/lib/pkgconfig/python-3.12-embed.pc", size: 332})
	var links []item
	for _, l := range [][2]string{{"idle", "idle3"}, {"pydoc", "pydoc3"}, {"python", "python3"}, {"python-config", "python3-config"}, {"idle3", "idle3.12"}, {"pydoc3", "pydoc3.12"}, {"python3-config", "python3.12-config"}} {
		links = append(links, item{path: "/usr/local/bin/" + l[0], target: l[1]})
	}
	about := "about The files of Python 3.12: names and sizes are real.\n"
	return writeData("python-files.zst", about+bareLayer+filesOf(std)+pipScripts("/usr/local/bin/python3.12", "3.12")+bareLayer+filesOf(links))
}

func python(debs string) error {
	if err := pythonFiles(); err != nil {
		return err
	}
	slimApt, err := aptLayer(debs, "python", true)
	if err != nil {
		return err
	}
	tk, err := aptLayer(debs, "tk", false)
	if err != nil {
		return err
	}
	certs, err := apkLayer(debs, "ca-certificates", "tzdata", "libbz2", "libexpat", "libffi", "gdbm", "libncursesw", "ncurses-terminfo-base", "libpanelw", "readline", "sqlite-libs", "xz-libs")
	if err != nil {
		return err
	}
	apt := "RUN /bin/sh -c set -eux; \tapt-get update; \tapt-get install -y --no-install-recommends \t\tca-certificates \t\tnetbase \t\ttzdata \t; \trm -rf /var/lib/apt/lists/* # buildkit"
	for _, b := range []struct {
		suffix, from, below, by, packages string
	}{
		{"-slim", "debian:bookworm-slim", "debian-bookworm-slim.zst", apt, slimApt},
		{"", "buildpack-deps:bookworm", "buildpack-full.zst", aptRow("tk").CreatedBy, tk},
		{"-alpine", "alpine:3.20", "alpine-3.20.zst", "RUN /bin/sh -c set -eux; \tapk add --no-cache \t\tca-certificates \t\ttzdata \t; # buildkit", certs},
	} {
		for i, v := range pythons {
			edit := [][2]string{{"3.12", v.minor}, {"cpython-312", "cpython-" + strings.Replace(v.minor, ".", "", 1)}}
			if i == 0 {
				edit = nil
			}
			first := stackLayer{list: b.packages}
			second := stackLayer{like: "python-files.zst", edit: edit, list: emptyList}
			if i > 0 {
				first = stackLayer{like: "python-3.12" + b.suffix + ".zst", list: emptyList}
			}
			s := stack{
				name: "python:" + v.minor + b.suffix, file: "python-" + v.minor + b.suffix + ".zst", from: b.from,
				layers: []stackLayer{first, second, {like: "python-files.zst", which: 1, edit: edit, list: emptyList}},
				about:  aboutModel("python:"+v.minor+b.suffix, "the model of "+b.from+", with the names and sizes of a Python 3.12's standard library."),
			}
			if s.config, err = onto(b.below); err != nil {
				return err
			}
			s.config.Config.Env = []string{pythonPath, "GPG_KEY=" + v.key, "PYTHON_VERSION=" + v.version}
			s.config.Config.Cmd = []string{"python3"}
			s.config.History = append(slices.Clone(s.config.History), row("ENV "+pythonPath, true), row(b.by, false), row("ENV GPG_KEY="+v.key, true), row("ENV PYTHON_VERSION="+v.version, true),
				row("RUN /bin/sh -c set -eux; \t# build Python from its source, delete the tests and what built it # buildkit", false),
				row("RUN /bin/sh -c set -eux; \tfor src in idle3 pip3 pydoc3 python3 python3-config; do \t\tdst=\"$(echo \"$src\" | tr -d 3)\"; \t\tln -svT \"$src\" \"/usr/local/bin/$dst\"; \tdone # buildkit", false), row(`CMD ["python3"]`, true))
			if err := s.write(); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
		}
	}
	return nil
}

// pipScripts is the programs of pip, which a shell finds by their first line.
func pipScripts(python, version string) string {
	var l listing
	l.pkg("", epoch)
	for _, name := range []string{"pip", "pip3", "pip" + version} {
		l.text("/usr/local/bin/"+name, "#!"+python+"\n# -*- coding: utf-8 -*-\nimport sys\nfrom pip._internal.cli.main import main\nif __name__ == '__main__':\n    sys.exit(main())\n", 0o755, 0, 0)
	}
	return l.b.String()
}
