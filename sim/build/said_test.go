package build

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// What Docker says of Dockerfiles: NAME.build in testdata/said is the error with
// the lines around it, or "OK", and the linter's findings; NAME.check is what
// `docker build --check` printed.
func TestWhatIsSaidIsBuildKits(t *testing.T) {
	files, err := filepath.Glob("testdata/said/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		a, all := readRecordings(t, file)
		if os.Getenv(recordEnv) != "" {
			recordSaid(t, file, a, all)
		}
		group := strings.TrimSuffix(filepath.Base(file), ".txtar")
		for _, r := range all {
			t.Run(group+"/"+r.name, func(t *testing.T) {
				l := newLab(t).withModel()
				if diff := cmp.Diff(strings.Split(r.said, "\n"), strings.Split(r.says(l), "\n")); diff != "" {
					t.Errorf("build (-Docker +ours):\n%s", diff)
				}
				if diff := cmp.Diff(strings.Split(r.checked, "\n"), strings.Split(r.checks(l), "\n")); diff != "" {
					t.Errorf("--check (-Docker +ours):\n%s", diff)
				}
			})
		}
	}
}

// says builds a recording here.
func (r *recording) says(l *lab) string {
	delete(r.options.BuildArgs, "SOURCE_DATE_EPOCH")
	l.writeContext(r.files)
	l.write("Dockerfile", r.dockerfile)
	text := r.build(l)
	if l.last != nil {
		text = "OK\n"
	}
	var warned []string
	for _, e := range l.events {
		if w, ok := e.(VertexWarning); ok {
			warned = append(warned, "WARNING "+w.Text+"\n")
		}
	}
	slices.Sort(warned)
	return strings.ReplaceAll(text, "\r\n", "\n") + strings.Join(warned, "")
}

// checks checks a recording here, with the same files as says.
func (r *recording) checks(l *lab) string {
	c, err := l.b.Check(context.Background(), l.host.Root(), "/ctx", r.options, nil)
	if err != nil {
		return FailureText(err)
	}
	if len(c.Warnings) == 0 && c.Err != nil {
		return strings.TrimPrefix(c.Failure(), "\n")
	}
	return c.Text() + c.Failure()
}

// noNetwork is what Docker says of an image that it has not, where it cannot ask
// the registry.
var noNetwork = regexp.MustCompile(`(\S+): failed to do request: .*no such host`)

// recordSaid asks Docker and writes what it says into the file.
func recordSaid(t *testing.T, file string, a *txtar.Archive, all []*recording) {
	for _, r := range all {
		if only := os.Getenv(recordEnv); only != "all" && !slices.Contains(strings.Split(only, ","), r.name) {
			continue
		}
		l := newLab(t)
		l.writeContext(r.files)
		l.write("Dockerfile", r.dockerfile)
		dir := t.TempDir()
		l.unpackInto(dir)
		ctx := filepath.Join(dir, "ctx")
		out, err := exec.Command("docker", append(append([]string{"buildx", "build", "--progress=rawjson", "--output=type=cacheonly"}, r.flags...), ctx)...).CombinedOutput()
		a, tail := readRawJSON(out)
		r.said = "OK\n"
		if err != nil {
			r.said = failure(t, tail)
		}
		for _, w := range a.warn {
			r.said += w + "\n"
		}
		cmd := exec.Command("docker", append(append([]string{"buildx", "build", "--progress=quiet", "--check"}, r.flags...), ".")...)
		cmd.Dir = ctx
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		stdout, _ := cmd.Output()
		r.said = noNetwork.ReplaceAllString(r.said, "$1: $1: not found")
		r.checked = noNetwork.ReplaceAllString(string(stdout)+stderr.String(), "$1: $1: not found")
	}
	byName := map[string]*recording{}
	for _, r := range all {
		byName[r.name] = r
	}
	out := &txtar.Archive{Comment: a.Comment}
	for _, f := range a.Files {
		name, ext, _ := strings.Cut(f.Name, ".")
		if ext == "build" || ext == "check" {
			continue
		}
		out.Files = append(out.Files, f)
		if strings.TrimSuffix(ext, ".escaped") == "Dockerfile" {
			out.Files = append(out.Files, txtar.File{Name: name + ".build", Data: []byte(byName[name].said)}, txtar.File{Name: name + ".check", Data: []byte(byName[name].checked)})
		}
	}
	if err := os.WriteFile(file, txtar.Format(out), 0o644); err != nil {
		t.Fatal(err)
	}
}
