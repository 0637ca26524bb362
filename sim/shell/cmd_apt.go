package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/layerlab/layerlab/sim/pkg/apt"
	"github.com/layerlab/layerlab/sim/pkg/deb"
)

var aptCommands map[string]Command

func init() {
	aptCommands = map[string]Command{
		"apt-get": cmdAptGet, "apt": cmdAptGet, "apt-cache": cmdAptCache, "apt-mark": cmdAptMark,
		"dpkg": cmdDpkg, "dpkg-query": cmdDpkg,
	}
}

// aptRun is one run of apt-get.
type aptRun struct {
	ctx   context.Context
	p     *Process
	index *deb.Index
	sys   *apt.System
	conf  aptConf
	verb  string
	words []string

	quiet      int
	yes, simul bool
	only       bool // --download-only
	recommends string
	purge      bool
	auto       bool
	upgradeNo  bool
}

// cmdAptGet is apt-get and apt.
func cmdAptGet(ctx context.Context, p *Process) int {
	r := &aptRun{ctx: ctx, p: p}
	if baseName(p.Args[0]) == "apt" {
		p.errf("\nWARNING: apt does not have a stable CLI interface. Use with caution in scripts.\n\n")
	}
	if !r.options(p.Args[1:]) {
		return 100
	}
	if r.verb == "" {
		p.outf("apt 2.6.1 (amd64)\nUsage: apt-get [options] command\n       apt-get [options] install|remove pkg1 [pkg2 ...]\n")
		return 1
	}
	run := map[string]func() int{
		"update": r.update, "install": r.install, "reinstall": r.install, "upgrade": r.upgrade, "dist-upgrade": r.upgrade, "full-upgrade": r.upgrade,
		"remove": r.remove, "purge": r.remove, "autoremove": r.autoremove, "auto-remove": r.autoremove, "autopurge": r.autoremove,
		"clean": r.clean, "autoclean": r.clean, "auto-clean": r.clean, "distclean": r.clean, "check": r.check, "download": r.download,
		"list": r.list, "show": func() int { return aptShow(ctx, p, r.words) }, "policy": func() int { return aptPolicy(ctx, p, r.words) },
	}[r.verb]
	if run == nil {
		p.errf("E: Invalid operation %s\n", r.verb)
		return 100
	}
	r.conf = p.aptConf(ctx)
	index, err := deb.Load(ctx, p.Packages)
	if err != nil {
		return r.fail(err)
	}
	r.index = index
	return run()
}

// options reads the command line: options may stand anywhere.
func (r *aptRun) options(words []string) bool {
	for len(words) > 0 {
		w := words[0]
		words = words[1:]
		name, value, has := strings.Cut(w, "=")
		switch {
		case w == "-o" || w == "-c" || w == "-t" || name == "--option" || name == "--target-release" || name == "--default-release":
			if !has && len(words) > 0 {
				value, words = words[0], words[1:]
			}
			if !r.option(value) {
				return false
			}
		case strings.HasPrefix(w, "-o"):
			r.option(w[2:])
		case strings.HasPrefix(w, "--"):
			if !r.long(w) {
				r.p.errf("E: Command line option %s is not understood in combination with the other options\n", w)
				return false
			}
		case len(w) > 1 && w[0] == '-':
			for _, c := range w[1:] {
				if !r.short(c) {
					r.p.errf("E: Command line option '%c' [from %s] is not understood in combination with the other options.\n", c, w)
					return false
				}
			}
		case r.verb == "":
			r.verb = w
		default:
			r.words = append(r.words, w)
		}
	}
	return true
}

func (r *aptRun) short(c rune) bool {
	switch c {
	case 'y':
		r.yes = true
	case 'q':
		r.quiet++
	case 's':
		r.simul = true
	case 'd':
		r.only = true
	case 'f', 'm', 'u', 'V':
	default:
		return false
	}
	return true
}

