package shell

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// random is n bytes that are chance and the same in every run.
func (p *Process) random(n int) []byte {
	b := make([]byte, n)
	io.ReadFull(noise{p.k}, b)
	return b
}

// cmdOpenssl is openssl rand, dgst and version; req and genrsa write made-up keys.
func cmdOpenssl(ctx context.Context, p *Process) int {
	if len(p.Args) < 2 {
		return p.cannot(p.Args)
	}
	words := p.Args[2:]
	switch verb := p.Args[1]; verb {
	case "version":
		return p.sayVersion("OpenSSL %s", p.version("", "openssl"))
	case "rand":
		n := 0
		for _, w := range operands(words) {
			if k, err := strconv.Atoi(w); err == nil {
				n = k
			}
		}
		b := p.random(min(max(n, 0), 1<<20))
		switch {
		case slices.Contains(words, "-hex"):
			p.outf("%s\n", hex.EncodeToString(b))
		case slices.Contains(words, "-base64"):
			text := base64.StdEncoding.EncodeToString(b)
			for len(text) > 64 {
				p.outf("%s\n", text[:64])
				text = text[64:]
			}
			p.outf("%s\n", text)
		default:
			p.Stdout.Write(b)
		}
		return 0
	case "dgst", "sha256", "sha1", "md5", "sha512":
		return p.digest(ctx, verb, words)
	case "req", "genrsa", "genpkey", "x509", "dhparam", "ecparam":
		return p.madeKeys(ctx, words)
	}
	return p.cannot(p.Args)
}

func (p *Process) digest(ctx context.Context, verb string, words []string) int {
	name := strings.ToUpper(verb)
	for _, w := range words {
		if sums[strings.TrimPrefix(w, "-")+"sum"] != nil {
			name = strings.ToUpper(w[1:])
		}
	}
	if name == "DGST" {
		name = "SHA256"
	}
	make := sums[strings.ToLower(name)+"sum"]
	return p.inputs(ctx, operands(words), func(file string, r io.Reader) error {
		h := make()
		if _, err := io.Copy(h, r); err != nil {
			return err
		}
		switch {
		case slices.Contains(words, "-r"):
			p.outf("%x *%s\n", h.Sum(nil), file)
		case file == "-":
			p.outf("%s(stdin)= %x\n", name, h.Sum(nil))
		default:
			p.outf("%s(%s)= %x\n", name, file, h.Sum(nil))
		}
		return nil
	})
}

// madeKeys writes what -out and -keyout name: text in the form of PEM (RFC 7468)
// around chance, which no program takes for a key.
func (p *Process) madeKeys(ctx context.Context, words []string) int {
	status := 0
	for _, f := range []struct {
		flag, label string
		size        int
		perm        uint32
	}{{"-keyout", "PRIVATE KEY", 1218, 0o600}, {"-out", "CERTIFICATE", 820, 0o644}} {
		name := flagValue(words, f.flag)
		if name == "" {
			continue
		}
		text := "-----BEGIN " + f.label + "-----\n"
		body := base64.StdEncoding.EncodeToString(p.random(f.size))
		for len(body) > 64 {
			text += body[:64] + "\n"
			body = body[64:]
		}
		text += body + "\n-----END " + f.label + "-----\n"
		if st := p.write(ctx, name, text, f.perm); st != 0 {
			status = st
			continue
		}
		p.madeUp("openssl", name, int64(len(text)))
	}
	return status
}

// cmdSSHKeygen writes made-up keys: -f FILE, or those of the host with -A.
func cmdSSHKeygen(ctx context.Context, p *Process) int {
	words := p.Args[1:]
	var files []string
	switch {
	case slices.Contains(words, "-A"):
		for _, kind := range []string{"rsa", "ecdsa", "ed25519"} {
			files = append(files, "/etc/ssh/ssh_host_"+kind+"_key")
		}
		p.outf("ssh-keygen: generating new host keys: RSA ECDSA ED25519 \n")
	default:
		files = append(files, orName(flagValue(words, "-f"), p.env("HOME")+"/.ssh/id_ed25519"))
	}
	for _, name := range files {
		if p.exists(name) {
			continue
		}
		key := base64.StdEncoding.EncodeToString(p.random(300))
		if status := p.write(ctx, name, fmt.Sprintf("-----BEGIN OPENSSH PRIVATE KEY-----\n%s\n-----END OPENSSH PRIVATE KEY-----\n", key), 0o600); status != 0 {
			return status
		}
		p.write(ctx, name+".pub", "ssh-ed25519 "+key[:68]+" root@"+p.hostname()+"\n", 0o644)
		p.madeUp("ssh-keygen", name, int64(len(key)+70))
	}
	return 0
}
