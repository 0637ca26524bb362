package catalog

import (
	"context"
	"fmt"
	"slices"

	"github.com/klauspost/compress/zstd"
)

// A Source has the data files of the catalogue: natively those built into the
// program, in the page those that are fetched when first asked for.
type Source interface {
	// File is the file of that name ("debian-bookworm.zst"), whole. It may wait,
	// and fails with the context's error when that ends.
	File(ctx context.Context, name string) ([]byte, error)
}

// maxFile bounds what one data file may inflate to.
const maxFile = 64 << 20

// Load reads a data file and inflates it. about says in an error what the file
// was needed for: "the model of debian".
func Load(ctx context.Context, s Source, name, about string) (string, error) {
	if s == nil {
		return "", fmt.Errorf("%s could not be loaded: this program has no catalogue; busybox and scratch are there without it", about)
	}
	packed, err := s.File(ctx, name)
	if err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", fmt.Errorf("%s could not be loaded: %w; busybox and scratch are there without it", about, err)
	}
	z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(maxFile))
	if err != nil {
		return "", err
	}
	defer z.Close()
	b, err := z.DecodeAll(packed, nil)
	if err != nil {
		return "", fmt.Errorf("%s could not be loaded: inflating %q: %w", about, name, err)
	}
	return string(b), nil
}

// loaded keeps what was read last, so that the pull and the build after it do
// not read it twice.
type loaded struct {
	names []string
	texts map[string]string
}

// keptTexts is how many inflated files are kept.
const keptTexts = 3

func (l *loaded) load(ctx context.Context, s Source, name, about string) (string, error) {
	if t, ok := l.texts[name]; ok {
		return t, nil
	}
	t, err := Load(ctx, s, name, about)
	if err != nil {
		return "", err
	}
	if l.texts == nil {
		l.texts = map[string]string{}
	}
	if l.names = append(l.names, name); len(l.names) > keptTexts {
		delete(l.texts, l.names[0])
		l.names = slices.Clone(l.names[1:])
	}
	l.texts[name] = t
	return t, nil
}
