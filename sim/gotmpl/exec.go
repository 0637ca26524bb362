package gotmpl

import (
	"fmt"
	"io"
	"reflect"
	"sort"
	"strings"
)

// The bounds of one Execute: steps taken, bytes written, how deep nodes stand
// within each other through templates that call themselves, and how long a string
// that a function makes may be. No template that a person types comes near.
const (
	maxSteps  = 1_000_000
	maxOutput = 32 << 20
	maxWalk   = 2*maxDepth + 500
	maxString = 4 << 20
)

// budget is what was spent of the bounds.
type budget struct{ steps, output, walk int }

type variable struct {
	name  string
	value reflect.Value
}

// state is one execution of one template; a template that is called has its own.
type state struct {
	t     *Template
	name  string // of the template
	w     io.Writer
	node  *node // at hand, for messages
	vars  []variable
	depth int // of calls of templates
	spent *budget
}

// flow is how a walk goes on.
type flow uint8

const (
	goOn flow = iota
	breakOff
	nextOne
)

func (s *state) fail(format string, args ...any) {
	before := s.t.text[:s.node.pos]
	place := fmt.Sprintf(":%d:%d", 1+strings.Count(before, "\n"), len(before)-1-strings.LastIndexByte(before, '\n'))
	panic(execError{fmt.Errorf("template: %s: executing %q at <%s>: %w", place, s.name, s.node, fmt.Errorf(format, args...))})
}

// step counts a piece of work.
func (s *state) step() {
	if s.spent.steps++; s.spent.steps > maxSteps {
		s.fail("exceeded maximum of %d steps", maxSteps)
	}
}

func (s *state) Write(b []byte) (int, error) {
	if s.spent.output += len(b); s.spent.output > maxOutput {
		s.fail("exceeded maximum output of %d bytes", maxOutput)
	}
	n, err := s.w.Write(b)
	if err != nil {
		panic(execError{err})
	}
	return n, nil
}

func (s *state) walk(dot reflect.Value, n *node) (f flow) {
	if n.kind != nList || s.node == nil {
		s.node = n
	}
	s.step()
	if s.spent.walk++; s.spent.walk > maxWalk {
		s.fail("exceeded maximum depth (%v)", maxWalk)
	}
	defer func() { s.spent.walk-- }()
	switch n.kind {
	case nText:
		s.Write([]byte(n.text))
	case nList:
		for _, k := range n.kids {
			if f := s.walk(dot, k); f != goOn {
				return f
			}
		}
	case nAction:
		if v := s.pipeline(dot, n.pipe); len(n.pipe.decl) == 0 {
			s.node = n
			s.print(n, v)
		}
	case nIf, nWith:
		return s.choose(dot, n)
	case nRange:
		return s.iterate(dot, n)
	case nTemplate:
		s.call(dot, n)
	case nWord:
		if n.text == "{{break}}" {
			return breakOff
		}
		return nextOne
	}
	return goOn
}

func (s *state) print(n *node, v reflect.Value) {
	x, ok := printable(v)
	if !ok {
		s.fail("can't print %s of type %s", n, v.Type())
	}
	fmt.Fprint(s, x)
}

// printable is the value that fmt prints for v: pointers followed, except to what
// says itself how it is written.
func printable(v reflect.Value) (any, bool) {
	if v.Kind() == reflect.Pointer {
		v, _ = indirect(v)
	}
	if !v.IsValid() {
		return "<no value>", true
	}
	if v.CanAddr() && !speaks(v.Interface()) && speaks(v.Addr().Interface()) {
		return v.Addr().Interface(), true
	}
	if k := v.Kind(); (k == reflect.Func || k == reflect.Chan) && !speaks(v.Interface()) {
		return nil, false
	}
	return v.Interface(), true
}

func speaks(v any) bool {
	switch v.(type) {
	case error, fmt.Stringer:
		return true
	}
	return false
}

func (s *state) choose(dot reflect.Value, n *node) flow {
	mark := len(s.vars)
	defer func() { s.vars = s.vars[:mark] }()
	v := s.pipeline(dot, n.pipe)
	switch {
	case truth(v) && n.kind == nWith:
		return s.walk(v, n.list)
	case truth(v):
		return s.walk(dot, n.list)
	case n.other != nil:
		return s.walk(dot, n.other)
	}
	return goOn
}

// call runs a template by its name.
func (s *state) call(dot reflect.Value, n *node) {
	root := s.t.roots[n.text]
	if root == nil {
		s.fail("template %q not defined", n.text)
	}
	if s.depth == maxDepth {
		s.fail("exceeded maximum template depth (%v)", maxDepth)
	}
	if n.pipe == nil {
		dot = reflect.Value{}
	} else {
		dot = s.pipeline(dot, n.pipe)
	}
	sub := &state{t: s.t, name: n.text, node: n, w: s.w, vars: []variable{{"$", dot}}, depth: s.depth + 1, spent: s.spent}
	sub.walk(dot, root)
}

// iterate runs a range: over a number, a list, or a map in the order of its keys.
func (s *state) iterate(dot reflect.Value, n *node) flow {
	mark := len(s.vars)
	defer func() { s.vars = s.vars[:mark] }()
	v, _ := indirect(s.pipeline(dot, n.pipe))
	count, at := 0, func(i int) (key, elem reflect.Value) { return reflect.ValueOf(i), v.Index(i) }
	switch {
	case v.CanInt(), v.CanUint():
		if len(n.pipe.decl) > 1 {
			s.fail("can't use %v to iterate over more than one variable", v)
		}
		if v.CanInt() {
			count = int(max(v.Int(), 0))
		} else {
			count = int(min(v.Uint(), maxSteps+1))
		}
		at = func(i int) (key, elem reflect.Value) { return key, reflect.ValueOf(i).Convert(v.Type()) }
	case v.Kind() == reflect.Slice, v.Kind() == reflect.Array:
		count = v.Len()
	case v.Kind() == reflect.Map:
		keys := sortedKeys(v)
		count, at = len(keys), func(i int) (key, elem reflect.Value) { return keys[i], v.MapIndex(keys[i]) }
	case v.IsValid():
		s.fail("range can't iterate over %v", v)
	}
	if count == 0 && n.other != nil {
		return s.walk(dot, n.other)
	}
	body := len(s.vars)
	for i := range count {
		key, elem := at(i)
		s.bind(n.pipe, key, elem)
		f := s.walk(elem, n.list)
		if s.vars = s.vars[:body]; f == breakOff {
			break
		}
	}
	return goOn
}

// bind sets a range's variables, which pipeline has pushed.
func (s *state) bind(pipe *node, key, elem reflect.Value) {
	values := []reflect.Value{elem}
	if len(pipe.decl) > 1 {
		values = []reflect.Value{key, elem}
	}
	for i, d := range pipe.decl {
		if pipe.assign {
			s.set(d.names[0], values[i])
		} else {
			s.vars[len(s.vars)-len(pipe.decl)+i].value = values[i]
		}
	}
}

// sortedKeys is a map's keys in order: numbers, strings and false before true.
func sortedKeys(m reflect.Value) []reflect.Value {
	keys := m.MapKeys()
	sort.Slice(keys, func(i, j int) bool {
		a, b := plain(keys[i]), plain(keys[j])
		if c, ok := order(a, b); ok {
			return c < 0
		}
		return fmt.Sprint(a) < fmt.Sprint(b)
	})
	return keys
}
