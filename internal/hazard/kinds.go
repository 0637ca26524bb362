package hazard

import (
	"archive/tar"
	"strings"
)

func names() []Tar {
	pax := func(h *tar.Header) { h.Format = tar.FormatPAX }
	gnu := func(h *tar.Header) { h.Format = tar.FormatGNU }
	return []Tar{
		{"dot-names", Build(Entry{Name: "./"}, Entry{Name: "./a/"}, Entry{Name: "./a//b", Body: "x"}, Entry{Name: "/abs", Body: "y"}), ""},
		{"dot-dot-names", Build(Entry{Name: "a/../b", Body: "x"}, Entry{Name: "../up", Body: "y"}, Entry{Name: "/../../top", Body: "z"}), ""},
		{"root-as-file", Build(Entry{Name: ".", Body: "x"}, Entry{Name: "a", Body: "x"}), ""},
		{"missing-parents", Build(Entry{Name: "m/n/o", Body: "x"}), ""},
		{"duplicates", Build(Entry{Name: "t", Body: "first"}, Entry{Name: "t", Body: "second!"}), ""},
		{"long-name-pax", Build(Entry{Name: strings.Repeat("d/", 150) + "f", Body: "x", Header: pax}), ""},
		{"long-name-gnu", Build(Entry{Name: strings.Repeat("d/", 150) + "f", Body: "x", Header: gnu}), ""},
		{"not-utf8", Build(Entry{Name: "caf\xe9", Body: "x", Header: gnu}), ""},
		{"name-255", Build(Entry{Name: strings.Repeat("n", 255), Body: "x", Header: pax}), ""},
		{"name-256", Build(Entry{Name: strings.Repeat("n", 256), Body: "x", Header: pax}), "name of 256 bytes"},
		{"path-4095", Build(Entry{Name: LongPath(4095), Body: "x", Header: pax}), ""},
		{"path-5000", Build(Entry{Name: LongPath(5000), Body: "x", Header: pax}), "5000 bytes long"},
	}
}

// LongPath is a path of exactly n bytes, of short names.
func LongPath(n int) string {
	p := strings.Repeat("directory/", n/10+1)[:n]
	return strings.TrimSuffix(p, "/") + strings.Repeat("x", n-len(strings.TrimSuffix(p, "/")))
}

func markers() []Tar {
	return []Tar{
		{"opaque-first", Build(Entry{Name: "a/"}, Entry{Name: "a/.wh..wh..opq"}, Entry{Name: "a/n", Body: "x"}), ""},
		{"opaque-last", Build(Entry{Name: "a/"}, Entry{Name: "a/n", Body: "x"}, Entry{Name: "a/.wh..wh..opq"}), ""},
		{"opaque-no-dir", Build(Entry{Name: "a/d/n", Body: "x"}, Entry{Name: "a/.wh..wh..opq"}), ""},
		{"opaque-root", Build(Entry{Name: ".wh..wh..opq"}, Entry{Name: "k", Body: "x"}), ""},
		{"whiteout-then-file", Build(Entry{Name: "a/.wh.f"}, Entry{Name: "a/f", Body: "new"}), ""},
		{"file-then-whiteout", Build(Entry{Name: "a/f", Body: "new"}, Entry{Name: "a/.wh.f"}), ""},
		{"whiteout-then-dir", Build(Entry{Name: "a/.wh.d"}, Entry{Name: "a/d/"}, Entry{Name: "a/d/n", Body: "x"}), ""},
		{"dir-then-whiteout", Build(Entry{Name: "a/d/"}, Entry{Name: "a/d/n", Body: "x"}, Entry{Name: "a/.wh.d"}), ""},
		{"whiteout-as-dir", Build(Entry{Name: "a/.wh.f/"}), ""},
		{"whiteout-with-bytes", Build(Entry{Name: "a/.wh.f", Body: "bytes"}), ""},
		{"whiteout-bad", Build(Entry{Name: "a/.wh."}, Entry{Name: "a/.wh.."}, Entry{Name: "a/.wh..."}, Entry{Name: "k", Body: "x"}), ""},
		{"whiteout-parent", Build(Entry{Name: ".wh.a/child", Body: "x"}), ""},
		{"whiteout-below-symlink", Build(Entry{Name: "a/f", Body: "x"}, Entry{Name: "s", Symlink: "a"}, Entry{Name: "s/.wh.f"}, Entry{Name: "s/.wh..wh..opq"}), ""},
		{"whiteout-of-255", Build(Entry{Name: "a/.wh." + strings.Repeat("n", 255)}), ""},
		{"whiteout-of-256", Build(Entry{Name: "a/.wh." + strings.Repeat("n", 256)}), "name of 256 bytes"},
		{"aufs", Build(Entry{Name: ".wh..wh.aufs"}, Entry{Name: ".wh..wh.plnk/"}, Entry{Name: ".wh..wh.plnk/12.3", Body: "x"}, Entry{Name: ".wh..wh.orph/"}, Entry{Name: "k", Body: "x"}), ""},
		{"device-0-0", Build(Entry{Name: "a/f", Type: tar.TypeChar}), ""},
	}
}

