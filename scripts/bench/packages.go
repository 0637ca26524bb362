package main

import (
	"fmt"
	"time"

	"github.com/layerlab/layerlab/scripts/internal/chrome"
)

// packages measures package managers in the page: the first time, when their data
// are fetched and read, and a second time in a new container. The page is as fast
// as this machine lets it, and then four times slower, which is about what a laptop
// of four years has.
func packages(url string) error {
	was := chrome.Patience
	chrome.Patience = 5 * time.Minute
	defer func() { chrome.Patience = was }()
	for _, slower := range []float64{1, 4} {
		section("apt-get install in the page" + atSpeed(slower))
		err := attempt(func(t *bench) {
			term := openTerminal(t, url, slower)
			for i, when := range []string{"the first time", "again, in a new container"} {
				box := fmt.Sprintf("box%d", i)
				term.must("docker run -d --name " + box + " debian:bookworm-slim sleep 10000").tell("docker run of debian:bookworm-slim, " + when)
				term.must("docker exec " + box + " apt-get update").tell("apt-get update, " + when)
				for _, name := range []string{"python3", "build-essential"} {
					term.must("docker exec " + box + " apt-get install -y " + name).tell("apt-get install -y " + name + ", " + when)
				}
			}
			last := term.must("docker ps")
			last.tell("docker ps, with these containers")
			figure("memory of the page's program", last.memory/1e6, "MB", 0)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// atSpeed says how fast the page's processor is, for a heading.
func atSpeed(slower float64) string {
	if slower == 1 {
		return ", on this machine"
	}
	return fmt.Sprintf(", on a processor %g times slower", slower)
}
