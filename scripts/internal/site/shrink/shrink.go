// Package shrink makes a Go program for WebAssembly smaller to download without
// changing what it does.
//
// What the linker writes is fast to make, not small: tables that follow a simple
// rule are written out, and data is cut into a hundred thousand pieces. Here
// the module is taken apart; what can be computed is computed by a function that
// runs before the program (the module's start function, WebAssembly core
// specification 5.5.11); the rest is put together again so that it compresses.
//
// Names of functions stay, so a trace of a panic still says where it was, but it
// has no lines: files and line numbers are a tenth of a compressed program.
//
// All of this knows how one release of Go lays programs out. What does not look
// as expected is an error, never a program that might be wrong.
package shrink

import (
	"fmt"
	"strings"
)

// release is the Go whose programs are known here, all its minor versions.
const release = "go1.26"

// Program is a smaller form of the WebAssembly program that the linker of a version
// of Go ("go1.26.8") made with the flags -s -w. The same program always gives the
// same bytes. The program is refused if it comes from another release, or is not
// what that release writes.
func Program(wasm []byte, version string) ([]byte, error) {
	if rest, ok := strings.CutPrefix(version, release); !ok || rest != "" && rest[0] != '.' {
		return nil, fmt.Errorf("programs of %q are laid out in ways that are not known here: only those of %s are", version, release)
	}
	m, err := parse(wasm)
	if err != nil {
		return nil, err
	}
	data, err := m.section(dataSection)
	if err != nil {
		return nil, err
	}
	memory, err := readImage(data.body)
	if err != nil {
		return nil, fmt.Errorf("reading the data: %w", err)
	}
	t, err := findTable(memory)
	if err != nil {
		return nil, err
	}
	t.dropLines()
	if err := m.rewriteCode(t); err != nil {
		return nil, fmt.Errorf("rewriting the code: %w", err)
	}
	var start, buckets function
	if t.dropBuckets(&buckets) {
		t.dropRecords(&start)
	}
	start.code = append(start.code, buckets.code...)
	data.body = memory.section()
	if m, err = m.withStart(start); err != nil {
		return nil, fmt.Errorf("adding the start function: %w", err)
	}
	return m.bytes(), nil
}
