package build

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
	"github.com/moby/buildkit/util/suggest"
)

// The platform that everything is built for.
const (
	platformOS   = "linux"
	platformArch = "amd64"
)

// defaultPath is the PATH of a stage whose base has none.
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// predefined is the ARGs that exist without being declared, for FROM lines and
// for a stage that declares them without a value.
func predefined(args map[string]string, target string) env {
	if target == "" {
		target = "default"
	}
	e := env{}
	for _, kv := range [][2]string{
		{"BUILDPLATFORM", platformOS + "/" + platformArch}, {"BUILDOS", platformOS}, {"BUILDOSVERSION", ""},
		{"BUILDARCH", platformArch}, {"BUILDVARIANT", ""},
		{"TARGETPLATFORM", platformOS + "/" + platformArch}, {"TARGETOS", platformOS}, {"TARGETOSVERSION", ""},
		{"TARGETARCH", platformArch}, {"TARGETVARIANT", ""}, {"TARGETSTAGE", target},
	} {
		v := kv[1]
		if o, ok := args[kv[0]]; ok {
			v = o
		}
		e = e.with(kv[0], v)
	}
	return e
}

// lex is the word expansion with the file's escape character.
func (r *run) lex() *shell.Lex { return shell.NewLex(r.file.Escape) }

// makeGlobals sets the ARGs that FROM lines see: the predefined ones and those
// above the first FROM, with the values given to the build.
func (r *run) makeGlobals() error {
	target := r.o.Target
	if target == "" {
		target = r.file.Stages[len(r.file.Stages)-1].Name
	}
	r.globals = predefined(r.args, target)
	r.lintDefaults()
	var err error
	if r.globals, err = r.metaArgs(r.globals, r.args); err != nil {
		return err
	}
	value, ok := r.args["SOURCE_DATE_EPOCH"]
	if !ok {
		value, ok = r.globals.Get("SOURCE_DATE_EPOCH")
	}
	switch {
	case r.o.Epoch != nil:
		at := r.o.Epoch.UTC()
		r.epoch = &at
	case ok && value != "":
		sec, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return fmt.Errorf("invalid SOURCE_DATE_EPOCH: %s", value)
		}
		at := time.Unix(sec, 0).UTC()
		r.epoch = &at
	}
	return nil
}

// metaArgs is e with the ARGs above the first FROM.
func (r *run) metaArgs(e env, given map[string]string) (env, error) {
	for _, m := range r.file.MetaArgs {
		for _, kv := range m.Cmd.Args {
			value := kv.Value
			if v, ok := given[kv.Key]; ok {
				value = &v
			} else if value != nil {
				res, err := r.lex().ProcessWordWithMatches(*value, e)
				if err != nil {
					return e, parser.WithLocation(err, m.Cmd.Location())
				}
				value = &res.Result
			}
			if value != nil {
				e = e.with(kv.Key, *value)
			}
		}
	}
	return e, nil
}

// makeStages makes a stage of each FROM line, finds which of them are needed for
// the target and which others they use.
func (r *run) makeStages() error {
	r.byName = map[string]*stage{}
	for i := range r.file.Stages {
		if err := r.makeStage(i); err != nil {
			return err
		}
	}
	if err := r.findTarget(); err != nil {
		return err
	}
	for _, st := range slices.Clone(r.stages) {
		for _, s := range st.steps {
			if err := r.addSources(st, s); err != nil {
				return err
			}
		}
	}
	if err := r.findCircle(); err != nil {
		return err
	}
	if len(r.stages) == 1 {
		r.stages[0].name = ""
	}
	return nil
}

func (r *run) makeStage(i int) error {
	src := &r.file.Stages[i]
	r.lint = r.file.Linter.WithMergedConfigFromComments(src.Cmd.Comments)
	defer func() { r.lint = nil }()
	res, err := r.lex().ProcessWordWithMatches(src.Base, r.globals)
	r.lintFrom(res.Unmatched, src.Cmd.Location)
	if err != nil {
		return parser.WithLocation(err, src.Cmd.Location)
	}
	if res.Result == "" {
		return parser.WithLocation(fmt.Errorf("base name (%s) should not be blank", src.Base), src.Cmd.Location)
	}
	st := &stage{index: i, as: src.Name, name: src.Name, orig: res.Result, at: src.Cmd.Location}
	if st.name == "" {
		st.name = fmt.Sprintf("stage-%d", i)
	}
	if err := r.lintPlatform(st, src.Cmd.Platform); err != nil {
		return parser.WithLocation(err, src.Cmd.Location)
	}
	r.addStage(st)
	if r.stands(st) {
		return nil
	}
	if !st.scratch && st.base == nil {
		st.total = 1
	}
	for _, s := range src.Steps {
		st.steps = append(st.steps, &step{cmd: s.Cmd, text: s.Text, doc: documents(s.Cmd), line: s.Line, end: s.EndLine, history: -1})
		if makesLayer(s.Cmd) {
			st.total++
		}
	}
	return nil
}

