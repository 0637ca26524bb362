package build

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// dispatchRun is RUN. A here-document that is the whole command is given to the
// shell as its text or, if it begins with "#!", run as a file; others are left to
// the shell.
func (r *run) dispatchRun(st *stage, s *step, c *instructions.RunCommand) error {
	if instructions.GetSecurity(c) == "insecure" && r.refused == nil {
		r.refused = errors.New("failed to load LLB: security.insecure is not allowed")
	}
	if instructions.GetNetwork(c) == "host" && r.refused == nil {
		r.refused = errors.New("failed to load LLB: network.host is not allowed")
	}
	op := &runOp{Env: st.env.list, Dir: st.dir, User: st.user, Network: instructions.GetNetwork(c), Security: instructions.GetSecurity(c)}
	shown := s.text
	args := []string(c.CmdLine)
	if len(c.Files) > 0 {
		if len(args) != 1 || !c.PrependShell {
			return fmt.Errorf("parsing produced an invalid run command: %v", args)
		}
		if parser.MustParseHeredoc(args[0]) != nil {
			f := c.Files[0]
			data := f.Data
			if f.Chomp {
				data = parser.ChompHeredocContent(data)
			}
			if strings.HasPrefix(data, "#!") {
				op.Script, op.File = data, f.Name
				args = []string{path.Join(pipes, f.Name)}
			} else {
				args = []string{data}
			}
			shown += " (" + summary(f.Data) + ")"
		} else {
			var b strings.Builder
			b.WriteString(args[0])
			for _, f := range c.Files {
				b.WriteString("\n" + f.Data + f.Name)
			}
			args = []string{b.String()}
		}
	}
	if c.PrependShell {
		args = withShell(st, args)
	}
	if len(args) == 0 && r.refused == nil {
		r.refused = errors.New("failed to marshal LLB definition: arguments are required")
	}
	op.Args = args
	for _, a := range st.args {
		op.buildArg = append(op.buildArg, a.Key)
	}
	if err := r.dispatchMounts(st, s, c, op); err != nil {
		return err
	}
	by := "RUN " + commandString(st, args)
	r.add(st, s, r.expandedRun(st, shown), op)
	r.history(st, s, by+" # buildkit", false)
	return nil
}

// pipes is where BuildKit puts the script of a here-document.
const pipes = "/dev/pipes"

// expandedRun is a RUN for the progress: known variables are replaced, quotes
// and unknown ones stay, escapes go.
func (r *run) expandedRun(st *stage, text string) string {
	lex := r.lex()
	lex.RawQuotes, lex.SkipUnsetEnv = true, true
	if out, _, err := lex.ProcessWord(text, st.env); err == nil {
		text = out
	}
	return upperFirst(text)
}

// summary is the first line of a here-document.
func summary(doc string) string {
	first, _, more := strings.Cut(strings.ReplaceAll(strings.TrimSpace(doc), "\r\n", "\n"), "\n")
	if more {
		first += "..."
	}
	return first
}

// commandString is a command as the history shows it: the ARGs in scope, by
// number, then the words.
func commandString(st *stage, args []string) string {
	var list []string
	at := map[string]int{}
	for _, a := range st.args {
		v, ok := st.env.Get(a.Key)
		if !ok {
			v = a.ValueString()
		}
		if i, seen := at[a.Key]; seen {
			list[i] = a.Key + "=" + v
			continue
		}
		at[a.Key] = len(list)
		list = append(list, a.Key+"="+v)
	}
	if len(list) > 0 {
		list = append([]string{"|" + strconv.Itoa(len(list))}, list...)
	}
	return strings.Join(append(list, args...), " ")
}

// dispatchMounts is the --mount flags of a RUN.
func (r *run) dispatchMounts(st *stage, s *step, c *instructions.RunCommand, op *runOp) error {
	for i, m := range instructions.GetMounts(c) {
		rm := &runMount{Type: string(m.Type), Source: m.Source, ReadOnly: m.ReadOnly, UID: m.UID, GID: m.GID, Mode: m.Mode, Required: m.Required, From: m.From, spec: m}
		if src := s.sources[i]; src != nil {
			if !src.dispatched {
				return fmt.Errorf("cannot mount from stage %q to %q, stage needs to be defined before current command", m.From, m.Target)
			}
			rm.from = src.node
		}
		target := m.Target
		switch m.Type {
		case instructions.MountTypeSecret, instructions.MountTypeSSH:
			rm.ID = m.CacheID
			if m.Source != "" {
				rm.ID = m.Source
			}
			if rm.ID == "" && m.Type == instructions.MountTypeSSH {
				rm.ID = "default"
			}
			if rm.ID == "" {
				rm.ID = path.Base(target)
			}
			if target == "" && m.Env == nil {
				target = "/run/secrets/" + path.Base(rm.ID)
			}
			if m.Env != nil {
				rm.Env = *m.Env
			}
		case instructions.MountTypeCache:
			if rm.ID = m.CacheID; rm.ID == "" {
				rm.ID = path.Clean(target)
			}
		}
		if !path.IsAbs(target) && (target != "" || m.Type != instructions.MountTypeSecret && m.Type != instructions.MountTypeSSH) {
			target = path.Join("/", st.dir, target)
		}
		if target == "/" {
			return fmt.Errorf("invalid mount target %q", target)
		}
		if target != "" {
			rm.Target = path.Clean(target)
		}
		op.Mounts = append(op.Mounts, rm)
	}
	slices.SortStableFunc(op.Mounts, func(a, b *runMount) int { return strings.Compare(a.Target, b.Target) })
	return nil
}
