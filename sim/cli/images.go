package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/distribution/reference"

	"github.com/layerlab/layerlab/sim/store"
)

// imageRow is a row of `docker images` for templates.
type imageRow struct {
	ID, Repository, Tag, Digest, CreatedSince, CreatedAt, Size, SharedSize, UniqueSize, Containers string
}

// MarshalJSON writes the row as Docker does.
func (r imageRow) MarshalJSON() ([]byte, error) { return rowJSON(r) }

var imageListing = listing{
	typ: "imageContext",
	headers: headers{
		"ID": "IMAGE ID", "Repository": "REPOSITORY", "Tag": "TAG", "Digest": "DIGEST", "CreatedSince": "CREATED",
		"CreatedAt": "CREATED AT", "Size": "SIZE", "SharedSize": "SHARED SIZE", "UniqueSize": "UNIQUE SIZE", "Containers": "CONTAINERS",
	},
	table: "{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}",
	quiet: "{{.ID}}",
	raw:   "repository: {{.Repository}}\ntag: {{.Tag}}\nimage_id: {{.ID}}\ncreated_at: {{.CreatedAt}}\nvirtual_size: {{.Size}}\n",
}

// listed is an image with those of its names that a list is to show.
type listed struct {
	*store.Image
	names []reference.NamedTagged
}

func createdOf(im *store.Image) time.Time {
	if im.Config.Created == nil {
		return time.Time{}
	}
	return *im.Config.Created
}

// images is `docker images`.
func (c *call) images(args []string) error {
	filters := c.filters()
	if len(args) > 0 {
		filters["reference"] = append(filters["reference"], args[0])
	}
	_, dangling := filters["dangling"]
	list, err := c.selectImages(filters, c.on("all") || dangling)
	if err != nil {
		return err
	}
	if !c.on("all") {
		list = slices.DeleteFunc(list, func(l listed) bool { return c.e.Store().Intermediate(l.ID) })
	}
	plainTable := c.on("quiet") || c.on("no-trunc") || c.on("digests") || c.str("format") != ""
	if c.on("tree") {
		for _, f := range []struct{ flag, name string }{{"quiet", "quiet"}, {"no-trunc", "no-trunc"}, {"digests", "show-digest"}, {"format", "format"}} {
			if c.given(f.flag) {
				return plain("--%s is not yet supported with --tree", f.name)
			}
		}
	} else if plainTable {
		return c.imageTable(list)
	}
	c.imageView(list, c.on("tree"))
	if len(list) == 0 && len(args) > 0 && isImageVerb(args[0]) {
		fmt.Fprintf(c.err, "No images found matching %q: did you mean \"docker image %s\"?\n", args[0], args[0])
	}
	return nil
}

func isImageVerb(word string) bool {
	for _, g := range groups {
		for _, m := range g.members {
			if g.name == "image" && m[0] == word {
				return true
			}
		}
	}
	return false
}

// imageTable prints one row for each name, the newest image first.
func (c *call) imageTable(list []listed) error {
	used := c.e.Usages()
	var rows []any
	for _, im := range list {
		row := imageRow{
			ID: im.ID.String(), Repository: "<none>", Tag: "<none>", Digest: "<none>",
			CreatedSince: c.ago(createdOf(im.Image)), CreatedAt: createdOf(im.Image).UTC().String(),
			Size: size(c.e.Store().Usage(im.ID).Disk), SharedSize: "N/A", UniqueSize: "N/A", Containers: fmt.Sprint(used[im.ID]),
		}
		if !c.on("no-trunc") {
			row.ID = shortID(row.ID)
		}
		if c.on("digests") || strings.Contains(c.str("format"), ".Digest") {
			row.Digest = im.ID.String()
		}
		if len(im.names) == 0 {
			rows = append(rows, row)
		}
		for _, n := range im.names {
			row.Repository, row.Tag = reference.FamiliarName(n), n.Tag()
			rows = append(rows, row)
		}
	}
	l := imageListing
	if c.on("digests") {
		l.table = "{{.Repository}}\t{{.Tag}}\t{{.Digest}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}"
	}
	return l.write(c.out, c.str("format"), c.on("quiet"), rows)
}

// untagged stands where an image without a name has it.
const untagged = "<untagged>"

// imageView prints the view that Docker 29 has by default: one row for each
// name, in the order of the names, with a mark for images in use; with tree, the
// platforms below each image.
func (c *call) imageView(list []listed, tree bool) {
	type row struct{ name, id, disk, blobs, extra, platform string }
	var rows []row
	used := c.e.Usages()
	slices.SortStableFunc(list, func(a, b listed) int { return strings.Compare(firstName(a), firstName(b)) })
	width := len("IMAGE")
	for _, im := range list {
		u := c.e.Store().Usage(im.ID)
		r := row{name: untagged, id: shortID(im.ID.String()), disk: size(u.Disk), blobs: size(u.Content), platform: platformOf(im.Image)}
		if used[im.ID] > 0 {
			r.extra = "U"
		}
		names := familiar(im.names)
		for i, n := range names {
			r.name = n
			if tree && i < len(names)-1 {
				rows = append(rows, row{name: r.name})
			} else {
				rows = append(rows, r)
			}
		}
		if len(names) == 0 {
			rows = append(rows, r)
		}
	}
	if !tree { // an image's names stand apart
		slices.SortStableFunc(rows, func(a, b row) int {
			return cmp.Or(cmp.Compare(untaggedLast(a.name), untaggedLast(b.name)), strings.Compare(a.name, b.name))
		})
	}
	for _, r := range rows {
		width = max(width, len(r.name))
		if tree && r.platform != "" {
			width = max(width, len("└─ "+r.platform))
		}
	}
	fmt.Fprintf(c.out, "%-*s   %-12s   DISK USAGE   CONTENT SIZE   EXTRA\n", width, "IMAGE", "ID")
	for _, r := range rows {
		fmt.Fprintf(c.out, "%-*s   %-12s   %10s   %12s   %-5s\n", width, r.name, r.id, r.disk, r.blobs, mark(r.extra))
		if tree && r.id != "" {
			fmt.Fprintf(c.out, "%-*s   %-12s   %10s   %12s   %-5s\n\n", width, "└─ "+r.platform, r.id, r.disk, r.blobs, mark(r.extra))
		}
	}
}

