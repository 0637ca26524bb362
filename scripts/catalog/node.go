package main

import (
	"fmt"
	"slices"
)

func init() { more["node"] = nodejs }

// nodes are the versions that the images have, and the size of the program.
var nodes = []struct {
	major, version string
	size           int64
}{{"20", "20.20.2", 99_400_000}, {"18", "18.20.8", 97_100_000}, {"22", "22.12.0", 119_500_000}, {"24", "24.1.0", 122_300_000}}

// nodeFiles writes the data file with what all Nodes have beside their program:
// npm and corepack, Yarn, and the script that starts a container.
func nodeFiles() error {
	items, err := hostItems("/usr/lib/node_modules/npm", "/usr/local/lib/node_modules/npm", func(p string) bool { return p != "/bin/npm-cli.js" && p != "/bin/npx-cli.js" })
	if err != nil {
		return err
	}
	headers, err := hostItems("/usr/include/node", "/usr/local/include/node", func(string) bool { return true })
	if err != nil {
		return err
	}
	items = append(append(items, headers...), item{path: "/usr/local/bin/nodejs", target: "/usr/local/bin/node"},
		item{path: "/usr/local/bin/npm", target: "../lib/node_modules/npm/bin/npm-cli.js"}, item{path: "/usr/local/bin/npx", target: "../lib/node_modules/npm/bin/npx-cli.js"},
		item{path: "/usr/local/bin/corepack", target: "../lib/node_modules/corepack/dist/corepack.js"}, item{path: "/usr/local/lib/node_modules/corepack/dist/lib/corepack.cjs", size: 1_010_000},
		item{path: "/usr/local/share/man/man1/node.1", size: 22_000}, item{path: "/usr/local/LICENSE", size: 150_000}, item{path: "/usr/local/CHANGELOG.md", size: 62_000}, item{path: "/usr/local/README.md", size: 39_000})
	if len(headers) == 0 {
		items = append(items, item{path: "/usr/local/include/node/node.h", size: 61_000}, item{path: "/usr/local/include/node/openssl/obj_mac.h", size: 232_000}, item{path: "/usr/local/include/node/common.gypi", size: 24_000})
	}
	var l listing
	l.pkg("", epoch)
	for _, name := range []string{"npm", "npx"} {
		l.text("/usr/local/lib/node_modules/npm/bin/"+name+"-cli.js", "#!/usr/bin/env node\nrequire('../lib/cli.js')(process)\n", 0o755, 0, 0)
	}
	l.mkdir("/usr/local/lib/node_modules/corepack/dist", 0o755, 0, 0)
	l.text("/usr/local/lib/node_modules/corepack/dist/corepack.js", "#!/usr/bin/env node\nrequire('./lib/corepack.cjs').runMain(process.argv.slice(2));\n", 0o755, 0, 0)
	const dir = "/opt/yarn-v1.22.22"
	yarn := filesOf([]item{{path: dir + "/lib/cli.js", size: 5_070_000}, {path: dir + "/lib/v8-compile-cache.js", size: 11_000}, {path: dir + "/bin/yarn", size: 1_025, exec: true}, {path: dir + "/package.json", size: 1_100},
		{path: "/usr/local/bin/yarn", target: dir + "/bin/yarn"}, {path: "/usr/local/bin/yarnpkg", target: dir + "/bin/yarn"}})
	start := script("/usr/local/bin/docker-entrypoint.sh", "#!/bin/sh\nset -e\n\n# Run command with node if the first argument contains a \"-\" or is not a system command.\nif [ \"${1#-}\" != \"${1}\" ] || [ -z \"$(command -v \"${1}\")\" ] || { [ -f \"${1}\" ] && ! [ -x \"${1}\" ]; }; then\n  set -- node \"$@\"\nfi\n\nexec \"$@\"\n")
	text := "about What all images of Node.js have beside its program: npm's names and sizes are real.\n"
	for _, list := range []string{filesOf(items) + l.b.String(), yarn, start} {
		text += bareLayer + list
	}
	return writeData("node-files.zst", text)
}

func nodejs(debs string) error {
	if err := nodeFiles(); err != nil {
		return err
	}
	runtime, err := apkLayer(debs, "libgcc", "libstdc++")
	if err != nil {
		return err
	}
	account := func(shell string) string { return accounts("node", 1000, "/home/node", shell) }
	for _, b := range []struct{ suffix, from, below string }{
		{"-slim", "debian:bookworm-slim", "debian-bookworm-slim.zst"}, {"", "buildpack-deps:bookworm", "buildpack-full.zst"}, {"-alpine", "alpine:3.20", "alpine-3.20.zst"},
	} {
		for _, v := range nodes {
			c, err := onto(b.below)
			if err != nil {
				return err
			}
			program := filesOf([]item{{path: "/usr/local/bin/node", size: v.size, exec: true}})
			main := stackLayer{like: "node-files.zst", list: program}
			layers := []stackLayer{{list: account("/bin/bash") + homeOf("node", 1000, 0o700)}, main}
			rows := []historyRow{row("RUN /bin/sh -c groupadd --gid 1000 node   && useradd --uid 1000 --gid node --shell /bin/bash --create-home node # buildkit", false), row("ENV NODE_VERSION="+v.version, true),
				row("RUN /bin/sh -c set -ex; # fetch, check and unpack Node.js, and purge what that needed # buildkit", false)}
			if b.suffix == "-alpine" {
				main.list += account("/bin/sh") + homeOf("node", 1000, 0o2755) + runtime
				layers = []stackLayer{main}
				rows = []historyRow{row("ENV NODE_VERSION="+v.version, true),
					row("RUN /bin/sh -c addgroup -g 1000 node     && adduser -u 1000 -G node -s /bin/sh -D node     && apk add --no-cache         libstdc++     && # fetch, check and unpack Node.js # buildkit", false)}
			}
			for i := range 2 {
				layers = append(layers, stackLayer{like: "node-files.zst", which: i + 1, list: emptyList})
			}
			c.Config.Env = append(slices.Clone(c.Config.Env), "NODE_VERSION="+v.version, "YARN_VERSION=1.22.22")
			c.Config.Cmd, c.Config.Entrypoint = []string{"node"}, []string{"docker-entrypoint.sh"}
			c.History = append(append(slices.Clone(c.History), rows...), row("ENV YARN_VERSION=1.22.22", true), row("RUN /bin/sh -c set -ex # fetch, check and unpack Yarn # buildkit", false),
				row("COPY docker-entrypoint.sh /usr/local/bin/ # buildkit", false), row(`ENTRYPOINT ["docker-entrypoint.sh"]`, true), row(`CMD ["node"]`, true))
			name := "node:" + v.major + b.suffix
			s := stack{
				name: name, file: "node-" + v.major + b.suffix + ".zst", from: b.from, config: c, layers: layers,
				about: aboutModel(name, "the model of "+b.from+", with npm's names and sizes and one program of Node's size."),
			}
			if err := s.write(); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}
