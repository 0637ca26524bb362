package shell

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/layerlab/layerlab/sim/catalog"
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/overlay"
)

var systemCommands map[string]Command

func init() {
	systemCommands = map[string]Command{
		"ldconfig": cmdLdconfig, "ldd": cmdLdd, "update-ca-certificates": cmdCACertificates, "update-alternatives": cmdAlternatives, "localedef": cmdLocaledef, "locale-gen": cmdLocaledef, "locale": cmdLocale,
		"service": cmdService, "systemctl": cmdService, "invoke-rc.d": cmdQuiet, "update-rc.d": cmdQuiet, "dpkg-reconfigure": cmdQuiet, "debconf-set-selections": cmdDrain, "rc-update": cmdQuiet, "update-mime-database": cmdQuiet, "fc-cache": cmdQuiet, "update-locale": cmdUpdateLocale,
		"mountpoint": cmdMountpoint, "run-parts": cmdRunParts, "flock": cmdFlock, "tini": cmdNohup, "dumb-init": cmdNohup, "sudo": cmdSudo, "doas": cmdSudo, "gosu": cmdGosu, "su-exec": cmdGosu, "setpriv": cmdSetpriv, "chroot": cmdChroot,
		"logger": cmdTrue, "dmesg": cmdTrue, "hostid": cmdHostid, "stty": cmdStty, "sysctl": cmdTrue, "less": cmdCat, "more": cmdCat, "pidof": cmdFalse, "pgrep": cmdFalse, "pkill": cmdFalse, "killall": cmdFalse, "lsb_release": cmdLsbRelease,
		"openssl": cmdOpenssl, "ssh-keygen": cmdSSHKeygen, "file": cmdFile, "unzip": cmdUnzip, "patch": cmdPatch, "dos2unix": cmdDos2unix, "unix2dos": cmdDos2unix, "setcap": cmdSetcap, "getcap": cmdTrue, "iconv": cmdCat, "syslogd": cmdCannot, "crond": cmdCannot, "cron": cmdCannot, "crontab": cmdCrontab,
	}
}

func cmdFalse(context.Context, *Process) int { return 1 }

// cmdDrain reads its input to the end, so that the writer of the pipe ends well.
func cmdDrain(ctx context.Context, p *Process) int {
	p.lines(ctx, operands(p.Args[1:]), '\n')
	return 0
}

// cmdLdconfig writes /etc/ld.so.cache: a made-up index of all libraries.
func cmdLdconfig(ctx context.Context, p *Process) int {
	if slices.Contains(p.Args, "-p") {
		return p.cannot(p.Args)
	}
	if p.exists("/etc/alpine-release") {
		return 0
	}
	libraries := int64(0)
	for _, dir := range []string{"/lib", "/usr/lib", "/usr/local/lib", "/lib64"} {
		p.walk(ctx, dir, true, func(name string, st overlay.Stat) error {
			p.k.turn(ctx)
			if strings.Contains(path.Base(name), ".so") && !st.IsDir() {
				libraries++
			}
			return nil
		}, func(string, error) {})
	}
	if libraries == 0 {
		return 0
	}
	return p.put(ctx, "/etc/ld.so.cache", catalog.Data, 48+72*libraries, uint64(libraries), 0o644)
}

// cmdLdd is ldd: every made-up program needs the C library.
func cmdLdd(_ context.Context, p *Process) int {
	names := operands(p.Args[1:])
	if slices.Contains(p.Args, "--version") {
		return p.sayVersion("ldd (Debian GLIBC %[1]s) %[1]s", p.version("", "libc-bin", "libc6"))
	}
	status := 0
	for _, name := range names {
		if len(names) > 1 {
			p.outf("%s:\n", name)
		}
		if !p.exists(name) {
			p.errf("ldd: %s: No such file or directory\n", name)
			status = 1
			continue
		}
		head, err := p.head(name, 4)
		if err != nil || head != "\x7fELF" {
			p.outf("\tnot a dynamic executable\n")
			status = 1
			continue
		}
		p.outf("\tlinux-vdso.so.1 (0x00007ffe3a5f2000)\n")
		for _, lib := range [][2]string{{"libc.so.6", "/lib/x86_64-linux-gnu/libc.so.6"}, {"libc.musl-x86_64.so.1", "/lib/ld-musl-x86_64.so.1"}} {
			if p.exists(lib[1]) {
				p.outf("\t%s => %s (0x00007f1d2c400000)\n", lib[0], lib[1])
			}
		}
	}
	return status
}

