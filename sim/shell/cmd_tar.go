package shell

import (
	"archive/tar"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// archiver is one run of tar.
type archiver struct {
	p       *Process
	ctx     context.Context
	o       *opts
	out     output
	mode    string // c, x or t
	file    string
	verbose int
	strip   int
	exclude []string
	wanted  []string
	seen    map[string]bool
	links   map[uint64]string
	owners  *names
	status  int
	told    bool // that leading slashes are removed
}

func cmdTar(ctx context.Context, p *Process) int {
	args := slices.Clone(p.Args)
	if len(args) > 1 && args[1] != "" && args[1][0] != '-' { // tar xf FILE
		args[1] = "-" + args[1]
		if i := strings.IndexByte(args[1], 'f'); i > 0 && i < len(args[1])-1 { // tar xfz FILE
			args[1] = args[1][:i] + args[1][i+1:] + "f"
		}
	}
	o, ok := p.getoptOf(args, "cxtruf:zjJvC:pOkhmaT:X:oPS", "create=c", "extract=x", "get=x", "list=t", "file:=f", "gzip=z", "bzip2=j", "xz=J", "verbose=v", "directory:=C",
		"strip-components:=s", "strip:=s", "exclude:=e", "to-stdout=O", "keep-old-files=k", "dereference=h", "same-permissions=p", "preserve-permissions=p",
		"no-same-owner=o", "same-owner", "numeric-owner", "owner:", "group:", "mode:", "mtime:", "sort:", "touch=m", "overwrite", "files-from:=T", "absolute-names=P", "no-recursion", "version", "auto-compress=a", "zstd")
	if !ok {
		return p.tarStatus(1)
	}
	a := &archiver{p: p, ctx: ctx, o: o, out: p.out(), seen: map[string]bool{}, links: map[uint64]string{}, exclude: o.all("e")}
	defer a.out.Flush()
	a.mode = o.last("c", "x", "t")
	if a.mode == "" {
		if p.busybox {
			return p.usage()
		}
		p.say("You must specify one of the '-Acdtrux', '--delete' or '--test-label' options\nTry 'tar --help' or 'tar --usage' for more information.")
		return 2
	}
	for _, v := range o.given {
		if v.name == "v" {
			a.verbose++
		}
	}
	if n, ok := o.get("s"); ok {
		size, ok := parseSize(n)
		if !ok {
			return p.say("invalid number '%s'", n)
		}
		a.strip = int(min(size, 1000))
	}
	a.file, _ = o.get("f")
	if a.file == "" {
		a.file = "-"
	}
	a.wanted = o.args
	if name, ok := o.get("T"); ok {
		text, err := p.readAll(ctx, name)
		if err != nil {
			return p.cannotOpen(name, err)
		}
		a.wanted = append(a.wanted, splitItems(text, "\n")...)
	}
	a.owners = p.ownerNames()
	file := a.file
	if file != "-" {
		file = p.abs(file)
	}
	if dir, ok := o.get("C"); ok {
		st, err := p.stat(dir)
		if err == nil && !st.IsDir() {
			err = errNotDir
		}
		if err != nil {
			if p.busybox {
				return p.say("can't change directory to '%s': %s", dir, why(err))
			}
			p.say("%s: Cannot open: %s\ntar: Error is not recoverable: exiting now", dir, why(err))
			return 2
		}
		c := *p
		c.Dir = logical(p.Dir, dir)
		a.p = &c
	}
	if a.mode == "c" {
		return a.create(file)
	}
	return a.read(file)
}

func (p *Process) tarStatus(n int) int {
	if !p.busybox {
		return 2
	}
	return n
}

// fail says what went wrong with a name; tar goes on.
func (a *archiver) fail(name, gnu string, err error) {
	a.status = a.p.tarStatus(1)
	if a.p.busybox {
		a.out.errf("tar: %s: %s\n", name, why(err))
		return
	}
	a.out.errf("tar: %s: Cannot %s: %s\n", name, gnu, why(err))
}

func (a *archiver) end() int {
	if a.status != 0 {
		if a.p.busybox {
			a.out.errf("tar: error exit delayed from previous errors\n")
		} else {
			a.out.errf("tar: Exiting with failure status due to previous errors\n")
		}
	}
	return a.status
}

// create writes an archive. The bodies of files are not read for it when the
// archive is a plain file: it is made of them.
func (a *archiver) create(file string) int {
	if len(a.wanted) == 0 {
		if a.p.busybox {
			return a.p.usage()
		}
		a.p.say("Cowardly refusing to create an empty archive\nTry 'tar --help' or 'tar --usage' for more information.")
		return 2
	}
	rope := &ropeWriter{}
	for _, name := range a.wanted {
		a.p.walk(a.ctx, name, true, func(at string, st overlay.Stat) error {
			if a.excluded(at) {
				return errExcluded
			}
			return a.add(rope, at, st)
		}, func(name string, err error) {
			if !errors.Is(err, errExcluded) {
				a.fail(name, "stat", err)
			}
		})
	}
	body := rope.finish()
	if err := a.store(file, body); err != nil {
		if a.p.busybox {
			return a.p.say("can't open '%s': %s", a.file, why(err))
		}
		a.p.say("%s: Cannot open: %s\ntar: Error is not recoverable: exiting now", a.file, why(err))
		return 2
	}
	return a.end()
}

var errExcluded = errors.New("excluded")

func (a *archiver) excluded(name string) bool {
	name = strings.TrimPrefix(name, "./")
	for _, pat := range a.exclude {
		for n := name; ; {
			if glob(strings.TrimSuffix(strings.TrimPrefix(pat, "./"), "/"), n) {
				return true
			}
			_, rest, ok := strings.Cut(n, "/")
			if !ok {
				break
			}
			n = rest
		}
	}
	return false
}

func (a *archiver) store(file string, body content.Body) error {
	gz := a.o.has("z") || a.o.has("a") && (strings.HasSuffix(file, "gz"))
	if file != "-" && !gz {
		if _, n := a.p.devFd(file); n < 0 {
			return a.p.setBody(file, body, nil)
		}
	}
	d := a.p.fd(1)
	if file != "-" {
		var err error
		if d, err = a.p.open(a.ctx, file, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666); err != nil {
			return err
		}
		defer d.release()
	}
	r, err := body.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	if !gz {
		_, err = io.Copy(struct{ io.Writer }{d}, r)
		return err
	}
	w := gzip.NewWriter(d)
	if _, err = io.Copy(w, r); err == nil {
		err = w.Close()
	}
	return err
}

// ropeWriter gathers an archive as bodies.
type ropeWriter struct {
	parts []content.Body
	buf   bytes.Buffer
}

func (r *ropeWriter) header(h *tar.Header) error {
	if err := tar.NewWriter(&r.buf).WriteHeader(h); err != nil {
		return err
	}
	return nil
}

func (r *ropeWriter) body(b content.Body) {
	r.parts = append(r.parts, content.Bytes(bytes.Clone(r.buf.Bytes())), b, content.Zero(-b.Size()&511))
	r.buf.Reset()
}

func (r *ropeWriter) finish() content.Body {
	end := (20 - (r.size()/512+2)%20) % 20 // whole records of 10,240 bytes
	r.buf.Write(make([]byte, (2+end)*512))
	return content.Concat(append(r.parts, content.Bytes(r.buf.Bytes()))...)
}

func (r *ropeWriter) size() int64 {
	n := int64(r.buf.Len())
	for _, p := range r.parts {
		n += p.Size()
	}
	return n
}

func (a *archiver) add(w *ropeWriter, name string, st overlay.Stat) error {
	if st.IsSymlink() && a.o.has("h") {
		to, err := a.p.stat(name)
		if err != nil {
			return err
		}
		st = to
	}
	stored := strings.TrimLeft(name, "/")
	if stored != name && !a.told && !a.o.has("P") {
		a.told = true
		if a.p.busybox {
			a.out.errf("tar: removing leading '/' from member names\n")
		} else {
			a.out.errf("tar: Removing leading `/' from member names\n")
		}
	}
	h, err := tar.FileInfoHeader(st.FileInfo(), st.Target)
	if err != nil {
		return err
	}
	h.Name = stored
	h.Uid, h.Gid = int(st.UID), int(st.GID)
	h.Uname, h.Gname = a.owners.users[h.Uid], a.owners.groups[h.Gid]
	h.ModTime = st.MTime.Time().Truncate(1e9)
	h.Format = tar.FormatGNU
	h.Devmajor, h.Devminor = int64(st.Major), int64(st.Minor)
	if st.IsDir() {
		h.Name = strings.TrimRight(stored, "/") + "/"
		h.Size = 0
	}
	if st.IsRegular() && st.Nlink > 1 {
		if first, ok := a.links[st.Ino]; ok {
			h.Typeflag, h.Linkname, h.Size = tar.TypeLink, first, 0
		} else {
			a.links[st.Ino] = h.Name
		}
	}
	var body content.Body
	if h.Typeflag == tar.TypeReg {
		if body, err = a.p.body(name); err != nil {
			return err
		}
		h.Size = body.Size()
	}
	if err := w.header(h); err != nil {
		return err
	}
	if body != nil && body.Size() > 0 {
		w.body(body)
	}
	if a.verbose > 0 {
		if a.file == "-" {
			a.out.errf("%s\n", h.Name)
		} else {
			a.out.printf("%s\n", h.Name)
		}
	}
	return nil
}

// source is the archive as a body, or as a stream when it comes from a pipe or
// is compressed.
func (a *archiver) source(file string) (io.Reader, content.Body, error) {
	if file == "-" {
		return a.decode(a.p.in(a.ctx))
	}
	st, err := a.p.stat(file)
	if err != nil {
		return nil, nil, err
	}
	if !st.IsRegular() {
		d, err := a.p.open(a.ctx, file, os.O_RDONLY, 0)
		if err != nil {
			return nil, nil, err
		}
		return a.decode(d)
	}
	body, err := a.p.body(file)
	if err != nil {
		return nil, nil, err
	}
	head := make([]byte, min(6, body.Size()))
	if n, _ := content.ReadAt(body, head, 0); n == len(head) && packed(head) == "" && !a.o.has("z", "j", "J") {
		return io.NewSectionReader(readerAt{body}, 0, body.Size()), body, nil
	}
	r, err := body.Open()
	if err != nil {
		return nil, nil, err
	}
	return a.decode(r)
}

// readerAt reads a body at any offset.
type readerAt struct{ b content.Body }

func (r readerAt) ReadAt(p []byte, off int64) (int, error) { return content.ReadAt(r.b, p, off) }

// packed is how a file is compressed, by its first bytes.
func packed(head []byte) string {
	for magic, name := range map[string]string{"\x1f\x8b": "gzip", "BZh": "bzip2", "\xfd7zXZ\x00": "xz", "\x28\xb5\x2f\xfd": "zstd"} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return name
		}
	}
	return ""
}

