package fsops

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/tree"
)

// A Lower is a lower layer with the name under which it is told of.
type Lower struct {
	Name string
	Tree *tree.Tree
	// Notes is what is odd about the tar that it was read from.
	Notes []string
}

// ReadLower reads a layer tar, plain or compressed with gzip or zstd. The error
// names the file, and the entry in it.
func ReadLower(name string) (Lower, error) {
	b, err := openBody(name)
	if err != nil {
		return Lower{}, fmt.Errorf("reading the lower layer %s: %w", name, plain(err))
	}
	head := make([]byte, layer.DetectLen)
	n, _ := content.ReadAt(b, head, 0)
	codec := layer.Detect(head[:n])
	if codec != layer.Plain {
		b = layer.InflatedBody(b, codec, -1)
	}
	l, err := layer.Index(context.Background(), b, layer.IndexOptions{})
	if err != nil {
		return Lower{}, fmt.Errorf("reading the lower layer %s: %w", name, err)
	}
	out := Lower{Name: name, Tree: l.Tree}
	for _, note := range l.Notes {
		out.Notes = append(out.Notes, note.Name+": "+note.Text)
	}
	return out, nil
}

// plain is err without the path that package os says again.
func plain(err error) error {
	var e *os.PathError
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

func openBody(name string) (content.Body, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	if !st.Mode().IsRegular() {
		f.Close()
		return nil, errors.New("it is not a regular file")
	}
	return content.FromReaderAt(f, st.Size()), nil // open as long as the program runs
}
