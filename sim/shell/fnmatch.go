package shell

import "strings"

// matches reports whether the shell pattern pat matches all of name: *, ?, […]
// and a backslash that quotes (POSIX 2.13.1), byte by byte as in the C locale.
func matches(pat, name string) bool {
	star, mark := -1, 0
	p, n := 0, 0
	for n < len(name) {
		if p < len(pat) {
			if pat[p] == '*' {
				star, mark = p, n
				p++
				continue
			}
			if size, ok := matchOne(pat[p:], name[n]); ok {
				p += size
				n++
				continue
			}
		}
		if star < 0 {
			return false
		}
		mark++
		p, n = star+1, mark
	}
	return strings.Trim(pat[p:], "*") == ""
}

// matchOne reports whether the first element of pat matches c, and its length.
func matchOne(pat string, c byte) (size int, ok bool) {
	switch pat[0] {
	case '?':
		return 1, true
	case '\\':
		if len(pat) == 1 {
			return 1, c == '\\'
		}
		return 2, pat[1] == c
	case '[':
		if size, ok, closed := matchBracket(pat, c); closed {
			return size, ok
		}
	}
	return 1, pat[0] == c
}

// matchBracket is matchOne for a bracket expression; closed is false when the
// bracket has no end and stands for itself.
func matchBracket(pat string, c byte) (size int, ok, closed bool) {
	i := 1
	not := i < len(pat) && (pat[i] == '!' || pat[i] == '^')
	if not {
		i++
	}
	for first := true; ; first = false {
		if i >= len(pat) {
			return 0, false, false
		}
		if pat[i] == ']' && !first {
			return i + 1, ok != not, true
		}
		if strings.HasPrefix(pat[i:], "[:") {
			if end := strings.Index(pat[i+2:], ":]"); end >= 0 {
				ok = ok || inClass(pat[i+2:i+2+end], c)
				i += end + 4
				continue
			}
		}
		lo, n := bracketByte(pat[i:])
		if n == 0 {
			return 0, false, false
		}
		i += n
		hi := lo
		if i+1 < len(pat) && pat[i] == '-' && pat[i+1] != ']' {
			var n int
			if hi, n = bracketByte(pat[i+1:]); n == 0 {
				return 0, false, false
			}
			i += 1 + n
		}
		ok = ok || lo <= c && c <= hi
	}
}

// bracketByte is one byte of a bracket expression: itself, after a backslash, or
// as [.x.] or [=x=].
func bracketByte(pat string) (c byte, size int) {
	if len(pat) > 1 && pat[0] == '\\' {
		return pat[1], 2
	}
	if len(pat) > 4 && pat[0] == '[' && (pat[1] == '.' || pat[1] == '=') && pat[3] == pat[1] && pat[4] == ']' {
		return pat[2], 5
	}
	if pat == "" || pat == "\\" {
		return 0, 0
	}
	return pat[0], 1
}

// inClass reports whether c is in a character class of the C locale.
func inClass(name string, c byte) bool {
	lower, upper, digit := c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9'
	switch name {
	case "alpha":
		return lower || upper
	case "digit":
		return digit
	case "alnum":
		return lower || upper || digit
	case "lower":
		return lower
	case "upper":
		return upper
	case "space":
		return c == ' ' || c >= 9 && c <= 13
	case "blank":
		return c == ' ' || c == '\t'
	case "punct":
		return c > 32 && c < 127 && !lower && !upper && !digit
	case "print":
		return c >= 32 && c < 127
	case "graph":
		return c > 32 && c < 127
	case "cntrl":
		return c < 32 || c == 127
	case "xdigit":
		return digit || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
	}
	return false
}
