package shell

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// A grammar makes scripts by chance.
type grammar struct {
	*rand.Rand
	depth int
	names int
}

// pick is one of the choices.
func (g *grammar) pick(choices ...string) string { return choices[g.IntN(len(choices))] }

// word is one of the words of a list.
func (g *grammar) word(list string) string { return g.pick(strings.Fields(list)...) }

// one reports an event of which one in n happens.
func (g *grammar) one(n int) bool { return g.IntN(n) == 0 }

// scriptKinds are what TestRandom makes.
var scriptKinds = []struct {
	name string
	make func(*grammar) string
}{
	{"words", (*grammar).wordScript},
	{"shell", (*grammar).shellScript},
}

const shellVars = "a b c e n u s p"

// prelude sets the variables: e is empty and u is not set.
func (g *grammar) prelude() string {
	out := "a=foo b='x y' c='*' e= n=7 s=' l  m ' p='a:b::c'\n"
	if g.one(3) {
		out += "set -- " + g.pick("one 'two 2' three", "''", "a '' b", "'*' ' x '", "-a -bval -- x") + "\n"
	}
	if g.one(5) {
		out += "IFS=" + g.pick(":", "': '", "''", "x", "' '", "'\n'", "'o:'") + "\n"
	}
	return out
}

func (g *grammar) wordScript() string {
	var b strings.Builder
	b.WriteString(g.prelude())
	for range 1 + g.IntN(3) {
		switch g.IntN(8) {
		case 0:
			fmt.Fprintf(&b, "v=%s; echo \"$? [$v]\"\n", g.shWord(0))
		case 1:
			fmt.Fprintf(&b, "case %s in %s) echo m1;; %s|%s) echo m2;; *) echo m3;; esac\n", g.shWord(0), g.pattern(), g.pattern(), g.shWord(0))
		case 2:
			fmt.Fprintf(&b, "cat <<%s\n%s\n%s\nEOF\n", g.pick("EOF", "EOF", "'EOF'", "-EOF"), g.hereLine(), g.hereLine())
		case 3:
			fmt.Fprintf(&b, "for i in %s %s; do printf '<%%s>' \"$i\"; done; echo\n", g.shWord(0), g.shWord(0))
		case 4:
			fmt.Fprintf(&b, "set -- %s %s; echo $#; printf '(%%s)\\n' \"$@\"\n", g.shWord(0), g.shWord(0))
		default:
			fmt.Fprintf(&b, "printf '[%%s]\\n' %s %s\n", g.shWord(0), g.shWord(0))
		}
	}
	b.WriteString("echo \"= $? $a $u $n\"")
	return b.String()
}

func (g *grammar) hereLine() string {
	if g.one(3) {
		return g.pick("\tplain", `back\slash \$a \\ \"`, `"dq" 'sq' *`, "`echo bq` $(echo 'x  y')", `$((n+1)) ${#a}`)
	}
	return g.pick("", "\t", "x ") + g.inDquotes(1)
}

// shWord is a word of one to three parts.
func (g *grammar) shWord(depth int) string {
	var b strings.Builder
	for range 1 + g.IntN(3) {
		b.WriteString(g.part(depth))
	}
	return b.String()
}

func (g *grammar) part(depth int) string {
	switch g.IntN(14) {
	case 0, 1:
		return g.pick("a", "foo", "x", "f1", "d", ":", "-n", "=", "1", "%", ".", "~", "~root/x", "o")
	case 2:
		return g.pick("*", "f?", "d/*", "[a-f]*", ".*", "d*/g?", "\\*", "[!f]?", "*s", "n*[lm]*", "\"*\"", "'f'*", "nomatch*", "[", "[a", "?")
	case 3:
		return g.pick("''", "'q r'", "'$a'", "'\\'", `'"'`, "' '", "'*'")
	case 4:
		return g.pick(`\ `, `\$`, `\\`, `\'`, `\"`, `\a`, `\*`, "\\\n", `\#`, `\;`)
	case 5, 6, 7:
		return `"` + g.inDquotes(depth) + `"`
	case 8:
		return g.substitution(depth)
	case 9:
		return g.pick(`$'a\tb'`, `$'\x41\n'`, `$'it\'s'`, `$'\101'`, `"$@"`, `$@`, `$*`, `"$*"`, `x"$@"y`, `"a$*b"`, `{a,b}`)
	}
	return g.param(depth, false)
}

