package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// In $((…)) the shell first replaces $x and $(…) by their text and then reads the
// whole as an expression (POSIX 2.6.4); a name in it stands for its value, which
// is an expression again.

// arithm is the value of an expression of the script.
func (s *interp) arithm(x syntax.ArithmExpr) int64 {
	if x == nil {
		return 0
	}
	src, ok := s.p.k.arith[x]
	if !ok {
		src = arithSource(x)
		s.p.k.arith[x] = src
	}
	if src.word == nil {
		return s.calculate(src.text)
	}
	return s.calculate(text(s.expanded(src.word, mode{quoted: true, here: true})))
}

// An arithText is an expression before its evaluation: what has to be expanded
// first, or plain text.
type arithText struct {
	word *syntax.Word
	text string
}

func arithSource(x syntax.ArithmExpr) arithText {
	if w, ok := x.(*syntax.Word); ok {
		return arithText{word: w}
	}
	var b strings.Builder
	syntax.NewPrinter().Print(&b, &syntax.Word{Parts: []syntax.WordPart{&syntax.ArithmExp{X: x}}})
	src := strings.TrimSuffix(strings.TrimPrefix(b.String(), "$(("), "))")
	if !strings.ContainsAny(src, "$`\\\"'") {
		return arithText{text: src}
	}
	w, err := syntax.NewParser().Document(strings.NewReader(strings.NewReplacer(`"`, "").Replace(src)))
	if err != nil {
		return arithText{text: src}
	}
	return arithText{word: w}
}

// calculate is the value of the text of an expression.
func (s *interp) calculate(src string) int64 {
	c := &calc{s: s, src: src}
	n := c.whole()
	return n
}
