package awk

import (
	"strconv"
	"strings"
)

type kind int

const (
	tEOF kind = iota
	tNewline
	tNumber
	tString
	tRegexp
	tName
	tFunc    // name directly before "("
	tKeyword // also built-in functions
	tOp
)

type token struct {
	kind kind
	text string
	num  float64
	line int
}

var keywords = map[string]bool{
	"BEGIN": true, "END": true, "function": true, "func": true, "if": true, "else": true, "while": true, "for": true, "do": true,
	"break": true, "continue": true, "next": true, "nextfile": true, "exit": true, "return": true, "delete": true, "in": true,
	"getline": true, "print": true, "printf": true,
}

type lexer struct {
	src  string
	at   int
	line int
	last token
}

// operand reports whether the last token can end an operand: a "/" after it
// divides, else it begins a regular expression.
func (l *lexer) operand() bool {
	switch l.last.kind {
	case tNumber, tString, tName, tRegexp:
		return true
	case tKeyword:
		return builtins[l.last.text] != 0
	case tOp:
		return l.last.text == ")" || l.last.text == "]" || l.last.text == "$" || l.last.text == "++" || l.last.text == "--"
	}
	return false
}

func (l *lexer) next() token {
	t := l.scan()
	t.line = l.line
	l.last = t
	return t
}

var ops = []string{"**=", "&&", "||", "==", "<=", ">=", "!=", "++", "--", "+=", "-=", "*=", "/=", "%=", "^=", "**", ">>", "!~"}

func (l *lexer) scan() token {
	for l.at < len(l.src) {
		switch c := l.src[l.at]; {
		case c == ' ' || c == '\t' || c == '\r':
			l.at++
			continue
		case c == '\\' && strings.HasPrefix(l.src[l.at:], "\\\n"):
			l.at += 2
			l.line++
			continue
		case c == '#':
			for l.at < len(l.src) && l.src[l.at] != '\n' {
				l.at++
			}
			continue
		}
		break
	}
	if l.at >= len(l.src) {
		return token{kind: tEOF, text: "end of program"}
	}
	c := l.src[l.at]
	switch {
	case c == '\n':
		l.at++
		l.line++
		return token{kind: tNewline, text: "\n"}
	case c == '"':
		return l.str()
	case isDigit(c) || c == '.' && l.at+1 < len(l.src) && isDigit(l.src[l.at+1]):
		n, used := leading(l.src[l.at:])
		text := l.src[l.at : l.at+used]
		l.at += used
		return token{kind: tNumber, text: text, num: n}
	case isLetter(c):
		start := l.at
		for l.at < len(l.src) && (isLetter(l.src[l.at]) || isDigit(l.src[l.at])) {
			l.at++
		}
		name := l.src[start:l.at]
		switch {
		case keywords[name] || builtins[name] != 0:
			return token{kind: tKeyword, text: name}
		case l.at < len(l.src) && l.src[l.at] == '(':
			return token{kind: tFunc, text: name}
		}
		return token{kind: tName, text: name}
	case c == '/' && !l.operand():
		return l.regexp()
	}
	for _, op := range ops {
		if strings.HasPrefix(l.src[l.at:], op) {
			l.at += len(op)
			if op == "**" {
				op = "^"
			} else if op == "**=" {
				op = "^="
			}
			return token{kind: tOp, text: op}
		}
	}
	l.at++
	return token{kind: tOp, text: string(c)}
}

func (l *lexer) str() token {
	var b strings.Builder
	for l.at++; l.at < len(l.src); l.at++ {
		c := l.src[l.at]
		switch {
		case c == '"':
			l.at++
			return token{kind: tString, text: b.String()}
		case c == '\n':
			panic(&Error{l.line, "unterminated string"})
		case c == '\\' && l.at+1 < len(l.src):
			l.at++
			l.escape(&b)
			continue
		}
		b.WriteByte(c)
	}
	panic(&Error{l.line, "unterminated string"})
}

func (l *lexer) escape(b *strings.Builder) {
	c := l.src[l.at]
	if i := strings.IndexByte(`ntr\"/abfv`, c); i >= 0 {
		b.WriteByte("\n\t\r\\\"/\a\b\f\v"[i])
		return
	}
	if c >= '0' && c <= '7' {
		n, used := 0, 0
		for used < 3 && l.at < len(l.src) && l.src[l.at] >= '0' && l.src[l.at] <= '7' {
			n = n*8 + int(l.src[l.at]-'0')
			l.at++
			used++
		}
		l.at--
		b.WriteByte(byte(n))
		return
	}
	if c == '\n' {
		l.line++
		return
	}
	b.WriteByte('\\')
	b.WriteByte(c)
}

func (l *lexer) regexp() token {
	var b strings.Builder
	class := false
	for l.at++; l.at < len(l.src); l.at++ {
		c := l.src[l.at]
		switch {
		case c == '\\' && l.at+1 < len(l.src):
			l.at++
			if l.src[l.at] != '/' {
				b.WriteByte('\\')
			}
			b.WriteByte(l.src[l.at])
			continue
		case c == '\n':
			panic(&Error{l.line, "unterminated regular expression"})
		case c == '[' && !class:
			class = true
			if next := l.src[l.at+1:]; strings.HasPrefix(next, "]") {
				b.WriteString("[")
				l.at++
				c = ']'
			} else if strings.HasPrefix(next, "^]") {
				b.WriteString("[^")
				l.at += 2
				c = ']'
			}
		case c == ']' && class:
			class = false
		case c == '/' && !class:
			l.at++
			return token{kind: tRegexp, text: b.String()}
		}
		b.WriteByte(c)
	}
	panic(&Error{l.line, "unterminated regular expression"})
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }

// leading is the number that s begins with, and how long it is.
func leading(s string) (n float64, used int) {
	i := 0
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		i++
	}
	digits := i
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	if i < len(s) && s[i] == '.' {
		i++
		for i < len(s) && isDigit(s[i]) {
			i++
		}
	}
	if i == digits || i == digits+1 && s[digits] == '.' {
		return 0, 0
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		j := i + 1
		if j < len(s) && (s[j] == '+' || s[j] == '-') {
			j++
		}
		if j < len(s) && isDigit(s[j]) {
			for j < len(s) && isDigit(s[j]) {
				j++
			}
			i = j
		}
	}
	n, _ = strconv.ParseFloat(s[:i], 64)
	return n, i
}
