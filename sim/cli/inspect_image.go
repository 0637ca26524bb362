package cli

import (
	"bytes"
	"encoding/json"
	"maps"
	"strings"
	"time"

	"github.com/distribution/reference"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/engine"
	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/store"
)

// imageInfo is what `docker image inspect` shows, its fields in Docker's order
// (API 1.52 and later).
type imageInfo struct {
	ID           string `json:"Id"`
	RepoTags     []string
	RepoDigests  []string
	Comment      string                           `json:",omitempty"`
	Created      string                           `json:",omitempty"`
	Author       string                           `json:",omitempty"`
	Config       *dockerspec.DockerOCIImageConfig `json:",omitempty"`
	Architecture string
	Variant      string `json:",omitempty"`
	Os           string
	OsVersion    string `json:",omitempty"`
	Size         int64
	GraphDriver  *graphDriver `json:",omitempty"`
	RootFS       struct {
		Type   string
		Layers []string `json:",omitempty"`
	}
	Metadata   struct{ LastTagTime string }
	Descriptor *image.Descriptor `json:",omitempty"`
	Identity   *identity         `json:",omitempty"`
}

type identity struct {
	Pull  []pullIdentity  `json:",omitempty"`
	Build []buildIdentity `json:",omitempty"`
}

type pullIdentity struct{ Repository string }

type buildIdentity struct {
	Ref       string
	CreatedAt string
}

// withParent is an image that was committed: Docker adds its parent by way of a
// map, so that the keys come in order.
type withParent struct {
	imageInfo
	parent string
}

// MarshalJSON writes the image with its parent, keys in order.
func (w withParent) MarshalJSON() ([]byte, error) {
	raw, err := json.Marshal(w.imageInfo)
	if err != nil {
		return nil, err
	}
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, err
	}
	m["Parent"] = w.parent
	return marshal(m)
}

func (c *call) imageInfo(im *store.Image) any {
	out := imageInfo{
		ID: im.ID.String(), RepoTags: []string{}, RepoDigests: []string{}, Author: im.Config.Author,
		Config: &im.Config.Config, Architecture: im.Config.Architecture, Variant: im.Config.Variant, Os: im.Config.OS,
		OsVersion: im.Config.OSVersion, Size: c.e.Store().Usage(im.ID).Disk,
	}
	if n := len(im.Config.History); n > 0 {
		out.Comment = im.Config.History[n-1].Comment
	}
	if im.Config.Created != nil {
		out.Created = im.Config.Created.UTC().Format(time.RFC3339Nano)
	}
	out.RootFS.Type = im.Config.RootFS.Type
	for _, d := range im.DiffIDs() {
		out.RootFS.Layers = append(out.RootFS.Layers, d.String())
	}
	seen := map[string]bool{}
	pull := &identity{}
	for _, n := range c.e.Store().Names(im.ID) {
		out.RepoTags = append(out.RepoTags, reference.FamiliarString(n))
		if repo := reference.FamiliarName(n); !seen[repo] {
			seen[repo] = true
			out.RepoDigests = append(out.RepoDigests, repo+"@"+im.ID.String())
			pull.Pull = append(pull.Pull, pullIdentity{n.Name()})
		}
	}
	out.Metadata.LastTagTime = im.Added.UTC().Format(time.RFC3339Nano)
	d := descriptorOf(im)
	out.Descriptor = &d
	if b, ok := c.e.Built(im.ID); ok {
		out.Identity = &identity{Build: []buildIdentity{{b.Ref, b.At.UTC().Format(time.RFC3339Nano)}}}
	} else if c.e.BuiltUpon(im.ID) && len(pull.Pull) > 0 { // docker load does not say where an image is from
		out.Identity = &identity{Pull: pull.Pull[:1]}
	}
	if im.Parent != "" {
		return withParent{out, im.Parent.String()}
	}
	return out
}

// descriptorOf is the descriptor of what an image's names point to.
func descriptorOf(im *store.Image) image.Descriptor {
	d := image.DescriptorOf(im.Manifest.MediaType, im.ManifestRaw)
	if im.Index != nil {
		d = image.DescriptorOf(im.Index.MediaType, im.Index.Raw)
	}
	d.Annotations = im.Annotations
	if about := im.Manifest.Annotations[ocispec.AnnotationDescription]; strings.HasPrefix(about, "A model of ") {
		d.Annotations = maps.Clone(d.Annotations) // the lab's own: a model says that it is one
		if d.Annotations == nil {
			d.Annotations = map[string]string{}
		}
		d.Annotations[ocispec.AnnotationDescription] = about
	}
	return d
}

// InspectImage is what `docker image inspect` prints of one image.
func InspectImage(e *engine.Engine, im *store.Image) (string, error) {
	raw, err := marshal((&call{e: e}).imageInfo(im))
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	err = json.Indent(&b, append(append([]byte{'['}, bytes.TrimSpace(raw)...), ']'), "", "    ")
	return b.String() + "\n", err
}
