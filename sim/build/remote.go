package build

import (
	"errors"

	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// openContext unpacks a context that was sent as one archive. BuildKit takes it as
// a download: the progress shows that, and nothing of the Dockerfile and the files
// that are read from it.
func (r *run) openContext() error {
	v := r.begin("[internal] load remote build context", 0, 0)
	v.done(nil)
	v = r.begin("copy /context /", 0, 0)
	codec, ok, err := archiveCodec(r.o.Context)
	if err == nil && !ok {
		err = errors.New("the context is not a tar archive")
	}
	if err == nil {
		m := overlay.New(nil, tree.New(r.clock()), overlay.Options{Now: r.clock})
		r.source = &contextSource{view: m.Root(), dir: "/", host: r.source.view}
		err = (&unpacker{dst: m.Root(), at: "/", pause: r.pause}).unpack(r.o.Context, codec)
	}
	v.done(err)
	return err
}

// remote reports whether the context was sent as one archive.
func (r *run) remote() bool { return r.o.Context != nil }
