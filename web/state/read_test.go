package state

import (
	"context"
	"io"
	"reflect"
	"testing"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/cli"
	"github.com/layerlab/layerlab/sim/engine"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/store"
)

// newSession is a terminal on an engine of its own, and the world after each line.
func newSession(t *testing.T) (run func(line string) *World, s *cli.Session, pauses *int) {
	t.Helper()
	e := engine.New(engine.Options{})
	s = cli.New(e)
	pauses = new(int)
	last := (*World)(nil)
	return func(line string) *World {
		if line != "" {
			s.Run(context.Background(), line, io.Discard)
		}
		last = ReadWorld(e, last, func() { *pauses++ })
		return last
	}, s, pauses
}

func TestOnlyWhatChangedIsReadAnew(t *testing.T) {
	world, s, pauses := newSession(t)
	world("docker run -d --name web busybox:1.36 sleep 1000")
	was := world("docker run -d --name db busybox:1.36 sleep 1000")
	*pauses = 0
	now := world("docker exec web sh -c 'mkdir /srv && echo a > /srv/a'")
	if *pauses == 0 {
		t.Error("reading the world let nobody else run")
	}
	db, web := now.Containers[0], now.Containers[1]
	if db.Upper != was.Containers[0].Upper || db.Mount != was.Containers[0].Mount {
		t.Error("db was read anew, and nothing happened to it")
	}
	if web.Upper == was.Containers[1].Upper {
		t.Fatal("web was not read anew, and files were written in it")
	}
	if want := []overlay.Change{{Kind: 'A', Path: "/srv"}, {Kind: 'A', Path: "/srv/a"}}; !reflect.DeepEqual(web.Changes, want) || !reflect.DeepEqual(web.Written, want) {
		t.Errorf("changes of web: %v, of them written: %v", web.Changes, web.Written)
	}
	if web.Size <= was.Containers[1].Size {
		t.Errorf("web has grown from %d to %d bytes", was.Containers[1].Size, web.Size)
	}
	s.Goto(2)
	if back := world(""); len(back.Containers[1].Changes) != 0 || back.Containers[1].Size != was.Containers[1].Size {
		t.Errorf("gone back, web has %v in %d bytes", back.Containers[1].Changes, back.Containers[1].Size)
	}
	if again := world("docker cp web:/etc/passwd /tmp/"); again.Containers[1].Size == was.Containers[1].Size {
		t.Error("docker cp makes a container larger, and its size is as before")
	}
}

func TestWrittenLeavesOutWhatOnlyLeadsThere(t *testing.T) {
	world, _, _ := newSession(t)
	w := world("docker run -d --name web busybox:1.36 sh -c 'echo x >> /etc/passwd; rm /etc/group; chmod 700 /home; mkdir /etc/passwd.d; sleep 1000'")
	want := []overlay.Change{{Kind: 'C', Path: "/etc/passwd"}, {Kind: 'A', Path: "/etc/passwd.d"}, {Kind: 'D', Path: "/etc/group"}, {Kind: 'C', Path: "/home"}}
	if got := w.Containers[0].Written; !reflect.DeepEqual(got, want) {
		t.Errorf("written: %v, of the changes %v", got, w.Containers[0].Changes)
	}
}

func TestLedgersAreReadOn(t *testing.T) {
	e := engine.New(engine.Options{})
	s := cli.New(e)
	run := func(line string) { s.Run(context.Background(), line, io.Discard) }
	run("docker run -d --name web busybox:1.36 sleep 1000")
	run("docker exec web sh -c 'echo x >> /etc/passwd; mv /etc/group /etc/groups'")
	id := e.Containers()[0].ID
	var b books
	first := b.after(s.Journal(), func() {})[id]
	was := *first
	run("docker exec web sh -c 'echo y >> /etc/passwd; rm /etc/groups; rm -r /home'")
	on := b.after(s.Journal(), func() {})[id]
	if first.CopyUps != was.CopyUps || first.Whiteouts != was.Whiteouts || len(first.Deeds) != len(was.Deeds) || !reflect.DeepEqual(first.Deeds, was.Deeds) {
		t.Error("reading on changed what was given before")
	}
	var fresh books
	want := fresh.after(s.Journal(), func() {})[id]
	if !reflect.DeepEqual(on.Deeds, want.Deeds) || on.Whiteouts != want.Whiteouts || on.Changed != want.Changed || on.CopyUps != want.CopyUps {
		t.Errorf("read on: %+v\nread at once: %+v", on, want)
	}
	if _, ok := on.Origin("/etc/groups"); ok {
		t.Error("/etc/groups is gone, and where it came from is still known")
	}
	if o, ok := on.Origin("/etc/passwd"); !ok || o.From != 1 {
		t.Errorf("/etc/passwd was copied up from layer %d, %v", o.From, ok)
	}
	s.Goto(2)
	if back := b.after(s.Journal()[:s.At()], func() {})[id]; !reflect.DeepEqual(back.Deeds, was.Deeds) || back.Whiteouts != was.Whiteouts {
		t.Errorf("gone back: %+v, was %+v", back, was)
	}
}

// TestAnImageIsKnownByWhatItsNamesPointTo: that of an image for several platforms is
// its index, not the manifest of the platform that was taken.
func TestAnImageIsKnownByWhatItsNamesPointTo(t *testing.T) {
	e := engine.New(engine.Options{})
	st := e.Store()
	box, name := st.Images()[0], st.Refs()[0]
	index := digest.FromString("an index")
	st.Add(box.Image, box.Layers, store.AddOptions{ID: index})
	st.Tag(name.Name, index)
	cli.New(e).Run(context.Background(), "docker create --name box busybox:1.36", io.Discard)
	w := ReadWorld(e, nil, func() {})
	im := w.Image(string(index))
	if im == nil || im.Name() != "busybox:1.36" || im.Size == 0 {
		t.Fatalf("the image of the index is %+v", im)
	}
	if on := w.On(im.ID); len(on) != 1 || on[0].Name != "box" {
		t.Errorf("containers on it: %v", on)
	}
}
