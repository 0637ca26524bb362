package catalog

import (
	_ "embed"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/image"
)

//go:embed busybox-1.36.txt
var busyboxListing string

// busybox models busybox:1.36: one static program, under one name for each command
// that it can be.
var busybox = model{
	listing:     busyboxListing,
	description: "A model of busybox:1.36 (linux/amd64), made by Layer Lab: names, modes, owners, sizes and text files are real, the bytes of /bin/busybox are not.",
	config:      busyboxConfig,
	annotations: map[string]string{"buildkit/rewritten-timestamp": "1700000000"},
	blob:        "sha256:70f108b2c729d8777ce1e6f371b8e723ef34c7ac0560b03163333e7b9e7312b7",
	size:        1_068_821,
}

func busyboxConfig() image.Config {
	const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	at := made.Time()
	row := func(by string, empty bool) ocispec.History {
		created := at
		return ocispec.History{Created: &created, CreatedBy: by, Comment: "buildkit.dockerfile.v0", EmptyLayer: empty}
	}
	var c image.Config
	c.Created = &at
	c.Architecture, c.OS = "amd64", "linux"
	c.Config.Env = []string{path}
	c.Config.Cmd = []string{"sh"}
	c.Config.WorkingDir = "/"
	//lint:ignore SA1019 BuildKit writes it
	c.Config.ArgsEscaped = true
	c.RootFS = ocispec.RootFS{Type: "layers", DiffIDs: []digest.Digest{}}
	c.History = []ocispec.History{
		row("ADD rootfs.tar / # buildkit", false),
		row("ENV "+path, true),
		row(`CMD ["sh"]`, true),
	}
	return c
}
