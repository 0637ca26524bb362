//go:build readers

package readers_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestImport imports what GNU tar writes in each of its formats, plain and
// compressed: what v7 and ustar cannot hold they leave out themselves.
func TestImport(t *testing.T) {
	need(t, true, "tar", "gzip", "bzip2", "xz", "zstd")
	root := t.TempDir()
	deep := filepath.Join(root, strings.Repeat("d", 60), strings.Repeat("e", 60), strings.Repeat("f", 60))
	if err := os.MkdirAll(deep, 0o750); err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]os.FileMode{"plain": 0o640, "set": 0o755 | os.ModeSetuid, strings.Repeat("d", 60) + "/grüß": 0o600} {
		name = filepath.Join(root, name)
		if err := os.WriteFile(name, []byte(name[len(root):]), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, time.Time{}, time.Unix(1700000000, 123456789)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Link(filepath.Join(root, "plain"), filepath.Join(root, "same")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/plain", filepath.Join(root, "link")); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(root, "set"), 1<<20); err != nil {
		t.Fatal(err)
	}
	engine, none := live()
	dir := t.TempDir()
	for _, format := range []string{"gnu", "oldgnu", "pax", "ustar", "v7", "gnu --sparse", "pax --sparse"} {
		for _, codec := range []string{"", "--gzip", "--bzip2", "--zstd"} {
			if codec != "" && format != "gnu" && format != "pax --sparse" {
				continue
			}
			t.Run(strings.TrimSpace(format+codec), func(t *testing.T) {
				file := filepath.Join(dir, strings.ReplaceAll(format+codec, " ", "")+".tar")
				args := append(strings.Fields("--format="+format), "-cf", file, "-C", root)
				if codec != "" {
					args = append(args, codec)
				}
				// tar exits with 2 where the format cannot hold a name, and goes on.
				if _, err := try(t, "tar", append(args, ".")...); err != nil && format != "v7" && format != "ustar" {
					t.Fatal(err)
				}
				l := newLab(t, true)
				l.run("docker import " + l.give(file) + " readers/import:1")
				im := l.images()["readers/import:1"]
				out := t.TempDir()
				tool(t, "tar", "-xpf", file, "-C", out)
				want, err := ofDir(out)
				if err != nil {
					t.Fatal(err)
				}
				for _, d := range differences(treeOf(t, im), want, view{}) {
					t.Errorf("GNU tar reads it otherwise: %s", d)
				}
				savesTheSame(t, l)
				if none != nil {
					return
				}
				defer engine.docker(t, "docker rmi -f readers/import:1", "")
				if format == "gnu --sparse" { // entries of type S, which containerd does not unpack; we show them
					said := engine.docker(t, `docker import "$FILE" readers/import:1 2>&1 || true`, file)
					if !strings.HasSuffix(said, "unhandled tar header type 83\n") {
						t.Errorf("Docker says %s", said)
					}
					return
				}
				engine.docker(t, `docker import "$FILE" readers/import:1`, file)
				l = newLab(t, true)
				l.run("docker load -i " + l.give(engine.export(t, "docker save readers/import:1")))
				theirs := l.images()["readers/import:1"]
				if a, b := theirs.Layers[0], im.Layers[0]; a.Digest != b.Digest || a.DiffID != b.DiffID || a.MediaType != b.MediaType {
					t.Errorf("Docker makes the layer %s %s %s of it, not %s %s %s", a.Digest, a.DiffID, a.MediaType, b.Digest, b.DiffID, b.MediaType)
				}
				engine.docker(t, "docker create --name readers-import readers/import:1 /none", "")
				defer engine.docker(t, "docker rm readers-import", "")
				f, err := os.Open(engine.export(t, "docker export readers-import"))
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				got, err := ofTar(f)
				if err != nil {
					t.Fatal(err)
				}
				for _, d := range differences(treeOf(t, im), got, view{skip: ofTheEngine.skip, seconds: true}) {
					t.Errorf("Docker unpacks it otherwise: %s", d)
				}
			})
		}
	}
}

// TestImportRefuses imports what is no tar.
func TestImportRefuses(t *testing.T) {
	dir := t.TempDir()
	engine, none := live()
	for name, body := range map[string]string{
		"cpio": "070701" + strings.Repeat("0", 1000), "program": "\x7fELF" + strings.Repeat("\x01", 1000), "short": "a short text",
	} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
		l := newLab(t, true)
		out, exit := l.try("docker import " + l.give(file) + " readers/refused:1")
		said := out[strings.LastIndex(out, ": ")+2:]
		if exit != 1 {
			t.Errorf("%s: exit %d\n%s", name, exit, out)
		}
		if none != nil {
			continue
		}
		theirs := engine.docker(t, `docker import "$FILE" readers/refused:1 2>&1 || true; docker rmi -f readers/refused:1 >/dev/null 2>&1 || true`, file)
		if !strings.HasSuffix(theirs, said) {
			t.Errorf("%s: Docker says\n%swe say\n%s", name, theirs, out)
		}
	}
}
