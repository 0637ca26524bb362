package main

import (
	"fmt"
	"path/filepath"

	"github.com/layerlab/layerlab/sim/catalog"
	"github.com/layerlab/layerlab/sim/image"
)

// aboutModel is the description of a model that was put together from parts.
func aboutModel(name, how string) string {
	return "A model of " + name + " (linux/amd64), made by Layer Lab: " + how + " The text of small settings is real or our own, the other bytes are made up."
}

// below is the list of the lowest layer of a data file, and its configuration.
func below(file string) (*catalog.Picture, error) {
	text, err := readData(file)
	if err != nil {
		return nil, err
	}
	return catalog.ParsePicture(text)
}

// textOf is the text of a file in the image of a data file.
func textOf(file, name string) (string, error) {
	p, err := below(file)
	if err != nil {
		return "", err
	}
	out, found := "", false
	err = catalog.Entries(p.Layers[0].List, func(e *catalog.Entry) error {
		if e.Path == name && e.Literal {
			out, found = e.Text, true
		}
		return nil
	})
	if err == nil && !found {
		err = fmt.Errorf("%s has no text of %s", file, name)
	}
	return out, err
}

// onto is the beginning of a configuration that goes on from an image's.
func onto(file string) (image.Config, error) {
	p, err := below(file)
	if err != nil {
		return image.Config{}, err
	}
	return p.Config, nil
}

// files is a layer's list with these items.
func filesOf(items []item) string {
	var l listing
	l.pkg("", epoch)
	putItems(&l, items, map[string]bool{})
	return l.b.String()
}

// accounts is a layer's list that adds a user and its group as useradd does.
func accounts(name string, id int, home, shell string) string {
	var l listing
	l.pkg("", epoch)
	l.mkdir("/etc", 0o755, 0, 0)
	l.added("/etc/group", fmt.Sprintf("%s:x:%d:\n", name, id), 0o644, 0)
	l.added("/etc/passwd", fmt.Sprintf("%s:x:%d:%d::%s:%s\n", name, id, id, home, shell), 0o644, 0)
	l.added("/etc/shadow", name+":!:20000:0:99999:7:::\n", 0o640, 42)
	return l.b.String()
}

// script is a layer of one program of text.
func script(name, text string) string {
	var l listing
	l.pkg("", epoch)
	putParents(&l, filepath.Dir(name), map[string]bool{})
	l.text(name, text, 0o755, 0, 0)
	return l.b.String()
}

// emptyList is a list without a file.
var emptyList = fmt.Sprintf("@ %d\n", epoch)

// homeOf is a user's home directory.
func homeOf(name string, id int, mode uint32) string {
	var l listing
	l.pkg("", epoch)
	l.mkdir("/home", 0o755, 0, 0)
	l.mkdir("/home/"+name, mode, id, id)
	return l.b.String()
}

// bareLayer begins a layer of which nothing is known, in a file of lists that is no
// image.
const bareLayer = "layer \nfiles\n"
