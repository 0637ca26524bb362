package site

import (
	"os"
	"path/filepath"
	"sort"
	"time"

	"github.com/layerlab/layerlab/scripts/internal/repo"
)

// kept is how many built sites the cache holds.
const kept = 4

// cache is a folder with sites/KEY/…, as Site.Write writes them without
// compressed forms, and packed/HASH.…, compressed forms by the content's hash.
type cache struct{ dir string }

func openCache() (cache, error) {
	dir, err := repo.Cache("site")
	return cache{dir}, err
}

func (c cache) site(key string) string { return filepath.Join(c.dir, "sites", key) }

// load is the site with the given key; an error says that it is not there.
func (c cache) load(key string) (*Site, error) {
	now := time.Now()
	_ = os.Chtimes(c.site(key), now, now) // used just now: not the next to go
	return read(c.site(key), key)
}

// save keeps a site, at once or not at all, and lets the oldest ones go.
func (c cache) save(s *Site) error {
	if err := os.MkdirAll(filepath.Join(c.dir, "sites"), 0o755); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(c.dir, "new-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	if err := s.Write(tmp); err != nil {
		return err
	}
	if err := os.Rename(tmp, c.site(s.Key)); err != nil && !os.IsExist(err) {
		if _, there := c.load(s.Key); there != nil {
			return err
		}
	}
	c.prune(filepath.Join(c.dir, "sites"), kept)
	return nil
}

// packed is the compressed form kept under name, or nil.
func (c cache) packed(name string) []byte {
	b, err := os.ReadFile(filepath.Join(c.dir, "packed", name))
	if err != nil {
		return nil
	}
	return b
}

// keepPacked keeps a compressed form. Failing to is no error: it can be made again.
func (c cache) keepPacked(name string, b []byte) {
	dir := filepath.Join(c.dir, "packed")
	if os.MkdirAll(dir, 0o755) != nil {
		return
	}
	tmp, err := os.CreateTemp(dir, "new-")
	if err != nil {
		return
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(b)
	if tmp.Close() == nil && err == nil {
		_ = os.Rename(tmp.Name(), filepath.Join(dir, name))
	}
	c.prune(dir, 200)
}

// prune removes all but the n newest things in a folder.
func (c cache) prune(dir string, n int) {
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) <= n {
		return
	}
	at := func(e os.DirEntry) time.Time {
		if info, err := e.Info(); err == nil {
			return info.ModTime()
		}
		return time.Time{}
	}
	sort.Slice(entries, func(i, j int) bool { return at(entries[i]).After(at(entries[j])) })
	for _, e := range entries[n:] {
		_ = os.RemoveAll(filepath.Join(dir, e.Name()))
	}
}
