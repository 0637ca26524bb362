// Package site makes the page out of its sources: static files that any web
// server can serve from any path.
//
// A site is index.html and a folder of assets beside it: the two WebAssembly
// programs, the wasm_exec.js of the Go that built them, styles, icons and the
// boot scripts. The name of every asset holds a hash of its content
// (app.1f3a….wasm), so that it may be cached for ever and a new build never
// meets an old file; index.html alone keeps its name. Every text and
// program lies beside its brotli (.br) and gzip (.gz) form.
//
// Builds are reproducible, and kept in the user's cache under a hash of
// everything that goes into them: a site that is already built is only read.
package site

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// A File is one file of a site.
type File struct {
	Path string // relative to the site's root: "assets/app.1f3a….wasm"
	Body []byte
	Br   []byte // brotli form; nil when it would not be smaller
	Gz   []byte // gzip form, likewise
}

// Immutable reports whether the file's name holds the hash of its content.
func (f *File) Immutable() bool { return f.Path != "index.html" }

// A Site is a page ready to be served.
type Site struct {
	Key   string // hash of everything that went into it
	Files []*File
}

// File is the file with the given path, or nil.
func (s *Site) File(p string) *File {
	for _, f := range s.Files {
		if f.Path == p {
			return f
		}
	}
	return nil
}

// Asset is the file that was made of the asset with the given name, as
// "app.wasm", or nil.
func (s *Site) Asset(name string) *File {
	ext := path.Ext(name)
	stem := "assets/" + strings.TrimSuffix(name, ext) + "."
	for _, f := range s.Files {
		if rest, ok := strings.CutPrefix(f.Path, stem); ok && len(rest) == hashLen+len(ext) && strings.HasSuffix(rest, ext) {
			return f
		}
	}
	return nil
}

// Options says how a site is built.
type Options struct {
	Best bool                 // compress as well as it can be, which takes a minute the first time
	Log  func(message string) // told what is being done when it takes time; nil: nobody
}

func (o Options) log(format string, args ...any) {
	if o.Log != nil {
		o.Log(fmt.Sprintf(format, args...))
	}
}

// Build is the site of the project in the folder root: taken from the user's
// cache when nothing has changed since, built otherwise.
func Build(ctx context.Context, root string, o Options) (*Site, error) {
	cache, err := openCache()
	if err != nil {
		return nil, fmt.Errorf("opening the build cache: %w", err)
	}
	key, err := inputs(ctx, root)
	if err != nil {
		return nil, fmt.Errorf("looking at what the page is made of: %w", err)
	}
	s, err := cache.load(key)
	if err != nil {
		if s, err = compile(ctx, root, key, o); err != nil {
			return nil, err
		}
		if err := cache.save(s); err != nil {
			return nil, fmt.Errorf("keeping what was built: %w", err)
		}
	}
	return s, s.compress(ctx, cache, o)
}

// Recompress gives the files of s their best compressed form. The site must not
// be served meanwhile; see Clone.
func (s *Site) Recompress(ctx context.Context) error {
	cache, err := openCache()
	if err != nil {
		return err
	}
	return s.compress(ctx, cache, Options{Best: true})
}

// Clone is a copy of s whose files can be recompressed without s changing.
func (s *Site) Clone() *Site {
	out := &Site{Key: s.Key}
	for _, f := range s.Files {
		c := *f
		out.Files = append(out.Files, &c)
	}
	return out
}

// Write puts the site into a folder, which is made. What a former Write left in
// it and this site does not have is removed; other files are left alone.
func (s *Site) Write(dir string) error {
	if err := os.MkdirAll(filepath.Join(dir, "assets"), 0o755); err != nil {
		return err
	}
	var written []string
	put := func(name string, b []byte) error {
		written = append(written, filepath.Base(name))
		return os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), b, 0o644)
	}
	for _, f := range s.Files {
		for suffix, b := range map[string][]byte{"": f.Body, ".br": f.Br, ".gz": f.Gz} {
			if suffix != "" && b == nil {
				continue
			}
			if err := put(f.Path+suffix, b); err != nil {
				return err
			}
		}
	}
	old, err := os.ReadDir(filepath.Join(dir, "assets"))
	if err != nil {
		return err
	}
	for _, e := range old {
		if e.Type().IsRegular() && hashed.MatchString(e.Name()) && !slices.Contains(written, e.Name()) {
			if err := os.Remove(filepath.Join(dir, "assets", e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// read is the site in a folder as Write left it, without the compressed forms.
func read(dir, key string) (*Site, error) {
	s := &Site{Key: key}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		s.Files = append(s.Files, &File{Path: filepath.ToSlash(rel), Body: b})
		return err
	})
	if err == nil && s.File("index.html") == nil {
		err = fs.ErrNotExist
	}
	return s, err
}
