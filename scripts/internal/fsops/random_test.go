package fsops

import (
	"encoding/json"
	"math/rand/v2"
)

var (
	randomPaths = []string{
		"/", "/bin/su", "/bin/wall", "/dir", "/dir/a", "/dir/b", "/dir/c", "/dir/new", "/dir/sub", "/dir/sub/x", "/dir/sub/y", "/empty", "/empty/n",
		"/gone", "/hard1", "/hard2", "/home", "/home/note", "/home/suid", "/home/new", "/link", "/linkdir", "/linkdir/a", "/loop", "/null", "/pipe",
		"/tmp", "/tmp/root", "/tmp/user", "/tmp/n", "/shared", "/shared/n", "/shared/d", "/new", "/new/f", "dir/a", "a", "b", "sub/y", "../dir", ".", "..",
		"/dir/", "/dir/.", "/dir/sub/..", "/new/", "/dir/a/", "/nothing/here", "",
	}
	randomUsers = []map[string]any{
		nil, nil, nil, {"uid": 1000, "gid": 1000}, {"uid": 1000, "gid": 1000, "groups": []int{100}}, {"uid": 2000, "gid": 100}, {"umask": "0077"},
	}
	randomModes = []string{"0755", "0644", "0600", "0000", "0777", "1777", "2755", "4755", "6711", "0640"}
	randomFlags = []string{
		"O_RDONLY", "O_RDONLY", "O_WRONLY", "O_RDWR", "O_RDWR|O_CREAT", "O_RDWR|O_CREAT|O_EXCL", "O_WRONLY|O_TRUNC", "O_WRONLY|O_CREAT|O_TRUNC", "O_WRONLY|O_APPEND",
		"O_RDONLY|O_DIRECTORY", "O_RDONLY|O_DIRECTORY", "O_RDONLY|O_NOFOLLOW", "O_PATH", "O_PATH|O_NOFOLLOW", "O_RDONLY|O_NONBLOCK", "O_RDONLY|O_TRUNC", "O_RDWR|O_TMPFILE",
	}
	randomXattrs = []string{"user.k", "user.z", "security.s", "trusted.t", "nonsense", "user."}
)

// randomScript is n requests that a suite could make, most of which succeed.
func randomScript(r *rand.Rand, n int) []string {
	g := generator{r}
	var out []string
	for len(out) < n {
		m := g.request()
		for k, v := range pick(r, randomUsers) {
			m[k] = v
		}
		b, err := json.Marshal(m)
		if err != nil {
			panic(err)
		}
		out = append(out, string(b))
	}
	return out
}

type generator struct{ r *rand.Rand }

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

func (g generator) path() string { return pick(g.r, randomPaths) }
func (g generator) fd() int      { return 3 + g.r.IntN(6) }

// dirfd is a descriptor for one request in four.
func (g generator) dirfd(m map[string]any, name string) map[string]any {
	if g.r.IntN(4) == 0 {
		m[name] = g.fd()
	}
	return m
}

func (g generator) flags(m map[string]any, some ...any) map[string]any {
	if g.r.IntN(3) == 0 {
		m["flags"] = pick(g.r, some)
	}
	return m
}

func (g generator) time(m map[string]any) map[string]any {
	times := []any{"UTIME_NOW", "UTIME_OMIT", 77, []int{500, 999}, map[string]int{"sec": 12345678, "nsec": 5}, []int{1, 1000000000}}
	for _, f := range []string{"atime", "mtime"} {
		if g.r.IntN(3) > 0 {
			m[f] = pick(g.r, times)
		}
	}
	return m
}

func (g generator) request() map[string]any {
	switch g.r.IntN(5) {
	case 0:
		return g.names()
	case 1:
		return g.attributes()
	case 2:
		return g.opening()
	case 3:
		return g.descriptor()
	}
	return g.looking()
}

func (g generator) names() map[string]any {
	r := g.r
	switch r.IntN(12) {
	case 0, 1:
		return g.dirfd(map[string]any{"op": "mkdirat", "path": g.path(), "mode": pick(r, randomModes)}, "dirfd")
	case 2:
		return map[string]any{"op": "rmdir", "path": g.path()}
	case 3:
		return map[string]any{"op": "unlink", "path": g.path()}
	case 4:
		return g.flags(g.dirfd(map[string]any{"op": "unlinkat", "path": g.path()}, "dirfd"), "AT_REMOVEDIR", 1)
	case 5:
		return g.dirfd(map[string]any{"op": "symlinkat", "target": g.path() + "x", "path": g.path()}, "dirfd")
	case 6, 7:
		m := g.dirfd(g.dirfd(map[string]any{"op": "linkat", "path": g.path(), "to": g.path()}, "dirfd"), "todirfd")
		return g.flags(m, "AT_SYMLINK_FOLLOW", 1)
	case 8, 9:
		m := g.dirfd(g.dirfd(map[string]any{"op": "renameat2", "path": g.path(), "to": g.path()}, "dirfd"), "todirfd")
		return g.flags(m, "RENAME_NOREPLACE", "RENAME_EXCHANGE", 3, 8)
	case 10:
		return map[string]any{"op": "mknod", "path": g.path(), "mode": pick(r, randomModes), "type": pick(r, []string{"S_IFIFO", "S_IFREG", "S_IFSOCK", "S_IFCHR", "S_IFDIR"}), "major": 1, "minor": 3}
	}
	return map[string]any{"op": pick(r, []string{"bind", "connect", "mkfifo"}), "path": g.path()}
}

