package shell

import "strings"

// commands is every command by each of its names.
var commands map[string]Command

func init() {
	commands = map[string]Command{
		"sh": cmdSh, "ash": cmdSh, "dash": cmdSh, "bash": cmdSh,
		"test": cmdTest, "[": cmdTest, "[[": cmdTest,
	}
	for _, group := range []map[string]Command{
		textCommands, fileCommands, infoCommands, userCommands, runCommands, aptCommands,
	} {
		for name, c := range group {
			commands[name] = c
		}
	}
}

// standaloneList is the applets of busybox as Debian builds it: those that its
// shell knows without a file.
const standaloneList = "[ [[ acpid adjtimex ar arch arp arping ascii ash awk base64 basename bc blkdiscard blockdev brctl bunzip2 busybox bzcat bzip2 " +
	"cal cat chgrp chmod chown chroot chvt clear cmp cp cpio crc32 crond crontab cttyhack cut date dc dd deallocvt depmod devmem df " +
	"diff dirname dmesg dnsdomainname dos2unix dpkg dpkg-deb du dumpkmap dumpleases echo ed egrep env expand expr factor fallocate " +
	"false fatattr fdisk fgrep find findfs fold free freeramdisk fsfreeze fstrim ftpget ftpput getopt getty grep groups gunzip gzip " +
	"halt head hexdump hostid hostname httpd hwclock i2cdetect i2cdump i2cget i2cset i2ctransfer id ifconfig ifdown ifup init " +
	"insmod ionice ip ipcalc ipneigh kill killall klogd last less link linux32 linux64 linuxrc ln loadfont loadkmap logger login " +
	"logname logread losetup ls lsmod lsscsi lzcat lzma lzop md5sum mdev microcom mim mkdir mkdosfs mke2fs mkfifo mknod mkpasswd " +
	"mkswap mktemp modinfo modprobe more mount mt mv nameif nc netstat nl nologin nproc nsenter nslookup nuke od openvt partprobe " +
	"passwd paste patch pidof ping ping6 pivot_root poweroff printf ps pwd rdate readlink realpath reboot renice reset resume rev " +
	"rm rmdir rmmod route rpm rpm2cpio run-init run-parts sed seq setkeycodes setpriv setsid sh sha1sum sha256sum sha3sum sha512sum " +
	"shred shuf sleep sort ssl_client start-stop-daemon stat strings stty su sulogin svc svok swapoff swapon switch_root sync " +
	"sysctl syslogd tac tail tar taskset tc tee telnet telnetd test tftp time timeout top touch tr traceroute traceroute6 true " +
	"truncate ts tty tunctl ubirename udhcpc udhcpd uevent umount uname uncompress unexpand uniq unix2dos unlink unlzma unshare " +
	"unxz unzip uptime usleep uudecode uuencode vconfig vi w watch watchdog wc wget which who whoami xargs xxd xz xzcat yes zcat"

// moreApplets are those that other builds have beside them: Alpine's, or the
// busybox project's.
const moreApplets = "adduser addgroup comm deluser delgroup fsync hd install iostat lsof mountpoint nice nohup pgrep pkill printenv split sum users"

// appletList is every applet of any busybox.
const appletList = standaloneList + " " + moreApplets

// accountApplets are those that Debian leaves out of its busybox and the image
// busybox has: Dockerfiles make their users with them.
const accountApplets = "addgroup adduser delgroup deluser"

var appletSet, standaloneSet = setOf(appletList), setOf(standaloneList + " " + accountApplets)

func setOf(words string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}

// isApplet reports whether a busybox has the applet name.
func isApplet(name string) bool { return appletSet[name] }
