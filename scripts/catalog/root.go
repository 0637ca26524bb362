package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"syscall"

	"github.com/layerlab/layerlab/sim/catalog"
)

// node is one file of the system that debootstrap made.
type node struct {
	path     string
	mode     uint32 // permissions
	uid, gid int
	size     int64
	mtime    int64
	kind     fs.FileMode
	target   string
	ino      uint64
	links    uint64
}

// system is what debootstrap made: its files, and which belong to a package.
type system struct {
	root     string
	nodes    map[string]*node
	paths    []string // sorted
	packages []string // names as of the .list files
	lists    map[string][]string
	mirror   string // what sources.list names
}

// left is what an image does not have of a fresh system.
var left = regexp.MustCompile(`^/(dev|proc|sys|run)/|^/var/(cache/(apt|debconf/.*-old|ldconfig)|lib/apt/lists)/.|^/var/log/(bootstrap|alternatives|dpkg)\.log$|^/var/log/apt/.|^/etc/(apt/sources\.list|hostname|resolv\.conf|machine-id)$|^/var/lib/dpkg/(.*-old|lock.*|info/.*\.(list|md5sums))$|^/tmp/.|-$|^/debootstrap`)

func readRoot(root string) (*system, error) {
	s := &system{root: root, nodes: map[string]*node{}, lists: map[string][]string{}}
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(p, root)
		if name == "" {
			name = "/"
		}
		if left.MatchString(name) {
			return nil
		}
		i, err := d.Info()
		if err != nil {
			return err
		}
		st := i.Sys().(*syscall.Stat_t)
		n := &node{path: name, mode: st.Mode & 0o7777, uid: int(st.Uid), gid: int(st.Gid), size: i.Size(), mtime: min(st.Mtim.Sec, epoch), kind: i.Mode().Type(), ino: st.Ino, links: uint64(st.Nlink)}
		if n.kind == fs.ModeSymlink {
			n.target, err = os.Readlink(p)
		}
		s.nodes[name] = n
		s.paths = append(s.paths, name)
		return err
	})
	if err != nil {
		return nil, err
	}
	sort.Strings(s.paths)
	lists, err := filepath.Glob(filepath.Join(root, "var/lib/dpkg/info/*.list"))
	if err != nil {
		return nil, err
	}
	for _, l := range lists {
		text, err := os.ReadFile(l)
		if err != nil {
			return nil, err
		}
		name := strings.TrimSuffix(filepath.Base(l), ".list")
		s.packages = append(s.packages, name)
		s.lists[name] = strings.Split(strings.TrimSpace(string(text)), "\n")
	}
	sources, err := os.ReadFile(filepath.Join(root, "etc/apt/sources.list"))
	if f := strings.Fields(string(sources)); err == nil && len(f) > 1 {
		s.mirror = f[1]
	}
	return s, err
}

// real is where a path of a package lies in a system with a merged /usr.
func (s *system) real(p string) *node {
	if n := s.nodes[p]; n != nil {
		return n
	}
	first, rest, ok := strings.Cut(strings.TrimPrefix(p, "/"), "/")
	if n := s.nodes["/"+first]; ok && n != nil && n.kind == fs.ModeSymlink {
		return s.nodes["/"+n.target+"/"+rest]
	}
	return nil
}

// texts are files whose text is kept: facts and settings, short.
var texts = regexp.MustCompile(`^/etc/(passwd|group|shadow|gshadow|shells|nsswitch\.conf|host\.conf|hosts|issue|issue\.net|debian_version|environment|subuid|subgid|ld\.so\.conf|ld\.so\.conf\.d/.*|timezone|os-release|apt/apt\.conf\.d/70debconf)$|^/usr/lib/os-release$|^/var/lib/dpkg/(info/format|arch|statoverride|diversions|triggers/.*)$|^/var/lib/dpkg/alternatives/.*|^/var/lib/shells\.state`)

