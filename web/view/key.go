package view

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/layerlab/layerlab/sim/build"
	"github.com/layerlab/layerlab/web/state"
)

// Key is the panel that takes a step's cache key apart.
type Key struct {
	Open   bool
	Title  string // "Cache key of line 5"
	Step   string
	Reason string
	Good   bool // the reason is one for reusing the result
	Digest string
	Empty  string // in place of the rest
	Files  []KeyFile
	Sum    string // of the files, in words
	More   string
	Rest   []KeyPart
}

// A KeyFile is a file that a step takes.
type KeyFile struct {
	Name, Mode, Owner, Size, Digest string
	Was                             string // what is another than it was
	Mark, Said                      string // "same", "changed"…
	Kind                            string // of the mark: "good", "warn", "bad"
}

// A KeyPart is another part of a key.
type KeyPart struct{ Name, Value, Was, Mark, Kind string }

// maxKeyFiles is how many files of a key are listed; those that differ come first.
const maxKeyFiles = 200

func newKey(k *state.Key) Key {
	v := Key{Open: k.Open, Title: "Cache key"}
	switch {
	case !k.Open:
		return v
	case k.Line == 0:
		v.Empty = "Put the caret into a step to see what its cache key is made of."
		return v
	}
	v.Title, v.Step = "Cache key of line "+strconv.Itoa(k.Line), one(k.Step, 80)
	switch {
	case !k.Known:
		v.Empty = "Looking…"
		return v
	case k.Missing != "":
		v.Empty = sentence(k.Missing)
		return v
	}
	v.Reason, v.Good, v.Digest = sentence(k.Reason), k.Hit, k.Digest
	v.files(k.Parts)
	for _, p := range k.Parts {
		if p.Kind != build.PartFile {
			v.Rest = append(v.Rest, keyPart(p))
		}
	}
	return v
}

func (v *Key) files(parts []build.Part) {
	counts := map[build.Change]int{}
	var differ, same []KeyFile
	for _, p := range parts {
		if p.Kind != build.PartFile {
			continue
		}
		counts[p.Change]++
		if p.Change == build.Unchanged || p.Change == build.NoFormer {
			same = append(same, keyFile(p))
		} else {
			differ = append(differ, keyFile(p))
		}
	}
	n := len(differ) + len(same)
	if n == 0 {
		return
	}
	v.Files = append(differ, same...)
	if n > maxKeyFiles {
		v.Files, v.More = v.Files[:maxKeyFiles], "and "+thousands(n-maxKeyFiles)+" more"
	}
	var words []string
	for _, c := range []struct {
		change build.Change
		word   string
	}{{build.Changed, "changed"}, {build.Added, "added"}, {build.Removed, "removed"}, {build.Touched, "touched only"}, {build.Unchanged, "the same"}} {
		if counts[c.change] > 0 {
			words = append(words, thousands(counts[c.change])+" "+c.word)
		}
	}
	v.Sum = Count(n, "name")
	if len(words) > 0 {
		v.Sum += ": " + list(words)
	}
}

func keyFile(p build.Part) KeyFile {
	f := p.File
	if f == nil {
		f = p.WasFile
	}
	v := KeyFile{Name: visible(p.Name)}
	v.Mark, v.Kind = changeWord(p.Change)
	if f == nil {
		return v
	}
	v.Mode, v.Owner, v.Digest = Octal(f.Mode), strconv.FormatUint(uint64(f.UID), 10)+":"+strconv.FormatUint(uint64(f.GID), 10), shortDigest(f.Digest)
	switch {
	case f.NameOnly:
		v.Mode, v.Owner, v.Digest = "", "", "only its name counts"
	case f.Target != "":
		v.Digest = "→ " + visible(f.Target)
	case f.Type == "file":
		v.Size = Bytes(f.Size)
	default:
		v.Digest = f.Type
	}
	if p.Change == build.Changed && p.File != nil && p.WasFile != nil {
		v.Was = keyWas(p.File, p.WasFile)
	}
	return v
}

// keyWas is what differs in a file, as it was.
func keyWas(now, was *build.File) string {
	var out []string
	if now.Type != was.Type {
		out = append(out, "a "+was.Type)
	}
	if now.Mode != was.Mode {
		out = append(out, "mode "+Octal(was.Mode))
	}
	if now.UID != was.UID || now.GID != was.GID {
		out = append(out, fmt.Sprintf("owner %d:%d", was.UID, was.GID))
	}
	if now.Digest != was.Digest && was.Digest != "" {
		out = append(out, Bytes(was.Size)+", sha256 "+shortDigest(was.Digest))
	}
	if now.Target != was.Target && was.Target != "" {
		out = append(out, "→ "+visible(was.Target))
	}
	return "was " + strings.Join(out, ", ")
}

func changeWord(c build.Change) (word, kind string) {
	switch c {
	case build.Unchanged:
		return "same", "dim"
	case build.Changed:
		return "changed", "warn"
	case build.Added:
		return "added", "good"
	case build.Removed:
		return "removed", "bad"
	case build.Touched:
		return "touched: not in the key", "dim"
	}
	return "", ""
}

// shortDigest is the first digits of a digest.
func shortDigest(d string) string {
	if d = strings.TrimPrefix(d, "sha256:"); len(d) > 8 {
		return d[:8]
	}
	return d
}

func keyPart(p build.Part) KeyPart {
	v := KeyPart{Value: visible(p.Value), Was: visible(p.Was)}
	v.Mark, v.Kind = changeWord(p.Change)
	v.Name = p.Label()
	switch {
	case p.Kind == build.PartBase:
		v.Value, v.Was = shortDigest(p.Value), shortDigest(p.Was)
	case p.Kind == build.PartUser && v.Value == "":
		v.Value = "root"
	}
	if p.Change != build.Changed {
		v.Was = ""
	}
	return v
}
