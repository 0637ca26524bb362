//go:build readers

package readers_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// need skips a test for which this machine lacks a program or a right, and says
// so. scripts/test sets LAYERLAB_READERS=all where everything has to be there:
// then it fails.
func need(t *testing.T, root bool, programs ...string) {
	t.Helper()
	var lacks []string
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			lacks = append(lacks, p)
		}
	}
	if root && os.Getuid() != 0 {
		lacks = append(lacks, "root, who alone can make devices and give files away")
	}
	if len(lacks) == 0 {
		return
	}
	lacking(t, "this machine lacks "+strings.Join(lacks, ", "))
}

// lacking ends a test for which something is not there: skipped, or failed where
// everything has to be.
func lacking(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("LAYERLAB_READERS") == "all" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// mayMakeDevices reports whether this user can make a device file here: root in
// a container often cannot.
func mayMakeDevices(t *testing.T) bool {
	t.Helper()
	name := filepath.Join(t.TempDir(), "null")
	return unix.Mknod(name, unix.S_IFCHR|0o600, int(unix.Mkdev(1, 3))) == nil
}

// tool runs a program of this machine that must go well, and gives what it
// printed on its standard output.
func tool(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := try(t, name, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// try is tool for what may fail.
func try(t *testing.T, name string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	out, err := cmd.Output()
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		return string(out), fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, bytes.TrimSpace(exit.Stderr))
	}
	return string(out), err
}

// unpacked is a directory with what is in a tar of this machine.
func unpacked(t *testing.T, file string) string {
	t.Helper()
	dir := t.TempDir()
	tool(t, "tar", "-xf", file, "-C", dir)
	return dir
}

// packed is a tar of a directory, as somebody makes it by hand.
func packed(t *testing.T, dir string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "packed.tar")
	tool(t, "tar", "-cf", file, "-C", dir, ".")
	return file
}
