// Package build makes images from Dockerfiles: it runs the steps, keeps the
// build cache and says of every step why it was or was not reused.
//
// The words used here, BuildKit's:
//
//   - vertex: one unit of work that the progress shows (a step, "[internal] load
//     build context", "exporting to image");
//   - context: the directory whose files COPY and ADD may take;
//   - cache key: the digest of everything a step's result depends on;
//   - decision: whether a step was reused, with the reason.
package build

import (
	"bytes"
	"context"
	"errors"
	"path"
	"time"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/dockerfile"
	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/pkg"
	"github.com/layerlab/layerlab/sim/shell"
	"github.com/layerlab/layerlab/sim/store"
)

// Options say what to build and how, as the flags of `docker build` do.
type Options struct {
	Dockerfile       string             // path relative to the context, "" means "Dockerfile"
	Source           []byte             // the Dockerfile's text, if it does not come from the context (-f -)
	Target           string             // stage name or number, "" means the last
	Tags             []string           // normalised names with a tag: "docker.io/library/app:1"
	BuildArgs        map[string]*string // nil value: given without a value
	Labels           map[string]string
	NoCache          bool
	NoCacheFilter    []string                // names of stages whose steps are run anew
	Secrets          map[string][]byte       // by id, for RUN --mount=type=secret
	Epoch            *time.Time              // SOURCE_DATE_EPOCH; also taken from BuildArgs
	RewriteTimestamp bool                    // clamp the layers' mtimes to Epoch too
	Packed           bool                    // the image is stored and not unpacked; only the progress shows it
	UntilLine        int                     // stop after the step that holds this line; 0 builds all
	Outputs          []Output                // what is made of the result; none is an image
	Contexts         map[string]NamedContext // by ContextName, from --build-context
	Context          content.Body            // the context as one tar, maybe compressed; nil: the directory's files
}

// Images finds base images by name.
type Images interface {
	// Resolve gives the image of a name as written in FROM or --from, and its
	// layers from the lowest. An unknown name gives an error for which
	// errors.Is(err, fs.ErrNotExist) holds.
	Resolve(ctx context.Context, ref string) (*Base, error)
}

// A Base is an image to build on.
type Base struct {
	Name   string // normalised: "docker.io/library/busybox:1.36"
	Image  *image.Image
	Layers []*store.Held
	Note   string // what the lab says of it, or ""
}

// A Builder builds images; it holds the cache. Images and Now must be set; the
// others may be nil: then the cache starts empty, the clock does not move by
// itself and nothing is told.
type Builder struct {
	Images Images
	Cache  *Cache
	Now    func() time.Time
	Sleep  func(ctx context.Context, d time.Duration) error
	Pause  func(ctx context.Context) error
	Lacks  func(program string) // told when a RUN calls a program that the simulator does not have
	NewRef func() string        // ids for messages that hold BuildKit's refs: 25 characters; may be nil

	Packages *pkg.World // what the package managers of RUN reach; nil: nothing

	process func(context.Context, *shell.Process) (int, error) // nil: shell.Exec; another in tests
}

// A Result is an image that was built.
type Result struct {
	Image     *image.Image  // nil if no output is one
	Layers    []*store.Held // from the lowest, those of the base included
	Decisions []Decision    // in the order in which they were made
	Warnings  []dockerfile.Warning
	Mount     *overlay.Mount // the image's files
}

// A Decision says what became of one step.
type Decision struct {
	Stage         int
	Line, EndLine int
	Step          string // the vertex's name without its prefix: "RUN echo hi"
	Config        bool   // the step changes the configuration only
	Hit           bool   // its result was reused
	Reason        Reason
	Layer         *layer.Layer // nil if it makes none
	Size          int64        // Layer.DiskUsage
	Duration      time.Duration
	Created       time.Time // when its result was made
	Err           error
	Row           int    // the row of the image's history that it makes, -1 for none
	Key           string // the cache key in hex, "" for a step without one

	in, was *inputs // what it depends on, and depended on in the build before
}

// Build builds. contextDir is the view of the machine that holds the context
// and dir the context's path in it. What happens is told to sink as it happens.
// The error is an *Error for everything that the Dockerfile or the context is
// to blame for. A Builder runs one build at a time.
func (b *Builder) Build(ctx context.Context, contextDir *overlay.View, dir string, o Options, sink func(Event)) (*Result, error) {
	r := b.newRun(ctx, contextDir, dir, o, sink)
	if err := r.plan(); err != nil {
		return nil, err
	}
	if err := r.solve(); err != nil {
		return nil, r.blame(err)
	}
	res, err := r.export()
	if err != nil {
		return nil, r.blame(err)
	}
	return res, nil
}

