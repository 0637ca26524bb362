package image

import (
	"errors"
	"fmt"

	"github.com/opencontainers/go-digest"
)

// DescriptorOf is the descriptor of a document's bytes.
func DescriptorOf(mediaType string, raw []byte) Descriptor {
	return Descriptor{MediaType: mediaType, Digest: digest.FromBytes(raw), Size: int64(len(raw))}
}

// Validate checks what the specification demands of an image and what its parts
// say of each other: digests of both documents, sizes first (image-spec
// descriptor.md), one layer for each DiffID. It does not read layers, and leaves
// the history alone, which engines do not check: see Rows. The error joins all
// that is wrong.
func Validate(im *Image) error {
	var errs []error
	fail := func(format string, a ...any) { errs = append(errs, fmt.Errorf(format, a...)) }
	if got := digest.FromBytes(im.ManifestRaw); got != im.Digest {
		fail("manifest digest does not match: expected %s, got %s", im.Digest, got)
	}
	want := im.Manifest.Config
	switch got := digest.FromBytes(im.ConfigRaw); {
	case int64(len(im.ConfigRaw)) != want.Size:
		fail("config size does not match: expected %d bytes, got %d", want.Size, len(im.ConfigRaw))
	case got != want.Digest:
		fail("config digest does not match: expected %s, got %s", want.Digest, got)
	}
	if v := im.Manifest.SchemaVersion; v != 2 {
		fail("manifest has schemaVersion %d, expected 2", v)
	}
	if t := im.Config.RootFS.Type; t != "layers" {
		fail(`config has rootfs type %q, expected "layers"`, t)
	}
	if m, d := len(im.Manifest.Layers), len(im.DiffIDs()); m != d {
		fail("manifest has %s, config has %s", count(m, "layer"), count(d, "DiffID"))
	}
	for i, l := range im.Manifest.Layers {
		if err := l.Digest.Validate(); err != nil {
			fail("layer %d: digest %q: %w", i+1, l.Digest, err)
		}
	}
	for i, d := range im.DiffIDs() {
		if err := d.Validate(); err != nil {
			fail("layer %d: DiffID %q: %w", i+1, d, err)
		}
	}
	return errors.Join(errs...)
}
