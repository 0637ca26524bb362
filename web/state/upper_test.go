package state

import (
	"strings"
	"testing"

	"github.com/layerlab/layerlab/web/action"
	"github.com/layerlab/layerlab/web/browser"
)

func TestTheTarOfAnUpperDirectoryIsThatOfACommit(t *testing.T) {
	p := open(t, &browser.Stub{})
	p.do(action.ShowUpper{})
	p.until("the tar is made", func() bool { return p.s.Upper.Shipment != nil })
	before := p.s.Upper.Shipment.DiffID
	p.do(action.RunLine{Line: "docker exec web sh -c 'rm -rf /etc/network; mkdir -p /etc/network; touch /etc/network/x; ln out.log /out'"})
	p.until("the tar is made anew", func() bool { return !p.s.Upper.Shipping() })
	sh := p.s.Upper.Shipment
	if sh.DiffID == before {
		t.Error("the tar is that of the moment before")
	}
	p.do(action.RunLine{Line: "docker commit web committed:1"})
	im := p.s.World.Images[0]
	for _, x := range p.s.World.Images {
		if x.Name() == "committed:1" {
			im = x
		}
	}
	if l := im.Layers[len(im.Layers)-1]; l.DiffID != sh.DiffID || l.Entries != sh.Count {
		t.Errorf("the commit has %s with %d entries, the view said %s with %d", l.DiffID, l.Entries, sh.DiffID, sh.Count)
	}
	var names []string
	for _, e := range sh.Entries {
		names = append(names, e.Name)
	}
	if got := strings.Join(names, " "); got != "app/ app/app.txt app/.wh.deps.txt app/out.log etc/ etc/network/ etc/network/x out" {
		t.Errorf("entries %s", got)
	}
}

func TestALedgerCountsWhatWasCopiedForAChange(t *testing.T) {
	p := open(t, &browser.Stub{})
	ledger := func() *Ledger { return p.s.World.Containers[0].Ledger }
	if l := ledger(); l.Copied != 12 || l.Changed != 5 || l.Whiteouts != 1 || l.Hidden != 9 || len(l.Deeds) != 2 {
		t.Fatalf("%+v", *l)
	}
	p.do(action.RunLine{Line: "docker exec web sh -c 'printf x >> /bin/busybox; mv installed.txt i2; chmod 600 bundle.txt; rm bundle.txt'"})
	l := ledger()
	if l.Copied != 12+1982256+9+21 || l.Changed != 5+1 {
		t.Errorf("copied %d, changed %d", l.Copied, l.Changed)
	}
	if d := l.Deeds[2]; d.Path != "/bin/busybox" || d.From != 1 || d.Changed != 1 || d.Why != "open for writing" {
		t.Errorf("%+v", d)
	}
	for path, want := range map[string]bool{"/app": true, "/app/i2": true, "/app/installed.txt": false, "/app/bundle.txt": false, "/bin": true, "/app/out.log": false} {
		if _, ok := l.Origin(path); ok != want {
			t.Errorf("%s copied up: %v, want %v", path, ok, want)
		}
	}
	p.do(action.GoTo{N: p.s.Time.At - 1})
	if l := ledger(); l.Copied != 12 || len(l.Deeds) != 2 {
		t.Errorf("after going back: %+v", *l)
	}
}
