package site

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The browser tests run the programs that this makes; here is that it takes out
// what it should and nothing that it cannot read.
func TestLinesAreTakenOut(t *testing.T) {
	dir := t.TempDir()
	src, bin := filepath.Join(dir, "main.go"), filepath.Join(dir, "main.wasm")
	if err := os.WriteFile(src, []byte("package main\n\nfunc main() { println(len(\"x\")) }\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", bin, src)
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "GO111MODULE=off", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	wasm, err := os.ReadFile(bin)
	if err != nil {
		t.Fatal(err)
	}
	lean, err := withoutLines(wasm)
	if err != nil {
		t.Fatal(err)
	}
	if len(lean) != len(wasm) || bytes.Equal(lean, wasm) {
		t.Fatalf("%d bytes became %d, the same: %v", len(wasm), len(lean), bytes.Equal(lean, wasm))
	}
	if was, is := len(gz(wasm)), len(gz(lean)); is > was*97/100 {
		t.Errorf("compressed it is %d bytes, was %d", is, was)
	}
	if !bytes.Contains(lean, []byte("runtime.main")) {
		t.Error("the names of functions are gone")
	}
	again, err := withoutLines(lean)
	if err != nil || !bytes.Equal(again, lean) {
		t.Errorf("a second time: %v, the same: %v", err, bytes.Equal(again, lean))
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
		if _, err := withoutLines(b); err == nil {
			t.Errorf("%s is taken for a program", name)
		}
	}
}
