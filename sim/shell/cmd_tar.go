package shell

import (
	"archive/tar"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/xi2/xz"

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

	toldLink bool // the same of hard links

	dressHeader func(*tar.Header) // what options put in place of a file's own
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
		"no-same-owner=o", "same-owner", "numeric-owner", "owner:", "group:", "mode:", "mtime:", "sort:", "touch=m", "overwrite", "files-from:=T", "absolute-names=P", "no-recursion", "version", "auto-compress=a", "zstd", "wildcards", "no-wildcards", "warning:", "anchored", "no-anchored", "no-same-permissions", "keep-directory-symlink", "no-overwrite-dir", "ignore-failed-read", "totals", "checkpoint:", "format:", "xattrs", "acls", "selinux", "no-xattrs", "posix", "one-file-system", "skip-old-files=k", "no-acls", "no-selinux", "null", "verbatim-files-from", "exclude-vcs", "delay-directory-restore", "sparse=S")
	if !ok {
		if p.busybox {
			return 1
		}
		return 64 // EX_USAGE, as argp has it
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
	if a.p.busybox && kind == "" && a.o.has("z") {
		return nil, nil, errNotGzip
	}
	plain := false // an archive that tar -cJ or -cj made here, where neither packs
	if kind == "" && !a.o.has("z") {
		start := br.peek(262)
		plain = len(start) == 262 && string(start[257:]) == "ustar"
	}
	if err := a.wrongPacker(kind, len(head)); err != nil && !(plain && !errors.Is(err, errNoPacker)) {
		return nil, nil, err
	}
	switch kind {
	case "gzip":
		z, err := gzip.NewReader(br)
		return z, nil, err
	case "bzip2":
		return bzip2.NewReader(br), nil, nil
	case "xz":
		z, err := xz.NewReader(br, xz.DefaultDictMax)
		return z, nil, err
	case "zstd":
		return nil, nil, errors.New(kind + " is not available in the simulator's tar")
	}
	return br, nil, nil
}

// packers are the options that name the program that unpacks.
var packers = map[string]string{"z": "gzip", "j": "bzip2", "J": "xz", "zstd": "zstd"}

// A packerError is what GNU tar's child printed when it could not unpack.
type packerError struct {
	text   string
	absent bool // the program is not there
}

var errNoPacker = errors.New("no program to unpack")

// Is reports whether target is errNoPacker and this is an error of its kind.
func (e *packerError) Is(target error) bool { return e.absent && target == errNoPacker }

func (e *packerError) Error() string { return strings.TrimSpace(e.text) }

// wrongPacker says what GNU tar's child does to an archive of the kind, the first
// n bytes of which are there, when an option names another program.
func (a *archiver) wrongPacker(kind string, n int) error {
	named := packers[a.o.last("z", "j", "J", "zstd")]
	if a.p.busybox {
		return nil
	}
	if program := orName(named, kind); program != "" && !a.p.Host {
		if _, err := a.p.lookPath(program); err != nil {
			return &packerError{absent: true, text: fmt.Sprintf("tar (child): %s: Cannot exec: %s\ntar (child): Error is not recoverable: exiting now\ntar: Child returned status 2\ntar: Error is not recoverable: exiting now\n", program, why(err))}
		}
	}
	if named == "" || named == kind {
		return nil
	}
	status, text := 1, ""
	switch named {
	case "gzip":
		text = "\ngzip: stdin: not in gzip format\n"
		if n == 0 {
			text = "\ngzip: stdin: unexpected end of file\n"
		}
	case "bzip2":
		status, text = 2, "bzip2: (stdin) is not a bzip2 file.\n"
	case "xz":
		text = "xz: (stdin): File format not recognized\n"
	case "zstd":
		text = "zstd: /*stdin*\\: unsupported format \n"
	}
	return &packerError{text: fmt.Sprintf("%star: Child returned status %d\ntar: Error is not recoverable: exiting now\n", text, status)}
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
		var child *packerError
		switch {
		case errors.As(err, &child):
			a.out.Flush()
			a.p.errf("%s", child.text)
		case a.o.has("z", "j", "J", "zstd"):
			a.p.errf("tar (child): %s: Cannot open: %s\ntar (child): Error is not recoverable: exiting now\ntar: Child returned status 2\ntar: Error is not recoverable: exiting now\n",
				a.file, why(err))
		default:
			a.p.say("%s: Cannot open: %s\ntar: Error is not recoverable: exiting now", a.file, why(err))
		}
		return 2
	}
	counted := &counter{r: r}
	if body == nil {
		r = counted
	}
	tr := tar.NewReader(r)
	n := 0
	for {
		a.p.k.turn(a.ctx)
		h, err := tr.Next()
		if err == io.EOF && (n > 0 || body == nil && counted.n > 0 || body != nil && body.Size() > 0) {
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
				a.out.errf("tar: This does not look like a tar archive\n")
				if errors.Is(err, tar.ErrHeader) {
					a.out.errf("tar: Skipping to next header\n")
				}
			default:
				a.out.errf("tar: Unexpected EOF in archive\n")
			}
			return a.end()
		}
		n++
		if !a.selects(h.Name) {
			continue
		}
		a.warnAbsolute(h)
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

// A counter counts what is read through it.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	return n, err
}

// warnAbsolute says once that the slashes before a member's name, or before what
// a hard link leads to, are not taken.
func (a *archiver) warnAbsolute(h *tar.Header) {
	switch absolute := strings.HasPrefix(h.Name, "/"); {
	case a.o.has("P"):
	case absolute && !a.told:
		a.told = true
		if a.p.busybox {
			a.out.errf("tar: removing leading '/' from member names\n")
			return
		}
		a.out.errf("tar: Removing leading `/' from member names\n")
	}
	if !a.p.busybox && h.Typeflag == tar.TypeLink && strings.HasPrefix(h.Linkname, "/") && !a.toldLink && !a.o.has("P") {
		a.toldLink = true
		a.out.errf("tar: Removing leading `/' from hard link targets\n")
	}
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
