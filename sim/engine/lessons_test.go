package engine_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/layerlab/layerlab/sim/engine"
)

// A lesson builds Dockerfiles on one engine and compares the bytes of their layers.
type lesson struct{ terminal }

func newLesson(t *testing.T) lesson { return lesson{newTerminal(t)} }

// file writes a file of the context.
func (l lesson) file(name, text string) {
	l.t.Helper()
	if err := l.Engine().WriteFile(engine.Project+"/"+name, []byte(text), 0o644); err != nil {
		l.t.Fatal(err)
	}
}

// layers builds a Dockerfile and gives the bytes of all its layers' tars.
func (l lesson) layers(dockerfile string) []int64 {
	l.t.Helper()
	l.file("Dockerfile", dockerfile)
	l.must("docker build -q -t app .")
	r, err := l.Engine().Store().Resolve("app")
	if err != nil {
		l.t.Fatal(err)
	}
	var out []int64
	for _, h := range r.Image.Layers {
		out = append(out, h.Layer.Size)
	}
	return out
}

// above is the sum of the layers that a Dockerfile puts on its base.
func (l lesson) above(dockerfile string) int64 {
	l.t.Helper()
	from := strings.Fields(dockerfile[strings.LastIndex(dockerfile, "FROM "):])[1]
	base := int64(0)
	if from != "scratch" {
		base = sum(l.layers("FROM " + from + "\n"))
	}
	return sum(l.layers(dockerfile)) - base
}

func sum(sizes []int64) (n int64) {
	for _, s := range sizes {
		n += s
	}
	return n
}

// within fails unless low <= got <= high.
func (l lesson) within(what string, got, low, high int64) {
	l.t.Helper()
	if got < low || got > high {
		l.t.Errorf("%s: %d bytes, want %d to %d", what, got, low, high)
	}
}

func TestLessonAptLists(t *testing.T) {
	l := newLesson(t)
	const from = "FROM debian:bookworm-slim\n"
	const install = "RUN apt-get update && apt-get install -y --no-install-recommends jq"
	kept := l.above(from + install + "\n")
	late := l.above(from + install + "\nRUN rm -rf /var/lib/apt/lists/*\n")
	same := l.above(from + install + " && rm -rf /var/lib/apt/lists/*\n")
	if late < kept {
		t.Errorf("removing the lists in a later RUN shrank the image from %d to %d", kept, late)
	}
	l.within("the lists that the same RUN removes", kept-same, 18_000_000, 22_000_000)
	cached := l.above(from + "RUN --mount=type=cache,target=/var/lib/apt/lists --mount=type=cache,target=/var/cache/apt " + strings.TrimPrefix(install, "RUN ") + "\n")
	l.within("with the lists in a cache mount", cached-same, -300_000, 300_000)
	if text := l.must("docker run --rm debian:bookworm-slim ls /var/lib/apt/lists"); text != "" {
		t.Errorf("a base image with lists: %q", text)
	}
}

func TestLessonAptArchives(t *testing.T) {
	l := newLesson(t)
	const keep = "FROM debian:bookworm-slim\nRUN rm /etc/apt/apt.conf.d/docker-clean && echo 'APT::Keep-Downloaded-Packages \"true\";' > /etc/apt/apt.conf.d/keep\n"
	const install = "apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/*"
	kept := l.above(keep + "RUN " + install + "\n")
	clean := l.above(keep + "RUN " + install + " && apt-get clean\n")
	mount := l.above(keep + "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked " + install + "\n")
	l.within("the archives of git and what it needs, and the package caches that the setting also kept away", kept-clean, 8_000_000, 120_000_000)
	l.within("with the archives in a cache mount", mount-clean, -200_000, 200_000)
	usual := l.above("FROM debian:bookworm-slim\nRUN " + install + "\n")
	l.within("with the settings of the image, which removes archives by itself", usual-clean, -200_000, 200_000)
}

func TestLessonRecommends(t *testing.T) {
	l := newLesson(t)
	all := l.above("FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y build-essential && rm -rf /var/lib/apt/lists/*\n")
	few := l.above("FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y --no-install-recommends build-essential && rm -rf /var/lib/apt/lists/*\n")
	l.within("what is only recommended", all-few, 5_000_000, all/2)
}

