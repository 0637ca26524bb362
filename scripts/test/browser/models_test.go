//go:build browser

package browser_test

import "testing"

// TestAModelIsFetchedWhenItIsUsed: the image and the packages come in data files of
// their own, which the page gets when a command first needs them.
func TestAModelIsFetchedWhenItIsUsed(t *testing.T) {
	page := openBench(t)
	command(page, "docker run --rm debian:bookworm-slim cat /etc/debian_version", "Fetching debian-bookworm-slim.zst of the catalogue")
	command(page, "docker run --rm debian:bookworm-slim sh -c 'apt-get update -qq && apt-get install -yqq --no-install-recommends curl && dpkg-query -W curl'", "Setting up curl (7.88.1-10+deb12u15) ...")
}
