package shell

import (
	"context"
	"crypto/sha1"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/layerlab/layerlab/sim/catalog"
	"github.com/layerlab/layerlab/sim/pkg"
	"github.com/layerlab/layerlab/sim/pkg/apk"
	"github.com/layerlab/layerlab/sim/tree"
)

func init() { programs["apk"] = cmdApk }

// apkRun is one run of apk.
type apkRun struct {
	p       *Process
	index   *apk.Index
	state   *apk.State
	world   []string
	words   []string // the operands
	virtual string
	quiet   bool
	noCache bool
	update  bool
	upgrade bool
	dry     bool
	kept    map[string]bool // directories that belong to packages that stay
}

const (
	apkDB    = "/lib/apk/db/installed"
	apkWorld = "/etc/apk/world"
)

// apkValues are the options that take a word.
var apkValues = map[string]bool{"-t": true, "--virtual": true, "-X": true, "--repository": true, "-p": true, "--root": true, "--arch": true, "--wait": true, "--cache-dir": true, "--cache-max-age": true, "--keys-dir": true, "--repositories-file": true}

// cmdApk is Alpine's package manager as a model, see package apk.
func cmdApk(ctx context.Context, p *Process) int {
	a := &apkRun{p: p}
	verb := a.options(p.Args[1:])
	if slices.Contains(p.Args[1:], "--version") || slices.Contains(p.Args[1:], "-V") {
		p.outf("apk-tools 2.14.4, compiled for x86_64.\n")
		return 0
	}
	do := map[string]func(context.Context) int{
		"add": a.add, "del": a.del, "update": a.updateIndex, "upgrade": a.upgradeAll, "info": a.info, "search": a.search, "fix": a.fix,
		"cache": a.cacheCommand, "list": a.list, "stats": a.stats, "version": a.versions, "policy": a.policy,
	}[verb]
	if do == nil {
		p.errf("apk-tools 2.14.4, compiled for x86_64.\n\nusage: apk [<OPTIONS>...] COMMAND [<ARGUMENTS>...]\n")
		return 1
	}
	if verb != "info" && verb != "search" && verb != "list" && p.FS.Cred().UID != 0 {
		p.errf("ERROR: Unable to lock database: Permission denied\nERROR: Failed to open apk database: Permission denied\n")
		return 99
	}
	if err := a.load(ctx); err != nil {
		p.errf("ERROR: %v\n", err)
		return 99
	}
	return do(ctx)
}

// options reads the options, which may stand anywhere, and gives the verb.
func (a *apkRun) options(words []string) (verb string) {
	for i := 0; i < len(words); i++ {
		w := words[i]
		name, value, joined := strings.Cut(w, "=")
		if !strings.HasPrefix(w, "-") {
			if verb == "" {
				verb = w
			} else {
				a.words = append(a.words, w)
			}
			continue
		}
		if apkValues[name] && !joined && i+1 < len(words) {
			i++
			value = words[i]
		}
		switch name {
		case "-t", "--virtual":
			a.virtual = value
		case "--no-cache":
			a.noCache = true
		case "--update-cache", "--update":
			a.update = true
		case "--upgrade", "--latest":
			a.upgrade = true
		case "--quiet":
			a.quiet = true
		case "--simulate":
			a.dry = true
		case "--installed", "--all", "--contents", "--depends", "--size", "--description":
			a.words = append(a.words, name)
		default:
			if !strings.HasPrefix(w, "--") {
				a.short(w[1:])
			}
		}
	}
	return verb
}

func (a *apkRun) short(letters string) {
	for _, c := range letters {
		switch c {
		case 'q':
			a.quiet = true
		case 'U':
			a.update = true
		case 'u', 'l':
			a.upgrade = true
		case 's':
			a.dry = true
		case 'e', 'L', 'R', 'a', 'd', 'v', 'W', 'w', 'r', 'x', 'I':
			a.words = append(a.words, "-"+string(c))
		}
	}
}

