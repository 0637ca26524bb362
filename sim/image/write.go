package image

import (
	"encoding/json"
	"errors"
	"fmt"

	specs "github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// New is the image of a config and its layers, with the bytes that BuildKit's
// exporter writes for them (buildkit exporter/containerimage/writer.go): the
// config is compact, its outermost fields in alphabetical order and what is in
// them in the order of the specification; the manifest is indented by two
// spaces. cfg.RootFS.DiffIDs has one entry for each layer; a missing creation time
// is that of the last step that has one.
func New(cfg Config, layers []Descriptor) (*Image, error) {
	if len(cfg.RootFS.DiffIDs) != len(layers) {
		return nil, fmt.Errorf("writing image: %d layers for %d DiffIDs", len(layers), len(cfg.RootFS.DiffIDs))
	}
	configRaw, err := marshalConfig(cfg)
	if err != nil {
		return nil, fmt.Errorf("writing image config: %w", err)
	}
	return Assemble(configRaw, layers)
}

// Assemble is the image of a config's bytes and its layers, with the manifest
// that BuildKit's exporter writes for them.
func Assemble(configRaw []byte, layers []Descriptor) (*Image, error) {
	m := ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2},
		MediaType: ocispec.MediaTypeImageManifest,
		Config:    DescriptorOf(ocispec.MediaTypeImageConfig, configRaw),
		Layers:    layers,
	}
	manifestRaw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing image manifest: %w", err)
	}
	return Parse(manifestRaw, configRaw)
}

func marshalConfig(cfg Config) ([]byte, error) {
	if cfg.OS == "" || cfg.Architecture == "" {
		return nil, errors.New("it names no operating system or no architecture")
	}
	raw, err := json.Marshal(cfg)
	if err != nil {
		return nil, err
	}
	// A map is written with its keys in order: that is how BuildKit's bytes come
	// to be.
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, err
	}
	rootfs := cfg.RootFS
	rootfs.Type = "layers"
	if fields["rootfs"], err = json.Marshal(rootfs); err != nil {
		return nil, err
	}
	if fields["history"], err = json.Marshal(cfg.History); err != nil {
		return nil, err
	}
	if _, ok := fields["created"]; !ok {
		last := cfg.Created
		for _, h := range cfg.History {
			if h.Created != nil {
				last = h.Created
			}
		}
		if fields["created"], err = json.Marshal(last); err != nil {
			return nil, err
		}
	}
	return json.Marshal(fields)
}