func (a *archiver) decode(r io.Reader) (io.Reader, content.Body, error) {
	br := newPeeker(r)
	head := br.peek(6)
	kind := packed(head)
	if kind == "" && a.o.has("z") {
		return nil, nil, errNotGzip
	}
	switch kind {
	case "gzip":
		z, err := gzip.NewReader(br)
		return z, nil, err
	case "bzip2":
		return bzip2.NewReader(br), nil, nil
	case "xz", "zstd":
		return nil, nil, errors.New(kind + " is not available in the simulator's tar")
	}
	return br, nil, nil
}

var errNotGzip = errors.New("not in gzip format")

func (a *archiver) read(file string) int {
	r, body, err := a.source(file)
	if err != nil {
		if a.p.busybox {
			if errors.Is(err, errNotGzip) {
				return a.p.say("invalid magic")
			}
			return a.p.say("can't open '%s': %s", a.file, why(err))
		}
		a.p.say("%s: Cannot open: %s\ntar: Error is not recoverable: exiting now", a.file, why(err))
		return 2
	}
	tr := tar.NewReader(r)
	n := 0
	for {
		a.p.k.turn(a.ctx)
		h, err := tr.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			a.status = a.p.tarStatus(1)
			switch {
			case a.p.busybox && errors.Is(err, tar.ErrHeader) && n == 0:
				return a.p.say("invalid tar magic")
			case a.p.busybox:
				return a.p.say("short read")
			case n == 0:
				a.out.errf("tar: This does not look like a tar archive\ntar: Skipping to next header\n")
			default:
				a.out.errf("tar: Unexpected EOF in archive\n")
			}
			return a.end()
		}
		n++
		if !a.selects(h.Name) {
			continue
		}
		if a.mode == "t" {
			a.list(h)
			continue
		}
		if a.verbose > 0 {
			a.list(h)
		}
		var data content.Body
		if s, ok := r.(*io.SectionReader); ok && body != nil && h.Typeflag == tar.TypeReg && h.Size > 4096 && h.PAXRecords["GNU.sparse.major"] == "" {
			if at, err := s.Seek(0, io.SeekCurrent); err == nil && at+h.Size <= body.Size() {
				data = content.Slice(body, at, h.Size)
			}
		}
		a.extract(h, tr, data)
	}
	if file == "-" {
		io.Copy(io.Discard, r)
	}
	for _, w := range a.wanted {
		if !a.seen[w] {
			a.status = a.p.tarStatus(1)
			if a.p.busybox {
				return a.p.say("%s: not found in archive", w)
			}
			a.out.errf("tar: %s: Not found in archive\n", w)
		}
	}
	return a.end()
}

