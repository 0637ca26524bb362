package shell

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/layerlab/layerlab/sim/catalog"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/pkg/deb"
)

// cmdDpkg is dpkg and dpkg-query: the questions to the database.
func cmdDpkg(ctx context.Context, p *Process) int {
	if p.busybox {
		p.lacks("dpkg")
		return p.say("the simulator does not have this applet")
	}
	text, err := p.readAll(ctx, dpkgStatus)
	if err != nil {
		return p.say("error: failed to open package info file '%s' for reading: %s", dpkgStatus, why(err))
	}
	db := deb.ParseStatus(text)
	action, words, format := "", []string(nil), ""
	for _, w := range p.Args[1:] {
		switch {
		case strings.HasPrefix(w, "-f") && action == "-W":
			format = strings.TrimPrefix(strings.TrimPrefix(w, "-f"), "=")
		case strings.HasPrefix(w, "--showformat="):
			format = strings.TrimPrefix(w, "--showformat=")
		case strings.HasPrefix(w, "-f") && action == "":
			format = strings.TrimPrefix(strings.TrimPrefix(w, "-f"), "=")
		case strings.HasPrefix(w, "-") && action == "":
			action = w
		case strings.HasPrefix(w, "--no-pager"):
		default:
			words = append(words, w)
		}
	}
	switch action {
	case "-l", "--list":
		return p.dpkgList(db, words)
	case "-L", "--listfiles":
		return p.dpkgFiles(ctx, db, words)
	case "-s", "--status":
		return p.dpkgShow(db, words)
	case "-S", "--search":
		return p.dpkgSearch(ctx, db, words)
	case "-W", "--show":
		return p.dpkgFormat(db, words, format)
	case "--print-architecture":
		p.outf("amd64\n")
		return 0
	case "--print-foreign-architectures", "--configure", "--audit", "-C":
		return 0
	case "--get-selections":
		for _, name := range db.Names() {
			i := db.Get(name)
			p.outf("%-47s %s\n", i.Full()+"\t", strings.Fields(i.State)[0])
		}
		return 0
	case "--compare-versions":
		return dpkgCompare(words)
	case "--version":
		p.outf("Debian 'dpkg' package management program version 1.21.22 (amd64).\n")
		return 0
	case "-i", "--install", "--unpack", "-r", "--remove", "-P", "--purge", "--add-architecture":
		p.lacks("dpkg " + action)
		return p.say("error: the simulator's dpkg answers questions only; apt-get installs and removes")
	}
	p.errf("dpkg: error: need an action option\n\nType dpkg --help for help about installing and deinstalling packages.\n")
	return 2
}

// dpkgCompare is dpkg --compare-versions A OP B.
func dpkgCompare(words []string) int {
	if len(words) != 3 {
		return 2
	}
	op := map[string]string{"lt": "<<", "le": "<=", "eq": "=", "ge": ">=", "gt": ">>"}[words[1]]
	if op == "" {
		op = words[1]
	}
	if words[1] == "ne" {
		if deb.Compare(words[0], words[2]) != 0 {
			return 0
		}
		return 1
	}
	if (deb.Relation{Op: op, Version: words[2]}).Allows(words[0]) {
		return 0
	}
	return 1
}

// matching are the packages that words, patterns of names, mean; all without one.
func matching(db *deb.Status, words []string) (found []*deb.Installed, missing []string) {
	for _, w := range words {
		hit := false
		for _, name := range db.Names() {
			if i := db.Get(name); catalog.Match(w, name) || w == i.Full() {
				found = append(found, i)
				hit = true
			}
		}
		if !hit {
			missing = append(missing, w)
		}
	}
	if len(words) == 0 {
		for _, name := range db.Names() {
			found = append(found, db.Get(name))
		}
	}
	return found, missing
}

func (p *Process) dpkgList(db *deb.Status, words []string) int {
	found, missing := matching(db, words)
	if len(found) > 0 {
		w := [3]int{14, 12, 12}
		for _, i := range found {
			w[0], w[1], w[2] = max(w[0], len(i.Full())), max(w[1], len(i.Version)), max(w[2], len(i.Arch))
		}
		last := max(80-w[0]-w[1]-w[2]-8, 11)
		p.outf("Desired=Unknown/Install/Remove/Purge/Hold\n| Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend\n|/ Err?=(none)/Reinst-required (Status,Err: uppercase=bad)\n")
		p.outf("||/ %-*s %-*s %-*s Description\n", w[0], "Name", w[1], "Version", w[2], "Architecture")
		p.outf("+++-%s-%s-%s-%s\n", strings.Repeat("=", w[0]), strings.Repeat("=", w[1]), strings.Repeat("=", w[2]), strings.Repeat("=", last))
		for _, i := range found {
			state := "ii"
			if !i.Is() {
				state = "rc"
			}
			text := []rune(i.Field("Description"))
			p.outf("%s  %-*s %-*s %-*s %s\n", state, w[0], i.Full(), w[1], i.Version, w[2], i.Arch, string(text[:min(len(text), last)]))
		}
	}
	for _, m := range missing {
		p.errf("dpkg-query: no packages found matching %s\n", m)
	}
	return min(len(missing), 1)
}

func (p *Process) dpkgFiles(ctx context.Context, db *deb.Status, words []string) int {
	status := 0
	for _, w := range words {
		i := db.Get(strings.TrimSuffix(w, ":amd64"))
		if i == nil {
			p.errf("dpkg-query: package '%s' is not installed\nUse dpkg --contents (= dpkg-deb --contents) to list archive files contents.\n", w)
			status = 1
			continue
		}
		p.outf("/.\n")
		for _, f := range p.listOf(ctx, i) {
			p.outf("%s\n", f)
		}
	}
	return status
}

