package cli

import (
	"fmt"
	"text/tabwriter"

	"github.com/layerlab/layerlab/sim/container"
)

// dfRow is a row of `docker system df` for templates.
type dfRow struct{ Type, TotalCount, Active, Size, Reclaimable string }

// MarshalJSON writes the row as Docker does.
func (r dfRow) MarshalJSON() ([]byte, error) { return rowJSON(r) }

var dfListing = listing{
	typ: "diskUsageContext",
	headers: headers{
		"Type": "TYPE", "TotalCount": "TOTAL", "Active": "ACTIVE", "Size": "SIZE", "Reclaimable": "RECLAIMABLE",
	},
	table: "{{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}",
	raw:   "type: {{.Type}}\ntotal: {{.TotalCount}}\nactive: {{.Active}}\nsize: {{.Size}}\nreclaimable: {{.Reclaimable}}\n",
}

// systemDF is `docker system df`.
func (c *call) systemDF([]string) error {
	if c.on("verbose") {
		return c.systemDFVerbose()
	}
	images, containers := c.imagesUsage(), c.containersUsage()
	cache := c.e.CacheUsage()
	rows := []any{
		images, containers,
		dfRow{"Local Volumes", "0", "0", "0B", "0B"},
		dfRow{"Build Cache", fmt.Sprint(cache.Entries), fmt.Sprint(cache.InUse), size4(cache.Size), size4(cache.Reclaimable)},
	}
	return dfListing.write(c.out, c.str("format"), false, rows)
}

// reclaimable is a number of bytes with its share of the total, in whole percent.
func reclaimable(n, total int64) string {
	if total <= 0 {
		return size4(n)
	}
	return fmt.Sprintf("%s (%d%%)", size4(n), n*100/total)
}

// imagesUsage is the row of images: what they take together; what would come
// free is what only unused images have.
func (c *call) imagesUsage() dfRow {
	st := c.e.Store()
	used := c.e.Usages()
	active, free := 0, int64(0)
	shown := 0
	for _, im := range st.Images() {
		if st.Intermediate(im.ID) {
			continue
		}
		shown++
		if used[im.ID] > 0 {
			active++
		} else {
			free += st.Usage(im.ID).Unique
		}
	}
	total := st.Total()
	return dfRow{"Images", fmt.Sprint(shown), fmt.Sprint(active), size4(total), reclaimable(free, total)}
}

func (c *call) containersUsage() dfRow {
	active, total, free := 0, int64(0), int64(0)
	list := c.e.Containers()
	for _, ct := range list {
		n := ct.SizeRw()
		total += n
		if ct.Running() || ct.Status == container.Paused {
			active++
		} else {
			free += n
		}
	}
	return dfRow{"Containers", fmt.Sprint(len(list)), fmt.Sprint(active), size4(total), reclaimable(free, total)}
}

// dfDetails is what `docker system df -v --format` runs its template on.
type dfDetails struct {
	Images, Containers, Volumes, BuildCache []any
}

// dfCacheRow is a record of the build cache there.
type dfCacheRow struct{ ID, CacheType, Size, CreatedSince, LastUsedSince, UsageCount, Shared string }

// MarshalJSON writes the row as Docker does.
func (r dfCacheRow) MarshalJSON() ([]byte, error) { return rowJSON(r) }

var cacheListing = listing{
	typ: "buildCacheContext",
	headers: headers{
		"ID": "CACHE ID", "CacheType": "CACHE TYPE", "Size": "SIZE", "CreatedSince": "CREATED", "LastUsedSince": "LAST USED", "UsageCount": "USAGE", "Shared": "SHARED",
	},
	table: "{{.ID}}\t{{.CacheType}}\t{{.Size}}\t{{.CreatedSince}}\t{{.LastUsedSince}}\t{{.UsageCount}}\t{{.Shared}}",
}

