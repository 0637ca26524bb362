package shell

import (
	"mvdan.cc/sh/v3/syntax"
)

func (s *interp) stmts(list []*syntax.Stmt) {
	for _, st := range list {
		if s.ctl.kind != goOn {
			return
		}
		s.stmt(st)
	}
}

// stmt runs one statement: its command with negation, background, redirections
// and set -e.
func (s *interp) stmt(st *syntax.Stmt) {
	s.p.k.turn(s.ctx)
	s.line = int(st.Pos().Line())
	if st.Background {
		s.background(st)
		return
	}
	if st.Negated {
		s.quiet++
	}
	s.redirected(st)
	s.closeProcFds()
	if st.Negated {
		s.quiet--
		if s.ctl.kind == goOn || s.ctl.kind == ctlReturn && s.dialect == ash {
			s.last = boolStatus(s.last != 0)
		}
		return
	}
	if s.last != 0 && s.quiet == 0 && s.ctl.kind == goOn && s.traps["ERR"] != "" && failsShell(st.Cmd) {
		s.errTrap()
	}
	if s.last != 0 && s.opt.errexit && s.quiet == 0 && s.ctl.kind == goOn && failsShell(st.Cmd) {
		s.ctl = control{kind: ctlExit}
	}
}

// failsShell reports whether a failure of cmd itself ends a shell under set -e.
// The parts of lists and compound commands answer for themselves.
func failsShell(cmd syntax.Command) bool {
	switch cmd := cmd.(type) {
	case *syntax.CallExpr, *syntax.Subshell, *syntax.ArithmCmd, *syntax.TestClause, *syntax.DeclClause, *syntax.LetClause, nil:
		return true
	case *syntax.BinaryCmd:
		return cmd.Op == syntax.Pipe || cmd.Op == syntax.PipeAll
	}
	return false
}

func (s *interp) redirected(st *syntax.Stmt) {
	if call, ok := st.Cmd.(*syntax.CallExpr); ok {
		s.call(call, st.Redirs)
		return
	}
	undo, keep, ok := s.redirect(st.Redirs)
	if !ok {
		s.last = s.notRedirected()
		if _, sub := st.Cmd.(*syntax.Subshell); sub && s.dialect != bash {
			s.last = 2 // it is the subshell that fails
		}
		return
	}
	defer keep()
	defer undo()
	if st.Cmd == nil {
		s.last = 0
		return
	}
	s.compound(st.Cmd)
}

func (s *interp) compound(cmd syntax.Command) {
	switch cmd := cmd.(type) {
	case *syntax.Block:
		s.last = 0
		s.stmts(cmd.Stmts)
	case *syntax.Subshell:
		s.last = s.sub(func(c *interp) { c.stmts(cmd.Stmts) })
	case *syntax.BinaryCmd:
		s.binary(cmd)
	case *syntax.IfClause:
		s.ifClause(cmd)
	case *syntax.WhileClause:
		s.while(cmd)
	case *syntax.ForClause:
		s.forClause(cmd)
	case *syntax.CaseClause:
		s.caseClause(cmd)
	case *syntax.FuncDecl:
		if cmd.Name == nil { // the parser takes "() true", as zsh does
			s.die(2, "syntax error: \")\" unexpected")
		}
		s.funcs[cmd.Name.Value] = cmd.Body
		s.last = 0
	case *syntax.ArithmCmd:
		s.last = boolStatus(s.arithm(cmd.X) != 0)
	case *syntax.LetClause:
		if s.dialect == dash {
			s.notFound("let")
			s.last = 127
			return
		}
		n := int64(0)
		for _, x := range cmd.Exprs {
			n = s.arithm(x)
		}
		s.last = boolStatus(n != 0)
	case *syntax.TestClause:
		if s.dialect == dash {
			s.notFound("[[")
			s.last = 127
			return
		}
		if s.dialect == ash {
			s.ashTest(cmd.X)
			return
		}
		s.last = boolStatus(s.testExpr(cmd.X))
	case *syntax.DeclClause:
		s.declare(cmd)
	case *syntax.TimeClause:
		s.timeClause(cmd)
	default:
		s.die(2, "syntax error: %T is not known to this shell", cmd)
	}
}

func boolStatus(ok bool) int {
	if ok {
		return 0
	}
	return 1
}

func (s *interp) binary(cmd *syntax.BinaryCmd) {
	switch cmd.Op {
	case syntax.Pipe, syntax.PipeAll:
		s.pipeline(cmd)
		return
	}
	s.quiet++
	s.stmt(cmd.X)
	s.quiet--
	if s.ctl.kind == goOn && (s.last == 0) == (cmd.Op == syntax.AndStmt) {
		s.stmt(cmd.Y)
	}
}

