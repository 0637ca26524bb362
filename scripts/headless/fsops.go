package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/layerlab/layerlab/scripts/internal/fsops"
)

// files is the option that may be given several times.
type files []string

func (f *files) String() string     { return fmt.Sprint(*f) }
func (f *files) Set(s string) error { *f = append(*f, s); return nil }

// fsopsOptions is what -fsops goes with.
type fsopsOptions struct {
	lowers files
	upper  string
	kernel bool
}

// checkFSOps refuses options that do not go together.
func checkFSOps(serve bool) error {
	with := map[string]bool{"fsops": true, "lower": true, "upper": true, "kernel": true}
	var err error
	flag.Visit(func(f *flag.Flag) {
		if err == nil && serve != with[f.Name] {
			err = fmt.Errorf("-%s does not go with -fsops", f.Name)
			if !serve {
				err = fmt.Errorf("-%s goes with -fsops alone", f.Name)
			}
		}
	})
	if err == nil && serve && flag.NArg() > 0 {
		err = fmt.Errorf("%q: -fsops reads its operations from the standard input", flag.Arg(0))
	}
	return err
}

// serveFSOps answers the operations of in on out, on the union of the lower layers.
func serveFSOps(o fsopsOptions, in io.Reader, out io.Writer) error {
	if o.upper != "" && o.upper != "none" {
		return fmt.Errorf("-upper %q: it is none, or left out for an empty upper directory", o.upper)
	}
	var lowers []fsops.Lower
	for _, name := range o.lowers {
		l, err := fsops.ReadLower(name)
		if err != nil {
			return err
		}
		for _, n := range l.Notes {
			fmt.Fprintf(os.Stderr, "headless: %s: %s\n", name, n)
		}
		lowers = append(lowers, l)
	}
	if !o.kernel {
		return fsops.NewServer(fsops.NewModel(lowers, o.upper == "none")).Serve(in, out)
	}
	if o.upper == "none" {
		return errors.New("-upper none: not with -kernel; ask for {\"op\": \"remount\", \"readonly\": true}")
	}
	return fsops.WithKernel(lowers, func(k *fsops.Kernel) error { return fsops.NewServer(k).Serve(in, out) })
}
