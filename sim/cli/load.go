package cli

import (
	"context"
	"errors"
	"path"
	"strings"

	"github.com/distribution/reference"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/layerlab/layerlab/sim/archive"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/engine"
)

// load is `docker load`.
func (c *call) load([]string) error {
	platforms, err := c.platforms()
	if err != nil {
		return err
	}
	name := c.str("input")
	var file content.Body
	var where string
	if name == "" {
		if c.tty {
			return plain("requested load from stdin, but stdin is empty")
		}
		if file, err = c.readIn(); err != nil {
			return err
		}
	} else if file, where, err = c.openFile(name); err != nil {
		return err
	}
	a, err := archive.Open(c.ctx, file, archive.Options{Name: name, Pause: c.s.pause})
	if err != nil {
		return c.notAnImage(err, file, where)
	}
	loaded, err := c.e.Load(c.ctx, a, engine.LoadOptions{})
	if err != nil {
		return c.loadFailed(err, name)
	}
	if err := c.lacking(a, loaded, platforms); err != nil {
		return err
	}
	for _, n := range a.Order {
		if n.Name == "" {
			c.printf("Loaded image ID: %s\n", loaded[n.Image].ID)
		} else {
			c.printf("Loaded image: %s\n", n.Name)
		}
	}
	return nil
}

// lacking says which loaded images are not for the platforms that were asked for.
func (c *call) lacking(a *archive.Archive, loaded []engine.Loaded, platforms []ocispec.Platform) error {
	if len(platforms) == 0 {
		return nil
	}
	var names []string
	for _, n := range a.Order {
		id := loaded[n.Image].ID
		if provides(c.e.Store().Get(id), platforms) {
			continue
		}
		if n.Name == "" {
			n.Name = id.String()
		}
		names = append(names, n.Name)
	}
	var wanted []string
	for _, p := range platforms {
		wanted = append(wanted, platformText(p))
	}
	switch len(names) {
	case 0:
		return nil
	case 1:
		return plain("image %s was loaded, but doesn't provide the requested platform (%v)", names[0], wanted)
	}
	return plain("images [%s] were loaded, but don't provide the requested platform (%v)", strings.Join(names, ", "), wanted)
}

// notAnImage says why a file is no image archive: in Docker's words, and of a
// file that came from the outside what it seems to be instead.
func (c *call) notAnImage(err error, file content.Body, where string) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	docker := dockerSays(file)
	var e *archive.Error
	if docker == "" && errors.As(err, &e) {
		if docker = e.Docker; docker == "" && strings.HasPrefix(e.Problem, "is a ") {
			docker = "unrecognized image format"
		}
	}
	if !strings.HasPrefix(where, engine.Given+"/") && docker != "" {
		return plain("%s", docker)
	}
	if docker == "" {
		return plain("%v", err)
	}
	return plain("%s\n%v", docker, err)
}

// dockerSays is what Docker answers to a file that is no tar, or "" for a tar.
func dockerSays(file content.Body) string {
	head := make([]byte, 512)
	n, _ := content.ReadAt(file, head, 0)
	switch {
	case n == 0:
		return "unrecognized image format"
	case n < len(head):
		return "unexpected EOF"
	case !isTarHeader(head) && !compressed(head):
		return "archive/tar: invalid tar header"
	}
	return ""
}

func compressed(head []byte) bool {
	for _, magic := range []string{"\x1f\x8b", "\x28\xb5\x2f\xfd", "BZh", "\xfd7zXZ"} {
		if strings.HasPrefix(string(head), magic) {
			return true
		}
	}
	return false
}

// isTarHeader checks the checksum of a tar header block.
func isTarHeader(b []byte) bool {
	sum, want := 0, 0
	for i, x := range b {
		if i >= 148 && i < 156 {
			x = ' '
		}
		sum += int(x)
	}
	for _, x := range b[148:156] {
		if x >= '0' && x <= '7' {
			want = want*8 + int(x-'0')
		}
	}
	return sum == want && sum != 8*' '
}

// loadFailed says which image and layer of an archive cannot be loaded, and that
// nothing of it was kept.
func (c *call) loadFailed(err error, name string) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	if name == "" {
		name = "standard input"
	}
	return plain("%s: %v\nNothing of the file was loaded; what was there before is as it was.", path.Base(name), err)
}

// importTar is `docker import`.
func (c *call) importTar(args []string) error {
	o := engine.CommitOptions{Message: c.str("message"), Changes: c.list("change")}
	var file content.Body
	var err error
	if p := c.str("platform"); p != "" {
		if o.Platform, err = parsePlatform(p); err != nil {
			return plain("%v", err)
		}
	}
	if args[0] == "-" {
		file, err = c.readIn()
	} else {
		file, _, err = c.openFile(args[0])
	}
	if err != nil {
		return err
	}
	if len(args) > 1 {
		o.Name = args[1]
		if _, err := reference.ParseNormalizedNamed(o.Name); err != nil {
			return plain("%v", err)
		}
	}
	im, err := c.e.Import(c.ctx, file, o)
	if err != nil {
		return daemon(err)
	}
	c.printf("%s\n", im.ID)
	return nil
}
