package shell

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/layerlab/layerlab/sim/catalog"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/pkg/apt"
	"github.com/layerlab/layerlab/sim/pkg/deb"
	"github.com/layerlab/layerlab/sim/tree"
)

// Where apt and dpkg keep what they know.
const (
	aptLists   = "/var/lib/apt/lists"
	aptStates  = "/var/lib/apt/extended_states"
	aptCache   = "/var/cache/apt"
	dpkgStatus = "/var/lib/dpkg/status"
)

// aptConf is what of apt's and dpkg's settings matters here.
type aptConf struct {
	clean        bool // archives are removed after use (docker-clean)
	noRecommends bool
	gzipIndexes  bool
	noCaches     bool // Dir::Cache::pkgcache ""
	exclude      []string
	sources      []aptSource
}

// aptSource is one suite of one repository.
type aptSource struct{ uri, suite string }

// aptConf reads the settings.
func (p *Process) aptConf(ctx context.Context) aptConf {
	var c aptConf
	for _, text := range p.filesOf(ctx, "/etc/apt/apt.conf.d") {
		for line := range strings.Lines(text) {
			line = strings.TrimSpace(line)
			key, value, _ := strings.Cut(line, " ")
			switch lower := strings.ToLower(key); {
			case strings.HasPrefix(line, "//") || strings.HasPrefix(line, "#"):
			case lower == "dpkg::post-invoke" && strings.Contains(line, aptCache+"/archives"):
				c.clean = true
			case lower == "apt::install-recommends":
				c.noRecommends = !aptTrue(value)
			case lower == "acquire::gzipindexes":
				c.gzipIndexes = aptTrue(value)
			case lower == "dir::cache::pkgcache":
				c.noCaches = strings.HasPrefix(value, `""`)
			}
		}
	}
	for _, text := range p.filesOf(ctx, "/etc/dpkg/dpkg.cfg.d") {
		for line := range strings.Lines(text) {
			f := strings.Fields(strings.Replace(line, "=", " ", 1))
			if len(f) == 2 && f[0] == "path-exclude" {
				c.exclude = append(c.exclude, f[1])
			} else if len(f) == 2 && f[0] == "path-include" {
				c.exclude = append(c.exclude, "!"+f[1])
			}
		}
	}
	c.sources = p.aptSources(ctx)
	return c
}

// filesOf is the text of each file in a directory, in the order of their names.
func (p *Process) filesOf(ctx context.Context, dir string) []string {
	list, err := p.readDir(dir)
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range list {
		if text, err := p.readAll(ctx, dir+"/"+e.Name); err == nil {
			out = append(out, text)
		}
	}
	return out
}

// aptSources reads sources.list and sources.list.d, one-line style and deb822.
func (p *Process) aptSources(ctx context.Context) []aptSource {
	var out []aptSource
	line, _ := p.readAll(ctx, "/etc/apt/sources.list")
	texts := []string{line}
	if list, err := p.readDir("/etc/apt/sources.list.d"); err == nil {
		for _, e := range list {
			if text, err := p.readAll(ctx, "/etc/apt/sources.list.d/"+e.Name); err == nil {
				texts = append(texts, text)
			}
		}
	}
	for _, text := range texts {
		for stanza := range strings.SplitSeq(text, "\n\n") {
			fields := map[string]string{}
			for l := range strings.Lines(stanza) {
				if f := strings.Fields(l); len(f) > 2 && f[0] == "deb" {
					if strings.HasPrefix(f[1], "[") {
						for len(f) > 3 && !strings.HasSuffix(f[1], "]") {
							f = f[1:]
						}
						f = f[1:]
					}
					if len(f) > 2 {
						out = append(out, aptSource{strings.TrimSuffix(f[1], "/"), f[2]})
					}
				}
				key, value, _ := strings.Cut(l, ":")
				fields[strings.ToLower(key)] = strings.TrimSpace(value)
			}
			if !slices.Contains(strings.Fields(fields["types"]), "deb") {
				continue
			}
			for uri := range strings.FieldsSeq(fields["uris"]) {
				for suite := range strings.FieldsSeq(fields["suites"]) {
					out = append(out, aptSource{strings.TrimSuffix(uri, "/"), suite})
				}
			}
		}
	}
	return out
}

