package catalog

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
	"path"
	"strings"

	"github.com/layerlab/layerlab/sim/content"
)

// A Kind says what a made-up body looks like, and so how well it compresses.
type Kind byte

// The kinds. Their ratios were measured on Debian's own files with gzip.
const (
	Text     Kind = iota // scripts, headers, Perl, Python: 28 %
	Program              // ELF programs and libraries: 42 %
	Packed               // what is compressed already: 99 %
	Data                 // catalogues of messages, byte code, time zones: 40 %
	Index                // lightly compressed lists (lz4): 55 %
	Archive              // static libraries: 22 %
	Manifest             // lists of paths and checksums: 45 %
)

// noisePer is how many bytes of each piece of 4 KiB are noise.
var noisePer = [...]int{Text: 1130, Program: 1600, Packed: 4040, Data: 1610, Index: 2230, Archive: 870, Manifest: 1820}

// kindOfExt is the kinds that a name's ending tells.
var kindOfExt = map[string]Kind{
	".gz": Packed, ".xz": Packed, ".bz2": Packed, ".zst": Packed, ".deb": Packed, ".png": Packed, ".jpg": Packed, ".jpeg": Packed, ".webp": Packed,
	".zip": Packed, ".whl": Packed, ".woff": Packed, ".woff2": Packed, ".tgz": Packed, ".gpg": Packed, ".jar": Packed, ".apk": Packed, ".gif": Packed, ".ico": Packed,
	".lz4": Index, ".so": Program, ".o": Program, ".a": Archive, ".mo": Data, ".pyc": Data, ".bin": Data, ".cache": Data, ".gmo": Data, ".db": Data, ".exe": Program, ".node": Program, ".wasm": Program,
	".md5sums": Manifest, ".list": Text,
}

// KindOf is the kind that a file of that path and these permissions has in a
// Linux distribution.
func KindOf(name string, perm uint32) Kind {
	base := path.Base(name)
	if k, ok := kindOfExt[path.Ext(base)]; ok {
		return k
	}
	dir := path.Dir("/" + name)
	switch {
	case strings.Contains(base, ".so."):
		return Program
	case strings.HasPrefix(dir, "/usr/share/zoneinfo"), strings.HasPrefix(dir, "/usr/lib/locale"), strings.Contains(dir, "/gconv"):
		return Data
	case perm&0o111 != 0 && !strings.HasPrefix(dir, "/etc") && !strings.HasPrefix(dir, "/var") && !strings.HasPrefix(dir, "/usr/share"):
		return Program
	}
	return Text
}

// Made is a made-up body of size bytes for the file of that path: the same each
// time, readable at any offset, and without memory. A program starts as an ELF
// file for amd64 does; every body says early what it is.
func Made(kind Kind, name string, size int64) content.Body {
	if size == 0 {
		return nil
	}
	h := fnv.New64a()
	io.WriteString(h, name)
	return content.FromReaderAt(madeUp{name, h.Sum64(), kind}, size)
}

type madeUp struct {
	name string
	seed uint64
	kind Kind
}

// ReadAt never ends; the body cuts it at its size.
func (m madeUp) ReadAt(p []byte, off int64) (int, error) {
	var buf [piece]byte
	words := fmt.Sprintf("This is Layer Lab's model of /%s: only its name, mode and size are real.\n", strings.TrimPrefix(m.name, "/"))
	for n := 0; n < len(p); {
		at := off + int64(n)
		m.piece(&buf, at/piece, words)
		n += copy(p[n:], buf[at%piece:])
	}
	return len(p), nil
}

// alphabet is the letters of the noise in texts, 64 of them.
const alphabet = "abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"

func (m madeUp) piece(buf *[piece]byte, number int64, words string) {
	noise := noisePer[m.kind]
	letters := m.kind == Text || m.kind == Manifest
	if letters {
		noise = noise * 4 / 3 // each has six bits
	}
	noise &^= 7
	clean := piece - noise
	for n := 0; n < clean; {
		n += copy(buf[n:clean], words)
	}
	// splitmix64 (Steele, Lea and Flood, 2014)
	x := m.seed + uint64(number)*0x9e3779b97f4a7c15*piece
	for n := clean; n < piece; n += 8 {
		x += 0x9e3779b97f4a7c15
		z := x
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		z ^= z >> 31
		if !letters {
			binary.LittleEndian.PutUint64(buf[n:], z)
			continue
		}
		for i := range 8 {
			buf[n+i] = alphabet[z>>(6*i)&63]
		}
	}
	if letters {
		for n := clean + 79; n < piece; n += 80 {
			buf[n] = '\n'
		}
		buf[clean-1], buf[piece-1] = '\n', '\n'
	}
	if number == 0 && m.kind == Program {
		copy(buf[:64], elf+string(make([]byte, 64-len(elf))))
	}
}
