// Package pkg is package managers as a model: what they read, work out, print
// and write, without programs that run.
//
// The words of the field, as they are used here and in the packages below:
//
//   - package: files with a name and a version, and what they need;
//   - repository: where packages come from. Its lists say which versions there
//     are today; a manager keeps a copy of the lists, which grows old;
//   - resolver: works out what else must be installed for what was asked;
//   - database: what the manager writes down of what is installed.
//
// Names, versions, relations, file names, modes and sizes are those of the real
// distributions (see package catalog); the bytes of most files are made up.
package pkg

import (
	"context"
	"time"

	"github.com/layerlab/layerlab/sim/catalog"
)

// A World is what package managers reach outside the container: the repositories
// and their day. One engine has one; it keeps what it has loaded. A nil *World
// has nothing.
type World struct {
	Source catalog.Source
	Now    func() time.Time // the day of the repositories

	kept map[string]any
}

// Text is a data file of the catalogue, inflated. about names what it is needed
// for, for an error.
func (w *World) Text(ctx context.Context, name, about string) (string, error) {
	if w == nil {
		return catalog.Load(ctx, nil, name, about)
	}
	return catalog.Load(ctx, w.Source, name, about)
}

// Keep is what build made of a data file, made once for each key. An error is not kept.
func Keep[T any](w *World, key string, build func() (T, error)) (T, error) {
	if w != nil {
		if v, ok := w.kept[key].(T); ok {
			return v, nil
		}
	}
	v, err := build()
	if err != nil || w == nil {
		return v, err
	}
	if w.kept == nil {
		w.kept = map[string]any{}
	}
	w.kept[key] = v
	return v, nil
}

// Day is the day of the repositories.
func (w *World) Day() time.Time {
	if w == nil || w.Now == nil {
		return time.Unix(0, 0).UTC()
	}
	return w.Now()
}
