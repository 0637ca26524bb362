package gotmpl

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokError tokenKind = iota // the text is the message
	tokEOF
	tokText
	tokLeft  // {{
	tokRight // }}
	tokSpace
	tokMark // = := | ( ) and any other character
	tokField
	tokVar
	tokName
	tokBool
	tokNumber
	tokComplex
	tokRune
	tokString // in quotes of either kind
	tokWord   // a keyword, nil or a lone dot
)

type token struct {
	kind tokenKind
	pos  int // byte of the template
	text string
}

// String is the token as messages about it show it.
func (t token) String() string {
	switch {
	case t.kind == tokEOF:
		return "EOF"
	case t.kind == tokError:
		return t.text
	case t.kind == tokWord:
		return "<" + t.text + ">"
	case len(t.text) > 10:
		return fmt.Sprintf("%.10q...", t.text)
	}
	return strconv.Quote(t.text)
}

func (t token) is(kind tokenKind, text string) bool { return t.kind == kind && t.text == text }

const (
	spaces = " \t\r\n"
	eof    = -1
)

var keywords = map[string]bool{
	"block": true, "break": true, "continue": true, "define": true, "else": true, "end": true,
	"if": true, "nil": true, "range": true, "template": true, "with": true,
}

type lexer struct {
	in         string
	start, pos int // of the token at hand
	open       int // parentheses
	toks       []token
}

// lex cuts a template into tokens. The last is tokEOF, or tokError where the
// template cannot be cut any further.
func lex(in string) []token {
	l := &lexer{in: in}
	for l.outside() {
		for l.inside() {
		}
		if l.toks[len(l.toks)-1].kind == tokError {
			break
		}
	}
	return l.toks
}

func (l *lexer) emit(k tokenKind) bool {
	l.toks = append(l.toks, token{k, l.start, l.in[l.start:l.pos]})
	l.start = l.pos
	return true
}

func (l *lexer) fail(format string, args ...any) bool {
	l.toks = append(l.toks, token{tokError, l.start, fmt.Sprintf(format, args...)})
	return false
}

// outside takes the text up to the next action and its "{{"; false at the end.
func (l *lexer) outside() bool {
	for {
		l.start = l.pos
		n := strings.Index(l.in[l.pos:], "{{")
		if n < 0 {
			if l.pos = len(l.in); l.pos > l.start {
				l.emit(tokText)
			}
			l.emit(tokEOF)
			return false
		}
		brace := l.pos + n
		rest := l.in[brace+2:]
		trim := len(rest) > 1 && rest[0] == '-' && isSpace(rune(rest[1]))
		l.pos = brace
		if trim {
			l.pos = l.start + len(strings.TrimRight(l.in[l.start:brace], spaces))
		}
		if l.pos > l.start {
			l.emit(tokText)
		}
		l.start, l.pos = brace, brace+2
		comment := strings.HasPrefix(rest, "/*")
		if trim {
			comment = strings.HasPrefix(rest[2:], "/*")
		}
		if !comment {
			l.open = 0
			l.emit(tokLeft)
		}
		if trim {
			l.pos += 2
		}
		l.start = l.pos
		if !comment {
			return true
		}
		if !l.comment() {
			return false
		}
	}
}

func (l *lexer) comment() bool {
	n := strings.Index(l.in[l.pos+2:], "*/")
	if n < 0 {
		return l.fail("unclosed comment")
	}
	l.pos += n + 4
	trim, ok := l.atRight()
	if !ok {
		return l.fail("comment ends before closing delimiter")
	}
	l.right(trim)
	l.toks = l.toks[:len(l.toks)-1]
	return true
}

// atRight is whether "}}" stands here, and whether " -" stands before it.
func (l *lexer) atRight() (trim, ok bool) {
	rest := l.in[l.pos:]
	trim = len(rest) > 3 && isSpace(rune(rest[0])) && rest[1:4] == "-}}"
	return trim, trim || strings.HasPrefix(rest, "}}")
}

func (l *lexer) right(trim bool) {
	if trim {
		l.pos += 2
	}
	l.start = l.pos
	l.pos += 2
	l.emit(tokRight)
	if trim {
		l.pos = len(l.in) - len(strings.TrimLeft(l.in[l.pos:], spaces))
	}
}

// inside takes one token of an action; false when the action is over.
func (l *lexer) inside() bool {
	l.start = l.pos
	if trim, ok := l.atRight(); ok {
		if l.open > 0 {
			return l.fail("unclosed left paren")
		}
		l.right(trim)
		return false
	}
	switch r := l.next(); {
	case r == eof:
		return l.fail("unclosed action")
	case isSpace(r):
		return l.space()
	case r == ':':
		if l.next() != '=' {
			return l.fail("expected :=")
		}
		return l.emit(tokMark)
	case r == '"':
		return l.quoted(r, tokString, "unterminated quoted string")
	case r == '\'':
		return l.quoted(r, tokRune, "unterminated character constant")
	case r == '`':
		n := strings.IndexByte(l.in[l.pos:], '`')
		if n < 0 {
			return l.fail("unterminated raw quoted string")
		}
		l.pos += n + 1
		return l.emit(tokString)
	case r == '$':
		return l.word(tokVar)
	case r == '.' && l.pos < len(l.in) && !isDigit(l.in[l.pos]):
		return l.word(tokField)
	case r == '.' || r == '+' || r == '-' || '0' <= r && r <= '9':
		l.pos = l.start
		return l.number()
	case isWord(r):
		return l.word(tokName)
	case r == '(':
		l.open++
		return l.emit(tokMark)
	case r == ')':
		if l.open--; l.open < 0 {
			return l.fail("unexpected right paren")
		}
		return l.emit(tokMark)
	case r <= unicode.MaxASCII && unicode.IsPrint(r):
		return l.emit(tokMark)
	default:
		return l.fail("unrecognized character in action: %#U", r)
	}
}

func (l *lexer) next() rune {
	r := l.peek()
	if r != eof {
		_, n := utf8.DecodeRuneInString(l.in[l.pos:])
		l.pos += n
	}
	return r
}

func (l *lexer) peek() rune {
	if l.pos >= len(l.in) {
		return eof
	}
	r, _ := utf8.DecodeRuneInString(l.in[l.pos:])
	return r
}

func isSpace(r rune) bool { return r == ' ' || r == '\t' || r == '\r' || r == '\n' }
func isDigit(c byte) bool { return '0' <= c && c <= '9' }
func isWord(r rune) bool  { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
