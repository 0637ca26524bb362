package shell

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/layerlab/layerlab/sim/catalog"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/pkg/apt"
	"github.com/layerlab/layerlab/sim/pkg/deb"
)

// dpkgRun is what apt has dpkg do for one plan.
type dpkgRun struct {
	r    *aptRun
	plan *apt.Plan

	log      strings.Builder // of /var/log/dpkg.log
	term     strings.Builder // of /var/log/apt/term.log
	counted  bool
	triggers map[string]bool
	changed  map[string]string // package: the version before, for history.log
}

// out prints a line of dpkg's, which no quiet mode leaves out.
func (d *dpkgRun) out(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	d.term.WriteString(line)
	d.r.p.outf("%s", line)
}

// note writes a line into dpkg.log.
func (d *dpkgRun) note(format string, args ...any) {
	fmt.Fprintf(&d.log, "%s %s\n", d.r.p.now().Format("2006-01-02 15:04:05"), fmt.Sprintf(format, args...))
}

// fetch gets the archives. One that the repository no longer has is an error: the
// lists are old.
func (d *dpkgRun) fetch(size int64) error {
	r := d.r
	var gone []string
	for i, m := range d.plan.Unpack {
		now := apt.At(r.index.Packages[m.Name], r.p.Packages.Day())
		if now.Version != m.Version {
			url := r.mirror(r.index.Suites[m.Suite].Name) + "/" + m.Pool()
			r.say("Err:%d %s\n  404  Not Found\n", i+1, r.source(m))
			gone = append(gone, fmt.Sprintf("Failed to fetch %s  404  Not Found", url))
			continue
		}
		if r.p.exists(aptCache + "/archives/" + m.Archive()) {
			continue
		}
		r.say("Get:%d %s [%sB]\n", i+1, r.source(m), aptSize(m.Size))
		if err := r.p.place(aptCache+"/archives/"+m.Archive(), madeUp(m.Archive(), m.Size), 0o644); err != nil {
			return err
		}
	}
	if len(gone) > 0 {
		return &apt.Error{Lines: append(gone, "Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?")}
	}
	if !r.p.exists(aptCache + "/archives/lock") {
		if err := r.p.place(aptCache+"/archives/lock", nil, 0o640); err != nil {
			return err
		}
	}
	if len(d.plan.Unpack) > 0 {
		if r.sys.Status.Get("debconf").Is() && !r.sys.Status.Get("apt-utils").Is() {
			r.p.errf("debconf: delaying package configuration, since apt-utils is not installed\n")
		}
		r.say("Fetched %sB in %s (%sB/s)\n", aptSize(size), aptSeconds(size), aptSize(aptSpeed(size)))
	}
	return nil
}

// run does the plan: removals, then the essential upgrades one by one, then the
// rest together, then what waits for the end.
func (d *dpkgRun) run() error {
	d.triggers, d.changed = map[string]bool{}, map[string]string{}
	for _, name := range d.plan.Remove {
		if err := d.remove(name); err != nil {
			return err
		}
	}
	var rest []*deb.Package
	for _, m := range d.plan.Unpack {
		if m.Priority != "required" || !d.r.sys.Status.Get(m.Name).Is() {
			rest = append(rest, m)
			continue
		}
		d.counted = false
		if err := d.unpack(m, -1, 0); err != nil {
			return err
		}
		if err := d.configure(m); err != nil {
			return err
		}
	}
	d.counted = false
	for i, m := range rest {
		if err := d.unpack(m, i, len(rest)); err != nil {
			return err
		}
	}
	for _, m := range d.plan.Configure {
		if slices.Contains(rest, m) {
			if err := d.configure(m); err != nil {
				return err
			}
		}
	}
	if err := d.trigger(); err != nil {
		return err
	}
	return d.finish()
}

// reading says once how many files there are.
func (d *dpkgRun) reading() {
	if d.counted {
		return
	}
	d.counted = true
	seen := map[string]bool{}
	for _, name := range d.r.sys.Status.Names() {
		for _, p := range d.r.p.listOf(d.r.ctx, d.r.sys.Status.Get(name)) {
			seen[p] = true
		}
	}
	d.out("(Reading database ... %d files and directories currently installed.)\n", len(seen))
}

// minNumbered is from how many archives on apt numbers them in a directory of
// their own (dpkg::install::recursive::minimum).
const minNumbered = 5

