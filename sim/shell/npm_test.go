//go:build !js

package shell

import (
	"strings"
	"testing"
)

// TestNpm's words are those of npm 10.8.2; its trees those that npm laid out.
func TestNpm(t *testing.T) {
	const project = `mkdir /app && cd /app && printf '{"name":"shop","version":"1.0.0","dependencies":{"express":"^4.21.2"},"devDependencies":{"nodemon":"^3.1.0"}}' > package.json; `
	const strange = `mkdir /s && cd /s && printf '{"dependencies":{"our-own":"^1.0.0","ms":"2.1.2"}}' > package.json; printf '{"lockfileVersion":3,"packages":{"":{},"node_modules/our-own":{"version":"1.2.3","bin":{"own":"cli.js"},"dependencies":{"ms":"^2.0.0"}},"node_modules/ms":{"version":"2.1.2"},"node_modules/only-mac":{"version":"1.0.0","os":["darwin"],"optional":true}}}' > package-lock.json; `
	for script, want := range map[string]string{
		project + "npm install; ls; ls -A node_modules | head -2; ls -d /root/.npm/_*":           "\nadded 100 packages, and audited 101 packages in 3s\n\n19 packages are looking for funding\n  run `npm fund` for details\n\nfound 0 vulnerabilities\nnode_modules\npackage-lock.json\npackage.json\n.bin\n.package-lock.json\n/root/.npm/_cacache\n/root/.npm/_logs\n",
		project + "npm install --omit=dev --no-fund --no-audit; readlink node_modules/.bin/mime": "\nadded 71 packages in 2s\n../mime/cli.js\n",
		project + "npm ci": "npm error code EUSAGE\nnpm error\nnpm error The `npm ci` command can only install with an existing package-lock.json or\n",
		project + "npm i --silent; rm -r node_modules; npm ci --omit=dev --no-fund; ls node_modules | grep -c nodemon":       "\nadded 71 packages, and audited 72 packages in 2s\n\nfound 0 vulnerabilities\n0\nexit 1\n",
		project + "npm i --silent; npm prune --omit=dev --no-fund; ls node_modules/.bin":                                     "\nremoved 29 packages, and audited 72 packages in 1s\n\nfound 0 vulnerabilities\nmime\n",
		project + "npm i --silent; npm i --no-fund ms lodash; npm uninstall --no-fund lodash; cat package.json":              "\nadded 2 packages, removed 2 packages, changed 1 package, and audited 101 packages in 1s\n\nfound 0 vulnerabilities\n\nremoved 1 package, and audited 100 packages in 1s\n\nfound 0 vulnerabilities\n{\n  \"name\": \"shop\",\n  \"version\": \"1.0.0\",\n  \"dependencies\": {\n    \"express\": \"^4.21.2\",\n    \"ms\": \"^2.1.3\"\n  },\n  \"devDependencies\": {\n    \"nodemon\": \"^3.1.0\"\n  }\n}\n",
		project + "npm i --silent nonesuch-of-ours; npm i nonesuch-of-ours":                                                  "layer lab: the model of npm's registry has ",
		project + "npm i --silent; npm ls; npm i":                                                                            "shop@1.0.0 /app\n├── express@4.22.1\n└── nodemon@3.1.11\n\n\nup to date, audited 101 packages in 1s\n",
		project + "npm i --silent; sed -i s/4.21.2/5.0.0/ package.json; npm ci 2>&1 | sed -n 5p":                             "npm error Invalid: lock file's express@4.22.1 does not satisfy express@5.2.1\n",
		project + "npm run build; npm run":                                                                                   "npm error Missing script: \"build\"\nnpm error\nnpm error To see a list of scripts, run:\nnpm error   npm run\nnpm error A complete log",
		project + "npm i --silent ms@99; npm i -q ms@99":                                                                     "npm error code ETARGET\nnpm error notarget No matching version found for ms@99.\n",
		"npm install -g typescript nodemon; readlink /usr/local/bin/tsc; npm rm -g nodemon":                                  "\nadded 30 packages in 1s\n\n4 packages are looking for funding\n  run `npm fund` for details\n../lib/node_modules/typescript/bin/tsc\n\nremoved 29 packages in 1s\n",
		"mkdir /e && cd /e && npm ci":                                                                                        "npm error code ENOENT\nnpm error syscall open\nnpm error path /e/package.json\nnpm error errno -2\n",
		"mkdir /e && cd /e && echo '{bad' > package.json && npm i":                                                           "npm error code EJSONPARSE\nnpm error path /e/package.json\n",
		project + "NODE_ENV=production npm install --silent; ls node_modules | grep nodemon":                                 "exit 1\n",
		strange + "npm ci; ls node_modules; readlink node_modules/.bin/own; ls -ld node_modules/our-own/cli.js | cut -c1-10": "\nadded 2 packages, and audited 3 packages in 1s\n\nfound 0 vulnerabilities\nlayer lab: 1 of these packages are not in the model of npm's registry: their files are made up from their names, of a usual size.\nms\nour-own\n../our-own/cli.js\n-rwxr-xr-x\n",
		"npm frob": "Unknown command: \"frob\"\n\n\nTo see a list of supported npm commands, run:\n  npm help\nexit 1\n",
	} {
		if got := on(t, "node:20-slim", script); !strings.HasPrefix(got, want) && !strings.Contains(got, "\n"+want) {
			t.Errorf("%s\nhave:\n%s\nwant:\n%s", script, got, want)
		}
	}
}
