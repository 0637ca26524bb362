package awk

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A value is a string, a number, or a string that looks like a number because
// it came from outside (POSIX: "numeric string").
type value struct {
	s    string
	n    float64
	kind valueKind
}

type valueKind byte

const (
	unset valueKind = iota
	isNumber
	isString
	isInput // compares as a number when it looks like one
)

func num(n float64) value  { return value{n: n, kind: isNumber} }
func str(s string) value   { return value{s: s, kind: isString} }
func input(s string) value { return value{s: s, kind: isInput} }
func truth(ok bool) value {
	if ok {
		return num(1)
	}
	return num(0)
}

func (v value) number() float64 {
	switch v.kind {
	case isNumber:
		return v.n
	case unset:
		return 0
	}
	n, _ := leading(strings.TrimLeft(v.s, " \t\n"))
	return n
}

// numeric reports whether v compares as a number.
func (v value) numeric() bool {
	switch v.kind {
	case isNumber, unset:
		return true
	case isInput:
		s := strings.Trim(v.s, " \t\n")
		_, used := leading(s)
		return used > 0 && used == len(s)
	}
	return false
}

func (v value) bool() bool {
	if v.kind == isNumber {
		return v.n != 0
	}
	if v.kind == isInput && v.numeric() {
		return v.number() != 0
	}
	return v.s != ""
}

// text is v as a string; format is CONVFMT or OFMT.
func (v value) text(format string) string {
	if v.kind != isNumber {
		return v.s
	}
	if v.n == math.Trunc(v.n) && math.Abs(v.n) < 1e16 {
		return strconv.FormatInt(int64(v.n), 10)
	}
	switch {
	case math.IsNaN(v.n):
		return "nan"
	case math.IsInf(v.n, 1):
		return "inf"
	case math.IsInf(v.n, -1):
		return "-inf"
	}
	return sprintf(format, []value{v}, format)
}

// sprintf formats as awk's printf does.
func sprintf(format string, args []value, conv string) string {
	var b strings.Builder
	next := func() value {
		if len(args) == 0 {
			return value{}
		}
		v := args[0]
		args = args[1:]
		return v
	}
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			b.WriteByte(format[i])
			continue
		}
		spec := "%"
		i++
		for i < len(format) && strings.IndexByte("-+ 0#.123456789*", format[i]) >= 0 {
			if format[i] == '*' {
				spec += strconv.Itoa(int(next().number()))
			} else {
				spec += string(format[i])
			}
			i++
		}
		for i < len(format) && strings.IndexByte("hlLqjzt", format[i]) >= 0 {
			i++
		}
		if i >= len(format) {
			b.WriteString(spec)
			break
		}
		if len(spec) > 32 || tooWide(spec) {
			panic(&Error{0, "format is too wide: " + spec})
		}
		switch c := format[i]; c {
		case '%':
			b.WriteByte('%')
		case 'd', 'i':
			n := next().number()
			if math.IsInf(n, 0) || math.IsNaN(n) {
				fmt.Fprintf(&b, strings.ReplaceAll(spec, "0", "")+"s", strings.ToLower(fmt.Sprint(n)))
			} else {
				fmt.Fprintf(&b, spec+"d", int64(n))
			}
		case 'o', 'x', 'X':
			fmt.Fprintf(&b, spec+string(c), uint64(int64(next().number())))
		case 'u':
			fmt.Fprintf(&b, spec+"d", uint64(int64(next().number())))
		case 'e', 'E', 'f', 'F', 'g', 'G':
			if (c == 'g' || c == 'G') && !strings.Contains(spec, ".") {
				spec += ".6"
			}
			if c == 'F' {
				c = 'f'
			}
			fmt.Fprintf(&b, spec+string(c), next().number())
		case 'c':
			v := next()
			if v.kind == isNumber {
				fmt.Fprintf(&b, spec+"c", rune(v.n))
			} else if r := []rune(v.s); len(r) > 0 {
				fmt.Fprintf(&b, spec+"s", string(r[0]))
			}
		case 's':
			fmt.Fprintf(&b, spec+"s", next().text(conv))
		default:
			b.WriteString(spec + string(c))
		}
	}
	return b.String()
}

// tooWide reports a width or precision that would make more than a page of text.
func tooWide(spec string) bool {
	for part := range strings.FieldsFuncSeq(spec, func(r rune) bool { return r < '0' || r > '9' }) {
		if n, err := strconv.Atoi(part); err != nil || n > 1<<16 {
			return true
		}
	}
	return false
}
