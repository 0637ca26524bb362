package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/archive"
	"github.com/layerlab/layerlab/sim/build"
	"github.com/layerlab/layerlab/sim/container"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/engine"
	"github.com/layerlab/layerlab/sim/event"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/store"
)

func create(t *testing.T, e *engine.Engine, name string, args ...string) *container.Container {
	t.Helper()
	c, err := e.Create(container.Config{Name: name, Image: "busybox:1.36", Args: args})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// sh runs a script in a container and gives what it printed.
func sh(t *testing.T, e *engine.Engine, c *container.Container, script string) string {
	t.Helper()
	var out bytes.Buffer
	o, err := e.Exec(context.Background(), c, container.Spec{Args: []string{"sh", "-c", script}}, container.IO{Stdout: &out, Stderr: &out})
	if err != nil || o.Exit != 0 {
		t.Fatalf("%s: exit %d, %v\n%s", script, o.Exit, err, out.String())
	}
	return out.String()
}

func running(t *testing.T, e *engine.Engine, name string) *container.Container {
	t.Helper()
	c := create(t, e, name, "sleep", "1000")
	if err := e.Start(context.Background(), c, container.IO{}, true); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestFind finds containers by name, ID and prefix, and says so when a prefix
// means several.
func TestFind(t *testing.T) {
	e := engine.New(engine.Options{})
	made := map[byte]int{}
	for i := range 17 {
		made[create(t, e, fmt.Sprintf("c%02d", i), "true").ID[0]]++
	}
	c := e.Containers()[3]
	for _, by := range []string{c.Name, "/" + c.Name, c.ID, c.ID[:12]} {
		if got, err := e.Container(by); err != nil || got != c {
			t.Errorf("Container(%q) = %v, %v", by, got, err)
		}
	}
	for first, n := range made {
		if n > 1 {
			if _, err := e.Container(string(first)); err == nil || !strings.HasPrefix(err.Error(), "multiple IDs found with provided prefix") {
				t.Errorf("prefix %q of %d containers: %v", first, n, err)
			}
		}
	}
	var missing *engine.NotFound
	if _, err := e.Container("nosuch"); !errors.As(err, &missing) {
		t.Errorf("a container that is not there: %v", err)
	}
}

// TestRestoreIsWhole changes everything after a snapshot, goes back, and finds
// nothing of it; and forward again, and finds all of it.
func TestRestoreIsWhole(t *testing.T) {
	e := engine.New(engine.Options{})
	c := running(t, e, "box")
	sh(t, e, c, "echo one > /f")
	before := e.Snapshot()
	sh(t, e, c, "echo two > /f; rm /bin/vi")
	if err := e.WriteFile(engine.Project+"/new", []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := e.Tag("busybox:1.36", "other:1"); err != nil {
		t.Fatal(err)
	}
	running(t, e, "second")
	after := e.Snapshot()
	for range 3 {
		e.Restore(before)
		if n := len(e.Containers()); n != 1 {
			t.Fatalf("%d containers before, want 1", n)
		}
		c, _ = e.Container("box")
		if got := sh(t, e, c, "cat /f; ls /bin/vi"); got != "one\n/bin/vi\n" {
			t.Errorf("before: %q", got)
		}
		if _, err := e.ReadFile(engine.Project + "/new"); err == nil {
			t.Error("before: the new file is there")
		}
		if _, err := e.Store().Resolve("other:1"); err == nil {
			t.Error("before: the new name is there")
		}
		e.Restore(after)
		c, _ = e.Container("box")
		if got := sh(t, e, c, "cat /f; ls /bin/vi || true"); !strings.HasPrefix(got, "two\nls: ") {
			t.Errorf("after: %q", got)
		}
		if _, err := e.Container("second"); err != nil {
			t.Errorf("after: %v", err)
		}
	}
}

// TestSizeRw holds what the writable layer takes against a real engine on ext4.
func TestSizeRw(t *testing.T) {
	e := engine.New(engine.Options{})
	if err := e.WriteFile(engine.Project+"/Dockerfile", []byte("FROM busybox:1.36\nRUN mkdir -p /d/a/b /d/c && echo 1 > /d/a/one && echo 3 > /d/c/three && ln /d/c/three /d/c/hard\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Build(context.Background(), engine.Project, build.Options{Tags: []string{"qq"}}, nil); err != nil {
		t.Fatal(err)
	}
	for script, want := range map[string]int64{
		"true":                           4096,
		"echo x > /x":                    8192,
		"rm -r /d/a && mkdir /d/a":       16384,
		"echo more >> /d/c/three":        24576,
		"ln /d/c/hard /d/c/third":        24576,
		"mv /home /house; mkdir /home":   12288,
		"rm /bin/vi; echo x > /bin/vi":   12288,
		"chown 3:4 /d/a/one":             24576,
		"rm -r /d/c":                     12288,
		"touch /etc/group":               16384,
		"echo 1.2.3.4 a >> /etc/hosts":   4096,
		"mkdir /dev/x; echo > /dev/null": 4096,
	} {
		c, err := e.Create(container.Config{Image: "qq", Args: []string{"sleep", "1000"}})
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Start(context.Background(), c, container.IO{}, true); err != nil {
			t.Fatal(err)
		}
		sh(t, e, c, script)
		if got := c.SizeRw(); got != want {
			t.Errorf("%s: %d bytes, a real engine says %d", script, got, want)
		}
	}
}

// saved is an image that an engine made, as an opened archive.
func saved(t *testing.T) (*archive.Archive, *layer.Layer) {
	t.Helper()
	e := engine.New(engine.Options{})
	c := running(t, e, "box")
	sh(t, e, c, "echo x > /x")
	im, err := e.Commit(context.Background(), c, engine.CommitOptions{Name: "x:1"})
	if err != nil {
		t.Fatal(err)
	}
	src := archive.Source{Names: []string{"x:1"}, Image: im.Image}
	for _, h := range im.Layers {
		src.Layers = append(src.Layers, h.Blob)
	}
	var b bytes.Buffer
	if err := archive.WriteDocker(context.Background(), &b, []archive.Source{src}, archive.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	a, err := archive.Open(context.Background(), content.Bytes(b.Bytes()), archive.Options{Name: "x.tar"})
	if err != nil {
		t.Fatal(err)
	}
	return a, im.Layers[len(im.Layers)-1].Layer
}

// TestLoadIndexed loads an archive whose layers were indexed elsewhere, in part.
func TestLoadIndexed(t *testing.T) {
	a, top := saved(t)
	e := engine.New(engine.Options{Bare: true})
	var told []event.Event
	e.Subscribe(func(ev event.Event) { told = append(told, ev) })
	var last, total int64
	got, err := e.Load(context.Background(), a, engine.LoadOptions{
		Layers:   map[digest.Digest]*layer.Layer{top.DiffID: top},
		Progress: func(done, of int64) { last, total = done, of },
	})
	if err != nil || len(got) != 1 || got[0].Names[0] != "x:1" {
		t.Fatalf("%v, %v", got, err)
	}
	if last != total || total == 0 {
		t.Errorf("progress ended at %d of %d", last, total)
	}
	if im := e.Store().Get(got[0].ID); im.Layers[1].Layer != top {
		t.Error("the layer that was indexed before was read again")
	}
	if len(told) != 2 {
		t.Errorf("told %v", told)
	}
}

// TestLoadRefusesAWrongLayer keeps nothing of an archive whose layer is another
// than its config says.
func TestLoadRefusesAWrongLayer(t *testing.T) {
	a, _ := saved(t)
	a.Images[0].Layers[1].Stored = content.Bytes(bytes.Repeat([]byte{0}, int(a.Images[0].Layers[1].StoredSize)))
	e := engine.New(engine.Options{})
	_, err := e.Load(context.Background(), a, engine.LoadOptions{})
	var bad *engine.LoadError
	if !errors.As(err, &bad) || bad.Layer != 2 || bad.Of != 2 {
		t.Fatalf("%v", err)
	}
	if n := len(e.Store().Images()); n != 1 {
		t.Errorf("%d images are there", n)
	}
}

// TestRefusals says no in Docker's words.
func TestRefusals(t *testing.T) {
	e := engine.New(engine.Options{})
	c := running(t, e, "box")
	ctx := context.Background()
	_, taken := e.Create(container.Config{Name: "box", Image: "busybox:1.36"})
	_, short := e.Create(container.Config{Name: "x", Image: "busybox:1.36"})
	_, none := e.Create(container.Config{Image: "nosuch"})
	var notFound *store.NotFound
	if !errors.As(none, &notFound) {
		t.Errorf("an image that is not there: %v", none)
	}
	_, pulled := e.Pull(ctx, "busybox:9")
	_, user := e.Exec(ctx, c, container.Spec{Args: []string{"id"}, User: "nosuch"}, container.IO{})
	_, group := e.Exec(ctx, c, container.Spec{Args: []string{"id"}, User: "0:nosuch"}, container.IO{})
	for _, r := range []struct {
		err  error
		want string
	}{
		{taken, `Conflict. The container name "/box" is already in use by container "` + c.ID + `". You have to remove (or rename) that container to be able to reuse that name.`},
		{short, "Invalid container name (x), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"},
		{none, "No such image: nosuch:latest"},
		{pulled, `failed to resolve reference "docker.io/library/busybox:9": docker.io/library/busybox:9: not found`},
		{user, "unable to find user nosuch: no matching entries in passwd file"},
		{group, "unable to find group nosuch: no matching entries in group file"},
		{e.Remove(c, "box", false), `cannot remove container "box": container is running: stop the container before removing or force remove`},
		{e.Unpause(c), "Container " + c.ID + " is not paused"},
	} {
		if r.err == nil || r.err.Error() != r.want {
			t.Errorf("got  %v\nwant %s", r.err, r.want)
		}
	}
}
