package shell

import (
	"context"
	"encoding/base64"
	"io"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
)

var networkCommands map[string]Command

func init() {
	networkCommands = map[string]Command{
		"curl": cmdCurl, "wget": cmdWget, "git": cmdGit, "svn": cmdCannot, "ping": cmdPing, "nslookup": cmdPing, "nc": cmdPing, "ssh": cmdPing, "ssh-keyscan": cmdPing, "rsync": cmdCannot,
		"gpg": cmdGpg, "gpg2": cmdGpg, "gpgconf": cmdTrue, "dirmngr": cmdTrue, "apt-key": cmdGpg, "gpg-agent": cmdTrue,
	}
}

// noNetwork says once what the lab is without.
func (p *Process) noNetwork(what string) {
	if p.k.offline {
		return
	}
	p.k.offline = true
	p.errf("%sthere is no network here; put %s into the build context and COPY it.\n", aside, what)
}

// hostOf is the host of an address, "" for none.
func hostOf(text string) string {
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil {
		return text
	}
	return u.Hostname()
}

func isLocal(host string) bool { return host == "localhost" || host == "127.0.0.1" || host == "::1" }

// cmdCurl is curl without a network: 6 for a name that cannot be resolved, 7 for
// a port of this machine (curl(1), EXIT CODES). file: addresses are read.
func cmdCurl(ctx context.Context, p *Process) int {
	o, ok := p.getopt("fsSLko:OH:d:X:u:A:e:IivGz:C:m:b:c:T:F:r:x:#jJRnNpq46", "fail=f", "silent=s", "show-error=S", "location=L", "insecure=k", "output:=o", "remote-name=O", "header:=H", "data:=d", "request:=X",
		"retry:", "retry-delay:", "retry-connrefused", "retry-all-errors", "connect-timeout:", "max-time:=m", "proto:", "tlsv1.2", "create-dirs", "compressed", "user:=u", "user-agent:=A", "head=I", "include=i", "verbose=v", "progress-bar=#", "version", "url:", "data-binary:", "data-raw:", "no-progress-meter", "remote-header-name=J", "retry-max-time:", "cacert:", "http1.1", "parallel", "output-dir:", "fail-with-body")
	if !ok {
		return 2
	}
	if o.has("version") {
		return p.sayVersion("curl %s (x86_64-pc-linux-gnu)", p.version("", "curl"))
	}
	list := append(o.all("url"), o.args...)
	if len(list) == 0 {
		p.errf("curl: try 'curl --help' or 'curl --manual' for more information\n")
		return 2
	}
	loud := !o.has("s") || o.has("S")
	for _, address := range list {
		if file, ok := strings.CutPrefix(address, "file://"); ok {
			if status := p.curlFile(ctx, o, file, loud); status != 0 {
				return status
			}
			continue
		}
		host := hostOf(address)
		if isLocal(host) {
			if loud {
				p.errf("curl: (7) Failed to connect to %s port 80 after 0 ms: Couldn't connect to server\n", host)
			}
			return 7
		}
		if loud {
			p.errf("curl: (6) Could not resolve host: %s\n", host)
		}
		p.noNetwork(orName(path.Base(address), "the file"))
		return 6
	}
	return 0
}

