package shell

import (
	"fmt"
	"strings"
)

// shellScript is a script of a few statements.
func (g *grammar) shellScript() string {
	var b strings.Builder
	b.WriteString(g.prelude())
	if g.one(4) {
		fmt.Fprintf(&b, "set %s\n", g.pick("-e", "-u", "-x", "-f", "-eu", "-o pipefail", "-e -o pipefail", "-eux", "-a", "-C", "-n +n"))
	}
	if g.one(5) {
		fmt.Fprintf(&b, "trap %s %s\n", g.pick("'echo bye $?'", "'echo bye; exit 5'", "'false; echo end'", "\"echo $a\""), g.pick("EXIT", "0", "EXIT INT"))
	}
	for range 1 + g.IntN(3) {
		if g.one(8) {
			b.WriteString(g.hereDoc() + "\n")
			continue
		}
		b.WriteString(g.stmt() + "\n")
	}
	b.WriteString("echo \"end $? $a $b $n $#\"")
	return b.String()
}

// stmt is one statement, at most a few deep.
func (g *grammar) stmt() string {
	g.depth++
	defer func() { g.depth-- }()
	if g.depth > 3 || g.one(3) {
		return g.simple()
	}
	switch g.IntN(19) {
	case 0:
		return fmt.Sprintf("if %s; then %s; else %s; fi%s", g.stmt(), g.stmt(), g.stmt(), g.redir())
	case 1:
		return fmt.Sprintf("if %s; then %s; elif %s; then %s; fi", g.stmt(), g.stmt(), g.stmt(), g.stmt())
	case 2:
		return fmt.Sprintf("for i in %s %s; do %s; %s; done%s", g.shWord(1), g.shWord(2), g.stmt(), g.loopEnd(), g.redir())
	case 3:
		return fmt.Sprintf("i=0; while [ $i -lt %d ]; do i=$((i+1)); %s; %s; done%s", 1+g.IntN(3), g.stmt(), g.loopEnd(), g.redir())
	case 4:
		return fmt.Sprintf("i=0; until [ $i = 2 ]; do i=$((i+1)); %s; done", g.stmt())
	case 5:
		return fmt.Sprintf("case %s in %s) %s;; %s) %s;; esac", g.shWord(1), g.pattern(), g.stmt(), g.pattern(), g.stmt())
	case 6, 7:
		g.names++
		f := fmt.Sprintf("fn%d", g.names)
		local := ""
		if g.one(2) {
			local = "local " + g.pick("a=in", "a b=loc", "n", "u=$1") + "; "
		}
		return fmt.Sprintf("%s() { %s%s; %s; }; %s%s %s %s; echo \"$?\"", f, local, g.stmt(), g.pick("return 3", ":", "echo \"$# $1\"", "shift; echo \"$@\"", "return"), g.pick("", "", "a=tmp "), f, g.shWord(2), g.redir())
	case 8:
		return fmt.Sprintf("( %s; %s )%s", g.stmt(), g.stmt(), g.redir())
	case 9:
		return fmt.Sprintf("{ %s; %s; }%s", g.stmt(), g.stmt(), g.redir())
	case 10, 11:
		return fmt.Sprintf("%s | %s", g.simple(), g.filter())
	case 12:
		return fmt.Sprintf("%s && %s", g.stmt(), g.stmt())
	case 13:
		return fmt.Sprintf("%s || %s", g.stmt(), g.stmt())
	case 14:
		return "! " + g.simple()
	case 15:
		return fmt.Sprintf("%s | while read -r x y; do echo \"<$x|$y>\"; done", g.simple())
	case 16:
		return fmt.Sprintf("v=$( %s); echo \"$? $v\"", g.stmt())
	case 17:
		return fmt.Sprintf("eval %s", g.pick("'"+strings.ReplaceAll(g.simple(), "'", "")+"'", "\"echo \\$a\"", "\"x=$n\" 'echo $x'", "'exit 2' || echo no", "''"))
	}
	return fmt.Sprintf("%s & wait $!; echo $?", g.simple())
}

func (g *grammar) loopEnd() string {
	return g.pick(":", ":", "continue", "break", "[ \"$i\" ] && continue", "echo $i")
}

func (g *grammar) redir() string {
	if !g.one(3) {
		return ""
	}
	return " " + g.pick("> o1", ">> f1", "2>&1", "2>/dev/null", ">&2", "< f2", "> /nodir/x", "< nofile", "3> o3", ">| o1", "2> o2 >&2", "> o1 2>&1", ">&3", "3>&1 >&3", "<> f1", "> \"$b\"", "2>&1 >/dev/null", "< f1 > o4", "&> o5", "> d")
}

