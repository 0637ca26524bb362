package shell

import (
	"context"
	"io"
	"strconv"
	"strings"
)

// isBash reports whether a command that calls itself name is built into bash:
// "bash: line 1: echo".
func isBash(name string) bool { return strings.Contains(name, ": line ") }

// isDash reports whether a command that calls itself name is built into dash:
// "sh: 1: echo".
func isDash(name string) bool {
	return strings.Count(name, ": ") == 2 && !strings.Contains(name, "line ")
}

// cmdEcho is echo. All three shells know -n; busybox and bash know -e and -E;
// dash always reads escapes.
func cmdEcho(_ context.Context, p *Process) int {
	words := p.Args[1:]
	newline, escapes := true, false
	plain := isDash(p.Args[0])
	if plain {
		escapes = true
		if len(words) > 0 && words[0] == "-n" {
			newline, words = false, words[1:]
		}
	}
	for !plain && len(words) > 0 && len(words[0]) > 1 && words[0][0] == '-' && strings.Trim(words[0][1:], "neE") == "" {
		for _, c := range words[0][1:] {
			switch c {
			case 'n':
				newline = false
			default:
				escapes = c == 'e'
			}
		}
		words = words[1:]
	}
	text := strings.Join(words, " ")
	if plain {
		text = withoutHex(text)
	}
	if escapes {
		var stopped bool
		if text, stopped = unescape(text, true); stopped {
			newline = false
		}
	}
	if newline {
		text += "\n"
	}
	if _, err := io.WriteString(p.Stdout, text); err != nil {
		return p.say("write error: %s", why(err))
	}
	return 0
}

// unescape reads backslash escapes. With zero, \0NNN is octal (echo, printf %b),
// else \NNN. \c stops the output.
func unescape(text string, zero bool) (out string, stopped bool) {
	if !strings.Contains(text, `\`) {
		return text, false
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			b.WriteByte(text[i])
			continue
		}
		i++
		switch c := text[i]; c {
		case 'c':
			return b.String(), true
		case '0', '1', '2', '3', '4', '5', '6', '7':
			digits := 3
			if zero && c == '0' {
				i++
			}
			n, used := 0, 0
			for used < digits && i < len(text) && text[i] >= '0' && text[i] <= '7' {
				n = n*8 + int(text[i]-'0')
				i++
				used++
			}
			i--
			b.WriteByte(byte(n))
		case 'x':
			n, used := 0, 0
			for used < 2 && i+1 < len(text) {
				d, err := strconv.ParseUint(text[i+1:i+2], 16, 8)
				if err != nil {
					break
				}
				n = n*16 + int(d)
				i++
				used++
			}
			if used == 0 {
				b.WriteString(`\x`)
			} else {
				b.WriteByte(byte(n))
			}
		default:
			if j := strings.IndexByte(`abfnrtv\e`, c); j >= 0 {
				b.WriteByte("\a\b\f\n\r\t\v\\\x1b"[j])
			} else {
				b.WriteByte('\\')
				b.WriteByte(c)
			}
		}
	}
	return b.String(), false
}