// shortArchive is how dpkg shortens the name of an archive: as many last parts of the
// path as fit into 30 characters.
func shortArchive(file string) string {
	rest := file
	for len(rest) > 30 {
		i := strings.IndexByte(rest[1:], '/')
		if i < 0 {
			break
		}
		rest = rest[i+1:]
	}
	if rest != file {
		return "..." + rest
	}
	return file
}

func (d *dpkgRun) archive(m *deb.Package, number, of int) string {
	if of < minNumbered {
		return shortArchive(aptCache + "/archives/" + m.Archive())
	}
	return shortArchive(fmt.Sprintf("/tmp/apt-dpkg-install-XXXXXX/%0*d-%s", len(strconv.Itoa(of-1)), number, m.Archive()))
}

// unpack is dpkg --unpack of one package.
func (d *dpkgRun) unpack(m *deb.Package, number, of int) error {
	p, old := d.r.p, d.r.sys.Status.Get(m.Name)
	p.k.command(d.r.ctx)
	if !old.Is() {
		d.out("Selecting previously unselected package %s.\n", m.Full())
	}
	d.reading()
	d.out("Preparing to unpack %s ...\n", d.archive(m, number, of))
	was := "<none>"
	if old.Is() {
		was = old.Version
		d.out("Unpacking %s (%s) over (%s) ...\n", m.Full(), m.Version, was)
		d.note("upgrade %s:%s %s %s", m.Name, m.Arch(), was, m.Version)
	} else {
		d.out("Unpacking %s (%s) ...\n", m.Full(), m.Version)
		d.note("install %s:%s <none> %s", m.Name, m.Arch(), m.Version)
	}
	d.changed[m.Name] = was
	for _, state := range []string{"half-installed", "unpacked"} {
		d.note("status %s %s:%s %s", state, m.Name, m.Arch(), m.Version)
	}
	files, err := deb.FilesOf(d.r.ctx, p.Packages, m)
	if err != nil {
		return err
	}
	if files == nil {
		return d.touch(m) // of the base: its files are there
	}
	var paths, sums []string
	for _, e := range files.Own {
		p.k.turn(d.r.ctx)
		paths = append(paths, e.Path)
		if regular(e) && !strings.HasPrefix(e.Path, "/etc/") {
			sums = append(sums, e.Path)
		}
		if d.r.conf.excluded(e) {
			continue
		}
		if err := p.putEntry(e); err != nil {
			return err
		}
		d.cause(e)
	}
	info := catalog.InfoDir + "/" + m.Full()
	if err := p.place(info+".list", content.String(catalog.PackageList(paths)), 0o644); err != nil {
		return err
	}
	if len(sums) > 0 {
		if err := p.place(info+".md5sums", catalog.Md5sums(sums), 0o644); err != nil {
			return err
		}
	}
	for _, e := range files.Made {
		if strings.HasPrefix(e.Path, catalog.InfoDir+"/") {
			if err := p.putEntry(e); err != nil {
				return err
			}
		}
	}
	return nil
}

// touch writes the files of a package of the base anew, as an upgrade does: the
// same names and sizes, other bytes.
func (d *dpkgRun) touch(m *deb.Package) error {
	p := d.r.p
	for _, name := range p.listOf(d.r.ctx, d.r.sys.Status.Get(m.Name)) {
		p.k.turn(d.r.ctx)
		st, err := p.lstat(name)
		if err != nil || !st.IsRegular() || strings.HasPrefix(name, "/etc/") {
			continue
		}
		e := &catalog.Entry{Path: name, Mode: st.Mode, UID: st.UID, GID: st.GID, MTime: st.MTime.Sec}
		meta := metaOf(e)
		kind := catalog.KindOf(name, st.Mode)
		if err := p.placeOf(name, catalog.Made(kind, name+"\n"+m.Version, st.Size), meta); err != nil {
			return err
		}
		d.cause(e)
	}
	return nil
}

