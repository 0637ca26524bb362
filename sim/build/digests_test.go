package build

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/layerlab/layerlab/sim/archive"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/image"
	"github.com/layerlab/layerlab/sim/layer"
	"github.com/layerlab/layerlab/sim/tree"
)

// The real base's layer, in whose place the model has one without the program.
const (
	realBaseDiffID = "sha256:24029a5b0c410aff3189e108d8e1d351a42ceadf7d1468f45b3adbba3e63b89c"
	realBaseLayer  = "sha256:c86af36882fab42eacc9867e91e918e605f457a5585f8482a73d6aaa92f036aa"
	realBaseSize   = 1068818
)

// A recording is one Dockerfile of a file in testdata/digests with what Docker
// made of it: the manifest's digest and those of the layers that are not the
// base's, or "ERROR" and the message.
type recording struct {
	name       string
	dockerfile string
	options    Options
	flags      []string // the same for `docker buildx build`
	files      []txtar.File
	want       string
	said       string // of a build, for those of testdata/said
	checked    string // of --check, likewise
}

// readRecordings takes a file apart. NAME.Dockerfile is a Dockerfile,
// NAME.dockerignore its own, NAME.flags has "arg K=V", "target T" or "label K=V" a line,
// NAME.digests is what was recorded; the other files are the context of all.
func readRecordings(t *testing.T, file string) (*txtar.Archive, []*recording) {
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []*recording
	byName := map[string]*recording{}
	var context []txtar.File
	for _, f := range a.Files {
		name, ext, _ := strings.Cut(f.Name, ".")
		r := byName[name]
		data := f.Data
		if raw, ok := strings.CutSuffix(ext, ".escaped"); ok {
			ext, data = raw, unescape(data)
		}
		switch {
		case ext == "Dockerfile":
			r = &recording{name: name, dockerfile: string(data), options: Options{BuildArgs: map[string]*string{"SOURCE_DATE_EPOCH": ptr("1700000000")}, RewriteTimestamp: true, Labels: map[string]string{}}}
			out = append(out, r)
			byName[name] = r
		case ext == "dockerignore" && r != nil:
			r.files = append(r.files, txtar.File{Name: "Dockerfile.dockerignore", Data: f.Data})
		case ext == "flags":
			r.readFlags(t, string(f.Data))
		case ext == "build":
			r.said = string(f.Data)
		case ext == "check":
			r.checked = string(f.Data)
		case ext == "digests":
			r.want = strings.TrimSpace(string(f.Data))
		default:
			context = append(context, f)
		}
	}
	for _, r := range out {
		r.files = append(r.files, context...)
	}
	return a, out
}

func (r *recording) readFlags(t *testing.T, text string) {
	for line := range strings.Lines(text) {
		flag, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		k, v, given := strings.Cut(value, "=")
		switch flag {
		case "arg":
			r.options.BuildArgs[k] = nil
			if given {
				r.options.BuildArgs[k] = &v
			}
			r.flags = append(r.flags, "--build-arg", value)
		case "target":
			r.options.Target = value
			r.flags = append(r.flags, "--target", value)
		case "no-cache":
			r.options.NoCacheFilter = append(r.options.NoCacheFilter, value)
			r.flags = append(r.flags, "--no-cache-filter", value)
		case "label":
			r.options.Labels[k] = v
			r.flags = append(r.flags, "--label", value)
		default:
			t.Fatalf("%s: flag %q", r.name, flag)
		}
	}
}

// unescape is a Dockerfile with what a text file had better not hold, for those
// whose names end in ".escaped": "\r", "\ufeff" and, as "\c", no last newline.
func unescape(data []byte) []byte {
	return []byte(strings.NewReplacer(`\r`, "\r", `\ufeff`, "\ufeff", "\\c\n", "").Replace(string(data)))
}

// writeContext puts a recording's files into the context. The file "setup" has a
// line for each thing that a text file cannot say: "chmod 4755 NAME",
// "link OLD NEW", "symlink TARGET NAME", "touch SECONDS NAME", "mkdir NAME",
// "fifo NAME". NAME.tar.made and NAME.tgz.made become archives of what they list,
// NAME.base64 becomes what it holds.
func (l *lab) writeContext(files []txtar.File) {
	setup := ""
	for _, f := range files {
		name, made := strings.CutSuffix(f.Name, ".made")
		coded, is64 := strings.CutSuffix(f.Name, ".base64")
		switch {
		case f.Name == "setup":
			setup = string(f.Data)
		case made:
			l.write(name, string(makeArchive(l.t, name, string(f.Data))))
		case is64:
			raw, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(string(f.Data), "\n", ""))
			if err != nil {
				l.t.Fatal(err)
			}
			l.write(coded, string(raw))
		default:
			l.write(f.Name, string(f.Data))
		}
	}
	v := l.host.Root()
	for line := range strings.Lines(setup) {
		w := strings.Fields(line)
		at := path.Join("/ctx", w[len(w)-1])
		var err error
		switch w[0] {
		case "chmod":
			var mode uint64
			if mode, err = strconv.ParseUint(w[1], 8, 32); err == nil {
				err = v.Chmod(at, uint32(mode))
			}
		case "link":
			err = v.Link(path.Join("/ctx", w[1]), at)
		case "symlink":
			err = v.Symlink(w[1], at)
		case "mkdir":
			err = v.MkdirAll(at, 0o755)
		case "fifo":
			err = v.Mknod(at, tree.FIFO|0o644, 0, 0)
		case "touch":
			var sec int64
			if sec, err = strconv.ParseInt(w[1], 10, 64); err == nil {
				err = v.Utimes(at, tree.TimeOf(time.Unix(sec, 0)))
			}
		default:
			err = fmt.Errorf("no such thing")
		}
		if err != nil {
			l.t.Fatalf("setup: %s: %v", line, err)
		}
	}
}

