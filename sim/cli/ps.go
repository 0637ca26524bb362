package cli

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/distribution/reference"

	"github.com/layerlab/layerlab/sim/container"
)

// containerRow is a row of `docker ps` for templates.
type containerRow struct {
	ID, Names, Image, Command, CreatedAt, RunningFor, Ports, State, Status, Size string
	Labels, LocalVolumes, Mounts, Networks, HealthStatus                         string
	Platform                                                                     any

	labels map[string]string
}

// MarshalJSON writes the row as Docker does.
func (r containerRow) MarshalJSON() ([]byte, error) { return rowJSON(r) }

// Field gives the function Label: the value of one label.
func (r containerRow) Field(name string) (any, bool) {
	return func(label string) string { return r.labels[label] }, name == "Label"
}

var containerListing = listing{
	typ: "ContainerContext",
	headers: headers{
		"ID": "CONTAINER ID", "Names": "NAMES", "Image": "IMAGE", "Command": "COMMAND", "CreatedAt": "CREATED AT", "RunningFor": "CREATED",
		"Ports": "PORTS", "State": "STATE", "Status": "STATUS", "Size": "SIZE", "Labels": "LABELS", "LocalVolumes": "LOCAL VOLUMES",
		"Mounts": "MOUNTS", "Networks": "NETWORKS", "Platform": "PLATFORM", "HealthStatus": "HEALTH",
	},
	table: "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}",
	quiet: "{{.ID}}",
	raw: "container_id: {{.ID}}\nimage: {{.Image}}\ncommand: {{.Command}}\ncreated_at: {{.CreatedAt}}\nstate: {{.State}}\n" +
		"status: {{.Status}}\nnames: {{.Names}}\nlabels: {{.Labels}}\nports: {{.Ports}}\n",
}

// ps is `docker ps`.
func (c *call) ps([]string) error {
	list, err := c.selectContainers()
	if err != nil {
		return err
	}
	if c.on("quiet") && c.given("format") {
		c.eprintf("WARNING: Ignoring custom format, because both --format and --quiet are set.\n")
	}
	format := c.str("format")
	if err := containerListing.try(format, containerRow{}); err != nil {
		return err
	}
	if c.on("quiet") {
		format = ""
	}
	sized := c.on("size") || strings.Contains(format, ".Size")
	l := containerListing
	if c.on("size") {
		l.table += "\t{{.Size}}"
		l.raw += "size: {{.Size}}\n"
	}
	var rows []any
	for _, ct := range list {
		rows = append(rows, c.containerRow(ct, sized, c.on("no-trunc")))
	}
	return l.write(c.out, format, c.on("quiet"), rows)
}

func (c *call) containerRow(ct *container.Container, sized, full bool) containerRow {
	r := containerRow{
		ID: ct.ID, Names: ct.Name, Image: c.imageOf(ct), Command: commandOf(ct), CreatedAt: ct.Created.UTC().String(),
		RunningFor: age(c.e.Now().Sub(ct.Created)) + " ago", Ports: portsOf(ct), State: string(ct.Status), Status: c.statusOf(ct),
		Size: "0B", LocalVolumes: strconv.Itoa(len(ct.Run.Config.Volumes)), Networks: "bridge", HealthStatus: healthOf(ct),
		labels: ct.Run.Config.Labels,
	}
	r.Platform = map[string]string{"architecture": ct.Run.Architecture, "os": ct.Run.OS}
	if sized {
		r.Size = fmt.Sprintf("%s (virtual %s)", size(ct.SizeRw()), size(ct.SizeRootFs()))
	}
	var labels []string
	for k, v := range ct.Run.Config.Labels {
		labels = append(labels, k+"="+v)
	}
	slices.Sort(labels)
	r.Labels = strings.Join(labels, ",")
	if !full {
		r.ID, r.Command = shortID(r.ID), ellipsis(r.Command, 20)
	}
	r.Command = strconv.Quote(r.Command)
	if full {
		r.Command = `"` + strings.Trim(r.Command, `"`) + `"`
	}
	return r
}

// imageOf is the image as it was asked for, or the short ID when that name means
// another image by now.
func (c *call) imageOf(ct *container.Container) string {
	r, err := c.e.Store().Resolve(ct.Image)
	if err != nil || r.Image.ID.String() != ct.ImageID {
		return shortID(ct.ImageID)
	}
	return ct.Image
}

// commandOf is the program with its arguments, those with a space in quotes.
func commandOf(ct *container.Container) string {
	words := []string{ct.Path}
	for _, a := range ct.Args {
		if strings.Contains(a, " ") {
			a = "'" + a + "'"
		}
		words = append(words, a)
	}
	return strings.Join(words, " ")
}

