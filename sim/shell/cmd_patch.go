package shell

import (
	"context"
	"path"
	"slices"
	"strconv"
	"strings"
)

// A hunk is one change of a unified diff: at line at (from 1) the lines old become
// the lines fresh.
type hunk struct {
	at         int
	old, fresh []string
	noEnd      bool // the new text ends without a newline
}

// filePatch is the hunks of one file.
type filePatch struct {
	from, to string
	hunks    []hunk
}

// parsePatch reads unified diffs; all that stands before "---" is a comment.
func parsePatch(lines []string) []filePatch {
	var out []filePatch
	for i := 0; i < len(lines); i++ {
		l := lines[i]
		switch {
		case strings.HasPrefix(l, "--- ") && i+1 < len(lines) && strings.HasPrefix(lines[i+1], "+++ "):
			name := func(s string) string { n, _, _ := strings.Cut(s[4:], "\t"); return strings.TrimSpace(n) }
			out = append(out, filePatch{from: name(l), to: name(lines[i+1])})
			i++
		case strings.HasPrefix(l, "@@ -") && len(out) > 0:
			h, used := parseHunk(lines[i:])
			f := &out[len(out)-1]
			f.hunks = append(f.hunks, h)
			i += used - 1
		}
	}
	return out
}

func parseHunk(lines []string) (h hunk, used int) {
	var counts [2]int
	for i, w := range strings.Fields(lines[0])[1:3] {
		start, n, ok := strings.Cut(strings.TrimLeft(w, "-+"), ",")
		counts[i] = 1
		if ok {
			counts[i], _ = strconv.Atoi(n)
		}
		if i == 0 {
			h.at, _ = strconv.Atoi(start)
		}
	}
	for used = 1; used < len(lines) && (len(h.old) < counts[0] || len(h.fresh) < counts[1]); used++ {
		l := lines[used]
		switch {
		case l == "" || l[0] == ' ':
			text := strings.TrimPrefix(l, " ")
			h.old, h.fresh = append(h.old, text), append(h.fresh, text)
		case l[0] == '-':
			h.old = append(h.old, l[1:])
		case l[0] == '+':
			h.fresh = append(h.fresh, l[1:])
		}
	}
	if used < len(lines) && strings.HasPrefix(lines[used], `\ `) {
		h.noEnd = true
		used++
	}
	return h, used
}

// apply puts the hunk into text, at its line or the nearest where it fits.
func (h hunk) apply(text []string, shift int) (out []string, at int, ok bool) {
	want := h.at - 1 + shift
	if len(h.old) == 0 {
		want++
	}
	for d := 0; d <= len(text)+1; d++ {
		for _, i := range []int{want + d, want - d} {
			if i >= 0 && i+len(h.old) <= len(text) && slices.Equal(text[i:i+len(h.old)], h.old) {
				return slices.Concat(text[:i], h.fresh, text[i+len(h.old):]), i, true
			}
		}
	}
	return text, 0, false
}

func stripped(name string, n int) string {
	for ; n > 0; n-- {
		_, rest, ok := strings.Cut(strings.TrimLeft(name, "/"), "/")
		if !ok {
			break
		}
		name = rest
	}
	return name
}

// cmdPatch is patch for unified diffs.
func cmdPatch(ctx context.Context, p *Process) int {
	o, ok := p.getopt("p:i:d:RNEsbfl", "strip:=p", "input:=i", "directory:=d", "reverse=R", "forward=N", "silent=s", "quiet=s", "batch=f", "dry-run=D", "verbose=v")
	if !ok {
		return 2
	}
	in, _ := o.get("i")
	if in == "" && len(o.args) > 1 {
		in = o.args[1]
	}
	lines, status := p.lines(ctx, strings.Fields(in), '\n')
	if status != 0 {
		return 2
	}
	level := 0
	text, hasLevel := o.get("p")
	if hasLevel {
		level, _ = strconv.Atoi(text)
	}
	dir, _ := o.get("d")
	list := parsePatch(lines)
	if len(list) == 0 && len(lines) > 0 {
		p.say("**** Only garbage was found in the patch input.")
		return 2
	}
	for _, f := range list {
		status = max(status, p.patchFile(ctx, o, f, level, dir))
	}
	return status
}

func (p *Process) patchFile(ctx context.Context, o *opts, f filePatch, level int, dir string) int {
	name := stripped(f.to, level)
	if f.to == "/dev/null" {
		name = stripped(f.from, level)
	}
	if len(o.args) > 0 {
		name = o.args[0]
	}
	name = path.Join(dir, name)
	var old []string
	text, err := p.readAll(ctx, name)
	if err != nil && f.from != "/dev/null" {
		p.errf("can't find file to patch at input line 1\nNo file to patch.  Skipping patch.\n%d out of %d hunk ignored\n", len(f.hunks), len(f.hunks))
		return 1
	}
	if text != "" {
		old = strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	}
	if !o.has("s") {
		p.outf("patching file %s\n", name)
	}
	shift, failed, end := 0, 0, "\n"
	for i, h := range f.hunks {
		if o.has("R") {
			h.old, h.fresh = h.fresh, h.old
		}
		next, at, ok := h.apply(old, shift)
		if !ok {
			failed++
			p.outf("Hunk #%d FAILED at %d.\n", i+1, h.at)
			continue
		}
		if off := at - (h.at - 1 + shift); off != 0 && len(h.old) > 0 && !o.has("s") {
			p.outf("Hunk #%d succeeded at %d (offset %d line%s).\n", i+1, at+1, off, plural(max(off, -off)))
			shift += off
		}
		shift += len(h.fresh) - len(h.old)
		old = next
		if h.noEnd {
			end = ""
		}
	}
	if failed > 0 {
		p.outf("%d out of %d hunk%s FAILED -- saving rejects to file %s.rej\n", failed, len(f.hunks), plural(len(f.hunks)), name)
	}
	switch {
	case o.has("D"):
	case f.to == "/dev/null" && len(old) == 0:
		p.unlink(name)
	default:
		st, err := p.stat(name)
		p.mkdirAll(path.Dir(name), false)
		if status := p.write(ctx, name, strings.Join(old, "\n")+end, 0o666); status != 0 {
			return status
		}
		if err == nil {
			p.chmod(name, st.Perm())
		}
	}
	return boolStatus(failed == 0)
}
