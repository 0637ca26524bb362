//go:build readers

package readers_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// An answer is what a Docker Engine says of one image of the corpus.
type answer struct {
	ID      string
	Inspect map[string]any // docker image inspect, without what depends on when it was loaded
	History []string       // docker history, one step a string
	Tree    string         // SHA-256 of the tree that docker export gives of a container
	Paths   int            // in it
}

// A reply is what a Docker Engine says of a sample.
type reply struct {
	Load   []string // the lines that docker load prints, sorted
	Images map[string]answer
}

// A docker answers docker commands: the simulator, or a real engine.
type docker interface {
	// docker runs a command line of a shell that must go well, with file as $FILE.
	docker(t *testing.T, line, file string) string
	// export is a docker command's standard output as a file.
	export(t *testing.T, line string) string
}

const historyFormat = `{{.CreatedAt}}|{{.CreatedBy}}|{{.Size}}|{{.Comment}}`

// ask loads the file that docker save wrote into d, and asks about every image.
func ask(t *testing.T, d docker, s *sample) (reply, map[string]fsTree) {
	t.Helper()
	out := reply{Images: map[string]answer{}}
	out.Load = strings.Split(strings.TrimSpace(d.docker(t, `docker load -i "$FILE"`, s.docker)), "\n")
	slices.Sort(out.Load)
	trees := map[string]fsTree{}
	for _, n := range s.names() {
		var a answer
		var all []map[string]any
		if err := json.Unmarshal([]byte(d.docker(t, "docker image inspect "+n, "")), &all); err != nil || len(all) != 1 {
			t.Fatalf("docker image inspect %s: %v", n, err)
		}
		a.Inspect = all[0]
		a.ID, _ = a.Inspect["Id"].(string)
		delete(a.Inspect, "Metadata") // when it was tagged here
		anyName(a.Inspect, len(s.images) > 1)
		a.History = strings.Split(strings.TrimSpace(d.docker(t, "docker history --no-trunc --human=false --format '"+historyFormat+"' "+n, "")), "\n")
		box := "readers-" + s.name
		d.docker(t, "docker create --name "+box+" "+n+" /none", "")
		file := d.export(t, "docker export "+box)
		d.docker(t, "docker rm "+box, "")
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		tree, err := ofTar(f)
		f.Close()
		if err != nil {
			t.Fatalf("docker export of %s: %v", n, err)
		}
		for p := range tree {
			if ofTheEngine.skips(p) || s.views["docker"].skips(p) {
				delete(tree, p)
			}
		}
		trees[n] = tree
		_, a.Tree, _ = sumOf(strings.NewReader(tree.text()))
		a.Paths = len(tree)
		out.Images[n] = a
	}
	return out, trees
}

// anyName takes the name out of the descriptor of an image that has several:
// Docker shows the one that was asked for, the simulator the one it was saved by.
func anyName(inspect map[string]any, several bool) {
	if d, ok := inspect["Descriptor"].(map[string]any); ok && several {
		if annotations, ok := d["annotations"].(map[string]any); ok {
			delete(annotations, "io.containerd.image.name")
			delete(annotations, "org.opencontainers.image.ref.name")
		}
	}
}

// ofTheEngine is what an engine puts into every container before it starts.
var ofTheEngine = view{skip: []string{"/.dockerenv", "/dev/", "/proc/", "/sys/", "/etc", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/etc/mtab"}}

// docker of a lab is the simulator's.
func (l lab) docker(t *testing.T, line, file string) string {
	t.Helper()
	if file != "" {
		line = strings.ReplaceAll(line, `"$FILE"`, l.give(file))
	}
	return l.run(line)
}

func (l lab) export(t *testing.T, line string) string {
	t.Helper()
	l.run(line + " > out.tar")
	file := filepath.Join(t.TempDir(), "out.tar")
	l.take("out.tar", file)
	return file
}

// A real is the engine that the docker command of this machine reaches.
type real struct{}

func (real) docker(t *testing.T, line, file string) string {
	t.Helper()
	cmd := exec.Command("sh", "-c", line)
	cmd.Env = append(os.Environ(), "FILE="+file)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", line, err, out)
	}
	return string(out)
}

func (r real) export(t *testing.T, line string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "out.tar")
	r.docker(t, line+` > "$FILE"`, file)
	return file
}

// live is the real engine, if there is one of version 28 or newer.
func live() (real, error) {
	out, err := exec.Command("docker", "version", "--format", "{{.Server.Version}}").Output()
	if err != nil {
		return real{}, fmt.Errorf("no Docker Engine answers (%w)", err)
	}
	major, _, _ := strings.Cut(string(out), ".")
	if n, err := strconv.Atoi(major); err != nil || n < 28 {
		return real{}, fmt.Errorf("the Docker Engine that answers is %s, not 28 or newer", strings.TrimSpace(string(out)))
	}
	return real{}, nil
}
