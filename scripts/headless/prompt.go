package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/layerlab/layerlab/sim/cli"
	"github.com/layerlab/layerlab/sim/engine"
)

// prompt runs the lines of in, one after another, and gives the last one's exit
// status. Prompts are printed where a person types.
func prompt(e *engine.Engine, in *os.File, out io.Writer) int {
	s := cli.New(e)
	s.TTY = isTerminal(in) && isTerminal(os.Stdout)
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	typed, code := "", 0
	for {
		if isTerminal(in) {
			p := s.Prompt()
			if typed != "" {
				p = "> "
			}
			fmt.Fprint(out, p)
		}
		if !lines.Scan() {
			break
		}
		typed += lines.Text()
		if s.Incomplete(typed) {
			typed += "\n"
			continue
		}
		if typed != "" {
			code = runLine(s, typed, out)
		}
		typed = ""
	}
	if typed != "" {
		code = runLine(s, typed, out)
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(os.Stderr, "headless: reading lines:", err)
		return 1
	}
	return code
}

func runLine(s *cli.Session, line string, out io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return s.Run(ctx, line, out)
}

func isTerminal(f *os.File) bool {
	st, err := f.Stat()
	return err == nil && st.Mode()&os.ModeCharDevice != 0 && st.Mode()&os.ModeDevice != 0 && f.Name() != os.DevNull
}
