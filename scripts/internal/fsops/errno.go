package fsops

import (
	"errors"
	"syscall"
)

// An Errno is an error of Linux: its name, the number it has there on every
// processor but a few old ones, and the words of the C library for it.
type Errno struct {
	Name    string
	Code    int
	Message string
	value   syscall.Errno
}

// Errnos is every error that an operation can answer, by number.
var Errnos = []Errno{
	{"EPERM", 1, "Operation not permitted", syscall.EPERM},
	{"ENOENT", 2, "No such file or directory", syscall.ENOENT},
	{"EINTR", 4, "Interrupted system call", syscall.EINTR},
	{"EIO", 5, "Input/output error", syscall.EIO},
	{"ENXIO", 6, "No such device or address", syscall.ENXIO},
	{"E2BIG", 7, "Argument list too long", syscall.E2BIG},
	{"EBADF", 9, "Bad file descriptor", syscall.EBADF},
	{"EAGAIN", 11, "Resource temporarily unavailable", syscall.EAGAIN},
	{"ENOMEM", 12, "Cannot allocate memory", syscall.ENOMEM},
	{"EACCES", 13, "Permission denied", syscall.EACCES},
	{"EFAULT", 14, "Bad address", syscall.EFAULT},
	{"EBUSY", 16, "Device or resource busy", syscall.EBUSY},
	{"EEXIST", 17, "File exists", syscall.EEXIST},
	{"EXDEV", 18, "Invalid cross-device link", syscall.EXDEV},
	{"ENODEV", 19, "No such device", syscall.ENODEV},
	{"ENOTDIR", 20, "Not a directory", syscall.ENOTDIR},
	{"EISDIR", 21, "Is a directory", syscall.EISDIR},
	{"EINVAL", 22, "Invalid argument", syscall.EINVAL},
	{"EMFILE", 24, "Too many open files", syscall.EMFILE},
	{"ENOTTY", 25, "Inappropriate ioctl for device", syscall.ENOTTY},
	{"ETXTBSY", 26, "Text file busy", syscall.ETXTBSY},
	{"EFBIG", 27, "File too large", syscall.EFBIG},
	{"ENOSPC", 28, "No space left on device", syscall.ENOSPC},
	{"ESPIPE", 29, "Illegal seek", syscall.ESPIPE},
	{"EROFS", 30, "Read-only file system", syscall.EROFS},
	{"EMLINK", 31, "Too many links", syscall.EMLINK},
	{"EPIPE", 32, "Broken pipe", syscall.EPIPE},
	{"ERANGE", 34, "Numerical result out of range", syscall.ERANGE},
	{"ENAMETOOLONG", 36, "File name too long", syscall.ENAMETOOLONG},
	{"ENOSYS", 38, "Function not implemented", syscall.ENOSYS},
	{"ENOTEMPTY", 39, "Directory not empty", syscall.ENOTEMPTY},
	{"ELOOP", 40, "Too many levels of symbolic links", syscall.ELOOP},
	{"ENODATA", 61, "No data available", syscall.ENODATA},
	{"EOVERFLOW", 75, "Value too large for defined data type", syscall.EOVERFLOW},
	{"EOPNOTSUPP", 95, "Operation not supported", syscall.EOPNOTSUPP},
	{"EADDRINUSE", 98, "Address already in use", syscall.EADDRINUSE},
	{"ECONNREFUSED", 111, "Connection refused", syscall.ECONNREFUSED},
	{"ESTALE", 116, "Stale file handle", syscall.ESTALE},
	{"EDQUOT", 122, "Disk quota exceeded", syscall.EDQUOT},
}

// errnoOf is the errno in err. An error that has none is EIO, whose message is
// then what the error says.
func errnoOf(err error) Errno {
	var e syscall.Errno
	if errors.As(err, &e) {
		for _, known := range Errnos {
			if known.value == e {
				return known
			}
		}
		return Errno{Name: "E" + e.Error(), Code: int(e), Message: e.Error()}
	}
	for _, known := range Errnos {
		if known.value == syscall.EIO {
			known.Message += ": " + err.Error()
			return known
		}
	}
	return Errno{}
}
