// Command headless is the simulator without a screen: it plays transcripts, is a
// prompt, or serves file operations to a test suite.
//
//	go run ./scripts/headless [--base NAME=FILE.tar] [--mount DIR] --into OUT TRANSCRIPT.txtar...
//	go run ./scripts/headless [--base NAME=FILE.tar] [--mount DIR]
//	go run ./scripts/headless -fsops [-lower FILE.tar...] [-upper none] [-kernel]
//
// A transcript is a txtar file: the files of a build context, and a member named
// transcript whose lines that begin with "$ " are typed one after another ("> "
// goes on with a line). Each transcript starts on a fresh engine that holds
// busybox:1.36 (the catalogue's model, or the image of --base), in a fresh shell
// for every line, in a project directory that holds the transcript's files. It is
// written to OUT under its own name with the simulator's answers.
//
// Without a transcript, lines are read from the standard input and run in one
// shell that stays. With --mount, the files of a real folder are seen in /mnt;
// they are read when something asks for their bytes, and never written.
//
// With -fsops it answers one operation a line, as JSON, on a union mount: see
// docs/FSOPS.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/distribution/reference"

	"github.com/layerlab/layerlab/assets"
	"github.com/layerlab/layerlab/sim/archive"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/engine"
)

func main() {
	base := flag.String("base", "", "`NAME=FILE.tar`: the image that is there from the start, in place of the catalogue's busybox:1.36")
	mount := flag.String("mount", "", "`DIR` whose files are seen in /mnt")
	into := flag.String("into", "", "`DIR` for the transcripts with the simulator's answers; without it they are printed")
	serve := flag.Bool("fsops", false, "answer file operations, one a line as JSON (docs/FSOPS.md)")
	var o fsopsOptions
	flag.Var(&o.lowers, "lower", "`FILE.tar` of a lower layer for -fsops; may be given several times, the lowest first")
	flag.StringVar(&o.upper, "upper", "", "`none`: the mount of -fsops is read-only, without an upper directory")
	flag.BoolVar(&o.kernel, "kernel", false, "answer from this machine's own overlayfs instead (Linux, root): to compare")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: headless [--base NAME=FILE.tar] [--mount DIR] [--into OUT TRANSCRIPT.txtar...]")
		fmt.Fprintln(os.Stderr, "       headless -fsops [-lower FILE.tar...] [-upper none] [-kernel]")
		flag.PrintDefaults()
	}
	flag.Parse()
	if err := checkFSOps(*serve); err != nil {
		fmt.Fprintln(os.Stderr, "headless:", err)
		os.Exit(2)
	}
	if *serve {
		if err := serveFSOps(o, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "headless:", err)
			os.Exit(1)
		}
		return
	}
	code, err := run(*base, *mount, *into, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "headless:", err)
		code = 1
	}
	os.Exit(code)
}

func run(base, mount, into string, transcripts []string) (int, error) {
	e, err := newEngine(base)
	if err != nil {
		return 1, err
	}
	if mount != "" {
		if err := mountFolder(e, mount); err != nil {
			return 1, err
		}
	}
	if len(transcripts) == 0 {
		if into != "" {
			return 1, errors.New("--into needs transcripts to play")
		}
		return prompt(e, os.Stdin, os.Stdout), nil
	}
	start := e.Snapshot()
	for _, t := range transcripts {
		e.Restore(start)
		if err := playFile(e, t, into); err != nil {
			return 1, fmt.Errorf("playing %s: %w", t, err)
		}
	}
	return 0, nil
}

// newEngine is an engine with the base image.
func newEngine(base string) (*engine.Engine, error) {
	if base == "" {
		return engine.New(engine.Options{Models: assets.Catalog{}}), nil
	}
	name, file, ok := strings.Cut(base, "=")
	if !ok || name == "" || file == "" {
		return nil, fmt.Errorf("--base %q: it is NAME=FILE.tar", base)
	}
	if _, err := reference.ParseNormalizedNamed(name); err != nil {
		return nil, fmt.Errorf("--base %q: %w", base, err)
	}
	e := engine.New(engine.Options{Bare: true, Models: assets.Catalog{}})
	f, err := openFile(file)
	if err != nil {
		return nil, err
	}
	a, err := archive.Open(context.Background(), f, archive.Options{Name: file})
	if err != nil {
		return nil, err
	}
	loaded, err := e.Load(context.Background(), a, engine.LoadOptions{})
	if err != nil {
		return nil, err
	}
	for _, l := range loaded {
		for _, n := range l.Names {
			if n == name {
				return e, nil
			}
		}
	}
	if len(loaded) != 1 {
		return nil, fmt.Errorf("--base %q: the file holds %d images and none is called %s", base, len(loaded), name)
	}
	return e, e.Tag(loaded[0].ID.String(), name)
}

// openFile is the content of a real file, read when it is asked for.
func openFile(name string) (content.Body, error) {
	st, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	return content.FromReaderAt(&lazyFile{name: name}, st.Size()), nil
}
