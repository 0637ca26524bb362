//go:build readers

package readers_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A node is what one path of a file tree is, as somebody sees it.
type node struct {
	kind         byte // one of -dlcbp
	mode         uint32
	uid, gid     int
	size         int64
	sum          string // of a file's bytes
	target       string // of a symbolic link, verbatim
	major, minor uint32
	sec          int64
	nsec         int
	caps         string // security.capability, in hexadecimal
	first        string // of several names of a file the first in bytewise order, or ""
	implied      bool   // a directory that only the paths below it tell of
}

// A fsTree is a file tree by absolute path, without its root.
type fsTree map[string]node

func (n node) String() string {
	s := fmt.Sprintf("%c %04o %d:%d", n.kind, n.mode, n.uid, n.gid)
	switch n.kind {
	case '-':
		s += fmt.Sprintf(" %d %s", n.size, n.sum)
	case 'l':
		s += fmt.Sprintf(" -> %q", n.target)
	case 'c', 'b':
		s += fmt.Sprintf(" %d,%d", n.major, n.minor)
	}
	s += fmt.Sprintf(" @%d.%09d", n.sec, n.nsec)
	if n.caps != "" {
		s += " caps=" + n.caps
	}
	if n.first != "" {
		s += fmt.Sprintf(" = %q", n.first)
	}
	return s
}

// link tells the names of each file that has several the first of them. same
// gives the paths of one file one key, "" to a file with one name.
func (t fsTree) link(same map[string]string) {
	names := map[string][]string{}
	for p, key := range same {
		if _, ok := t[p]; ok && key != "" {
			names[key] = append(names[key], p)
		}
	}
	for _, ps := range names {
		if len(ps) < 2 {
			continue
		}
		first := slices.Min(ps)
		for _, p := range ps {
			n := t[p]
			n.first = first
			t[p] = n
		}
	}
}

// text is the tree with one path a line, in bytewise order.
func (t fsTree) text() string {
	var b strings.Builder
	for _, p := range slices.Sorted(maps.Keys(t)) {
		fmt.Fprintf(&b, "%q %s\n", p, t[p])
	}
	return b.String()
}

// A view says what a reader cannot tell, for reasons of its own.
type view struct {
	noImplied bool // it has no directories that no entry describes
	seconds   bool // it has times in whole seconds only
	// skip are paths that it adds or changes; one that ends in a slash stands for
	// all below it too.
	skip []string
}

func (v view) skips(p string) bool {
	return slices.ContainsFunc(v.skip, func(s string) bool {
		return p == strings.TrimSuffix(s, "/") || strings.HasSuffix(s, "/") && strings.HasPrefix(p, s)
	})
}

// differences says where got is not want, up to a number of lines.
func differences(want, got fsTree, v view) []string {
	paths := map[string]bool{}
	for p := range want {
		paths[p] = true
	}
	for p := range got {
		paths[p] = true
	}
	var out []string
	for _, p := range slices.Sorted(maps.Keys(paths)) {
		w, inWant := want[p]
		g, inGot := got[p]
		switch {
		case v.skips(p):
			continue
		case w.implied && v.noImplied && !inGot:
			continue
		case !inWant:
			out = append(out, fmt.Sprintf("%q: more: %s", p, g))
			continue
		case !inGot:
			out = append(out, fmt.Sprintf("%q: missing: %s", p, w))
			continue
		}
		if w.implied { // nobody says when it was made
			g.sec, g.nsec = w.sec, w.nsec
		}
		if v.seconds {
			w.nsec, g.nsec = 0, 0
		}
		w.implied, g.implied = false, false
		if w != g {
			out = append(out, fmt.Sprintf("%q:\n   we: %s\n they: %s", p, w, g))
		}
	}
	const most = 12
	if n := len(out); n > most {
		out = append(out[:most], fmt.Sprintf("and %d more", n-most))
	}
	return out
}
