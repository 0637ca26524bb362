package state

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/archive"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/engine"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/web/browser"
)

// openArchive gives a file to the learner's machine and reads it as an image
// archive, beside all else.
func (r *Runner) openArchive(e OpenArchive) {
	ctx, cancel := context.WithCancel(context.Background())
	r.mu.Lock()
	if r.opening == nil {
		r.opening = map[int]context.CancelFunc{}
	}
	r.opening[e.ID] = cancel
	r.mu.Unlock()
	r.later(func(context.Context) {
		r.given = append(r.given, e.File)
		if err := r.engine.Give(e.File.Name(), e.File); err != nil {
			r.dispatch(Failed{"Putting " + e.File.Name() + " into " + engine.Given, err.Error()})
		}
	})
	go func() {
		o := &opener{r: r, ctx: ctx, id: e.ID, file: e.File}
		defer func() {
			if p := recover(); p != nil {
				o.end(ArchiveEnded{Title: "A mistake in Layer Lab", Err: fmt.Sprintf("opening %s: %v", e.File.Name(), p)})
			}
		}()
		o.open()
	}()
}

// regive puts the files that the page was given into /mnt again, after the engine
// went to a moment at which they were not there yet.
func (r *Runner) regive() {
	for _, f := range r.given {
		_ = r.engine.Give(f.Name(), f) // it was possible before
	}
}

func (r *Runner) cancelArchive(id int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if cancel := r.opening[id]; cancel != nil {
		cancel()
		delete(r.opening, id)
	}
}

// An opener opens one archive.
type opener struct {
	r    *Runner
	ctx  context.Context
	id   int
	file browser.File
	a    *archive.Archive

	mu     sync.Mutex
	layers map[digest.Digest]*layer.Layer // whose digests are right, by DiffID
	parts  []*part
	done   []int64           // stored bytes that are read, by part
	last   time.Time         // when progress was told
	news   map[int]LayerRead // what is to be told, by part
	wrong  *engine.LoadError
}

func (o *opener) end(m ArchiveEnded) {
	m.ID = o.id
	o.r.cancelArchive(o.id)
	o.r.dispatch(m)
}

// open does all of it.
func (o *opener) open() {
	body, err := o.plain()
	if err == nil {
		o.a, err = archive.Open(o.ctx, body, archive.Options{Name: o.file.Name(), Pause: o.r.b.Pause})
	}
	if o.ctx.Err() != nil {
		return
	}
	if err != nil {
		o.end(ArchiveEnded{Title: "This is not an image that can be opened", Err: err.Error()})
		return
	}
	o.r.dispatch(ArchiveFound{o.id, o.a})
	o.readLayers()
	if o.ctx.Err() != nil {
		return
	}
	if o.wrong != nil {
		o.end(ArchiveEnded{Title: "The engine does not take " + o.file.Name(), Err: o.wrong.Error(), Open: true})
		return
	}
	o.r.dispatch(ArchiveLoading{o.id})
	o.r.later(o.load)
}

// plain is the file, inflated by a worker if it is compressed as a whole.
func (o *opener) plain() (content.Body, error) {
	head := make([]byte, 16)
	n, err := content.ReadAt(o.file, head, 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	c := layer.Detect(head[:n])
	if c != layer.Gzip && c != layer.Zstd {
		return o.file, nil
	}
	body, err := o.r.b.Inflate(o.ctx, o.file, c, func(done int64) {
		if o.now() {
			o.r.dispatch(ArchiveInflating{o.id, done})
		}
	})
	if err != nil { // it may still say what it seems to be
		return o.file, nil
	}
	return body, nil
}

// now reports whether enough time has passed to tell progress again.
func (o *opener) now() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if now := time.Now(); now.Sub(o.last) > 100*time.Millisecond {
		o.last = now
		return true
	}
	return false
}

// A part is one blob of the archive with the places that it has in images.
type part struct {
	archive.Blob
	at []LayerPlace
}

