package shell

import (
	"slices"
	"strings"
)

// glob is the paths that a field matches as a pattern, in order; the field itself
// when it has no pattern or matches nothing (POSIX 2.6.6).
func (s *interp) glob(field []cell) []string {
	plain := text(field)
	if s.opt.noglob || !hasMagic(field) {
		return []string{plain}
	}
	found := s.globFrom("", patternText(field))
	if len(found) == 0 {
		return []string{plain}
	}
	slices.Sort(found)
	return found
}

// hasMagic reports whether cells are a pattern.
func hasMagic(field []cell) bool {
	return slices.ContainsFunc(field, func(c cell) bool {
		return c.kind == bare && (c.c == '*' || c.c == '?' || c.c == '[' || c.c == '\\')
	})
}

// globFrom matches the rest of a pattern below base, which ends in a slash or is
// empty.
func (s *interp) globFrom(base, pat string) []string {
	s.p.k.turn(s.ctx)
	slashes := len(pat) - len(strings.TrimLeft(pat, "/"))
	base, pat = base+pat[:slashes], pat[slashes:]
	if pat == "" {
		if st, err := s.p.stat(orDot(base)); err == nil && st.IsDir() {
			return []string{base}
		}
		return nil
	}
	part, rest, more := strings.Cut(pat, "/")
	if more {
		rest = "/" + rest
	}
	if name, magic := unescaped(part); !magic {
		if more {
			return s.globFrom(base+name, rest)
		}
		if _, err := s.p.lstat(base + name); err != nil {
			return nil
		}
		return []string{base + name}
	}
	var out []string
	for _, name := range s.globNames(base, part) {
		if !more {
			out = append(out, base+name)
			continue
		}
		if st, err := s.p.stat(base + name); err == nil && st.IsDir() {
			out = append(out, s.globFrom(base+name, rest)...)
		}
	}
	return out
}

// globNames is the names of a directory that match one part of a pattern. Only a
// pattern that begins with a dot matches those that do.
func (s *interp) globNames(dir, part string) []string {
	list, err := s.p.readDir(orDot(dir))
	if err != nil {
		return nil
	}
	var out []string
	hidden := strings.HasPrefix(part, ".") || strings.HasPrefix(part, `\.`)
	if hidden && s.dialect != bash {
		for _, dot := range []string{".", ".."} {
			if matches(part, dot) {
				out = append(out, dot)
			}
		}
	}
	for _, e := range list {
		if (hidden || e.Name[0] != '.') && matches(part, e.Name) {
			out = append(out, e.Name)
		}
	}
	return out
}

func orDot(dir string) string {
	if dir == "" {
		return "."
	}
	return dir
}

// unescaped is a part of a pattern without its backslashes; magic reports that
// it has something to match.
func unescaped(part string) (name string, magic bool) {
	var b strings.Builder
	for i := 0; i < len(part); i++ {
		switch part[i] {
		case '*', '?', '[':
			return "", true
		case '\\':
			if i++; i == len(part) {
				b.WriteByte('\\')
				continue
			}
		}
		b.WriteByte(part[i])
	}
	return b.String(), false
}
