package shell

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// baseGroups is the groups of a Debian system that the cases name.
const (
	basePasswd = "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
	baseGroups = "root:x:0:\ndaemon:x:1:\nsudo:x:27:\nwww-data:x:33:\nusers:x:100:\nnogroup:x:65534:\n"
	baseShadow = "root:*:19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\nwww-data:*:19000:0:99999:7:::\nnobody:*:19000:0:99999:7:::\n"
	baseShade  = "root:*::\ndaemon:*::\nsudo:*::\nwww-data:*::\nusers:*::\nnogroup:*::\n"
	bashrc     = "alias ll='ls -l'\n"
)

// afterwards shows what the files hold, the day of today as DAY.
const afterwards = `
echo "[$?]"; day=$(( $(date +%s) / 86400 ))
for f in passwd group shadow gshadow subuid subgid; do tail -n 3 /etc/$f | sed "s/:$day:/:DAY:/; s/^/$f: /"; done
for f in passwd group shadow gshadow subuid; do [ -e /etc/$f- ] && echo "$f- $(stat -c '%a %s' /etc/$f-)"; done
for d in /home/* /srv/*; do [ -d "$d" ] && stat -c '%A %U:%G %n' "$d" "$d"/.bashrc; done; true`

func withAccounts() (*Process, *bytes.Buffer) {
	p, out := debian()
	etc := map[string]string{"passwd": basePasswd, "group": baseGroups, "shadow": baseShadow, "gshadow": baseShade, "subuid": "", "subgid": "", "skel/.bashrc": bashrc}
	for name, text := range etc {
		p.FS.MkdirAll("/etc/skel", 0o755)
		mode := uint32(0o644)
		if strings.Contains(name, "shadow") {
			mode = 0o640
		}
		if err := p.FS.WriteFile("/etc/"+name, []byte(text), mode); err != nil {
			panic(err)
		}
	}
	p.FS.MkdirAll("/home", 0o755)
	p.FS.MkdirAll("/var/mail", 0o755)
	p.FS.Unlink("/etc/passwd-")
	return p, out
}

// TestAccounts holds the shadow utilities and adduser of Debian 12 to what the
// real ones print and write.
func TestAccounts(t *testing.T) {
	const file = "testdata/accounts.txt"
	es := examples(t, file)
	realAccounts(t, file, es)
	for _, e := range es {
		p, out := withAccounts()
		if got := run(t, p, out, e.in+afterwards); got != e.want {
			t.Errorf("%s\n--- got\n%s--- want\n%s", e.in, got, e.want)
		}
	}
}

// realAccounts asks the tools of the machine, on a copy of its root that is
// thrown away.
func realAccounts(t *testing.T, file string, es []example) {
	version, _ := exec.Command("dpkg-query", "-W", "-f", "${Version}", "adduser").Output()
	if !bytes.HasPrefix(version, []byte("3.134")) || os.Getuid() != 0 || !*record {
		t.Log("the real tools were not asked: only with -record, as root, where adduser is 3.134")
		return
	}
	for i := range es {
		dir := t.TempDir()
		texts := map[string]string{"passwd": basePasswd, "group": baseGroups, "shadow": baseShadow, "gshadow": baseShade, "subuid": "", "subgid": "", "bashrc": bashrc}
		for name, text := range texts {
			os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644)
		}
		const mount = `mount -t tmpfs t "$0"/.. && mkdir -p "$0"/../u "$0"/../w "$0"/../m && mount -t overlay o -o lowerdir=/,upperdir="$0"/../u,workdir="$0"/../w "$0"/../m && cd "$0"/../m &&
			rm -rf etc/passwd* etc/group* etc/shadow* etc/gshadow* etc/subuid* etc/subgid* etc/skel home/* home/.[a-z]* srv/* && mkdir -p etc/skel home var/mail`
		script := strings.ReplaceAll(mount, `"$0"/..`, dir+"/mnt")
		for _, name := range []string{"passwd", "group", "shadow", "gshadow", "subuid", "subgid"} {
			script += "\nprintf %s '" + texts[name] + "' > etc/" + name
		}
		script += "\nchmod 640 etc/shadow etc/gshadow; printf %s \"$1\" > etc/skel/.bashrc; exec chroot . /bin/sh -c \"$2\""
		os.Mkdir(dir+"/mnt", 0o755)
		cmd := exec.Command("unshare", "-m", "bash", "-c", script, "sh", bashrc, es[i].in+afterwards)
		cmd.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C", "TZ=UTC"}
		got, _ := cmd.CombinedOutput()
		es[i].want = shown(string(got), cmd.ProcessState.ExitCode())
	}
	writeExamples(t, file, es)
}

// TestAlpineAccounts holds the applets adduser, addgroup, deluser and delgroup.
func TestAlpineAccounts(t *testing.T) {
	for _, c := range []struct{ script, want string }{
		{"addgroup -S app && adduser -S -G app app; tail -n 1 /etc/passwd /etc/group", "==> /etc/passwd <==\napp:x:100:100:Linux User,,,:/home/app:/bin/false\n\n==> /etc/group <==\napp:x:100:app\n"},
		{"adduser -D u; tail -n 1 /etc/passwd; tail -n 1 /etc/group; stat -c '%A %U:%G' /home/u; ls /etc", "u:x:1000:1000:Linux User,,,:/home/u:/bin/sh\nu:x:1000:\ndrwxr-sr-x u:u\ngroup\ngroup-\npasswd\npasswd-\n"},
		{"adduser -D -H -u 1500 -s /bin/ash -h /srv -g x u; tail -n 1 /etc/passwd; adduser -D u; adduser -D -u 1500 v; adduser -D -G none v", "u:x:1500:1500:x:/srv:/bin/ash\nadduser: user 'u' in use\nadduser: uid '1500' in use\nadduser: unknown group none\n[exit 1]\n"},
		{"addgroup g; addgroup g; addgroup -g 1000 h; adduser -D u; addgroup u g; tail -n 2 /etc/group; delgroup g; deluser u; deluser u; delgroup root", "addgroup: group 'g' in use\naddgroup: gid '1000' in use\ng:x:1000:u\nu:x:1001:\ndeluser: unknown user u\ndelgroup: 'root' still has 'root' as their primary group!\n[exit 1]\n"},
	} {
		p, out := world()
		p.FS.MkdirAll("/home", 0o755)
		if got := run(t, p, out, c.script); got != c.want {
			t.Errorf("%s\n--- got\n%s--- want\n%s", c.script, got, c.want)
		}
	}
}
