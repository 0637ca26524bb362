package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/layerlab/layerlab/scripts/internal/chrome"
	"github.com/layerlab/layerlab/sim/cli"
	"github.com/layerlab/layerlab/sim/engine"
)

// lengths are the numbers of steps of the Dockerfiles that are measured.
var lengths = []int{20, 60}

// contextFiles is how many files the context has, contextSize the bytes of each.
const (
	contextFiles = 30
	contextSize  = 8 << 10
)

// makeContext is a line for the shell that makes the files of the build context.
var makeContext = fmt.Sprintf("rm -rf *; mkdir -p src; for i in $(seq %d); do head -c %d /dev/zero | tr '\\0' x > src/$i.txt; echo $i >> src/$i.txt; done", contextFiles, contextSize)

// makeDockerfile is a line for the shell that writes a Dockerfile of so many steps
// that make a layer, COPY and RUN in turns.
func makeDockerfile(steps int) string {
	return fmt.Sprintf(`{ echo FROM busybox:1.36; echo WORKDIR /app; for i in $(seq %d); do if [ $((i %% 2)) = 1 ]; then echo "COPY src/$((i / 2 %% %d + 1)).txt ./"; `+
		`else echo "RUN wc -c *.txt > sizes-$i && mkdir -p d$i && cp *.txt d$i/ && sed -i s/x/y/ d$i/1.txt"; fi; done; } > Dockerfile`, steps-1, contextFiles)
}

const (
	buildAnew   = "docker build -q --no-cache -t bench ."
	buildCached = "docker build -q -t bench ."
)

// buildsNatively measures builds by the engine alone.
func buildsNatively(ctx context.Context) error {
	section("builds, natively")
	for _, steps := range lengths {
		e := engine.New(engine.Options{})
		s := cli.New(e)
		var failed error
		run := func(line string) {
			if code := s.Run(ctx, line, io.Discard); code != 0 {
				failed = fmt.Errorf("running %q: exit %d", line, code)
			}
		}
		run(makeContext)
		run(makeDockerfile(steps))
		run(buildCached)
		if failed != nil {
			return failed
		}
		for _, b := range []struct{ name, line string }{{"uncached", buildAnew}, {"cached", buildCached}} {
			at := s.At()
			took := each(func() { s.Goto(at); run(b.line) })
			figure(fmt.Sprintf("steps of %d in a second, %s", steps, b.name), float64(steps)/(took/1e9), "", 0)
		}
		if failed != nil {
			return failed
		}
	}
	return nil
}

// buildsInPage measures the same builds in the page, typed in its terminal by
// somebody who asked for less motion: for others builds are slowed down, to be seen.
func buildsInPage(url string) error {
	was := chrome.Patience
	chrome.Patience = 5 * time.Minute
	defer func() { chrome.Patience = was }()
	for _, slower := range []float64{1, 4} {
		section("builds in the page" + atSpeed(slower))
		err := attempt(func(t *bench) {
			term := openTerminal(t, url, slower)
			term.must(makeContext)
			for _, steps := range lengths {
				term.must(makeDockerfile(steps))
				term.must(buildCached)
				for _, b := range []struct{ name, line string }{{"uncached", buildAnew}, {"cached", buildCached}} {
					s := term.must(b.line)
					figure(fmt.Sprintf("steps of %d in a second, %s", steps, b.name), float64(steps)/(s.took/1e3), "", 0)
					figure("  longest blocked frame", s.frame, "ms", blocked)
					figure("  longest work without a break, by the processor's time", s.task, "ms", blocked)
				}
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}