// put writes one node. seen has the first path of each inode with several names.
func (s *system) put(l *listing, n *node, as string, seen map[uint64]string) error {
	switch {
	case n.kind == fs.ModeDir:
		l.mkdir(as, n.mode, n.uid, n.gid)
	case n.kind == fs.ModeSymlink:
		l.symlink(as, n.target)
	case n.kind != 0:
	case n.links > 1 && seen[n.ino] != "":
		l.link(as, seen[n.ino])
	default:
		if n.links > 1 {
			seen[n.ino] = as
		}
		if own := ownTexts[n.path]; own != "" {
			l.text(as, own, n.mode, n.uid, n.gid)
		} else if texts.MatchString(n.path) {
			b, err := os.ReadFile(s.root + n.path)
			if err != nil {
				return err
			}
			l.text(as, string(b), n.mode, n.uid, n.gid)
		} else {
			l.file(as, n.size, n.mode, n.uid, n.gid)
		}
	}
	return nil
}

// ownTexts are files that a shell reads: ours do what Debian's do.
var ownTexts = map[string]string{
	"/etc/profile":           "PATH=\"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\"\nexport PATH\n",
	"/etc/bash.bashrc":       "# settings of interactive shells\n",
	"/etc/skel/.bashrc":      "# settings of interactive shells\n",
	"/etc/skel/.profile":     "# settings of login shells\n",
	"/etc/skel/.bash_logout": "# run when a login shell ends\n",
	"/root/.bashrc":          "# settings of interactive shells\n",
	"/root/.profile":         "# settings of login shells\n",
}

// list is the whole system as a list of files: first what belongs to no package,
// directories before what is in them, then each package.
func (s *system) list(recipe string) (string, error) {
	owned := map[string]bool{}
	for _, paths := range s.lists {
		for _, p := range paths {
			if n := s.real(p); n != nil {
				owned[n.path] = true
			}
		}
	}
	var l listing
	seen := map[uint64]string{}
	l.pkg("", epoch)
	l.mkdir("/", 0o755, 0, 0)
	for _, p := range s.paths { // the directories and links that all else stands on
		n := s.nodes[p]
		top := strings.Count(p, "/") == 1 && n.kind == fs.ModeSymlink
		if p != "/" && (n.kind == fs.ModeDir || top) {
			if err := s.put(&l, n, p, seen); err != nil {
				return "", err
			}
		}
	}
	for _, name := range s.packages {
		at := int64(0)
		for _, p := range s.lists[name] {
			if n := s.real(p); n != nil && n.kind == 0 {
				at = max(at, n.mtime)
			}
		}
		l.pkg(name, min(at, epoch))
		for _, p := range s.lists[name] {
			if n := s.real(p); n != nil && p != "/." {
				if err := s.put(&l, n, p, seen); err != nil {
					return "", err
				}
			}
		}
	}
	l.pkg("", epoch)
	for _, p := range s.paths {
		n := s.nodes[p]
		if n.kind == fs.ModeDir || owned[p] || p == "/var/lib/dpkg/status" || strings.Count(p, "/") == 1 && n.kind == fs.ModeSymlink {
			continue
		}
		if err := s.put(&l, n, p, seen); err != nil {
			return "", err
		}
	}
	status, err := s.status()
	if err != nil {
		return "", err
	}
	l.text("/var/lib/dpkg/status", status, 0o644, 0, 0)
	own, err := os.ReadFile("scripts/catalog/recipes/" + recipe)
	if err != nil {
		return "", err
	}
	text := l.b.String() + strings.ReplaceAll(string(own), "MIRROR", s.mirror)
	return text, catalog.Entries(text, func(*catalog.Entry) error { return nil })
}

// status is dpkg's status file with the first line of each description.
func (s *system) status() (string, error) {
	b, err := os.ReadFile(s.root + "/var/lib/dpkg/status")
	if err != nil {
		return "", err
	}
	var out strings.Builder
	skip := false
	for line := range strings.Lines(string(b)) {
		if strings.HasPrefix(line, "Description:") {
			skip = true
			out.WriteString(line)
			continue
		}
		if skip && strings.HasPrefix(line, " ") {
			continue
		}
		skip = false
		if strings.HasPrefix(line, "Homepage:") || strings.HasPrefix(line, "Original-Maintainer:") {
			continue
		}
		out.WriteString(line)
	}
	if out.Len() == 0 {
		return "", fmt.Errorf("%s: the status file is empty", s.root)
	}
	return out.String(), nil
}
