package shrink

import (
	"bytes"
	"errors"
	"os"
	"runtime"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/tetratelabs/wazero/sys"
)

// A program that shrank says what it said before, panics, stack traces and exit
// code included. It runs outside a browser, which makes no difference to what
// is rewritten.
func TestAShrunkProgramDoesTheSame(t *testing.T) {
	source, err := os.ReadFile("testdata/main.go.txt")
	if err != nil {
		t.Fatal(err)
	}
	for name, flag := range map[string]string{"inlined": "-gcflags=", "not inlined": "-gcflags=all=-l"} {
		t.Run(name, func(t *testing.T) {
			wasm := program(t, string(source), "GOOS=wasip1", flag)
			small, err := Program(wasm, runtime.Version())
			if err != nil {
				t.Fatal(err)
			}
			if len(small) > len(wasm)*9/10 {
				t.Errorf("%d bytes became %d", len(wasm), len(small))
			}
			want, code := run(t, wasm)
			if code != 3 {
				t.Fatalf("the program itself ends with code %d:\n%s", code, want)
			}
			if got, code := run(t, small); code != 3 || got != want {
				t.Errorf("with code %d it says\n%s\nand said\n%s", code, got, want)
			}
		})
	}
}

// run is what a program prints and the code that it ends with.
func run(t *testing.T, wasm []byte) (string, uint32) {
	t.Helper()
	ctx := t.Context()
	r := wazero.NewRuntime(ctx)
	defer func() { _ = r.Close(ctx) }()
	wasi_snapshot_preview1.MustInstantiate(ctx, r)
	var out bytes.Buffer
	config := wazero.NewModuleConfig().WithStdout(&out).WithStderr(&out).WithSysNanotime().WithSysNanosleep()
	_, err := r.InstantiateWithConfig(ctx, wasm, config)
	var exit *sys.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%v\n%s", err, out.Bytes())
	}
	if exit == nil {
		return out.String(), 0
	}
	return out.String(), exit.ExitCode()
}