func (g *grammar) inDquotes(depth int) string {
	var b strings.Builder
	for range g.IntN(4) {
		switch g.IntN(8) {
		case 0, 1:
			b.WriteString(g.pick("a", " ", "  b", "'", "*", "~", ";", "|", "it's"))
		case 2:
			b.WriteString(g.pick(`\"`, `\\`, `\$`, `\a`, "\\`", `\'`, `\*`, "\\\n"))
		case 3:
			b.WriteString(g.substitution(depth))
		default:
			b.WriteString(g.param(depth, true))
		}
	}
	return b.String()
}

func (g *grammar) substitution(depth int) string {
	if depth > 2 {
		return "$((2))"
	}
	switch g.IntN(7) {
	case 0:
		return "$(printf '%s' " + g.shWord(depth+1) + ")"
	case 1:
		return "$(echo " + g.shWord(depth+1) + ")"
	case 2:
		return "`echo " + g.pick("a", "'b  c'", "$a", "\\$a", "\"$b\"", "\\\\x", "f*") + "`"
	case 3:
		return g.pick("$(cat f1)", "$(printf 'a\\n\\n')", "$(false)", "$(exit 3)", "$(echo 'q\"')", "$(echo \")\")", "$(: # )\n)")
	}
	return "$((" + g.arith(depth+1) + "))"
}

func (g *grammar) arith(depth int) string {
	if depth > 3 || g.one(3) {
		return g.pick("1", "2", "0", "7", "n", "$n", "u", "010", "0x1F", "(-3)", "9223372036854775807", "e", "(n++)", "(--n)", "(q=4)", "(3)", "$#", "${#a}", "1000000")
	}
	a, b := g.arith(depth+1), g.arith(depth+1)
	switch g.IntN(8) {
	case 0:
		return g.pick(" -", " +", "!", "~", " - ") + a
	case 1:
		return "(" + a + ")"
	case 2:
		return a + " ? " + b + " : " + g.arith(depth+1)
	case 3:
		return "(n" + g.pick("=", "+=", "-=", "*=", "<<=", "|=", "%=") + a + ")"
	}
	return a + g.pick("+", "-", " * ", "/", "%", "<<", ">>", "<", "<=", ">", ">=", "==", "!=", "&", "|", "^", "&&", "||", "**", ",") + b
}

// param is a parameter expansion of any form.
func (g *grammar) param(depth int, quoted bool) string {
	v := g.word(shellVars)
	if g.one(8) {
		return "$" + g.word("1 2 9 @ * # ? {1} {@} {*} {#}")
	}
	if g.one(8) {
		v = g.word("1 2 9")
	}
	if g.one(3) || depth > 2 {
		return "$" + v
	}
	word := func() string {
		if quoted && g.one(2) {
			return g.inDquotes(depth + 1)
		}
		return g.shWord(depth + 1)
	}
	switch g.IntN(9) {
	case 0:
		return "${" + v + "}"
	case 1:
		return "${#" + v + "}"
	case 2, 3:
		return "${" + v + g.pick("-", ":-", "+", ":+") + word() + "}"
	case 4:
		if g.one(4) {
			return "${" + v + g.pick("?", ":?") + g.pick("", "msg", "m $a") + "}"
		}
		return "${" + g.word("a e u q") + g.pick("=", ":=") + word() + "}"
	case 5, 6:
		return "${" + v + g.pick("%", "%%", "#", "##") + g.pattern() + "}"
	case 7:
		return "${" + v + ":" + g.pick("0", "1", "n-6", " -2", "9", "(-1)", "1:1", "0:-1", "1:n", "2:0") + "}"
	}
	return "${" + g.word("a b p n") + g.pick("/", "//") + g.pick("o", "?", "f*", "[a-m]", "\"$a\"", "*:", ":", "' '", "[[:space:]]", "x*y") + g.pick("", "/", "/X", "/$a", "/\"$b\"", "/&", "/\\/") + "}"
}

func (g *grammar) pattern() string {
	if g.one(4) {
		return g.shWord(2)
	}
	return g.pick("*", "?", "f*", "*o", "o", "[a-m]", "[!o]", "\\*", "'*'", "\"$a\"", "$a", "$c", "\"$c\"", "*:", ":*", "*' '", "??", "[[:alpha:]]*", "*[[:space:]]*", "x\\ y", "f\"o\"o", "[]f]*", "[a\\]f]*")
}
