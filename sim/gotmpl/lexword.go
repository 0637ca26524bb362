package gotmpl

import "strings"

// space takes a run of spaces; the last one may belong to a trim marker.
func (l *lexer) space() bool {
	for isSpace(l.peek()) {
		l.pos++
	}
	if strings.HasPrefix(l.in[l.pos:], "-}}") {
		if l.pos--; l.pos == l.start {
			l.right(true)
			return false
		}
	}
	return l.emit(tokSpace)
}

// word takes the rest of a name, a field or a variable.
func (l *lexer) word(k tokenKind) bool {
	for isWord(l.peek()) {
		l.next()
	}
	if r := l.peek(); r != eof && !isSpace(r) && !strings.ContainsRune(".,|:)(", r) && !strings.HasPrefix(l.in[l.pos:], "}}") {
		return l.fail("bad character %#U", r)
	}
	switch w := l.in[l.start:l.pos]; {
	case w == ".", k == tokName && keywords[w]:
		k = tokWord
	case k == tokName && (w == "true" || w == "false"):
		k = tokBool
	}
	return l.emit(k)
}

// quoted takes the rest of a string or a character.
func (l *lexer) quoted(end rune, k tokenKind, unterminated string) bool {
	for {
		r := l.next()
		if r == '\\' {
			if r = l.next(); r != eof && r != '\n' {
				continue
			}
		}
		switch r {
		case eof, '\n':
			return l.fail("%s", unterminated)
		case end:
			return l.emit(k)
		}
	}
}

func (l *lexer) number() bool {
	k := tokNumber
	ok := l.digits()
	if r := l.peek(); ok && (r == '+' || r == '-') {
		k = tokComplex
		ok = l.digits() && l.in[l.pos-1] == 'i'
	}
	if !ok {
		return l.fail("bad number syntax: %q", l.in[l.start:l.pos])
	}
	return l.emit(k)
}

// digits takes what looks like a number: a sign, a base, digits, a point, an
// exponent, the i of an imaginary one. Whether it is one shows when it is read.
func (l *lexer) digits() bool {
	one := func(of string) bool {
		if r := l.peek(); r == eof || !strings.ContainsRune(of, r) {
			return false
		}
		l.pos++
		return true
	}
	digits, exponent := "0123456789_", "eE"
	one("+-")
	if one("0") {
		switch {
		case one("xX"):
			digits, exponent = "0123456789abcdefABCDEF_", "pP"
		case one("oO"):
			digits, exponent = "01234567_", ""
		case one("bB"):
			digits, exponent = "01_", ""
		}
	}
	for one(digits) {
	}
	if one(".") {
		for one(digits) {
		}
	}
	if one(exponent) {
		one("+-")
		for one("0123456789_") {
		}
	}
	one("i")
	if isWord(l.peek()) {
		l.next()
		return false
	}
	return true
}
