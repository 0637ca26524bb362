package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/layerlab/layerlab/sim/catalog"
	"github.com/layerlab/layerlab/sim/image"
)

func init() {
	more["ubuntu"], more["python"], more["node"], more["golang"], more["nginx"] = ubuntu, python, nodejs, golang, nginx
}

// aboutModel is the description of a model that was put together from parts.
func aboutModel(name, how string) string {
	return "A model of " + name + " (linux/amd64), made by Layer Lab: " + how + " The text of small settings is real or our own, the other bytes are made up."
}

// below is the list of the lowest layer of a data file, and its configuration.
func below(file string) (*catalog.Picture, error) {
	text, err := readData(file)
	if err != nil {
		return nil, err
	}
	return catalog.ParsePicture(text)
}

// textOf is the text of a file in the image of a data file.
func textOf(file, name string) (string, error) {
	p, err := below(file)
	if err != nil {
		return "", err
	}
	out, found := "", false
	err = catalog.Entries(p.Layers[0].List, func(e *catalog.Entry) error {
		if e.Path == name && e.Literal {
			out, found = e.Text, true
		}
		return nil
	})
	if err == nil && !found {
		err = fmt.Errorf("%s has no text of %s", file, name)
	}
	return out, err
}

// onto is the beginning of a configuration that goes on from an image's.
func onto(file string) (image.Config, error) {
	p, err := below(file)
	if err != nil {
		return image.Config{}, err
	}
	return p.Config, nil
}

// files is a layer's list with these items.
func filesOf(items []item) string {
	var l listing
	l.pkg("", epoch)
	putItems(&l, items, map[string]bool{})
	return l.b.String()
}

// debLayer is a layer with the files of Debian packages whose archives lie in
// debs; total, if not 0, is what a last file brings their sizes up to.
func debLayer(debs string, names ...string) ([]item, error) {
	var out []item
	for _, n := range names {
		found, err := filepath.Glob(filepath.Join(debs, n+"_*.deb"))
		if err != nil || len(found) == 0 {
			return nil, fmt.Errorf("no archive of %q in %q: fetch it with apt-get download", n, debs)
		}
		items, err := debArchive(found[0], strings.NewReplacer())
		if err != nil {
			return nil, err
		}
		for _, it := range items {
			if !strings.HasPrefix(it.path, "/usr/") && (strings.HasPrefix(it.path, "/lib/") || strings.HasPrefix(it.path, "/bin/") || strings.HasPrefix(it.path, "/sbin/")) {
				it.path = "/usr" + it.path
			}
			out = append(out, it)
		}
	}
	return out, nil
}

// account is a layer that adds a user as useradd does on Debian.
func account(file, name string, id int, home bool) (string, error) {
	var l listing
	l.pkg("", epoch)
	l.mkdir("/etc", 0o755, 0, 0)
	for _, f := range []struct {
		name, line string
		mode       uint32
		gid        int
	}{
		{"/etc/group", fmt.Sprintf("%s:x:%d:\n", name, id), 0o644, 0}, {"/etc/passwd", fmt.Sprintf("%s:x:%d:%d::/home/%s:/bin/bash\n", name, id, id, name), 0o644, 0},
		{"/etc/shadow", name + ":!:20000:0:99999:7:::\n", 0o640, 42}, {"/etc/gshadow", name + ":!::\n", 0o640, 42},
	} {
		text, err := textOf(file, f.name)
		if err != nil {
			return "", err
		}
		l.text(f.name, text+f.line, f.mode, 0, f.gid)
	}
	if home {
		l.mkdir("/home", 0o755, 0, 0)
		l.mkdir("/home/"+name, 0o700, id, id)
	}
	return l.b.String(), nil
}

