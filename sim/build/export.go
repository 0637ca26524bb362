package build

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/store"
	"github.com/layerlab/layerlab/sim/tree"
)

// rewrittenMark is the annotation of a layer whose times were clamped.
const rewrittenMark = "buildkit/rewritten-timestamp"

// export makes of what was built what was asked for.
func (r *run) export() (*Result, error) {
	r.mountBase(r.target.node)
	res := &result{}
	if n := r.target.node.real(); n != nil {
		res = n.res
	}
	out := &Result{Decisions: r.out, Warnings: r.file.Warnings, Mount: readOnly(res.lowers())}
	outputs := r.o.Outputs
	if len(outputs) == 0 {
		outputs = []Output{OutputImage}
	}
	for _, as := range outputs {
		var err error
		if as == OutputFiles || as == OutputTar {
			err = r.exportFiles(as, res)
		} else {
			err = r.exportImage(as, res, out)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// exportImage makes the image of what was built.
func (r *run) exportImage(as Output, res *result, out *Result) error {
	v := r.begin(as.exporting(), 0, 0)
	held, marks, err := r.exportLayers(v, res)
	if err != nil {
		v.done(err)
		return err
	}
	cfg := r.exportConfig(res, held)
	var descs []image.Descriptor
	for i, h := range held {
		d := image.Descriptor{MediaType: ociType(h.MediaType), Digest: h.Digest, Size: h.Size}
		if marks[i] {
			d.Annotations = map[string]string{rewrittenMark: strconv.FormatInt(r.epoch.Unix(), 10)}
		}
		descs = append(descs, d)
	}
	im, err := image.New(cfg, descs)
	if err != nil {
		v.done(err)
		return err
	}
	v.status("exporting manifest "+im.Digest.String(), 0)
	v.status("exporting config "+im.ConfigDigest.String(), 0)
	if as == OutputImage {
		r.tellNames(v, im, len(held) > 0 && !r.o.Packed)
	} else {
		v.status("sending tarball", 0)
	}
	v.done(nil)
	r.trace(im)
	out.Image, out.Layers = im, held
	var trees []*tree.Tree
	for _, h := range held {
		trees = append(trees, h.Layer.Tree)
	}
	out.Mount = readOnly(trees)
	return nil
}

// tellNames shows the names that an image gets in the engine's store.
func (r *run) tellNames(v *vertex, im *image.Image, unpack bool) {
	names := r.o.Tags
	if len(names) == 0 {
		names = []string{"moby-dangling@" + im.Digest.String()}
	}
	for _, name := range names {
		v.status("naming to "+name, 0)
		if unpack {
			v.status("unpacking to "+name, 0)
		}
	}
}

// exportLayers is the layers as blobs. With rewrite-timestamp those that the base
// image does not have are written anew, with no time later than the epoch.
func (r *run) exportLayers(v *vertex, res *result) (held []*store.Held, rewritten []bool, err error) {
	start := r.b.Now()
	made := false
	held = slices.Clone(res.held)
	rewritten = make([]bool, len(held))
	for _, h := range held {
		fresh, err := r.blob(h)
		if err != nil {
			return nil, nil, err
		}
		made = made || fresh
	}
	if made {
		if err := r.spend(60 * time.Millisecond); err != nil {
			return nil, nil, err
		}
	}
	v.status("exporting layers", r.b.Now().Sub(start))
	if r.epoch == nil || !r.o.RewriteTimestamp {
		return held, rewritten, nil
	}
	for i := range held {
		if res.created[i] == nil {
			continue // the base image's
		}
		if held[i], err = r.clamped(held[i]); err != nil {
			return nil, nil, err
		}
		rewritten[i] = true
	}
	v.status(fmt.Sprintf("rewriting layers with source-date-epoch %d (%s)", r.epoch.Unix(), r.epoch.String()), 0)
	return held, rewritten, nil
}

// blob compresses a layer, if that was not done yet. Only the digest and the
// size are kept: the bytes are made again when they are read.
func (r *run) blob(h *store.Held) (fresh bool, err error) {
	if h.Digest != "" {
		return false, nil
	}
	body, d, err := layer.GzipBlob(r.ctx, h.Layer.Tar(), r.b.Pause)
	if err != nil {
		return false, fmt.Errorf("compressing layer %s: %w", h.DiffID, err)
	}
	h.Blob, h.Digest, h.Size = body, d, body.Size()
	return true, nil
}

// clamped is a layer with its times clamped to the epoch.
func (r *run) clamped(h *store.Held) (*store.Held, error) {
	key := fmt.Sprintf("%s %d", h.DiffID, r.epoch.Unix())
	if out, ok := r.b.Cache.rewritten.Get(key); ok {
		return out, nil
	}
	l, err := layer.New(r.ctx, h.Layer.Tree, layer.WriteOptions{Epoch: r.epoch, Pause: r.b.Pause})
	if err != nil {
		return nil, err
	}
	out := &store.Held{Layer: l, DiffID: l.DiffID, MediaType: h.MediaType}
	if _, err := r.blob(out); err != nil {
		return nil, err
	}
	r.b.Cache.rewritten.Set(key, out)
	return out, nil
}

// ociType is a layer's media type as an OCI manifest has it.
func ociType(t string) string {
	switch t {
	case image.MediaTypeDockerLayer:
		return ocispec.MediaTypeImageLayer
	case image.MediaTypeDockerLayerGzip:
		return ocispec.MediaTypeImageLayerGzip
	case image.MediaTypeDockerLayerZstd:
		return ocispec.MediaTypeImageLayerZstd
	}
	return t
}

// exportConfig is the configuration with its layers and a history in which every
// row has a time.
func (r *run) exportConfig(res *result, held []*store.Held) image.Config {
	cfg := cloneConfig(r.target.img)
	cfg.RootFS.Type = "layers"
	cfg.RootFS.DiffIDs = nil
	for _, h := range held {
		cfg.RootFS.DiffIDs = append(cfg.RootFS.DiffIDs, digest.Digest(h.DiffID))
	}
	cfg.Created = nil
	cfg.History = r.datedHistory(cfg.History, res)
	return cfg
}

// datedHistory fills in when each row was made: a layer's row when the layer was;
// a row of the configuration has the time of the layer before it, the first new
// ones that of the first new layer (BuildKit's normalizeLayersAndHistory).
func (r *run) datedHistory(rows []ocispec.History, res *result) []ocispec.History {
	rows = slices.Clone(rows)
	count := 0
	for i := range rows {
		if !rows[i].EmptyLayer {
			count++
			if count > len(res.held) {
				rows[i].EmptyLayer = true // the base's history claims more layers than there are
			}
		}
	}
	for i := count; i < len(res.held); i++ {
		rows = append(rows, ocispec.History{Created: res.created[i], CreatedBy: "created by buildkit", Comment: "buildkit.exporter.image.v0"})
	}
	at := 0
	for i := range rows {
		if rows[i].EmptyLayer {
			continue
		}
		if rows[i].Created == nil && at < len(res.created) {
			rows[i].Created = res.created[at]
		}
		at++
	}
	var created *time.Time
	gap := false
	for _, h := range rows {
		if h.Created != nil {
			created = h.Created
			if gap {
				break
			}
		} else {
			gap = true
		}
	}
	gap = false
	for i, h := range rows {
		if h.Created == nil {
			gap = true
			rows[i].Created = created
		} else if gap {
			created = h.Created
		}
	}
	r.clampHistory(rows)
	return rows
}

// clampHistory makes no new row later than the epoch.
func (r *run) clampHistory(rows []ocispec.History) {
	if r.epoch == nil {
		return
	}
	first := 0
	if r.target.resolved != nil {
		first = len(r.target.resolved.Image.Config.History)
	}
	for i := first; i < len(rows); i++ {
		if rows[i].Created == nil || rows[i].Created.After(*r.epoch) {
			rows[i].Created = r.epoch
		}
	}
}

// trace keeps how the steps of an image were decided, for comparing it later.
// What a reused step depended on is held by its record anyway.
func (r *run) trace(im *image.Image) {
	chain := map[int]bool{}
	for st := r.target; st != nil; st = st.base {
		chain[st.index] = true
	}
	var out []Decision
	for _, d := range r.out {
		if !chain[d.Stage] || d.Row < 0 {
			continue
		}
		if rec, ok := r.b.Cache.records.Get(d.Key); ok {
			d.in = rec.in
		}
		d.was = nil
		out = append(out, d)
	}
	r.b.Cache.traces.Set(im.Digest.String(), out)
}
