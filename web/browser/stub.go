package browser

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/layer"
)

// Stub is a browser for native tests: it keeps what it is told and does nothing
// by itself. The work of Workers is done on the spot.
type Stub struct {
	Kept, Set  MapStorage // Storage and Settings
	Start      Restart
	Picks      []File // what PickFiles gives
	Target     DropTarget
	Pasted     func([]File)
	Chosen     Theme
	IsDark     bool
	Still      bool // ReducedMotion
	Seen       bool // not Hidden
	Pixels     int  // Width
	Params     map[string]string
	HashNow    string
	Posted     []map[string]any
	Clipboard  string
	Downloads  map[string][]byte
	Frames     []func(time.Duration) // functions that wait for a frame
	Timers     []func()              // functions that wait for their time
	Models     map[string][]byte     // what Data gives
	WorkersErr error                 // what the workers fail with, if not nil
}

var _ Browser = (*Stub)(nil)

// MapStorage is a Storage in memory.
type MapStorage map[string]string

// Get is what was set, if anything.
func (m *MapStorage) Get(key string) (string, bool) { v, ok := (*m)[key]; return v, ok }

// Set keeps value.
func (m *MapStorage) Set(key, value string) {
	if *m == nil {
		*m = MapStorage{}
	}
	(*m)[key] = value
}

// Remove forgets what was set.
func (m *MapStorage) Remove(key string) { delete(*m, key) }

// Storage is s.Kept.
func (s *Stub) Storage() Storage { return &s.Kept }

// Settings is s.Set.
func (s *Stub) Settings() Storage { return &s.Set }

// Restart is s.Start.
func (s *Stub) Restart() Restart { return s.Start }

// Pause only looks at ctx.
func (s *Stub) Pause(ctx context.Context) error { return ctx.Err() }

// Working does nothing.
func (s *Stub) Working(bool) {}

// Data is one of s.Models.
func (s *Stub) Data(_ context.Context, name string) ([]byte, error) {
	b, ok := s.Models[name]
	if !ok {
		return nil, fmt.Errorf("fetching %q: there is no such file", name)
	}
	return b, nil
}

// WriteClipboard keeps text in s.Clipboard.
func (s *Stub) WriteClipboard(_ context.Context, text string) error { s.Clipboard = text; return nil }

// Download keeps the bytes of body, 64 MB at most, in s.Downloads.
func (s *Stub) Download(_ context.Context, name string, body content.Body) error {
	b, err := content.ReadAll(body, 64<<20)
	if err != nil {
		return err
	}
	if s.Downloads == nil {
		s.Downloads = map[string][]byte{}
	}
	s.Downloads[name] = b
	return nil
}

// PickFiles gives s.Picks.
func (s *Stub) PickFiles(_ PickOptions, done func([]File)) {
	if len(s.Picks) > 0 {
		done(s.Picks)
	}
}

// OnDrop keeps d in s.Target.
func (s *Stub) OnDrop(d DropTarget) func() { s.Target = d; return func() { s.Target = DropTarget{} } }

// OnPaste keeps f in s.Pasted.
func (s *Stub) OnPaste(f func([]File)) func() { s.Pasted = f; return func() { s.Pasted = nil } }

// Theme is what SetTheme was given last.
func (s *Stub) Theme() Theme { return s.Chosen }

// SetTheme keeps t.
func (s *Stub) SetTheme(t Theme) { s.Chosen = t }

// Dark reports what the theme or s.IsDark says.
func (s *Stub) Dark() bool { return s.Chosen == Dark || s.Chosen == Auto && s.IsDark }

// OnDark never calls.
func (s *Stub) OnDark(func(bool)) func() { return func() {} }

// ReducedMotion is s.Still.
func (s *Stub) ReducedMotion() bool { return s.Still }

// Hidden is the opposite of s.Seen.
func (s *Stub) Hidden() bool { return !s.Seen }

// Frame keeps f in s.Frames.
func (s *Stub) Frame(f func(time.Duration)) { s.Frames = append(s.Frames, f) }

// After keeps f in s.Timers.
func (s *Stub) After(_ time.Duration, f func()) func() {
	s.Timers = append(s.Timers, f)
	return func() {}
}

// Width is s.Pixels, 1440 if that is 0.
func (s *Stub) Width() int {
	if s.Pixels == 0 {
		return 1440
	}
	return s.Pixels
}

// OnResize never calls.
func (s *Stub) OnResize(func(int)) func() { return func() {} }

// Query is one of s.Params.
func (s *Stub) Query(name string) string { return s.Params[name] }

// Hash is s.HashNow.
func (s *Stub) Hash() string { return s.HashNow }

// SetHash sets s.HashNow.
func (s *Stub) SetHash(h string) { s.HashNow = h }

// OnHash never calls.
func (s *Stub) OnHash(func(string)) func() { return func() {} }

// Embedded reports whether s.Params has embed=1.
func (s *Stub) Embedded() bool { return s.Params["embed"] == "1" }

// Post keeps the message in s.Posted.
func (s *Stub) Post(kind string, fields map[string]any) {
	m := map[string]any{"type": "layerlab:" + kind}
	for k, v := range fields {
		m[k] = v
	}
	s.Posted = append(s.Posted, m)
}

// Index does the work here and now.
func (s *Stub) Index(ctx context.Context, job Job) (Digests, error) {
	if s.WorkersErr != nil {
		return Digests{}, s.WorkersErr
	}
	return indexHere(ctx, job, s.Pause)
}

// Digest does the work here and now.
func (s *Stub) Digest(ctx context.Context, b content.Body, progress func(int64)) (digest.Digest, error) {
	if s.WorkersErr != nil {
		return "", s.WorkersErr
	}
	return hashHere(ctx, b, progress, s.Pause)
}

// Inflate does the work in memory, 1 GB at most.
func (s *Stub) Inflate(ctx context.Context, b content.Body, c layer.Codec, progress func(int64)) (content.Random, error) {
	if s.WorkersErr != nil {
		return nil, s.WorkersErr
	}
	r, err := b.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	z, err := layer.NewInflater(r, c)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	var out bytes.Buffer
	if _, err := io.Copy(&out, io.LimitReader(z, 1<<30)); err != nil {
		return nil, err
	}
	return content.Bytes(out.Bytes()).(content.Random), ctx.Err()
}

// StubFile is a File of literal bytes.
type StubFile struct {
	content.Random
	FilePath string
	At       time.Time
}

// NewStubFile is a file with the given path and text.
func NewStubFile(p, text string) StubFile {
	return StubFile{Random: content.String(text).(content.Random), FilePath: p}
}

// Name is the last part of the path.
func (f StubFile) Name() string { return base(f.FilePath) }

// Path is the path.
func (f StubFile) Path() string { return f.FilePath }

// Modified is f.At.
func (f StubFile) Modified() time.Time { return f.At }