// blobs is the blobs of all images, each once.
func (o *opener) blobs() []*part {
	var out []*part
	for i, im := range o.a.Images {
		for n, b := range im.Layers {
			at := LayerPlace{i, n}
			k := slices.IndexFunc(out, func(p *part) bool { return p.Entry == b.Entry && p.DiffID == b.DiffID && p.Digest == b.Digest })
			if k < 0 {
				out = append(out, &part{b, []LayerPlace{at}})
			} else {
				out[k].at = append(out[k].at, at)
			}
		}
	}
	return out
}

// readLayers has all layers indexed and their digests checked, by the workers as
// far as there are some.
func (o *opener) readLayers() {
	o.parts = o.blobs()
	o.layers, o.done = map[digest.Digest]*layer.Layer{}, make([]int64, len(o.parts))
	var wg sync.WaitGroup
	// Many at once: the workers index all before they hash the first.
	seats := make(chan struct{}, 64)
	for i, p := range o.parts {
		if p.Stored == nil {
			o.fault(p, fmt.Errorf("it is not there: %s", p.Missing))
			continue
		}
		seats <- struct{}{}
		wg.Go(func() {
			defer func() { <-seats }()
			o.readLayer(i, p)
		})
	}
	wg.Wait()
	o.flush(true)
}

// tell has the page know how far a part is, together with what else happens in
// the next moments: 300 layers are not 300 pictures.
func (o *opener) tell(i int, l *layer.Layer, g Progress) {
	p := o.parts[i]
	g.Total = p.StoredSize
	o.mu.Lock()
	o.done[i] = g.Done
	if o.news == nil {
		o.news = map[int]LayerRead{}
	}
	o.news[i] = LayerRead{At: p.at, Layer: l, Progress: g}
	o.mu.Unlock()
	o.flush(false)
}

// flush tells the news, if the last were not told just now.
func (o *opener) flush(always bool) {
	if !o.now() && !always {
		return
	}
	o.mu.Lock()
	m := LayersRead{ID: o.id}
	for i, n := range o.done {
		m.Done += n * int64(len(o.parts[i].at))
	}
	for _, r := range o.news {
		m.Layers = append(m.Layers, r)
	}
	o.news = nil
	o.mu.Unlock()
	if len(m.Layers) > 0 && o.ctx.Err() == nil {
		o.r.dispatch(m)
	}
}

// fault notes the first thing that is wrong, by the order of the layers.
func (o *opener) fault(p *part, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	im := o.a.Images[p.at[0].Image]
	name := "image " + im.Image.Digest.String()
	if len(im.Names) > 0 {
		name = fmt.Sprintf("image %q", im.Names[0])
	}
	e := &engine.LoadError{Image: name, Layer: p.at[0].Layer + 1, Of: len(im.Layers), Entry: p.Entry, Err: err}
	if o.wrong == nil || o.wrong.Image == e.Image && e.Layer < o.wrong.Layer {
		o.wrong = e
	}
}

// unreadable tells of stored bytes that are no layer. That they were changed says
// more than what they seem to be now.
func (o *opener) unreadable(p *part, tell func(*layer.Layer, Progress)) {
	d, err := o.r.b.Digest(o.ctx, p.Stored, nil)
	switch {
	case o.ctx.Err() != nil:
	case err == nil && p.Digest != "" && d != p.Digest:
		o.fault(p, &archive.Mismatch{What: "blob digest", Expected: p.Digest, Got: d})
		tell(nil, Progress{State: Mismatch, Done: p.StoredSize, What: "blob digest", Expected: p.Digest.String(), Got: d.String()})
	default:
		o.fault(p, errors.New(p.Missing))
		tell(nil, Progress{State: Broken, Done: p.StoredSize, Err: p.Missing})
	}
}

