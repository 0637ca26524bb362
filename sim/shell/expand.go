package shell

import (
	"bytes"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// A cell is one byte of a word that is being expanded. A quoted one is neither
// split nor part of a pattern; a mark has no byte and keeps an empty word alive.
type cell struct {
	c    byte
	kind cellKind
}

type cellKind byte

const (
	bare cellKind = iota
	quotedCell
	mark
)

// A region is cells that came out of an expansion and are split by $IFS, or,
// for a quoted "$@", only between the parameters.
type region struct {
	begin, end int
	list       bool
}

// A mode is where in a word the expansion is.
type mode struct {
	quoted  bool // in double quotes
	inner   bool // in the word of ${name-word}: its bare text is split too
	pattern bool // the word of ${name#word}: its bare text is a pattern, even in quotes
	tilde   bool // ~ is expanded
	assign  bool // ... after a colon too
	here    bool // a here-document: " is no quote
}

// An expansion is one word on its way to fields.
type expansion struct {
	s       *interp
	cells   []cell
	regions []region
	full    bool // fields are wanted, not one string
}

// fields expands words to fields: all expansions, splitting and globbing.
func (s *interp) fields(words []*syntax.Word) []string {
	var out []string
	for _, w := range words {
		if s.dialect == bash {
			for _, b := range s.braces(w) {
				out = append(out, s.wordFields(b)...)
			}
			continue
		}
		out = append(out, s.wordFields(w)...)
	}
	return out
}

func (s *interp) wordFields(w *syntax.Word) []string {
	if text, ok := plainWord(w); ok {
		return []string{text}
	}
	e := &expansion{s: s, full: true}
	e.word(w, mode{tilde: true})
	var out []string
	for _, f := range e.split() {
		out = append(out, s.glob(f)...)
	}
	return out
}

// plainWord is the text of a word in which nothing is to be expanded.
func plainWord(w *syntax.Word) (string, bool) {
	if len(w.Parts) != 1 {
		return "", false
	}
	switch p := w.Parts[0].(type) {
	case *syntax.Lit:
		return p.Value, !strings.ContainsAny(p.Value, "\\*?[~"+privateQuote)
	case *syntax.SglQuoted:
		return p.Value, !p.Dollar
	}
	return "", false
}

// expanded is a word after its expansions, not split.
func (s *interp) expanded(w *syntax.Word, m mode) []cell {
	if w == nil {
		return nil
	}
	e := &expansion{s: s}
	e.word(w, m)
	return e.cells
}

// literal expands a word to one string, as in an assignment.
func (s *interp) literal(w *syntax.Word) string {
	return text(s.expanded(w, mode{tilde: true}))
}

// assignedText is literal with ~ expanded after colons too.
func (s *interp) assignedText(w *syntax.Word) string {
	return text(s.expanded(w, mode{tilde: true, assign: true}))
}

// pattern expands a word to a pattern in which what was quoted is quoted.
func (s *interp) pattern(w *syntax.Word) string {
	return patternText(s.expanded(w, mode{tilde: true}))
}

// regexpText expands the right side of =~: what is quoted stands for itself.
func (s *interp) regexpText(w *syntax.Word) string {
	var b strings.Builder
	for _, c := range s.expanded(w, mode{tilde: true}) {
		if c.kind == mark {
			continue
		}
		if c.kind != bare && strings.IndexByte(`\.[]()*+?{}|^$`, c.c) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(c.c)
	}
	return b.String()
}

// document expands the body of a here-document.
func (s *interp) document(w *syntax.Word) string {
	return text(s.expanded(w, mode{quoted: true, here: true}))
}

func text(cells []cell) string {
	out := make([]byte, 0, len(cells))
	for _, c := range cells {
		if c.kind != mark {
			out = append(out, c.c)
		}
	}
	return string(out)
}

// patternText is cells as a pattern: quoted bytes that mean something in one
// have a backslash before them.
func patternText(cells []cell) string {
	out := make([]byte, 0, len(cells))
	for _, c := range cells {
		switch {
		case c.kind == mark:
			continue
		case c.kind != bare && strings.IndexByte(`*?[]\!^-`, c.c) >= 0:
			out = append(out, '\\')
		}
		out = append(out, c.c)
	}
	return string(out)
}

// maxWord is how long a word may become, in bytes.
const maxWord = 16 << 20

// held is what a command substitution prints.
type held struct {
	bytes.Buffer
	k *kernel
}

func (h *held) Write(b []byte) (int, error) {
	h.k.fits(h.Len()+len(b), maxWord, "bytes in one word")
	return h.Buffer.Write(b)
}

func (e *expansion) add(text string, k cellKind) {
	e.s.p.k.work(len(text) >> 12)
	e.s.p.k.fits(len(e.cells)+len(text), maxWord, "bytes in one word")
	for i := range len(text) {
		e.cells = append(e.cells, cell{text[i], k})
	}
}

func kindOf(m mode) cellKind {
	if m.quoted && !m.pattern {
		return quotedCell
	}
	return bare
}

// record notes the cells from begin on as the outcome of an expansion.
func (e *expansion) record(begin int, m mode) {
	if e.full && !m.quoted && len(e.cells) > begin {
		e.regions = append(e.regions, region{begin, len(e.cells), false})
	}
}

func (e *expansion) word(w *syntax.Word, m mode) {
	if w == nil {
		return
	}
	for i, part := range w.Parts {
		e.part(part, m, i == 0, i == len(w.Parts)-1)
	}
}

func (e *expansion) part(part syntax.WordPart, m mode, first, last bool) {
	switch part := part.(type) {
	case *syntax.Lit:
		e.lit(part.Value, m, first, last)
	case *syntax.SglQuoted:
		e.single(part, m)
	case *syntax.DblQuoted:
		e.double(part, m)
	case *syntax.ParamExp:
		e.param(part, m)
	case *syntax.CmdSubst:
		begin := len(e.cells)
		b := held{k: e.s.p.k}
		e.s.substitute(&b, part)
		out := bytes.TrimRight(bytes.ReplaceAll(b.Bytes(), []byte{0}, nil), "\n")
		e.add(string(out), kindOf(m))
		e.record(begin, m)
	case *syntax.ArithmExp:
		begin := len(e.cells)
		e.add(strconv.FormatInt(e.s.arithm(part.X), 10), kindOf(m))
		e.record(begin, m)
	case *syntax.ProcSubst:
		e.add(e.s.procSubst(part), quotedCell)
	case *syntax.ExtGlob:
		e.add(part.Op.String()+part.Pattern.Value+")", bare)
	}
}

func (e *expansion) single(q *syntax.SglQuoted, m mode) {
	value := q.Value
	if q.Dollar {
		if e.s.dialect == dash {
			e.add("$", kindOf(m))
		} else {
			value = ansiText(value)
		}
	}
	e.cells = append(e.cells, cell{kind: mark})
	e.add(value, quotedCell)
}

func (e *expansion) double(q *syntax.DblQuoted, m mode) {
	if !isAllParams(q) {
		e.cells = append(e.cells, cell{kind: mark})
	}
	in := mode{quoted: true, here: false}
	for _, part := range q.Parts {
		e.part(part, in, false, false)
	}
	if !isAllParams(q) {
		e.cells = append(e.cells, cell{kind: mark})
	}
}

// isAllParams reports whether q is "$@", which is no word at all without parameters.
func isAllParams(q *syntax.DblQuoted) bool {
	if len(q.Parts) != 1 {
		return false
	}
	p, ok := q.Parts[0].(*syntax.ParamExp)
	if !ok {
		return false
	}
	if p.Index != nil {
		w, ok := p.Index.(*syntax.Word)
		return ok && w.Lit() == "@"
	}
	return p.Param != nil && p.Param.Value == "@" && p.Exp == nil && !p.Length
}

// lit adds text of the script itself.
func (e *expansion) lit(v string, m mode, first, last bool) {
	v = strings.ReplaceAll(v, privateQuote, "'")
	if m.tilde && !m.quoted && first && strings.HasPrefix(v, "~") {
		v = e.tilde(v, m, last)
	}
	from := len(e.cells)
	close := func() {
		if m.inner {
			e.record(from, m)
		}
	}
	for i := 0; i < len(v); i++ {
		c := v[i]
		switch {
		case c != '\\' || i+1 == len(v):
			e.cells = append(e.cells, cell{c, kindOf(m)})
			if c == ':' && m.assign && !m.quoted && strings.HasPrefix(v[i+1:], "~") {
				v = v[:i+1] + e.tilde(v[i+1:], m, last)
			}
		case v[i+1] == '\n':
			i++
		case m.quoted && !escapable(v[i+1], m):
			if m.pattern {
				close()
				e.cells = append(e.cells, cell{v[i+1], quotedCell})
				from = len(e.cells)
				i++
				continue
			}
			e.cells = append(e.cells, cell{'\\', quotedCell})
		default:
			close()
			e.cells = append(e.cells, cell{v[i+1], quotedCell})
			from = len(e.cells)
			i++
		}
	}
	close()
}

// escapable reports whether a backslash in double quotes quotes c.
func escapable(c byte, m mode) bool {
	switch c {
	case '$', '`', '\\':
		return true
	case '"':
		return !m.here || m.inner
	case '}':
		return m.inner || m.pattern
	}
	return false
}

// tilde expands the ~ at the start of v and returns what follows. It stays where
// nobody has the name.
func (e *expansion) tilde(v string, m mode, last bool) string {
	end := strings.IndexAny(v, "/\\")
	if m.assign {
		end = strings.IndexAny(v, "/:\\")
	}
	if end < 0 {
		end = len(v)
		if !last {
			return v
		}
	}
	if end < len(v) && v[end] == '\\' {
		return v
	}
	home, ok := "", false
	if user := v[1:end]; user == "" {
		h := e.s.vars["HOME"]
		home, ok = h.Str, h.Set
	} else if e.s.dialect == bash && (user == "+" || user == "-") {
		h := e.s.vars[map[string]string{"+": "PWD", "-": "OLDPWD"}[user]]
		home, ok = h.Str, h.Set
	} else if u, found := e.s.p.userByName(user); found {
		home, ok = u.home, true
	}
	if !ok {
		return v
	}
	e.cells = append(e.cells, cell{kind: mark})
	e.add(home, quotedCell)
	return v[end:]
}