// head is the first n bytes of a file.
func (p *Process) head(name string, n int) (string, error) {
	r, err := p.readable(context.Background(), name, false)
	if err != nil {
		return "", err
	}
	defer r.Close()
	b := make([]byte, n)
	k, err := r.Read(b)
	if k == 0 {
		return "", err
	}
	return string(b[:k]), nil
}

// cmdCACertificates is update-ca-certificates: what lies in
// /usr/local/share/ca-certificates is linked into /etc/ssl/certs and added to the
// bundle there.
func cmdCACertificates(ctx context.Context, p *Process) int {
	const from, to, bundle = "/usr/local/share/ca-certificates", "/etc/ssl/certs", "/etc/ssl/certs/ca-certificates.crt"
	debian := !p.exists("/etc/alpine-release")
	if debian {
		p.outf("Updating certificates in %s...\n", to)
	}
	var found []string
	p.walk(ctx, from, true, func(name string, st overlay.Stat) error {
		if strings.HasSuffix(name, ".crt") && !st.IsDir() {
			found = append(found, name)
		}
		return nil
	}, func(string, error) {})
	slices.Sort(found)
	if err := p.mkdirAll(to, false); err != nil {
		return p.say("%s", why(err))
	}
	all, _ := p.readAll(ctx, bundle)
	added := 0
	for _, name := range found {
		link := to + "/" + strings.TrimSuffix(path.Base(name), ".crt") + ".pem"
		text, err := p.readAll(ctx, name)
		if err != nil {
			return p.say("%s: %s", name, why(err))
		}
		if !p.exists(link) {
			added++
			p.symlink(name, link)
		}
		if !strings.Contains(all, text) {
			all += text
			if !strings.HasSuffix(all, "\n") {
				all += "\n"
			}
		}
	}
	if status := p.write(ctx, bundle, all, 0o644); status != 0 {
		return status
	}
	if debian {
		p.outf("%d added, 0 removed; done.\nRunning hooks in /etc/ca-certificates/update.d...\ndone.\n", added)
	}
	return 0
}

// cmdAlternatives is update-alternatives --install, --set and --remove.
func cmdAlternatives(ctx context.Context, p *Process) int {
	words := p.Args[1:]
	for len(words) > 0 && (words[0] == "--quiet" || words[0] == "--force" || words[0] == "--verbose") {
		words = words[1:]
	}
	const dir, state = "/etc/alternatives/", "/var/lib/dpkg/alternatives/"
	switch {
	case len(words) >= 5 && words[0] == "--install":
		link, name, to, priority := words[1], words[2], words[3], words[4]
		if !p.exists(to) {
			p.errf("update-alternatives: error: alternative path %s doesn't exist\n", to)
			return 2
		}
		p.mkdirAll(dir, false)
		p.mkdirAll(state, false)
		p.write(ctx, state+name, fmt.Sprintf("auto\n%s\n\n%s\n%s\n\n", link, to, priority), 0o644)
		p.outf("update-alternatives: using %s to provide %s (%s) in auto mode\n", to, link, name)
		return p.alternative(link, dir+name, to)
	case len(words) == 3 && words[0] == "--set":
		name, to := words[1], words[2]
		text, err := p.readAll(ctx, state+name)
		if err != nil {
			p.errf("update-alternatives: error: no alternatives for %s\n", name)
			return 2
		}
		if !strings.Contains(text, "\n"+to+"\n") {
			p.errf("update-alternatives: error: alternative %s for %s not registered; not setting\n", to, name)
			return 2
		}
		lines := strings.SplitN(text, "\n", 3)
		lines[0] = "manual"
		p.write(ctx, state+name, strings.Join(lines, "\n"), 0o644)
		p.outf("update-alternatives: using %s to provide %s (%s) in manual mode\n", to, lines[1], name)
		return p.alternative(lines[1], dir+name, to)
	case len(words) >= 2 && (words[0] == "--remove" || words[0] == "--remove-all" || words[0] == "--auto"):
		return 0
	}
	return p.cannot(p.Args)
}

func (p *Process) alternative(link, middle, to string) int {
	for _, l := range [][2]string{{middle, to}, {link, middle}} {
		if p.exists(l[0]) {
			p.unlink(l[0])
		}
		if err := p.symlink(l[1], l[0]); err != nil {
			return p.say("error: unable to make %s: %s", l[0], why(err))
		}
	}
	return 0
}

const (
	localeArchive = "/usr/lib/locale/locale-archive"
	archiveHead   = "Layer Lab's model of an archive of locales: "
)

