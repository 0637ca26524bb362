package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

func init() { more["distroless"] = distroless }

// plainDebs is the files of packages as they lie in their archives, without
// documents, and without a database of dpkg.
func plainDebs(debs string, names ...string) ([]item, error) {
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
		out = append(out, items...)
		out = append(out, item{path: "/var/lib/dpkg/status.d/" + n, size: 800}, item{path: "/usr/share/doc/" + n + "/copyright", size: 3500})
	}
	return out, nil
}

// distrolessRoot is what all of the images have: users, places, certificates.
func distrolessRoot() string {
	var l listing
	l.pkg("", epoch)
	for _, d := range []struct {
		name string
		mode uint32
		id   int
	}{{"/etc", 0o755, 0}, {"/etc/ssl", 0o755, 0}, {"/etc/ssl/certs", 0o755, 0}, {"/root", 0o700, 0}, {"/home", 0o755, 0}, {"/home/nonroot", 0o700, 65532}, {"/tmp", 0o1777, 0}, {"/usr", 0o755, 0}, {"/usr/lib", 0o755, 0}} {
		l.mkdir(d.name, d.mode, d.id, d.id)
	}
	l.text("/etc/passwd", "root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n", 0o644, 0, 0)
	l.text("/etc/group", "root:x:0:\nnobody:x:65534:\ntty:x:5:\nstaff:x:50:\nnonroot:x:65532:\n", 0o644, 0, 0)
	l.text("/etc/nsswitch.conf", "# /etc/nsswitch.conf\n\npasswd:         compat\ngroup:          compat\nshadow:         compat\n\nhosts:          files dns\n", 0o644, 0, 0)
	l.text("/usr/lib/os-release", "PRETTY_NAME=\"Distroless\"\nNAME=\"Debian GNU/Linux\"\nID=\"debian\"\nVERSION_ID=\"12\"\nVERSION=\"Debian GNU/Linux 12 (bookworm)\"\nHOME_URL=\"https://github.com/GoogleContainerTools/distroless\"\n", 0o644, 0, 0)
	l.file("/etc/ssl/certs/ca-certificates.crt", 214_222, 0o644, 0, 0)
	return l.b.String()
}

// distroless makes the images without a shell: static, base, cc, Node.js, Python.
func distroless(debs string) error {
	const repo = "gcr.io/distroless/"
	from, below := "", ""
	for _, v := range []struct {
		name, from string
		packages   []string
		own        []item
		entry      []string
	}{
		{"static-debian12", "", []string{"netbase", "tzdata", "media-types"}, nil, nil},
		{"base-debian12", "static-debian12", []string{"libc6", "libssl3"}, nil, nil},
		{"cc-debian12", "base-debian12", []string{"libgcc-s1", "libstdc++6", "libgomp1"}, nil, nil},
		{"nodejs20-debian12", "cc-debian12", nil, []item{{path: "/nodejs/bin/node", size: 99_400_000, exec: true}, {path: "/nodejs/LICENSE", size: 150_000}}, []string{"/nodejs/bin/node"}},
		{"nodejs22-debian12", "cc-debian12", nil, []item{{path: "/nodejs/bin/node", size: 119_500_000, exec: true}, {path: "/nodejs/LICENSE", size: 150_000}}, []string{"/nodejs/bin/node"}},
		{"python3-debian12", "cc-debian12", []string{"zlib1g", "libexpat1", "libffi8", "libbz2-1.0", "liblzma5", "libsqlite3-0", "libuuid1", "libncursesw6", "libtinfo6", "libreadline8", "libpython3.11-minimal", "libpython3.11-stdlib", "python3.11-minimal"},
			[]item{{path: "/usr/bin/python3", target: "python3.11"}, {path: "/usr/bin/python", target: "python3.11"}}, []string{"/usr/bin/python3.11"}},
	} {
		items, err := plainDebs(debs, v.packages...)
		if err != nil {
			return err
		}
		list := filesOf(append(items, v.own...))
		c := baseConfig()
		c.Config.Env = append(c.Config.Env, "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt")
		c.Config.User, c.Config.WorkingDir = "0", "/"
		from, below = "", ""
		if v.from == "" {
			list = distrolessRoot() + list
		} else {
			from, below = repo+v.from+":latest", distrolessFile(v.from, "")
			if c, err = onto(below); err != nil {
				return err
			}
		}
		c.History = append(slices.Clone(c.History), historyRow{Created: c.Created, CreatedBy: "bazel build //" + strings.TrimSuffix(v.name, "-debian12")})
		c.Config.Entrypoint = v.entry
		s := stack{name: repo + v.name + ":latest", file: distrolessFile(v.name, ""), from: from, config: c, layers: []stackLayer{{list: list}},
			about: aboutModel(repo+v.name, "the files of Debian's packages and no package manager; the certificates are one file.")}
		if err := distrolessVariants(s, v.name); err != nil {
			return err
		}
	}
	return nil
}

func distrolessFile(name, tag string) string {
	return "distroless-" + strings.TrimSuffix(name, "-debian12") + tag + ".zst"
}

// distrolessVariants writes the image, and that with another user.
func distrolessVariants(s stack, name string) error {
	if err := s.write(); err != nil {
		return err
	}
	s.layers = []stackLayer{{like: s.file, list: emptyList}}
	c := s.config
	c.Config.User, c.Config.WorkingDir = "65532", "/home/nonroot"
	s.name, s.file, s.config = strings.TrimSuffix(s.name, "latest")+"nonroot", distrolessFile(name, "-nonroot"), c
	s.about = strings.Replace(s.about, " (linux", ":nonroot (linux", 1)
	return s.write()
}