// makeArchive is a tar, gzipped if the name says so, of the lines of a list:
// type (d, f, l, h), mode, uid:gid, seconds, name, and the target of a link or
// the content of a file.
func makeArchive(t *testing.T, name, list string) []byte {
	var b bytes.Buffer
	var out io.Writer = &b
	var gz *gzip.Writer
	if strings.HasSuffix(name, "gz") {
		gz = gzip.NewWriter(&b)
		out = gz
	}
	tw := tar.NewWriter(out)
	for line := range strings.Lines(list) {
		w := strings.Fields(line)
		var uid, gid int
		fmt.Sscanf(w[2], "%d:%d", &uid, &gid)
		mode, _ := strconv.ParseInt(w[1], 8, 64)
		sec, _ := strconv.ParseInt(w[3], 10, 64)
		h := &tar.Header{Name: w[4], Mode: mode, Uid: uid, Gid: gid, ModTime: time.Unix(sec, 0), Format: tar.FormatPAX}
		rest := strings.Join(w[5:], " ")
		switch w[0] {
		case "d":
			h.Typeflag = tar.TypeDir
		case "l":
			h.Typeflag, h.Linkname = tar.TypeSymlink, rest
		case "h":
			h.Typeflag, h.Linkname = tar.TypeLink, rest
		default:
			h.Typeflag, h.Size = tar.TypeReg, int64(len(rest))
		}
		if err := tw.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			io.WriteString(tw, rest)
		}
	}
	tw.Close()
	if gz != nil {
		gz.Close()
	}
	return b.Bytes()
}

// outcome builds a recording here, and gives what its text should be.
func (r *recording) outcome(l *lab) string {
	l.now = l.now.Add(536438714 * time.Nanosecond) // programs that keep a time keep less of it
	l.writeContext(r.files)
	l.write("Dockerfile", r.dockerfile)
	text := r.build(l)
	if strings.HasPrefix(text, "ERROR ") {
		text, _, _ = strings.Cut(text, "\n")
	}
	return text
}

// build builds what is in the lab's context: digests, a line each, or "ERROR", the
// message and the lines that it is about. Where the base is the catalogue's model
// of busybox, the real one's layer is named in its place, so that whole manifests
// can be held.
func (r *recording) build(l *lab) string {
	l.b.NewRef = func() string { return "REF" }
	res, err := l.try(r.options)
	if err != nil {
		excerpt := ""
		var e *Error
		if errors.As(err, &e) {
			excerpt = e.Excerpt
		}
		return "ERROR " + strings.ReplaceAll(err.Error(), "REF::REF", "REF") + "\n" + excerpt
	}
	base := l.images["docker.io/library/busybox:1.36"].Layers[0]
	lines := []string{""}
	im := res.Image
	for i, h := range res.Layers {
		if i > 0 || h.DiffID != base.DiffID {
			lines = append(lines, h.DiffID.String())
			continue
		}
		config := bytes.ReplaceAll(im.ConfigRaw, []byte(base.DiffID), []byte(realBaseDiffID))
		descs := slices.Clone(im.Manifest.Layers)
		descs[0].Digest, descs[0].Size = realBaseLayer, realBaseSize
		if im, err = image.Assemble(config, descs); err != nil {
			l.t.Fatal(err)
		}
	}
	lines[0] = im.Digest.String()
	return strings.Join(lines, "\n")
}

// recordEnv asks for recordings to be made anew, with the docker of PATH: "all",
// or the names of some.
const recordEnv = "LAYERLAB_RECORD"

// Sixty Dockerfiles and what Docker Engine 29.9.3 made of them with
//
//	docker buildx build --build-arg SOURCE_DATE_EPOCH=1700000000 --output type=oci,rewrite-timestamp=true
//
// every layer's DiffID and the manifest's digest.
func TestDigestsAreBuildKits(t *testing.T) {
	files, err := filepath.Glob("testdata/digests/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, file := range files {
		a, all := readRecordings(t, file)
		count += len(all)
		if os.Getenv(recordEnv) != "" {
			recordAll(t, file, a, all)
		}
		group := strings.TrimSuffix(filepath.Base(file), ".txtar")
		for _, r := range all {
			t.Run(group+"/"+r.name, func(t *testing.T) {
				l := newLab(t)
				if os.Getenv(baseEnv) != "" {
					l.withBusybox()
				} else {
					l.withModel()
				}
				got := r.outcome(l)
				if diff := cmp.Diff(strings.Split(r.want, "\n"), strings.Split(got, "\n")); diff != "" {
					t.Errorf("(-Docker +ours):\n%s", diff)
					r.keep(l)
				}
			})
		}
	}
	if count < 60 {
		t.Errorf("%d Dockerfiles, there should be 60", count)
	}
}

