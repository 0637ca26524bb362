package build

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/layerlab/layerlab/sim/tree"
)

// A PartKind is the class of a Part.
type PartKind string

// What a cache key is made of. Which parts a key has depends on the step: COPY
// and ADD have files and no environment, RUN the other way round.
const (
	PartBase        PartKind = "base"        // what the step starts from: the key of the step or image below it
	PartInstruction PartKind = "instruction" // what it does: destination, flags, mounts
	PartDocument    PartKind = "document"    // its here-documents, with their variables replaced
	PartCommand     PartKind = "command"     // of RUN: the words that are executed
	PartEnv         PartKind = "env"         // of RUN: a variable that ENV or the image sets; without a name: their order
	PartArg         PartKind = "arg"         // of RUN: a build argument that was declared above
	PartDirectory   PartKind = "directory"   // of RUN: where it starts
	PartUser        PartKind = "user"        // of RUN and WORKDIR
	PartFile        PartKind = "file"        // of COPY, ADD and RUN --mount=type=bind
)

// A Change is how a part stands to what it was.
type Change string

// The changes. Touched is no change to the key: only the file's time differs.
const (
	Unchanged Change = "same"
	Changed   Change = "changed"
	Added     Change = "added"
	Removed   Change = "removed"
	Touched   Change = "touched"
	NoFormer  Change = "" // there is nothing to compare with
)

// A Part is one thing that a step's cache key is made of, beside what it was in
// the build before.
type Part struct {
	Kind       PartKind
	Name       string // of a file its path, of a variable its name
	Value, Was string // as one reads it: "1", "/app", "sha256:…"
	Change     Change
	File       *File // of PartFile: as it is now, nil if it is gone
	WasFile    *File // as it was, nil if it is new or nothing is known
}

// A File is a file as a COPY's key sees it, and its time, which the key does not
// see.
type File struct {
	Path     string // in the context or the image, without a leading slash
	Type     string // "file", "directory", "symbolic link", "device"
	Mode     uint32 // permissions with set-uid, set-gid and sticky
	UID, GID uint32
	Size     int64  // in bytes
	Digest   string // of a regular file: "sha256:…"
	Target   string // of a symbolic link
	Modified time.Time
	NameOnly bool // of the top directory of a source only the name counts
}

// Parts is what the step's key is made of, in the order base, instruction, the
// surroundings of a RUN, files by path; what was there before and is gone comes
// with its kind. It is computed at each call, and nil for a step without a key.
func (d Decision) Parts() []Part { return partsOf(d.in, d.was) }

// Differing is those parts that make one key another than the other.
func Differing(parts []Part) []Part {
	return slices.DeleteFunc(slices.Clone(parts), func(p Part) bool {
		return p.Change == Unchanged || p.Change == Touched || p.Change == NoFormer
	})
}

// partsOf holds what a step depends on against what it did; was may be nil.
func partsOf(now, was *inputs) []Part {
	if now == nil {
		return nil
	}
	old := was
	if old == nil {
		old = &inputs{}
	}
	state := func(same bool) Change {
		switch {
		case was == nil:
			return NoFormer
		case same:
			return Unchanged
		}
		return Changed
	}
	parts := []Part{
		{Kind: PartBase, Value: now.Parent, Was: old.Parent, Change: state(now.Parent == old.Parent)},
		{Kind: PartInstruction, Value: now.Shown, Was: old.Shown, Change: state(now.Def == old.Def || now.Shown == old.Shown && now.Doc != old.Doc)},
	}
	if now.Doc != "" || old.Doc != "" {
		parts = append(parts, Part{Kind: PartDocument, Value: now.Doc, Was: old.Doc, Change: state(now.Doc == old.Doc)})
	}
	if now.Kind == "RUN" {
		parts = append(parts, Part{Kind: PartCommand, Value: strings.Join(now.Args, " "), Was: strings.Join(old.Args, " "), Change: state(slices.Equal(now.Args, old.Args))})
		parts = append(parts, envParts(now, old, was == nil)...)
		parts = append(parts, Part{Kind: PartDirectory, Value: now.Dir, Was: old.Dir, Change: state(now.Dir == old.Dir)})
	}
	if now.Kind == "RUN" || now.Kind == "WORKDIR" {
		parts = append(parts, Part{Kind: PartUser, Value: now.User, Was: old.User, Change: state(now.User == old.User)})
	}
	return append(parts, fileParts(now, old, was == nil)...)
}

// envParts is the variables that a RUN sees.
func envParts(now, old *inputs, first bool) []Part {
	is, was := envOf(now.Env), envOf(old.Env)
	kind := func(in *inputs, name string) PartKind {
		if slices.Contains(in.Build, name) {
			return PartArg
		}
		return PartEnv
	}
	var parts []Part
	for _, name := range is.Keys() {
		p := Part{Kind: kind(now, name), Name: name}
		p.Value, _ = is.Get(name)
		var had bool
		p.Was, had = was.Get(name)
		switch {
		case first:
		case !had:
			p.Change = Added
		case p.Was != p.Value:
			p.Change = Changed
		default:
			p.Change = Unchanged
		}
		parts = append(parts, p)
	}
	for _, name := range was.Keys() {
		if _, has := is.Get(name); !has {
			v, _ := was.Get(name)
			parts = append(parts, Part{Kind: kind(old, name), Name: name, Was: v, Change: Removed})
		}
	}
	if !first && len(parts) > 0 && !slices.Equal(now.Env, old.Env) && len(Differing(parts)) == 0 {
		parts = append(parts, Part{Kind: PartEnv, Value: strings.Join(is.Keys(), " "), Was: strings.Join(was.Keys(), " "), Change: Changed})
	}
	return parts
}