// systemDFVerbose is `docker system df -v`.
func (c *call) systemDFVerbose() error {
	format := c.str("format")
	d, err := c.dfDetails(format == "" || format == "table")
	if err != nil {
		return err
	}
	switch format {
	case "", "table":
	case "json":
		return c.template("{{json .}}", d)
	default:
		return c.template(format, d)
	}
	c.printf("Images space usage:\n\n")
	l := imageListing
	l.table = "{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}\t{{.SharedSize}}\t{{.UniqueSize}}\t{{.Containers}}"
	if err := l.write(c.out, "", false, d.Images); err != nil {
		return err
	}
	c.printf("\nContainers space usage:\n\n")
	l = containerListing
	l.table = "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.LocalVolumes}}\t{{.Size}}\t{{.RunningFor}}\t{{.Status}}\t{{.Names}}"
	if err := l.write(c.out, "", false, d.Containers); err != nil {
		return err
	}
	c.printf("\nLocal Volumes space usage:\n\nVOLUME NAME   LINKS     SIZE\n")
	c.printf("\nBuild cache usage: %s\n\n", size4(c.e.CacheUsage().Size))
	return cacheListing.write(c.out, "", false, d.BuildCache)
}

// dfDetails is the rows of the four lists, IDs cut if short is set.
func (c *call) dfDetails(short bool) (d dfDetails, err error) {
	st, used := c.e.Store(), c.e.Usages()
	list, err := c.selectImages(map[string][]string{}, true)
	if err != nil {
		return d, err
	}
	cut := func(id string) string {
		if short {
			return shortID(id)
		}
		return id
	}
	for _, im := range list {
		if st.Intermediate(im.ID) {
			continue
		}
		u := st.Usage(im.ID)
		r := imageRow{
			ID: cut(im.ID.String()), Repository: "<none>", Tag: "<none>", CreatedSince: c.ago(createdOf(im.Image)),
			Size: size(u.Disk), SharedSize: size4(u.Shared), UniqueSize: size4(u.Unique), Containers: fmt.Sprint(used[im.ID]),
		}
		if len(im.names) > 0 {
			r.Repository, r.Tag = familiarName(im.names[0]), im.names[0].Tag()
		}
		d.Images = append(d.Images, r)
	}
	for _, ct := range c.e.Containers() {
		r := c.containerRow(ct, false, !short)
		r.Size = size(ct.SizeRw())
		d.Containers = append(d.Containers, r)
	}
	for _, g := range c.e.CacheEntries() {
		when := age(c.e.Now().Sub(g.Created)) + " ago"
		d.BuildCache = append(d.BuildCache, dfCacheRow{cut(g.ID), "regular", size(g.Size), when, when, "1", "true"})
	}
	return d, nil
}

// builderPrune is `docker builder prune`.
func (c *call) builderPrune([]string) error {
	if !c.confirmed("WARNING! This will remove all dangling build cache. Are you sure you want to continue?") {
		return nil
	}
	var total int64
	gone := c.e.PruneCache()
	if len(gone) > 0 {
		c.printf("ID\t\t\t\t\t\tRECLAIMABLE\tSIZE\t\tLAST ACCESSED\n")
	}
	for _, g := range gone {
		total += g.Size
		c.printf("%-40s\ttrue \t%-10s\t%s ago\n", g.ID, size4(g.Size), age(c.e.Now().Sub(g.Created)))
	}
	c.printf("Total:\t%s\n", size4(total))
	return nil
}

// builderDU is `docker buildx du`.
func (c *call) builderDU([]string) error {
	tw := tabwriter.NewWriter(c.out, 1, 8, 1, '\t', 0)
	writef(tw, "ID\tRECLAIMABLE\tSIZE\tLAST ACCESSED\n")
	for _, g := range c.e.CacheEntries() {
		writef(tw, "%-40s\ttrue\t%-10s\t%s ago\n", g.ID, size4(g.Size), age(c.e.Now().Sub(g.Created)))
	}
	tw.Flush()
	u := c.e.CacheUsage()
	c.printf("Reclaimable:\t%s\nTotal:\t\t%s\n", size4(u.Reclaimable), size4(u.Size))
	return nil
}
