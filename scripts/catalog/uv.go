package main

func init() { more["uv"] = uv }

// uv makes the image that the documentation of uv copies its program from.
func uv(string) error {
	c := baseConfig(row("COPY /target/release/uv /target/release/uvx / # buildkit", false), row("WORKDIR /io", true), row(`ENTRYPOINT ["/uv"]`, true))
	c.Config.WorkingDir, c.Config.Entrypoint = "/io", []string{"/uv"}
	list := filesOf([]item{{path: "/uv", size: 46_500_000, exec: true}, {path: "/uvx", size: 361_000, exec: true}})
	s := stack{
		name: "ghcr.io/astral-sh/uv:latest", file: "uv.zst", config: c, layers: []stackLayer{{list: list}},
		about: aboutModel("ghcr.io/astral-sh/uv", "two programs of the real ones' size."),
	}
	return s.write()
}
