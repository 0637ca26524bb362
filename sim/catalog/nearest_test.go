package catalog

import (
	"strings"
	"testing"
)

// TestStandsIn: a model that answers to the name of another version says so; one
// that only has many tags does not.
func TestStandsIn(t *testing.T) {
	for name, model := range map[string]string{
		"python:3": "", "python:3.12.8-slim-bookworm": "", "node:lts-alpine": "", "debian:12-slim": "", "nginx": "", "busybox": "", "docker.io/library/golang:1.25": "", "gcr.io/distroless/static": "",
		"python:3.6": "python:3.9", "golang:1.19-alpine": "golang:1.20-alpine", "debian:bullseye-slim": "debian:bookworm-slim", "node:20-buster": "node:20", "alpine:3.18": "alpine:3.20", "ubuntu:18.04": "ubuntu:22.04", "nginx:1.25-alpine": "nginx:1.27-alpine", "gcr.io/distroless/base-debian11": "gcr.io/distroless/base-debian12:latest",
	} {
		l, ok := Lookup(name)
		if !ok {
			t.Errorf("no %s", name)
			continue
		}
		got := StandsIn(name)
		if model == "" && got != "" || model != "" && (!strings.HasSuffix(got, "the model of "+model+" stands in for it") || l.Model != model) {
			t.Errorf("%s, the model of %s: %q, want %q", name, l.Model, got, model)
		}
	}
}

func TestNearest(t *testing.T) {
	for name, want := range map[string]string{
		"python:4-slim":      "there is no model of python:4-slim; the nearest are python:3.10-slim, ",
		"node:26":            "there is no model of node:26; the nearest are node:20, node:22, node:24, ",
		"golang:1.30-alpine": "there is no model of golang:1.30-alpine; the nearest are golang:1.20-alpine, ",
		"debian:woody":       "there is no model of debian:woody; the nearest are debian:bookworm, debian:bookworm-slim",
		"mysql:8":            "there is no model of mysql and the lab has no network; there are models of alpine, buildpack-deps, busybox, debian, ",
	} {
		if got := Nearest(name); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// TestTags: the tags that Dockerfiles most often name are there.
func TestTags(t *testing.T) {
	for repository, tags := range map[string]string{
		"python": "latest 3 3.12 3.13 slim 3.12-slim 3.11-slim 3.13-slim 3.12-slim-bookworm 3.12-bookworm 3.12-alpine alpine 3-alpine 3.10-slim-bullseye 3.14",
		"node":   "latest lts 18 20 22 24 slim alpine 20-slim 22-alpine 20-bookworm-slim lts-alpine current-alpine 20-alpine3.20 lts-slim 16-alpine 20.11.1",
		"golang": "latest alpine 1 1.21 1.22-alpine 1.23-bookworm 1.24 1.25-alpine 1.26 bookworm",
		"nginx":  "latest alpine stable stable-alpine mainline 1.27 1.27-alpine 1.25 1.27.3-alpine alpine-slim",
		"debian": "latest 12 stable bookworm bookworm-slim stable-slim 12-slim bullseye-slim trixie-slim",
		"ubuntu": "latest 22.04 24.04 noble jammy 20.04", "alpine": "latest 3 3.20 3.19 3.18 edge 3.20.3", "busybox": "latest stable 1.36 1.36.1 musl glibc uclibc",
		"gcr.io/distroless/static-debian12": "latest nonroot debug", "gcr.io/distroless/base-debian12": "latest nonroot", "gcr.io/distroless/static": "latest nonroot", "ghcr.io/astral-sh/uv": "latest",
	} {
		for tag := range strings.FieldsSeq(tags) {
			if _, ok := Lookup(repository + ":" + tag); !ok {
				t.Errorf("no %s:%s", repository, tag)
			}
		}
	}
}
