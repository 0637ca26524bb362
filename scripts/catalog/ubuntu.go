package main

import "fmt"

func init() { more["ubuntu"] = ubuntu }

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