func (g *grammar) filter() string {
	return g.pick("cat", "tr a-z A-Z", "sed 's/o/0/'", "wc -l", "head -n 1", "grep -c .", "sort", "cat >&2", "while read -r l; do echo \"($l)\"; done", "{ read x; echo \"$x\"; cat; }", "tail -n 1", "false", "(exit 4)", "read q; echo $?", "cut -c1-3", "xargs echo", "exit 2")
}

func (g *grammar) simple() string {
	w := func() string { return g.shWord(1) }
	switch g.IntN(30) {
	case 0, 1, 2:
		return "echo " + w() + " " + w() + g.redir()
	case 3, 4:
		return "printf '%s|' " + w() + g.redir() + "; echo"
	case 5, 6:
		return g.word("a b n x") + "=" + w() + g.redir()
	case 7:
		return g.pick("true", "false", ":", "(exit 3)", "test", "nosuchcmd", "./d/x.sh a", "sh d/x.sh b", "d/g1", "/nosuch/x", "./nosuch", "./d")
	case 8, 9:
		return g.testCmd() + g.pick("", " && echo yes", "; echo $?", " || echo no")
	case 10:
		return g.pick("shift", "shift 2", "set -- a b c", "set --", "set x y", "unset a", "unset -v b", "unset u", "unset -f fn1", "export a", "export n=5", "readonly r=1; unset r", "readonly a; a=2", "export -p | grep -v PATH")
	case 11:
		return g.pick("cd d && pwd; cd ..", "cd /nosuch", "cd d/sub; cd - >/dev/null; pwd", "cd -", "cd dln; pwd; pwd -P; cd ..", "cd f1", "cd", "(cd d; ls)", "cd ''; pwd", "cd d x")
	case 12:
		return g.pick("read x < f1; echo \"$x $?\"", "read -r x y < f2; echo \"$y\"", "read x < empty; echo $?", "read x < nonl; echo \"$? $x\"", "IFS=, read a b < csv; echo $a-$b", "read < f1; echo $REPLY", "echo 'a\\ b c' | { read x y; echo \"$x+$y\"; }", "echo ' x y ' | { read z; echo \"[$z]\"; }", "echo a:b:c | (IFS=: read x y; echo $y)", "read -n 2 x < f1; echo $x", "read 1x < f1")
	case 13:
		return g.pick("exit 4", "exit", "return 2", "(exit 6); exit", "exec echo gone", "exec nosuch", "exec 3>o6; echo t >&3; exec 3>&-", "exec < f1; read x; echo $x", "exec 2>&1", "exec 4< f1; read x <&4; read y <&4; echo $x,$y", "exec /nosuch/x", "exit 300", "exit -1")
	case 14:
		return g.pick("command -v echo", "command -v nosuch", "command echo x", "command -v cd ls", "type echo nosuch", "type cd", "command -V sh", "command nosuch", "type fn1", "alias x=1; alias", "umask", "umask 077; umask; umask -S", "ulimit -f >/dev/null", "times >/dev/null", "hash", "jobs", "wait", "command . ./nosuch; echo on", "command exit 3")
	case 15:
		return "while getopts " + g.pick("ab:", ":ab:", "a", "b:") + " o " + g.pick("", "-a -b x y", "-abv", "-b", "-x", "-a -- -b", "a -b") + "; do echo \"$o ${OPTARG-none} $OPTIND\"; done; echo $OPTIND"
	case 16:
		return g.pick(". ./d/x.sh", ". d/x.sh q", ". ./nosuch", ". nosuch", "echo 'a=dot; return 3; echo no' > t.sh; . ./t.sh; echo $?", "sh -c 'echo $0 $1' n m", "sh -c 'exit 3'; echo $?", "sh -e -c 'false; echo no'", "sh nosuch", "sh -c", "echo 'echo $1' | sh -s arg", "sh -x -c 'echo t'", "sh -c 'kill -9 $$'; echo $?", "sh -z")
	case 17:
		return g.pick("echo -n x", "echo -e 'a\\tb\\n'", "echo -ne 'q\\c r'", "echo -E 'a\\tb'", "echo 'a\\tb'", "echo -x", "echo -e '\\0101\\x41'", "echo -- x", "echo -nn x")
	case 18:
		return "printf " + g.printf()
	case 19:
		return "[ " + g.pick("a", "", "!", "-n", "( a )", "1 -eq", "a -eq 1", "x = x -a y = z", "-z", "! ''", "a b", "-f f1 -o x", "f1 -nt f2", "f1 -ef ln", "-t 0", "\\( x \\)", "= =", "! = !", "-e = x", "1 -lt 2 -a ! -e nof", "a = b -o c") + " ]; echo $?"
	case 20:
		return g.pick("a=1 b=2 sh -c 'echo $a$b'", "a=x echo $a", "a=x :; echo $a", "a=x eval 'echo $a'; echo $a", "IFS=: eval 'echo $p'", "x=$(false) true; echo $?", "x=$(false); echo $?", "x=1 y=$x; echo $y", "a=1 fn1; echo $a", "n=$((n+1)); echo $n", "env -i A=1 env", "a=b env | grep ^a=")
	case 21:
		return g.pick("ls", "ls d", "cat f1", "cat nosuch", "cat < f1 > o7", "rm -f o1", "mkdir m; ls -d m", "rmdir nosuch", "cp f1 o8", "mv o8 o9", "ln -s f1 l2", "touch t1", "chmod 600 f1", "rm nosuch", "mkdir d", "wc -l f1", "echo x > sp\\ ace", "cat 'sp ace'", "ls nosuch f1", "test -d d && echo dir")
	case 22:
		return g.pick("kill -l 9", "kill nosuch", "trap - EXIT", "trap", "trap 'echo t' USR1", "trap '' TERM; echo alive", "sleep 0", "let n=n+2; echo $n", "let 0; echo $?", "set -o | grep errexit", "set -o pipefail; false | true; echo $?", "set +e", "set -e", "set -x; echo t; set +x", "set -u; echo $u", "set -f; echo *; set +f", "echo $-", "echo \"$LINENO\"")
	}
	return g.pick("echo "+w(), "echo \"$?\"", "echo $*", "for x; do echo \"$x\"; done", "for x in; do echo; done; echo $?", "echo $#", "echo \"${*}\" \"$@\"", "x=$* ; echo \"$x\"", "echo `echo \\`echo n\\``", "echo $(echo $(echo n))")
}