func TestLessonPip(t *testing.T) {
	l := newLesson(t)
	const from = "FROM python:3.12-slim\n"
	kept := l.above(from + "RUN pip install numpy\n")
	without := l.above(from + "RUN pip install --no-cache-dir numpy\n")
	mount := l.above(from + "RUN --mount=type=cache,target=/root/.cache/pip pip install numpy\n")
	variable := l.above(from + "ENV PIP_NO_CACHE_DIR=1\nRUN pip install numpy\n")
	late := l.above(from + "RUN pip install numpy\nRUN rm -rf /root/.cache\n")
	l.within("pip's cache with numpy", kept-without, 14_000_000, 24_000_000)
	l.within("with the cache in a mount", mount-without, -100_000, 100_000)
	l.within("with PIP_NO_CACHE_DIR", variable-without, -100_000, 100_000)
	if late < kept {
		t.Errorf("removing pip's cache later shrank the image from %d to %d", kept, late)
	}
}

func TestLessonNpm(t *testing.T) {
	l := newLesson(t)
	l.put("testdata/wellknown/node-init")
	const from = "FROM node:22-slim\nWORKDIR /app\nCOPY package*.json ./\n"
	all := l.above(from + "RUN npm ci\n")
	prod := l.above(from + "RUN npm ci --omit=dev\n")
	clean := l.above(from + "RUN npm ci --omit=dev && npm cache clean --force\n")
	mount := l.above(from + "RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev\n")
	late := l.above(from + "RUN npm ci --omit=dev\nRUN npm cache clean --force\n")
	if prod >= all || mount >= prod || clean >= prod {
		t.Errorf("all %d, production %d, cache cleaned %d, cache mounted %d", all, prod, clean, mount)
	}
	l.within("a mounted cache and one that is cleaned", mount-clean, -100_000, 100_000)
	if late < prod {
		t.Errorf("cleaning the cache later shrank the image from %d to %d", prod, late)
	}
}

func TestLessonMultiStage(t *testing.T) {
	l := newLesson(t)
	l.file("go.mod", "module hello\n\ngo 1.26\n")
	l.file("main.go", "package main\n\nfunc main() { println(\"hello\") }\n")
	const build = "FROM golang:1.26 AS build\nWORKDIR /src\nCOPY go.mod main.go ./\nRUN CGO_ENABLED=0 go build -o /app .\n"
	one := sum(l.layers(build))
	l.within("one stage, with the toolchain", one, 600_000_000, 1_200_000_000)
	last := one
	for _, base := range []string{"debian:bookworm", "debian:bookworm-slim", "gcr.io/distroless/base-debian12", "alpine:3.20", "gcr.io/distroless/static-debian12", "scratch"} {
		size := sum(l.layers(build + "FROM " + base + "\nCOPY --from=build /app /app\nENTRYPOINT [\"/app\"]\n"))
		if size >= last {
			t.Errorf("on %s the image has %d bytes, on the larger base %d", base, size, last)
		}
		last = size
	}
	l.within("on scratch, nothing but the program", last, 1_000_000, 4_000_000)
}

func TestLessonModesAndOwners(t *testing.T) {
	l := newLesson(t)
	l.file("data/big.bin", strings.Repeat("0123456789abcdef", 1<<16))
	l.file("data/small.txt", "small\n")
	const from = "FROM debian:bookworm-slim\n"
	once := l.above(from + "COPY data /data\n")
	l.within("the copy", once, 1<<20, 1<<20+10_000)
	for _, run := range []string{"chmod -R 700 /data", "chown -R 1000:1000 /data", "find /data -type f -exec chmod 600 {} +", "chgrp -R 50 /data"} {
		l.within(run+" in a RUN of its own doubles", l.above(from+"COPY data /data\nRUN "+run+"\n")-2*once, -5_000, 5_000)
	}
	for _, flags := range []string{"--chown=1000:1000", "--chmod=700", "--chown=1000:1000 --chmod=u=rwX,go="} {
		l.within("COPY "+flags, l.above(from+"COPY "+flags+" data /data\n")-once, -2_000, 2_000)
	}
	twice := l.above(from + "COPY data /data\nRUN chmod -R 700 /data\nRUN chmod -R 700 /data\n")
	l.within("the second chmod to the same mode", twice-2*once, -5_000, 5_000)
}