func (b *Builder) newRun(ctx context.Context, contextDir *overlay.View, dir string, o Options, sink func(Event)) *run {
	if b.Cache == nil {
		b.Cache = NewCache()
	}
	r := &run{b: b, o: o, ctx: ctx, sink: sink, args: map[string]string{}, source: &contextSource{view: contextDir, dir: dir}}
	if r.o.Dockerfile == "" {
		r.o.Dockerfile = "Dockerfile"
	}
	for k, v := range o.BuildArgs {
		if v != nil {
			r.args[k] = *v
		}
	}
	return r
}

// plan reads the Dockerfile and makes the graph of it. The progress shows the
// linter's findings below the first vertex, so events are kept back meanwhile.
func (r *run) plan() (err error) {
	if r.remote() {
		if err := r.openContext(); err != nil {
			return r.blame(err)
		}
	}
	name := path.Base(r.o.Dockerfile)
	src, load, err := r.readDockerfile(name)
	if err != nil {
		return r.blame(err)
	}
	defer func() {
		r.hold = false
		if load != nil {
			if r.file != nil && !r.checking {
				for _, w := range r.file.Warnings {
					r.emit(VertexWarning{ID: load.id, Text: w.Short(), Line: w.Line})
				}
			}
			load.done(nil)
		}
		r.flush()
		if err != nil {
			err = r.blame(err)
		}
	}()
	r.hold = true
	if err = r.parse(src, name); err != nil {
		return err
	}
	for _, phase := range []func() error{r.makeGlobals, r.makeStages, r.resolve, r.loadIgnore, r.dispatch} {
		if err = phase(); err != nil {
			return err
		}
	}
	return nil
}

// readDockerfile reads the Dockerfile and its own .dockerignore. The vertex that
// shows it is not done yet, unless that failed; a context that was sent whole has
// none.
func (r *run) readDockerfile(name string) (src []byte, load *vertex, err error) {
	if !r.remote() {
		load = r.begin("[internal] load build definition from "+name, 0, 0)
	}
	src = r.o.Source
	if src == nil {
		src, err = r.source.readDockerfile(r.o.Dockerfile)
		if err == nil {
			r.ownIgnore, err = r.source.readOwnIgnore(r.o.Dockerfile)
		}
	}
	if load == nil {
		return src, nil, err
	}
	size := 2
	if err == nil {
		size = sentSize(name, len(src))
	}
	if r.ownIgnore != nil {
		size += 2 + sentSize(name+".dockerignore", len(r.ownIgnore))
	}
	load.status("transferring dockerfile: "+byteSize(int64(size)), 0)
	if err != nil {
		load.done(nil)
	}
	return src, load, err
}

// parse reads the Dockerfile. A build up to a line does not mind mistakes below
// that line.
func (r *run) parse(src []byte, name string) error {
	f, err := dockerfile.Parse(src, name)
	var e *dockerfile.Error
	if n := r.o.UntilLine; n > 0 && errors.As(err, &e) && e.Line > n {
		lines := bytes.SplitAfter(src, []byte("\n"))
		f, err = dockerfile.Parse(bytes.Join(lines[:min(n, len(lines))], nil), name)
	}
	r.file = f
	return err
}

// loadIgnore reads .dockerignore, unless the Dockerfile brings its own.
func (r *run) loadIgnore() error {
	if r.ownIgnore != nil {
		return r.source.ignore(r.ownIgnore)
	}
	if r.remote() {
		text, err := r.source.readIgnore()
		if err != nil {
			return err
		}
		return r.source.ignore(text)
	}
	v := r.begin("[internal] load .dockerignore", 0, 0)
	text, err := r.source.readIgnore()
	size := 2
	if text != nil {
		size = sentSize(".dockerignore", len(text))
	}
	v.status("transferring context: "+byteSize(int64(size)), 0)
	v.done(err)
	if err != nil {
		return err
	}
	return r.source.ignore(text)
}

// blame is an error of a build as an *Error, with the lines that it is about.
func (r *run) blame(err error) error {
	var done *Error
	if errors.As(err, &done) || r.ctx.Err() != nil {
		return err
	}
	var e *dockerfile.Error
	if !errors.As(err, &e) {
		f := r.file
		if f == nil {
			return &Error{Msg: err.Error(), Err: err}
		}
		e = f.Wrap(err)
	}
	return &Error{Line: e.Line, EndLine: e.EndLine, Msg: e.Msg, Excerpt: e.Excerpt, Err: err}
}