func ubuntu(string) error {
	for _, v := range []struct{ version, code, name string }{{"24.04", "noble", "Noble Numbat"}, {"22.04", "jammy", "Jammy Jellyfish"}} {
		var l listing
		l.pkg("", epoch)
		l.text("/usr/lib/os-release", fmt.Sprintf("PRETTY_NAME=\"Ubuntu %s LTS\"\nNAME=\"Ubuntu\"\nVERSION_ID=\"%s\"\nVERSION=\"%s LTS (%s)\"\nVERSION_CODENAME=%s\nID=ubuntu\nID_LIKE=debian\nHOME_URL=\"https://www.ubuntu.com/\"\nUBUNTU_CODENAME=%s\n", v.version, v.version, v.version, v.name, v.code, v.code), 0o644, 0, 0)
		l.text("/etc/lsb-release", fmt.Sprintf("DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=%s\nDISTRIB_CODENAME=%s\nDISTRIB_DESCRIPTION=\"Ubuntu %s LTS\"\n", v.version, v.code, v.version), 0o644, 0, 0)
		l.text("/etc/issue", "Ubuntu "+v.version+" LTS \\n \\l\n\n", 0o644, 0, 0)
		l.text("/etc/debian_version", map[string]string{"noble": "trixie/sid\n", "jammy": "bookworm/sid\n"}[v.code], 0o644, 0, 0)
		if v.code == "noble" { // it has a first user
			for _, f := range [][2]string{{"/etc/passwd", "ubuntu:x:1000:1000:Ubuntu:/home/ubuntu:/bin/bash\n"}, {"/etc/group", "ubuntu:x:1000:\n"}} {
				name, line := f[0], f[1]
				text, err := textOf("debian-bookworm.zst", name)
				if err != nil {
					return err
				}
				l.text(name, text+line, 0o644, 0, 0)
			}
			l.mkdir("/home/ubuntu", 0o750, 1000, 1000)
		}
		c := baseConfig(row("/bin/sh -c #(nop)  ARG RELEASE", true), row("/bin/sh -c #(nop)  ARG LAUNCHPAD_BUILD_ARCH", true), row("/bin/sh -c #(nop)  LABEL org.opencontainers.image.ref.name=ubuntu", true),
			row("/bin/sh -c #(nop)  LABEL org.opencontainers.image.version="+v.version, true), row("/bin/sh -c #(nop) ADD file:rootfs in / ", false), row("/bin/sh -c #(nop)  CMD [\"/bin/bash\"]", true))
		for i := range c.History {
			c.History[i].Comment = ""
		}
		c.Config.Cmd = []string{"/bin/bash"}
		c.Config.Labels = map[string]string{"org.opencontainers.image.ref.name": "ubuntu", "org.opencontainers.image.version": v.version}
		s := stack{
			name: "ubuntu:" + v.version, file: "ubuntu-" + v.version + ".zst", config: c,
			about:  aboutModel("ubuntu:"+v.version, "it is Debian's minimal system of bookworm under Ubuntu's name, so its packages have Debian's versions and close to Ubuntu's sizes."),
			layers: []stackLayer{{like: "debian-bookworm.zst", drop: slim, list: l.b.String()}},
		}
		if err := s.write(); err != nil {
			return err
		}
	}
	return nil
}