func (o *opener) readLayer(i int, p *part) {
	var index *layer.Layer
	tell := func(l *layer.Layer, g Progress) { o.tell(i, l, g) }
	if p.Missing != "" {
		o.unreadable(p, tell)
		return
	}
	var read int64
	got, err := o.r.b.Index(o.ctx, browser.Job{
		Stored: p.Stored, Codec: p.Codec,
		Indexed: func(l *layer.Layer) {
			index = l
			tell(l, Progress{State: Reading, Done: read})
		},
		Progress: func(done, _ int64) {
			read = done
			tell(index, Progress{State: Reading, Done: done})
		},
	})
	if o.ctx.Err() != nil {
		return
	}
	if err != nil && p.Digest != "" {
		// Bytes that cannot be read are most often not those that were promised.
		if d, err2 := o.r.b.Digest(o.ctx, p.Stored, nil); err2 == nil && d != p.Digest {
			got, err = browser.Digests{Layer: index, Blob: d}, nil
		}
	}
	if o.ctx.Err() != nil {
		return
	}
	if err != nil {
		o.fault(p, err)
		tell(index, Progress{State: Broken, Done: p.StoredSize, Err: err.Error()})
		return
	}
	bad := mismatch(p.Blob, got)
	if bad == nil {
		o.mu.Lock()
		o.layers[p.DiffID] = got.Layer
		o.mu.Unlock()
		tell(got.Layer, Progress{State: Verified, Done: p.StoredSize})
		return
	}
	o.fault(p, bad)
	tell(got.Layer, Progress{State: Mismatch, Done: p.StoredSize, What: bad.What, Expected: bad.Expected.String(), Got: bad.Got.String()})
}

// mismatch compares what a blob hashes to with what the archive promises.
func mismatch(b archive.Blob, got browser.Digests) *archive.Mismatch {
	if b.Digest != "" && got.Blob != "" && b.Digest != got.Blob {
		return &archive.Mismatch{What: "blob digest", Expected: b.Digest, Got: got.Blob}
	}
	if b.DiffID != "" && b.DiffID != got.DiffID {
		return &archive.Mismatch{What: "DiffID", Expected: b.DiffID, Got: got.DiffID}
	}
	return nil
}

// load has the engine take the images, as one entry of the journal.
func (o *opener) load(ctx context.Context) {
	if o.ctx.Err() != nil {
		return
	}
	r := o.r
	at := r.session.At()
	var loaded []engine.Loaded
	note := logged{Note: "# open " + o.file.Name(), Opened: o.file.Name()}
	err := r.session.Note(note.Note, io.Discard, func(io.Writer) (err error) {
		loaded, err = r.engine.Load(ctx, o.a, engine.LoadOptions{Layers: o.layers})
		return err
	})
	if r.session.At() > at {
		r.keep(at, note)
	}
	if err != nil {
		title := "The engine does not take " + o.file.Name()
		if errors.Is(err, context.Canceled) {
			title = "The loading of " + o.file.Name() + " was stopped"
		}
		r.tellWorld()
		o.end(ArchiveEnded{Title: title, Err: err.Error(), Open: true})
		return
	}
	if r.verified == nil {
		r.verified = map[string]bool{}
	}
	for d := range o.layers {
		r.verified[d.String()] = true
	}
	m := ArchiveEnded{Loaded: map[string]string{}}
	var names []string
	for i, l := range loaded {
		m.Loaded[fmt.Sprintf("opening:%d:%d", o.id, i)] = l.ID.String()
		names = append(names, append(l.Names, Short(l.ID.String()))[0])
	}
	m.Said = o.file.Name() + ": all digests verified; the engine has " + strings.Join(names, ", ")
	r.tellWorld()
	o.end(m)
}

// markVerified says of a world's layers which ones had their digests checked.
func (r *Runner) markVerified(w *World) {
	for _, im := range w.Images {
		for _, l := range im.Layers {
			if r.verified[l.DiffID] {
				l.Progress = &Progress{State: Verified}
			}
		}
	}
}