func (g *grammar) testCmd() string {
	w := g.pick("$a", "\"$a\"", "\"$e\"", "$u", "$n", "f1", "d", "foo", "$b", "''", "1", "07", "-1", "x", "nof", "ln")
	v := g.pick("$n", "7", "foo", "'foo'", "\"$b\"", "f*", "0", "ab", "\\!")
	switch g.IntN(5) {
	case 0:
		return "[ " + g.word("-z -n -e -f -d -s -r -x -L -h -w -p -S -b") + " " + w + " ]"
	case 1:
		return "test " + w + " " + g.word("= != == -eq -ne -lt -gt -le -ge") + " " + v
	case 2:
		return "[ " + g.pick("", "! ") + w + " " + g.word("= != < \\> -eq -ot -nt") + " " + v + " ]"
	case 3:
		return "[[ " + w + " " + g.pick("=", "==", "!=", "=~", "<", "-eq") + " " + v + " ]]"
	}
	return "[ " + w + " = " + v + " " + g.pick("-a", "-o") + " " + g.pick("-n", "! -z", "-d") + " " + w + " ]"
}

func (g *grammar) printf() string {
	format := ""
	for range 1 + g.IntN(3) {
		format += g.pick("%s", "%d", "%5s", "%-5s|", "%05d", "%x", "%o", "%c", "%b", "%%", "%i", "%u", "%X", "%e", "%.2f", "%g", "%.2s", "%*d", "%+d", "% d", "%#x", "%q", "%5.1f", "\\n", "\\t", "\\x41", "\\101", "\\c", "x", "%z", "%", "%-*s|", "%.*s", "\\0101", "%s\\n")
	}
	args := ""
	for range g.IntN(4) {
		args += " " + g.pick("1", "42", "-7", "abc", "''", "'a b'", "0x1f", "010", "1.5", "'\"A'", "\"'A\"", "99999999999", "'a\\tb'", "'x\\c y'", "-3.7e2", "12abc", "3", "' 5'", "5x")
	}
	return "'" + strings.ReplaceAll(format, "'", "") + "'" + args
}

func (g *grammar) hereDoc() string {
	return g.pick("cat <<E; "+g.simple()+"\nhere $a\nE", "cat <<'E' | "+g.filter()+"\nhere $a\n\nE", "while read l; do echo \"[$l]\"; done <<E\n a b \\\n c\\d\n"+g.inDquotes(1)+"\nE",
		"cat <<A; cat <<-B\n"+g.hereLine()+"\nA\n\t\tx\n\t"+g.hereLine()+"\n\tB", "fh() { cat <<E\n$1 "+g.hereLine()+"\nE\n}; fh "+g.shWord(2), "cat <<\"E F\" > o9\n"+g.hereLine()+"\nE F")
}
