package shell

import (
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/layerlab/layerlab/sim/catalog"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/pkg/apt"
	"github.com/layerlab/layerlab/sim/pkg/deb"
)

// packedList is how much smaller a list is on its way than as apt keeps it: xz
// against lz4.
const packedList = 0.4666

// download is apt-get update's list file of a suite as it is fetched.
func fetched(s deb.Suite) int64 { return int64(float64(s.Packages) * packedList) }

// update is apt-get update.
func (r *aptRun) update() int {
	p := r.p
	if p.FS.Cred().UID != 0 {
		r.say("Reading package lists...\n")
		p.errf("E: Could not open lock file %s/lock - open (13: Permission denied)\nE: Unable to lock directory %s/\n", aptLists, aptLists)
		return 100
	}
	suites := map[string]deb.Suite{}
	for _, s := range r.index.Suites {
		suites[s.Name] = s
	}
	var lost []string
	var total int64
	n := 0
	known := r.known(suites)
	for _, s := range r.conf.sources {
		n++
		if _, ok := known[s]; !ok {
			host, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(s.uri, "https://"), "http://"), "/")
			r.say("Err:%d %s %s InRelease\n  Could not resolve '%s'\n", n, s.uri, s.suite, host)
			lost = append(lost, fmt.Sprintf("Failed to fetch %s/dists/%s/InRelease  Could not resolve '%s'", s.uri, s.suite, host))
			continue
		}
		if p.listsOf(s, p.Packages.Day()) {
			r.say("Hit:%d %s %s InRelease\n", n, s.uri, s.suite)
			delete(known, s)
			continue
		}
		r.say("Get:%d %s %s InRelease [%sB]\n", n, s.uri, s.suite, aptSize(suites[s.suite].Release))
		total += suites[s.suite].Release
	}
	for _, s := range r.conf.sources {
		if suite, ok := known[s]; ok {
			n++
			r.say("Get:%d %s %s/main amd64 Packages [%sB]\n", n, s.uri, s.suite, aptSize(fetched(suite)))
			total += fetched(suite)
			if err := r.writeLists(s, suite); err != nil {
				return r.fail(err)
			}
		}
	}
	if total > 0 {
		r.say("Fetched %sB in %s (%sB/s)\n", aptSize(total), aptSeconds(total), aptSize(aptSpeed(total)))
	}
	if err := r.lockFiles(); err != nil {
		return r.fail(err)
	}
	r.say("Reading package lists...\n")
	for _, l := range lost {
		p.errf("W: %s\n", l)
	}
	if len(lost) > 0 {
		p.errf("W: Some index files failed to download. They have been ignored, or old ones used instead.\n")
	}
	if err := r.caches(); err != nil {
		return r.fail(err)
	}
	return 0
}

// known are the sources that the repository has: by the suite's name and an
// address that ends as Debian's do.
func (r *aptRun) known(suites map[string]deb.Suite) map[aptSource]deb.Suite {
	out := map[aptSource]deb.Suite{}
	for _, s := range r.conf.sources {
		suite, ok := suites[s.suite]
		if base := path.Base(s.uri); ok && (base == "debian" || base == "debian-security") {
			out[s] = suite
		}
	}
	return out
}

// listsOf reports whether the lists of a source are there and of this day.
func (p *Process) listsOf(s aptSource, day time.Time) bool {
	body, err := p.body(aptLists + "/" + s.listName() + "_InRelease")
	if err != nil {
		return false
	}
	head := make([]byte, 256)
	n, _ := content.ReadAt(body, head, 0)
	return strings.Contains(string(head[:n]), releaseDate(day))
}

// releaseDate is the line of a release file that says of which day it is.
func releaseDate(day time.Time) string {
	day = day.UTC().Truncate(24 * time.Hour)
	return "Date: " + strings.Replace(day.Format(time.RFC1123), "GMT", "UTC", 1) + "\n"
}

