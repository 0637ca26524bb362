package view

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/web/action"
	"github.com/layerlab/layerlab/web/state"
)

// shipped is a page that shows the upper directory of the container, with its tar.
func shipped(t *testing.T) state.State {
	t.Helper()
	s := reduce(written(t), action.ShowUpper{})
	c := s.UpperContainer()
	changes, order := c.Mount.CommitChangeset()
	l, err := layer.New(context.Background(), changes, layer.WriteOptions{Order: order})
	if err != nil {
		t.Fatal(err)
	}
	sh, err := state.ShipmentOf(context.Background(), l)
	if err != nil {
		t.Fatal(err)
	}
	return reduce(s, state.UpperShipped{Container: c, Shipment: sh})
}

func sidesText(v Upper) string {
	var out []string
	sign := func(sel, mate bool) string {
		switch {
		case sel:
			return ">"
		case mate:
			return "~"
		}
		return " "
	}
	for _, r := range v.Kernel {
		s := fmt.Sprintf("%s%s %s %s %s %s %s", sign(r.Selected, r.Mate), r.Mode, r.Links, r.Owner, r.Size, r.Time, r.Name)
		if r.Note != "" {
			s += " | " + r.Note
			if r.From != nil {
				s += " " + r.From.Text
			}
		}
		for _, x := range r.Xattrs {
			s += " | " + x
		}
		out = append(out, s)
	}
	for _, r := range v.Tar {
		s := fmt.Sprintf("%s%s %s %s %s %s %s %s", sign(r.Selected, r.Mate), r.Flag, r.Type, r.Mode, r.Owner, r.Size, r.Time, r.Name)
		if r.Link != "" {
			s += " -> " + r.Link
		}
		if r.Note != "" {
			s += " | " + r.Note
		}
		out = append(out, s)
	}
	return strings.Join(out, "\n")
}

func TestAnUpperDirectoryIsShownStoredAndShipped(t *testing.T) {
	s := reduce(shipped(t), action.SelectUpper{Side: "tar", Row: 5})
	v := NewUpper(&s)
	want := ` drwxr-xr-x 4 0:0 4096 Jan  5 09:00 . | trusted.overlay.impure="y"
 drwxr-xr-x 3 0:0 4096 Jan  5 09:00 app | copied up to hold /app/a | trusted.overlay.origin=(file handle) | trusted.overlay.impure="y"
 -rw-r--r-- 1 0:0 1 Jan  5 09:00 app/a | copied up, truncate, from 1 | trusted.overlay.origin=(file handle)
 c--------- 2 0:0 0, 0 Jan  5 09:00 app/b | whiteout: hides b of 1
>drwx------ 2 0:0 4096 Jan  5 09:00 app/d | hides what lies below | trusted.overlay.opaque="y"
 -rw------- 2 0:0 1 Jan  5 09:00 app/d/new
 -rw------- 2 0:0 1 Jan  5 09:00 app/z
 drwxr-xr-x 2 0:0 4096 Jan  5 09:00 moved | hides what lies below | trusted.overlay.opaque="y"
 srwxr-xr-x 1 0:0 0 Jan  5 09:00 sock
 5 dir 0755 0:0 0 Jan  5 09:00 app/
 0 file 0644 0:0 1 Jan  5 09:00 app/a
 0 file 0000 0:0 0 Jan  1 00:00 app/.wh.b | says: b is gone
~5 dir 0700 0:0 0 Jan  5 09:00 app/d/
 0 file 0600 0:0 1 Jan  5 09:00 app/d/new
>0 file 0000 0:0 0 Jan  1 00:00 app/d/.wh.old | says: old is gone, hidden by the opaque d
 1 link 0600 0:0 0 Jan  5 09:00 app/z -> app/d/new
 5 dir 0755 0:0 0 Jan  5 09:00 moved/`
	if got := sidesText(v); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	var reasons []string
	for _, r := range v.Reasons {
		reasons = append(reasons, fmt.Sprintf("%s: %s %v", r.Title, r.Paths, r.Now))
	}
	want = "Whiteout: app/b false; Opaque directory: app/d true; Opaque, hiding nothing: moved false; Hard link: app/d/new, app/z false; Socket: sock false; Directory on the way: app false; Copied up: app/a false; The root: . false"
	if got := strings.Join(reasons, "; "); got != want {
		t.Errorf("reasons:\n%s\nwant:\n%s", got, want)
	}
	if !strings.Contains(v.Why, "one .wh. entry for each name that is gone") || v.DiffID == "" || v.Sum[1] != "8 entries · 6,144 bytes" {
		t.Errorf("why %q, DiffID %q, sum %q", v.Why, v.DiffID, v.Sum[1])
	}
}

func TestNamesOfOneFileAreSelectedTogether(t *testing.T) {
	s := reduce(shipped(t), action.SelectUpper{Side: "kernel", Row: 6})
	got := sidesText(NewUpper(&s))
	for _, want := range []string{"~-rw------- 2 0:0 1 Jan  5 09:00 app/d/new", ">-rw------- 2 0:0 1 Jan  5 09:00 app/z", ">0 file 0600", "~1 link 0600"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}

func TestAnEmptyUpperDirectorySaysWhatToType(t *testing.T) {
	s := bench()
	s = reduce(s, action.ShowUpper{Container: "c0ffee"})
	if v := NewUpper(&s); v.Empty != "Nothing written yet: the upper directory is empty." || !strings.HasPrefix(v.Hint, "docker exec web sh -c ") {
		t.Errorf("%+v", v)
	}
}
