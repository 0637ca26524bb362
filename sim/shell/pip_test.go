//go:build !js

package shell

import (
	"strings"
	"testing"
)

func TestPip(t *testing.T) {
	for script, want := range map[string]string{
		"pip install --no-cache-dir itsdangerous 2>&1": "Collecting itsdangerous\n  Downloading itsdangerous-2.2.0-py3-none-any.whl.metadata (1.8 kB)\nDownloading itsdangerous-2.2.0-py3-none-any.whl (16 kB)\nInstalling collected packages: itsdangerous\nSuccessfully installed itsdangerous-2.2.0\nWARNING: Running pip as the 'root' user",
		"pip install -q nonesuch":                      "ERROR: Could not find a version that satisfies the requirement nonesuch (from versions: none)\nERROR: No matching distribution found for nonesuch\nlayer lab: the model of Python's packages has ",
		"pip install -q --root-user-action=ignore flask==3.0.0 && pip freeze && flask --version >/dev/null 2>&1; command -v flask; ls -d /root/.cache/pip":       "blinker==1.9.0\nclick==8.1.8\nflask==3.0.0\nitsdangerous==2.2.0\njinja2==3.1.5\nmarkupsafe==3.0.2\nwerkzeug==3.1.3\n/usr/local/bin/flask\n/root/.cache/pip\n",
		"printf 'idna\\n# no\\nsix==1.16.0\\n' > r.txt; pip install --root-user-action=ignore --no-cache-dir -r r.txt | tail -1; ls -d /root/.cache 2>&1":        "Successfully installed idna-3.10 six-1.16.0\nls: cannot access '/root/.cache': No such file or directory\nexit 2\n",
		"pip install -q --root-user-action=ignore -t /deps six; find /deps -name '*.py' | wc -l; pip install -q six; pip uninstall -y six | tail -1; pip freeze": "3\n",
		"python3 -m venv /opt/v; /opt/v/bin/pip install -q six; find / -xdev -name six | sort; /opt/v/bin/pip install six":                                       "/opt/v/lib/python3.12/site-packages/six\nRequirement already satisfied: six in /opt/v/lib/python3.12/site-packages (1.17.0)\n",
		"pip install -r none.txt": "ERROR: Could not open requirements file: [Errno 2] No such file or directory: 'none.txt'\nexit 1\n",
	} {
		if got := on(t, "python:3.12-slim", script); !strings.HasPrefix(got, want) {
			t.Errorf("%s\nhave:\n%s\nwant:\n%s", script, got, want)
		}
	}
	for script, want := range map[string]string{
		"pip install --no-cache-dir --root-user-action=ignore flask==3.0.0 | grep -v Downl": "Collecting flask==3.0.0\nCollecting werkzeug (from flask)\nCollecting jinja2 (from flask)\nCollecting itsdangerous (from flask)\nCollecting click (from flask)\nCollecting blinker (from flask)\nCollecting markupsafe (from werkzeug->flask)\nInstalling collected packages: markupsafe, itsdangerous, click, blinker, werkzeug, jinja2, flask\nSuccessfully installed",
		"printf 'flask==3.0.0 \\\\\\n    --hash=sha256:aa \\\\\\n    --hash=sha256:bb\\ncolorama==0.4.6 ; sys_platform == \"win32\"\\nuvicorn[standard]>=0.30,<1\\n' > r.txt; pip install --root-user-action=ignore -r r.txt | grep -v Downl | head -4; pip freeze | grep -c -e uvloop -e colorama":                                      "Ignoring colorama: markers 'sys_platform == \"win32\"' don't match your environment\nCollecting flask==3.0.0 (from -r r.txt (line 1))\nCollecting uvicorn[standard]>=0.30,<1 (from -r r.txt (line 5))\nCollecting werkzeug (from flask==3.0.0->-r r.txt (line 1))\n1\n",
		"pip wheel -q --wheel-dir /wheels idna six; ls /wheels; pip install -q --root-user-action=ignore --no-index --find-links=/wheels six /wheels/idna*; pip freeze; pip install --no-index -f /wheels flask":                                                                                                                         "idna-3.10-py3-none-any.whl\nsix-1.17.0-py3-none-any.whl\nidna==3.10\nsix==1.17.0\nLooking in links: /wheels\nERROR: Could not find a version that satisfies the requirement flask (from versions: none)\nERROR: No matching distribution found for flask\nexit 1\n",
		"mkdir -p /app/shop && cd /app && echo x=1 > shop/__init__.py && printf '[project]\\nname = \"shop\"\\nversion = \"1.2\"\\ndependencies = [\\n  \"six>=1\",\\n]\\n' > pyproject.toml; pip install -q --root-user-action=ignore .; pip freeze; cat /usr/local/lib/python3.12/site-packages/shop/__init__.py; cd /; pip install .": "shop==1.2\nsix==1.17.0\nx=1\nERROR: Directory '.' is not installable. Neither 'setup.py' nor 'pyproject.toml' found.\nexit 1\n",
		"pip install -q --root-user-action=ignore 'flask>=99'": "ERROR: Could not find a version that satisfies the requirement flask>=99 (from versions: 3.1.0)\nERROR: No matching distribution found for flask>=99\nexit 1\n",
	} {
		if got := on(t, "python:3.12-slim", script); !strings.HasPrefix(got, want) {
			t.Errorf("%s\nhave:\n%s\nwant:\n%s", script, got, want)
		}
	}
	got := on(t, "alpine:3.20", "apk add -q --no-cache py3-pip && pip install flask")
	if !strings.HasPrefix(got, "error: externally-managed-environment") || !strings.HasSuffix(got, "exit 1\n") {
		t.Errorf("a managed Python took it: %s", got)
	}
}
