package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/layerlab/layerlab/sim/gotmpl"
)

// A listing is a command's table: its rows are values with exported string
// fields, which templates name.
type listing struct {
	typ     string  // Docker's name of a row's type, for messages
	headers headers // column title of each field
	table   string  // the default table's template, without "table"
	quiet   string  // the template with -q
	raw     string  // the template of --format raw
}

// headers are the column titles of a row's fields.
type headers map[string]string

// Field gives the function Label: the title of a column of labels, which is the
// last part of the label's name.
func (headers) Field(name string) (any, bool) {
	return func(label string) string {
		return strings.NewReplacer("-", " ", "_", " ").Replace(label[strings.LastIndex(label, ".")+1:])
	}, name == "Label"
}

// write prints rows in a format: table, table TEMPLATE, json, raw or TEMPLATE
// (cli/command/formatter/formatter.go).
func (l listing) write(out io.Writer, format string, quiet bool, rows []any) error {
	table := false
	switch {
	case quiet && (format == "" || format == "table"):
		format = l.quiet
	case format == "" || format == "table":
		table, format = true, l.table
	case format == "json":
		format = "{{json .}}"
	case format == "raw" && l.raw != "":
		if format = l.raw; quiet {
			format = l.quiet
		}
	case strings.HasPrefix(format, "table"):
		table, format = true, strings.TrimSpace(format[len("table"):])
	}
	format = strings.NewReplacer(`\t`, "\t", `\n`, "\n").Replace(format)
	tmpl, err := gotmpl.Parse(format, funcs)
	if err != nil {
		return plain("template parsing error: %v", err)
	}
	var b bytes.Buffer
	for _, r := range rows {
		if err := tmpl.Execute(&b, r); err != nil {
			return plain("template parsing error: %s", l.name(err.Error(), r))
		}
		b.WriteByte('\n')
	}
	if !table {
		_, err := b.WriteTo(out)
		return err
	}
	tw := tabwriter.NewWriter(out, 10, 1, 3, ' ', 0)
	if err := tmpl.With(headerFuncs).Execute(tw, l.headers); err != nil {
		return plain("template parsing error: %v", err)
	}
	fmt.Fprintln(tw)
	if _, err := b.WriteTo(tw); err != nil {
		return err
	}
	return tw.Flush()
}

// try runs a template on an empty row, as docker ps does to see what it asks for:
// a mistake shows even when there is nothing to list.
func (l listing) try(format string, row any) error {
	tmpl, err := gotmpl.Parse(format, funcs)
	if err != nil {
		return plain("failed to parse template: %v", err)
	}
	if err := tmpl.Execute(io.Discard, row); err != nil {
		return plain("failed to execute template: %s", l.name(err.Error(), row))
	}
	return nil
}

// name puts Docker's type name into a template's message.
func (l listing) name(msg string, row any) string {
	for _, p := range []string{"*", ""} {
		msg = strings.ReplaceAll(msg, "in type "+p+strings.TrimPrefix(reflect.TypeOf(row).String(), "*"), "in type *formatter."+l.typ)
	}
	return msg
}

// maxPad is how many spaces a template may ask for at once.
const maxPad = 1 << 16

// funcs are the functions of Docker's templates (cli/templates/templates.go).
var funcs = gotmpl.FuncMap{
	"json": func(v any) string {
		b := &bytes.Buffer{}
		enc := json.NewEncoder(b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(v); err != nil {
			return err.Error()
		}
		return strings.TrimSpace(b.String())
	},
	"split": strings.Split,
	"join":  joinAll,
	"title": title,
	"lower": strings.ToLower,
	"upper": strings.ToUpper,
	"pad": func(s string, left, right int) (string, error) {
		if s == "" {
			return s, nil
		}
		if max(left, right) > maxPad {
			return "", fmt.Errorf("padding by %d spaces: at most %d can be had", max(left, right), maxPad)
		}
		return strings.Repeat(" ", left) + s + strings.Repeat(" ", right), nil
	},
	"truncate": func(s string, n int) string {
		if r := []rune(s); len(r) > n {
			return string(r[:n])
		}
		return s
	},
}

// headerFuncs stand in for funcs in the header row: the title passes through.
var headerFuncs = gotmpl.FuncMap{
	"json":     func(s string) string { return s },
	"title":    func(s string) string { return s },
	"lower":    func(s string) string { return s },
	"upper":    func(s string) string { return s },
	"truncate": func(s string, _ int) string { return s },
	"split":    func(s string, _ string) string { return s },
	"join":     func(s string, _ string) string { return s },
}

// joinAll joins the elements of a list of any kind.
func joinAll(list any, sep string) (string, error) {
	if l, ok := list.([]string); ok {
		return strings.Join(l, sep), nil
	}
	v := reflect.ValueOf(list)
	if v.Kind() != reflect.Slice && v.Kind() != reflect.Array {
		return "", fmt.Errorf("expected slice, got %T", list)
	}
	var words []string
	for i := range v.Len() {
		words = append(words, fmt.Sprint(v.Index(i).Interface()))
	}
	return strings.Join(words, sep), nil
}

func title(s string) string {
	prev := ' '
	return strings.Map(func(r rune) rune {
		defer func() { prev = r }()
		if !unicode.IsLetter(prev) && !unicode.IsDigit(prev) && prev != '_' && prev != '\'' {
			return unicode.ToTitle(r)
		}
		return r
	}, s)
}

// rowJSON is a row as an object with its fields in order, as Docker's rows are
// written: keys sorted, HTML characters escaped.
func rowJSON(row any) ([]byte, error) {
	v := reflect.Indirect(reflect.ValueOf(row))
	out := map[string]any{}
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.IsExported() && f.Tag.Get("json") != "-" {
			out[f.Name] = v.Field(i).Interface()
		}
	}
	return json.Marshal(out)
}
