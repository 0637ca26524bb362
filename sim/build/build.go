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
	"context"
	"time"

	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/overlay"
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
	Epoch            *time.Time // SOURCE_DATE_EPOCH; also taken from BuildArgs
	RewriteTimestamp bool       // clamp the layers' mtimes to Epoch too
	UntilLine        int        // stop after the step that holds this line; 0 builds all
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
}

// A Builder builds images; it holds the cache.
type Builder struct {
	Images Images
	Cache  *Cache
	Now    func() time.Time
	Sleep  func(ctx context.Context, d time.Duration) error
	Pause  func(ctx context.Context) error
	Lacks  func(program string) // told when a RUN calls a program that the simulator does not have
	NewRef func() string        // ids for messages that hold BuildKit's refs: 25 characters
}

// A Result is an image that was built.
type Result struct {
	Image     *image.Image
	Layers    []*store.Held // from the lowest, those of the base included
	Decisions []Decision    // in the order in which they were made
	Warnings  int
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
}

// Build builds. contextDir is the view of the machine that holds the context
// and dir the context's path in it. What happens is told to sink as it happens.
// The error is an *Error for everything that the Dockerfile or the context is
// to blame for.
func (b *Builder) Build(ctx context.Context, contextDir *overlay.View, dir string, o Options, sink func(Event)) (*Result, error) {
	panic("stub")
}
