package shell

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// device is the st_dev that stat and ls show: one overlay, one number.
const device = 0x2a

func cmdStat(_ context.Context, p *Process) int {
	o, ok := p.getopt("Lc:ft", "dereference=L", "format:=c", "printf:=P", "file-system=f", "terse=t")
	if !ok {
		return 1
	}
	if len(o.args) == 0 {
		return p.missing("missing operand")
	}
	n := p.ownerNames()
	status := 0
	for _, name := range o.args {
		get := p.lstat
		if o.has("L") {
			get = p.stat
		}
		st, err := get(name)
		if err != nil {
			status = 1
			if p.busybox {
				p.say("can't stat '%s': %s", name, why(err))
			} else {
				p.say("cannot statx %s: %s", quoted(name), why(err))
			}
			continue
		}
		if f, ok := o.get("P"); ok {
			f, _ = unescape(f, false)
			p.outf("%s", p.statFormat(f, name, st, n))
			continue
		}
		if f, ok := o.get("c"); ok {
			p.outf("%s\n", p.statFormat(f, name, st, n))
			continue
		}
		p.statLong(name, st, n)
	}
	return status
}

func typeName(st overlay.Stat) string {
	switch st.Type() {
	case tree.Directory:
		return "directory"
	case tree.Symlink:
		return "symbolic link"
	case tree.CharDevice:
		return "character special file"
	case tree.BlockDevice:
		return "block special file"
	case tree.FIFO:
		return "fifo"
	case tree.Socket:
		return "socket"
	}
	if st.Size == 0 {
		return "regular empty file"
	}
	return "regular file"
}

const statTime = "2006-01-02 15:04:05.000000000 -0700"

func (p *Process) statLong(name string, st overlay.Stat, n *names) {
	shown, dev := name, fmt.Sprintf("%d,%d", device>>8, device&0xff)
	if p.busybox {
		dev = fmt.Sprintf("%xh/%dd", device, device)
	}
	if st.IsSymlink() {
		if p.busybox {
			shown = "'" + name + "' -> '" + st.Target + "'"
		} else {
			shown = name + " -> " + st.Target
		}
	}
	when := st.MTime.Time().Format(statTime)
	p.outf("  File: %s\n  Size: %-10d\tBlocks: %-10d IO Block: 4096   %s\n", shown, st.Size, blocksOf(st), typeName(st))
	p.outf("Device: %s\tInode: %-10d  Links: %d", dev, st.Ino, st.Nlink)
	if p.isDevice(st) {
		p.outf("     Device type: %x,%x", st.Major, st.Minor)
	}
	p.outf("\nAccess: (%04o/%s)  Uid: (%5d/%8s)   Gid: (%5d/%8s)\n", st.Perm(), modeString(st.Mode), st.UID, n.user(st.UID), st.GID, n.group(st.GID))
	p.outf("Access: %s\nModify: %s\nChange: %s\n", when, when, when)
	if !p.busybox {
		p.outf(" Birth: -\n")
	}
}

// statFormat fills in the directives of stat -c.
func (p *Process) statFormat(format, name string, st overlay.Stat, n *names) string {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		j := i + 1
		for j < len(format) && strings.IndexByte("-+ #0123456789.", format[j]) >= 0 {
			j++
		}
		if j == len(format) {
			break
		}
		b.WriteString(fmt.Sprintf("%"+format[i+1:j]+"s", p.statField(format[j], name, st, n)))
		i = j
	}
	return b.String()
}

func (p *Process) statField(c byte, name string, st overlay.Stat, n *names) string {
	switch c {
	case '%':
		return "%"
	case 'n':
		return name
	case 'N':
		if st.IsSymlink() {
			return "'" + name + "' -> '" + st.Target + "'"
		}
		if p.busybox {
			return name
		}
		return "'" + name + "'"
	case 's':
		return strconv.FormatInt(st.Size, 10)
	case 'a':
		return octal(st.Perm())
	case 'A':
		return modeString(st.Mode)
	case 'f':
		return strconv.FormatUint(uint64(st.Mode), 16)
	case 'u':
		return strconv.Itoa(int(st.UID))
	case 'g':
		return strconv.Itoa(int(st.GID))
	case 'U':
		if _, ok := n.users[int(st.UID)]; !ok {
			return "UNKNOWN"
		}
		return n.user(st.UID)
	case 'G':
		if _, ok := n.groups[int(st.GID)]; !ok {
			return "UNKNOWN"
		}
		return n.group(st.GID)
	case 'F':
		return typeName(st)
	case 'h':
		return strconv.Itoa(int(st.Nlink))
	case 'i':
		return strconv.FormatUint(st.Ino, 10)
	case 'b':
		return strconv.FormatInt(blocksOf(st), 10)
	case 'B':
		return "512"
	case 'o':
		return "4096"
	case 'd':
		return strconv.Itoa(device)
	case 'D':
		return strconv.FormatInt(device, 16)
	case 't':
		return strconv.FormatUint(uint64(st.Major), 16)
	case 'T':
		return strconv.FormatUint(uint64(st.Minor), 16)
	case 'X', 'Y', 'Z':
		return strconv.FormatInt(st.MTime.Sec, 10)
	case 'W':
		return "0"
	case 'x', 'y', 'z':
		return st.MTime.Time().Format(statTime)
	case 'w':
		return "-"
	case 'm':
		if _, _, m := p.where(name); m != nil {
			return m.Path
		}
		return "/"
	}
	return "?"
}
