package build

import (
	"fmt"
	"slices"
	"strings"

	"github.com/layerlab/layerlab/sim/tree"
)

// reason says why a step is (hit) or is not reused: it holds what the step
// depends on against what it depended on when its stage was built last.
// It also gives what the step depended on then, nil if that is not known.
func (r *run) reason(s *step, i int, in *inputs, key string, hit bool, m *memory) (Reason, *inputs) {
	old, how := m.find(i+1, s.text)
	var was *inputs
	if how != nothing {
		was = old.in
	}
	if hit {
		return r.whyHit(s, in, key, old, how, m), was
	}
	return r.whyMiss(s, in, key, old, how, m), was
}

// whyMiss is why a step is not reused.
func (r *run) whyMiss(s *step, in *inputs, key string, old *memo, how found, m *memory) Reason {
	if why := r.whyAnew(s); why != nil {
		return *why
	}
	switch {
	case how == nothing && len(m.old) == 0:
		return Reason{Kind: FirstBuild, Text: "first build: nothing to reuse yet"}
	case how == nothing:
		return Reason{Kind: StepAdded, Text: "missed: the step is new, the last build did not have it"}
	case how == replaced:
		return Reason{Kind: TextChanged, Old: old.text, New: s.text, Text: fmt.Sprintf("missed: the text of the step changed, it was %q", old.text)}
	case old.failed && (old.in == nil || old.key == key):
		return Reason{Kind: FailedLastTime, Text: "missed: the step failed last time, and failed steps are not kept"}
	case old.in == nil:
		return Reason{Kind: TextChanged, Old: old.text, New: s.text, Text: "missed: the last build had no layer here"}
	}
	if old.doc != s.doc {
		return Reason{Kind: TextChanged, Old: old.doc, New: s.doc, Text: "missed: the text of its here-document changed"}
	}
	if why := whyFiles(in, old.in); why != nil {
		return *why
	}
	if why := whyRun(in, old.in); why != nil {
		return *why
	}
	if in.Parent != old.in.Parent {
		return r.whyParent(s, in, old, m)
	}
	if in.Doc != old.in.Doc {
		return Reason{Kind: ArgChanged, Old: old.in.Doc, New: in.Doc, Text: "missed: with its variables its here-document says something else"}
	}
	if in.Shown != old.in.Shown || in.Def != old.in.Def {
		return Reason{Kind: ArgChanged, Old: old.in.Shown, New: in.Shown, Text: fmt.Sprintf("missed: with its variables it now says %q, it was %q", in.Shown, old.in.Shown)}
	}
	return Reason{Kind: NotKept, Text: "missed: its result of the last build is no longer in the cache"}
}

// whyAnew is why a step is run whatever the cache holds, nil if it is not.
func (r *run) whyAnew(s *step) *Reason {
	n := s.node.real()
	base := n.base.real()
	switch {
	case n.anew && r.o.NoCache:
		return &Reason{Kind: NoCache, Text: "missed: --no-cache says to run every step anew"}
	case n.anew:
		return &Reason{Kind: NoCache, Text: "missed: --no-cache-filter names its stage"}
	case n.onAnew() && base.res != nil:
		return &Reason{Kind: NoCache, Parent: base.res.line, Text: fmt.Sprintf("missed: it starts from line %d (%s), which was to be run anew", base.res.line, base.res.step)}
	}
	return nil
}

// whyFiles is the files that changed, nil if none did.
func whyFiles(in, old *inputs) *Reason {
	changes, _ := compareFiles(old.Files, in.Files)
	if len(changes) == 0 {
		return nil
	}
	var parts []string
	for i, c := range changes {
		if i == 3 && len(changes) > 4 {
			parts = append(parts, fmt.Sprintf("%d more files changed", len(changes)-i))
			break
		}
		parts = append(parts, c.String())
	}
	return &Reason{Kind: FilesChanged, Files: changes, Text: "missed: " + words(parts)}
}

// String is the change in a sentence: "app.txt changed (sha256 5891b5b5… → 2c26b46b…)".
func (c FileChange) String() string {
	switch c.What {
	case "added", "removed":
		return c.Path + " was " + c.What
	case "content":
		return fmt.Sprintf("%s changed (sha256 %s → %s)", c.Path, short(c.Old), short(c.New))
	case "time":
		return c.Path + " was touched"
	case "mode":
		return fmt.Sprintf("%s has another mode (%s → %s)", c.Path, c.Old, c.New)
	case "owner":
		return fmt.Sprintf("%s has another owner (%s → %s)", c.Path, c.Old, c.New)
	case "target":
		return fmt.Sprintf("%s links to another place (%s → %s)", c.Path, c.Old, c.New)
	case "type":
		return fmt.Sprintf("%s became another kind of file (%s → %s)", c.Path, c.Old, c.New)
	}
	return c.Path + " has other " + c.What
}

