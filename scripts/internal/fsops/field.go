package fsops

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A kind is what a field of a request may hold. Its text is what the documentation
// and the errors say of it.
type kind struct {
	text  string // "a path"
	parse func(raw json.RawMessage) (any, error)
	bytes bool // a text that may also be given in base64, in the field NAME_base64
	names set  // of flags
}

// A Field is a field of a request.
type Field struct {
	Name     string
	Kind     string // what it holds: "a path", "a number"
	Required bool
	Default  string // what counts when it is not given, in words

	kind kind
}

func need(name string, k kind) Field {
	return Field{Name: name, Kind: k.text, Required: true, kind: k}
}

func may(name string, k kind, otherwise string) Field {
	return Field{Name: name, Kind: k.text, Default: otherwise, kind: k}
}

const (
	dirFDText = `a descriptor or "AT_FDCWD"`
	modeText  = `a number, or an octal string such as "0644"`
	timeText  = `a time: seconds, [seconds, nanoseconds], {"sec": …, "nsec": …}, "UTIME_NOW" or "UTIME_OMIT"`
)

var (
	kPath   = kind{text: "a path", parse: parseName, bytes: true}
	kName   = kind{text: "a name", parse: parseName, bytes: true}
	kText   = kind{text: "a string", parse: parseText, bytes: true}
	kInt    = kind{text: "a number", parse: parseInt(math.MinInt64, math.MaxInt64)}
	kCount  = kind{text: "a number from 0", parse: parseInt(0, math.MaxInt64)}
	kFD     = kind{text: "a descriptor", parse: parseInt(math.MinInt32, math.MaxInt32)}
	kDirFD  = kind{text: dirFDText, parse: parseDirFD}
	kID     = kind{text: "a number from 0 to 4294967294", parse: parseInt(0, math.MaxUint32-1)}
	kOwner  = kind{text: "a number, or -1", parse: parseOwner}
	kMajor  = kind{text: "a number from 0 to 1048575", parse: parseInt(0, 1<<20-1)}
	kMode   = kind{text: modeText, parse: parseMode}
	kBool   = kind{text: "true or false", parse: parseBool}
	kGroups = kind{text: "an array of numbers", parse: parseGroups}
	kTime   = kind{text: timeText, parse: parseTime}
	kOpen   = kindOf(openFlags)
	kAt     = kindOf(atFlags)
	kRename = kindOf(renameFlags)
	kXattr  = kindOf(xattrFlags)
	kAccess = kindOf(accessModes)
	kFalloc = kindOf(fallocModes)
	kWhence = kindOf(whences)
	kType   = kindOf(fileTypes)
)

func kindOf(s set) kind {
	return kind{
		text: fmt.Sprintf("a number, or names such as %q", s.names()[0]), parse: s.parse, names: s,
	}
}

// parse reads flags: a number, names joined by "|" or ",", or an array of both.
func (s set) parse(raw json.RawMessage) (any, error) {
	switch raw[0] {
	case '[':
		var list []json.RawMessage
		if err := json.Unmarshal(raw, &list); err != nil {
			return nil, err
		}
		sum := 0
		for _, r := range list {
			if r[0] == '[' {
				return nil, expected("names in the array", r)
			}
			v, err := s.parse(r)
			if err != nil {
				return nil, err
			}
			sum |= v.(int)
		}
		return sum, nil
	case '"':
		text, err := parseText(raw)
		if err != nil {
			return nil, err
		}
		sum := 0
		for name := range strings.FieldsFuncSeq(text.(string), func(r rune) bool { return r == '|' || r == ',' || r == ' ' }) {
			v, ok := s.value(name)
			if !ok {
				return nil, fmt.Errorf("unknown name %q (known: %s)", name, strings.Join(s.names(), ", "))
			}
			sum |= v
		}
		return sum, nil
	}
	v, err := parseInt(math.MinInt32, math.MaxUint32)(raw)
	if err != nil {
		return nil, err
	}
	return int(v.(int64)), nil
}

func expected(what string, raw json.RawMessage) error {
	found := string(raw)
	if len(found) > 40 {
		found = found[:37] + "..."
		for !utf8.ValidString(found) {
			found = strings.ToValidUTF8(found, "")
		}
	}
	return fmt.Errorf("expected %s, found %s", what, found)
}

func parseInt(least, most int64) func(json.RawMessage) (any, error) {
	return func(raw json.RawMessage) (any, error) {
		n, err := strconv.ParseInt(string(raw), 10, 64)
		if err != nil {
			f, ferr := strconv.ParseFloat(string(raw), 64)
			if c := raw[0]; c != '-' && (c < '0' || c > '9') {
				return nil, expected("a number", raw)
			}
			if ferr != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 || !strings.ContainsAny(string(raw), ".eE") {
				return nil, expected("a whole number of 64 bits", raw)
			}
			n = int64(f)
		}
		if n < least || n > most {
			return nil, expected(fmt.Sprintf("a number from %d to %d", least, most), raw)
		}
		return n, nil
	}
}

func parseOwner(raw json.RawMessage) (any, error) {
	v, err := parseInt(-1, math.MaxUint32)(raw)
	if err == nil && v.(int64) == math.MaxUint32 {
		v = int64(-1) // as uid_t has it
	}
	return v, err
}

