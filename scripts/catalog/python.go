package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// leftOfPython is what the images and distributions leave out of a Python.
var leftOfPython = regexp.MustCompile(`/__pycache__(/|$)|^/test/|/tests?(/|$)|^/idlelib/idle_test|^/config-|^/site-packages|\.exe$|^/turtledemo`)

// pythonDir is a Python 3.12 of this machine.
func pythonDir() (string, error) {
	dirs, err := filepath.Glob(os.Getenv("HOME") + "/.pyenv/versions/3.12.*")
	if err != nil || len(dirs) == 0 {
		return "", fmt.Errorf("no Python 3.12 of pyenv on this machine")
	}
	return dirs[0], nil
}

// pythonItems is the standard library, the byte code, pip or the headers of a
// Python, as if they lay under lib and include.
func pythonItems(what, lib, include string) ([]item, error) {
	dir, err := pythonDir()
	if err != nil {
		return nil, err
	}
	from := dir + "/lib/python3.12"
	switch what {
	case "stdlib":
		items, err := hostItems(from, lib, func(p string) bool { return !leftOfPython.MatchString(p) })
		for i := range items {
			items[i].exec = items[i].exec && strings.Contains(items[i].path, ".so")
		}
		return items, err
	case "pyc":
		return hostItems(from, lib, func(p string) bool {
			return strings.HasSuffix(p, ".cpython-312.pyc") && !leftOfPython.MatchString(strings.Replace(p, "/__pycache__/", "/", 1))
		})
	case "pip":
		return hostItems(from+"/site-packages", lib+"/site-packages", func(p string) bool {
			return strings.HasPrefix(p, "/pip") && !strings.Contains(p, "__pycache__")
		})
	case "include":
		return hostItems(dir+"/include/python3.12", include, func(string) bool { return true })
	}
	return nil, fmt.Errorf("no %q of Python", what)
}
