package overlay

import (
	"errors"
	"syscall"
)

// words are the C library's for each error that a mount answers with.
var words = map[syscall.Errno]string{
	syscall.EACCES:       "Permission denied",
	syscall.EBADF:        "Bad file descriptor",
	syscall.EBUSY:        "Device or resource busy",
	syscall.EEXIST:       "File exists",
	syscall.EFBIG:        "File too large",
	syscall.EINVAL:       "Invalid argument",
	syscall.EIO:          "Input/output error",
	syscall.EISDIR:       "Is a directory",
	syscall.ELOOP:        "Too many levels of symbolic links",
	syscall.ENAMETOOLONG: "File name too long",
	syscall.ENODATA:      "No data available",
	syscall.ENOENT:       "No such file or directory",
	syscall.ENOSPC:       "No space left on device",
	syscall.ENOTDIR:      "Not a directory",
	syscall.ENOTEMPTY:    "Directory not empty",
	syscall.ENXIO:        "No such device or address",
	syscall.EOPNOTSUPP:   "Not supported",
	syscall.EPERM:        "Operation not permitted",
	syscall.ERANGE:       "Result too large",
	syscall.EROFS:        "Read-only file system",
	syscall.ESTALE:       "Stale file handle",
	syscall.EXDEV:        "Invalid cross-device link",
}

// Message is the words in which the C library, and so every command, says the
// errno in err: "No such file or directory". Other errors say what they say. (The
// words of syscall.Errno itself are not the same on every platform.)
func Message(err error) string {
	if err == nil {
		return ""
	}
	var e syscall.Errno
	if !errors.As(err, &e) {
		return err.Error()
	}
	if w, ok := words[e]; ok {
		return w
	}
	return e.Error()
}
