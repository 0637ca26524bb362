package view

import (
	"strings"

	"github.com/layerlab/layerlab/web/state"
)

// Ledger is what the writes of a container cost.
type Ledger struct {
	Name string // of the container
	Sum  string // the point of it, in one sentence
	Open bool
	Rows []LedgerRow
	More string
}

// A LedgerRow is one thing that happened in the container's layer.
type LedgerRow struct {
	Kind  string // "up", "hide", "opaque" or "exdev"
	Path  string // absolute
	Shown string
	From  *Tag   // the layer that was copied from or is hidden
	Bytes string // copied or hidden
	Why   string
}

func newLedger(s *state.State) *Ledger {
	src := s.Files.Source
	if src == nil || src.Mode != "container" {
		return nil
	}
	c := s.World.Container(src.Holder)
	if c == nil {
		return nil
	}
	v := &Ledger{Name: c.Name, Open: s.Files.Ledger, Sum: ledgerSum(c.Ledger)}
	if c.Ledger == nil {
		return v
	}
	for _, d := range c.Ledger.Deeds {
		v.Rows = append(v.Rows, ledgerRow(src, d))
	}
	if c.Ledger.More > 0 {
		v.More = "and " + thousands(c.Ledger.More) + " more"
	}
	return v
}

// ledgerSum is what all of it cost.
func ledgerSum(l *state.Ledger) string {
	if l == nil || l.CopyUps == 0 && l.Whiteouts == 0 {
		return "Nothing of the image was copied up or hidden yet."
	}
	var out []string
	switch {
	case l.Copied > 0 && l.Changed > 0:
		out = append(out, "You changed "+exactly(l.Changed)+" of the image’s files; "+exactly(l.Copied)+" were copied up")
	case l.Copied > 0:
		out = append(out, "You changed no byte of the image’s files; "+exactly(l.Copied)+" were copied up")
	case l.CopyUps > 0:
		out = append(out, Count(l.CopyUps, "object")+" copied up, no bytes in them")
	}
	if l.Whiteouts > 0 {
		w := Count(l.Whiteouts, "whiteout")
		if l.Hidden > 0 {
			w += verb(l.Whiteouts, " hides ", " hide ") + exactly(l.Hidden) + " and " + verb(l.Whiteouts, "frees", "free") + " none"
		}
		out = append(out, w)
	}
	return strings.Join(out, ". ") + "."
}

// exactly is a number of bytes to the byte: "1 byte", "1,048,576 bytes".
func exactly(n int64) string { return Count(int(n), "byte") }

func ledgerRow(src *state.FileSource, d state.Deed) LedgerRow {
	r := LedgerRow{Path: d.Path, Shown: visible(d.Path)}
	if d.From > 0 {
		t := tagOf(src.Number(d.From - 1))
		r.From = &t
	}
	switch d.Kind {
	case state.CopyUp:
		r.Kind, r.Why, r.Bytes = "up", d.Why, d.Object
		if d.Object == "file" {
			r.Bytes = exactly(d.Bytes)
		}
		if d.Changed > 0 {
			r.Why += ", " + exactly(d.Changed) + " written"
		}
		if len(d.Parents) > 0 {
			r.Why += ", with " + list(d.Parents)
		}
	case state.Hide:
		r.Kind, r.Bytes = "hide", "whiteout over "+exactly(d.Bytes)
	case state.MakeOpaque:
		r.Kind, r.Why = "opaque", "marked opaque: what lies below is hidden"
	case state.Exdev:
		r.Kind, r.Why = "exdev", "rename refused (EXDEV): a directory of a lower layer is copied instead"
	}
	return r
}
