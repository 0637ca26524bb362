package awk

import (
	"errors"
	"io"
	"io/fs"
	"regexp"
	"strings"
	"testing"
)

// play runs a program on an input without anything else outside.
func play(src, in string, turns int, vars ...string) (string, int, error) {
	prog, err := Compile(src)
	if err != nil {
		return "", 0, err
	}
	var out strings.Builder
	exit, err := prog.Run(Config{
		Vars: vars, Stdin: strings.NewReader(in), Stdout: &out,
		Open: func(name string) (io.ReadCloser, error) {
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		},
		Create:  func(string, bool) (io.WriteCloser, error) { return nil, fs.ErrPermission },
		Command: func(string, io.Reader, io.Writer) int { return 127 },
		Regexp:  regexp.Compile,
		Random:  func() uint64 { return 1 << 62 },
		Now:     func() int64 { return 0 },
		Warn:    func(string) {},
		Turn: func() {
			if turns--; turns < 0 {
				panic(&Error{0, "too long"})
			}
		},
	})
	return out.String(), exit, err
}

func TestAwk(t *testing.T) {
	const input = "one 1\ntwo 2\nthree 3\n"
	for _, c := range []struct{ src, want string }{
		{`{print $1}`, "one\ntwo\nthree\n"},
		{`NR==2`, "two 2\n"},
		{`/t/ && $2>2 {print NR, $0; exit}`, "3 three 3\n"},
		{`{s+=$2} END {print s, s/NR}`, "6 2\n"},
		{`BEGIN{OFS="-"} {$2="x"; print} `, "one-x\ntwo-x\nthree-x\n"},
		{`{a[$1]=$2} END {for (k in a) print k, a[k]}`, "one 1\nthree 3\ntwo 2\n"},
		{`END {print $0, NF}`, "three 3 2\n"},
		{`BEGIN {print -2^2, 2^3^2, !0 + 1, 1 - -1, 7 % 3, "a" 1 + 1}`, "-4 512 2 2 1 a2\n"},
		{`BEGIN {x = y = 3; x += y *= 2; print x, y, x++ + ++y, x, y}`, "9 6 16 10 7\n"},
		{`BEGIN {print length(), length("héé"), substr("hello", 0, 2), substr("hello", -1), substr("hello", 4, 9)}`, "0 3 h hello lo\n"},
		{`BEGIN {print 1e3, 0.1, 1/3, 1e20, 123456789, 3.0, "3.0"+0, 017}`, "1000 0.1 0.333333 1e+20 123456789 3 3 17\n"},
		{`BEGIN {printf "%s %d %i %5.1f|%-4d|%c%c|%x %o %e %%\n", "s", "3x", -2.7, 2.25, 7, 65, "hi", 255, 8, 12345.678}`, "s 3 -2   2.2|7   |Ah|ff 10 1.234568e+04 %\n"},
		{`BEGIN {if (!("x" in a)) print "no"; a["x"]; if ("x" in a) print "yes"; a[1,2]=3; for (k in a) if (split(k, p, SUBSEP) == 2) print p[1] p[2]}`, "no\nyes\n12\n"},
		{`function g(a, i) {a[i]=1; i=5} BEGIN {i=2; g(arr, i); print i, length(arr)}`, "2 1\n"},
		{`BEGIN {s="aaa"; print gsub(/a/,"b&b",s), s; print sub(/x/,"y",s); t="a.b"; gsub(".","x",t); print t; u="a.b"; gsub("\\.","x",u); print u}`, "3 babbabbab\n0\nxxx\naxb\n"},
		{`BEGIN {while (i<5) {i++; if (i==2) continue; if (i==4) break; print i}; do print "d" i--; while (i>2)}`, "1\n3\nd4\nd3\n"},
		{`{print > "/dev/stdout"}`, input},
		{`BEGIN {$3="c"; print; print NF; $0="x y"; print $2; NF=1; print $0}`, "  c\n3\ny\nx\n"},
		{`BEGIN {print "10"+0 == 10, "abc" < "abd", 2 < 10, "2" < "10"} {print $2 < 10; exit}`, "1 1 1 0\n1\n"},
		{"BEGIN {RS=\"\"} {print NR\":\"$1}", "1:one\n"},
		{`BEGIN { getline; print "got " $1; while ((getline line) > 0) n++; print n }`, "got one\n2\n"},
		{`BEGIN {print toupper("aé"), tolower("AB"), index("foobar","bar"), int(-3.9), sqrt(16), match("xaab", /a+/), RSTART, RLENGTH}`, "AÉ ab 4 -3 4 2 2 2\n"},
		{"# comment\nBEGIN { # more\n  if (1)\n    print \"a\"\n  else\n    print \"b\"; print \"c\" \\\n \"d\"\n}", "a\ncd\n"},
		{`BEGIN {print 1>2 ? "y" : "n"}`, ""},
		{`BEGIN {print (1>2) ? "y" : "n"; print 1==1; x["a"]=1; delete x; print length(x); print substr("x", 1); exit 0} END {print "end"}`, "n\n1\n0\nx\nend\n"},
	} {
		got, _, err := play(c.src, input, 100_000)
		if c.want == "" {
			continue
		}
		if err != nil || got != c.want {
			t.Errorf("%s\ngot %q, %v\nwant %q", c.src, got, err, c.want)
		}
	}
}

func TestAwkErrors(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{`BEGIN {print 1`, "syntax error at or near end of program"},
		{`BEGIN {print 1/0}`, "division by zero"},
		{`{print $(-1)}`, "negative field"},
		{`BEGIN {f(1)}`, "function f not defined"},
		{`BEGIN {print "abc}`, "unterminated string"},
		{`/abc`, "unterminated regular expression"},
		{`BEGIN { while (1) ; }`, "too long"},
		{`function f() {f()} BEGIN {f()}`, "too deep"},
		{`BEGIN {while (1) s = s "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" s}`, "too long"},
		{`BEGIN {print > "f"}`, "permission denied"},
		{`BEGIN {printf "%999999999d", 1}`, "too wide"},
		{`BEGIN {if (match("a", "(")) print}`, "regex"},
	} {
		_, _, err := play(c.src, "x\n", 100_000)
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(e.Text, c.want) {
			t.Errorf("%s: %v, want %q", c.src, err, c.want)
		}
	}
}

func FuzzAwk(f *testing.F) {
	for _, src := range []string{`{print $1}`, `BEGIN{a[1]=2; for(k in a) delete a[k]; printf "%d %s", 1, "x"}`, `/x/,/y/{gsub(/a/,"b"); next} END{print NR}`, `function f(x){return x+1} {print f($1) > "x"; getline y < "z"; "c" | getline}`} {
		f.Add(src, "a b\nc d\n")
	}
	f.Fuzz(func(t *testing.T, src, in string) {
		if len(src) > 2000 || len(in) > 2000 {
			return
		}
		_, _, err := play(src, in, 2000)
		var e *Error
		if err != nil && !errors.As(err, &e) {
			t.Errorf("%q: %v", src, err)
		}
	})
}
