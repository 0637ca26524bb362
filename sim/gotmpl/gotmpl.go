// Package gotmpl evaluates Go templates, the language of `docker ps --format`
// and `docker inspect -f`.
//
// A template is text with actions in double braces. An action is a pipeline:
// commands joined by "|", each a function or a field with arguments, the result
// of one being the last argument of the next. Dot is the value at hand; if, with
// and range choose and repeat text, and with and range move dot.
//
// The language and its messages are those of the standard library's
// text/template, and the tests hold them against it. One thing is left out:
// methods are not found by their names at run time, because a program that does
// so must keep every method of every type (see docs/RATIONALE.md). A value gives
// by [Fielder] what Docker's values give by methods. Work is bounded: a template
// is typed by a person, but may ask for a range over all the numbers there are.
package gotmpl

import (
	"fmt"
	"io"
	"maps"
	"reflect"
)

// FuncMap is the functions of a template by name. Each returns one value, or a
// value and an error.
type FuncMap map[string]any

// A Fielder gives fields of its own, before those of its struct or map. A value
// that is a function is a method: it is called with the arguments that follow.
type Fielder interface {
	Field(name string) (value any, ok bool)
}

// A Template is a parsed template; it is not changed once it is made.
type Template struct {
	text   string
	roots  map[string]*node // the templates that it defines; "" is the whole
	funcs  FuncMap
	strict bool
}

// Parse reads a template that may call the language's own functions and funcs.
// The error is as text/template words it, of a template without a name:
// "template: :1: unclosed action".
func Parse(text string, funcs FuncMap) (t *Template, err error) {
	t = &Template{text: text, roots: map[string]*node{}, funcs: funcs}
	p := &parser{t: t, toks: lex(text), vars: []string{"$"}}
	defer func() {
		if failed, ok := recover().(parseError); ok {
			t, err = nil, failed
		}
	}()
	p.top()
	return t, nil
}

// With is the template with other functions in place of those of the same name.
func (t *Template) With(funcs FuncMap) *Template {
	out := *t
	out.funcs = maps.Clone(t.funcs)
	maps.Copy(out.funcs, funcs)
	return &out
}

// Strict is the template with a missing key of a map being an error, and not "<no
// value>": text/template's option missingkey=error.
func (t *Template) Strict() *Template {
	out := *t
	out.strict = true
	return &out
}

// Execute writes the template's text for data. What was written before an error
// stays written. An error names the place: `template: :1:2: executing "" at
// <.Nope>: can't evaluate field Nope in type cli.row`.
func (t *Template) Execute(w io.Writer, data any) (err error) {
	dot := reflect.ValueOf(data)
	s := &state{t: t, w: w, vars: []variable{{"$", dot}}, spent: new(budget)}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case execError:
			err = r.error
		default:
			panic(r)
		}
	}()
	s.walk(dot, t.roots[""])
	return nil
}

// parseError is the panic that ends Parse.
type parseError struct{ error }

// execError is the panic that ends Execute.
type execError struct{ error }

func (p *parser) fail(format string, args ...any) {
	panic(parseError{fmt.Errorf("template: :%d: %w", p.line(p.toks[p.far].pos), fmt.Errorf(format, args...))})
}
