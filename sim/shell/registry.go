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
		textCommands, fileCommands, infoCommands, userCommands, runCommands,
	} {
		for name, c := range group {
			commands[name] = c
		}
	}
}

// appletList is the applets of busybox as Debian and Alpine build it: those
// that a busybox shell knows without a file.
const appletList = "[ [[ acpid adduser addgroup adjtimex ar arch arp arping ascii ash awk base64 basename bc blkdiscard blockdev brctl " +
	"bunzip2 busybox bzcat bzip2 cal cat chgrp chmod chown chroot chvt clear cmp comm cp cpio crc32 crond crontab cttyhack cut date dc dd " +
	"deluser delgroup deallocvt depmod devmem df diff dirname dmesg dnsdomainname dos2unix dpkg dpkg-deb du echo ed egrep env expand expr " +
	"factor fallocate false fatattr fdisk fgrep find findfs fold free freeramdisk fsfreeze fstrim fsync ftpget ftpput getopt getty grep groups " +
	"gunzip gzip halt hd head hexdump hostid hostname httpd hwclock id ifconfig ifdown ifup init insmod install ionice iostat ip ipcalc ipneigh " +
	"kill killall klogd last less link linux32 linux64 ln loadfont loadkmap logger login logname logread losetup ls lsmod lsof lsscsi lzcat lzma lzop " +
	"md5sum mdev microcom mim mkdir mkdosfs mke2fs mkfifo mknod mkpasswd mkswap mktemp modinfo modprobe more mount mountpoint mt mv nameif nc netstat " +
	"nice nl nohup nologin nproc nsenter nslookup nuke od openvt partprobe passwd paste patch pgrep pidof ping ping6 pivot_root pkill poweroff " +
	"printenv printf ps pwd rdate readlink realpath reboot renice reset resume rev rm rmdir rmmod route rpm rpm2cpio run-init run-parts sed seq " +
	"setkeycodes setpriv setsid sh sha1sum sha256sum sha3sum sha512sum shred shuf sleep sort split ssl_client start-stop-daemon stat strings stty " +
	"su sulogin sum svc svok swapoff swapon switch_root sync sysctl syslogd tac tail tar taskset tc tee telnet telnetd test tftp time timeout top touch tr " +
	"traceroute traceroute6 true truncate ts tty tunctl ubirename udhcpc udhcpd uevent umount uname uncompress unexpand uniq unix2dos unlink " +
	"unlzma unshare unxz unzip uptime usleep users uudecode uuencode vconfig vi w watch watchdog wc wget which who whoami xargs xxd xz xzcat yes zcat"

var appletSet = func() map[string]bool {
	set := map[string]bool{}
	for name := range strings.FieldsSeq(appletList) {
		set[name] = true
	}
	return set
}()

// isApplet reports whether a busybox has the applet name.
func isApplet(name string) bool { return appletSet[name] }