// documents is the here-documents of an instruction as they are now, one after
// the other.
func documents(c instructions.Command) string {
	out := ""
	switch c := c.(type) {
	case *instructions.CopyCommand:
		for _, d := range c.SourceContents {
			out += d.Data
		}
	case *instructions.AddCommand:
		for _, d := range c.SourceContents {
			out += d.Data
		}
	case *instructions.RunCommand:
		for _, d := range c.Files {
			out += d.Data
		}
	}
	return out
}

// makesLayer reports whether an instruction counts in "[2/4]".
func makesLayer(c instructions.Command) bool {
	switch c.(type) {
	case *instructions.AddCommand, *instructions.CopyCommand, *instructions.RunCommand, *instructions.WorkdirCommand:
		return true
	}
	return false
}

// addStage registers a stage; its base is found among the stages before it.
func (r *run) addStage(st *stage) {
	r.stages = append(r.stages, st)
	if b, ok := r.byName[st.orig]; ok {
		st.base = b
	} else if st.orig == "scratch" {
		st.scratch = true
	}
	if st.as != "" {
		r.byName[strings.ToLower(st.as)] = st
	}
}

// findTarget finds the stage that is to be built.
func (r *run) findTarget() error {
	if r.o.UntilLine > 0 {
		at := r.file.StageAt(r.o.UntilLine)
		if at == nil {
			return fmt.Errorf("line %d stands before the first FROM: there is nothing to build yet", r.o.UntilLine)
		}
		r.target = r.stages[at.Index]
		r.target.cut(r.o.UntilLine)
		return nil
	}
	if r.o.Target == "" {
		r.target = r.stages[len(r.file.Stages)-1]
		return nil
	}
	if st, ok := r.byName[strings.ToLower(r.o.Target)]; ok {
		r.target = st
		return nil
	}
	err := fmt.Errorf("target stage %q could not be found", r.o.Target)
	return suggest.WrapError(err, r.o.Target, r.stageNames(), true)
}

// cut drops the steps below a line.
func (st *stage) cut(line int) {
	for i, s := range st.steps {
		if s.line > line {
			st.steps = st.steps[:i]
			return
		}
	}
}

func (r *run) stageNames() []string {
	var names []string
	for _, st := range r.stages {
		if st.name != "" {
			names = append(names, st.name)
		}
	}
	return names
}

// addSources finds the stages that a step takes files from; a name that is no
// stage's is an image's.
func (r *run) addSources(st *stage, s *step) error {
	switch c := s.cmd.(type) {
	case *instructions.CopyCommand:
		if c.From == "" {
			return nil
		}
		if res, err := r.lex().ProcessWordWithMatches(c.From, env{}); err != nil {
			return err
		} else if res.Result != c.From {
			return errors.New("variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround")
		}
		if n, err := strconv.Atoi(c.From); err == nil {
			if n < 0 || n >= len(r.stages) {
				return fmt.Errorf("invalid stage index %d", n)
			}
			s.sources = []*stage{r.stages[n]}
		} else {
			s.sources = []*stage{r.fromStage(c.From, c.Location())}
		}
	case *instructions.RunCommand:
		for _, m := range instructions.GetMounts(c) {
			if m.From == "" {
				// To BuildKit it is a mount from a nameless empty stage, for which
				// the stages are numbered even if there is only one.
				r.addStage(&stage{index: -1, orig: "scratch", at: c.Location(), external: true})
				s.sources = append(s.sources, nil)
				continue
			}
			s.sources = append(s.sources, r.fromStage(m.From, nil)) // BuildKit does not say where it is missing
		}
	}
	for _, src := range s.sources {
		if src != nil {
			st.needs = append(st.needs, src)
			st.needsAt = append(st.needsAt, s.cmd.Location())
		}
	}
	return nil
}

// fromStage is the stage or image that --from names.
func (r *run) fromStage(name string, at []parser.Range) *stage {
	if st, ok := r.byName[strings.ToLower(name)]; ok {
		return st
	}
	st := &stage{index: -1, orig: name, at: at, external: true}
	r.addStage(st)
	return st
}

// findCircle fails if a stage needs itself.
func (r *run) findCircle() error {
	done, path := map[*stage]bool{}, map[*stage]bool{}
	var visit func(st *stage, at [][]parser.Range) error
	visit = func(st *stage, at [][]parser.Range) error {
		if done[st] {
			return nil
		}
		done[st], path[st] = true, true
		for i, dep := range st.needs {
			next := append(slices.Clone(at), st.needsAt[i])
			if path[dep] {
				err := fmt.Errorf("circular dependency detected on stage: %s", st.name)
				for _, l := range next {
					err = parser.WithLocation(err, l)
				}
				return err
			}
			if err := visit(dep, next); err != nil {
				return err
			}
		}
		delete(path, st)
		return nil
	}
	for _, st := range r.stages {
		if err := visit(st, nil); err != nil {
			return err
		}
	}
	return nil
}

// reachable is the stages that the target needs, itself included.
func (r *run) reachable() map[*stage]bool {
	out := map[*stage]bool{}
	var add func(*stage)
	add = func(st *stage) {
		if st == nil || out[st] {
			return
		}
		out[st] = true
		add(st.base)
		for _, n := range st.needs {
			add(n)
		}
	}
	add(r.target)
	if r.checking && r.o.Target == "" {
		for _, st := range r.stages {
			add(st)
		}
	}
	return out
}
