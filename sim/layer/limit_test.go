package layer_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"syscall"
	"testing"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/tree"
)

// A file of holes may be as large as it likes; a tar of it may not, and says so
// before it is begun.
func TestHugeFileIsNotWritten(t *testing.T) {
	tr := tree.New(tree.Time{})
	tr.Add(tree.Root, "big", tree.Inode{Mode: tree.Regular | 0o644, Body: content.Zero(1 << 40)})
	_, err := layer.New(context.Background(), tr, layer.WriteOptions{})
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), `entry "big"`) || !strings.Contains(err.Error(), "1099511627776") {
		t.Errorf("New: %v", err)
	}
	if err := layer.WriteTar(context.Background(), io.Discard, tr, layer.WriteOptions{}); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("WriteTar: %v", err)
	}
}