func (p *Process) dpkgShow(db *deb.Status, words []string) int {
	status := 0
	for n, w := range words {
		i := db.Get(strings.TrimSuffix(w, ":amd64"))
		if i == nil {
			p.errf("dpkg-query: package '%s' is not installed and no information is available\nUse dpkg --info (= dpkg-deb --info) to examine archive files.\n", w)
			status = 1
			continue
		}
		if n > 0 {
			p.outf("\n")
		}
		p.outf("%s", i.Text)
	}
	return status
}

// dpkgSearch is dpkg -S: which package a file is of.
func (p *Process) dpkgSearch(ctx context.Context, db *deb.Status, words []string) int {
	status := 0
	for _, w := range words {
		pattern := w
		if !strings.HasPrefix(w, "/") && !strings.ContainsAny(w, "*?[") {
			pattern = "*" + w + "*"
		}
		hit := false
		by := map[string][]string{}
		var order []string
		for _, name := range db.Names() {
			i := db.Get(name)
			for _, f := range p.listOf(ctx, i) {
				p.k.turn(ctx)
				if f == w || pattern != w && catalog.Match(pattern, f) || strings.ContainsAny(w, "*?[") && catalog.Match(w, f) {
					if by[f] == nil {
						order = append(order, f)
					}
					by[f] = append(by[f], i.Full())
					hit = true
				}
			}
		}
		for _, f := range order {
			p.outf("%s: %s\n", strings.Join(by[f], ", "), f)
		}
		if !hit {
			p.errf("dpkg-query: no path found matching pattern %s\n", pattern)
			status = 1
		}
	}
	return status
}

// dpkgFormat is dpkg-query -W.
func (p *Process) dpkgFormat(db *deb.Status, words []string, format string) int {
	found, missing := matching(db, words)
	if format == "" {
		format = "${binary:Package}\\t${Version}\\n"
	}
	for _, i := range found {
		out := strings.NewReplacer("\\t", "\t", "\\n", "\n").Replace(format)
		for {
			before, rest, ok := strings.Cut(out, "${")
			field, after, closed := strings.Cut(rest, "}")
			if !ok || !closed {
				break
			}
			name, pad, _ := strings.Cut(field, ";")
			value := i.Field(name)
			switch name {
			case "binary:Package":
				value = i.Full()
			case "db:Status-Abbrev":
				value = map[bool]string{true: "ii ", false: "rc "}[i.Is()]
			case "binary:Summary":
				value = i.Field("Description")
			}
			if pad != "" {
				n := 0
				_, _ = fmt.Sscan(pad, &n)
				value = fmt.Sprintf("%*s", -n, value)
				if n < 0 {
					value = fmt.Sprintf("%*s", -n, strings.TrimSpace(value))
				}
			}
			out = before + value + after
		}
		p.outf("%s", out)
	}
	for _, m := range missing {
		p.errf("dpkg-query: no packages found matching %s\n", m)
	}
	return min(len(missing), 1)
}

// cmdAptMark is apt-mark.
func cmdAptMark(ctx context.Context, p *Process) int {
	s, err := p.aptSystem(ctx, nil)
	if err != nil {
		p.errf("E: %v\n", err)
		return 100
	}
	if len(p.Args) < 2 {
		p.outf("apt 2.6.1 (amd64)\nUsage: apt-mark [options] {auto|manual} pkg1 [pkg2 ...]\n")
		return 1
	}
	verb, names := p.Args[1], slices.DeleteFunc(slices.Clone(p.Args[2:]), func(w string) bool { return strings.HasPrefix(w, "-") })
	r := &aptRun{ctx: ctx, p: p, sys: s}
	switch verb {
	case "showmanual", "showauto":
		for _, name := range s.Status.Names() {
			if s.Status.Get(name).Is() && s.Auto[name] == (verb == "showauto") && (len(names) == 0 || slices.Contains(names, name)) {
				p.outf("%s\n", name)
			}
		}
		return 0
	case "auto", "manual":
		for _, pattern := range names {
			hit := false
			for _, name := range s.Status.Names() {
				if !s.Status.Get(name).Is() || !(name == pattern || pattern == ".*") {
					continue
				}
				hit = true
				long := map[string]string{"auto": "automatically", "manual": "manually"}[verb]
				if s.Auto[name] == (verb == "auto") {
					p.outf("%s was already set to %s installed.\n", name, long)
					continue
				}
				s.Auto[name] = verb == "auto"
				p.outf("%s set to %s installed.\n", name, long)
			}
			if !hit {
				p.errf("E: Unable to locate package %s\nE: No packages found\n", pattern)
				return 100
			}
		}
		return r.states()
	case "hold", "unhold":
		for _, name := range names {
			want := map[string]string{"hold": "hold", "unhold": "install"}[verb]
			if i := s.Status.Get(name); i != nil {
				text, _ := p.readAll(ctx, dpkgStatus)
				f := strings.Fields(i.State)
				changed := strings.Replace(i.Text, "Status: "+i.State, "Status: "+want+" "+strings.Join(f[1:], " "), 1)
				if err := p.place(dpkgStatus, content.String(strings.Replace(text, i.Text, changed, 1)), 0o644); err != nil {
					return r.fail(err)
				}
			}
			p.outf("%s %s.\n", name, map[string]string{"hold": "set on hold", "unhold": "was already not on hold"}[verb])
		}
		return 0
	case "showhold":
		for _, name := range s.Status.Names() {
			if strings.HasPrefix(s.Status.Get(name).State, "hold ") {
				p.outf("%s\n", name)
			}
		}
		return 0
	}
	p.errf("E: Invalid operation %s\n", verb)
	return 100
}