// recordAll builds with Docker and writes what came of it into the file.
func recordAll(t *testing.T, file string, a *txtar.Archive, all []*recording) {
	byName := map[string]string{}
	for _, r := range all {
		if only := os.Getenv(recordEnv); only == "all" || slices.Contains(strings.Split(only, ","), r.name) {
			r.want = r.record(t)
		}
		byName[r.name] = r.want
	}
	out := &txtar.Archive{Comment: a.Comment}
	for _, f := range a.Files {
		name, ext, _ := strings.Cut(f.Name, ".")
		if ext == "digests" {
			continue
		}
		out.Files = append(out.Files, f)
		if strings.TrimSuffix(ext, ".escaped") == "Dockerfile" {
			out.Files = append(out.Files, txtar.File{Name: name + ".digests", Data: []byte(byName[name] + "\n")})
		}
	}
	if err := os.WriteFile(file, txtar.Format(out), 0o644); err != nil {
		t.Fatal(err)
	}
}

// unpackInto writes the lab's files to a directory of the disk: as their tar says.
func (l *lab) unpackInto(dir string) {
	var b bytes.Buffer
	if err := layer.WriteTar(context.Background(), &b, l.host.Changeset(), layer.WriteOptions{}); err != nil {
		l.t.Fatal(err)
	}
	cmd := exec.Command("tar", "-xpf", "-", "-C", dir)
	cmd.Stdin = &b
	if out, err := cmd.CombinedOutput(); err != nil {
		l.t.Fatalf("%v: %s", err, out)
	}
}

// command is the arguments of `docker` that build a recording.
func (r *recording) command(dest, progress, ctx string) []string {
	args := []string{"buildx", "build", "--progress=" + progress, "--build-arg", "SOURCE_DATE_EPOCH=1700000000", "--output", "type=oci,rewrite-timestamp=true,dest=" + dest}
	return append(append(args, r.flags...), ctx)
}

// digestsOf is the digests of an image in a tarball: the manifest's, and those of
// the layers that are not busybox's.
func digestsOf(t *testing.T, raw []byte) string {
	arch, err := archive.Open(context.Background(), content.Bytes(raw), archive.Options{})
	if err != nil {
		t.Fatal(err)
	}
	im := arch.Images[0].Image
	lines := []string{im.Digest.String()}
	for i, d := range im.DiffIDs() {
		if i > 0 || d != realBaseDiffID {
			lines = append(lines, d.String())
		}
	}
	return strings.Join(lines, "\n")
}

// record builds a recording's Dockerfile with Docker.
func (r *recording) record(t *testing.T) string {
	l := newLab(t)
	l.writeContext(r.files)
	l.write("Dockerfile", r.dockerfile)
	dir := t.TempDir()
	l.unpackInto(dir)
	dest := filepath.Join(dir, "image.tar")
	out, err := exec.Command("docker", r.command(dest, "plain", filepath.Join(dir, "ctx"))...).CombinedOutput()
	if err != nil {
		_, msg, found := strings.Cut(string(out), "ERROR: failed to build: failed to solve: ")
		if !found {
			t.Fatalf("%s: %v\n%s", r.name, err, out)
		}
		msg, _, _ = strings.Cut(msg, "\n")
		return "ERROR " + mountDir.ReplaceAllString(refID.ReplaceAllString(msg, "REF"), "")
	}
	if keep := os.Getenv("LAYERLAB_KEEP"); keep != "" {
		if err := os.Rename(dest, filepath.Join(keep, r.name+".oci.tar")); err == nil {
			dest = filepath.Join(keep, r.name+".oci.tar")
		}
	}
	raw, err := os.ReadFile(dest)
	if err != nil {
		t.Fatal(err)
	}
	return digestsOf(t, raw)
}

// mountDir is where a layer is while BuildKit writes to it.
var mountDir = regexp.MustCompile(`/[^ ]*/(cachemounts/buildkit\d+|snapshots/\d+/fs)`)

// keep writes the image that was built here to a file, to be held against
// Docker's, if the environment names a directory.
func (r *recording) keep(l *lab) {
	dir := os.Getenv("LAYERLAB_KEEP")
	if dir == "" || l.last == nil {
		return
	}
	var b bytes.Buffer
	for i, h := range l.last.Layers {
		fmt.Fprintf(&b, "layer %d %s\n%s\n", i, h.DiffID, strings.Join(entries(h), "\n"))
		if raw, err := content.ReadAll(h.Layer.Tar(), 1<<30); err == nil {
			os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s.%d.tar", r.name, i)), raw, 0o644)
		}
	}
	fmt.Fprintf(&b, "%s\n%s\n", l.last.Image.ConfigRaw, l.last.Image.ManifestRaw)
	os.WriteFile(filepath.Join(dir, r.name+".ours"), b.Bytes(), 0o644)
}
