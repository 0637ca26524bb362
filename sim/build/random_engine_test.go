package build

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// An answer is what came of one build: an error with the lines around it, or the
// digests and what became of each step; and what the linter said.
type answer struct {
	text  string   // manifest and layers, a line each, or "ERROR" and the message
	steps []string // "CACHED [s0 2/3] COPY a /", of a build that went well
	warn  []string
}

func (a answer) String() string {
	return strings.Join(append(append([]string{strings.TrimRight(a.text, "\n")}, a.steps...), a.warn...), "\n")
}

// recordingOf is a round in the form of a recording.
func (rd round) recordingOf(t *testing.T) *recording {
	epoch := "1700000000"
	r := &recording{dockerfile: rd.dockerfile, options: Options{BuildArgs: map[string]*string{"SOURCE_DATE_EPOCH": &epoch}, RewriteTimestamp: true, Labels: map[string]string{}}}
	r.readFlags(t, rd.flags)
	return r
}

// ours builds a round in the lab.
func (rd round) ours(l *lab) answer {
	l.lay(rd.files)
	l.write("Dockerfile", rd.dockerfile)
	r := rd.recordingOf(l.t)
	text := r.build(l)
	var a answer
	a.text = text
	names := map[int]string{}
	for _, e := range l.events {
		switch e := e.(type) {
		case VertexWarning:
			a.warn = append(a.warn, "WARNING "+e.Text)
		case VertexStarted:
			names[e.ID] = e.Name
		case VertexDone:
			if isStep(e.Name) && l.last != nil {
				state := "DONE "
				if e.Cached {
					state = "CACHED "
				}
				a.steps = append(a.steps, state+e.Name)
			}
		}
	}
	slices.Sort(a.steps)
	slices.Sort(a.warn)
	return a
}

// isStep reports whether a vertex is of an instruction that makes a layer.
func isStep(name string) bool {
	at, what, found := strings.Cut(name, "] ")
	return found && at != "[internal" && !strings.HasPrefix(what, "FROM ")
}

// engine builds a round with the docker of PATH; dir is the same for all rounds
// of a case.
func (rd round) engine(l *lab, dir string) answer {
	r := rd.recordingOf(l.t)
	os.RemoveAll(filepath.Join(dir, "ctx"))
	l.unpackInto(dir)
	dest := filepath.Join(dir, "image.tar")
	out, err := exec.Command("docker", r.command(dest, "rawjson", filepath.Join(dir, "ctx"))...).CombinedOutput()
	a, tail := readRawJSON(out)
	if err == nil {
		raw, err := os.ReadFile(dest)
		if err != nil {
			l.t.Fatal(err)
		}
		a.text = digestsOf(l.t, raw)
		return a
	}
	a.steps = nil
	a.text = failure(l.t, tail)
	return a
}

// failure is the error that ends what `docker build` prints, in the form of
// recording.build.
func failure(t *testing.T, tail string) string {
	excerpt, msg, found := strings.Cut(tail, "ERROR: failed to build: ")
	if !found {
		t.Fatalf("no error:\n%s", tail)
	}
	msg, _, _ = strings.Cut(strings.TrimPrefix(msg, "failed to solve: "), "\n")
	return "ERROR " + mountDir.ReplaceAllString(refID.ReplaceAllString(msg, "REF"), "") + "\n" + excerpt
}

// readRawJSON reads what `docker build --progress=rawjson` prints, and gives what
// stands after it.
func readRawJSON(out []byte) (a answer, tail string) {
	type vertex struct {
		Digest, Name string
		Cached       bool
		Completed    *string
	}
	last := map[string]vertex{}
	s := bufio.NewScanner(bytes.NewReader(out))
	s.Buffer(nil, 64<<20)
	for s.Scan() {
		if !strings.HasPrefix(s.Text(), `{"`) {
			tail += s.Text() + "\n"
			continue
		}
		var msg struct {
			Vertexes []vertex
			Warnings []struct{ Short []byte }
		}
		if json.Unmarshal(s.Bytes(), &msg) != nil {
			tail += s.Text() + "\n"
			continue
		}
		for _, v := range msg.Vertexes {
			v.Cached = v.Cached || last[v.Digest].Cached
			last[v.Digest] = v
		}
		for _, w := range msg.Warnings {
			a.warn = append(a.warn, "WARNING "+string(w.Short))
		}
	}
	// COPY --link is two vertices that are shown as one: the copying, and that its
	// layer is put on top.
	anew := map[string]bool{}
	for _, v := range last {
		name := strings.Replace(v.Name, "] LINK ", "] ", 1)
		anew[name] = anew[name] || !v.Cached
	}
	for name, is := range anew {
		if !isStep(name) {
			continue
		}
		state := "CACHED "
		if is {
			state = "DONE "
		}
		a.steps = append(a.steps, state+name)
	}
	slices.Sort(a.steps)
	slices.Sort(a.warn)
	return a, tail
}

// play builds all rounds of a case here.
func (c *randomCase) play(t *testing.T, each func(i int, l *lab, ours answer)) {
	l := newLab(t)
	if os.Getenv(baseEnv) != "" {
		l.withBusybox()
	} else {
		l.withModel()
	}
	for i, rd := range c.rounds {
		each(i, l, rd.ours(l))
	}
}

// keepBoth writes the image that Docker built and the one of here to the directory
// that the environment names, if it does.
func keepBoth(l *lab, name, image string) {
	if dir := os.Getenv("LAYERLAB_KEEP"); dir != "" && l.last != nil {
		os.Rename(image, filepath.Join(dir, name+".oci.tar"))
		(&recording{name: name}).keep(l)
	}
}

// engineEnv asks for random cases to be built with the docker of PATH too: seeds
// as "100-199". The engine's build cache is emptied before each. With recordEnv
// set, the answers of those that are alike are kept.
const engineEnv = "LAYERLAB_ENGINE_SEEDS"

func TestRandomBuildsAgainstEngine(t *testing.T) {
	var first, last uint64
	if os.Getenv(engineEnv) == "" {
		return
	}
	if n, err := fmt.Sscanf(os.Getenv(engineEnv), "%d-%d", &first, &last); n != 2 {
		t.Fatal(err)
	}
	for seed := first; seed <= last; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			c := newRandomCase(t, seed)
			if out, err := exec.Command("docker", "builder", "prune", "-af").CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			dir := t.TempDir()
			var all []answer
			c.play(t, func(i int, l *lab, ours answer) {
				theirs := c.rounds[i].engine(l, dir)
				if i == 0 { // pruning leaves some of what starts from nothing
					ours.steps, theirs.steps = nil, nil
				}
				all = append(all, theirs)
				if ours.String() != theirs.String() {
					keepBoth(l, fmt.Sprintf("%d.%d", seed, i+1), filepath.Join(dir, "image.tar"))
					t.Errorf("build %d of\n%v\n-- Docker\n%v\n-- ours\n%v", i+1, c, theirs, ours)
				}
			})
			if os.Getenv(recordEnv) != "" && !t.Failed() {
				c.keepAnswers(t, all)
			}
		})
	}
}