func links() []Tar {
	return []Tar{
		{"hardlinks", Build(Entry{Name: "t", Body: "data"}, Entry{Name: "h", Hardlink: "t"}, Entry{Name: "d/h2", Hardlink: "./t"}), ""},
		{"hardlink-lower", Build(Entry{Name: "h", Hardlink: "bin/lower"}), ""},
		{"hardlink-self", Build(Entry{Name: "small", Body: "x"}, Entry{Name: "./small", Hardlink: "./small"}), ""},
		{"hardlink-self-only", Build(Entry{Name: "h", Hardlink: "h"}), ""},
		{"hardlink-before", Build(Entry{Name: "h", Hardlink: "t"}, Entry{Name: "t", Body: "data"}), ""},
		{"hardlink-cycle", Build(Entry{Name: "h", Hardlink: "g"}, Entry{Name: "g", Hardlink: "h"}), ""},
		{"hardlink-replaced", Build(Entry{Name: "t", Body: "first"}, Entry{Name: "h", Hardlink: "t"}, Entry{Name: "t", Body: "second"}), ""},
		{"hardlink-over-parent", Build(Entry{Name: "d/t", Body: "x"}, Entry{Name: "d", Hardlink: "d/t"}), ""},
		{"hardlink-to-dir", Build(Entry{Name: "d/"}, Entry{Name: "h", Hardlink: "d"}), ""},
		{"hardlink-to-symlink", Build(Entry{Name: "s", Symlink: "nowhere"}, Entry{Name: "h", Hardlink: "s"}), ""},
		{"symlink-parent", Build(Entry{Name: "run/"}, Entry{Name: "var/run", Symlink: "/run"}, Entry{Name: "var/run/x", Body: "x"}), ""},
		{"symlink-escape", Build(Entry{Name: "L", Symlink: "../../.."}, Entry{Name: "L/esc", Body: "x"}), ""},
		{"symlink-loop", Build(Entry{Name: "a", Symlink: "b"}, Entry{Name: "b", Symlink: "a"}, Entry{Name: "a/x", Body: "x"}), "too many symbolic links"},
		{"file-then-child", Build(Entry{Name: "x", Body: "file"}, Entry{Name: "x/n", Body: "child"}), ""},
		{"dir-then-file", Build(Entry{Name: "x/"}, Entry{Name: "x/n", Body: "child"}, Entry{Name: "x", Body: "file"}), ""},
	}
}

func special() []Tar {
	device := func(major, minor int64) func(*tar.Header) {
		return func(h *tar.Header) { h.Devmajor, h.Devminor = major, minor }
	}
	return []Tar{
		{"devices", Build(Entry{Name: "dev/null", Type: tar.TypeChar, Mode: 0o666, Header: device(1, 3)},
			Entry{Name: "dev/sda", Type: tar.TypeBlock, Header: device(8, 0)}, Entry{Name: "run/pipe", Type: tar.TypeFifo}), ""},
		{"modes", Build(Entry{Name: "su", Body: "x", Mode: 0o4755}, Entry{Name: "sg", Body: "x", Mode: 0o2755}, Entry{Name: "tmp/", Mode: 0o1777}), ""},
		{"big-ids", Build(Entry{Name: "a", Header: func(h *tar.Header) { h.Uid, h.Gid, h.Format = 1<<31+5, 1<<22, tar.FormatGNU }}), ""},
		{"impossible-ids", Build(Entry{Name: "a", Header: func(h *tar.Header) { h.Uid, h.Gid, h.Format = -1, 1<<40, tar.FormatGNU }}), ""},
		{"xattrs", Build(Entry{Name: "ping", Body: "x", Header: func(h *tar.Header) {
			h.PAXRecords = map[string]string{"SCHILY.xattr.security.capability": "\x01\x00\x00\x02\x00 \x00\x00", "SCHILY.xattr.user.note": "hi"}
		}}), ""},
		{"old-regular", func() []byte {
			b := Build(Entry{Name: "a", Body: "x"})
			b[156] = 0
			return checksum(b, 0)
		}(), ""},
		{"unknown-type", func() []byte {
			b := Build(Entry{Name: "a", Body: ""})
			b[156] = 'Z'
			return checksum(b, 0)
		}(), "type"},
	}
}
