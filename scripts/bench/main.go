// Command bench measures what was promised, and prints it: what the first visit
// downloads and how soon the page can be used, what a 400 MB archive costs in
// time, frames and memory while it is verified, and how fast the engine is
// natively.
//
//	go run ./scripts/bench [-size 400] [-keep FILE] [-only page|archive|native]
//
// The archive is generated, the same bytes each time, and removed afterwards.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/layerlab/layerlab/scripts/internal/chrome"
	"github.com/layerlab/layerlab/scripts/internal/repo"
	"github.com/layerlab/layerlab/scripts/internal/sample"
	"github.com/layerlab/layerlab/scripts/internal/site"
)

func main() {
	size := flag.Int("size", 400, "MB of the archive")
	keep := flag.String("keep", "", "where to keep the archive; taken from there if it is there already")
	only := flag.String("only", "", "only this part: page, archive or native")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *size, *keep, *only); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, size int, keep, only string) error {
	root, err := repo.Root()
	if err != nil {
		return err
	}
	if !slices.Contains([]string{"", "page", "archive", "native"}, only) {
		return fmt.Errorf("there is no part %q: expected page, archive or native", only)
	}
	fmt.Printf("%s on %s/%s, %d processors\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	if only != "native" {
		if _, err := chrome.Ensure(ctx, os.Stdout); err != nil {
			return err
		}
		s, err := site.Build(ctx, root, site.Options{Best: true, Log: func(m string) { fmt.Fprintln(os.Stderr, m) }})
		if err != nil {
			return err
		}
		server := serve(s)
		defer server.Close()
		if only != "archive" {
			if err := firstVisit(server.URL); err != nil {
				return fmt.Errorf("measuring the first visit: %w", err)
			}
			if err := timeline(server.URL); err != nil {
				return fmt.Errorf("measuring undo: %w", err)
			}
		}
		if only != "page" {
			if err := withArchive(size, keep, func(file string) error { return openArchive(server.URL, file) }); err != nil {
				return fmt.Errorf("measuring a large archive: %w", err)
			}
		}
	}
	if only == "" || only == "native" {
		return native(ctx)
	}
	return nil
}

// withArchive calls use with an archive of so many MB.
func withArchive(size int, keep string, use func(file string) error) error {
	file := keep
	if file == "" {
		dir, err := os.MkdirTemp("", "layerlab-bench-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		file = filepath.Join(dir, "large.tar")
	}
	if _, err := os.Stat(file); err != nil {
		start := time.Now()
		if err := sample.Archive(file, int64(size)<<20); err != nil {
			return fmt.Errorf("generating %s: %w", file, err)
		}
		fmt.Printf("generated %s in %.1f s\n", file, time.Since(start).Seconds())
	}
	return use(file)
}

// section prints a heading.
func section(title string) { fmt.Printf("\n%s\n", title) }

// figure prints a measurement, and what it should be at most when there is a goal.
func figure(name string, value float64, unit string, goal float64) {
	verdict := ""
	if goal > 0 {
		verdict = fmt.Sprintf("(goal: at most %g %s) ok", goal, unit)
		if value > goal {
			verdict = fmt.Sprintf("(goal: at most %g %s) MISSED", goal, unit)
		}
	}
	fmt.Printf("  %-58s %10.4g %-6s %s\n", name, value, unit, verdict)
}
