package build

import (
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// copying is what COPY and ADD have in common.
type copying struct {
	sources instructions.SourcesAndDest
	from    *stage // nil: the context
	label   string // what --from says
	add     bool
	unpack  bool
	parents bool
	link    bool
	chown   string
	chmod   string
	exclude []string
	at      []parser.Range
}

func (r *run) dispatchCopy(st *stage, s *step, c *instructions.CopyCommand) error {
	cfg := copying{sources: c.SourcesAndDest, label: c.From, parents: c.Parents, link: c.Link, chown: c.Chown, chmod: c.Chmod, exclude: c.ExcludePatterns, at: c.Location()}
	if len(s.sources) > 0 {
		cfg.from = s.sources[0]
		if !cfg.from.dispatched {
			return fmt.Errorf("cannot copy from stage %q, it needs to be defined before current stage %q", c.From, st.name)
		}
	}
	for _, src := range c.SourcePaths {
		if isURL(src) {
			return errors.New("source can't be a URL for COPY")
		}
		if isGit(src) {
			return errors.New("source can't be a git ref for COPY")
		}
	}
	return r.dispatchFiles(st, s, cfg)
}

func (r *run) dispatchAdd(st *stage, s *step, c *instructions.AddCommand) error {
	cfg := copying{sources: c.SourcesAndDest, add: true, unpack: true, link: c.Link, chown: c.Chown, chmod: c.Chmod, exclude: c.ExcludePatterns, at: c.Location()}
	if c.Unpack != nil {
		cfg.unpack = *c.Unpack
	}
	if c.Checksum != "" {
		if len(c.SourcePaths) != 1 {
			return errors.New("checksum can't be specified for multiple sources")
		}
		if !isURL(c.SourcePaths[0]) && !isGit(c.SourcePaths[0]) {
			return errors.New("checksum requires HTTP(S) or Git sources")
		}
	}
	return r.dispatchFiles(st, s, cfg)
}

// dispatchFiles makes the node of a COPY or ADD: one action for each source.
func (r *run) dispatchFiles(st *stage, s *step, cfg copying) error {
	dest := destPath(st.dir, cfg.sources.DestPath)
	proto := copyAction{Dest: dest, Chown: cfg.chown, Exclude: cfg.exclude, label: cfg.label}
	if err := proto.setMode(cfg.chmod); err != nil {
		return err
	}
	row := "COPY"
	if cfg.add {
		row = "ADD"
	}
	for _, flag := range []struct {
		text string
		on   bool
	}{{"--parents", cfg.parents}, {"--chown=" + cfg.chown, cfg.chown != ""}, {"--chmod=" + cfg.chmod, cfg.chmod != ""}} {
		if flag.on {
			row += " " + flag.text
		}
	}
	op := &copyOp{Link: cfg.link && cfg.chmod == "" && st.node != nil}
	for _, src := range cfg.sources.SourcePaths {
		row += " " + src
		op.Actions = append(op.Actions, r.copyAction(proto, cfg, src))
	}
	for _, doc := range cfg.sources.SourceContents {
		row += " <<" + doc.Path
		a := proto
		a.Kind, a.Src, a.Data = "inline", "/"+path.Base(doc.Path), doc.Data
		op.Actions = append(op.Actions, &a)
	}
	row += " " + cfg.sources.DestPath
	r.add(st, s, r.expanded(st, s.text), op)
	r.history(st, s, row+" # buildkit", false)
	return nil
}

// copyAction is the copying of one source.
func (r *run) copyAction(proto copyAction, cfg copying, src string) *copyAction {
	a := proto
	switch {
	case isURL(src) || isGit(src):
		a.Kind, a.Src = "url", src
		return &a
	case cfg.from != nil:
		a.Kind, a.from = "from", cfg.from.node
	default:
		a.Kind = "context"
		r.lintIgnored(cfg, src)
	}
	a.Add = cfg.unpack
	a.Exclude = cfg.exclude
	if cfg.parents {
		parent, pattern, pivot := strings.Cut(src, "/./")
		if !pivot {
			parent, pattern = "/", src
		}
		pattern = path.Join("/", pattern)
		a.Parents = strings.TrimPrefix(pattern, "/")
		if !hasWildcard(parent) && !hasWildcard(pattern) {
			a.Required = path.Join("/", parent, pattern)
		}
		src = parent
	}
	a.Src = cleanSource(src)
	return &a
}

// lintIgnored warns of a source that .dockerignore keeps out of the context.
func (r *run) lintIgnored(cfg copying, src string) {
	m := r.source.matcher
	if m == nil || m.Exclusions() {
		return
	}
	src = path.Clean(src)
	if src == "." || src == "/" {
		all := false
		for _, p := range m.Patterns() {
			all = all || !p.Exclusion() && (p.String() == "*" || p.String() == "**" || p.String() == "**/*")
		}
		if !all {
			return
		}
	}
	if ok, err := m.MatchesOrParentMatches(src); err == nil && ok {
		name := "Copy"
		if cfg.add {
			name = "Add"
		}
		r.warn(&linter.RuleCopyIgnoredFile, cfg.at, linter.RuleCopyIgnoredFile.Format(name, src))
	}
}

// setMode reads --chmod: an octal number or letters ("u=rwX,go=rX").
func (a *copyAction) setMode(chmod string) error {
	if chmod == "" {
		return nil
	}
	octal := fmt.Errorf("invalid chmod parameter: '%v'. it should be octal string and between 0 and 07777", chmod)
	if n, err := strconv.ParseUint(chmod, 8, 32); err == nil {
		if n > 0o7777 {
			return octal
		}
		mode := uint32(n)
		a.Mode = &mode
		return nil
	}
	if chmod[0] >= '0' && chmod[0] <= '9' {
		return octal
	}
	if _, err := parseMode(chmod); err != nil {
		return err
	}
	a.ModeStr = chmod
	return nil
}

// destPath is a COPY's destination as an absolute path; a trailing "/" or "/."
// stays, since it says that the destination is a directory.
func destPath(dir, dest string) string {
	if path.IsAbs(dest) {
		return dest
	}
	if dest == "" || dest == "." {
		dest = "./"
	}
	out := path.Join("/", dir, dest)
	switch {
	case strings.HasSuffix(dest, "/") && !strings.HasSuffix(out, "/"):
		out += "/"
	case strings.HasSuffix(dest, "/."):
		if out != "/" {
			out += "/"
		}
		out += "."
	}
	return out
}

// cleanSource is a source as an absolute path of its context or image; what
// leads out of it is cut.
func cleanSource(src string) string {
	out := path.Join("/", src)
	switch {
	case strings.HasSuffix(src, "/.") && out != "/":
		out += "/."
	case strings.HasSuffix(src, "/") && out != "/":
		out += "/"
	}
	return out
}

func isURL(src string) bool {
	return (strings.HasPrefix(src, "http://") || strings.HasPrefix(src, "https://")) && !isGit(src)
}

func isGit(src string) bool {
	base, _, _ := strings.Cut(src, "#")
	if strings.HasPrefix(src, "git@") || strings.HasPrefix(src, "git://") || strings.HasPrefix(src, "ssh://") {
		return true
	}
	return (strings.HasPrefix(src, "http://") || strings.HasPrefix(src, "https://")) && strings.HasSuffix(base, ".git")
}

func hasWildcard(p string) bool {
	for i := 0; i < len(p); i++ {
		switch p[i] {
		case '*', '?', '[':
			return true
		case '\\':
			i++
		}
	}
	return false
}

// ownerByName reports whether --chown names a user or group that only the
// image's /etc/passwd and /etc/group can tell.
func ownerByName(chown string) bool {
	for part := range strings.SplitSeq(chown, ":") {
		if _, ok := numericID(part); part != "" && !ok {
			return true
		}
	}
	return false
}

// numericID is a user or group that needs no file: a number, or root.
func numericID(s string) (uint32, bool) {
	if s == "root" {
		return 0, true
	}
	n, err := strconv.ParseUint(s, 10, 31)
	return uint32(n), err == nil
}
