package engine_test

import (
	"strings"
	"testing"
)

// TestModelsSayWhatTheyAre: where a person looks, a model says that it is one, and
// a name that has none leads to the nearest.
func TestModelsSayWhatTheyAre(t *testing.T) {
	s := newTerminal(t)
	s.must("docker pull -q debian:bullseye-slim")
	for _, c := range []struct{ line, want string }{
		{"lab about debian:bookworm-slim", "A model of debian:bookworm-slim (linux/amd64), made by Layer Lab"},
		{"lab about debian:bullseye-slim", "Debian:bullseye-slim has no model of its own; the model of debian:bookworm-slim stands in for it."},
		{"lab about python:3", "A model of python:3.13 "},
		{"lab about python:4", "layer lab: there is no model of python:4; the nearest are python:3.10, "},
		{"lab models nginx", "nginx:1.27-alpine "},
		{"docker image inspect debian:bullseye-slim", "A model of debian:bookworm-slim (linux/amd64), made by Layer Lab"},
		{"docker pull python:4", "layer lab: there is no model of python:4; the nearest are python:3.10, "},
		{"docker run mysql:8", "layer lab: there is no model of mysql and the lab has no network; there are models of alpine, "},
		{"docker pull alpine:3.18", "layer lab: alpine:3.18 has no model of its own; the model of alpine:3.20 stands in for it\n"},
		{"docker run --rm debian:bookworm-slim head -c 200 /usr/bin/bash | tail -c 100", "This is Layer Lab's model of"},
	} {
		if out, _ := s.try(c.line); !strings.Contains(out, c.want) {
			t.Errorf("$ %s\n%s\nwant %q", c.line, out, c.want)
		}
	}
	s.must(`printf 'FROM python:4\n' > Dockerfile`)
	if out, exit := s.try("docker build ."); exit == 0 || !strings.Contains(out, "layer lab: there is no model of python:4; the nearest are python:3.10, ") {
		t.Errorf("building: exit %d\n%s", exit, out)
	}
	s.must(`printf 'FROM node:20-buster\nRUN true\n' > Dockerfile`)
	if out := s.must("docker build --progress=plain ."); !strings.Contains(out, "layer lab: node:20-buster has no model of its own; the model of node:20 stands in for it\n") {
		t.Errorf("building on a model that stands in:\n%s", out)
	}
}
