// Command test is the gate: everything that has to hold, on this machine and in
// CI alike.
//
//	go run ./scripts/test [-short] [-run REGEXP] [-v] [-no-browser] [-no-readers] [-mutate] [-fuzztime TIME] [PACKAGE...]
//
// It checks the formatting, vets and runs staticcheck for this system and for
// the browser, runs every Go test, and then the tests in a real Chromium, which
// it installs with apt-get where there is none and it may, those that hand images
// to other programs (skopeo, umoci, buildah: likewise), and last feeds every
// fuzz target: for a minute each in CI, a few seconds elsewhere. It goes on after
// a failure, so that one run tells all, and fails at the end.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"time"

	"github.com/layerlab/layerlab/scripts/internal/chrome"
	"github.com/layerlab/layerlab/scripts/internal/repo"
)

func main() {
	var o options
	flag.BoolVar(&o.short, "short", false, "leave the long tests out (go test -short)")
	flag.StringVar(&o.run, "run", "", "only the tests that match (go test -run)")
	flag.BoolVar(&o.verbose, "v", false, "say what each test does (go test -v)")
	flag.BoolVar(&o.noBrowser, "no-browser", false, "leave out the tests in Chromium; not for CI")
	flag.BoolVar(&o.noReaders, "no-readers", false, "leave out the tests with skopeo, umoci, buildah and others; not for CI")
	flag.BoolVar(&o.mutate, "mutate", false, "only break the rules of the union, one at a time, and see that the tests fail")
	flag.DurationVar(&o.fuzz, "fuzztime", fuzzTime(), "how long each fuzz target is fed; 0 leaves them out")
	flag.Parse()
	o.packages = flag.Args()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	root, err := repo.Root()
	if err == nil {
		err = run(ctx, root, o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "test:", err)
		os.Exit(1)
	}
}

type options struct {
	short, verbose       bool
	noBrowser, noReaders bool
	mutate               bool
	run                  string
	fuzz                 time.Duration
	packages             []string // only these, and no checks; all if empty
}

// fuzzes reports whether the fuzz targets are fed.
func (o options) fuzzes() bool {
	return o.fuzz > 0 && !o.short && o.run == "" && len(o.packages) == 0
}

// run runs all legs, and fails if one of them did.
func run(ctx context.Context, root string, o options) error {
	legs(o)
	if err := os.Chdir(root); err != nil {
		return err
	}
	if o.mutate {
		return mutations(ctx, root)
	}
	var failed []string
	leg := func(name string, f func() error) {
		if ctx.Err() != nil {
			return
		}
		start := time.Now()
		if err := f(); err != nil {
			fmt.Printf("FAIL: %s: %v\n", name, err)
			failed = append(failed, name)
			return
		}
		fmt.Printf("%s: ok, %.0f s\n", name, time.Since(start).Seconds())
	}
	if len(o.packages) == 0 && o.run == "" {
		for _, c := range checks {
			leg(c.name, func() error { return c.do(ctx, root) })
		}
	}
	if !o.noBrowser {
		// Now rather than at the end: a missing Chromium is known at once.
		leg("chromium", func() error { _, err := chrome.Ensure(ctx, os.Stdout); return err })
	}
	var env []string
	if !o.noReaders {
		leg("other readers", func() error { return ensureTools(ctx, os.Stdout) })
		dir, err := os.MkdirTemp("", "layerlab-base-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		env = append(baseEnv(ctx, dir, os.Stdout), readerEnv()...)
	}
	for _, suite := range suites(o) {
		if ctx.Err() != nil {
			break
		}
		if err := repo.Go(ctx, root, env, suite...).Run(); err != nil {
			failed = append(failed, "go "+strings.Join(suite, " "))
		}
	}
	if !o.short && o.run == "" && len(o.packages) == 0 {
		leg("broken rules of the union", func() error { return mutations(ctx, root) })
	}
	if o.fuzzes() {
		leg("fuzzing", func() error { return fuzz(ctx, root, o.fuzz) })
	}
	if len(failed) > 0 {
		return fmt.Errorf("failed: %s", strings.Join(failed, "; "))
	}
	return ctx.Err()
}

// browserTests is the package whose tests want a Chromium.
const browserTests = "./scripts/test/browser/"

// suites are the go test commands, the one with the browser last: it is about
// time too and wants the machine for itself.
func suites(o options) [][]string {
	test := []string{"test", "-timeout=10m"}
	if o.short {
		test = append(test, "-short")
	}
	if o.run != "" {
		test = append(test, "-run="+o.run)
	}
	if o.verbose {
		test = append(test, "-v")
	}
	if len(o.packages) > 0 {
		return [][]string{append(append(test, "-tags=browser,readers"), o.packages...)}
	}
	out := [][]string{append(append([]string{}, test...), "./...")}
	if !o.noReaders {
		out = append(out, append(append([]string{}, test...), "-tags=readers", readerTests))
	}
	if !o.noBrowser {
		out = append(out, append(append([]string{}, test...), "-tags=browser", browserTests))
	}
	return out
}

// legs says what this run will do and what it can not.
func legs(o options) {
	fmt.Printf("%s on %s/%s, %d processors\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	switch {
	case o.noBrowser:
		fmt.Println("tests in Chromium: they do NOT run (-no-browser)")
	default:
		fmt.Println("tests in Chromium: they run")
	}
	fmt.Println("tests with other readers of images:", readerLegs(o))
	if o.fuzzes() {
		fmt.Printf("fuzz targets: they are fed for %v each\n", o.fuzz)
	} else {
		fmt.Println("fuzz targets: they are NOT fed (-short, -run, packages or -fuzztime=0); only their seeds run")
	}
	if runtime.GOOS == "linux" && os.Getuid() == 0 {
		fmt.Println("tests against the kernel's overlayfs: they run (root on Linux)")
	} else {
		fmt.Println("tests against the kernel's overlayfs: they do NOT run (they need root on Linux)")
	}
}