// short is the first digits of a digest.
func short(d string) string {
	d = strings.TrimPrefix(d, "sha256:")
	if len(d) > 8 {
		return d[:8] + "…"
	}
	return d
}

// compareFiles is what differs in what counts, and which files differ in their
// time alone.
func compareFiles(old, now []fileInput) (changes, touched []FileChange) {
	before := map[string]fileInput{}
	for _, f := range old {
		before[f.Path] = f
	}
	for _, f := range now {
		was, ok := before[f.Path]
		delete(before, f.Path)
		if !ok {
			changes = append(changes, FileChange{Path: f.Path, What: "added"})
			continue
		}
		if c := compareFile(was, f); c != nil {
			changes = append(changes, *c)
		} else if was.MTime != f.MTime && f.Mode&tree.TypeMask == tree.Regular {
			touched = append(touched, FileChange{Path: f.Path, What: "time"})
		}
	}
	for _, p := range sortedKeys(before) {
		changes = append(changes, FileChange{Path: p, What: "removed"})
	}
	slices.SortStableFunc(changes, func(a, b FileChange) int { return strings.Compare(a.Path, b.Path) })
	return changes, touched
}

func compareFile(was, now fileInput) *FileChange {
	if was.counted(now) {
		return nil
	}
	c := &FileChange{Path: now.Path}
	switch {
	case was.Mode&tree.TypeMask != now.Mode&tree.TypeMask:
		c.What, c.Old, c.New = "type", kind(was.Mode), kind(now.Mode)
	case was.Digest != now.Digest:
		c.What, c.Old, c.New = "content", "sha256:"+was.Digest, "sha256:"+now.Digest
	case was.Target != now.Target:
		c.What, c.Old, c.New = "target", was.Target, now.Target
	case was.Mode != now.Mode:
		c.What, c.Old, c.New = "mode", fmt.Sprintf("%04o", was.Mode&tree.PermMask), fmt.Sprintf("%04o", now.Mode&tree.PermMask)
	case was.UID != now.UID || was.GID != now.GID:
		c.What, c.Old, c.New = "owner", fmt.Sprintf("%d:%d", was.UID, was.GID), fmt.Sprintf("%d:%d", now.UID, now.GID)
	default:
		c.What = "attributes"
	}
	return c
}

// kind names a file type.
func kind(mode uint32) string {
	switch mode & tree.TypeMask {
	case tree.Directory:
		return "directory"
	case tree.Symlink:
		return "symbolic link"
	case tree.Regular:
		return "file"
	}
	return "device"
}

// whyRun is what changed around a RUN: its shell, environment, directory, user.
func whyRun(in, old *inputs) *Reason {
	if in.Kind != "RUN" {
		if in.Kind == "WORKDIR" && in.User != old.User {
			return &Reason{Kind: UserChanged, Old: old.User, New: in.User, Text: fmt.Sprintf("missed: the directory would belong to %s, it was %s", orRoot(in.User), orRoot(old.User))}
		}
		return nil
	}
	if !slices.Equal(in.Args, old.Args) {
		return &Reason{Kind: ShellChanged, Old: strings.Join(old.Args, " "), New: strings.Join(in.Args, " "), Text: fmt.Sprintf("missed: the command is run as %q, it was %q", strings.Join(in.Args, " "), strings.Join(old.Args, " "))}
	}
	if why := whyEnv(in, old); why != nil {
		return why
	}
	if in.Dir != old.Dir {
		return &Reason{Kind: WorkdirChanged, Old: old.Dir, New: in.Dir, Text: fmt.Sprintf("missed: it runs in %s, it was %s", in.Dir, old.Dir)}
	}
	if in.User != old.User {
		return &Reason{Kind: UserChanged, Old: old.User, New: in.User, Text: fmt.Sprintf("missed: %s runs it, it was %s", orRoot(in.User), orRoot(old.User))}
	}
	return nil
}

func orRoot(user string) string {
	if user == "" {
		return "root"
	}
	return "user " + user
}