func TestLessonDeletingLater(t *testing.T) {
	l := newLesson(t)
	const from = "FROM debian:bookworm-slim\n"
	sizes := l.layers(from + "RUN head -c 50000000 /dev/zero > /big\nRUN rm /big\n")
	l.within("the layer that makes the file", sizes[1], 50_000_000, 50_010_000)
	l.within("the layer that removes it", sizes[2], 512, 5_000)
	l.within("making and removing in one RUN", l.above(from+"RUN head -c 50000000 /dev/zero > /big && rm /big\n"), 512, 5_000)
}

func TestLessonApk(t *testing.T) {
	l := newLesson(t)
	const from = "FROM alpine:3.20\n"
	plain := l.above(from + "RUN apk update && apk add curl\n")
	without := l.above(from + "RUN apk add --no-cache curl\n")
	late := l.above(from + "RUN apk update && apk add curl\nRUN rm -rf /var/cache/apk/*\n")
	l.within("the index that --no-cache does not keep", plain-without, 1_500_000, 4_000_000)
	if late < plain {
		t.Errorf("removing the index later shrank the image from %d to %d", plain, late)
	}
	const add = "RUN apk add --no-cache --virtual .build-deps gcc musl-dev make"
	same := l.above(from + add + " && touch /made && apk del .build-deps\n")
	apart := l.above(from + add + " && touch /made\nRUN apk del .build-deps\n")
	l.within("a compiler that the same RUN removes", same, 512, 300_000)
	l.within("a compiler that a later RUN removes", apart, 100_000_000, 300_000_000)
}

func TestLessonDockerignore(t *testing.T) {
	l := newLesson(t)
	l.file("node_modules/big/index.js", strings.Repeat("x", 3_000_000))
	l.file("server.js", "listen()\n")
	with := l.above("FROM node:22-slim\nWORKDIR /app\nCOPY . .\n")
	l.file(".dockerignore", "node_modules\n")
	without := l.above("FROM node:22-slim\nWORKDIR /app\nCOPY . .\n")
	l.within("node_modules", with-without, 2_990_000, 3_010_000)
}

// TestLessonOrder: with the list of packages copied first, a change of the source
// leaves the installation cached; with everything copied first it does not.
func TestLessonOrder(t *testing.T) {
	for _, c := range []struct {
		name, lines string
		ran         int // RUN and COPY steps that run again
	}{
		{"packages first", "COPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\n", 1},
		{"all first", "COPY . .\nRUN pip install -r requirements.txt\n", 2},
	} {
		l := newLesson(t)
		l.file("requirements.txt", "flask\n")
		l.file("app.py", "1\n")
		l.file("Dockerfile", "FROM python:3.12-slim\nWORKDIR /app\n"+c.lines)
		l.must("docker build --progress=plain .")
		l.file("app.py", "2\n")
		if ran := ranAgain(l.must("docker build --progress=plain .")); len(ran) != c.ran {
			t.Errorf("%s: ran again %q, want %d steps", c.name, ran, c.ran)
		}
	}
}

// TestLessonBases holds the models' sizes against those of the real images, in MB
// as docker images shows the files of each.
func TestLessonBases(t *testing.T) {
	l := newLesson(t)
	real := []struct {
		name string
		mb   int64
	}{
		{"golang:1.26", 870}, {"node:22", 1120}, {"python:3.12", 1020}, {"golang:1.26-alpine", 250}, {"node:22-slim", 225}, {"nginx:1.27", 192}, {"node:22-alpine", 160}, {"python:3.12-slim", 125},
		{"debian:bookworm", 117}, {"ubuntu:24.04", 78}, {"debian:bookworm-slim", 75}, {"python:3.12-alpine", 50}, {"nginx:1.27-alpine", 48}, {"gcr.io/distroless/base-debian12", 21},
		{"alpine:3.20", 8}, {"busybox:1.36", 2}, {"gcr.io/distroless/static-debian12", 2},
	}
	for _, r := range real {
		got := sum(l.layers(fmt.Sprintf("FROM %s\n", r.name)))
		if low, high := r.mb*1_000_000*6/10, r.mb*1_000_000*14/10+500_000; got < low || got > high {
			t.Errorf("%s: %s MB, the real one about %d", r.name, strconv.FormatFloat(float64(got)/1e6, 'f', 1, 64), r.mb)
		}
	}
}