func python(debs string) error {
	c, err := onto("debian-bookworm-slim.zst")
	if err != nil {
		return err
	}
	apt, err := debLayer(debs, "ca-certificates", "tzdata", "netbase", "media-types")
	if err != nil {
		return err
	}
	std, err := pythonItems("stdlib", "/usr/local/lib/python3.12", "")
	if err != nil {
		return err
	}
	for i := range std { // this machine's modules have their symbols
		if strings.Contains(std[i].path, "/lib-dynload/") {
			std[i].size /= 2
		}
	}
	pip, err := pythonItems("pip", "/usr/local/lib/python3.12", "")
	if err != nil {
		return err
	}
	headers, err := pythonItems("include", "", "/usr/local/include/python3.12")
	if err != nil {
		return err
	}
	std = append(append(std, pip...), headers...)
	std = append(std, item{path: "/usr/local/lib/libpython3.12.so.1.0", size: 6_800_000, exec: true}, item{path: "/usr/local/lib/libpython3.12.so", target: "libpython3.12.so.1.0"}, item{path: "/usr/local/lib/libpython3.so", size: 14_008, exec: true},
		item{path: "/usr/local/bin/python3.12", size: 14_688, exec: true}, item{path: "/usr/local/bin/python3", target: "python3.12"}, item{path: "/usr/local/bin/2to3-3.12", size: 99, exec: true}, item{path: "/usr/local/bin/idle3.12", size: 97, exec: true},
		item{path: "/usr/local/bin/pydoc3.12", size: 82, exec: true}, item{path: "/usr/local/bin/python3.12-config", size: 2_984, exec: true}, item{path: "/usr/local/lib/pkgconfig/python-3.12.pc", size: 316}, item{path: "/usr/local/lib/pkgconfig/python-3.12-embed.pc", size: 332})
	list := filesOf(std) + pipScripts("/usr/local/bin/python3.12", "3.12")
	links := filesOf([]item{{path: "/usr/local/bin/idle", target: "idle3"}, {path: "/usr/local/bin/pydoc", target: "pydoc3"}, {path: "/usr/local/bin/python", target: "python3"}, {path: "/usr/local/bin/python-config", target: "python3-config"}, {path: "/usr/local/bin/idle3", target: "idle3.12"}, {path: "/usr/local/bin/pydoc3", target: "pydoc3.12"}, {path: "/usr/local/bin/python3-config", target: "python3.12-config"}})
	const key = "7169605F62C751356D054A26A821E680E5FA6305"
	c.Config.Env = []string{"PATH=/usr/local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "GPG_KEY=" + key, "PYTHON_VERSION=3.12.8"}
	c.Config.Cmd = []string{"python3"}
	c.History = append(c.History, row("ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", true),
		row("RUN /bin/sh -c set -eux; \tapt-get update; \tapt-get install -y --no-install-recommends \t\tca-certificates \t\tnetbase \t\ttzdata \t; \trm -rf /var/lib/apt/lists/* # buildkit", false),
		row("ENV GPG_KEY="+key, true), row("ENV PYTHON_VERSION=3.12.8", true),
		row("RUN /bin/sh -c set -eux; \t# build Python from its source, delete the tests and what built it # buildkit", false),
		row("RUN /bin/sh -c set -eux; \tfor src in idle3 pip3 pydoc3 python3 python3-config; do \t\tdst=\"$(echo \"$src\" | tr -d 3)\"; \t\tln -svT \"$src\" \"/usr/local/bin/$dst\"; \tdone # buildkit", false), row(`CMD ["python3"]`, true))
	s := stack{
		name: "python:3.12-slim", file: "python-3.12-slim.zst", from: "debian:bookworm-slim", config: c, layers: []stackLayer{{list: filesOf(apt)}, {list: list}, {list: links}},
		about: aboutModel("python:3.12-slim", "Debian's model, with the names and sizes of a Python 3.12's standard library."),
	}
	return s.write()
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

func nodejs(string) error {
	npm, err := hostItems("/usr/lib/node_modules/npm", "/usr/local/lib/node_modules/npm", func(p string) bool { return p != "/bin/npm-cli.js" && p != "/bin/npx-cli.js" })
	if err != nil {
		return err
	}
	for _, v := range []struct {
		major, version string
		size           int64
	}{{"20", "20.20.2", 99_400_000}, {"22", "22.12.0", 119_500_000}} {
		user, err := account("debian-bookworm.zst", "node", 1000, true)
		if err != nil {
			return err
		}
		items := append(append([]item{}, npm...), item{path: "/usr/local/bin/node", size: v.size, exec: true}, item{path: "/usr/local/bin/nodejs", target: "/usr/local/bin/node"},
			item{path: "/usr/local/bin/npm", target: "../lib/node_modules/npm/bin/npm-cli.js"}, item{path: "/usr/local/bin/npx", target: "../lib/node_modules/npm/bin/npx-cli.js"},
			item{path: "/usr/local/bin/corepack", target: "../lib/node_modules/corepack/dist/corepack.js"}, item{path: "/usr/local/lib/node_modules/corepack/dist/lib/corepack.cjs", size: 1_010_000},
			item{path: "/usr/local/include/node/node.h", size: 61_000}, item{path: "/usr/local/include/node/v8.h", size: 3_200}, item{path: "/usr/local/include/node/openssl/obj_mac.h", size: 232_000}, item{path: "/usr/local/include/node/common.gypi", size: 24_000},
			item{path: "/usr/local/share/man/man1/node.1", size: 22_000}, item{path: "/usr/local/LICENSE", size: 150_000}, item{path: "/usr/local/CHANGELOG.md", size: 62_000}, item{path: "/usr/local/README.md", size: 39_000})
		main := filesOf(items)
		var l listing
		l.pkg("", epoch)
		for _, name := range []string{"npm", "npx"} {
			l.text("/usr/local/lib/node_modules/npm/bin/"+name+"-cli.js", "#!/usr/bin/env node\nrequire('../lib/cli.js')(process)\n", 0o755, 0, 0)
		}
		l.mkdir("/usr/local/lib/node_modules/corepack/dist", 0o755, 0, 0)
		l.text("/usr/local/lib/node_modules/corepack/dist/corepack.js", "#!/usr/bin/env node\nrequire('./lib/corepack.cjs').runMain(process.argv.slice(2));\n", 0o755, 0, 0)
		main += l.b.String()
		yarn := filesOf([]item{{path: "/opt/yarn-v1.22.22/lib/cli.js", size: 5_070_000}, {path: "/opt/yarn-v1.22.22/lib/v8-compile-cache.js", size: 11_000}, {path: "/opt/yarn-v1.22.22/bin/yarn", size: 1_025, exec: true}, {path: "/opt/yarn-v1.22.22/package.json", size: 1_100}, {path: "/usr/local/bin/yarn", target: "/opt/yarn-v1.22.22/bin/yarn"}, {path: "/usr/local/bin/yarnpkg", target: "/opt/yarn-v1.22.22/bin/yarn"}})
		c, err := onto("debian-bookworm-slim.zst")
		if err != nil {
			return err
		}
		c.Config.Env = append(c.Config.Env, "NODE_VERSION="+v.version, "YARN_VERSION=1.22.22")
		c.Config.Cmd, c.Config.Entrypoint = []string{"node"}, []string{"docker-entrypoint.sh"}
		c.History = append(c.History, row("RUN /bin/sh -c groupadd --gid 1000 node   && useradd --uid 1000 --gid node --shell /bin/bash --create-home node # buildkit", false), row("ENV NODE_VERSION="+v.version, true),
			row("RUN /bin/sh -c set -ex; # fetch, check and unpack Node.js, and purge what that needed # buildkit", false), row("ENV YARN_VERSION=1.22.22", true), row("RUN /bin/sh -c set -ex # fetch, check and unpack Yarn # buildkit", false),
			row("COPY docker-entrypoint.sh /usr/local/bin/ # buildkit", false), row(`ENTRYPOINT ["docker-entrypoint.sh"]`, true), row(`CMD ["node"]`, true))
		s := stack{
			name: "node:" + v.major + "-slim", file: "node-" + v.major + "-slim.zst", from: "debian:bookworm-slim", config: c,
			about:  aboutModel("node:"+v.major+"-slim", "Debian's model, with npm's names and sizes and one program of Node's size."),
			layers: []stackLayer{{list: user}, {list: main}, {list: yarn}, {list: script("/usr/local/bin/docker-entrypoint.sh", "#!/bin/sh\nset -e\nif [ \"${1#-}\" != \"${1}\" ] || [ -z \"$(command -v \"${1}\")\" ]; then\n  set -- node \"$@\"\nfi\nexec \"$@\"\n")}},
		}
		if err := s.write(); err != nil {
			return err
		}
	}
	return nil
}

// script is a layer of one program of text.
func script(name, text string) string {
	var l listing
	l.pkg("", epoch)
	putParents(&l, filepath.Dir(name), map[string]bool{})
	l.text(name, text, 0o755, 0, 0)
	return l.b.String()
}

func golang(debs string) error {
	items, err := hostItems(goRoot(), "/usr/local/go", func(p string) bool {
		return !strings.HasPrefix(p, "/pkg/mod") && !strings.Contains(p, "/testdata/") && !strings.HasPrefix(p, "/test/") && !strings.HasPrefix(p, "/pkg/linux")
	})
	if err != nil {
		return err
	}
	const version = "1.26.0"
	about := "about The files of Go " + version + ": names and sizes are real, the tests' data is left out.\nlayer\nfiles\n"
	if err := writeData("golang-files.zst", about+filesOf(items)); err != nil {
		return err
	}
	var work listing
	work.pkg("", epoch)
	for _, d := range []string{"/go", "/go/bin", "/go/src"} {
		mode := uint32(0o1777)
		work.mkdir(d, mode, 0, 0)
	}
	for _, v := range []struct{ name, file, from, below string }{{"golang:1.26", "golang-1.26.zst", "debian:bookworm", "debian-bookworm.zst"}, {"golang:1.26-alpine", "golang-1.26-alpine.zst", "alpine:3.20", "alpine-3.20.zst"}} {
		c, err := onto(v.below)
		if err != nil {
			return err
		}
		var first []item
		by := "RUN /bin/sh -c apk add --no-cache ca-certificates # buildkit"
		if v.from == "debian:bookworm" {
			by = "RUN /bin/sh -c set -eux; \tapt-get update; \tapt-get install -y --no-install-recommends \t\tca-certificates \t\tcurl \t\tg++ \t\tgcc \t\tgit \t\tlibc6-dev \t\tmake \t\tpkg-config \t; \trm -rf /var/lib/apt/lists/* # buildkit"
			first, err = debLayer(debs, "ca-certificates", "git", "gcc-12", "g++-12", "cpp-12", "libgcc-12-dev", "libstdc++-12-dev", "binutils-x86-64-linux-gnu", "libc6-dev", "linux-libc-dev", "perl-modules-5.36", "openssh-client")
			first = append(first, item{path: "/usr/bin/curl", size: 310_000, exec: true}, item{path: "/usr/bin/make", size: 240_000, exec: true}, item{path: "/usr/bin/gcc", target: "gcc-12"}, item{path: "/usr/bin/g++", target: "g++-12"}, item{path: "/usr/bin/cc", target: "gcc"}, item{path: "/usr/lib/x86_64-linux-gnu/libcurl.so.4.8.0", size: 730_000}, item{path: "/usr/bin/perl", size: 3_800_000, exec: true})
		} else {
			first, err = debItems(debs, "ca-certificates")
		}
		if err != nil {
			return err
		}
		path := "PATH=/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
		c.Config.Env = []string{path, "GOLANG_VERSION=" + version, "GOTOOLCHAIN=local", "GOPATH=/go"}
		c.Config.Cmd, c.Config.WorkingDir = []string{"bash"}, "/go"
		if v.from != "debian:bookworm" {
			c.Config.Cmd = []string{"/bin/sh"}
		}
		c.History = append(c.History, row(by, false), row("ENV GOLANG_VERSION="+version, true), row("ENV GOTOOLCHAIN=local", true), row("ENV GOPATH=/go", true), row("ENV "+path, true), row("COPY /target/ / # buildkit", false),
			row("RUN /bin/sh -c mkdir -p \"$GOPATH/src\" \"$GOPATH/bin\" && chmod -R 1777 \"$GOPATH\" # buildkit", false), row("WORKDIR /go", true))
		s := stack{
			name: v.name, file: v.file, from: v.from, config: c, layers: []stackLayer{{list: filesOf(first)}, {like: "golang-files.zst", list: fmt.Sprintf("@ %d\n", epoch)}, {list: work.b.String()}},
			about: aboutModel(v.name, "the model of "+v.from+", with the names and sizes of Go's own files, and of the compilers in Debian's packages."),
		}
		if err := s.write(); err != nil {
			return err
		}
	}
	return nil
}

var nginxConf = `user  nginx;
worker_processes  auto;

error_log  /var/log/nginx/error.log notice;
pid        /run/nginx.pid;

events {
    worker_connections  1024;
}

http {
    include       /etc/nginx/mime.types;
    default_type  application/octet-stream;
    access_log  /var/log/nginx/access.log;
    sendfile        on;
    keepalive_timeout  65;
    include /etc/nginx/conf.d/*.conf;
}
`

var nginxDefault = `server {
    listen       80;
    server_name  localhost;

    location / {
        root   /usr/share/nginx/html;
        index  index.html index.htm;
    }

    error_page   500 502 503 504  /50x.html;
    location = /50x.html {
        root   /usr/share/nginx/html;
    }
}
`

func nginx(debs string) error {
	for _, v := range []struct{ name, file, from, below string }{{"nginx:1.27", "nginx-1.27.zst", "debian:bookworm-slim", "debian-bookworm-slim.zst"}, {"nginx:alpine", "nginx-alpine.zst", "alpine:3.20", "alpine-3.20.zst"}} {
		c, err := onto(v.below)
		if err != nil {
			return err
		}
		users := "debian-bookworm.zst"
		var conf []item
		debian := v.from == "debian:bookworm-slim"
		rest := int64(32_600_000)
		if debian {
			conf, err = debLayer(debs, "ca-certificates", "libicu72", "tzdata")
			rest = 58_000_000
		} else {
			users = "alpine-3.20.zst"
			conf, err = debItems(debs, "tzdata")
			rest = 35_000_000 - total(conf)
		}
		if err != nil {
			return err
		}
		for _, f := range []string{"mime.types=5349", "fastcgi_params=1007", "scgi_params=636", "uwsgi_params=664"} {
			conf = append(conf, alpineFile("/etc/nginx/"+f))
		}
		conf = append(conf, item{path: "/usr/sbin/nginx", size: 1_580_000, exec: true}, item{path: "/usr/share/nginx/html/50x.html", size: 497}, item{path: "/usr/share/nginx/html/index.html", size: 615}, item{path: "/etc/nginx/modules", target: "/usr/lib/nginx/modules"},
			item{path: "/var/log/nginx/access.log", target: "/dev/stdout"}, item{path: "/var/log/nginx/error.log", target: "/dev/stderr"}, item{path: "/usr/bin/envsubst", size: 35_464, exec: true})
		for i, m := range []string{"http_geoip", "http_image_filter", "http_js", "http_xslt_filter", "stream_geoip", "stream_js"} {
			conf = append(conf, item{path: "/usr/lib/nginx/modules/ngx_" + m + "_module.so", size: []int64{32_000, 30_000, 1_900_000, 26_000, 28_000, 1_850_000}[i], exec: true})
		}
		for i, lib := range []string{"libgd.so.3", "libxslt.so.1", "libavif.so.15", "libaom.so.3", "libx265.so.199", "libheif.so.1", "libX11.so.6", "libtiff.so.6", "libxml2.so.2"} {
			dir := "/usr/lib/"
			if debian {
				dir = "/usr/lib/x86_64-linux-gnu/"
			}
			conf = append(conf, item{path: dir + lib, size: rest * int64(9-i) / 45})
		}
		user, err := nginxUser(users)
		if err != nil {
			return err
		}
		var l listing
		l.text("/etc/nginx/nginx.conf", nginxConf, 0o644, 0, 0)
		l.mkdir("/etc/nginx/conf.d", 0o755, 0, 0)
		l.text("/etc/nginx/conf.d/default.conf", nginxDefault, 0o644, 0, 0)
		l.mkdir("/docker-entrypoint.d", 0o755, 0, 0)
		putParents(&l, "/var/cache", map[string]bool{})
		l.mkdir("/var/cache/nginx", 0o755, 0, 0)
		layers := []stackLayer{{list: filesOf(conf) + "@ 1766966400\n" + l.b.String() + user}}
		layers = append(layers, stackLayer{list: script("/docker-entrypoint.sh", "#!/bin/sh\nset -e\nif [ \"$1\" = \"nginx\" ] || [ \"$1\" = \"nginx-debug\" ]; then\n    find \"/docker-entrypoint.d/\" -follow -type f -print | sort -V | while read -r f; do\n        case \"$f\" in\n            *.sh) if [ -x \"$f\" ]; then \"$f\"; fi ;;\n        esac\n    done\nfi\nexec \"$@\"\n")})
		by := "RUN /bin/sh -c set -x     && groupadd --system --gid 101 nginx     && useradd --system --gid nginx --no-create-home --home /nonexistent --uid 101 nginx     && apt-get update && apt-get install nginx and its modules # buildkit"
		if !debian {
			by = "RUN /bin/sh -c set -x     && addgroup -g 101 -S nginx     && adduser -S -D -H -u 101 -h /var/cache/nginx -s /sbin/nologin -G nginx nginx     && apk add nginx and its modules # buildkit"
		}
		c.Config.Env = append(c.Config.Env, "NGINX_VERSION=1.27.3", "NJS_VERSION=0.8.7", "PKG_RELEASE=1", "DYNPKG_RELEASE=1")
		c.Config.Cmd, c.Config.Entrypoint, c.Config.StopSignal = []string{"nginx", "-g", "daemon off;"}, []string{"/docker-entrypoint.sh"}, "SIGQUIT"
		c.Config.ExposedPorts = map[string]struct{}{"80/tcp": {}}
		c.Config.Labels = map[string]string{"maintainer": "NGINX Docker Maintainers"}
		c.History = append(c.History, row("LABEL maintainer=NGINX Docker Maintainers", true), row("ENV NGINX_VERSION=1.27.3", true), row("ENV NJS_VERSION=0.8.7", true), row("ENV PKG_RELEASE=1", true), row("ENV DYNPKG_RELEASE=1", true), row(by, false),
			row("COPY docker-entrypoint.sh / # buildkit", false))
		for _, f := range []struct {
			name string
			size int64
		}{{"10-listen-on-ipv6-by-default.sh", 2125}, {"15-local-resolvers.envsh", 389}, {"20-envsubst-on-templates.sh", 3020}, {"30-tune-worker-processes.sh", 4620}} {
			c.History = append(c.History, row("COPY "+f.name+" /docker-entrypoint.d # buildkit", false))
			layers = append(layers, stackLayer{list: script("/docker-entrypoint.d/"+f.name, "#!/bin/sh\n"+strings.Repeat("# a model: this script does nothing here\n", int(f.size-11)/41)+"exit 0\n")})
		}
		c.History = append(c.History, row(`ENTRYPOINT ["/docker-entrypoint.sh"]`, true), row("EXPOSE map[80/tcp:{}]", true), row("STOPSIGNAL SIGQUIT", true), row(`CMD ["nginx" "-g" "daemon off;"]`, true))
		s := stack{name: v.name, file: v.file, from: v.from, config: c, layers: layers, about: aboutModel(v.name, "the model of "+v.from+", with nginx's files and the libraries that its modules need, some put together into fewer.")}
		if err := s.write(); err != nil {
			return err
		}
	}
	return nil
}

func total(items []item) int64 {
	var n int64
	for _, it := range items {
		n += it.size
	}
	return n
}

// nginxUser is the user and group nginx, 101.
func nginxUser(file string) (string, error) {
	var l listing
	for _, f := range [][2]string{{"/etc/passwd", "nginx:x:101:101:nginx user:/nonexistent:/bin/false\n"}, {"/etc/group", "nginx:x:101:\n"}} {
		text, err := textOf(file, f[0])
		if err != nil {
			return "", err
		}
		l.text(f[0], text+f[1], 0o644, 0, 0)
	}
	return l.b.String(), nil
}
