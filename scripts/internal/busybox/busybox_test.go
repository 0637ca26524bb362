package busybox

import (
	"errors"
	"io/fs"
	"path/filepath"
	"testing"
)

// TestSave makes the base where Debian's busybox is; Save checks the digest
// itself.
func TestSave(t *testing.T) {
	err := Save(t.Context(), filepath.Join(t.TempDir(), "busybox.tar"))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrOther) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
}
