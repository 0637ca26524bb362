package shell

import (
	"io"
	"strconv"
	"strings"
)

// readOptions is the options of read.
type readOptions struct {
	raw   bool
	delim byte
	limit int // bytes; -1: to the delimiter
	fd    int
	array string
}

func builtinRead(s *interp, args []string) int {
	o, words, ok := s.readOptions(args[1:])
	if !ok {
		return 2
	}
	if len(words) == 0 && s.dialect == dash {
		s.msg("arg count")
		return 2
	}
	line, ok := s.readLine(o)
	if o.array != "" {
		s.assign(o.array, variable{Set: true, IsList: true, List: splitAll(line, s.ifs())})
		return boolStatus(ok)
	}
	if len(words) == 0 {
		s.setString("REPLY", text(line))
		return boolStatus(ok)
	}
	fields := readFields(line, s.ifs(), len(words))
	for i, name := range words {
		if !validName(name) {
			if s.dialect == ash {
				s.p.errf("%s: read: '%s': bad variable name\n", s.name, name)
				return 1
			}
			s.die(2, "%s: bad variable name", name)
		}
		value := ""
		if i < len(fields) {
			value = fields[i]
		}
		s.setString(name, value)
	}
	return boolStatus(ok)
}

func (s *interp) readOptions(words []string) (o readOptions, rest []string, ok bool) {
	o = readOptions{delim: '\n', limit: -1}
	for len(words) > 0 && len(words[0]) > 1 && words[0][0] == '-' {
		w := words[0]
		words = words[1:]
		if w == "--" {
			break
		}
		for i := 1; i < len(w); i++ {
			c := w[i]
			if s.dialect == dash && c != 'r' && c != 'p' {
				s.msg("Illegal option -%c", c)
				return o, nil, false
			}
			switch c {
			case 'r':
				o.raw = true
			case 's', 'e':
			case 'p', 'n', 't', 'd', 'u', 'N', 'a':
				value := w[i+1:]
				if value == "" && len(words) > 0 {
					value, words = words[0], words[1:]
				}
				i = len(w)
				s.readOption(&o, c, value)
			default:
				s.msg("illegal option -%c", c)
				return o, nil, false
			}
		}
	}
	return o, words, true
}

func (s *interp) readOption(o *readOptions, c byte, value string) {
	switch c {
	case 'p':
		if s.inter {
			s.p.errf("%s", value)
		}
	case 'n', 'N':
		o.limit, _ = strconv.Atoi(value)
		if o.limit == 0 && s.dialect == ash {
			o.limit = -1
		}
	case 'd':
		o.delim = 0
		if value != "" {
			o.delim = value[0]
		}
	case 'u':
		o.fd, _ = strconv.Atoi(value)
	case 'a':
		o.array = value
	}
}

// readLine reads to the delimiter byte by byte, so that what follows stays for
// the next command. A byte after a backslash is quoted, the backslash is gone.
func (s *interp) readLine(o readOptions) ([]cell, bool) {
	var line []cell
	b := make([]byte, 1)
	in := s.p.fd(o.fd)
	escaped := false
	for o.limit < 0 || len(line) < o.limit {
		n, err := in.Read(b)
		if n == 0 {
			if err == nil {
				continue
			}
			if err != io.EOF {
				s.msg("read error: %s", why(err))
			}
			return line, false
		}
		if len(line)%256 == 0 {
			s.p.k.turn(s.ctx)
		}
		c := b[0]
		switch {
		case escaped:
			escaped = false
			if c != '\n' {
				line = append(line, cell{c, quotedCell})
			}
			continue
		case !o.raw && c == '\\':
			escaped = true
			continue
		case c == o.delim:
			return line, true
		case c != 0:
			line = append(line, cell{c, bare})
		}
	}
	return line, true
}

// splitAll is all fields of a line, as read -a takes them.
func splitAll(line []cell, ifs string) []string {
	fields := readFields(line, ifs, len(line)+1)
	if len(fields) == 1 && strings.TrimSpace(fields[0]) == "" {
		return nil
	}
	return fields
}
