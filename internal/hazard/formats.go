package hazard

import (
	"archive/tar"
	"fmt"
	"strings"
	"time"
)

// formats are the ways in which tars of fifty years say the same things.
func formats() []Tar {
	pax := func(h *tar.Header) { h.Format = tar.FormatPAX }
	gnu := func(h *tar.Header) { h.Format = tar.FormatGNU }
	long := strings.Repeat("l/", 120) + "t"
	field := func(b []byte, off int, text string) []byte {
		copy(b[off:], text)
		return checksum(b, 0)
	}
	return []Tar{
		{"v7-header", func() []byte { // no magic, no prefix, no device numbers
			b := Build(Entry{Name: "a", Body: "x"})
			clear(b[257:512])
			return checksum(b, 0)
		}(), ""},
		{"ustar-prefix", Build(Entry{Name: strings.Repeat("p", 100) + "/" + strings.Repeat("n", 90), Body: "x", Header: func(h *tar.Header) { h.Format = tar.FormatUSTAR }}), ""},
		{"gnu-prefix-is-time", func() []byte { // what GNU tar keeps where ustar has the prefix
			b := Build(Entry{Name: "a", Body: "x", Header: gnu})
			return field(b, 345, fmt.Sprintf("%011o\x00%011o\x00", 1_700_000_000, 1_700_000_000))
		}(), ""},
		{"star-format", func() []byte {
			b := Build(Entry{Name: "a", Body: "x", Header: func(h *tar.Header) { h.Format = tar.FormatUSTAR }})
			copy(b[508:], "tar\x00")
			return field(b, 476, fmt.Sprintf("%011o %011o ", 1_700_000_000, 1_700_000_000))
		}(), ""},
		{"long-link-gnu", Build(Entry{Name: long, Body: "x", Header: gnu}, Entry{Name: "h", Hardlink: long, Header: gnu}, Entry{Name: "s", Symlink: long, Header: gnu}), ""},
		{"long-link-pax", Build(Entry{Name: long, Body: "x", Header: pax}, Entry{Name: "h", Hardlink: long, Header: pax}, Entry{Name: "s", Symlink: long, Header: pax}), ""},
		{"size-base-256", field(Build(Entry{Name: "a", Body: "xyz"}), 124, "\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03"), ""},
		{"size-in-pax", func() []byte { // the header says one, the record three
			b := paxRecords("a", "xyz", "size=3")
			copy(b[len(b)-2048+124:], "00000000001\x00")
			return checksum(b, len(b)-2048)
		}(), ""},
		{"times", Build(
			Entry{Name: "fraction", Header: func(h *tar.Header) { h.ModTime, h.Format = time.Unix(1_700_000_000, 123_456_789), tar.FormatPAX }},
			Entry{Name: "before-1970", Header: func(h *tar.Header) { h.ModTime, h.Format = time.Unix(-5, 500_000_000), tar.FormatPAX }},
			Entry{Name: "far", Header: func(h *tar.Header) { h.ModTime, h.Format = time.Unix(1<<40, 0), tar.FormatGNU }},
			Entry{Name: "long-before", Header: func(h *tar.Header) { h.ModTime, h.Format = time.Unix(-1<<40, 0), tar.FormatGNU }}), ""},
		{"huge-device", Build(Entry{Name: "d", Type: tar.TypeChar, Header: func(h *tar.Header) { h.Devmajor, h.Devminor, h.Format = 1<<12+5, 1<<33+7, tar.FormatGNU }}), ""},
		{"contiguous-file", field(Build(Entry{Name: "a", Body: "x"}), 156, "7"), ""},
		{"directory-with-size", field(Build(Entry{Name: "d/"}, Entry{Name: "d/f", Body: "x"}), 124, "00000001000\x00"), ""},
		{"file-named-as-directory", field(Build(Entry{Name: "d/"}, Entry{Name: "d/f", Body: "x"}), 156, "\x00"), ""},
		{"empty-name", func() []byte {
			b := Build(Entry{Name: "a", Body: ""}, Entry{Name: "k", Body: "x"})
			b[0] = 0
			return checksum(b, 0)
		}(), ""},
		{"empty-link", Build(Entry{Name: "s", Type: tar.TypeSymlink}, Entry{Name: "h", Type: tar.TypeLink}), ""},
		{"pax-of-a-gigabyte", func() []byte { // whose header says so, at least
			b := paxRecords("a", "x", "comment=c")
			copy(b[124:], "10000000000\x00")
			return checksum(b, 0)
		}(), "byte 0"},
		{"pax-garbage", func() []byte {
			b := paxRecords("a", "x", "comment=c")
			copy(b[512:], "999 ")
			return b
		}(), "byte 0"},
		{"xattr-overlay", Build(Entry{Name: "d/", Header: func(h *tar.Header) {
			h.PAXRecords = map[string]string{"SCHILY.xattr.trusted.overlay.opaque": "y"}
		}}), ""},
		{"estargz", Build(Entry{Name: ".no.prefetch.landmark", Body: "\x0f"}, Entry{Name: "a", Body: "x"}, Entry{Name: "stargz.index.json", Body: "{}"}), ""},
		{"windows", Build(Entry{Name: "Files/"}, Entry{Name: "Files/Windows/"}, Entry{Name: "Hives/"}, Entry{Name: "Hives/System_Delta", Body: "regf"}), ""},
		{"links-that-grow", Build(growing(40)...), ""},
		{"hardlinks-backwards", Build(backwards(300)...), ""},
	}
}

// growing are symbolic links of which each leads over the next, by a way of a
// thousand steps, and files behind them.
func growing(n int) []Entry {
	var out []Entry
	for i := range n {
		out = append(out, Entry{Name: fmt.Sprintf("l%d", i), Symlink: strings.Repeat("./", 40) + fmt.Sprintf("l%d", i+1)})
	}
	return append(out, Entry{Name: fmt.Sprintf("l%d/", n)}, Entry{Name: "l0/f", Body: "x"})
}

// backwards are hard links of which each leads to the next, and the file last.
func backwards(n int) []Entry {
	var out []Entry
	for i := range n {
		out = append(out, Entry{Name: fmt.Sprintf("h%03d", i), Hardlink: fmt.Sprintf("h%03d", i+1)})
	}
	return append(out, Entry{Name: fmt.Sprintf("h%03d", n), Body: "x"})
}