func (a *archiver) selects(name string) bool {
	if a.excluded(strings.TrimSuffix(name, "/")) {
		return false
	}
	if len(a.wanted) == 0 {
		return true
	}
	for _, w := range a.wanted {
		c := strings.TrimSuffix(w, "/")
		n := strings.TrimSuffix(name, "/")
		if n == c || strings.HasPrefix(n, c+"/") || strings.ContainsAny(c, "*?[") && glob(c, n) {
			a.seen[w] = true
			return true
		}
	}
	return false
}

func (a *archiver) list(h *tar.Header) {
	name := h.Name
	if h.Typeflag == tar.TypeDir && !strings.HasSuffix(name, "/") {
		name += "/"
	}
	if a.mode == "x" && a.o.has("O") && a.verbose > 0 {
		return
	}
	if a.mode == "t" && a.verbose == 0 || a.mode == "x" && a.verbose < 2 {
		a.out.printf("%s\n", name)
		return
	}
	st := overlay.Stat{Mode: uint32(h.Mode)&tree.PermMask | typeOfFlag(h.Typeflag)}
	mode := modeString(st.Mode)
	owner := orName(h.Uname, itoa(h.Uid)) + "/" + orName(h.Gname, itoa(h.Gid))
	link := ""
	switch h.Typeflag {
	case tar.TypeSymlink:
		link = " -> " + h.Linkname
	case tar.TypeLink:
		link = " -> " + h.Linkname
		if !a.p.busybox {
			mode = "h" + mode[1:]
			link = " link to " + h.Linkname
		}
	}
	when := h.ModTime.UTC().Format("2006-01-02 15:04")
	if a.p.busybox {
		when = h.ModTime.UTC().Format("2006-01-02 15:04:05")
		a.out.printf("%s %s %9d %s %s%s\n", mode, owner, h.Size, when, name, link)
		return
	}
	size := itoa64(h.Size)
	pad := max(0, 19-len(owner)-1-len(size))
	a.out.printf("%s %s %s%s %s %s%s\n", mode, owner, strings.Repeat(" ", pad), size, when, name, link)
}

