package shell

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/overlay"
)

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
	dress, err := a.headerOptions()
	if err != nil {
		a.p.say("%s\ntar: Error is not recoverable: exiting now", strings.TrimPrefix(err.Error(), errTarOption.Error()+": "))
		return 2
	}
	a.dressHeader = dress
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
	body := rope.finish(!a.p.busybox)
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
	if h.Typeflag == tar.TypeChar || h.Typeflag == tar.TypeBlock {
		return nil
	}
	// GNU tar and busybox leave the numbers of a device empty where there is none;
	// archive/tar writes zeros.
	block := r.buf.Bytes()[r.buf.Len()-512:]
	clear(block[329:345])
	copy(block[148:156], "        ")
	sum := 0
	for _, b := range block {
		sum += int(b)
	}
	copy(block[148:156], fmt.Sprintf("%06o\x00 ", sum))
	return nil
}

func (r *ropeWriter) body(b content.Body) {
	r.parts = append(r.parts, content.Bytes(bytes.Clone(r.buf.Bytes())), b, content.Zero(-b.Size()&511))
	r.buf.Reset()
}

// finish ends the archive: with two blocks of zeros, and in records with as many
// more as make whole records of 10,240 bytes, which busybox does not do.
func (r *ropeWriter) finish(records bool) content.Body {
	end := int64(0)
	if records {
		end = (20 - (r.size()/512+2)%20) % 20
	}
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
	a.dressHeader(h)
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