func parseDirFD(raw json.RawMessage) (any, error) {
	if string(raw) == `"AT_FDCWD"` {
		return int64(atFDCWD), nil
	}
	v, err := parseInt(math.MinInt32, math.MaxInt32)(raw)
	if err != nil {
		return nil, expected(dirFDText, raw)
	}
	return v, nil
}

func parseMode(raw json.RawMessage) (any, error) {
	if raw[0] != '"' {
		n, err := parseInt(0, math.MaxUint32)(raw)
		if err != nil {
			return nil, expected(modeText, raw)
		}
		return n, nil
	}
	text, err := parseText(raw)
	if err != nil {
		return nil, err
	}
	digits := strings.TrimPrefix(strings.TrimPrefix(text.(string), "0o"), "0O")
	n, err := strconv.ParseUint(digits, 8, 32)
	if err != nil {
		return nil, expected(modeText, raw)
	}
	return int64(n), nil
}

func parseBool(raw json.RawMessage) (any, error) {
	switch string(raw) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return nil, expected("true or false", raw)
}

func parseGroups(raw json.RawMessage) (any, error) {
	var list []json.RawMessage
	if raw[0] != '[' || json.Unmarshal(raw, &list) != nil {
		return nil, expected("an array of numbers", raw)
	}
	if len(list) > 1<<16 {
		return nil, fmt.Errorf("%d groups, more than the 65536 that Linux allows", len(list))
	}
	out := []uint32{}
	for _, r := range list {
		v, err := kID.parse(r)
		if err != nil {
			return nil, err
		}
		out = append(out, uint32(v.(int64)))
	}
	return out, nil
}

// parseText reads a string, which must be one that UTF-8 can hold.
func parseText(raw json.RawMessage) (any, error) {
	var s string
	if raw[0] != '"' {
		return nil, expected("a string", raw)
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, err
	}
	if strings.ContainsRune(s, utf8.RuneError) && loneSurrogate(string(raw)) {
		return nil, fmt.Errorf(`half of a surrogate pair is no text: give bytes in base64, in the field with "_base64" behind its name`)
	}
	return s, nil
}

// loneSurrogate reports whether the JSON string raw has an escape of half a pair.
func loneSurrogate(raw string) bool {
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		i++
		first, ok := escaped(raw, i)
		if !ok || first < 0xd800 || first > 0xdfff {
			continue
		}
		second, ok := escaped(raw, i+6)
		if first > 0xdbff || !ok || raw[i+5] != '\\' || second < 0xdc00 || second > 0xdfff {
			return true
		}
		i += 10
	}
	return false
}

// escaped is the number of the escape whose "u" is at i.
func escaped(raw string, i int) (uint64, bool) {
	if i+5 > len(raw) || raw[i] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(raw[i+1:i+5], 16, 16)
	return n, err == nil
}

// parseName is parseText of what a system call takes: there is no zero byte in it.
func parseName(raw json.RawMessage) (any, error) {
	v, err := parseText(raw)
	if err == nil && strings.ContainsRune(v.(string), 0) {
		return nil, fmt.Errorf("a zero byte ends a name: no system call can be given it")
	}
	return v, err
}

func parseBase64(raw json.RawMessage) (any, error) {
	v, err := parseText(raw)
	if err != nil {
		return nil, err
	}
	b, err := base64.StdEncoding.DecodeString(v.(string))
	if err != nil {
		return nil, fmt.Errorf("expected base64 with padding (RFC 4648 section 4): %w", err)
	}
	return string(b), nil
}

func parseTime(raw json.RawMessage) (any, error) {
	whole := parseInt(math.MinInt64, math.MaxInt64)
	var parts []json.RawMessage
	switch raw[0] {
	case '"':
		switch strings.ToUpper(strings.Trim(string(raw), `"`)) {
		case "UTIME_NOW", "NOW":
			return SetTime{Nsec: utimeNow}, nil
		case "UTIME_OMIT", "OMIT":
			return SetTime{Nsec: utimeOmit}, nil
		}
		return nil, expected(timeText, raw)
	case '[':
		if json.Unmarshal(raw, &parts) != nil || len(parts) != 2 {
			return nil, expected(timeText, raw)
		}
	case '{':
		fields, err := object(raw)
		if err != nil {
			return nil, err
		}
		for name := range fields {
			if name != "sec" && name != "nsec" {
				return nil, fmt.Errorf("unknown field %q of a time: it has sec and nsec", name)
			}
		}
		parts = []json.RawMessage{json.RawMessage("0"), json.RawMessage("0")}
		if r, ok := fields["sec"]; ok {
			parts[0] = r
		}
		if r, ok := fields["nsec"]; ok {
			parts[1] = r
		}
	default:
		parts = []json.RawMessage{raw, json.RawMessage("0")}
	}
	sec, err := whole(parts[0])
	if err != nil {
		return nil, err
	}
	nsec, err := whole(parts[1])
	if err != nil {
		return nil, err
	}
	return SetTime{sec.(int64), nsec.(int64)}, nil
}