// whyEnv is the first variable that a RUN sees with another value.
func whyEnv(in, old *inputs) *Reason {
	now, was := envOf(in.Env), envOf(old.Env)
	names := now.Keys()
	for _, k := range was.Keys() {
		if _, ok := now.Get(k); !ok {
			names = append(names, k)
		}
	}
	for _, k := range names {
		a, had := was.Get(k)
		b, has := now.Get(k)
		if a == b && had == has {
			continue
		}
		why := Reason{Kind: EnvChanged, Name: k, Old: a, New: b}
		word, sees := "ENV", "RUN sees the environment"
		if slices.Contains(in.Build, k) || slices.Contains(old.Build, k) {
			why.Kind, word, sees = ArgChanged, "ARG", "RUN sees every ARG above it, even one that it does not use"
		}
		switch {
		case !had:
			why.Text = fmt.Sprintf("missed: %s %s=%s is new, and %s", word, k, b, sees)
		case !has:
			why.Text = fmt.Sprintf("missed: %s %s=%s is gone, and %s", word, k, a, sees)
		default:
			why.Text = fmt.Sprintf("missed: %s %s=%s became %s=%s, and %s", word, k, a, k, b, sees)
		}
		return &why
	}
	if !slices.Equal(in.Env, old.Env) {
		return &Reason{Kind: EnvChanged, Text: "missed: the order of the environment changed, and RUN sees the environment"}
	}
	return nil
}

// whyParent is why a step starts from something else than last time.
func (r *run) whyParent(s *step, in *inputs, old *memo, m *memory) Reason {
	base := s.node.real().base.real()
	if base == nil || base.res == nil {
		return Reason{Kind: BaseChanged, Text: "missed: it starts from another base than last time"}
	}
	isImage := base.isImage()
	if isImage && m.baseChanged {
		return Reason{Kind: BaseChanged, Parent: base.res.line, Text: fmt.Sprintf("missed: the base image on line %d is another one than last time", base.res.line)}
	}
	line, kind := base.res.line, in.Kind
	if isImage || base.res.hit {
		return Reason{Kind: ParentChanged, Parent: line, Text: fmt.Sprintf("missed: this %s starts from the result of line %d (%s), last time it started from something else", kind, line, base.res.step)}
	}
	return Reason{Kind: ParentChanged, Parent: line, Text: becauseOf(base.res, kind)}
}

// becauseOf blames the step that another starts from.
func becauseOf(base *result, word string) string {
	return fmt.Sprintf("missed because line %d (%s) missed and this %s starts from its result", base.line, base.step, word)
}

// whyHit is why a step is reused although something may have changed.
func (r *run) whyHit(s *step, in *inputs, key string, old *memo, how found, m *memory) Reason {
	if how == nothing || old.in == nil && !old.failed {
		return Reason{Kind: Shared, Text: "hit: another build or stage made exactly this before"}
	}
	if base := s.node.real().base.real(); s.node.real().linked() && base.res != nil && !base.res.hit && !base.isImage() {
		return Reason{Kind: SameLinked, Parent: base.res.line, Text: fmt.Sprintf("hit although line %d (%s) missed: --link makes this layer apart from what is below it", base.res.line, base.res.step)}
	}
	if old.key != key {
		return Reason{Kind: SameAgain, Text: "hit: everything is again as it was in an earlier build; the cache keeps all results, not only the last"}
	}
	if op, ok := s.node.real().op.(*copyOp); ok {
		for _, a := range op.Actions {
			if a.from != nil && a.from.real().res != nil && ranAnew(a.from.real()) {
				return Reason{Kind: SameContent, Parent: a.from.real().res.line, Text: fmt.Sprintf("hit although the stage %s ran anew: what is copied from it has the same bytes", a.label)}
			}
		}
	}
	if _, touched := compareFiles(old.in.Files, in.Files); len(touched) > 0 {
		names := make([]string, 0, 3)
		for i, t := range touched {
			if i == 3 {
				names = append(names, fmt.Sprintf("%d more files", len(touched)-i))
				break
			}
			names = append(names, t.Path)
		}
		was := "was"
		if len(touched) > 1 {
			was = "were"
		}
		return Reason{Kind: SameTouched, Files: touched, Text: fmt.Sprintf("hit although %s %s touched: times are not part of the key", words(names), was)}
	}
	if how == replaced || old.text != s.text {
		return Reason{Kind: SameText, Old: old.text, New: s.text, Text: "hit although it is written in another way: it does the same to the same files"}
	}
	if c := m.configChange; c != "" {
		if in.Kind != "RUN" && (strings.HasPrefix(c, "ENV") || strings.HasPrefix(c, "ARG")) {
			return Reason{Kind: SameEnv, New: c, Text: fmt.Sprintf("hit although %q above it is another than last time: %s does not see the environment", c, in.Kind)}
		}
		return Reason{Kind: SameConfig, New: c, Text: fmt.Sprintf("hit although %q above it is another than last time: it changes only the configuration", c)}
	}
	return Reason{Kind: Same, Text: "hit: nothing that this step depends on has changed"}
}

// firstWord is the instruction of a step.
func firstWord(s string) string {
	w, _, _ := strings.Cut(s, " ")
	return strings.ToUpper(w)
}
