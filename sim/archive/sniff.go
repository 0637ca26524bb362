package archive

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/layerlab/layerlab/sim/image"
)

// magics is how files begin. The longest that fit stand first where it matters.
var magics = []struct {
	off         int
	magic, what string
}{
	{0, "\x89PNG\r\n\x1a\n", "a PNG picture"},
	{0, "\xff\xd8\xff", "a JPEG picture"},
	{0, "GIF8", "a GIF picture"},
	{0, "BM", "a BMP picture"},
	{0, "%PDF-", "a PDF document"},
	{0, "PK\x03\x04", "a zip file"},
	{0, "PK\x05\x06", "an empty zip file"},
	{0, "\x7fELF", "an ELF program for Linux"},
	{0, "MZ", "a program for Windows"},
	{0, "\xcf\xfa\xed\xfe", "a program for macOS"},
	{0, "\xca\xfe\xba\xbe", "a program for macOS or a Java class"},
	{0, "\x00asm", "a WebAssembly program"},
	{0, "7z\xbc\xaf\x27\x1c", "a 7z archive"},
	{0, "Rar!", "a RAR archive"},
	{0, "\xfd7zXZ\x00", "an xz file"},
	{0, "BZh", "a bzip2 file"},
	{0, "\x04\x22\x4d\x18", "an lz4 file"},
	{0, "LZIP", "an lzip file"},
	{0, "\x1f\x9d", "a file compressed by compress (.Z)"},
	{0, "\x1f\x8b", "a gzip file"},
	{0, "\x28\xb5\x2f\xfd", "a zstd file"},
	{0, "!<arch>\n", "an ar archive, such as a Debian package"},
	{0, "\xed\xab\xee\xdb", "an RPM package"},
	{0, "070701", "a cpio archive"},
	{0, "hsqs", "a squashfs file system"},
	{0, "MSWIM\x00\x00\x00", "a Windows WIM image"},
	{0, "QFI\xfb", "a qcow2 disk image"},
	{0, "KDMV", "a VMDK disk image"},
	{0, "SQLite format 3\x00", "an SQLite database"},
	{0, "ID3", "an MP3 file"},
	{0, "OggS", "an Ogg file"},
	{0, "fLaC", "a FLAC file"},
	{8, "WEBP", "a WebP picture"},
	{8, "WAVE", "a WAV file"},
	{4, "ftyp", "an MP4 video or a HEIF picture"},
}

// describe says what a file seems to be, from its first bytes and its name.
func describe(head []byte, name string) string {
	if len(head) == 0 {
		return "an empty file"
	}
	for _, m := range magics {
		if len(head) >= m.off && bytes.HasPrefix(head[m.off:], []byte(m.magic)) {
			return m.what
		}
	}
	if isTar(head) {
		return "a tar archive"
	}
	if len(head) >= 262 && string(head[257:262]) == "ustar" {
		return "the beginning of a tar archive, cut off in its first header"
	}
	if len(bytes.Trim(head, "\x00")) == 0 {
		return "a run of zero bytes"
	}
	if text, ok := asText(head); ok {
		return describeText(text, name)
	}
	return fmt.Sprintf("binary data beginning with the bytes % x", head[:min(len(head), 8)])
}

func asText(head []byte) (string, bool) {
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	// A character may be cut in two at the end of the window.
	for i := 0; i < utf8.UTFMax && len(head) > 0 && !utf8.Valid(head); i++ {
		head = head[:len(head)-1]
	}
	if !utf8.Valid(head) || bytes.ContainsFunc(head, func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\r' && r != '\t' && r != '\f' && r != '\x1b'
	}) {
		return "", false
	}
	return string(head), true
}

