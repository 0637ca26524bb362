package fsops

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/layerlab/layerlab/sim/tree"
)

func decimal(n int) string { return strconv.Itoa(n) }

const (
	layerNumbers = "layers are numbered from 0, the lowest; the upper directory has the highest number"
	treeAnswer   = "`entries`: each `path`, `type`, `mode`, `perm`, `uid`, `gid`, `nlink`, `size`, `mtime`, `mtime_nsec`, and where there is one `target`, `major` and `minor`, `xattrs`"
)

var serviceOps = []Operation{
	{Name: "help", Answer: "`operations`: each `op`, `group`, `fields` (each `name`, `kind`, `required`, `default`), `answer`, `notes`", run: opHelp},
	{Name: "rotate", Notes: "The upper directory becomes the topmost lower layer and a new one is begun, as a commit does. Closes every descriptor; the working directory is `/` again.", run: opRotate},
	{Name: "remount", Fields: []Field{may("readonly", kBool, "as it is now")}, Notes: "The mount is taken down and up again with the same layers, writable or not: what a process had in its caches is gone. Closes every descriptor.", run: opRemount},
	{Name: "drop_caches", Notes: "Nothing depends on caches: what changes is nothing. Here so that a suite need not leave it out.", run: func(*call) error { return nil }},
	{Name: "reset", Notes: "Everything is as at the start: layers, an empty upper directory, no descriptors, user, umask and clock.", run: opReset},
	{Name: "sleep", Fields: []Field{need("seconds", kCount), may("nanoseconds", kCount, "0")}, Notes: "The file system's clock goes on by so much; nobody waits for it.", run: opSleep},
	{Name: "clock", Answer: "`sec`, `nsec`: the time of this operation", run: opClock},
	{Name: "events", Answer: "`events`: what the last operation of the file system did, see below", run: opEvents},
	{Name: "layers", Answer: "`layers`, lowest first: each `layer` (its number), `name`, `upper`, `names` (how many), `notes` (what is odd about its tar)", run: opLayers},
	{Name: "provenance", Fields: []Field{fPath}, Answer: "`layer`: the topmost layer that has the path, `name`: that layer's, `upper`, `merged`: whether several layers add to the directory", Notes: "Symbolic links are not followed; " + layerNumbers + ".", run: opProvenance},
	{Name: "xray", Fields: []Field{fPath}, Answer: "`versions`, topmost first, one for each layer: `layer`, `name` (the layer's), `state` (absent, wins, hidden, marker, merged), `by` and `cause` where it is hidden or a marker, `type`, `size`, `opaque` where the layer has it, `dead` (bytes stored and not seen)", Notes: "Symbolic links are not followed.", run: opXRay},
	{Name: "dump", Fields: []Field{may("path", kPath, "/"), may("data", kBool, "false")}, Answer: treeAnswer + ", `sha256` (of files up to 16 MiB)", Notes: "The merged tree below `path`, as root sees it, sorted bytewise. With `data`, `data` or `data_base64` of files up to 64 KiB.", run: opDump},
	{Name: "upper", Answer: treeAnswer + ", `whiteout`, `opaque`", Notes: "The upper directory as the kernel stores it: a whiteout is a character device 0:0, an opaque directory has the attribute trusted.overlay.opaque.", run: opUpper},
	{Name: "changes", Answer: "`changes`: each `kind` (`A`, `C` or `D`) and `path`, as docker diff prints them", run: opChanges},
	{Name: "tar", Fields: []Field{may("file", kPath, "nothing is written")}, Answer: "`diff_id`, `size`, `entries` (each `name`, `type`, `perm`, `size`, `linkname` of a link), `file`", Notes: "The layer tar that ships the upper directory, byte for byte as BuildKit writes it. With `file` it is written there, on the machine's own disk.", run: opTar},
}

func opHelp(c *call) error {
	var list []*obj
	for _, o := range Operations {
		h := &obj{}
		h.set("op", o.Name)
		h.set("group", o.Group)
		fields := []*obj{}
		for _, f := range o.Fields {
			d := &obj{}
			d.set("name", f.Name)
			d.set("kind", f.Kind)
			d.set("required", f.Required)
			if f.Default != "" {
				d.set("default", f.Default)
			}
			fields = append(fields, d)
		}
		h.set("fields", fields)
		h.set("answer", o.Answer)
		h.set("notes", o.Notes)
		list = append(list, h)
	}
	c.out.set("operations", list)
	return nil
}

func opRotate(c *call) error {
	c.s.fds.closeAll()
	return c.sys.Rotate()
}

func opRemount(c *call) error {
	now, err := c.sys.Statfs("/")
	if err != nil {
		return err
	}
	c.s.fds.closeAll()
	if !c.has("readonly") {
		return c.sys.Remount(now.ReadOnly)
	}
	return c.sys.Remount(c.flag("readonly"))
}

