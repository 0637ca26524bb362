package layer

import (
	"archive/tar"
	"io"
	"time"
)

// Most headers are plain: one block, ustar or GNU, a file, directory or link, all
// numbers octal. They are read here, four times as fast as archive/tar does it;
// everything else, odd or damaged, is left to archive/tar. A fuzz target holds
// the two against each other.

// The magic and version of ustar (PAX has the same) and of GNU tar.
const (
	magicUSTAR = "ustar\x0000"
	magicGNU   = "ustar  \x00"
)

// plainHeader reads the header at next if it is plain: h is set and true
// answered. The source then stands at the entry's data.
func (s *source) plainHeader(next int64, h *tar.Header) (bool, error) {
	s.pos = next
	if next < s.off || next+block > s.off+int64(len(s.buf)) {
		if err := s.fill(); err == io.EOF {
			return false, nil
		} else if err != nil {
			return false, err
		}
		if next+block > s.off+int64(len(s.buf)) {
			return false, nil
		}
	}
	if !parsePlain(s.buf[next-s.off:][:block], h) {
		return false, nil
	}
	s.pos = next + block
	return true, nil
}

// parsePlain reads one header block, whose fields stand in ustar(5).
func parsePlain(b []byte, h *tar.Header) bool {
	switch b[156] {
	case tar.TypeReg, tar.TypeDir, tar.TypeSymlink, tar.TypeLink:
	default:
		return false
	}
	var prefix []byte
	switch string(b[257:265]) {
	case magicUSTAR:
		if !zero(b[500:]) {
			return false
		}
		prefix = text(b[345:500])
	case magicGNU:
		if !zero(b[345:]) {
			return false
		}
	default:
		return false
	}
	sum := uint64(8 * ' ')
	for _, c := range b {
		sum += uint64(c)
	}
	for _, c := range b[148:156] { // the checksum itself counts as spaces
		sum -= uint64(c)
	}
	var n [8]uint64 // mode, uid, gid, size, mtime, checksum, devmajor, devminor
	for i, f := range [...][2]int{{100, 108}, {108, 116}, {116, 124}, {124, 136}, {136, 148}, {148, 156}, {329, 337}, {337, 345}} {
		var ok bool
		if n[i], ok = octal(b[f[0]:f[1]]); !ok {
			return false
		}
	}
	if n[5] != sum {
		return false
	}
	*h = tar.Header{
		Typeflag: b[156], Linkname: string(text(b[157:257])),
		Mode: int64(n[0]), Uid: int(n[1]), Gid: int(n[2]), Size: int64(n[3]), ModTime: time.Unix(int64(n[4]), 0),
	}
	if len(prefix) > 0 {
		h.Name = string(prefix) + "/" + string(text(b[:100]))
	} else {
		h.Name = string(text(b[:100]))
	}
	return true
}

// octal reads digits with nothing but spaces and zero bytes after them.
func octal(b []byte) (n uint64, ok bool) {
	i := 0
	for ; i < len(b) && b[i]&^7 == '0'; i++ {
		n = n<<3 | uint64(b[i]&7)
	}
	for ; i < len(b); i++ {
		if b[i] != 0 && b[i] != ' ' {
			return 0, false
		}
	}
	return n, true
}

// text is what stands before the first zero byte.
func text(b []byte) []byte {
	for i, c := range b {
		if c == 0 {
			return b[:i]
		}
	}
	return b
}

func zero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
