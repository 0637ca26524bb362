package shell

import (
	"errors"
	"io/fs"
	"syscall"
)

// errnoText is strerror(3) as the C library of Linux has it. Go's own texts
// differ in case, and on js/wasm the numbers differ too.
var errnoText = map[syscall.Errno]string{
	syscall.EPERM:        "Operation not permitted",
	syscall.ENOENT:       "No such file or directory",
	syscall.EIO:          "Input/output error",
	syscall.EBADF:        "Bad file descriptor",
	syscall.EACCES:       "Permission denied",
	syscall.EBUSY:        "Device or resource busy",
	syscall.EEXIST:       "File exists",
	syscall.EXDEV:        "Invalid cross-device link",
	syscall.ENODEV:       "No such device",
	syscall.ENOTDIR:      "Not a directory",
	syscall.EISDIR:       "Is a directory",
	syscall.EINVAL:       "Invalid argument",
	syscall.EMFILE:       "Too many open files",
	syscall.ENOTTY:       "Inappropriate ioctl for device",
	syscall.EFBIG:        "File too large",
	syscall.ENOSPC:       "No space left on device",
	syscall.ESPIPE:       "Illegal seek",
	syscall.EROFS:        "Read-only file system",
	syscall.EMLINK:       "Too many links",
	syscall.EPIPE:        "Broken pipe",
	syscall.ENAMETOOLONG: "File name too long",
	syscall.ENOSYS:       "Function not implemented",
	syscall.ENOTEMPTY:    "Directory not empty",
	syscall.ELOOP:        "Too many levels of symbolic links",
	syscall.ENODATA:      "No data available",
	syscall.EOPNOTSUPP:   "Operation not supported",
	syscall.ENXIO:        "No such device or address",
	syscall.ENOEXEC:      "Exec format error",
	syscall.ESTALE:       "Stale file handle",
}

// errnoOf is the error number inside err, or EIO.
func errnoOf(err error) syscall.Errno {
	var no syscall.Errno
	switch {
	case errors.As(err, &no):
		return no
	case errors.Is(err, fs.ErrNotExist):
		return syscall.ENOENT
	case errors.Is(err, fs.ErrExist):
		return syscall.EEXIST
	case errors.Is(err, fs.ErrPermission):
		return syscall.EACCES
	}
	return syscall.EIO
}

// why is what a program prints for err: the C library's words for an error
// number, the error's own for all else.
func why(err error) string {
	var no syscall.Errno
	if !errors.As(err, &no) {
		if text, ok := errnoText[errnoOf(err)]; ok && errnoOf(err) != syscall.EIO {
			return text
		}
		return err.Error()
	}
	if text, ok := errnoText[no]; ok {
		return text
	}
	return no.Error()
}
