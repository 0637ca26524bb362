package fsops

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// A badRequest says why a line is no operation.
type badRequest struct {
	field string // "" when it is not about one
	err   error
}

func (b *badRequest) Error() string {
	if b.field == "" {
		return b.err.Error()
	}
	return fmt.Sprintf("field %q: %v", b.field, b.err)
}

func (b *badRequest) Unwrap() error { return b.err }

func bad(field, format string, a ...any) error {
	return &badRequest{field, fmt.Errorf(format, a...)}
}

// A request is a line that has been understood.
type request struct {
	id     json.RawMessage // as given; nil if it was not
	op     *Operation
	values map[string]any // by field, the common ones included
}

// common is the fields that every request may have.
var common = []Field{
	may("uid", kID, "that of the last `setuid`, at first 0"),
	may("gid", kID, "that of the last `setgid`, at first 0"),
	may("groups", kGroups, "those of the last `setgroups`, at first none"),
	may("umask", kMode, "that of the last `umask`, at first 022"),
	may("events", kBool, "false"),
}

// decode understands a line. What was understood of it is returned in any case,
// so that an error can be answered under the request's id.
func decode(line []byte) (request, error) {
	var r request
	if !utf8.Valid(line) {
		return r, bad("", `the line is not UTF-8: give bytes in base64, in the field with "_base64" behind its name`)
	}
	fields, err := object(line)
	if id, ok := fields["id"]; ok {
		r.id = id
		delete(fields, "id")
	}
	if err != nil {
		return r, err
	}
	raw, ok := fields["op"]
	if !ok {
		return r, bad("op", "missing: a request is an object such as {\"op\": \"mkdir\", \"path\": \"/a\"}")
	}
	name, err := parseText(raw)
	if err != nil {
		return r, &badRequest{"op", err}
	}
	delete(fields, "op")
	if r.op = operation(name.(string)); r.op == nil {
		return r, bad("op", "unknown operation %q; {\"op\": \"help\"} lists those that there are", name)
	}
	r.values = map[string]any{}
	all := slices.Concat(r.op.Fields, common)
	for _, f := range all {
		if err := r.take(f, fields); err != nil {
			return r, err
		}
	}
	if len(fields) > 0 {
		return r, bad(slices.Min(slices.Collect(maps.Keys(fields))), "unknown: %s has %s", r.op.Name, r.op.fieldNames())
	}
	for _, f := range all {
		if _, ok := r.values[f.Name]; f.Required && !ok {
			return r, bad(f.Name, "missing: %s needs it, %s", r.op.Name, f.Kind)
		}
	}
	return r, nil
}

// take moves the field f from fields to the request's values.
func (r *request) take(f Field, fields map[string]json.RawMessage) error {
	parse, key := f.kind.parse, f.Name
	raw, ok := fields[key]
	if f.kind.bytes {
		if b, is := fields[f.Name+"_base64"]; is {
			if ok {
				return bad(f.Name, "given twice, also as %q", f.Name+"_base64")
			}
			raw, ok, key, parse = b, true, f.Name+"_base64", parseBase64
		}
	}
	delete(fields, key)
	if !ok {
		return nil
	}
	v, err := parse(raw)
	if err != nil {
		return &badRequest{key, err}
	}
	if s, ok := v.(string); ok && key != f.Name && (f.Kind == kPath.text || f.Kind == kName.text) && strings.Contains(s, "\x00") {
		return bad(key, "a zero byte ends a name: no system call can be given it")
	}
	r.values[f.Name] = v
	return nil
}

// object is the fields of a JSON object. A name that comes twice, and what follows
// the object, are errors; the fields before it are returned.
func object(text []byte) (map[string]json.RawMessage, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	t, err := d.Token()
	if err != nil {
		return nil, badJSON(err)
	}
	if t != json.Delim('{') {
		return nil, bad("", "expected an object such as {\"op\": \"mkdir\", \"path\": \"/a\"}")
	}
	fields := map[string]json.RawMessage{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return fields, badJSON(err)
		}
		name := t.(string) // of an object, the decoder sees to it
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return fields, badJSON(err)
		}
		if _, ok := fields[name]; ok {
			return fields, bad(name, "given twice")
		}
		fields[name] = raw
	}
	if _, err := d.Token(); err != nil {
		return fields, badJSON(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fields, bad("", "something follows the object: one request a line")
	}
	return fields, nil
}

func badJSON(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("it ends too soon")
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return bad("", "not JSON: %v, at byte %d of the line", err, syntax.Offset)
	}
	return bad("", "not JSON: %v", err)
}
