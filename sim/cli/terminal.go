package cli

import (
	"bytes"
	"io"
)

// A terminal is where a line's output goes: on to whoever listens, and into the
// journal.
type terminal struct {
	to   io.Writer
	kept bytes.Buffer
	cut  bool
}

func (t *terminal) begin(to io.Writer) {
	t.to, t.cut = to, false
	t.kept.Reset()
}

// Write passes output on; the journal keeps the first maxOutput bytes of a line.
func (t *terminal) Write(p []byte) (int, error) {
	if room := maxOutput - t.kept.Len(); room >= len(p) {
		t.kept.Write(p)
	} else if !t.cut {
		t.kept.Write(p[:max(room, 0)])
		t.kept.WriteString("\n[the rest is not kept]\n")
		t.cut = true
	}
	if t.to != nil {
		if _, err := t.to.Write(p); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

func (t *terminal) String() string { return t.kept.String() }
