//go:build !js

package shell

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/layerlab/layerlab/assets"
	"github.com/layerlab/layerlab/sim/catalog"
	"github.com/layerlab/layerlab/sim/pkg"
	"github.com/layerlab/layerlab/sim/tree"
)

// model is a process on a model image, with package managers.
func model(t *testing.T, name string) (*Process, *bytes.Buffer) {
	t.Helper()
	im, held, err := catalog.New(assets.Catalog{}, nil).Open(context.Background(), name)
	if err != nil {
		t.Fatal(err)
	}
	var lowers []*tree.Tree
	for _, h := range slices.Backward(held) {
		lowers = append(lowers, h.Layer.Tree)
	}
	p, out := world(lowers...)
	p.Dir = "/"
	p.Env = append(slices.Clone(im.Config.Config.Env), "HOME=/root")
	p.Packages = &pkg.World{Source: assets.Catalog{}, Now: func() time.Time { return time.Date(2025, 1, 2, 0, 0, 0, 0, time.UTC) }}
	return p, out
}

// on runs a script on a model image.
func on(t *testing.T, image, script string) string {
	t.Helper()
	p, out := model(t, image)
	p.Args = []string{"/bin/sh", "-c", script}
	exit, err := Exec(context.Background(), p)
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	if exit != 0 {
		fmt.Fprintf(out, "exit %d\n", exit)
	}
	return out.String()
}

func TestApk(t *testing.T) {
	const curl = `(1/10) Installing ca-certificates (20240705-r0)
(2/10) Installing brotli-libs (1.1.0-r2)
(3/10) Installing c-ares (1.33.1-r0)
(4/10) Installing libunistring (1.2-r0)
(5/10) Installing libidn2 (2.3.7-r0)
(6/10) Installing nghttp2-libs (1.62.1-r0)
(7/10) Installing libpsl (0.21.5-r1)
(8/10) Installing zstd-libs (1.5.6-r0)
(9/10) Installing libcurl (8.9.1-r1)
(10/10) Installing curl (8.9.1-r1)
Executing busybox-1.36.1-r29.trigger
Executing ca-certificates-20240705-r0.trigger
OK: 13 MiB in 24 packages
`
	for script, want := range map[string]string{
		"apk add --no-cache curl | grep -v ^fetch; ls /var/cache/apk; command -v curl":                                        curl + "/usr/bin/curl\n",
		"apk add -q --no-cache nonesuch":                                                                                      "ERROR: unable to select packages:\n  nonesuch (no such package):\n    required by: world[nonesuch]\nexit 1\n",
		"apk add -q bash && ls /var/cache/apk | wc -l && cat /etc/apk/world | tr '\\n' ' ' && tail -1 /etc/shells":            "2\nalpine-baselayout alpine-keys apk-tools bash busybox libc-utils /bin/bash\n",
		"apk -q add --no-cache --virtual .d gcc && apk info -e gcc && apk -q del .d && ! apk info -e gcc && apk info | wc -l": "gcc\n14\n",
		"apk -q --no-cache add python3 && python3 --version":                                                                  "Python 3.12.7\n",
		"apk update | tail -1":        "OK: 24170 distinct packages available\n",
		"apk upgrade -q && echo same": "same\n",
		"mkdir /etc/apk/cache && apk add -q tini && ls /etc/apk/cache | grep -c tini-0.19.0-r3": "1\n",
	} {
		got := on(t, "alpine:3.20", script)
		if got != want {
			t.Errorf("%s\nhave:\n%s\nwant:\n%s", script, got, want)
		}
	}
}

// TestApkLeavesNothing installs and deletes each package: the tree is then what
// it was, but for the directories of the world.
func TestApkLeavesNothing(t *testing.T) {
	got := on(t, "alpine:3.20", "touch /tmp/a; find / -xdev | sort > /tmp/a; apk -q --no-cache add build-base git nodejs npm nginx; apk -q del build-base git nodejs npm nginx; find / -xdev | sort > /tmp/b; diff /tmp/a /tmp/b | grep '^[-+]/'")
	if want := "exit 1\n"; /* grep finds nothing */ got != want {
		t.Errorf("left:\n%s", got)
	}
}

func TestApkSizes(t *testing.T) {
	for script, want := range map[string]int{ // MiB, from Alpine's own lists
		"apk add --no-cache python3": 52, "apk add --no-cache build-base": 244, "apk add --no-cache nodejs npm": 73, "apk add --no-cache git": 19, "apk add --no-cache bash": 9,
	} {
		out := on(t, "alpine:3.20", script+" | tail -1")
		var have, n int
		if _, err := fmt.Sscanf(out, "OK: %d MiB in %d packages", &have, &n); err != nil || have < want*9/10-1 || have > want*11/10+1 {
			t.Errorf("%s: %s, want about %d MiB", script, out, want)
		}
	}
}