func typeOfFlag(f byte) uint32 {
	switch f {
	case tar.TypeDir:
		return tree.Directory
	case tar.TypeSymlink:
		return tree.Symlink
	case tar.TypeChar:
		return tree.CharDevice
	case tar.TypeBlock:
		return tree.BlockDevice
	case tar.TypeFifo:
		return tree.FIFO
	}
	return tree.Regular
}

// target is the name that an entry is extracted to, "" for none.
func (a *archiver) target(name string) string {
	name = strings.TrimLeft(name, "/")
	for part := range strings.SplitSeq(name, "/") {
		if part == ".." {
			a.out.errf("tar: name with '..' skipped: '%s'\n", name)
			return ""
		}
	}
	name = path.Clean(name)
	for range a.strip {
		_, rest, ok := strings.Cut(name, "/")
		if !ok {
			return ""
		}
		name = rest
	}
	return name
}

func (a *archiver) extract(h *tar.Header, r io.Reader, data content.Body) {
	if a.o.has("O") {
		if h.Typeflag == tar.TypeReg {
			io.Copy(struct{ io.Writer }{a.out.Writer}, r)
		}
		return
	}
	name := a.target(h.Name)
	if name == "" || name == "." {
		return
	}
	p := a.p
	if dir := path.Dir(name); dir != "." {
		if err := p.mkdirAll(dir, false); err != nil {
			a.fail(h.Name, "open", err)
			return
		}
	}
	mode := uint32(h.Mode) & tree.PermMask
	if cred := p.FS.Cred(); cred.UID != 0 && !a.o.has("p") {
		mode &^= cred.Umask
	}
	old, oldErr := p.lstat(name)
	if oldErr == nil && !(old.IsDir() && h.Typeflag == tar.TypeDir) {
		if a.o.has("k") {
			a.fail(h.Name, "open", os.ErrExist)
			return
		}
		if !old.IsDir() {
			p.unlink(name)
		}
	}
	var err error
	switch h.Typeflag {
	case tar.TypeDir:
		if oldErr != nil {
			err = p.mkdir(name, mode)
		}
	case tar.TypeSymlink:
		err = p.symlink(h.Linkname, name)
	case tar.TypeLink:
		to := a.target(h.Linkname)
		if err = p.link(to, name); err != nil {
			a.status = p.tarStatus(1)
			if p.busybox {
				a.out.errf("tar: can't create hardlink '%s' to '%s': %s\n", name, to, why(err))
			} else {
				a.out.errf("tar: %s: Cannot hard link to '%s': %s\n", name, to, why(err))
			}
		}
		return
	case tar.TypeChar, tar.TypeBlock, tar.TypeFifo:
		err = p.mknod(name, typeOfFlag(h.Typeflag)|mode, uint32(h.Devmajor), uint32(h.Devminor))
	case tar.TypeReg:
		err = a.writeFile(name, r, data)
	default:
		return
	}
	if err != nil {
		a.fail(h.Name, "open", err)
		return
	}
	a.dress(name, h, mode)
}