func (g generator) attributes() map[string]any {
	r := g.r
	switch r.IntN(9) {
	case 0, 1:
		return g.flags(g.dirfd(map[string]any{"op": "fchmodat", "path": g.path(), "mode": pick(r, randomModes)}, "dirfd"), "AT_SYMLINK_NOFOLLOW", "AT_EMPTY_PATH")
	case 2, 3:
		m := map[string]any{"op": "fchownat", "path": g.path(), "owner": pick(r, []int{-1, 0, 1000}), "group": pick(r, []int{-1, 0, 100, 1000})}
		return g.flags(g.dirfd(m, "dirfd"), "AT_SYMLINK_NOFOLLOW", "AT_EMPTY_PATH", "AT_REMOVEDIR")
	case 4, 5:
		return g.time(g.flags(g.dirfd(map[string]any{"op": "utimensat", "path": g.path()}, "dirfd"), "AT_SYMLINK_NOFOLLOW", "AT_EMPTY_PATH"))
	case 6:
		return map[string]any{"op": "truncate", "path": g.path(), "length": pick(r, []int64{0, 3, 5000, -1, 1 << 62})}
	case 7:
		return g.flags(map[string]any{"op": pick(r, []string{"setxattr", "lsetxattr"}), "path": g.path(), "name": pick(r, randomXattrs), "value": "w"}, 1, 2, 4)
	}
	return map[string]any{"op": pick(r, []string{"removexattr", "lremovexattr"}), "path": g.path(), "name": pick(r, randomXattrs)}
}

func (g generator) opening() map[string]any {
	r := g.r
	switch r.IntN(8) {
	case 0, 1, 2, 3, 4:
		return g.dirfd(map[string]any{"op": "openat", "path": g.path(), "flags": pick(r, randomFlags), "mode": pick(r, randomModes)}, "dirfd")
	case 5, 6:
		return map[string]any{"op": "close", "fd": g.fd()}
	}
	if r.IntN(10) == 0 {
		return map[string]any{"op": pick(r, []string{"rotate", "remount", "remount"}), "events": false}
	}
	return map[string]any{"op": "dup2", "fd": g.fd(), "to": g.fd()}
}

func (g generator) descriptor() map[string]any {
	r := g.r
	m := map[string]any{"fd": g.fd()}
	set := func(op string, kv ...any) map[string]any {
		m["op"] = op
		for i := 0; i < len(kv); i += 2 {
			m[kv[i].(string)] = kv[i+1]
		}
		return m
	}
	switch r.IntN(16) {
	case 0, 1:
		return set("read", "count", pick(r, []int{0, 1, 4, 100}))
	case 2:
		return set("pread", "count", 10, "offset", pick(r, []int{0, 2, 9000, -1}))
	case 3, 4, 5:
		return set("write", "data", pick(r, []string{"", "hello", "überall"}))
	case 6:
		return set("pwrite", "data", "there", "offset", pick(r, []int64{0, 3, 7000, -5}))
	case 7:
		return set("lseek", "offset", pick(r, []int{0, 0, -1}), "whence", 2*r.IntN(2)) // a directory's other positions mean nothing
	case 8:
		return set("ftruncate", "length", pick(r, []int64{0, 2, 6000, -1, 1 << 62}))
	case 9:
		return set("fchmod", "mode", pick(r, randomModes))
	case 10:
		return set("fchown", "owner", pick(r, []int{-1, 1000}), "group", pick(r, []int{-1, 100}))
	case 11:
		return g.time(set("futimens"))
	case 12:
		return set("getdents")
	case 13:
		return set(pick(r, []string{"fsync", "fchdir", "fdatasync"}))
	case 14:
		return set("fsetxattr", "name", pick(r, randomXattrs), "value", "by fd")
	}
	return set("fallocate", "mode", pick(r, []any{0, 1, 3, 2, "FALLOC_FL_INSERT_RANGE"}), "offset", pick(r, []int{0, 100, -1}), "length", pick(r, []int{0, 200, 5000}))
}

func (g generator) looking() map[string]any {
	r := g.r
	m := map[string]any{"path": g.path()}
	switch r.IntN(9) {
	case 0, 1:
		m["op"] = "fstatat"
		return g.flags(g.dirfd(m, "dirfd"), "AT_SYMLINK_NOFOLLOW", "AT_EMPTY_PATH", 1)
	case 2:
		m["op"] = "readdir"
	case 3:
		m["op"], m["mode"] = "faccessat", r.IntN(9)
		return g.flags(g.dirfd(m, "dirfd"), "AT_EACCESS", "AT_SYMLINK_NOFOLLOW", "AT_EMPTY_PATH")
	case 4:
		m["op"] = "readlinkat"
		return g.dirfd(m, "dirfd")
	case 5:
		m["op"], m["name"] = pick(r, []string{"getxattr", "lgetxattr"}), pick(r, randomXattrs)
	case 6:
		m["op"] = pick(r, []string{"listxattr", "llistxattr", "statfs"})
	case 7:
		if r.IntN(2) == 0 {
			return map[string]any{"op": "getcwd"}
		}
		m["op"] = "chdir"
	default:
		return map[string]any{"op": "fstat", "fd": g.fd()}
	}
	return m
}
