package view

import "strings"

// A Segment is a part of a terminal's output with the colour that its escape
// sequences ask for.
type Segment struct {
	Text string
	Kind string // "", "good", "warn", "bad", "dim" or "strong"
}

// Segments takes the escape sequences (ECMA-48) out of an output. Colours become
// kinds; all other sequences are left out, as this terminal has no cursor.
func Segments(out string) []Segment {
	var list []Segment
	kind := ""
	for {
		at := strings.IndexByte(out, 0x1b)
		if at < 0 {
			return add(list, out, kind)
		}
		list = add(list, out[:at], kind)
		seq, rest := sequence(out[at+1:])
		out = rest
		if strings.HasPrefix(seq, "[") && strings.HasSuffix(seq, "m") {
			kind = graphic(seq[1:len(seq)-1], kind)
		}
	}
}

func add(list []Segment, text, kind string) []Segment {
	if text == "" {
		return list
	}
	return append(list, Segment{text, kind})
}

// sequence splits what follows an escape character into its sequence and the rest.
func sequence(s string) (seq, rest string) {
	if s == "" || s[0] != '[' {
		return s[:min(1, len(s))], s[min(1, len(s)):]
	}
	for i := 1; i < len(s); i++ {
		if s[i] >= 0x40 && s[i] <= 0x7e {
			return s[:i+1], s[i+1:]
		}
	}
	return s, ""
}

// graphic is the kind after a "select graphic rendition" with these parameters.
func graphic(params, kind string) string {
	for p := range strings.SplitSeq(params, ";") {
		switch strings.TrimLeft(p, "0") {
		case "", "39":
			kind = ""
		case "1":
			kind = "strong"
		case "2", "90", "37":
			kind = "dim"
		case "31", "91":
			kind = "bad"
		case "32", "92":
			kind = "good"
		case "33", "93":
			kind = "warn"
		}
	}
	return kind
}