// configure is dpkg --configure of one package.
func (d *dpkgRun) configure(m *deb.Package) error {
	p := d.r.p
	p.k.command(d.r.ctx)
	d.out("Setting up %s (%s) ...\n", m.Full(), m.Version)
	d.note("configure %s:%s %s <none>", m.Name, m.Arch(), m.Version)
	for _, state := range []string{"unpacked", "half-configured", "installed"} {
		d.note("status %s %s:%s %s", state, m.Name, m.Arch(), m.Version)
	}
	files, err := deb.FilesOf(d.r.ctx, p.Packages, m)
	if err != nil {
		return err
	}
	asks := false
	if files != nil {
		for _, e := range files.Made {
			p.k.turn(d.r.ctx)
			asks = asks || strings.HasSuffix(e.Path, ".config") && strings.HasPrefix(e.Path, catalog.InfoDir)
			if strings.HasPrefix(e.Path, catalog.InfoDir+"/") || d.r.conf.excluded(e) {
				continue
			}
			if err := p.putEntry(e); err != nil {
				return err
			}
		}
	}
	if asks && p.env("DEBIAN_FRONTEND") == "" {
		d.debconf()
	}
	if m.Name == "ca-certificates" {
		d.out("Updating certificates in /etc/ssl/certs...\n%d added, 0 removed; done.\n", d.certificates(files))
		d.triggers["ca-certificates"] = true
	}
	d.r.sys.Status.Add(m)
	if !slices.Contains(d.plan.Manual, m.Name) && d.changed[m.Name] == "<none>" {
		d.r.sys.Auto[m.Name] = true
	}
	return p.addUsers(d.r.ctx, m.Name)
}

func (d *dpkgRun) certificates(files *deb.Files) int {
	n := 0
	for _, e := range files.Own {
		if strings.HasSuffix(e.Path, ".crt") {
			n++
		}
	}
	return n
}

// debconf is what a package that would ask questions says where nobody can answer
// and DEBIAN_FRONTEND does not say so.
func (d *dpkgRun) debconf() {
	term := d.r.p.env("TERM")
	why := "(TERM is not set, so the dialog frontend is not usable.)"
	if term != "" {
		why = "(No usable dialog-like program is installed, so the dialog based frontend cannot be used. at /usr/share/perl5/Debconf/FrontEnd/Dialog.pm line 78.)"
	}
	reason := "(Can't locate Term/ReadLine.pm in @INC (you may need to install the Term::ReadLine module) (@INC contains: /etc/perl /usr/local/lib/x86_64-linux-gnu/perl/5.36.0 /usr/local/share/perl/5.36.0 " +
		"/usr/lib/x86_64-linux-gnu/perl5/5.36 /usr/share/perl5 /usr/lib/x86_64-linux-gnu/perl-base /usr/lib/x86_64-linux-gnu/perl/5.36 /usr/share/perl/5.36 /usr/local/lib/site_perl) at /usr/share/perl5/Debconf/FrontEnd/Readline.pm line 7.)"
	if d.r.sys.Status.Get("perl-modules-5.36").Is() {
		reason = "(This frontend requires a controlling tty.)"
	}
	d.r.p.errf("debconf: unable to initialize frontend: Dialog\ndebconf: %s\ndebconf: falling back to frontend: Readline\n", why)
	d.r.p.errf("debconf: unable to initialize frontend: Readline\ndebconf: %s\ndebconf: falling back to frontend: Teletype\n", reason)
}

// cause remembers which triggers a file sets off.
func (d *dpkgRun) cause(e *catalog.Entry) {
	if regular(e) && strings.Contains(e.Path, ".so") && strings.Contains(e.Path, "lib") && !strings.Contains(e.Path, "/python3") && !strings.Contains(e.Path, "/perl") {
		d.triggers["libc-bin"] = true
	}
	if strings.HasPrefix(e.Path, "/usr/share/man/") {
		d.triggers["man-db"] = true
	}
}

// trigger runs what waits for the end of a run.
func (d *dpkgRun) trigger() error {
	p := d.r.p
	names := slices.Sorted(maps.Keys(d.triggers))
	if d.triggers["libc-bin"] { // the linker's cache comes first
		names = append([]string{"libc-bin"}, slices.DeleteFunc(names, func(n string) bool { return n == "libc-bin" })...)
	}
	for _, name := range names {
		i := d.r.sys.Status.Get(name)
		if !i.Is() {
			continue
		}
		d.out("Processing triggers for %s (%s) ...\n", i.Full(), i.Version)
		switch name {
		case "ca-certificates":
			d.out("Updating certificates in /etc/ssl/certs...\n0 added, 0 removed; done.\nRunning hooks in /etc/ca-certificates/update.d...\ndone.\n")
		case "libc-bin":
			if err := p.ldconfig(d.r.ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// regular reports whether an entry is a file with content.
func regular(e *catalog.Entry) bool { return e.Target == "" && e.Mode&0o170000 == 0o100000 }

// excluded reports whether the settings keep a path of a package out.
func (c *aptConf) excluded(e *catalog.Entry) bool {
	out := false
	for _, pattern := range c.exclude {
		if catalog.Match(strings.TrimPrefix(pattern, "!"), e.Path) {
			out = !strings.HasPrefix(pattern, "!")
		}
	}
	return out
}