func (p *Process) curlFile(ctx context.Context, o *opts, file string, loud bool) int {
	r, err := p.readable(ctx, file, false)
	if err != nil {
		if loud {
			p.errf("curl: (37) Couldn't open file %s\n", file)
		}
		return 37
	}
	defer r.Close()
	var w io.Writer = p.Stdout
	if to, ok := o.get("o"); ok || o.has("O") {
		d, err := p.open(ctx, orName(to, path.Base(file)), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
		if err != nil {
			return 23
		}
		defer d.release()
		w = d
	}
	io.Copy(w, r)
	return 0
}

// cmdWget is wget without a network: GNU's status is 4 (network failure),
// busybox's 1.
func cmdWget(_ context.Context, p *Process) int {
	o, ok := p.getopt("qO:P:cNt:T:Sr:l:nvU:A:R:ki:e:xHS46", "quiet=q", "output-document:=O", "directory-prefix:=P", "continue=c", "no-check-certificate", "timeout:=T", "tries:=t", "no-verbose=n", "header:", "progress:", "show-progress", "https-only", "secure-protocol:", "user-agent:=U", "version", "no-cache", "retry-connrefused", "waitretry:", "spider", "content-disposition", "max-redirect:", "post-data:", "no-hsts")
	if !ok {
		return 2
	}
	if o.has("version") && !p.busybox {
		return p.sayVersion("GNU Wget %s built on linux-gnu.", p.version("", "wget"))
	}
	list := o.args
	if len(list) > 0 && list[0] == "v" { // -nv
		list = list[1:]
	}
	if len(list) == 0 {
		if p.busybox {
			return p.usage()
		}
		p.errf("wget: missing URL\nUsage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n")
		return 1
	}
	for _, address := range list {
		host := hostOf(address)
		local := isLocal(host)
		switch {
		case p.busybox && local:
			p.errf("Connecting to %s (127.0.0.1:80)\nwget: can't connect to remote host (127.0.0.1): Connection refused\n", host)
		case p.busybox:
			p.errf("wget: bad address '%s'\n", host)
		case o.has("q"):
		case local:
			p.errf("Connecting to %s (%s)|127.0.0.1|:80... failed: Connection refused.\n", host, host)
		default:
			if !strings.Contains(address, "://") {
				address = "http://" + address
			}
			p.errf("--%s--  %s\nResolving %s (%s)... failed: Temporary failure in name resolution.\nwget: unable to resolve host address '%s'\n", p.now().Format("2006-01-02 15:04:05"), address, host, host, host)
		}
		if !local {
			p.noNetwork(orName(path.Base(address), "the file"))
		}
	}
	if p.busybox {
		return 1
	}
	return 4
}

func cmdPing(_ context.Context, p *Process) int {
	words := operands(p.Args[1:])
	if len(words) == 0 {
		return p.missing("usage error: Destination address required")
	}
	host := words[0]
	switch name := baseName(p.Args[0]); {
	case name == "ping" && !p.busybox:
		p.errf("ping: %s: Temporary failure in name resolution\n", host)
		return 2
	case name == "ssh" || name == "ssh-keyscan":
		p.errf("%s: Could not resolve hostname %s: Temporary failure in name resolution\n", name, hostOf(host[strings.IndexByte(host, '@')+1:]))
		return 255
	default:
		p.errf("%s: bad address '%s'\n", name, host)
	}
	return 1
}

// cmdGit is git as far as an image's steps ask it: clone has no network, config
// --global writes ~/.gitconfig.
func cmdGit(ctx context.Context, p *Process) int {
	words := p.Args[1:]
	for len(words) > 1 && (words[0] == "-C" || words[0] == "-c") {
		words = words[2:]
	}
	if len(words) == 0 {
		p.outf("usage: git [-v | --version] [-h | --help] [-C <path>] [-c <name>=<value>]\n           <command> [<args>]\n")
		return 1
	}
	switch words[0] {
	case "--version", "version", "-v":
		return p.sayVersion("git version %s", p.version("", "git"))
	case "clone", "ls-remote", "fetch", "pull", "submodule":
		i := slices.IndexFunc(words, func(w string) bool {
			return strings.Contains(w, "://") || strings.Contains(w, "@") && strings.Contains(w, ":")
		})
		if i < 0 {
			p.errf("fatal: not a git repository (or any of the parent directories): .git\n")
			return 128
		}
		address := words[i]
		dir := strings.TrimSuffix(path.Base(address), ".git")
		if rest := operands(words[i+1:]); len(rest) > 0 {
			dir = rest[0]
		}
		if words[0] == "clone" && !slices.Contains(words, "-q") && !slices.Contains(words, "--quiet") {
			p.errf("Cloning into '%s'...\n", dir)
		}
		p.errf("fatal: unable to access '%s/': Could not resolve host: %s\n", strings.TrimSuffix(address, "/"), hostOf(address))
		p.noNetwork("the repository's files")
		return 128
	case "config":
		return p.gitConfig(ctx, words[1:])
	}
	if !p.exists(".git") {
		p.errf("fatal: not a git repository (or any of the parent directories): .git\n")
		return 128
	}
	return p.cannot(p.Args)
}

func (p *Process) gitConfig(ctx context.Context, words []string) int {
	rest := operands(words)
	file := p.env("HOME") + "/.gitconfig"
	if slices.Contains(words, "--system") {
		file = "/etc/gitconfig"
	}
	if len(rest) < 2 {
		return 1
	}
	at := strings.LastIndexByte(rest[0], '.')
	if at < 0 {
		p.errf("error: key does not contain a section: %s\n", rest[0])
		return 2
	}
	section, key := rest[0][:at], rest[0][at+1:]
	head := "[" + section + "]"
	if a, b, ok := strings.Cut(section, "."); ok {
		head = "[" + a + " \"" + b + "\"]"
	}
	text, _ := p.readAll(ctx, file)
	line := "\t" + key + " = " + rest[1] + "\n"
	if i := strings.Index(text, head+"\n"); i >= 0 {
		end := len(text)
		if j := strings.Index(text[i+1:], "\n["); j >= 0 {
			end = i + 1 + j + 1
		}
		text = text[:end] + line + text[end:]
	} else {
		text += head + "\n" + line
	}
	return p.write(ctx, file, text, 0o644)
}

// cmdGpg is gpg: --dearmor works, keys of servers are out of reach.
func cmdGpg(ctx context.Context, p *Process) int {
	words := p.Args[1:]
	is := func(names ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(names, w) })
	}
	switch {
	case is("--version"):
		return p.sayVersion("gpg (GnuPG) %s", p.version("", "gnupg", "gpg"))
	case is("--dearmor"):
		return p.dearmor(ctx, words)
	case is("--recv-keys", "--recv-key", "--keyserver", "adv"):
		p.errf("gpg: keyserver receive failed: Try again later\n")
		p.noNetwork("the key")
		return 2
	}
	return p.cannot(p.Args)
}

// dearmor turns the text form of an OpenPGP key into its bytes (RFC 9580 6.2).
func (p *Process) dearmor(ctx context.Context, words []string) int {
	out := flagValue(words, "-o")
	if out == "" {
		out = flagValue(words, "--output")
	}
	var in []string
	for _, w := range operands(words) {
		if w != out {
			in = append(in, w)
		}
	}
	lines, status := p.lines(ctx, in, '\n')
	var text strings.Builder
	inside, body := false, false
	for _, l := range lines {
		l = strings.TrimRight(l, "\r")
		switch {
		case strings.HasPrefix(l, "-----BEGIN"):
			inside = true
		case strings.HasPrefix(l, "-----END"), strings.HasPrefix(l, "=") && body:
			inside = false
		case inside && l == "":
			body = true
		case inside && body:
			text.WriteString(l)
		}
	}
	data, err := base64.StdEncoding.DecodeString(text.String())
	if err != nil || len(data) == 0 || status != 0 {
		p.errf("gpg: no valid OpenPGP data found.\ngpg: dearmoring failed: No data\n")
		return 2
	}
	if out == "" {
		p.Stdout.Write(data)
		return 0
	}
	return p.write(ctx, out, string(data), 0o644)
}
