package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/layerlab/layerlab/sim/cli"
	"github.com/layerlab/layerlab/sim/engine"
)

// playFile plays one transcript and writes it, with the simulator's answers, into
// the folder into, or to the standard output when that is "".
func playFile(e *engine.Engine, name, into string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	out, err := cli.Play(e, string(text))
	if err != nil {
		return err
	}
	if into == "" {
		_, err := io.WriteString(os.Stdout, out)
		return err
	}
	if err := os.MkdirAll(into, 0o755); err != nil {
		return err
	}
	to := filepath.Join(into, filepath.Base(name))
	if err := os.WriteFile(to, []byte(out), 0o644); err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, filepath.Base(name))
	return nil
}
