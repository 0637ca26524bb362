package shell

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/layerlab/layerlab/sim/catalog"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/pkg/deb"
	"github.com/layerlab/layerlab/sim/tree"
)

func metaOf(e *catalog.Entry) overlay.Meta {
	return overlay.Meta{Perm: e.Mode & 0o7777, UID: e.UID, GID: e.GID, MTime: tree.Time{Sec: e.MTime}}
}

// putEntry puts a file of a package on the disk. A directory that is there stays as it
// is, and so does a file of settings.
func (p *Process) putEntry(e *catalog.Entry) error {
	switch {
	case e.Mode&tree.TypeMask == tree.Directory:
		if _, err := p.stat(e.Path); err == nil {
			return nil
		}
		if err := p.mkdirs(path.Dir(e.Path)); err != nil {
			return err
		}
		if err := p.mkdir(e.Path, e.Mode&0o7777); err != nil {
			return err
		}
		if err := p.chmod(e.Path, e.Mode&0o7777); err != nil {
			return err
		}
		if e.UID != 0 || e.GID != 0 {
			return p.chown(e.Path, int(e.UID), int(e.GID), false)
		}
		return nil
	case strings.HasPrefix(e.Path, "/etc/") && p.exists(e.Path):
		return nil
	}
	if err := p.mkdirs(path.Dir(e.Path)); err != nil {
		return err
	}
	if st, err := p.lstat(e.Path); err == nil && (!st.IsRegular() || e.Target != "") && !st.IsDir() {
		if err := p.unlink(e.Path); err != nil {
			return err
		}
	} else if err == nil && st.IsDir() {
		return nil
	}
	switch {
	case e.Hard:
		return p.link(e.Target, e.Path)
	case e.Target != "":
		if err := p.symlink(e.Target, e.Path); err != nil {
			return err
		}
		return p.utimes(e.Path, tree.Time{Sec: e.MTime}, false)
	}
	return p.placeOf(e.Path, e.Body(), metaOf(e))
}

// listOf is the paths of an installed package, "/." apart.
func (p *Process) listOf(ctx context.Context, i *deb.Installed) []string {
	if i == nil {
		return nil
	}
	text, err := p.readAll(ctx, catalog.InfoDir+"/"+i.Full()+".list")
	if err != nil {
		if text, err = p.readAll(ctx, catalog.InfoDir+"/"+i.Name+".list"); err != nil {
			return nil
		}
	}
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "/." && line != "" {
			out = append(out, line)
		}
	}
	return out
}

// ldconfig writes the cache of the dynamic linker: its size is about 62 bytes for
// each library.
func (p *Process) ldconfig(ctx context.Context) error {
	n := 0
	for _, dir := range []string{"/usr/lib/x86_64-linux-gnu", "/usr/lib", "/usr/local/lib", "/lib/x86_64-linux-gnu"} {
		if st, err := p.lstat(path.Dir(dir)); err == nil && st.IsSymlink() {
			continue
		}
		list, err := p.readDir(dir)
		if err != nil {
			continue
		}
		for _, e := range list {
			p.k.turn(ctx)
			if strings.Contains(e.Name, ".so.") && e.Stat.IsSymlink() {
				n++
			}
		}
	}
	size := int64(1200 + 62*n)
	if err := p.place("/etc/ld.so.cache", catalog.Made(catalog.Data, fmt.Sprintf("/etc/ld.so.cache %d", n), size), 0o644); err != nil {
		return err
	}
	if err := p.place("/var/cache/ldconfig/aux-cache", catalog.Made(catalog.Data, fmt.Sprintf("/var/cache/ldconfig/aux-cache %d", n), size+36), 0o600); err != nil {
		return err
	}
	return p.chmod("/var/cache/ldconfig", 0o700)
}

// packageUsers are the users that packages make for their services.
var packageUsers = map[string]string{
	"openssh-client": "group:_ssh", "postgresql-common": "postgres", "redis-server": "redis", "tcpdump": "tcpdump", "dbus": "messagebus",
	"openssh-server": "sshd", "procps": "", "cron": "group:crontab", "systemd": "systemd-network",
}

// addUsers makes the users and groups of a package that are not there.
func (p *Process) addUsers(ctx context.Context, pkg string) error {
	name := packageUsers[pkg]
	if name == "" {
		return nil
	}
	group, only := strings.CutPrefix(name, "group:")
	id := 101
	used := map[int]bool{}
	for _, u := range p.users() {
		used[u.uid] = true
	}
	for _, g := range p.groups() {
		if g.name == group {
			return nil
		}
		used[g.gid] = true
	}
	for used[id] {
		id++
	}
	text, _ := p.readAll(ctx, "/etc/group")
	if err := p.setBody("/etc/group", content.String(text+fmt.Sprintf("%s:x:%d:\n", group, id)), nil); err != nil {
		return err
	}
	if only {
		return nil
	}
	text, _ = p.readAll(ctx, "/etc/passwd")
	return p.setBody("/etc/passwd", content.String(text+fmt.Sprintf("%s:x:%d:%d::/nonexistent:/usr/sbin/nologin\n", group, id, id)), nil)
}