func (a *archiver) writeFile(name string, r io.Reader, data content.Body) error {
	if data != nil {
		return a.p.setBody(name, data, nil)
	}
	d, err := a.p.open(a.ctx, name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer d.release()
	_, err = io.Copy(struct{ io.Writer }{d}, &turning{a.p, a.ctx, r})
	return err
}

// turning counts a turn at each read.
type turning struct {
	p   *Process
	ctx context.Context
	r   io.Reader
}

func (t *turning) Read(b []byte) (int, error) {
	t.p.k.turn(t.ctx)
	return t.r.Read(b)
}

// dress gives an extracted name its owner, mode and time.
func (a *archiver) dress(name string, h *tar.Header, mode uint32) {
	p := a.p
	link := h.Typeflag == tar.TypeSymlink
	if p.FS.Cred().UID == 0 && !a.o.has("o", "no-same-owner") {
		uid, gid := h.Uid, h.Gid
		if !a.o.has("numeric-owner") {
			if id, ok := p.userByName(h.Uname); ok {
				uid = id.uid
			}
			for _, g := range p.groups() {
				if g.name == h.Gname {
					gid = g.gid
				}
			}
		}
		p.chown(name, uid, gid, false)
	}
	if !link {
		p.chmod(name, mode)
	}
	if !a.o.has("m") {
		p.utimes(name, tree.TimeOf(h.ModTime), false)
	}
}
