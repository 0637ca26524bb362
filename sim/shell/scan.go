package shell

import "strings"

// privateQuote stands for an apostrophe that is no quote: the one in the word of
// "${name-it's}" (POSIX 2.6.2 keeps the rules of double quotes there). The
// grammar's library takes each for a quote, so they are hidden from it.
const privateQuote = "\uE027"

// A scanner goes over a script only to find where an apostrophe quotes.
type scanner struct {
	src  string
	out  strings.Builder
	i    int
	docs []hereEnd // here-documents that begin at the next line
	done int       // bytes of src that are in out
}

type hereEnd struct {
	end          string
	quoted, tabs bool
}

// hideQuotes is a script with its apostrophes that do not quote replaced.
func hideQuotes(script string) string {
	if !strings.Contains(script, "${") || !strings.Contains(script, "'") {
		return script
	}
	c := &scanner{src: script}
	c.command(0)
	if c.done == 0 {
		return script
	}
	return c.out.String() + script[c.done:]
}

// hide replaces the apostrophe at i.
func (c *scanner) hide() {
	c.out.WriteString(c.src[c.done:c.i])
	c.out.WriteString(privateQuote)
	c.done = c.i + 1
}

// command goes over commands up to the byte that closes them: ")", "`" or, with
// 0, the end.
func (c *scanner) command(close byte) {
	word := true // a word may begin here
	for c.i < len(c.src) {
		b := c.src[c.i]
		began := word
		word = strings.IndexByte(" \t\n;&|()<>", b) >= 0
		switch {
		case b == close && close != 0:
			c.i++
			return
		case b == '\\':
			c.i++
		case b == '\'':
			c.single()
			continue
		case b == '"':
			c.i++
			c.double('"')
			continue
		case b == '`':
			c.i++
			c.command('`')
			continue
		case b == '$':
			c.dollar(false)
			continue
		case b == '(':
			c.i++
			c.command(')')
			continue
		case b == '#' && began:
			for c.i < len(c.src) && c.src[c.i] != '\n' {
				c.i++
			}
			continue
		case b == '<':
			c.hereDoc()
			continue
		case b == '\n' && len(c.docs) > 0:
			c.i++
			c.bodies()
			continue
		}
		c.i++
	}
}

// single passes a quoted string.
func (c *scanner) single() {
	end := strings.IndexByte(c.src[c.i+1:], '\'')
	if end < 0 {
		c.i = len(c.src)
		return
	}
	c.i += end + 2
}

// double goes over text in double quotes, or, with 0, to the end.
func (c *scanner) double(close byte) {
	for c.i < len(c.src) {
		switch b := c.src[c.i]; {
		case b == close && close != 0:
			c.i++
			return
		case b == '\\':
			c.i += 2
		case b == '`':
			c.i++
			c.command('`')
		case b == '$':
			c.dollar(true)
		default:
			c.i++
		}
	}
}

// dollar goes over an expansion.
func (c *scanner) dollar(quoted bool) {
	rest := c.src[c.i:]
	switch {
	case strings.HasPrefix(rest, "$(("):
		c.i += 3
		for depth := 2; c.i < len(c.src) && depth > 0; c.i++ {
			switch c.src[c.i] {
			case '(':
				depth++
			case ')':
				depth--
			}
		}
	case strings.HasPrefix(rest, "$("):
		c.i += 2
		c.command(')')
	case strings.HasPrefix(rest, "${"):
		c.param(quoted)
	case strings.HasPrefix(rest, "$'") && !quoted:
		c.i += 2
		for c.i < len(c.src) && c.src[c.i] != '\'' {
			if c.src[c.i] == '\\' {
				c.i++
			}
			c.i++
		}
		c.i++
	default:
		c.i++
	}
}

// param goes over ${…}. In double quotes an apostrophe of its word is no quote,
// unless the word is a pattern.
func (c *scanner) param(quoted bool) {
	c.i += 2
	for c.i < len(c.src) && (isNameByte(c.src[c.i]) || c.i < len(c.src)-1 && strings.IndexByte("@*!#?$-", c.src[c.i]) >= 0 && strings.IndexByte("}:-+=?", c.src[c.i+1]) >= 0) {
		c.i++
	}
	op := strings.TrimPrefix(c.src[c.i:], ":")
	plain := op != "" && strings.IndexByte("-+=?", op[0]) >= 0
	for c.i < len(c.src) {
		switch b := c.src[c.i]; {
		case b == '}':
			c.i++
			return
		case b == '\\':
			c.i += 2
		case b == '\'' && quoted && plain:
			c.hide()
			c.i++
		case b == '\'':
			c.single()
		case b == '"':
			c.i++
			c.double('"')
		case b == '`':
			c.i++
			c.command('`')
		case b == '$':
			c.dollar(quoted)
		default:
			c.i++
		}
	}
}

// hereDoc notes the word that ends a here-document.
func (c *scanner) hereDoc() {
	rest := c.src[c.i:]
	if !strings.HasPrefix(rest, "<<") || strings.HasPrefix(rest, "<<<") {
		for c.i < len(c.src) && c.src[c.i] == '<' {
			c.i++
		}
		return
	}
	c.i += 2
	h := hereEnd{}
	if strings.HasPrefix(c.src[c.i:], "-") {
		h.tabs = true
		c.i++
	}
	for c.i < len(c.src) && (c.src[c.i] == ' ' || c.src[c.i] == '\t') {
		c.i++
	}
	begin, quote := c.i, byte(0)
	for c.i < len(c.src) {
		b := c.src[c.i]
		if quote == 0 && strings.IndexByte(" \t\n;&|()<>", b) >= 0 || b == '\n' {
			break
		}
		switch {
		case b == quote:
			quote = 0
		case quote == 0 && (b == '\'' || b == '"'):
			quote = b
		}
		c.i++
	}
	word := c.src[begin:c.i]
	h.end = strings.NewReplacer("'", "", `"`, "", `\`, "").Replace(word)
	h.quoted = h.end != word
	c.docs = append(c.docs, h)
}

// bodies goes over the here-documents that begin here.
func (c *scanner) bodies() {
	for _, h := range c.docs {
		begin := c.i
		stop := begin
		for stop < len(c.src) {
			line, _, _ := strings.Cut(c.src[stop:], "\n")
			if h.tabs {
				line = strings.TrimLeft(line, "\t")
			}
			if line == h.end {
				break
			}
			next := strings.IndexByte(c.src[stop:], '\n')
			if next < 0 {
				stop = len(c.src)
				break
			}
			stop += next + 1
		}
		if !h.quoted {
			body := &scanner{src: c.src[:stop], i: begin, done: begin}
			body.double(0)
			if body.done > begin {
				c.out.WriteString(c.src[c.done:begin])
				c.out.WriteString(body.out.String())
				c.done = body.done
			}
		}
		c.i = stop
	}
	c.docs = nil
}
