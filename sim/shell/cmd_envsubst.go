package shell

import (
	"context"
	"io"
	"strings"
)

// variableIn is the name of the variable that text begins with: $NAME or ${NAME};
// used is how long that is.
func variableIn(text string) (name string, used int) {
	rest := text[1:]
	braces := strings.HasPrefix(rest, "{")
	if braces {
		rest = rest[1:]
	}
	n := 0
	for n < len(rest) && (rest[n] == '_' || rest[n]|0x20 >= 'a' && rest[n]|0x20 <= 'z' || n > 0 && isDigit(rest[n])) {
		n++
	}
	if n == 0 || braces && (n == len(rest) || rest[n] != '}') {
		return "", 0
	}
	if braces {
		return rest[:n], n + 3
	}
	return rest[:n], n + 1
}

// cmdEnvsubst is envsubst of gettext: variables of the environment in a text; a
// first operand names those that are meant.
func cmdEnvsubst(ctx context.Context, p *Process) int {
	o, ok := p.getopt("v", "variables=v")
	if !ok {
		return 1
	}
	var only map[string]bool
	names := func(text string, f func(name string)) {
		for i := 0; i < len(text); i++ {
			if text[i] == '$' {
				if name, n := variableIn(text[i:]); n > 0 {
					f(name)
				}
			}
		}
	}
	if o.has("v") {
		if len(o.args) == 0 {
			return p.say("missing arguments")
		}
		names(o.args[0], func(name string) { p.outf("%s\n", name) })
		return 0
	}
	if len(o.args) > 1 {
		return p.say("too many arguments")
	}
	if len(o.args) == 1 {
		only = map[string]bool{}
		names(o.args[0], func(name string) { only[name] = true })
	}
	out := p.out()
	defer out.Flush()
	return p.inputs(ctx, nil, func(_ string, r io.Reader) error {
		return eachLine(r, func(line []byte, nl bool) bool {
			text := string(line)
			for len(text) > 0 {
				i := strings.IndexByte(text, '$')
				if i < 0 {
					break
				}
				out.WriteString(text[:i])
				text = text[i:]
				name, n := variableIn(text)
				switch {
				case n == 0:
					n = 1
					out.WriteByte('$')
				case only != nil && !only[name]:
					out.WriteString(text[:n])
				default:
					out.WriteString(p.env(name))
				}
				text = text[n:]
			}
			out.WriteString(text)
			if nl {
				out.WriteByte('\n')
			}
			return true
		})
	})
}
