package gotmpl_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"text/template"

	"github.com/layerlab/layerlab/sim/gotmpl"
)

// The data of the tests: what a command line's templates meet, and some worse.

type inner struct {
	Name   string
	Size   int64
	hidden string
}

type stringer struct{ s string }

func (s stringer) String() string { return "<" + s.s + ">" }

type pointed struct{ s string }

func (p *pointed) String() string { return "*" + p.s }

type digestLike string

func (d digestLike) String() string  { return string(d) }
func (d digestLike) Encoded() string { return strings.TrimPrefix(string(d), "sha256:") }

// row has a method, which it gives by Field too.
type row struct {
	ID, Name string
	Labels   map[string]string
}

func (r row) Label(name string) string { return r.Labels[name] }

func (r row) Field(name string) (any, bool) {
	if name == "Label" {
		return r.Label, true
	}
	return nil, false
}

type outer struct {
	inner
	ID       string `json:"Id"`
	Tags     []string
	Inner    inner
	Ptr, Nil *inner
	Any      any
	NilAny   any
	Map      map[string]int
	NilMap   map[string]int
	Ints     map[int]string
	Uints    map[uint8]string
	Floats   map[float64]string
	Bools    map[bool]string
	Structs  map[string]struct{}
	Lists    [][]string
	Array    [3]int
	Bytes    []byte
	U        uint8
	I8       int8
	F        float64
	F32      float32
	B        bool
	Fn       func() string
	Digest   digestLike
	Speaks   stringer
	Points   pointed
	Err      error
	NilErr   error
	Row      row
	PtrRow   *row
	Rows     []any
}

func data() *outer {
	n := 7
	return &outer{
		inner: inner{"embedded", 1, "h"}, ID: "sha256:abc", Tags: []string{"a:1", "b:2", "c:3"}, Inner: inner{Name: "in", Size: 12},
		Ptr: &inner{Name: "ptr"}, Any: map[string]any{"k": []any{1.5, "x", nil, true, map[string]any{"z": 1}}, "n": &n},
		Map: map[string]int{"two": 2, "one": 1, "three": 3}, Ints: map[int]string{10: "ten", -1: "minus", 2: "two"}, Uints: map[uint8]string{3: "c", 1: "a"},
		Floats: map[float64]string{2.5: "b", -1: "a"}, Bools: map[bool]string{true: "t", false: "f"}, Structs: map[string]struct{}{"80/tcp": {}},
		Lists: [][]string{{"x", "y"}, {}, {"z"}}, Array: [3]int{4, 5, 6}, Bytes: []byte("raw"), U: 200, I8: -3, F: 2.5, F32: 0.25, B: true,
		Fn: func() string { return "fn" }, Digest: "sha256:def", Speaks: stringer{"s"}, Points: pointed{"p"}, Err: errors.New("err"),
		Row: row{"1", "n", map[string]string{"l": "v"}}, PtrRow: &row{"2", "m", map[string]string{"l": "w"}}, Rows: []any{row{ID: "r"}, map[string]any{"ID": "m"}},
	}
}

// generic is the data as JSON gives it.
func generic() any {
	var v any
	dec := json.NewDecoder(strings.NewReader(`{"Id":"sha256:abc","N":12,"Tags":["a","b"],"Config":{"Env":["A=1","B=2"],"Cmd":null,"Labels":{"x.y":"z"}},"T":true}`))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		panic(err)
	}
	return v
}

var funcs = map[string]any{
	"json":  func(v any) string { b, _ := json.Marshal(v); return string(b) },
	"split": strings.Split, "join": strings.Join, "lower": strings.ToLower, "upper": strings.ToUpper,
	"pad":      func(s string, l, r int) string { return strings.Repeat(" ", l) + s + strings.Repeat(" ", r) },
	"truncate": func(s string, n int) string { return string([]rune(s)[:min(n, len([]rune(s)))]) },
	"fails":    func(s string) (string, error) { return "", fmt.Errorf("failing on %q", s) },
	"u8":       func(u uint8) uint8 { return u }, "f64": func(f float64) float64 { return f }, "yes": func(b bool) bool { return b },
	"sum": func(n ...int) (t int) {
		for _, i := range n {
			t += i
		}
		return t
	},
	"name": func(i inner) string { return i.Name }, "ptrname": func(i *inner) string { return i.Name },
}

// standard is what text/template makes of a template.
func standard(text string, v any, strict bool) (out, failed string) {
	t, err := template.New("").Funcs(funcs).Parse(text)
	if err != nil {
		return "", err.Error()
	}
	if strict {
		t = t.Option("missingkey=error")
	}
	var b strings.Builder
	if err := t.Execute(&b, v); err != nil {
		failed = err.Error()
	}
	return b.String(), failed
}

func ours(text string, v any, strict bool) (out, failed string) {
	t, err := gotmpl.Parse(text, funcs)
	if err != nil {
		return "", err.Error()
	}
	if strict {
		t = t.Strict()
	}
	var b strings.Builder
	if err := t.Execute(&b, v); err != nil {
		failed = err.Error()
	}
	return b.String(), failed
}

// TestAsStandard holds templates, right and wrong ones, against text/template.
func TestAsStandard(t *testing.T) {
	for _, text := range append(append(rightTemplates, wrongTemplates...), brokenTemplates...) {
		for i, v := range []any{data(), *data(), generic(), nil, []string{"p", "q"}, "text", 5} {
			for _, strict := range []bool{false, true} {
				want, wantErr := standard(text, v, strict)
				got, gotErr := ours(text, v, strict)
				if got != want || gotErr != wantErr {
					t.Errorf("%s\ndata %d, strict %v:\n got %q, %s\nwant %q, %s", text, i, strict, got, gotErr, want, wantErr)
				}
			}
		}
	}
}

// TestTables says which templates are to work on data() and which are not, so
// that the comparison is not one of two failures.
func TestTables(t *testing.T) {
	for _, text := range rightTemplates {
		if _, err := ours(text, data(), false); err != "" {
			t.Errorf("%s: %s", text, err)
		}
	}
	for _, text := range wrongTemplates {
		if _, err := gotmpl.Parse(text, funcs); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if out, err := ours(text, data(), true); err == "" {
			t.Errorf("%s: no error, but %q", text, out)
		}
	}
	for _, text := range brokenTemplates {
		if _, err := gotmpl.Parse(text, funcs); err == nil {
			t.Errorf("%s: no error", text)
		}
	}
}

func parseError(text string) string {
	if _, err := template.New("").Funcs(funcs).Parse(text); err != nil {
		return err.Error()
	}
	return ""
}