// statusOf is STATUS as Docker words it (daemon/container/state.go).
func (c *call) statusOf(ct *container.Container) string {
	now := c.e.Now()
	switch ct.Status {
	case container.Running:
		up := "Up " + age(now.Sub(ct.Started))
		if checked(ct) {
			up += " (health: starting)"
		}
		return up
	case container.Paused:
		return "Up " + age(now.Sub(ct.Started)) + " (Paused)"
	case container.Created:
		return "Created"
	case container.Exited:
		return fmt.Sprintf("Exited (%d) %s ago", ct.ExitCode, age(now.Sub(ct.Finished)))
	}
	return "Dead"
}

// selectContainers are the containers that the flags and filters let through,
// the newest first.
func (c *call) selectContainers() ([]*container.Container, error) {
	filters := c.filters()
	all := c.on("all") || c.on("latest") || c.num("last", -1) > 0
	var tests []func(*container.Container) bool
	for name, values := range filters {
		t, err := c.containerFilter(name, values)
		if err != nil {
			return nil, err
		}
		tests = append(tests, t)
		if name == "status" || name == "exited" {
			all = true
		}
	}
	limit := c.num("last", -1)
	if c.on("latest") {
		limit = 1
	}
	var out []*container.Container
	for _, ct := range c.e.Containers() {
		if limit > 0 && len(out) == limit {
			break
		}
		if !all && !ct.Running() {
			continue
		}
		if !slices.ContainsFunc(tests, func(t func(*container.Container) bool) bool { return !t(ct) }) {
			out = append(out, ct)
		}
	}
	return out, nil
}

// containerFilter is the test of one filter (daemon/list.go).
func (c *call) containerFilter(name string, values []string) (func(*container.Container) bool, error) {
	anyOf := func(test func(ct *container.Container, v string) bool) func(*container.Container) bool {
		return func(ct *container.Container) bool {
			return slices.ContainsFunc(values, func(v string) bool { return test(ct, v) })
		}
	}
	bad := func(v, why string) error {
		return daemon(fmt.Errorf("invalid filter '%s=%s': %s", name, v, why))
	}
	switch name {
	case "name":
		return anyOf(func(ct *container.Container, v string) bool {
			re, err := regexp.Compile(v)
			return err == nil && (re.MatchString(ct.Name) || re.MatchString("/"+ct.Name))
		}), nil
	case "id":
		return anyOf(func(ct *container.Container, v string) bool { return strings.Contains(ct.ID, v) }), nil
	case "status":
		for _, v := range values {
			if !slices.Contains([]string{"created", "running", "paused", "restarting", "removing", "exited", "dead"}, v) {
				return nil, bad(v, fmt.Sprintf("invalid value for state (%s): must be one of created, running, paused, restarting, removing, exited, dead", v))
			}
		}
		return anyOf(func(ct *container.Container, v string) bool { return string(ct.Status) == v }), nil
	case "exited":
		for _, v := range values {
			if _, err := strconv.Atoi(v); err != nil {
				return nil, bad(v, err.Error())
			}
		}
		return anyOf(func(ct *container.Container, v string) bool {
			return ct.Status != container.Created && !ct.Running() && strconv.Itoa(ct.ExitCode) == v
		}), nil
	case "health":
		for _, v := range values {
			if !slices.Contains([]string{"none", "starting", "healthy", "unhealthy"}, v) {
				return nil, bad(v, fmt.Sprintf("invalid value for health (%s): must be one of none, starting, healthy, unhealthy", v))
			}
		}
		return anyOf(func(ct *container.Container, v string) bool { return healthOf(ct) == v }), nil
	case "label":
		return func(ct *container.Container) bool {
			return !slices.ContainsFunc(values, func(v string) bool { return !hasLabel(ct.Run.Config.Labels, v) })
		}, nil
	case "ancestor":
		return anyOf(c.descends), nil
	case "before", "since":
		other, err := c.e.Container(values[0])
		if err != nil {
			return nil, daemon(err)
		}
		return func(ct *container.Container) bool {
			return name == "before" && ct.Number < other.Number || name == "since" && ct.Number > other.Number
		}, nil
	case "volume", "network", "publish", "expose", "isolation", "is-task":
		return func(*container.Container) bool { return name == "network" && slices.Contains(values, "bridge") }, nil
	}
	return nil, daemon(fmt.Errorf("invalid filter '%s'", name))
}

// descends reports whether a container's image is, or is built on, the image
// called name.
func (c *call) descends(ct *container.Container, name string) bool {
	r, err := c.e.Store().Resolve(name)
	if err != nil {
		ref, err := reference.ParseNormalizedNamed(name)
		return err == nil && reference.FamiliarName(ref) == ct.Image
	}
	if r.Image.ID.String() == ct.ImageID {
		return true
	}
	base, layers := r.Image.Layers, ct.Layers()
	if len(base) > len(layers) || len(base) == 0 {
		return false
	}
	for i, h := range base {
		if h.DiffID != layers[i].DiffID {
			return false
		}
	}
	return true
}
