package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/layerlab/layerlab/scripts/internal/busybox"
)

// readerTests is the package whose tests hand images to programs that nobody
// here wrote.
const readerTests = "./scripts/test/readers/"

// readers are those programs, which Debian has in packages of the same names.
var readers = []string{"skopeo", "umoci", "buildah"}

// absent are the readers that this machine lacks.
func absent() []string {
	var out []string
	for _, p := range readers {
		if _, err := exec.LookPath(p); err != nil {
			out = append(out, p)
		}
	}
	return out
}

// installs reports whether this user may install programs with apt-get.
func installs() bool {
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		return false
	}
	_, err := exec.LookPath("apt-get")
	return err == nil
}

// ensureTools installs with one apt-get what the readers' tests need and this
// machine lacks, if this user may. A reader that is still missing is an error in
// CI, where nothing may go untested unseen; elsewhere its tests are left out.
func ensureTools(ctx context.Context, log io.Writer) error {
	lacks := absent()
	if _, err := os.Stat(busybox.Program); err != nil {
		lacks = append(lacks, busybox.Package)
	}
	if len(lacks) > 0 && installs() {
		fmt.Fprintln(log, "installing", strings.Join(lacks, ", "), "with apt-get")
		for _, args := range [][]string{{"update", "-q"}, append([]string{"install", "-q", "-y", "--no-install-recommends"}, lacks...)} {
			var said bytes.Buffer
			cmd := exec.CommandContext(ctx, "apt-get", args...)
			cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
			cmd.Stdout, cmd.Stderr = &said, &said
			if err := cmd.Run(); err != nil {
				return fmt.Errorf("apt-get %s: %w\n%s", args[0], err, said.Bytes())
			}
		}
	}
	if lacks := absent(); len(lacks) > 0 && (installs() || os.Getenv("CI") != "") {
		return errors.New("looking for other readers: " + lackWords(lacks))
	}
	return nil
}

func lackWords(lacks []string) string {
	return strings.Join(lacks, ", ") + " missing (Debian: apt-get install " + strings.Join(lacks, " ") + ")"
}

// readerEnv is the environment of the readers' tests: with everything there, a
// test that finds something missing fails instead of being skipped.
func readerEnv() []string {
	if len(absent()) == 0 && runtime.GOOS == "linux" && os.Getuid() == 0 {
		return []string{"LAYERLAB_READERS=all"}
	}
	return nil
}

// baseEnv makes the base that the transcripts were recorded with, in dir, and is
// the environment that has tests use it; none where it cannot be made.
func baseEnv(ctx context.Context, dir string, log io.Writer) []string {
	if os.Getenv("LAYERLAB_BASE") != "" {
		return nil
	}
	file := filepath.Join(dir, "busybox.tar")
	if err := busybox.Save(ctx, file); err != nil {
		fmt.Fprintln(log, "transcripts are played on the model of busybox, digests that depend on the base are NOT compared:", err)
		return nil
	}
	return []string{"LAYERLAB_BASE=" + file}
}

// readerLegs says which of the readers' tests run.
func readerLegs(o options) string {
	lacks := absent()
	switch {
	case o.noReaders:
		return "they do NOT run (-no-readers)"
	case runtime.GOOS != "linux" || os.Getuid() != 0:
		return "go-containerregistry's run, and those of skopeo if it is there; umoci's and buildah's do NOT run (they need root on Linux)"
	case len(lacks) == 0:
		return "they run: go-containerregistry, skopeo, umoci, buildah; a real Docker Engine's answers as they were recorded, and live if one answers"
	case installs():
		return "they run: go-containerregistry, skopeo, umoci, buildah, after apt-get has installed what is missing: " + strings.Join(lacks, ", ")
	default:
		return "those of go-containerregistry run; not all others do: " + lackWords(lacks)
	}
}