// fileParts is the files that a step takes, by path.
func fileParts(now, old *inputs, first bool) []Part {
	before := map[string]fileInput{}
	for _, f := range old.Files {
		before[f.Path] = f
	}
	var parts []Part
	for _, f := range now.Files {
		p := Part{Kind: PartFile, Name: f.Path, Value: f.digest(), File: f.public()}
		was, had := before[f.Path]
		delete(before, f.Path)
		if had {
			p.Was, p.WasFile = was.digest(), was.public()
		}
		switch {
		case first:
		case !had:
			p.Change = Added
		case !was.counted(f):
			p.Change = Changed
		case was.MTime != f.MTime && f.Mode&tree.TypeMask == tree.Regular:
			p.Change = Touched
		default:
			p.Change = Unchanged
		}
		parts = append(parts, p)
	}
	for _, name := range sortedKeys(before) {
		f := before[name]
		parts = append(parts, Part{Kind: PartFile, Name: name, Was: f.digest(), Change: Removed, WasFile: f.public()})
	}
	slices.SortStableFunc(parts, func(a, b Part) int { return strings.Compare(a.Name, b.Name) })
	return parts
}

// digest is what a file's content is known by, "" if it has none.
func (f fileInput) digest() string {
	if f.Digest == "" {
		return f.Target
	}
	return "sha256:" + f.Digest
}

func (f fileInput) public() *File {
	out := &File{
		Path: f.Path, Type: kind(f.Mode), Mode: f.Mode & tree.PermMask, UID: f.UID, GID: f.GID, Size: f.Size,
		Target: f.Target, Modified: f.MTime.Time(), NameOnly: !f.counts,
	}
	if f.Digest != "" {
		out.Digest = "sha256:" + f.Digest
	}
	return out
}

// Label is what the part is called: "starts from", "ENV PATH", "app.txt".
func (p Part) Label() string {
	switch p.Kind {
	case PartFile:
		return p.Name
	case PartBase:
		return "starts from"
	case PartEnv:
		if p.Name == "" {
			return "order of the environment"
		}
		return "ENV " + p.Name
	case PartArg:
		return "ARG " + p.Name
	}
	return string(p.Kind)
}

// String is a part that differs, in a sentence: "ENV E=1 became E=2".
func (p Part) String() string {
	word := strings.ToUpper(string(p.Kind))
	switch p.Kind {
	case PartFile:
		switch {
		case p.Change == Added, p.Change == Removed:
			return FileChange{Path: p.Name, What: string(p.Change)}.String()
		case p.File != nil && p.WasFile != nil:
			return p.File.against(p.WasFile).String()
		}
		return p.Name
	case PartEnv, PartArg:
		if p.Name == "" {
			return fmt.Sprintf("the order of the environment (%s → %s)", p.Was, p.Value)
		}
		switch p.Change {
		case Added:
			return fmt.Sprintf("%s %s=%s is new", word, p.Name, p.Value)
		case Removed:
			return fmt.Sprintf("%s %s=%s is gone", word, p.Name, p.Was)
		case Changed:
			return fmt.Sprintf("%s %s=%s became %s=%s", word, p.Name, p.Was, p.Name, p.Value)
		}
		return fmt.Sprintf("%s %s=%s", word, p.Name, p.Value)
	case PartBase:
		return fmt.Sprintf("what it starts from (%s → %s)", short(p.Was), short(p.Value))
	case PartUser:
		return fmt.Sprintf("its user (%s → %s)", orRoot(p.Was), orRoot(p.Value))
	}
	return fmt.Sprintf("its %s (%q → %q)", p.Kind, p.Was, p.Value)
}

// against is how a file differs from what it was.
func (f *File) against(was *File) FileChange {
	c := FileChange{Path: f.Path, What: "attributes"}
	switch {
	case f.Type != was.Type:
		c.What, c.Old, c.New = "type", was.Type, f.Type
	case f.Digest != was.Digest:
		c.What, c.Old, c.New = "content", was.Digest, f.Digest
	case f.Target != was.Target:
		c.What, c.Old, c.New = "target", was.Target, f.Target
	case f.Mode != was.Mode:
		c.What, c.Old, c.New = "mode", fmt.Sprintf("%04o", was.Mode), fmt.Sprintf("%04o", f.Mode)
	case f.UID != was.UID || f.GID != was.GID:
		c.What, c.Old, c.New = "owner", fmt.Sprintf("%d:%d", was.UID, was.GID), fmt.Sprintf("%d:%d", f.UID, f.GID)
	}
	return c
}
