package gotmpl_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/layerlab/layerlab/sim/gotmpl"
)

// TestBounds holds templates that would run, or write, or nest without end to an
// error.
func TestBounds(t *testing.T) {
	deep := strings.Repeat
	for text, want := range map[string]string{
		"{{range 9223372036854775807}}{{end}}":                                                                          "at <9223372036854775807>: exceeded maximum of 1000000 steps",
		"{{range 100000}}{{range 100000}}{{end}}{{end}}":                                                                "exceeded maximum of 1000000 steps",
		"{{define \"t\"}}{{template \"t\"}}{{end}}{{template \"t\"}}":                                                   "exceeded maximum template depth (1000)",
		"{{define \"t\"}}" + deep("{{if 1}}", 500) + "{{template \"t\"}}" + deep("{{end}}", 501) + "{{template \"t\"}}": "exceeded maximum depth (2500)",
		deep("{{if 1}}", 2000) + deep("{{end}}", 2000):                                                                  "max nesting depth exceeded",
		"{{if 0}}" + deep("{{else if 0}}", 2000) + "{{end}}":                                                            "max nesting depth exceeded",
		"{{" + deep("(", 2000) + "1" + deep(")", 2000) + "}}":                                                           "max expression depth exceeded",
		"{{$x := \"0123456789\"}}{{range 64}}{{$x = print $x $x}}{{end}}":                                               "error calling print: the arguments are more than 100 or longer than 4194304 bytes",
		"{{print" + deep(" .", 101) + "}}":                                                                              "the arguments are more than 100 or longer",
		"{{printf \"" + deep("%1000000[1]d", 5) + "\" 1}}":                                                              "error calling printf: the format asks for more than 4194304 bytes",
		"{{printf \"" + deep("%[1]*[1]d", 5) + "\" 1000000}}":                                                           "error calling printf: the format asks for more than 4194304 bytes",
		"{{$x := printf \"%1000000d\" 1}}{{printf \"" + deep("%[1]s", 5) + "\" $x}}":                                    "error calling printf: the format asks for more than 4194304 bytes",
		"{{$x := printf \"%4000000d\" 1}}{{len $x}}":                                                                    "",
		"{{$x := printf \"%1000000d\" 1}}{{range 100}}{{$x}}{{end}}":                                                    "exceeded maximum output of 33554432 bytes",
		"{{range 1000}}{{js (printf \"%1000000[1]d\" 1)}}{{end}}":                                                       "exceeded maximum output of 33554432 bytes",
		"{{1i}}":     "complex numbers are not read here",
		"{{call .}}": "error calling call: no value here is a function",
	} {
		tmpl, err := gotmpl.Parse(text, nil)
		if err == nil {
			err = tmpl.Execute(&strings.Builder{}, "data")
		}
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%.60s: got %v, want %s", text, err, want)
		}
	}
}

type headers map[string]string

func (h headers) Field(name string) (any, bool) {
	if name == "Label" {
		return func(s string) string { return "label " + s }, true
	}
	return nil, false
}

// TestWith runs one template with other functions, as a table's header row is.
func TestWith(t *testing.T) {
	tmpl, err := gotmpl.Parse(`{{lower .ID}} {{.Label "x"}} {{.Nope}}`, gotmpl.FuncMap{"lower": strings.ToLower})
	if err != nil {
		t.Fatal(err)
	}
	same := gotmpl.FuncMap{"lower": func(s string) string { return s }}
	for want, tmpl := range map[string]*gotmpl.Template{"image id label x <no value>": tmpl, "IMAGE ID label x <no value>": tmpl.With(same)} {
		var b strings.Builder
		if err := tmpl.Execute(&b, headers{"ID": "IMAGE ID"}); err != nil || b.String() != want {
			t.Errorf("got %q, %v; want %q", b.String(), err, want)
		}
	}
}

var errFull = errors.New("full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

// TestWriteError gives the writer's error as it is.
func TestWriteError(t *testing.T) {
	for _, text := range []string{"text", "{{1}}"} {
		tmpl, err := gotmpl.Parse(text, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := tmpl.Execute(full{}, nil); !errors.Is(err, errFull) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// FuzzParse holds what parses, and the words of what does not, against
// text/template; and runs what parses.
func FuzzParse(f *testing.F) {
	for _, list := range [][]string{rightTemplates, wrongTemplates, brokenTemplates} {
		for _, text := range list {
			f.Add(text)
		}
	}
	d := data()
	f.Fuzz(func(t *testing.T, text string) {
		_, err := gotmpl.Parse(text, funcs)
		if err != nil && (strings.Contains(err.Error(), "complex numbers") || strings.Contains(err.Error(), "depth exceeded")) {
			return
		}
		got := ""
		if err != nil {
			got = err.Error()
		}
		if want := parseError(text); got != want {
			t.Fatalf("%q:\n got %s\nwant %s", text, got, want)
		}
		if err == nil {
			ours(text, d, true)
		}
	})
}
