// Command bench measures what was promised, and prints it: what the first visit
// downloads and how soon the page can be used, builds and package managers with the
// longest frame that they block, what a 400 MB archive costs in time, frames and
// memory while it is verified, and how fast the engine is natively.
//
//	go run ./scripts/bench [-size 400] [-keep FILE] [-only PART]
//
// The archive is generated, the same bytes each time, and removed afterwards.
package main

import (
	"context"
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/layerlab/layerlab/scripts/internal/chrome"
	"github.com/layerlab/layerlab/scripts/internal/repo"
	"github.com/layerlab/layerlab/scripts/internal/sample"
	"github.com/layerlab/layerlab/scripts/internal/site"
)

func main() {
	size := flag.Int("size", 400, "MB of the archive")
	keep := flag.String("keep", "", "where to keep the archive; taken from there if it is there already")
	only := flag.String("only", "", "only this part: "+strings.Join(partNames(), ", "))
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
	if only != "" && !slices.Contains(partNames(), only) {
		return fmt.Errorf("there is no part %q: expected one of %s", only, strings.Join(partNames(), ", "))
	}
	fmt.Printf("%s on %s/%s, %d processors%s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), load())
	m := &machine{ctx: ctx, root: root, size: size, keep: keep, best: only == "" || only == "page"}
	defer m.close()
	for _, p := range parts {
		if only == "" || only == p.name {
			if err := p.measure(m); err != nil {
				return fmt.Errorf("measuring %s: %w", p.about, err)
			}
		}
	}
	return nil
}

// parts are what can be measured, in the order in which it is.
var parts = []struct {
	name, about string
	measure     func(*machine) error
}{
	{"page", "the first visit", inPage(firstVisit)},
	{"undo", "undo", inPage(timeline)},
	{"builds", "builds", func(m *machine) error {
		if err := buildsNatively(m.ctx); err != nil {
			return err
		}
		return inPage(buildsInPage)(m)
	}},
	{"packages", "package managers", inPage(packages)},
	{"archive", "a large archive", func(m *machine) error {
		return withArchive(m.size, m.keep, func(file string) error {
			return inPage(func(url string) error { return openArchive(url, file) })(m)
		})
	}},
	{"native", "the engine", func(m *machine) error { return native(m.ctx) }},
}

func partNames() []string {
	var names []string
	for _, p := range parts {
		names = append(names, p.name)
	}
	return names
}

// A machine is where is measured: it has the site once a part needs it.
type machine struct {
	ctx        context.Context
	root, keep string
	size       int  // MB of the archive
	best       bool // serve the site as small as it can be, which takes a minute the first time
	server     *httptest.Server
}

// inPage is a part that needs the page, which is served at url.
func inPage(measure func(url string) error) func(*machine) error {
	return func(m *machine) error {
		if m.server == nil {
			if _, err := chrome.Ensure(m.ctx, os.Stdout); err != nil {
				return err
			}
			s, err := site.Build(m.ctx, m.root, site.Options{Best: m.best, Log: func(s string) { fmt.Fprintln(os.Stderr, s) }})
			if err != nil {
				return err
			}
			m.server = serve(s)
		}
		return measure(m.server.URL)
	}
}

func (m *machine) close() {
	if m.server != nil {
		m.server.Close()
	}
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

// load says how many programs wanted to run in the last minute, where the system
// tells: with more than there are processors, frames are longer than they need be.
func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if f := strings.Fields(string(b)); err == nil && len(f) > 0 {
		return ", load " + f[0]
	}
	return ""
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