func mark(extra string) string {
	if extra == "" {
		return ""
	}
	return extra
}

func platformOf(im *store.Image) string {
	p := im.Config.OS + "/" + im.Config.Architecture
	if im.Config.Variant != "" {
		p += "/" + im.Config.Variant
	}
	return p
}

// firstName sorts images without a name last.
func firstName(im listed) string {
	if len(im.names) == 0 {
		return "\xff"
	}
	return familiar(im.names)[0]
}

// familiar is names as Docker shows them, sorted.
func familiar(names []reference.NamedTagged) []string {
	var out []string
	for _, n := range names {
		out = append(out, reference.FamiliarString(n))
	}
	slices.Sort(out)
	return out
}

func untaggedLast(name string) int {
	if name == untagged {
		return 1
	}
	return 0
}

// selectImages are the images that filters let through, newest first, those
// without a name only if all is set.
func (c *call) selectImages(filters map[string][]string, all bool) ([]listed, error) {
	st := c.e.Store()
	var tests []func(listed) bool
	for name, values := range filters {
		t, err := c.imageFilter(name, values)
		if err != nil {
			return nil, err
		}
		if t != nil {
			tests = append(tests, t)
		}
	}
	dangling := isDangling(filters["dangling"])
	var out []listed
	for _, im := range st.Images() {
		l := listed{im, st.Names(im.ID)}
		if dangling && st.Unnamed(im.ID) {
			l.names = nil
		}
		if refs := filters["reference"]; len(refs) > 0 {
			l.names = slices.DeleteFunc(slices.Clone(l.names), func(n reference.NamedTagged) bool { return !matches(refs, n) })
			if len(l.names) == 0 {
				continue
			}
		}
		if len(l.names) == 0 && !all {
			continue
		}
		if !slices.ContainsFunc(tests, func(t func(listed) bool) bool { return !t(l) }) {
			out = append(out, l)
		}
	}
	return out, nil
}

// isDangling reports whether the images without a name are asked for.
func isDangling(values []string) bool {
	if len(values) == 0 {
		return false
	}
	want, err := parseBool(values[len(values)-1])
	return want && err == nil
}

func matches(patterns []string, n reference.NamedTagged) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, err := reference.FamiliarMatch(p, n)
		return ok && err == nil
	})
}

// imageFilter is the test of one filter (daemon/containerd/image_list.go). What is
// older is told by when an image came into the store, not by when it was made.
func (c *call) imageFilter(name string, values []string) (func(listed) bool, error) {
	switch name {
	case "reference":
		return nil, nil
	case "dangling":
		want, err := parseBool(values[len(values)-1])
		if err != nil {
			return nil, daemon(fmt.Errorf("invalid filter 'dangling=[%s]'", strings.Join(values, " ")))
		}
		return func(l listed) bool { return (len(l.names) == 0) == want }, nil
	case "label", "label!":
		want := name == "label"
		return func(l listed) bool {
			for _, v := range values {
				if hasLabel(l.Config.Config.Labels, v) != want {
					return false
				}
			}
			return true
		}, nil
	case "before", "since":
		r, err := c.e.Store().Resolve(values[0])
		if err != nil {
			return nil, daemon(err)
		}
		at, id := r.Image.Added, r.Image.ID
		return func(l listed) bool {
			t := l.Added
			return l.ID != id && (name == "before" && t.Before(at) || name == "since" && t.After(at))
		}, nil
	case "until":
		at, err := c.parseTime(values[0])
		if err != nil {
			return nil, daemon(err)
		}
		return func(l listed) bool { return l.Added.Before(at) }, nil
	}
	return nil, daemon(fmt.Errorf("invalid filter '%s'", name))
}

func hasLabel(labels map[string]string, want string) bool {
	k, v, valued := strings.Cut(want, "=")
	got, ok := labels[k]
	return ok && (!valued || got == v)
}

func parseBool(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "1", "true":
		return true, nil
	case "0", "false":
		return false, nil
	}
	return false, fmt.Errorf("%q is neither true nor false", s)
}

// parseTime is a moment as filters take it: a duration before now, a time, or
// seconds since 1970.
func (c *call) parseTime(s string) (time.Time, error) {
	if d, err := time.ParseDuration(s); err == nil {
		return c.e.Now().Add(-d), nil
	}
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02"} {
		if t, err := time.Parse(form, s); err == nil {
			return t, nil
		}
	}
	var sec int64
	if _, err := fmt.Sscanf(s, "%d", &sec); err == nil {
		return time.Unix(sec, 0), nil
	}
	return time.Time{}, fmt.Errorf("failed to parse value as time or duration: %q", s)
}

// resolve finds an image, or says that there is none as the daemon does.
func (c *call) resolve(name string) (*store.Image, error) {
	r, err := c.e.Store().Resolve(name)
	if err != nil {
		return nil, daemon(err)
	}
	return r.Image, nil
}