// pipeline runs each part in a subshell of its own, all at once.
func (s *interp) pipeline(cmd *syntax.BinaryCmd) {
	var parts []*syntax.Stmt
	var both []bool // 2>&1 into the pipe
	var flatten func(st *syntax.Stmt)
	flatten = func(st *syntax.Stmt) {
		b, ok := st.Cmd.(*syntax.BinaryCmd)
		if !ok || b.Op != syntax.Pipe && b.Op != syntax.PipeAll || len(st.Redirs) > 0 || st.Negated {
			parts = append(parts, st)
			both = append(both, false)
			return
		}
		flatten(b.X)
		both[len(both)-1] = b.Op == syntax.PipeAll
		flatten(b.Y)
	}
	flatten(&syntax.Stmt{Cmd: cmd})
	s.canFork()
	subs := make([]*interp, len(parts))
	var in *desc
	for i := range parts {
		c := s.fork()
		c.quiet = s.quiet
		if in != nil {
			c.p.setFd(0, in)
		}
		if i < len(parts)-1 {
			r, w := newPipe(s.p.k)
			c.p.setFd(1, w)
			if both[i] {
				c.p.setFd(2, w.dup())
			}
			in = r
		}
		subs[i] = c
	}
	tasks := make([]*task, len(parts))
	for i, c := range subs {
		tasks[i] = s.p.k.spawn(func() int { return c.finish(func() { c.stmt(parts[i]) }) })
	}
	status, failed := 0, 0
	for _, t := range tasks {
		status = s.p.k.join(t)
		if status != 0 {
			failed = status
		}
	}
	s.last = status
	if s.opt.pipefail {
		s.last = failed
	}
}

// canFork ends the shell when there are too many processes.
func (s *interp) canFork() {
	if s.p.k.full() {
		s.die(2, "can't fork: Resource temporarily unavailable")
	}
}

func (s *interp) background(st *syntax.Stmt) {
	s.canFork()
	c := s.fork()
	c.p.PID = s.p.k.pid()
	if !s.inter {
		c.p.setFd(0, reading("/dev/null", ""))
	}
	run := *st
	run.Background = false
	t := s.p.k.spawn(func() int { return c.finish(func() { c.stmt(&run) }) })
	s.jobs = append(s.jobs, &job{c.p.PID, t})
	s.last = 0
}

func (s *interp) condition(list []*syntax.Stmt) bool {
	s.quiet++
	s.stmts(list)
	s.quiet--
	return s.last == 0
}

func (s *interp) ifClause(c *syntax.IfClause) {
	for c != nil {
		if len(c.Cond) == 0 { // else
			s.stmts(c.Then)
			return
		}
		ok := s.condition(c.Cond)
		if s.ctl.kind != goOn {
			return
		}
		if ok {
			s.stmts(c.Then)
			return
		}
		c = c.Else
	}
	s.last = 0
}

// leaves handles break and continue after a turn of a loop's body, and reports
// whether the loop is over.
func (s *interp) leaves() bool {
	switch s.ctl.kind {
	case goOn:
		return false
	case ctlBreak, ctlContinue:
		kind := s.ctl.kind
		if s.ctl.n--; s.ctl.n > 0 {
			return true
		}
		s.ctl = control{}
		return kind == ctlBreak
	}
	return true
}

func (s *interp) while(c *syntax.WhileClause) {
	status := 0
	s.loops++
	defer func() { s.loops-- }()
	for {
		s.p.k.turn(s.ctx)
		ok := s.condition(c.Cond)
		if s.ctl.kind != goOn {
			if s.leaves() {
				break
			}
			continue
		}
		if ok == c.Until {
			break
		}
		s.stmts(c.Do)
		status = s.last
		if s.leaves() {
			break
		}
	}
	if s.ctl.kind == goOn || s.ctl.kind == ctlBreak || s.ctl.kind == ctlContinue {
		s.last = status
	}
}

func (s *interp) forClause(c *syntax.ForClause) {
	s.loops++
	defer func() { s.loops-- }()
	switch loop := c.Loop.(type) {
	case *syntax.WordIter:
		words := s.params
		if loop.InPos.IsValid() {
			words = s.fields(loop.Items)
		}
		s.last = 0
		for _, w := range words {
			s.p.k.turn(s.ctx)
			s.setString(loop.Name.Value, w)
			s.stmts(c.Do)
			if s.leaves() {
				return
			}
		}
	case *syntax.CStyleLoop:
		if loop.Init != nil {
			s.arithm(loop.Init)
		}
		for loop.Cond == nil || s.arithm(loop.Cond) != 0 {
			s.p.k.turn(s.ctx)
			s.stmts(c.Do)
			if s.leaves() {
				return
			}
			if loop.Post != nil {
				s.arithm(loop.Post)
			}
		}
	}
}

func (s *interp) caseClause(c *syntax.CaseClause) {
	word := s.literal(c.Word)
	s.last = 0
	through := false
	for _, item := range c.Items {
		hit := through
		for _, w := range item.Patterns {
			hit = hit || matches(s.pattern(w), word)
		}
		if !hit {
			continue
		}
		s.stmts(item.Stmts)
		switch item.Op {
		case syntax.Fallthrough:
			through = true
		case syntax.Resume, syntax.ResumeKorn:
			through = false
		default:
			return
		}
		if s.ctl.kind != goOn {
			return
		}
	}
}

func (s *interp) timeClause(c *syntax.TimeClause) {
	start := s.p.now()
	if c.Stmt != nil {
		s.stmt(c.Stmt)
	}
	took := s.p.now().Sub(start)
	minutes, seconds := int(took.Minutes()), took.Seconds()
	seconds -= float64(minutes) * 60
	format := "real\t%dm %.2fs\nuser\t0m 0.00s\nsys\t0m 0.00s\n"
	if s.dialect == bash {
		format = "\nreal\t%dm%.3fs\nuser\t0m0.000s\nsys\t0m0.000s\n"
	}
	s.p.errf(format, minutes, seconds)
}