// load reads the repository, what is installed, and the world.
func (a *apkRun) load(ctx context.Context) error {
	w := a.p.Packages
	var err error
	a.index, err = pkg.Keep(w, apk.DataFile, func() (*apk.Index, error) {
		text, err := w.Text(ctx, apk.DataFile, "the model of Alpine's packages")
		if err != nil {
			return nil, err
		}
		return apk.ParseIndex(text)
	})
	if err != nil {
		return err
	}
	if a.index, err = pkg.Keep(w, apk.DataFile+w.Day().Format(" 2006-01-02"), func() (*apk.Index, error) { return a.index.At(w.Day()), nil }); err != nil {
		return err
	}
	text, err := a.p.readAll(ctx, apkDB)
	if err != nil && !isNotFound(err) {
		return err
	}
	if a.state, err = apk.ParseState(text); err != nil {
		return err
	}
	text, _ = a.p.readAll(ctx, apkWorld)
	a.world = strings.Fields(text)
	return nil
}

func (a *apkRun) say(format string, args ...any) {
	if !a.quiet {
		a.p.outf(format, args...)
	}
}

// repositories is the addresses of the repositories with their architecture.
func (a *apkRun) repositories(ctx context.Context) []string {
	text, _ := a.p.readAll(ctx, "/etc/apk/repositories")
	var out []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line != "" && line[0] != '#' {
			f := strings.Fields(line)
			out = append(out, f[len(f)-1]+"/x86_64/")
		}
	}
	return out
}

// cacheDir is where indexes and, with /etc/apk/cache, packages are kept.
func (a *apkRun) cacheDir() (dir string, packages bool) {
	if st, err := a.p.stat("/etc/apk/cache"); err == nil && st.IsDir() {
		return "/etc/apk/cache", true
	}
	return "/var/cache/apk", false
}

// apkMaxAge is how long an index is fresh (apk-tools, --cache-max-age).
const apkMaxAge = 4 * time.Hour

// fetch gets the indexes as far as they are needed, and keeps them unless
// --no-cache says otherwise.
func (a *apkRun) fetch(ctx context.Context, always bool) {
	dir, _ := a.cacheDir()
	for _, url := range a.repositories(ctx) {
		sum := sha1.Sum([]byte(url))
		name := fmt.Sprintf("%s/APKINDEX.%x.tar.gz", dir, sum[:4])
		st, err := a.p.stat(name)
		if !a.noCache && !always && err == nil && a.p.now().Sub(time.Unix(st.MTime.Sec, 0)) < apkMaxAge {
			continue
		}
		a.say("fetch %sAPKINDEX.tar.gz\n", url)
		if a.noCache {
			continue
		}
		size := int64(487_000) + int64(sum[5])*16
		if strings.Contains(url, "/community/") {
			size = 1_955_000 + int64(sum[5])*64
		}
		a.p.mkdirAll(dir, false)
		a.p.setBody(name, catalog.Made(catalog.Packed, name, size), nil)
	}
}

func (a *apkRun) unselectable(err error) int {
	a.p.errf("ERROR: %v\n", err)
	var u apk.Unselectable
	if errors.As(err, &u) {
		return len(u)
	}
	return 1
}

func (a *apkRun) add(ctx context.Context) int {
	a.fetch(ctx, a.update)
	world := slices.Clone(a.world)
	var virtual []*apk.Package
	if a.virtual != "" {
		name := a.virtual
		virtual = append(virtual, &apk.Package{Name: name, Version: a.p.now().Format("20060102.150405"), Description: "virtual meta package", Depends: a.words})
		world = withWord(world, name)
	} else {
		for _, w := range a.words {
			if strings.HasPrefix(w, "-") {
				continue
			}
			world = withWord(world, w)
		}
	}
	return a.commit(ctx, world, virtual, a.upgrade)
}

// withWord is the world with a wish, in the place of another for the same name.
func withWord(world []string, wish string) []string {
	world = slices.DeleteFunc(slices.Clone(world), func(w string) bool { return apk.Name(w) == apk.Name(wish) })
	world = append(world, wish)
	slices.Sort(world)
	return world
}

func (a *apkRun) del(ctx context.Context) int {
	world := slices.Clone(a.world)
	status := 0
	for _, w := range a.words {
		if strings.HasPrefix(w, "-") {
			continue
		}
		before := len(world)
		world = slices.DeleteFunc(world, func(in string) bool { return apk.Name(in) == w })
		if len(world) == before && a.state.Has(w) == nil {
			a.p.errf("ERROR: No such package: %s\n", w)
			status = 1
		}
	}
	if status != 0 {
		return status
	}
	return a.commit(ctx, world, nil, false)
}

