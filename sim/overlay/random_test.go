package overlay_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// randomScript is up to some forty operations on a handful of names, three
// directories deep, over one to four layers.
func randomScript(seed uint64) []string {
	r := rand.New(rand.NewPCG(seed, 7))
	names := []string{"a", "b", "c", "d", "e", "f"}[:2+r.IntN(5)]
	path := func() string {
		var p strings.Builder
		for range 1 + r.IntN(3) {
			p.WriteString("/" + names[r.IntN(len(names))])
		}
		if r.IntN(40) == 0 {
			p.WriteString([]string{"/", "/.", "/.."}[r.IntN(3)])
		}
		return p.String()
	}
	pick := func(s ...string) string { return s[r.IntN(len(s))] }
	mode := func() string {
		return pick("755", "700", "644", "600", "4755", "2775", "1777", "2755", "6711", "000", "750")
	}
	id := func() string { return pick("0", "1", "5", "-1") }
	var script []string
	for range 15 + r.IntN(30) {
		as := ""
		if r.IntN(10) == 0 {
			script = append(script, pick("fopen h1 "+path()+" rw", "fopen h1 "+path()+" r", "fopen h2 "+path()+" w,append,creat",
				"fopen h2 "+path()+" rw,creat,trunc", "fread h1", "fwrite h1 abc", "fwrite h2 "+path(), "fread h2", "fclose h1"))
			continue
		}
		if r.IntN(8) == 0 {
			as = "as " + pick("1:1", "5:1", "1:5") + " "
		}
		script = append(script, as+randomOp(r, path, pick, mode, id))
		if r.IntN(14) == 0 {
			script = append(script, "rotate")
		}
	}
	return script
}

func randomOp(r *rand.Rand, path func() string, pick func(...string) string, mode, id func() string) string {
	data := pick("x", "yy", "<100*z>", "hello")
	switch r.IntN(34) {
	case 0, 1, 2, 3, 4:
		return "mkdir " + path() + " " + mode()
	case 5, 6, 7, 8:
		return "write " + path() + " " + data
	case 9:
		return "append " + path() + " " + data
	case 10:
		return fmt.Sprintf("pwrite %s %d %s", path(), r.IntN(50), data)
	case 11, 12:
		return "open " + path() + " " + pick("r", "w", "rw", "r,trunc", "w,creat,excl", "rw,creat", "r,creat", "r,nofollow", "w,nofollow,creat", "r,dir", "w,trunc") + " " + mode()
	case 13, 14:
		return "unlink " + path()
	case 15:
		return "rmdir " + path()
	case 16, 17:
		return "rmtree " + path()
	case 18, 19, 20, 21:
		return "rename " + path() + " " + path()
	case 22:
		return pick("noreplace ", "exchange ", "exchange ") + path() + " " + path()
	case 23, 24:
		return "link " + path() + " " + path()
	case 25:
		return "symlink " + pick(path(), path()[1:], "..", ".", "../"+path()[1:], "/") + " " + path()
	case 26:
		return "chmod " + path() + " " + mode()
	case 27:
		return pick("chown ", "lchown ") + path() + " " + id() + " " + id()
	case 28, 29:
		return fmt.Sprintf("utimes %s %d", path(), r.IntN(90_000))
	case 30:
		return fmt.Sprintf("truncate %s %d", path(), r.IntN(60))
	case 31:
		return "mknod " + path() + pick(" p 644", " c 600 1 3", " c 600 0 0", " s 600", " b 600 250 9", " f 4755")
	case 32:
		return pick("setxattr "+path()+" user.k "+data, "rmxattr "+path()+" user.k")
	}
	return pick("stat ", "lstat ", "readlink ", "readdir ", "read ", "access ") + path() + " " + pick("1", "2", "4", "6", "0")
}
