package main

import "fmt"

func init() { more["buildpack"] = buildpack }

// buildpack makes buildpack-deps, on which the full images of languages stand: curl,
// then version control, then compilers and libraries to build against.
func buildpack(debs string) error {
	from, below := "debian:bookworm", "debian-bookworm.zst"
	for _, v := range []struct{ tag, layer string }{{"bookworm-curl", "curl"}, {"bookworm-scm", "scm"}, {"bookworm", "full"}} {
		c, err := onto(below)
		if err != nil {
			return err
		}
		list, err := aptLayer(debs, v.layer, false)
		if err != nil {
			return err
		}
		c.History = append(c.History, aptRow(v.layer))
		s := stack{
			name: "buildpack-deps:" + v.tag, file: "buildpack-" + v.layer + ".zst", from: from, config: c, layers: []stackLayer{{list: list}},
			about: aboutModel("buildpack-deps:"+v.tag, "names, modes, owners and sizes are those of Debian's packages."),
		}
		if err := s.write(); err != nil {
			return err
		}
		from, below = s.name, s.file
	}
	return nil
}

// aptRow is the row of history of a layer of packages: those that were asked for.
func aptRow(layer string) (h historyRow) {
	names, auto, err := imagePackages(layer)
	by := "RUN /bin/sh -c set -eux; \tapt-get update; \tapt-get install -y --no-install-recommends"
	for _, n := range names {
		if err == nil && !auto[n] {
			by += fmt.Sprintf(" \t\t%s", n)
		}
	}
	return row(by+" \t; \trm -rf /var/lib/apt/lists/* # buildkit", false)
}
