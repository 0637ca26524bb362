package overlay_test

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// shipper is BuildKit's code for making a layer of an upper directory
// (scripts/internal/upperdiff), as a program that runs beside the test.
type shipper struct {
	in  io.WriteCloser
	out io.Reader
}

var upperdiffDir string

func TestMain(m *testing.M) {
	code := m.Run()
	if upperdiffDir != "" {
		os.RemoveAll(upperdiffDir)
	}
	os.Exit(code)
}

// upperdiff is the program, built once; "" where it cannot be.
var upperdiff = sync.OnceValue(func() string {
	dir, err := os.MkdirTemp("", "upperdiff")
	check(err)
	upperdiffDir = dir
	program := filepath.Join(dir, "upperdiff")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Dir = "../../scripts/internal/upperdiff"
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Printf("sim/overlay: BuildKit's differ cannot be built, layers are NOT compared with its: %v\n%s", err, out)
		return ""
	}
	return program
})

// starting is held while a program starts: until it runs it has the files of all
// threads open, and what they have mounted is busy.
var starting sync.RWMutex

// newShipper starts it in the mount namespace and root directory of this thread.
func newShipper(program, temp string) *shipper {
	if program == "" {
		return nil
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), "TMPDIR="+temp)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	check(err)
	out, err := cmd.StdoutPipe()
	check(err)
	starting.Lock()
	defer starting.Unlock()
	check(cmd.Start())
	s := &shipper{in, out}
	s.tar(nil) // it answers: it runs
	return s
}

func (s *shipper) close() { s.in.Close() }

// tar is the layer of the last of the directories.
func (s *shipper) tar(dirs []string) []byte {
	_, err := fmt.Fprintln(s.in, strings.Join(dirs, "\t"))
	check(err)
	size := make([]byte, 8)
	_, err = io.ReadFull(s.out, size)
	check(err)
	out := make([]byte, binary.LittleEndian.Uint64(size))
	_, err = io.ReadFull(s.out, out)
	check(err)
	return out
}