// localeName is a locale as `locale -a` lists it: en_US.UTF-8 is en_US.utf8.
func localeName(name string) string {
	language, charset, ok := strings.Cut(name, ".")
	if !ok {
		return name
	}
	return language + "." + strings.ToLower(strings.ReplaceAll(charset, "-", ""))
}

// archived is the locales that localedef put into the archive.
func (p *Process) archived() []string {
	body, err := p.programBody(localeArchive)
	if err != nil {
		return nil
	}
	head := make([]byte, min(4096, body.Size()))
	if _, err := content.ReadAt(body, head, 0); err != nil {
		return nil
	}
	line, _, _ := strings.Cut(string(head), "\n")
	names, ok := strings.CutPrefix(line, archiveHead)
	if !ok {
		return nil
	}
	return strings.Fields(names)
}

// cmdLocaledef is localedef and locale-gen: one locale in the archive is some
// three megabytes.
func cmdLocaledef(ctx context.Context, p *Process) int {
	names := operands(p.Args[1:])
	gen := baseName(p.Args[0]) == "locale-gen"
	if gen {
		if len(names) == 0 {
			text, _ := p.readAll(ctx, "/etc/locale.gen")
			for line := range strings.Lines(text) {
				if f := strings.Fields(line); len(f) > 0 && f[0][0] != '#' {
					names = append(names, f[0])
				}
			}
		}
		p.outf("Generating locales (this might take a while)...\n")
	}
	have := p.archived()
	for _, name := range names {
		if gen {
			p.outf("  %s... done\n", name)
		}
		if name = localeName(name); !slices.Contains(have, name) {
			have = append(have, name)
		}
	}
	if len(names) > 0 {
		slices.Sort(have)
		list := archiveHead + strings.Join(have, " ") + "\n"
		if err := p.mkdirAll(path.Dir(localeArchive), false); err != nil {
			return p.say("%s: %s", localeArchive, why(err))
		}
		if status := p.write(ctx, localeArchive, list, 0o644); status != 0 {
			return status
		}
		size := 3_055_776 + int64(len(have)-1)*330_000 - int64(len(list))
		p.k.spend(size)
		if err := p.setBody(localeArchive, content.Concat(content.String(list), catalog.Made(catalog.Data, localeArchive, size)), nil); err != nil {
			return p.say("%s: %s", localeArchive, why(err))
		}
	}
	if gen {
		p.outf("Generation complete.\n")
	}
	return 0
}

func cmdUpdateLocale(ctx context.Context, p *Process) int {
	return p.write(ctx, "/etc/default/locale", strings.Join(operands(p.Args[1:]), "\n")+"\n", 0o644)
}

func cmdLocale(_ context.Context, p *Process) int {
	if slices.Contains(p.Args, "-a") {
		names := append([]string{"C", "C.utf8", "POSIX"}, p.archived()...)
		slices.Sort(names)
		p.outf("%s\n", strings.Join(names, "\n"))
		return 0
	}
	lang := p.env("LANG")
	if slices.Contains(p.Args, "charmap") {
		used := orName(p.env("LC_ALL"), orName(p.env("LC_CTYPE"), lang))
		p.outf("%s\n", map[bool]string{true: "UTF-8", false: "ANSI_X3.4-1968"}[strings.Contains(strings.ToLower(used), "utf")])
		return 0
	}
	p.outf("LANG=%s\nLANGUAGE=%s\n", lang, p.env("LANGUAGE"))
	for _, name := range strings.Fields("CTYPE NUMERIC TIME COLLATE MONETARY MESSAGES PAPER NAME ADDRESS TELEPHONE MEASUREMENT IDENTIFICATION") {
		if v := p.env("LC_" + name); v != "" {
			p.outf("LC_%s=%s\n", name, v)
		} else {
			p.outf("LC_%s=\"%s\"\n", name, orName(p.env("LC_ALL"), orName(lang, "POSIX")))
		}
	}
	p.outf("LC_ALL=%s\n", p.env("LC_ALL"))
	return 0
}

// cmdService is service and systemctl, which have no init system in a container.
func cmdService(_ context.Context, p *Process) int {
	if baseName(p.Args[0]) == "systemctl" {
		if len(p.Args) > 1 && (p.Args[1] == "enable" || p.Args[1] == "disable" || p.Args[1] == "mask") {
			return 0
		}
		p.errf("System has not been booted with systemd as init system (PID 1). Can't operate.\nFailed to connect to bus: Host is down\n")
		return 1
	}
	if len(p.Args) < 2 {
		p.errf("Usage: service < option > | --status-all | [ service_name [ command | --full-restart ] ]\n")
		return 1
	}
	if !p.exists("/etc/init.d/" + p.Args[1]) {
		p.errf("%s: unrecognized service\n", p.Args[1])
		return 1
	}
	return p.cannot(p.Args)
}

