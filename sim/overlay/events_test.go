package overlay_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

func TestEvents(t *testing.T) {
	for _, tt := range []struct{ title, base, steps, want string }{
		{
			"appending to a file of the image",
			"mkdir /a 755; mkdir /a/b 755; write /a/b/f hello", "append /a/b/f more",
			"overlay.CopiedUp{Path:/a/b/f From:1 Bytes:5 Kind:32768 Why:open for writing Parents:[/a /a/b]}\n" +
				"overlay.Changed{Path:/a/b/f Bytes:4}",
		}, {
			"truncating copies no bytes",
			"write /f hello", "write /f x",
			"overlay.CopiedUp{Path:/f From:1 Bytes:0 Kind:32768 Why:open to truncate Parents:[]}\n" +
				"overlay.Changed{Path:/f Bytes:0}\noverlay.Changed{Path:/f Bytes:1}",
		}, {
			"deleting a directory of the image",
			"mkdir /d 755; write /d/a hello; write /d/b x", "unlink /d/a",
			"overlay.CopiedUp{Path:/d From:1 Bytes:0 Kind:16384 Why:remove from it Parents:[]}\n" +
				"overlay.Whiteout{Path:/d/a Hides:1 Bytes:5}",
		}, {
			"mkdir over a whiteout",
			"mkdir /d 755; write /d/a hello", "rmtree /d; mkdir /d 755",
			"overlay.CopiedUp{Path:/d From:1 Bytes:0 Kind:16384 Why:remove from it Parents:[]}\n" +
				"overlay.Whiteout{Path:/d/a Hides:1 Bytes:5}\n" +
				"overlay.Whiteout{Path:/d Hides:1 Bytes:5}\n" +
				"overlay.Created{Path:/d Kind:16384}\noverlay.OpaqueMade{Path:/d}",
		}, {
			"renaming a lower directory and a lower file",
			"mkdir /d 755; write /f hello", "rename /d /e; rename /f /g",
			"overlay.CrossDevice{Path:/d To:/e}\n" +
				"overlay.CopiedUp{Path:/f From:1 Bytes:5 Kind:32768 Why:rename Parents:[]}\n" +
				"overlay.Renamed{Old:/f New:/g Upper:false}\noverlay.Whiteout{Path:/f Hides:1 Bytes:5}",
		}, {
			"what never was below goes without a whiteout",
			"mkdir /d 755", "write /f x; rename /f /g; unlink /g",
			"overlay.Created{Path:/f Kind:32768}\noverlay.Changed{Path:/f Bytes:1}\n" +
				"overlay.Renamed{Old:/f New:/g Upper:true}\noverlay.Removed{Path:/g}",
		}, {
			"reading", "write /f hello; symlink f /s", "read /s", "overlay.Read{Path:/f Layer:1}",
		}, {
			"chmod", "write /f hello", "chmod /f 600",
			"overlay.CopiedUp{Path:/f From:1 Bytes:5 Kind:32768 Why:chmod Parents:[]}\noverlay.Changed{Path:/f Bytes:0}",
		},
	} {
		t.Run(tt.title, func(t *testing.T) {
			s := played(t, tt.base)
			var got []string
			m := overlay.New(append(s.m.Lowers(), s.m.Upper()), tree.New(simNow), overlay.Options{Trace: func(e overlay.Event) {
				if _, ok := e.(overlay.Lookup); !ok {
					got = append(got, fmt.Sprintf("%T%+v", e, e))
				}
			}})
			s.m, s.v = m, m.Root()
			r := newRunner(s)
			for line := range strings.SplitSeq(tt.steps, "; ") {
				r.do(line)
			}
			if d := cmp.Diff(strings.Split(tt.want, "\n"), got); d != "" {
				t.Errorf("expected (-), got (+):\n%s", d)
			}
		})
	}
}

func TestLookupEvent(t *testing.T) {
	s := played(t, "mkdir /d 755; write /d/f one; rotate; unlink /d/f; rotate; write /d/g x")
	var got []string
	m := overlay.New(s.m.Lowers(), s.m.Upper(), overlay.Options{Trace: func(e overlay.Event) { got = append(got, fmt.Sprint(e)) }})
	m.Root().Stat("/d/f")
	want := []string{"{/d/f [{3 not there} {2 whiteout}]}"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("expected (-), got (+):\n%s", d)
	}
}
