package build

import (
	"fmt"
	"maps"
	"math"
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// comment is what BuildKit writes into every row of the history.
const comment = "buildkit.dockerfile.v0"

// notEnv is the ARGs that are not put into the environment.
var notEnv = map[string]bool{"BUILDKIT_SBOM_SCAN_CONTEXT": true, "BUILDKIT_SBOM_SCAN_STAGE": true}

// dispatch goes through the steps of all stages that are needed, in the order of
// the Dockerfile: variables are expanded, the configuration and history grow and
// steps that make layers become nodes. Nothing runs yet.
func (r *run) dispatch() error {
	needed := r.reachable()
	for _, st := range r.stages {
		if !needed[st] || st.dispatched {
			continue
		}
		st.dispatched = true
		r.enter(st)
		for _, s := range st.steps {
			r.lint = r.file.Linter.WithMergedConfigFromComments(s.cmd.Comments())
			if err := r.dispatchStep(st, s); err != nil {
				return parser.WithLocation(err, s.cmd.Location())
			}
		}
	}
	r.lint = nil
	if len(r.o.Labels) > 0 {
		if r.target.img.Config.Labels == nil {
			r.target.img.Config.Labels = map[string]string{}
		}
		maps.Copy(r.target.img.Config.Labels, r.o.Labels)
	}
	return r.file.LintError()
}

// enter starts a stage with what its base leaves to it.
func (r *run) enter(st *stage) {
	if b := st.base; b != nil {
		st.node, st.env, st.user, st.dir = b.node, b.env, b.user, b.dir
		st.img = cloneConfig(b.img)
		st.img.Config.OnBuild = nil
		st.resolved = b.resolved
		st.workdir = b.workdir
		st.args = slices.Clone(b.args)
	}
	c := &st.img.Config
	if _, ok := envOf(c.Env).Get("PATH"); !ok {
		c.Env = append(c.Env, "PATH="+defaultPath)
	}
	for _, kv := range c.Env {
		k, v, _ := strings.Cut(kv, "=")
		st.env = st.env.with(k, v)
	}
	if c.WorkingDir != "" {
		c.WorkingDir = joinDir("", c.WorkingDir)
		st.dir = c.WorkingDir
	}
	if c.User != "" {
		st.user = c.User
	}
}

// expand replaces the variables of an instruction that allows it.
func (r *run) expand(st *stage, c instructions.Command) error {
	word := func(lex *shell.Lex) instructions.SingleWordExpander {
		return func(w string) (string, error) {
			out, unmatched, err := lex.ProcessWord(w, st.env)
			r.lintUndefined(st, c.Location(), unmatched)
			return out, err
		}
	}
	_, isArg := c.(*instructions.ArgCommand)
	if ex, ok := c.(instructions.SupportsSingleWordExpansion); ok && !isArg {
		if err := ex.Expand(word(r.lex())); err != nil {
			return err
		}
	}
	if ex, ok := c.(instructions.SupportsSingleWordExpansionRaw); ok {
		lex := shell.NewLex('\\')
		lex.SkipProcessQuotes = true
		if err := ex.ExpandRaw(word(lex)); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) dispatchStep(st *stage, s *step) error {
	if err := r.expand(st, s.cmd); err != nil {
		return err
	}
	s.shown = s.text
	switch c := s.cmd.(type) {
	case *instructions.RunCommand:
		return r.dispatchRun(st, s, c)
	case *instructions.CopyCommand:
		return r.dispatchCopy(st, s, c)
	case *instructions.AddCommand:
		return r.dispatchAdd(st, s, c)
	case *instructions.WorkdirCommand:
		return r.dispatchWorkdir(st, s, c)
	case *instructions.OnbuildCommand:
		st.img.Config.OnBuild = append(st.img.Config.OnBuild, c.Expression)
		return nil
	}
	row, err := r.dispatchConfig(st, s.cmd)
	if err != nil {
		return err
	}
	s.shown = row
	r.history(st, s, row, true)
	return nil
}

// history adds a row to the stage's history.
func (r *run) history(st *stage, s *step, by string, empty bool) {
	s.history = len(st.img.History)
	st.img.History = append(st.img.History, ocispec.History{CreatedBy: by, Comment: comment, EmptyLayer: empty, Created: r.epoch})
}

func (r *run) dispatchWorkdir(st *stage, s *step, c *instructions.WorkdirCommand) error {
	if !st.workdir && !path.IsAbs(c.Path) {
		r.warn(&linter.RuleWorkdirRelativePath, c.Location(), linter.RuleWorkdirRelativePath.Format(c.Path))
	}
	st.workdir = true
	wd := joinDir(st.img.Config.WorkingDir, c.Path)
	st.img.Config.WorkingDir = wd
	st.dir = wd
	layer := wd != "/"
	if layer {
		op := &mkdirOp{Path: path.Clean(wd), User: st.img.Config.User, Time: r.epoch}
		r.add(st, s, r.expanded(st, s.text), op)
	}
	r.history(st, s, "WORKDIR "+wd, !layer)
	return nil
}

// joinDir is a directory as WORKDIR sets it, seen from the one before. An
// absolute one stays as it is written.
func joinDir(current, p string) string {
	if current == "" {
		current = "/"
	}
	if p == "" {
		p = current
	}
	if !path.IsAbs(p) {
		p = path.Join("/", current, p)
	}
	return p
}

// add makes a step a node on top of the stage.
func (r *run) add(st *stage, s *step, shown string, op any) {
	s.shown = shown
	n := &node{base: st.node, op: op, at: s.cmd.Location(), step: shown, own: st.prefix(shown, s.trigger)}
	n.anew = r.ignoresCache(st, op)
	r.register(n)
	st.node, s.node = n, n
}

// ignoresCache reports whether a step is to be run whatever the cache holds. Of
// WORKDIR BuildKit does not ask it, and stages are meant by the names that AS
// gives them.
func (r *run) ignoresCache(st *stage, op any) bool {
	if _, isDir := op.(*mkdirOp); isDir {
		return false
	}
	return r.o.NoCache || st.as != "" && slices.ContainsFunc(r.o.NoCacheFilter, func(name string) bool { return strings.EqualFold(name, st.as) })
}

// register gives a node its identity. Two nodes that are made alike from the same
// inputs are one vertex: it is run once, under the name of the last.
func (r *run) register(n *node) {
	r.seq++
	n.seq = r.seq
	n.define()
	if r.nodes == nil {
		r.nodes = map[string]*node{}
	}
	if first := r.nodes[n.id]; first != nil {
		n.twin = first
		first.anew = first.anew || n.anew
		return
	}
	r.nodes[n.id] = n
}

// real is the node that does n's work.
func (n *node) real() *node {
	if n != nil && n.twin != nil {
		return n.twin
	}
	return n
}

// prefix is a step's name in the progress: the stage and its place in it.
func (st *stage) prefix(shown string, trigger bool) string {
	if st.total == 0 {
		return shown
	}
	st.count++
	name := ""
	if st.name != "" {
		name = st.name + " "
	}
	if trigger {
		shown = "ONBUILD " + shown
	}
	width := int(1 + math.Log10(float64(st.total)))
	return fmt.Sprintf("[%s%*d/%d] %s", name, width, st.count, st.total, shown)
}

// expanded is a step's text with its variables replaced, for the progress.
func (r *run) expanded(st *stage, text string) string {
	if out, _, err := r.lex().ProcessWord(text, st.env); err == nil {
		text = out
	}
	return upperFirst(text)
}

// upperFirst is text with its first word in capitals.
func upperFirst(text string) string {
	word, rest, found := strings.Cut(text, " ")
	if !found {
		return strings.ToUpper(word)
	}
	return strings.ToUpper(word) + " " + rest
}