// listName is how the files of a source are called in aptLists.
func (s aptSource) listName() string {
	_, rest, _ := strings.Cut(s.uri, "://")
	return strings.ReplaceAll(rest, "/", "_") + "_dists_" + s.suite
}

// aptSystem is what apt reads before it does anything.
func (p *Process) aptSystem(ctx context.Context, index *deb.Index) (*apt.System, error) {
	text, err := p.readAll(ctx, dpkgStatus)
	if err != nil {
		//lint:ignore ST1005 apt's own words
		return nil, fmt.Errorf("Could not open file %s - open (2: No such file or directory)", dpkgStatus)
	}
	s := &apt.System{Status: deb.ParseStatus(text), Auto: map[string]bool{}, Hold: map[string]bool{}}
	states, _ := p.readAll(ctx, aptStates)
	name := ""
	for line := range strings.Lines(states) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		if key == "Package" {
			name = value
		} else if key == "Auto-Installed" && value == "1" {
			s.Auto[name] = true
		}
	}
	list, err := p.readDir(aptLists)
	if err != nil {
		return s, nil
	}
	for _, e := range list {
		if !strings.HasSuffix(e.Name, "_InRelease") || s.Index != nil {
			continue
		}
		s.Index = index
		head := make([]byte, 256)
		body, err := p.body(aptLists + "/" + e.Name)
		if err != nil {
			continue
		}
		n, _ := content.ReadAt(body, head, 0)
		_, date, _ := strings.Cut(string(head[:n]), "\nDate: ")
		date, _, _ = strings.Cut(date, "\n")
		s.Day, _ = time.Parse(time.RFC1123, date)
	}
	return s, nil
}

// states writes which packages were installed automatically.
func (r *aptRun) states() int {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(r.sys.Auto)) {
		if i := r.sys.Status.Get(name); r.sys.Auto[name] && i.Is() {
			arch := i.Arch
			if arch == "all" {
				arch = "amd64"
			}
			fmt.Fprintf(&b, "Package: %s\nArchitecture: %s\nAuto-Installed: 1\n\n", name, arch)
		}
	}
	if old, err := r.p.readAll(r.ctx, aptStates); err != nil && b.Len() == 0 || err == nil && old == b.String() {
		return 0
	}
	if err := r.p.place(aptStates, content.String(b.String()), 0o644); err != nil {
		return r.fail(err)
	}
	return 0
}

// place writes a file of root's as a package manager does, with its directories.
func (p *Process) place(name string, body content.Body, perm uint32) error {
	return p.placeOf(name, body, overlay.Meta{Perm: perm, MTime: tree.TimeOf(p.now())})
}

func (p *Process) placeOf(name string, body content.Body, m overlay.Meta) error {
	if body == nil {
		body = content.String("")
	}
	err := p.setBody(name, body, &m)
	if err != nil && isNotFound(err) {
		if err := p.mkdirs(path.Dir(name)); err != nil {
			return err
		}
		err = p.setBody(name, body, &m)
	}
	return err
}

func (p *Process) mkdirs(dir string) error {
	if _, err := p.stat(dir); err == nil || dir == "/" {
		return nil
	}
	if err := p.mkdirs(path.Dir(dir)); err != nil {
		return err
	}
	if err := p.mkdir(dir, 0o755); err != nil {
		return err
	}
	return p.chmod(dir, 0o755)
}

// appendTo adds text to a log.
func (p *Process) appendTo(ctx context.Context, name, text string, perm uint32) error {
	old, _ := p.readAll(ctx, name)
	return p.place(name, content.String(old+text), perm)
}

// madeUp is a made-up body for a file of a package manager.
func madeUp(name string, size int64) content.Body {
	return catalog.Made(catalog.KindOf(name, 0o644), name, size)
}
