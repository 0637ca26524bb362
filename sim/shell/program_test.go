package shell

import "testing"

// TestPrograms holds what is answered for programs that cannot run, and what is
// made up in their place.
func TestPrograms(t *testing.T) {
	const goSources = "printf 'module example.com/hello\\n' > go.mod; echo 'package main' > main.go; "
	for _, c := range []struct{ script, want string }{
		{"python3 -c 1", noProgram("python3 -c 1") + "[exit 126]\n"},
		{"python3 --version || echo over", noProgram("python3 --version") + "over\n"},
		{"PYTHON_VERSION=3.12.4 python3 -V; NODE_VERSION=20.11.0 node -v; GOLANG_VERSION=1.22.3 go version", "Python 3.12.4\nv20.11.0\ngo version go1.22.3 linux/amd64\n"},
		{goSources + "go build -o /out/app .; stat -c '%A' /out/app; head -c 4 /out/app | tail -c 3", "layer lab: go does not run here: /out/app (1.9 MB) is made up, of a usual size.\n-rwxr-xr-x\nELF\n[no newline]\n"},
		{goSources + "go build && ls", "layer lab: go does not run here: hello (1.9 MB) is made up, of a usual size.\ngo.mod\nhello\nmain.go\n"},
		{goSources + "go build -o a . 2>/dev/null; go build -o b . 2>/dev/null; mkdir x; cp a x/b; stat -c %s a b | uniq | wc -l", "1\n"},
		{"go build", "go: go.mod file not found in current directory or any parent directory; see 'go help modules'\n[exit 1]\n"},
		{"echo 'int main;' > a.c; gcc -O2 -o a a.c; ls; gcc", "layer lab: gcc does not run here: a (16 kB) is made up, of a usual size.\na\na.c\ngcc: fatal error: no input files\ncompilation terminated.\n[exit 1]\n"},
		{"make all", "make: *** No rule to make target 'all'.  Stop.\n[exit 2]\n"},
		{"curl -fsS https://example.com/f.tgz", "curl: (6) Could not resolve host: example.com\nlayer lab: there is no network here; put f.tgz into the build context and COPY it.\n[exit 6]\n"},
		{"curl -s http://localhost/", "[exit 7]\n"},
		{"wget -q https://example.com/f.tgz", "layer lab: there is no network here; put f.tgz into the build context and COPY it.\n[exit 4]\n"},
		{"git clone https://example.com/x/y.git", "Cloning into 'y'...\nfatal: unable to access 'https://example.com/x/y.git/': Could not resolve host: example.com\nlayer lab: there is no network here; put the repository's files into the build context and COPY it.\n[exit 128]\n"},
		{"git config --global user.name x; cat /root/.gitconfig", "[user]\n\tname = x\n"},
		{"mkdir -p /usr/local/share/ca-certificates; echo CERT > /usr/local/share/ca-certificates/a.crt; update-ca-certificates; cat /etc/ssl/certs/ca-certificates.crt; readlink /etc/ssl/certs/a.pem", "Updating certificates in /etc/ssl/certs...\n1 added, 0 removed; done.\nRunning hooks in /etc/ca-certificates/update.d...\ndone.\nCERT\n/usr/local/share/ca-certificates/a.crt\n"},
		{"update-alternatives --install /usr/bin/vi vi /usr/bin/sed 10; readlink -f /usr/bin/vi", "update-alternatives: using /usr/bin/sed to provide /usr/bin/vi (vi) in auto mode\n/usr/bin/sed\n"},
		{"python3 -m venv /v; ls /v /v/bin", "/v:\nbin\ninclude\nlib\nlib64\npyvenv.cfg\n\n/v/bin:\nactivate\npython\npython3\n"},
		{"printf 'a\\nb\\nc\\n' > f; printf -- '--- a/f\\n+++ b/f\\n@@ -1,3 +1,3 @@\\n a\\n-b\\n+B\\n c\\n' | patch -p1; cat f", "patching file f\na\nB\nc\n"},
		{"echo 'x: $A ${B} $C' | A=1 B=2 envsubst '$A $B'", "x: 1 2 $C\n"},
		{"openssl rand -hex 8 | wc -c; ldconfig; service nosuch start", "17\nnosuch: unrecognized service\n[exit 1]\n"},
		{"nginx -t", "nginx: [emerg] open() \"/etc/nginx/nginx.conf\" failed (2: No such file or directory)\nnginx: configuration file /etc/nginx/nginx.conf test failed\n[exit 1]\n"},
	} {
		p, out := debian()
		if got := run(t, p, out, c.script); got != c.want {
			t.Errorf("%s\n--- got\n%s--- want\n%s", c.script, got, c.want)
		}
	}
}