func (r *aptRun) long(w string) bool {
	switch w {
	case "--yes", "--assume-yes":
		r.yes = true
	case "--quiet", "--quiet=1":
		r.quiet++
	case "--quiet=2":
		r.quiet = 2
	case "--no-install-recommends":
		r.recommends = "no"
	case "--install-recommends":
		r.recommends = "yes"
	case "--simulate", "--dry-run", "--just-print", "--no-act":
		r.simul = true
	case "--download-only":
		r.only = true
	case "--purge":
		r.purge = true
	case "--auto-remove", "--autoremove":
		r.auto = true
	case "--no-upgrade":
		r.upgradeNo = true
	case "--fix-missing", "--fix-broken", "--allow-unauthenticated", "--allow-downgrades", "--allow-remove-essential", "--allow-change-held-packages", "--force-yes",
		"--no-install-suggests", "--reinstall", "--only-upgrade", "--allow-releaseinfo-change", "--show-progress", "--installed", "--upgradable", "--verbose-versions", "--no-remove":
		if w == "--installed" || w == "--upgradable" {
			r.words = append(r.words, w)
		}
	default:
		return false
	}
	return true
}

// option is -o KEY=VALUE, of which a few matter here.
func (r *aptRun) option(kv string) bool {
	key, value, _ := strings.Cut(kv, "=")
	switch strings.ToLower(key) {
	case "apt::install-recommends":
		r.recommends = map[bool]string{true: "yes", false: "no"}[aptTrue(value)]
	case "apt::get::assume-yes":
		r.yes = aptTrue(value)
	}
	return true
}

func aptTrue(s string) bool {
	return slices.Contains([]string{"1", "true", "yes", "on", "with", "enable"}, strings.ToLower(strings.Trim(s, `"; `)))
}

// say prints what quiet mode leaves out.
func (r *aptRun) say(format string, args ...any) {
	if r.quiet < 2 {
		r.p.outf(format, args...)
	}
}

// fail prints an error as apt does: "E: …", and gives its exit status.
func (r *aptRun) fail(err error) int {
	var e *apt.Error
	if errors.As(err, &e) {
		io.WriteString(r.p.Stdout, e.Before)
		for _, l := range e.Lines {
			r.p.errf("E: %s\n", l)
		}
		return 100
	}
	r.p.errf("E: %v\n", err)
	return 100
}

// open reads the lists and the database, and says so.
func (r *aptRun) open() error {
	r.say("Reading package lists...\n")
	s, err := r.p.aptSystem(r.ctx, r.index)
	if err != nil {
		return err
	}
	r.say("Building dependency tree...\n")
	if r.p.exists(aptStates) {
		r.say("Reading state information...\n")
	}
	s.NoRecommends = r.recommends == "no" || r.recommends == "" && r.conf.noRecommends
	r.sys = s
	return nil
}

// locked says that only root may change the system.
func (r *aptRun) locked() bool {
	if r.p.FS.Cred().UID == 0 || r.simul {
		return false
	}
	r.p.errf("E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)\nE: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?\n")
	return true
}

func (r *aptRun) check() int {
	if err := r.open(); err != nil {
		return r.fail(err)
	}
	return 0
}

// confirm asks whether to go on; nobody is there to answer.
func (r *aptRun) confirm(need bool) bool {
	if !need || r.yes {
		return true
	}
	if r.quiet >= 2 {
		return true
	}
	r.p.outf("Do you want to continue? [Y/n] ")
	answer := make([]byte, 1)
	if n, _ := r.p.in(r.ctx).Read(answer); n == 1 && strings.ContainsRune("yY\n", rune(answer[0])) {
		r.p.outf("\n")
		return true
	}
	r.p.outf("Abort.\n")
	return false
}