func cmdMountpoint(_ context.Context, p *Process) int {
	names := operands(p.Args[1:])
	if len(names) == 0 {
		return p.usage()
	}
	at := path.Clean(p.abs(names[0]))
	quiet := slices.Contains(p.Args, "-q")
	is := at == "/" || slices.ContainsFunc(p.k.mounts, func(m Mounted) bool { return m.Path == at })
	switch {
	case !p.exists(names[0]):
		if !quiet {
			p.errf("mountpoint: %s: No such file or directory\n", names[0])
		}
	case quiet:
	case is:
		p.outf("%s is a mountpoint\n", names[0])
	default:
		p.outf("%s is not a mountpoint\n", names[0])
	}
	return boolStatus(is)
}

func cmdRunParts(ctx context.Context, p *Process) int {
	names := operands(p.Args[1:])
	if len(names) == 0 {
		return p.missing("missing operand")
	}
	list, err := p.readDir(names[0])
	if err != nil {
		return p.say("failed to open directory %s: %s", names[0], why(err))
	}
	for _, e := range list {
		file := names[0] + "/" + e.Name
		if e.Stat.IsDir() || p.access(file, 1) != nil || strings.ContainsAny(e.Name, ".~") {
			continue
		}
		if slices.Contains(p.Args, "--test") {
			p.outf("%s\n", file)
			continue
		}
		if status := p.call(ctx, []string{file}); status != 0 {
			return p.say("%s exited with return code %d", file, status)
		}
	}
	return 0
}

func cmdHostid(_ context.Context, p *Process) int { p.outf("007f0101\n"); return 0 }

func cmdStty(_ context.Context, p *Process) int {
	return p.say("'standard input': Inappropriate ioctl for device")
}

// cmdLsbRelease is lsb_release, from /etc/os-release.
func cmdLsbRelease(ctx context.Context, p *Process) int {
	o, ok := p.getopt("icdrsav", "id=i", "codename=c", "description=d", "release=r", "short=s", "all=a")
	if !ok {
		return 1
	}
	text, err := p.readAll(ctx, "/etc/os-release")
	if err != nil {
		return p.say("/etc/os-release: %s", why(err))
	}
	values := map[string]string{}
	for line := range strings.Lines(text) {
		k, v, _ := strings.Cut(strings.TrimSpace(line), "=")
		values[k] = strings.Trim(v, `"`)
	}
	id := values["ID"]
	if id != "" {
		id = strings.ToUpper(id[:1]) + id[1:]
	}
	for _, row := range [][3]string{{"i", "Distributor ID", id}, {"d", "Description", values["PRETTY_NAME"]}, {"r", "Release", values["VERSION_ID"]}, {"c", "Codename", values["VERSION_CODENAME"]}} {
		switch {
		case !o.has(row[0], "a"):
		case o.has("s"):
			p.outf("%s\n", row[2])
		default:
			p.outf("%s:\t%s\n", row[1], row[2])
		}
	}
	return 0
}

// cmdCrontab is crontab FILE: the table goes into the spool.
func cmdCrontab(ctx context.Context, p *Process) int {
	names := operands(p.Args[1:])
	const spool = "/var/spool/cron/crontabs"
	if len(names) == 0 && slices.Contains(p.Args, "-l") {
		text, err := p.readAll(ctx, spool+"/root")
		if err != nil {
			p.errf("no crontab for root\n")
			return 1
		}
		p.outf("%s", text)
		return 0
	}
	if len(names) == 0 {
		return p.cannot(p.Args)
	}
	lines, status := p.lines(ctx, names[:1], '\n')
	if status != 0 {
		return status
	}
	p.mkdirAll(spool, false)
	return p.write(ctx, spool+"/root", strings.Join(lines, "\n")+"\n", 0o600)
}

func cmdSetcap(_ context.Context, p *Process) int {
	for _, name := range p.Args[min(2, len(p.Args)):] {
		if !p.exists(name) {
			p.errf("Failed to set capabilities on file '%s': No such file or directory\n", name)
			return 1
		}
	}
	p.errf("%ssetcap does nothing here: capabilities of files are not modelled by this command.\n", aside)
	return 0
}
