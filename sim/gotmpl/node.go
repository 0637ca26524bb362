package gotmpl

import (
	"strconv"
	"strings"
)

type nodeKind uint8

const (
	nText nodeKind = iota
	nList
	nAction // a pipe whose value is printed
	nIf
	nRange
	nWith
	nTemplate
	nWord // break, continue, end, else; dot and nil
	nPipe
	nCommand
	nFunc
	nField // .A.B
	nVar   // $, $x, $x.A
	nChain // kids[0] with fields behind: (f).A
	nBool
	nNumber
	nString
)

// node is a part of a template.
type node struct {
	kind   nodeKind
	pos    int      // byte of the template
	text   string   // as written; of nText and nTemplate the text and the name
	value  string   // of nString, without quotes
	names  []string // of nField, nVar and nChain
	num    *number
	decl   []*node // of nPipe: variables that take its value
	assign bool    // with "=", not ":="
	kids   []*node // of nList, nPipe (its commands), nCommand (its words), nChain
	pipe   *node   // of what is governed by a pipeline
	list   *node   // of nIf, nRange, nWith
	other  *node   // after else; may be nil
}

// number is a literal in each of the types that can hold it.
type number struct {
	i                      int64
	u                      uint64
	f                      float64
	isInt, isUint, isFloat bool
}

// String is the node as messages show it: as it could have been written.
func (n *node) String() string {
	switch n.kind {
	case nAction:
		return "{{" + n.pipe.String() + "}}"
	case nTemplate:
		s := "{{template " + strconv.Quote(n.text)
		if n.pipe != nil {
			s += " " + n.pipe.String()
		}
		return s + "}}"
	case nPipe:
		s := joinNodes(n.decl, ", ")
		if s != "" {
			s += map[bool]string{false: " := ", true: " = "}[n.assign]
		}
		return s + joinNodes(n.kids, " | ")
	case nCommand:
		return joinNodes(n.kids, " ")
	case nField:
		return "." + strings.Join(n.names, ".")
	case nVar:
		return strings.Join(n.names, ".")
	case nChain:
		return joinNodes(n.kids, "") + "." + strings.Join(n.names, ".")
	}
	return n.text
}

// joinNodes joins words or commands, a pipeline among words in parentheses.
func joinNodes(nodes []*node, sep string) string {
	var out []string
	for _, n := range nodes {
		s := n.String()
		if n.kind == nPipe {
			s = "(" + s + ")"
		}
		out = append(out, s)
	}
	return strings.Join(out, sep)
}

// empty is whether a list holds nothing but space.
func (n *node) empty() bool {
	for _, k := range n.kids {
		if k.kind != nText || strings.TrimSpace(k.text) != "" {
			return false
		}
	}
	return true
}
