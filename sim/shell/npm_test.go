//go:build !js

package shell

import (
	"strings"
	"testing"
)

func TestNpm(t *testing.T) {
	const project = `mkdir /app && cd /app && printf '{"name":"shop","version":"1.0.0","dependencies":{"express":"^4.21.2"},"devDependencies":{"mocha":"^11.0.1"}}' > package.json; `
	for script, want := range map[string]string{
		project + "npm install; ls; ls -A node_modules | head -2; ls -d /root/.npm/_cacache": "\nadded 68 packages, and audited 69 packages in 2s\n\nfound 0 vulnerabilities\nnode_modules\npackage-lock.json\npackage.json\n.bin\n.package-lock.json\n/root/.npm/_cacache\n",
		project + "npm ci": "npm error code EUSAGE\n",
		project + "npm i --silent; rm -r node_modules; npm ci --omit=dev; ls node_modules | grep -c mocha": "\nadded 67 packages, and audited 68 packages in 2s\n\nfound 0 vulnerabilities\n0\nexit 1\n",
		project + "npm i --silent; npm prune --production; ls node_modules/.bin":                           "\nremoved 1 package, and audited 68 packages in 1s\n\nfound 0 vulnerabilities\nmime\n",
		project + "npm i --silent nonesuch-of-ours; grep nonesuch package.json":                            "layer lab: 1 of these packages are not in the model of npm",
		"npm install -g typescript; readlink /usr/local/bin/tsc":                                           "\nadded 1 package in 1s\n../lib/node_modules/typescript/bin/tsc.js\n",
		"mkdir /e && cd /e && npm ci": "npm error code ENOENT\n",
		project + "NODE_ENV=production npm install --silent; ls node_modules | grep mocha": "exit 1\n",
	} {
		if got := on(t, "node:20-slim", script); !strings.HasPrefix(got, want) {
			t.Errorf("%s\nhave:\n%s\nwant:\n%s", script, got, want)
		}
	}
}
