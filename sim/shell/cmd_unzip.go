package shell

import (
	"compress/flate"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path"
	"strings"
	"time"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/tree"
)

// zipEntry is an entry of a zip's central directory (APPNOTE.TXT 4.3.12).
type zipEntry struct {
	name         string
	method       uint16
	packed, size int64
	at           int64
	mode         uint32
	time         time.Time
}

var errNoZip = errors.New("end-of-central-directory signature not found")

// readZip is the central directory of a zip; archives above 4 GiB are not read.
func readZip(b content.Body) ([]zipEntry, error) {
	n := min(b.Size(), 66000)
	tail := make([]byte, n)
	if _, err := content.ReadAt(b, tail, b.Size()-n); err != nil && err != io.EOF {
		return nil, err
	}
	i := strings.LastIndex(string(tail), "PK\x05\x06")
	if i < 0 || i+22 > len(tail) {
		return nil, errNoZip
	}
	size, at := int64(binary.LittleEndian.Uint32(tail[i+12:])), int64(binary.LittleEndian.Uint32(tail[i+16:]))
	if at+size > b.Size() {
		return nil, errNoZip
	}
	dir := make([]byte, size)
	if _, err := content.ReadAt(b, dir, at); err != nil && err != io.EOF {
		return nil, err
	}
	var out []zipEntry
	for len(dir) >= 46 && string(dir[:4]) == "PK\x01\x02" {
		u16 := func(o int) int { return int(binary.LittleEndian.Uint16(dir[o:])) }
		u32 := func(o int) int64 { return int64(binary.LittleEndian.Uint32(dir[o:])) }
		end := 46 + u16(28) + u16(30) + u16(32)
		if end > len(dir) {
			return nil, errNoZip
		}
		d, t := u16(14), u16(12)
		e := zipEntry{name: string(dir[46 : 46+u16(28)]), method: uint16(u16(10)), packed: u32(20), size: u32(24), at: u32(42),
			time: time.Date(1980+d>>9, time.Month(d>>5&15), d&31, t>>11, t>>5&63, t&31*2, 0, time.UTC)}
		if u16(4)>>8 == 3 { // made on Unix
			e.mode = uint32(u32(38) >> 16)
		}
		out = append(out, e)
		dir = dir[end:]
	}
	return out, nil
}

// data is the bytes of an entry.
func (e zipEntry) data(b content.Body) (io.Reader, error) {
	var head [30]byte
	if _, err := content.ReadAt(b, head[:], e.at); err != nil {
		return nil, err
	}
	start := e.at + 30 + int64(binary.LittleEndian.Uint16(head[26:])) + int64(binary.LittleEndian.Uint16(head[28:]))
	if start+e.packed > b.Size() {
		return nil, io.ErrUnexpectedEOF
	}
	r, err := content.Slice(b, start, e.packed).Open()
	if err != nil {
		return nil, err
	}
	switch e.method {
	case 0:
		return r, nil
	case 8:
		return io.LimitReader(flate.NewReader(r), e.size), nil
	}
	return nil, errors.New("unsupported compression method")
}

// cmdUnzip is unzip of Info-ZIP and of busybox: -d DIR, -q, -o, -n, -j, -l, -p.
func cmdUnzip(ctx context.Context, p *Process) int {
	o, ok := p.getopt("d:qonjlpx:aCLv")
	if !ok || len(o.args) == 0 {
		return p.usage()
	}
	name := o.args[0]
	if !p.exists(name) && p.exists(name+".zip") {
		name += ".zip"
	}
	body, err := p.body(name)
	if err != nil {
		if p.busybox {
			return p.say("can't open %s[.zip]", name)
		}
		p.errf("unzip:  cannot find or open %[1]s, %[1]s.zip or %[1]s.ZIP.\n", name)
		return 9
	}
	list, err := readZip(body)
	if err != nil {
		p.errf("Archive:  %s\n  End-of-central-directory signature not found.  Either this file is not\n  a zipfile, or it constitutes one disk of a multi-part archive.\n", name)
		return 9
	}
	if !o.has("q", "p") {
		p.outf("Archive:  %s\n", name)
	}
	for _, e := range list {
		p.k.turn(ctx)
		if len(o.args) > 1 && !matchesAny(e.name, o.args[1:]) {
			continue
		}
		if status := p.unzipOne(ctx, o, body, e); status != 0 {
			return status
		}
	}
	return 0
}

func matchesAny(name string, patterns []string) bool {
	for _, pat := range patterns {
		if ok, _ := path.Match(pat, name); ok || name == pat || strings.HasSuffix(pat, "*") && strings.HasPrefix(name, strings.TrimSuffix(pat, "*")) {
			return true
		}
	}
	return false
}

func (p *Process) unzipOne(ctx context.Context, o *opts, body content.Body, e zipEntry) int {
	if o.has("l") {
		p.outf("%9d  %s   %s\n", e.size, e.time.Format("2006-01-02 15:04"), e.name)
		return 0
	}
	to := path.Clean("/" + e.name)[1:] // an entry does not leave the directory
	if o.has("j") {
		to = path.Base(to)
	}
	dir, ok := o.get("d")
	if ok {
		to = path.Join(dir, to)
	}
	if strings.HasSuffix(e.name, "/") {
		if o.has("j", "p") {
			return 0
		}
		if !o.has("q") && !p.exists(to) {
			p.outf("   creating: %s/\n", to)
		}
		if err := p.mkdirAll(to, false); err != nil {
			return p.say("%s: %s", to, why(err))
		}
		return 0
	}
	r, err := e.data(body)
	if err != nil {
		return p.say("%s: %v", e.name, err)
	}
	if o.has("p") {
		io.Copy(p.Stdout, r)
		return 0
	}
	if p.exists(to) {
		if o.has("n") {
			return 0
		}
		if !o.has("o") {
			p.outf("replace %s? [y]es, [n]o, [A]ll, [N]one, [r]ename:  NULL\n(EOF or read error, treating as \"[N]one\" ...)\n", to)
			return 0
		}
	}
	if !o.has("q") {
		p.outf("  inflating: %s\n", to)
	}
	p.mkdirAll(path.Dir(to), false)
	d, err := p.open(ctx, to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return p.say("%s: %s", to, why(err))
	}
	_, err = io.Copy(d, &turning{r: r, p: p, ctx: ctx})
	d.release()
	if err != nil {
		return p.say("%s: %v", to, err)
	}
	if e.mode&0o777 != 0 {
		p.chmod(to, e.mode&0o777)
	}
	p.utimes(to, tree.TimeOf(e.time), true)
	return 0
}
