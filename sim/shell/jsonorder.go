package shell

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// ordered is a JSON object that keeps the order of its fields.
type ordered struct {
	keys   []string
	values map[string]json.RawMessage
}

// readOrdered reads an object; an empty text is an empty one.
func readOrdered(text string) (*ordered, error) {
	o := &ordered{values: map[string]json.RawMessage{}}
	if strings.TrimSpace(text) == "" {
		return o, nil
	}
	d := json.NewDecoder(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("reading an object: it begins with %v: %w", t, err)
	}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		var v json.RawMessage
		if err := d.Decode(&v); err != nil {
			return nil, err
		}
		o.set(fmt.Sprint(t), v)
	}
	return o, nil
}

func (o *ordered) set(key string, v json.RawMessage) {
	if _, ok := o.values[key]; !ok {
		o.keys = append(o.keys, key)
	}
	o.values[key] = v
}

func (o *ordered) drop(key string) {
	delete(o.values, key)
	o.keys = slices.DeleteFunc(o.keys, func(k string) bool { return k == key })
}

// text is the object with two spaces for each level and a newline at the end.
func (o *ordered) text() string {
	var b strings.Builder
	b.WriteString("{")
	for i, k := range o.keys {
		if i > 0 {
			b.WriteString(",")
		}
		name, _ := json.Marshal(k)
		b.Write(name)
		b.WriteString(":")
		b.Write(o.values[k])
	}
	b.WriteString("}")
	var out bytes.Buffer
	if json.Indent(&out, []byte(b.String()), "", "  ") != nil {
		return b.String()
	}
	return out.String() + "\n"
}
