package overlay_test

import (
	"fmt"
	"os"
	"strings"

	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// operations is the calls that begin with a path.
var operations map[string]func(r *runner, a args) (string, error)

func init() {
	operations = map[string]func(r *runner, a args) (string, error){
		"mkdir": func(r *runner, a args) (string, error) { return "", r.s.mkdir(a[0], a.oct(1)) },
		"mknod": func(r *runner, a args) (string, error) { // PATH f|p|s|c|b MODE MAJOR MINOR
			kind := map[string]uint32{"c": tree.CharDevice, "b": tree.BlockDevice, "p": tree.FIFO, "s": tree.Socket, "f": tree.Regular}
			return "", r.s.mknod(a[0], kind[a[1]]|a.oct(2), uint32(a.num(3)), uint32(a.num(4)))
		},
		"symlink":   func(r *runner, a args) (string, error) { return "", r.s.symlink(a[0], a[1]) },
		"link":      func(r *runner, a args) (string, error) { return "", r.s.link(a[0], a[1]) },
		"unlink":    func(r *runner, a args) (string, error) { return "", r.s.unlink(a[0]) },
		"rmdir":     func(r *runner, a args) (string, error) { return "", r.s.rmdir(a[0]) },
		"rmtree":    func(r *runner, a args) (string, error) { return "", r.rmtree(a[0]) },
		"rename":    func(r *runner, a args) (string, error) { return "", r.s.rename(a[0], a[1], 0) },
		"noreplace": func(r *runner, a args) (string, error) { return "", r.s.rename(a[0], a[1], overlay.RenameNoReplace) },
		"exchange":  func(r *runner, a args) (string, error) { return "", r.s.rename(a[0], a[1], overlay.RenameExchange) },
		"chmod":     func(r *runner, a args) (string, error) { return "", r.s.chmod(a[0], a.oct(1)) },
		"chown": func(r *runner, a args) (string, error) {
			return "", r.s.chown(a[0], int(a.num(1)), int(a.num(2)), true)
		},
		"lchown": func(r *runner, a args) (string, error) {
			return "", r.s.chown(a[0], int(a.num(1)), int(a.num(2)), false)
		},
		"utimes": func(r *runner, a args) (string, error) { return "", r.s.utimens(a[0], a.time(1), a.time(1), true) },
		"utimens": func(r *runner, a args) (string, error) { // PATH ATIME MTIME
			return "", r.s.utimens(a[0], a.time(1), a.time(2), true)
		},
		"lutimens": func(r *runner, a args) (string, error) {
			return "", r.s.utimens(a[0], a.time(1), a.time(2), false)
		},
		"truncate":  func(r *runner, a args) (string, error) { return "", r.s.truncate(a[0], a.num(1)) },
		"access":    func(r *runner, a args) (string, error) { return "", r.s.access(a[0], uint32(a.num(1))) },
		"stat":      func(r *runner, a args) (string, error) { return r.stat(a[0], true) },
		"lstat":     func(r *runner, a args) (string, error) { return r.stat(a[0], false) },
		"readlink":  func(r *runner, a args) (string, error) { return r.s.readlink(a[0]) },
		"readdir":   func(r *runner, a args) (string, error) { return words(r.s.readdir(a[0])) },
		"getxattr":  func(r *runner, a args) (string, error) { return text(r.s.getxattr(a[0], a[1], true)) },
		"lgetxattr": func(r *runner, a args) (string, error) { return text(r.s.getxattr(a[0], a[1], false)) },
		"listxattr": func(r *runner, a args) (string, error) { return words(r.s.listxattr(a[0], true)) },
		"setxattr": func(r *runner, a args) (string, error) { // PATH NAME VALUE [create|replace]
			return "", r.s.setxattr(a[0], a[1], &a[2], a.xattrFlags(3), true)
		},
		"lsetxattr": func(r *runner, a args) (string, error) {
			return "", r.s.setxattr(a[0], a[1], &a[2], a.xattrFlags(3), false)
		},
		"rmxattr":  func(r *runner, a args) (string, error) { return "", r.s.setxattr(a[0], a[1], nil, 0, true) },
		"lrmxattr": func(r *runner, a args) (string, error) { return "", r.s.setxattr(a[0], a[1], nil, 0, false) },
		"statfs": func(r *runner, a args) (string, error) {
			s, err := r.s.statfs()
			return fmt.Sprintf("type %x, blocks of %d, names of %d, read-only %v, free no more than all %v", s.Type, s.BlockSize, s.NameMax, s.ReadOnly,
				s.Avail <= s.Free && s.Free <= s.Blocks && s.FreeFiles <= s.MaxFiles), err
		},
		"read": func(r *runner, a args) (string, error) { return r.slurp(a[0]) },
		"write": func(r *runner, a args) (string, error) {
			return "", r.write(a[0], os.O_WRONLY|os.O_CREATE|os.O_TRUNC, a[1], -1)
		},
		"append": func(r *runner, a args) (string, error) {
			return "", r.write(a[0], os.O_WRONLY|os.O_APPEND, a[1], -1)
		},
		"pwrite": func(r *runner, a args) (string, error) { return "", r.write(a[0], os.O_WRONLY, a[2], a.num(1)) },
		"open": func(r *runner, a args) (string, error) { // PATH FLAGS MODE
			h, err := r.s.open(a[0], a.flags(1), a.oct(2))
			if err == nil {
				err = h.close()
			}
			return "", err
		},
		"fopen": func(r *runner, a args) (string, error) { // HANDLE PATH FLAGS [MODE]: kept open
			perm := a.oct(3)
			if a[3] == "" {
				perm = 0o666
			}
			h, err := r.s.open(a[1], a.flags(2), perm)
			if err == nil {
				if old := r.fds[a[0]]; old != nil {
					old.close()
				}
				r.fds[a[0]] = h
			}
			return "", err
		},
	}
}

// handleOperations is the calls that begin with an open file.
var handleOperations = map[string]func(r *runner, h handle, a args) (string, error){
	"fclose": func(r *runner, h handle, a args) (string, error) {
		for name, old := range r.fds {
			if old == h {
				delete(r.fds, name)
			}
		}
		return "", h.close()
	},
	"fread":     func(r *runner, h handle, a args) (string, error) { return text(h.read(1 << 16)) },
	"freadn":    func(r *runner, h handle, a args) (string, error) { return text(h.read(int(a.num(0)))) },
	"fwrite":    func(r *runner, h handle, a args) (string, error) { return "", h.write(a[0], -1) },
	"fpread":    func(r *runner, h handle, a args) (string, error) { return text(h.pread(int(a.num(0)), a.num(1))) },
	"fpwrite":   func(r *runner, h handle, a args) (string, error) { return "", h.write(a[1], a.num(0)) },
	"ftruncate": func(r *runner, h handle, a args) (string, error) { return "", h.truncate(a.num(0)) },
	"lseek": func(r *runner, h handle, a args) (string, error) {
		n, err := h.seek(a.num(0), int(a.num(1)))
		return fmt.Sprint(n), err
	},
	"fchmod": func(r *runner, h handle, a args) (string, error) { return "", h.chmod(a.oct(0)) },
	"fchown": func(r *runner, h handle, a args) (string, error) {
		return "", h.chown(int(a.num(0)), int(a.num(1)))
	},
	"futimens":  func(r *runner, h handle, a args) (string, error) { return "", h.utimens(a.time(0), a.time(1)) },
	"fgetxattr": func(r *runner, h handle, a args) (string, error) { return text(h.getxattr(a[0])) },
	"flistxattr": func(r *runner, h handle, a args) (string, error) {
		return words(h.listxattr())
	},
	"fsetxattr": func(r *runner, h handle, a args) (string, error) {
		return "", h.setxattr(a[0], &a[1], a.xattrFlags(2))
	},
	"frmxattr": func(r *runner, h handle, a args) (string, error) { return "", h.setxattr(a[0], nil, 0) },
	"fstat": func(r *runner, h handle, a args) (string, error) {
		st, err := h.stat()
		if err != nil {
			return "", err
		}
		return r.show(st), nil
	},
	"freaddir": func(r *runner, h handle, a args) (string, error) { return words(h.readdir()) },
	"fsync":    func(r *runner, h handle, a args) (string, error) { return "", h.sync() },
}

func words(list []string, err error) (string, error) { return strings.Join(list, " "), err }

func text(s string, err error) (string, error) { return printable(s), err }

func (r *runner) stat(p string, follow bool) (string, error) {
	st, err := r.s.stat(p, follow)
	if err != nil {
		return "", err
	}
	return r.show(st), nil
}

func (r *runner) write(p string, flags int, data string, off int64) error {
	h, err := r.s.open(p, flags, 0o666)
	if err != nil {
		return err
	}
	defer h.close()
	return h.write(data, off)
}

func (r *runner) slurp(p string) (string, error) {
	h, err := r.s.open(p, os.O_RDONLY, 0)
	if err != nil {
		return "", err
	}
	defer h.close()
	return h.read(1 << 16)
}

func (r *runner) rmtree(p string) error {
	st, err := r.s.stat(p, false)
	if err != nil {
		return err
	}
	if !st.IsDir() {
		return r.s.unlink(p)
	}
	names, err := r.s.readdir(p)
	for _, n := range names {
		if err := r.rmtree(p + "/" + n); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	return r.s.rmdir(p)
}
