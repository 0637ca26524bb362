// Command build writes the page as a folder of static files, which any web server
// or CDN can serve from any path.
//
//	go run ./scripts/build -o dist
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/layerlab/layerlab/scripts/internal/repo"
	"github.com/layerlab/layerlab/scripts/internal/site"
)

func main() {
	out := flag.String("o", "dist", "the folder to write")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *out); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out string) error {
	start := time.Now()
	root, err := repo.Root()
	if err != nil {
		return err
	}
	s, err := site.Build(ctx, root, site.Options{Best: true, Log: func(m string) { fmt.Fprintln(os.Stderr, m) }})
	if err != nil {
		return err
	}
	if err := s.Write(out); err != nil {
		return fmt.Errorf("writing the site: %w", err)
	}
	fmt.Printf("%-40s %12s %12s %12s\n", "file", "bytes", "gzip", "brotli")
	for _, f := range s.Files {
		fmt.Printf("%-40s %12d %12d %12d\n", f.Path, len(f.Body), len(f.Gz), len(f.Br))
	}
	fmt.Printf("%s written in %.1f s\n", out, time.Since(start).Seconds())
	return nil
}