// install is apt-get install.
func (r *aptRun) install() int {
	if r.locked() {
		return 100
	}
	if err := r.open(); err != nil {
		return r.fail(err)
	}
	var local []string
	for _, w := range r.words {
		if strings.Contains(w, "/") && strings.HasSuffix(w, ".deb") {
			local = append(local, w)
		}
	}
	if len(local) > 0 {
		r.p.errf("E: Unsupported file %s given on commandline\n", local[0])
		return 100
	}
	plan, err := r.sys.Install(r.words)
	if err != nil {
		return r.fail(err)
	}
	return r.apply(plan, "install", r.words)
}

func (r *aptRun) upgrade() int {
	if r.locked() {
		return 100
	}
	if err := r.open(); err != nil {
		return r.fail(err)
	}
	r.say("Calculating upgrade...\n")
	return r.apply(r.sys.Upgrade(), "upgrade", nil)
}

func (r *aptRun) remove() int {
	return r.take(r.words, r.purge || r.verb == "purge", r.auto, r.verb)
}

func (r *aptRun) autoremove() int {
	return r.take(r.words, r.purge || r.verb == "autopurge", true, "autoremove")
}

func (r *aptRun) take(names []string, purge, auto bool, verb string) int {
	if r.locked() {
		return 100
	}
	if err := r.open(); err != nil {
		return r.fail(err)
	}
	plan, err := r.sys.Remove(names, purge, auto)
	if err != nil {
		return r.fail(err)
	}
	return r.apply(plan, verb, nil)
}

// apply says what the plan is, and does it.
func (r *aptRun) apply(plan *apt.Plan, verb string, asked []string) int {
	slices.Sort(asked)
	if r.upgradeNo {
		plan.Upgrade = nil
	}
	r.say("%s", plan.Text(verb))
	for _, name := range plan.Manual {
		delete(r.sys.Auto, name)
	}
	if len(plan.Unpack) == 0 && len(plan.Remove) == 0 {
		return r.states()
	}
	var size, disk int64
	for _, m := range plan.Unpack {
		size += m.Size
		disk += m.Installed * 1024
		if i := r.sys.Status.Get(m.Name); i.Is() {
			disk -= installedSize(i)
		}
	}
	for _, n := range plan.Remove {
		disk -= installedSize(r.sys.Status.Get(n))
	}
	if r.simul {
		for _, m := range plan.Unpack {
			r.p.outf("Inst %s (%s Debian:12/bookworm [%s])\n", m.Name, m.Version, m.Arch())
		}
		for _, m := range plan.Configure {
			r.p.outf("Conf %s (%s Debian:12/bookworm [%s])\n", m.Name, m.Version, m.Arch())
		}
		for _, n := range plan.Remove {
			r.p.outf("Remv %s [%s]\n", n, r.sys.Status.Get(n).Version)
		}
		return 0
	}
	if len(plan.Unpack) > 0 {
		r.say("Need to get %sB of archives.\n", aptSize(size))
	}
	switch {
	case disk >= 0 && len(plan.Unpack)+len(plan.Remove) > 0:
		r.say("After this operation, %sB of additional disk space will be used.\n", aptSize(disk))
	case disk < 0:
		r.say("After this operation, %sB disk space will be freed.\n", aptSize(-disk))
	}
	if !r.confirm(len(plan.Remove) > 0 || len(plan.Upgrade) > 0 && verb == "upgrade" || len(plan.Extra) > 0 || verb == "install" && len(plan.Unpack) > len(plan.Manual)) {
		return 1
	}
	d := &dpkgRun{r: r, plan: plan}
	if err := d.fetch(size); err != nil {
		return r.fail(err)
	}
	if r.only {
		r.say("Download complete and in download only mode\n")
		return 0
	}
	if err := d.run(); err != nil {
		return r.fail(err)
	}
	return r.states()
}

// aptSize is a size with its unit but for the B: "6132 k".
func aptSize(n int64) string { return strings.TrimSuffix(apt.Size(n), "B") }

func installedSize(i *deb.Installed) int64 {
	var kib int64
	if i != nil {
		_, _ = fmt.Sscan(i.Field("Installed-Size"), &kib)
	}
	return kib * 1024
}