// remove is dpkg --remove, or --purge, of one package.
func (d *dpkgRun) remove(name string) error {
	p, i := d.r.p, d.r.sys.Status.Get(name)
	p.k.command(d.r.ctx)
	d.reading()
	if i.Is() {
		d.out("Removing %s (%s) ...\n", i.Full(), i.Version)
	}
	d.note("remove %s:%s %s <none>", i.Name, i.Arch, i.Version)
	d.changed[name] = i.Version
	paths := p.listOf(d.r.ctx, i)
	keep := false
	for n := len(paths) - 1; n >= 0; n-- {
		p.k.turn(d.r.ctx)
		if strings.HasPrefix(paths[n], "/etc/") && !d.plan.Purge {
			st, err := p.lstat(paths[n])
			keep = keep || err == nil && st.IsRegular()
			continue
		}
		st, err := p.lstat(paths[n])
		if err != nil {
			continue
		}
		if st.IsDir() {
			_ = p.rmdir(paths[n]) // not while something is in it
			continue
		}
		d.cause(&catalog.Entry{Path: paths[n], Mode: st.Mode})
		if err := p.unlink(paths[n]); err != nil {
			return err
		}
	}
	if keep {
		d.r.sys.Status.Keep(name)
		return d.forget(i, true)
	}
	if d.plan.Purge {
		d.note("purge %s:%s %s <none>", i.Name, i.Arch, i.Version)
	}
	d.r.sys.Status.Remove(name)
	delete(d.r.sys.Auto, name)
	return d.forget(i, false)
}

// forget removes what dpkg kept of a package; with settings left, its list stays.
func (d *dpkgRun) forget(i *deb.Installed, settings bool) error {
	list, err := d.r.p.readDir(catalog.InfoDir)
	if err != nil {
		return err
	}
	for _, e := range list {
		base, ext, _ := cutLast(e.Name, ".")
		if base != i.Full() && base != i.Name || settings && (ext == "list" || ext == "postrm") {
			continue
		}
		if err := d.r.p.unlink(catalog.InfoDir + "/" + e.Name); err != nil {
			return err
		}
	}
	return nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// finish writes the database and the logs, and cleans up as the settings say.
func (d *dpkgRun) finish() error {
	r, p := d.r, d.r.p
	old, err := p.readAll(r.ctx, dpkgStatus)
	if err != nil {
		return err
	}
	now := p.now().Format("2006-01-02  15:04:05")
	for _, w := range []struct {
		name, text string
		perm       uint32
		add        bool
	}{
		{dpkgStatus + "-old", old, 0o644, false},
		{dpkgStatus, r.sys.Status.Text(), 0o644, false},
		{"/var/log/dpkg.log", d.log.String(), 0o644, true},
		{"/var/log/apt/history.log", "\nStart-Date: " + now + "\n" + d.history() + "End-Date: " + now + "\n", 0o644, true},
		{"/var/log/apt/term.log", "\nLog started: " + now + "\n" + d.term.String() + "Log ended: " + now + "\n\n", 0o640, true},
	} {
		if w.add {
			err = p.appendTo(r.ctx, w.name, w.text, w.perm)
		} else {
			err = p.place(w.name, content.String(w.text), w.perm)
		}
		if err != nil {
			return err
		}
	}
	if g, ok := p.groupID("adm"); ok {
		if err := p.chown("/var/log/apt/term.log", 0, g, false); err != nil {
			return err
		}
	}
	const eipp = "/var/log/apt/eipp.log.xz"
	if err := p.place(eipp, madeUp(fmt.Sprintf("%s %d", eipp, len(d.changed))+".xz", int64(5800+40*len(d.changed))), 0o644); err != nil {
		return err
	}
	if r.conf.clean || baseName(p.Args[0]) == "apt" {
		for _, m := range d.plan.Unpack {
			if err := p.unlink(aptCache + "/archives/" + m.Archive()); err != nil && !isNotFound(err) {
				return err
			}
		}
	}
	return r.caches()
}

// history is what history.log says of the run.
func (d *dpkgRun) history() string {
	text := "Commandline: " + strings.Join(d.r.p.Args, " ") + "\n"
	var fresh, newer []string
	for _, m := range d.plan.Unpack {
		if was := d.changed[m.Name]; was != "<none>" {
			newer = append(newer, fmt.Sprintf("%s:amd64 (%s, %s)", m.Name, was, m.Version))
		} else if d.r.sys.Auto[m.Name] {
			fresh = append(fresh, fmt.Sprintf("%s:amd64 (%s, automatic)", m.Name, m.Version))
		} else {
			fresh = append(fresh, fmt.Sprintf("%s:amd64 (%s)", m.Name, m.Version))
		}
	}
	var gone []string
	for _, n := range d.plan.Remove {
		gone = append(gone, fmt.Sprintf("%s:amd64 (%s)", n, d.changed[n]))
	}
	verb := "Remove"
	if d.plan.Purge {
		verb = "Purge"
	}
	for _, l := range []struct {
		key   string
		words []string
	}{{"Install", fresh}, {"Upgrade", newer}, {verb, gone}} {
		if len(l.words) > 0 {
			text += l.key + ": " + strings.Join(l.words, ", ") + "\n"
		}
	}
	return text
}
