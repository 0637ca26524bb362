package cli

import (
	"bufio"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/container"
	"github.com/layerlab/layerlab/sim/store"
)

// confirmed asks before something is removed; anything but y is no.
func (c *call) confirmed(warning string) bool {
	if c.on("force") {
		return true
	}
	c.printf("%s [y/N] ", warning)
	line, _ := bufio.NewReader(c.in).ReadString('\n')
	return strings.EqualFold(strings.TrimSpace(line), "y")
}

// imagePrune is `docker image prune`.
func (c *call) imagePrune([]string) error {
	warning := "WARNING! This will remove all dangling images.\nAre you sure you want to continue?"
	if c.on("all") {
		warning = "WARNING! This will remove all images without at least one container associated to them.\nAre you sure you want to continue?"
	}
	if !c.confirmed(warning) {
		return nil
	}
	freed, err := c.pruneImages(c.on("all"))
	if err != nil {
		return err
	}
	c.printf("Total reclaimed space: %s\n", size4(freed))
	return nil
}

// pruneImages removes images that no container uses, those without a name or all,
// and prints what went.
func (c *call) pruneImages(all bool) (int64, error) {
	filters := c.filters()
	if v := filters["dangling"]; len(v) > 0 {
		want, err := parseBool(v[0])
		all = all || err == nil && !want
	}
	delete(filters, "dangling")
	list, err := c.selectImages(filters, true)
	if err != nil {
		return 0, err
	}
	match := map[digest.Digest]bool{}
	for _, im := range list {
		match[im.ID] = true
	}
	done, freed := c.e.PruneImages(all, func(im *store.Image) bool { return match[im.ID] })
	if len(done) > 0 {
		c.printf("Deleted Images:\n")
	}
	for _, d := range done {
		if d.Untagged != "" {
			c.printf("untagged: %s\n", d.Untagged)
		} else {
			c.printf("deleted: %s\n", d.Deleted)
		}
	}
	if len(done) > 0 {
		c.printf("\n")
	}
	return freed, nil
}

// containerPrune is `docker container prune`.
func (c *call) containerPrune([]string) error {
	if !c.confirmed("WARNING! This will remove all stopped containers.\nAre you sure you want to continue?") {
		return nil
	}
	c.printf("Total reclaimed space: %s\n", size4(c.pruneContainers()))
	return nil
}

func (c *call) pruneContainers() int64 {
	var freed int64
	var ids []string
	filters := c.filters()
	for _, ct := range slices.Backward(c.e.Containers()) {
		if ct.Running() || ct.Status == container.Paused {
			continue
		}
		if labels := filters["label"]; slices.ContainsFunc(labels, func(l string) bool { return !hasLabel(ct.Run.Config.Labels, l) }) {
			continue
		}
		n := ct.SizeRw()
		if c.e.Remove(ct, ct.ID, false) == nil {
			freed += n
			ids = append(ids, ct.ID)
		}
	}
	if len(ids) > 0 {
		c.printf("Deleted Containers:\n%s\n\n", strings.Join(ids, "\n"))
	}
	return freed
}

// systemPrune is `docker system prune`.
func (c *call) systemPrune([]string) error {
	images := "all dangling images"
	if c.on("all") {
		images = "all images without at least one container associated to them"
	}
	if !c.confirmed("WARNING! This will remove:\n  - all stopped containers\n  - all networks not used by at least one container\n  - " + images +
		"\n  - unused build cache\n\nAre you sure you want to continue?") {
		return nil
	}
	freed := c.pruneContainers()
	n, err := c.pruneImages(c.on("all"))
	if err != nil {
		return err
	}
	var ids []string
	for _, g := range c.e.PruneCache() {
		ids = append(ids, g.ID)
		n += g.Size
	}
	if len(ids) > 0 {
		c.printf("Deleted build cache objects:\n%s\n\n", strings.Join(ids, "\n"))
	}
	c.printf("Total reclaimed space: %s\n", size4(freed+n))
	return nil
}