func describeText(text, name string) string {
	t := strings.TrimSpace(text)
	lower := strings.ToLower(t)
	first, _, _ := strings.Cut(t, "\n")
	switch {
	case strings.HasPrefix(lower, "<!doctype html"), strings.HasPrefix(lower, "<html"), strings.HasPrefix(lower, "<head"):
		return "an HTML page; a download that needed a login often gives one"
	case strings.HasPrefix(lower, "<?xml"), strings.HasPrefix(lower, "<svg"):
		return "an XML document"
	case strings.HasPrefix(t, "{"), strings.HasPrefix(t, "["):
		return describeJSON(t)
	case strings.HasPrefix(t, "version https://git-lfs"):
		return "a Git LFS pointer: the file itself was not fetched"
	case strings.HasPrefix(t, "#!"):
		return "a script"
	case strings.HasSuffix(strings.ToLower(name), "dockerfile"), dockerfileLine(first):
		return "a Dockerfile, the recipe of an image"
	case strings.HasPrefix(lower, "apiversion:"), strings.HasPrefix(lower, "services:"), strings.HasPrefix(lower, "version:"):
		return "a YAML file"
	}
	return fmt.Sprintf("a text file beginning %q", cut(first, 40))
}

func describeJSON(t string) string {
	switch {
	case strings.Contains(t, `"rootfs"`) || strings.Contains(t, `"diff_ids"`):
		return "a JSON document: an image config without its layers"
	case strings.Contains(t, `"schemaVersion"`):
		return "a JSON document: an image manifest or index without its blobs"
	}
	return "a JSON document"
}

func dockerfileLine(line string) bool {
	word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	switch strings.ToUpper(word) {
	case "FROM", "ARG":
		return rest != ""
	}
	return strings.HasPrefix(line, "# syntax=")
}

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

// isTar reports whether head begins with a tar header: the magic of POSIX or GNU
// tar, or the right checksum of the old format. Zero bytes alone are an empty tar.
func isTar(head []byte) bool {
	if len(head) < 512 {
		return false
	}
	block := head[:512]
	if string(block[257:262]) == "ustar" {
		return true
	}
	if len(bytes.Trim(block, "\x00")) == 0 {
		return true
	}
	sum := int64(0)
	for i, c := range block {
		if i >= 148 && i < 156 {
			c = ' '
		}
		sum += int64(c)
	}
	var want int64
	field := strings.Trim(string(block[148:156]), " \x00")
	if _, err := fmt.Sscanf(field, "%o", &want); err != nil {
		return false
	}
	return sum == want
}

// advice is what can be done with a file that is no image archive.
func advice(what string) string {
	save := "a tar of docker save, podman save or an OCI layout"
	switch {
	case strings.HasPrefix(what, "a zip file"), strings.HasPrefix(what, "a 7z"), strings.HasPrefix(what, "a RAR"), strings.Contains(what, "lz4"), strings.Contains(what, "lzip"), strings.Contains(what, "compress"):
		return save + "; if the image is inside, unpack this file first"
	case strings.HasPrefix(what, "a Dockerfile"):
		return save + "; open this one in the editor and build it"
	case strings.Contains(what, "squashfs"), strings.Contains(what, "disk image"), strings.Contains(what, "WIM"):
		return save + "; a disk image has no layers"
	}
	return save
}

// unsupported says why a layer's bytes are no tar, from its media type.
func unsupported(mediaType string) string {
	switch {
	case strings.Contains(mediaType, "+encrypted"):
		return "the layer is encrypted: " + mediaType
	case strings.Contains(mediaType, "nydus"):
		return "the layer is a nydus blob, not a tar: " + mediaType
	case mediaType == "", strings.HasPrefix(mediaType, "application/vnd.oci.image.layer."),
		mediaType == image.MediaTypeDockerLayer, mediaType == image.MediaTypeDockerLayerGzip,
		mediaType == image.MediaTypeDockerLayerZstd, mediaType == image.MediaTypeDockerForeign,
		strings.HasPrefix(mediaType, "application/vnd.docker.image.rootfs."):
		return ""
	}
	return "the blob is not a file system layer: media type " + mediaType
}
