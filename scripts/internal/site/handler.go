package site

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// Policy is the Content-Security-Policy of the page. Everything comes from the
// place that the page came from; nothing inline runs. The same policy is in
// index.html for servers that send no headers of their own. There is no
// frame-ancestors: the page may be embedded anywhere, in a page that lies on a
// disk too, which "*" would not allow.
const Policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; " +
	"img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self' blob:; " +
	"base-uri 'none'; form-action 'none'"

// types are the media types of a site's files, so as not to depend on the
// tables of the system.
var types = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".wasm": "application/wasm", ".svg": "image/svg+xml", ".png": "image/png", ".json": "application/json",
	".txt": "text/plain; charset=utf-8", ".ico": "image/x-icon", ".woff2": "font/woff2", ".zst": "application/octet-stream",
}

// Handler serves a site: media types, the compressed forms to those who take
// them, assets cached for ever and the page asked for anew, and the headers that
// keep the page to itself. Assets may be fetched from anywhere, because in
// a sandboxed frame the page has an origin of its own.
func (s *Site) Handler() http.Handler {
	byPath := map[string]*File{}
	for _, f := range s.Files {
		byPath["/"+f.Path] = f
	}
	byPath["/"] = byPath["/index.html"]
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f := byPath[path.Clean("/"+r.URL.Path)]
		switch {
		case f == nil:
			http.NotFound(w, r)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
		default:
			f.serve(w, r)
		}
	})
}

func (f *File) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", types[path.Ext(f.Path)])
	h.Set("Content-Security-Policy", Policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-cache")
	if f.Immutable() {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	body, suffix := f.Body, ""
	switch accept := r.Header.Get("Accept-Encoding"); {
	case f.Br != nil && accepts(accept, "br"):
		body, suffix = f.Br, "br"
	case f.Gz != nil && accepts(accept, "gzip"):
		body, suffix = f.Gz, "gzip"
	}
	if suffix != "" {
		h.Set("Content-Encoding", suffix)
	}
	sum := sha256.Sum256(f.Body)
	h.Set("ETag", `"`+hex.EncodeToString(sum[:8])+suffix+`"`)
	// A range of a compressed form helps nobody.
	r.Header.Del("Range")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// accepts reports whether an Accept-Encoding header takes the coding.
func accepts(header, coding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), coding) {
			continue
		}
		q, ok := strings.CutPrefix(strings.ReplaceAll(strings.ToLower(params), " ", ""), "q=")
		if !ok {
			return true
		}
		v, err := strconv.ParseFloat(q, 64)
		return err == nil && v > 0
	}
	return false
}