func (a *apkRun) updateIndex(ctx context.Context) int {
	a.fetch(ctx, true)
	for _, url := range a.repositories(ctx) {
		a.say("v3.20.3-270-g4a3c2c5a2b5 [%s]\n", strings.TrimSuffix(url, "/x86_64/"))
	}
	a.say("OK: 24170 distinct packages available\n")
	return 0
}

func (a *apkRun) upgradeAll(ctx context.Context) int {
	a.fetch(ctx, a.update)
	return a.commit(ctx, a.world, nil, true)
}

func (a *apkRun) fix(ctx context.Context) int { return a.commit(ctx, a.world, nil, false) }

// commit makes the disk what the world needs.
func (a *apkRun) commit(ctx context.Context, world []string, virtual []*apk.Package, upgrade bool) int {
	changes, err := apk.Plan(a.index, a.state, world, virtual, upgrade)
	if err != nil {
		return a.unselectable(err)
	}
	triggers := map[string]bool{}
	a.keep(changes)
	for i, c := range changes {
		a.step(i+1, len(changes), c)
		if a.dry {
			continue
		}
		if err := a.apply(ctx, c, triggers); err != nil {
			a.p.errf("ERROR: %s: %s\n", cmpName(c), why(err))
			return 1
		}
	}
	if !a.dry {
		if status := a.save(ctx, world, changes); status != 0 {
			return status
		}
		a.trigger(triggers)
	}
	a.say("OK: %d MiB in %d packages\n", a.state.Bytes()/(1<<20), len(a.state.Packages))
	return 0
}

// keep notes the directories of the packages that stay.
func (a *apkRun) keep(changes []apk.Change) {
	a.kept = map[string]bool{}
	if !slices.ContainsFunc(changes, func(c apk.Change) bool { return c.New == nil }) {
		return
	}
	for _, p := range a.state.Packages {
		if !slices.ContainsFunc(changes, func(c apk.Change) bool { return c.New == nil && c.Old == p }) {
			_, dirs := p.Files()
			for _, d := range dirs {
				a.kept[d] = true
			}
		}
	}
}

// relink is what the trigger of busybox does: an applet whose name is free again
// gets its link.
func (a *apkRun) relink(ctx context.Context, files []string) {
	text, err := a.p.readAll(ctx, "/etc/busybox-paths.d/busybox")
	if err != nil {
		return
	}
	for _, f := range files {
		if strings.Contains("\n"+text, "\n"+strings.TrimPrefix(f, "/")+"\n") && !a.p.exists(f) {
			a.p.symlink("/bin/busybox", f)
		}
	}
}

func cmpName(c apk.Change) string {
	if c.New != nil {
		return c.New.Full()
	}
	return c.Old.Full()
}

func (a *apkRun) step(i, n int, c apk.Change) {
	at := fmt.Sprintf("(%d/%d)", i, n)
	switch {
	case c.New == nil:
		a.say("%s Purging %s (%s)\n", at, c.Old.Name, c.Old.Version)
	case c.Old == nil:
		a.say("%s Installing %s (%s)\n", at, c.New.Name, c.New.Version)
	case c.Old.Version == c.New.Version:
		a.say("%s Replacing %s (%s)\n", at, c.New.Name, c.New.Version)
	default:
		a.say("%s Upgrading %s (%s -> %s)\n", at, c.New.Name, c.Old.Version, c.New.Version)
	}
}