func (r *aptRun) writeLists(s aptSource, suite deb.Suite) error {
	name := aptLists + "/" + s.listName()
	head := "-----BEGIN PGP SIGNED MESSAGE-----\nOrigin: Debian\nSuite: " + s.suite + "\n" + releaseDate(r.p.Packages.Day())
	rest := max(suite.Release-int64(len(head)), 0)
	body := content.Concat(content.String(head), catalog.Made(catalog.Manifest, name+"_InRelease", rest))
	if err := r.p.place(name+"_InRelease", body, 0o644); err != nil {
		return err
	}
	list, size := name+"_main_binary-amd64_Packages.lz4", suite.Packages
	if !r.conf.gzipIndexes {
		list, size = strings.TrimSuffix(list, ".lz4"), int64(float64(suite.Packages)*2.55)
	}
	return r.p.place(list, catalog.Made(catalog.KindOf(list, 0o644), list+releaseDate(r.p.Packages.Day()), size), 0o644)
}

// lockFiles are the empty file and directories that apt leaves among its lists.
func (r *aptRun) lockFiles() error {
	p := r.p
	if err := p.place(aptLists+"/lock", nil, 0o640); err != nil {
		return err
	}
	for dir, perm := range map[string]uint32{aptLists + "/partial": 0o700, aptLists + "/auxfiles": 0o755} {
		if p.exists(dir) {
			continue
		}
		if err := p.mkdirs(dir); err != nil {
			return err
		}
		if err := p.chmod(dir, perm); err != nil {
			return err
		}
		if u, ok := p.userByName("_apt"); ok {
			if err := p.chown(dir, u.uid, 0, false); err != nil {
				return err
			}
		}
	}
	return nil
}

// cacheSize is the bytes of apt's two caches of Debian 12's lists.
const cacheSize = 36_922_912

// caches writes apt's caches, where the settings want them.
func (r *aptRun) caches() error {
	if r.conf.noCaches || r.conf.clean || !r.p.exists(aptLists+"/lock") {
		return nil
	}
	for _, name := range []string{"pkgcache.bin", "srcpkgcache.bin"} {
		file := aptCache + "/" + name
		if err := r.p.place(file, madeUp(file, cacheSize), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// aptSeconds is how long a download takes that the model says took its time: the
// network gives 20 MB a second.
func aptSeconds(n int64) string { return fmt.Sprintf("%ds", max(n/20_000_000, 0)) }
func aptSpeed(n int64) int64    { return 20_000_000 + n%1000*1000 }

// clean is apt-get clean.
func (r *aptRun) clean() int {
	if r.locked() {
		return 100
	}
	if r.verb == "distclean" {
		_ = r.p.emptyDir(aptLists)
	}
	for _, dir := range []string{aptCache + "/archives", aptCache + "/archives/partial"} {
		if err := r.p.emptyDir(dir); err != nil {
			return r.fail(err)
		}
	}
	for _, name := range []string{"pkgcache.bin", "srcpkgcache.bin"} {
		_ = r.p.unlink(aptCache + "/" + name)
	}
	return 0
}

// emptyDir removes the files of a directory but its lock.
func (p *Process) emptyDir(dir string) error {
	list, err := p.readDir(dir)
	if err != nil {
		return nil
	}
	for _, e := range list {
		if !e.Stat.IsDir() && e.Name != "lock" {
			if err := p.unlink(dir + "/" + e.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

// download is apt-get download: the archives into the current directory.
func (r *aptRun) download() int {
	if err := r.open(); err != nil {
		return r.fail(err)
	}
	var total int64
	for i, name := range r.words {
		m := r.sys.Candidate(name)
		if m == nil {
			return r.fail(&apt.Error{Lines: []string{"Unable to locate package " + name}})
		}
		r.say("Get:%d %s [%sB]\n", i+1, r.source(m), aptSize(m.Size))
		total += m.Size
		if err := r.p.place(r.p.abs(m.Archive()), madeUp(m.Archive(), m.Size), 0o644); err != nil {
			return r.fail(err)
		}
	}
	r.say("Fetched %sB in %s (%sB/s)\n", aptSize(total), aptSeconds(total), aptSize(aptSpeed(total)))
	return 0
}

// source is where a package comes from: "http://… bookworm/main amd64 curl amd64 7.88".
func (r *aptRun) source(m *deb.Package) string {
	suite := r.index.Suites[m.Suite].Name
	return fmt.Sprintf("%s %s/main amd64 %s %s %s", r.mirror(suite), suite, m.Name, m.Arch(), m.Version)
}

// mirror is the address of a suite, as the sources say.
func (r *aptRun) mirror(suite string) string {
	for _, s := range r.conf.sources {
		if s.suite == suite {
			return s.uri
		}
	}
	if len(r.conf.sources) > 0 {
		return r.conf.sources[0].uri
	}
	return ""
}
