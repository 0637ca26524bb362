package fsops

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"unicode/utf8"

	"github.com/layerlab/layerlab/sim/tree"
)

// An obj is a JSON object whose fields stay in the order in which they were set.
type obj struct {
	names  []string
	values []any
}

func (o *obj) set(name string, v any) {
	o.names = append(o.names, name)
	o.values = append(o.values, v)
}

// text sets a field to a string, or NAME_base64 when the bytes are not UTF-8.
func (o *obj) text(name, s string) {
	if utf8.ValidString(s) {
		o.set(name, s)
	} else {
		o.set(name+"_base64", base64.StdEncoding.EncodeToString([]byte(s)))
	}
}

// time sets NAME and NAME_nsec.
func (o *obj) time(name string, t tree.Time) {
	o.set(name, t.Sec)
	o.set(name+"_nsec", t.Nsec)
}

// MarshalJSON writes the fields in order.
func (o *obj) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	b.WriteByte('{')
	for i, n := range o.names {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := e.Encode(n); err != nil {
			return nil, err
		}
		b.Truncate(b.Len() - 1) // the newline
		b.WriteByte(':')
		if err := e.Encode(o.values[i]); err != nil {
			return nil, err
		}
		b.Truncate(b.Len() - 1)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// stat sets what stat(2) says.
func (o *obj) stat(s Stat) {
	o.set("dev", s.Dev)
	o.set("ino", s.Ino)
	o.set("type", typeName(s.Mode))
	o.set("mode", s.Mode)
	o.set("perm", octal(s.Mode&tree.PermMask))
	o.set("nlink", s.Nlink)
	o.set("uid", s.UID)
	o.set("gid", s.GID)
	o.set("major", s.Major)
	o.set("minor", s.Minor)
	o.set("size", s.Size)
	o.set("blocks", s.Blocks)
	o.set("blksize", blockSize)
	o.time("atime", s.Atime)
	o.time("mtime", s.Mtime)
	o.time("ctime", s.Ctime)
}

const blockSize = 4096

// octal is a mode as chmod(1) takes it: "0644".
func octal(mode uint32) string {
	const digits = "01234567"
	return string([]byte{digits[mode>>9&7], digits[mode>>6&7], digits[mode>>3&7], digits[mode&7]})
}
