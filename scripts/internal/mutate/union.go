package mutate

// Union is rules of the union mount (Documentation/filesystems/overlayfs.rst) and
// of the layer that is made of it.
var Union = []Mutation{
	{
		"mkdir over a whiteout makes an opaque directory", "sim/overlay/create.go",
		"n.Opaque = n.IsDir() && d.white", "n.Opaque = false",
		"TestCases/remove/5_rm_-r,_mkdir",
	}, {
		"a copy-up keeps the modification time", "sim/overlay/copyup.go",
		"Mode: n.Mode, UID: n.UID, GID: n.GID, MTime: n.MTime,", "Mode: n.Mode, UID: n.UID, GID: n.GID, MTime: m.o.Now(),",
		"TestCases/copyup/28_a_chmod",
	}, {
		"a copy-up keeps extended attributes", "sim/overlay/copyup.go",
		"Body: body, Xattrs: n.Xattrs,", "Body: body,",
		"TestCases/copyup/38_extended",
	}, {
		"a copy-up breaks hard links", "sim/overlay/copyup.go",
		"if n.IsDir() || links < 2 {", "if n.IsDir() || links > 0 {",
		"TestCases/links/21_copy-up",
	}, {
		"open for reading with O_TRUNC copies up", "sim/overlay/open.go",
		"writing := flags&(os.O_WRONLY|os.O_RDWR|os.O_TRUNC) != 0", "writing := flags&(os.O_WRONLY|os.O_RDWR) != 0",
		"TestCases/copyup/19_O_TRUNC",
	}, {
		"an open lower file shows the copy", "sim/overlay/copyup.go",
		"if f.path == d.path() {", "if f.path == \"\" {",
		"TestCases/copyup/a_file_opened_before",
	}, {
		"removing what a lower layer has leaves a whiteout", "sim/overlay/remove.go",
		"	if len(low) == 0 {", "	if len(low) >= 0 {",
		"TestCases/remove/1_rm",
	}, {
		"removing what only the upper has leaves none", "sim/overlay/remove.go",
		"m.emit(Removed{Path: d.path()})", "m.upper.Add(dir, d.name, tree.Whiteout(m.o.Now()))",
		"TestCases/remove/3_what",
	}, {
		"rmdir wants an empty merged view", "sim/overlay/remove.go",
		"if !v.m.empty(d.refs) {", "if !v.m.empty(d.refs[:1]) {",
		"TestCases/remove/30b_rmdir",
	}, {
		"rename of a lower or merged directory is EXDEV", "sim/overlay/rename.go",
		"if r.an.IsDir() && !m.pureUpper(r.a) {", "if r.an.IsDir() && r.a.refs[0].layer != m.top() {",
		"TestCases/rename/a_merged_directory",
	}, {
		"rename of a lower file leaves a whiteout", "sim/overlay/rename.go",
		"	if len(low) > 0 {\n		m.whiteout(from, r.a, low)\n	}\n", "",
		"TestCases/rename/8_mv",
	}, {
		"a directory moved into a merged one becomes opaque", "sim/overlay/rename.go",
		"if !d.parent.merged() || m.upper.Inode(i).Opaque {", "if d.parent != nil {",
		"TestCases/rename/11_rename",
	}, {
		"rename of one name of an inode onto another does nothing", "sim/overlay/rename.go",
		"if same(a, b) || r.bn != nil && a.refs[0] == b.refs[0] && a.refs[0].layer == v.m.top() {", "if same(a, b) {",
		"TestCases/rename/25b",
	}, {
		"an opaque directory hides what is below", "sim/overlay/dentry.go",
		"		found = append(found, ref{r.layer, i})\n		if n.Opaque {", "		found = append(found, ref{r.layer, i})\n		if n.Opaque && n == nil {",
		"TestCases/layers/40_an_opaque",
	}, {
		"a whiteout ends a lookup", "sim/overlay/dentry.go",
		"				whiteout = ref{r.layer, i}\n			}\n			break\n", "				whiteout = ref{r.layer, i}\n			}\n			continue\n",
		"TestCases/layers/39_mkdir",
	}, {
		"a merged directory has one link", "sim/overlay/attr.go",
		"	if len(refs) > 1 {\n		s.Nlink = 1\n	}\n", "",
		"TestCases/copyup/27_a_merged",
	}, {
		"device 0:0 cannot be made", "sim/overlay/create.go",
		"if n.IsWhiteout() || !v.c.root() {", "if !v.c.root() {",
		"TestCases/paths/29_device",
	}, {
		"a sticky directory protects others' files", "sim/overlay/cred.go",
		"case dir.Mode&tree.Sticky != 0 && !c.owns(dir) && !c.owns(n):", "case false:",
		"TestCases/permission/a_sticky",
	}, {
		"a write by others than root drops set-uid", "sim/overlay/cred.go",
		"		n.Mode = c.withoutSetID(n)\n	}\n	dropCapability(n)", "	}\n	dropCapability(n)",
		"TestCases/copyup/36b",
	}, {
		"a new file in a set-gid directory has its group", "sim/overlay/create.go",
		"		n.GID = up.GID\n", "",
		"TestCases/permission/50",
	}, {
		"forty symbolic links are followed, not one more", "sim/overlay/path.go",
		"maxLinks = 40", "maxLinks = 41",
		"TestCases/links/forty",
	}, {
		"a layer tells by whiteouts what an opaque directory hides", "sim/overlay/changeset.go",
		"if there && (whole || n.Opaque) {", "if false && whole {",
		"TestChangeset/92_rm_-rf",
	}, {
		"a layer leaves out what was copied up and not changed", "sim/overlay/changeset.go",
		"changed := len(was) == 0 || !sameDirent(s.m.wasInode(was), n)", "changed := len(was) == 0 || sameDirent(s.m.wasInode(was), n) || n != nil",
		"TestChangeset/opened_for_writing",
	}, {
		"the change time changes with the mode", "sim/overlay/times.go",
		"	if err == nil {\n		s.c = m.o.Now()\n", "	if err == nil {\n",
		"TestRandomRecorded",
	},
}
