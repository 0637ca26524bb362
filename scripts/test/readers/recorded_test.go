//go:build readers

package readers_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var record = flag.Bool("record", false, "write down anew what the Docker Engine that answers says of the corpus")

const recordedFile = "testdata/docker29.json"

// recorded is what a real engine said of each sample, by name.
func recorded(t *testing.T) map[string]reply {
	t.Helper()
	out := map[string]reply{}
	b, err := os.ReadFile(recordedFile)
	if errors.Is(err, fs.ErrNotExist) && *record {
		return out
	}
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestDockerRecorded loads what was saved into the simulator, and holds its
// answers against what a real engine said of the very same file.
func TestDockerRecorded(t *testing.T) {
	if *record {
		t.Skip("TestDockerLive writes the record anew")
	}
	want := recorded(t)
	each(t, "docker", func(t *testing.T, s *sample) {
		w, ok := want[s.name]
		if !ok {
			t.Fatalf("%s says nothing of it: go test -tags readers ./scripts/test/readers -run DockerLive -args -record", recordedFile)
		}
		got, _ := ask(t, newLab(t, true), s)
		same(t, w, got)
	})
}

// same compares two replies, as they are written down.
func same(t *testing.T, want, got reply) {
	t.Helper()
	var w, g any
	for v, r := range map[*any]reply{&w: want, &g: got} {
		b, err := json.Marshal(r)
		if err == nil {
			err = json.Unmarshal(b, v)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff(w, g); d != "" {
		t.Errorf("(-Docker +simulator)\n%s", d)
	}
}

// TestDockerLive does the same with the engine that answers, compares the trees
// path by path, saves there what was loaded and loads that here.
func TestDockerLive(t *testing.T) {
	engine, err := live()
	if err != nil {
		t.Skip(err)
	}
	record0 := map[string]reply{}
	each(t, "docker", func(t *testing.T, s *sample) {
		t.Cleanup(func() {
			for _, n := range s.names() {
				engine.docker(t, "docker rmi -f "+n+" 2>/dev/null || true", "")
			}
		})
		theirs, tree := ask(t, engine, s)
		ours, _ := ask(t, newLab(t, true), s)
		same(t, theirs, ours)
		for n, got := range tree {
			v := s.views["docker"]
			v.skip = append(v.skip, ofTheEngine.skip...)
			for _, d := range differences(s.trees[n], got, v) {
				t.Errorf("%s: %s", n, d)
			}
		}
		file := engine.export(t, "docker save "+strings.Join(s.names(), " "))
		l := newLab(t, true)
		l.run("docker load -i " + l.give(file))
		for n, im := range s.images {
			if got := l.Engine().Store().Get(im.ID); got == nil {
				t.Errorf("%s: what Docker saved of it does not bring %s", n, im.ID)
			}
		}
		if s.save == s.image() || s.unnamed { // else the order of names is another
			a, err1 := os.ReadFile(s.docker)
			b, err2 := os.ReadFile(file)
			if err1 != nil || err2 != nil || !bytes.Equal(a, b) {
				t.Errorf("what Docker saves is not what we saved: %d and %d bytes %v %v", len(b), len(a), err1, err2)
			}
		}
		record0[s.name] = theirs
	})
	if *record && !t.Failed() {
		b, err := json.MarshalIndent(record0, "", " ")
		if err == nil {
			err = os.WriteFile(recordedFile, append(b, '\n'), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
