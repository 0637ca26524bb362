package engine

import (
	"context"
	"path"
	"slices"

	"github.com/layerlab/layerlab/sim/build"
	"github.com/layerlab/layerlab/sim/overlay"
)

// PreviewText is Preview of a Dockerfile that is still being written: as if text
// stood in the file o.Dockerfile of the context already. A COPY that takes the
// Dockerfile along is foreseen with it. Nothing is written, and no id is used up.
func (e *Engine) PreviewText(ctx context.Context, dir, text string, o build.Options) (*build.Preview, error) {
	name := o.Dockerfile
	if name == "" {
		name = "Dockerfile"
	}
	host := e.host.Snapshot(overlay.Options{Now: e.treeNow}).Root()
	at := path.Join(dir, name)
	if was, err := host.ReadFile(at); err != nil || string(was) != text {
		if err := host.WriteFile(at, []byte(text), 0o644); err != nil {
			return nil, err
		}
		if err := host.Chmod(at, 0o644); err != nil {
			return nil, err
		}
	}
	b := e.builder()
	b.NewRef, b.Lacks = nil, nil
	return b.Preview(ctx, host, dir, o)
}

// LastBuild is how the steps of the last build were decided, of one that failed
// as well; nil before the first.
func (e *Engine) LastBuild() []build.Decision { return slices.Clone(e.decided) }

// Compare is CompareImages for images that need not be in the store any more.
func (e *Engine) Compare(a, b build.Side) *build.Comparison { return e.cache.Compare(a, b) }