// apply carries out one change on the disk and in the state.
func (a *apkRun) apply(ctx context.Context, c apk.Change, triggers map[string]bool) error {
	if c.Old != nil {
		files, dirs := c.Old.Files()
		for _, f := range files {
			watch(triggers, f)
		}
		if c.New == nil {
			a.p.sweep(ctx, files, dirs, a.kept)
			a.state.Remove(c.Old)
			a.relink(ctx, files)
			return nil
		}
	}
	for _, s := range c.New.Scripts {
		if strings.HasPrefix(s, "pre-") {
			a.script(ctx, c.New, s)
		}
	}
	var files []apk.File
	err := a.index.Entries(c.New, func(e *catalog.Entry) error {
		files = append(files, apk.File{Path: e.Path, Mode: e.Mode})
		if e.Mode&tree.TypeMask != tree.Directory {
			watch(triggers, e.Path)
		}
		return a.p.unpack(ctx, e)
	})
	if err != nil {
		return err
	}
	if dir, keep := a.cacheDir(); keep && !a.noCache && !c.New.Virtual() {
		sum := sha1.Sum([]byte(c.New.Full()))
		name := fmt.Sprintf("%s/%s.%x.apk", dir, c.New.Full(), sum[:4])
		a.p.setBody(name, catalog.Made(catalog.Packed, name, c.New.Size), nil)
	}
	a.state.Add(c.New, files)
	for _, s := range c.New.Scripts {
		if strings.HasPrefix(s, "post-") {
			a.script(ctx, c.New, s)
		}
	}
	return nil
}

// watch notes what the triggers look at: programs, and certificates.
func watch(triggers map[string]bool, file string) {
	switch dir := path.Dir(file); {
	case dir == "/bin" || dir == "/sbin" || dir == "/usr/bin" || dir == "/usr/sbin":
		triggers["busybox"] = true
	case strings.HasPrefix(dir, "/usr/share/ca-certificates"):
		triggers["ca-certificates"] = true
	case strings.HasPrefix(dir, "/usr/share/fonts"):
		triggers["fontconfig"] = true
	}
}

// trigger says which triggers ran. What they write was unpacked with the files.
func (a *apkRun) trigger(triggers map[string]bool) {
	for _, p := range a.state.Packages {
		if triggers[p.Name] {
			a.say("Executing %s.trigger\n", p.Full())
		}
	}
}

// save writes the world and the database.
func (a *apkRun) save(ctx context.Context, world []string, changes []apk.Change) int {
	if text := strings.Join(world, "\n") + "\n"; !slices.Equal(world, a.world) {
		if status := a.p.write(ctx, apkWorld, text, 0o644); status != 0 {
			return status
		}
	}
	if len(changes) == 0 {
		return 0
	}
	return a.p.write(ctx, apkDB, a.state.Text(), 0o644)
}

// script tells that a package's script ran, and does what it does.
func (a *apkRun) script(ctx context.Context, p *apk.Package, name string) {
	a.say("Executing %s.%s\n", p.Full(), name)
	switch p.Name {
	case "bash":
		if text, err := a.p.readAll(ctx, "/etc/shells"); err == nil && !strings.Contains(text, "/bin/bash\n") {
			a.p.write(ctx, "/etc/shells", text+"/bin/bash\n", 0o644)
		}
	case "nginx", "redis", "postgresql16":
		if name != "pre-install" {
			return
		}
		user := map[string]string{"nginx": "nginx", "redis": "redis", "postgresql16": "postgres"}[p.Name]
		home := map[string]string{"nginx": "/var/lib/nginx", "redis": "/var/lib/redis", "postgres": "/var/lib/postgresql"}[user]
		a.addUser(ctx, user, home, map[string]int{"nginx": 100, "redis": 101, "postgres": 70}[user])
	}
}

// addUser adds a user and its group for a service, with a free number from id up.
func (a *apkRun) addUser(ctx context.Context, name, home string, id int) {
	if _, ok := a.p.userByName(name); ok {
		return
	}
	for taken := true; taken; id++ {
		_, taken = a.p.userByID(id)
		taken = taken || slices.ContainsFunc(a.p.groups(), func(g group) bool { return g.gid == id })
		if !taken {
			break
		}
	}
	for file, line := range map[string]string{
		"/etc/group": fmt.Sprintf("%s:x:%d:%s\n", name, id, name), "/etc/passwd": fmt.Sprintf("%s:x:%d:%d:%s:%s:/sbin/nologin\n", name, id, id, name, home),
		"/etc/shadow": name + ":!:20000:0:99999:7:::\n",
	} {
		if text, err := a.p.readAll(ctx, file); err == nil {
			a.p.write(ctx, file, text+line, 0o644)
		}
	}
}
