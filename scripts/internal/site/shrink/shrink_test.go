package shrink

import (
	"bytes"
	"compress/gzip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// program is the wasm of a main.go for a system, built with a flag.
func program(t *testing.T, source, system, flag string) []byte {
	t.Helper()
	dir := t.TempDir()
	src, bin := filepath.Join(dir, "main.go"), filepath.Join(dir, "main.wasm")
	if err := os.WriteFile(src, []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", flag, "-o", bin, src)
	cmd.Env = append(os.Environ(), system, "GOARCH=wasm", "GO111MODULE=off", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	wasm, err := os.ReadFile(bin)
	if err != nil {
		t.Fatal(err)
	}
	return wasm
}

// gz is the size of b compressed.
func gz(b []byte) int {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(b)
	_ = w.Close()
	return out.Len()
}

// The browser tests run the programs that this makes; here is that it takes out
// what it should and nothing that it cannot read.
func TestAProgramShrinks(t *testing.T) {
	wasm := program(t, "package main\n\nfunc main() { println(len(\"x\")) }\n", "GOOS=js", "-gcflags=")
	lean, err := Program(wasm, runtime.Version())
	if err != nil {
		t.Fatal(err)
	}
	if was, is := gz(wasm), gz(lean); is > was*9/10 {
		t.Errorf("compressed it is %d bytes, was %d", is, was)
	}
	if !bytes.Contains(lean, []byte("runtime.main")) {
		t.Error("the names of functions are gone")
	}
	again, err := Program(wasm, runtime.Version())
	if err != nil || !bytes.Equal(again, lean) {
		t.Errorf("a second time: %v, the same: %v", err, bytes.Equal(again, lean))
	}
	if _, err := Program(lean, runtime.Version()); err == nil {
		t.Error("a program that is small already is taken for one that Go wrote")
	}
}

func TestWhatIsNoProgramIsRefused(t *testing.T) {
	for name, b := range map[string][]byte{
		"nothing":        nil,
		"text":           []byte("<html>"),
		"an empty one":   []byte("\x00asm\x01\x00\x00\x00"),
		"a cut section":  []byte("\x00asm\x01\x00\x00\x00\x0b\x7f\x01"),
		"no Go":          []byte("\x00asm\x01\x00\x00\x00\x0b\x07\x01\x00\x41\x00\x0b\x01x"),
		"a long segment": []byte("\x00asm\x01\x00\x00\x00\x0b\x07\x01\x00\x41\x00\x0b\x7fx"),
	} {
		if _, err := Program(b, release); err == nil {
			t.Errorf("%s is taken for a program", name)
		}
	}
}

func TestAnotherReleaseIsRefused(t *testing.T) {
	wasm := program(t, "package main\n\nfunc main() {}\n", "GOOS=js", "-gcflags=")
	for _, version := range []string{"", "go1.25.3", "go1.260", "go1.27", "devel go1.26"} {
		if _, err := Program(wasm, version); err == nil {
			t.Errorf("a program of %q is taken for one of %s", version, release)
		}
	}
	if _, err := Program(wasm, release+".1"); err != nil {
		t.Error(err)
	}
}