func opReset(c *call) error {
	c.s.fds.closeAll()
	c.s.user = User{Umask: 0o022}
	return c.sys.Reset()
}

func opSleep(c *call) error {
	sec, nsec := c.num("seconds", 0), c.num("nanoseconds", 0)
	const most = 1 << 33
	if sec > most || nsec >= 1e9 {
		return bad("seconds", "at most %d, and nanoseconds at most 999999999", int64(most))
	}
	c.sys.Sleep(tree.Time{Sec: sec, Nsec: int32(nsec)})
	return nil
}

// The fields of an object of a tree, for dump and upper.
func (o *obj) object(p string, s Stat, target string) {
	o.text("path", p)
	o.set("type", typeName(s.Mode))
	o.set("mode", s.Mode)
	o.set("perm", octal(s.Mode&tree.PermMask))
	o.set("uid", s.UID)
	o.set("gid", s.GID)
	o.set("nlink", s.Nlink)
	o.set("size", s.Size)
	o.time("mtime", s.Mtime)
	switch s.Mode & tree.TypeMask {
	case tree.Symlink:
		o.text("target", target)
	case tree.CharDevice, tree.BlockDevice:
		o.set("major", s.Major)
		o.set("minor", s.Minor)
	}
}

// attrs is extended attributes as an object by name.
func attrs(x map[string]string, names []string) *obj {
	o := &obj{}
	for _, n := range names {
		o.text(n, x[n])
	}
	return o
}

const (
	hashLimit = 16 << 20 // bytes of a file that dump hashes
	dataLimit = 64 << 10 // bytes of a file that dump shows
)

func opDump(c *call) error {
	c.asRoot()
	p := c.str("path")
	if p == "" {
		p = "/"
	}
	var list []*obj
	err := dump(c, p, &list)
	c.out.set("entries", list)
	return err
}

func dump(c *call, p string, out *[]*obj) error {
	st, err := c.sys.Fstatat(atCwd, p, atNoFollow)
	if err != nil {
		return err
	}
	o := &obj{}
	*out = append(*out, o)
	target := ""
	if st.Mode&tree.TypeMask == tree.Symlink {
		if target, err = c.sys.Readlinkat(atCwd, p); err != nil {
			return err
		}
	}
	o.object(p, st, target)
	if err := dumpAttrs(c, p, o); err != nil {
		return err
	}
	switch st.Mode & tree.TypeMask {
	case tree.Regular:
		return dumpData(c, p, st, o)
	case tree.Directory:
		list, err := names(c.sys, p)
		if err != nil {
			return err
		}
		for _, e := range list {
			if err := dump(c, strings.TrimSuffix(p, "/")+"/"+e.Name, out); err != nil {
				return err
			}
		}
	}
	return nil
}

func dumpAttrs(c *call, p string, o *obj) error {
	names, err := c.sys.Listxattr(Attrs{Path: p})
	if err != nil || len(names) == 0 {
		return err
	}
	x := map[string]string{}
	for _, n := range names {
		if x[n], err = c.sys.Getxattr(Attrs{Path: p}, n); err != nil {
			return err
		}
	}
	o.set("xattrs", attrs(x, names))
	return nil
}

func dumpData(c *call, p string, st Stat, o *obj) error {
	if st.Size > hashLimit {
		return nil
	}
	h, err := c.sys.Open(atCwd, p, 0, 0)
	if err != nil {
		return err
	}
	defer c.sys.Close(h)
	hash := sha256.New()
	buf := make([]byte, 64<<10)
	var data []byte
	for {
		n, err := c.sys.Read(h, buf)
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
		if st.Size <= dataLimit {
			data = append(data, buf[:n]...)
		}
		hash.Write(buf[:n])
	}
	o.set("sha256", hex.EncodeToString(hash.Sum(nil)))
	if c.flag("data") && st.Size <= dataLimit {
		o.text("data", string(data))
	}
	return nil
}

func opUpper(c *call) error {
	list, err := c.sys.Upper()
	out := []*obj{}
	for _, s := range list {
		o := &obj{}
		o.object(s.Path, s.Stat, s.Target)
		if len(s.Xattrs) > 0 {
			o.set("xattrs", attrs(s.Xattrs, sortedKeys(s.Xattrs)))
		}
		o.set("whiteout", s.Stat.Mode&tree.TypeMask == tree.CharDevice && s.Stat.Major == 0 && s.Stat.Minor == 0)
		o.set("opaque", s.Xattrs[opaqueXattr] == "y")
		out = append(out, o)
	}
	c.out.set("entries", out)
	return err
}
