package overlay_test

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"

	"github.com/layerlab/layerlab/sim/tree"
)

// entriesOf is the entries of a tar in words.
func entriesOf(b []byte) []string {
	var out []string
	r := tar.NewReader(bytes.NewReader(b))
	for {
		h, err := r.Next()
		if err == io.EOF {
			return out
		}
		if err != nil {
			return append(out, err.Error())
		}
		data, err := io.ReadAll(r)
		line := fmt.Sprintf("%s type %c %04o %d:%d %s", h.Name, h.Typeflag, h.Mode, h.Uid, h.Gid, when(tree.Time{Sec: h.ModTime.Unix()}))
		if h.Linkname != "" {
			line += " -> " + h.Linkname
		}
		if h.Typeflag == tar.TypeReg {
			line += " " + brief(string(data))
		}
		for name, value := range h.PAXRecords {
			line += fmt.Sprintf(" {%s=%s}", name, printable(value))
		}
		out = append(out, line+extra(err))
	}
}
