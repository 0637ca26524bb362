package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/layerlab/layerlab/sim/container"
)

// A portRow is a port of a container as lists show it; host is "" for one that is
// not published.
type portRow struct {
	number     int
	proto      string
	host       string
	first, end int // of a range
}

// portsOf is PORTS: published ports after those that are only exposed, neighbours
// as a range, in Docker's order (cli/command/formatter, DisplayablePorts).
func portsOf(ct *container.Container) string {
	if !ct.Running() {
		return ""
	}
	var out, last, mapped []string
	groups := map[string]*portRow{}
	for _, p := range portRows(ct) {
		kind := p.proto
		if p.host != "" {
			if p.host != strconv.Itoa(p.number) {
				mapped = append(mapped, fmt.Sprintf("0.0.0.0:%s->%d/%s", p.host, p.number, p.proto))
				continue
			}
			kind = "0.0.0.0/" + kind
		}
		g := groups[kind]
		if g != nil && p.number == g.end+1 {
			g.end++
			continue
		}
		if g == nil {
			last = append(last, kind)
		} else {
			out = append(out, g.text())
		}
		p.first, p.end = p.number, p.number
		groups[kind] = &p
	}
	for _, kind := range last {
		out = append(out, groups[kind].text())
	}
	return strings.Join(append(out, mapped...), ", ")
}

func (p *portRow) text() string {
	n := strconv.Itoa(p.first)
	if p.end != p.first {
		n += "-" + strconv.Itoa(p.end)
	}
	if p.host != "" {
		n = "0.0.0.0:" + n + "->" + n
	}
	return n + "/" + p.proto
}

func portRows(ct *container.Container) []portRow {
	var out []portRow
	taken := map[string]bool{}
	add := func(port, host string) {
		number, proto, _ := strings.Cut(port, "/")
		n, err := strconv.Atoi(number)
		if err == nil {
			out = append(out, portRow{number: n, proto: proto, host: host})
		}
	}
	for _, p := range ct.Config.Ports {
		port, host := splitPort(p)
		taken[port] = true
		add(port, host)
	}
	for p := range ct.Run.Config.ExposedPorts {
		if !taken[p] {
			add(p, "")
		}
	}
	slices.SortFunc(out, func(a, b portRow) int {
		return cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(a.host, b.host), cmp.Compare(a.proto, b.proto))
	})
	return out
}
