package build

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// A stageWriter writes the instructions of one stage of a random Dockerfile.
type stageWriter struct {
	r      *rand.Rand
	index  int      // of the stage
	names  []string // of the stages above
	shell  bool     // there is a shell to run
	tars   bool     // the context has archives
	paths  []string // of the image, which may be there
	likely []string // of the stages above
}

func (w *stageWriter) pick(pool ...string) string { return pick(w.r, pool) }

// one reports true once in n times.
func (w *stageWriter) one(n int) bool { return w.r.IntN(n) == 0 }

// path is a path of the image.
func (w *stageWriter) path() string {
	if w.one(4) {
		return w.pick("/x", "/x/y", "/d", "/n", "/lnk", "/x/s", "/d/s", "/w/q")
	}
	return pick(w.r, w.paths)
}

// dest is a destination of COPY; what it makes is remembered.
func (w *stageWriter) dest() string {
	d := w.pick("/", "/x", "/x/", "/x/y", "/x/y/", "./", ".", "d", "d/", "/d/", "/d/s/", "/lnk/", "/lnk/f", "/n", "../up", "/x/../q/", "rel/deep/", "/lnk", "/p/", "/d/.", "/w/q")
	if strings.HasPrefix(d, "/") {
		w.paths = append(w.paths, strings.TrimRight(d, "/."))
		if w.paths[len(w.paths)-1] == "" {
			w.paths[len(w.paths)-1] = "/a"
		}
	}
	return d
}

// source is a source in the context.
func (w *stageWriter) source() string {
	return w.pick("a", "b.txt", "c.txt", "d", "e", "e/s", "d/a", "d/", "e/.", "./a", "/a", ".", "*.txt", "d*", "e/*", "d/*", "e/s/t/", "la", "ld", "d/l", "d/hard", "empty", "zero", "suid", "run.sh", "?", "[ab]*", "e/*/y.txt", "*/x.txt", "../a", "ld/s", "[[]x]", ".dot", "d/s/../a", "zz*", "e/s/t/deep.txt", "e/s/t/*", "d/s/y.txt", "e/z")
}

func (w *stageWriter) owner() string {
	return w.pick("5:6", "7", "root", "0:0", "www-data", "nobody:nobody", "operator:5", "3:root", "nosuch", "1000:nosuch", ":4", "9:", "daemon:www-data")
}

func (w *stageWriter) mode() string {
	return w.pick("640", "0755", "4711", "u=rwX,go=rX", "a-x", "+x", "go-rwx", "u+s", "o=", "1777", "g=u", "=r", "u=rw,g=r,o=", "ug+w", "a+X", "+t", "755", "u+x,g-w", "07777")
}

func (w *stageWriter) step() string {
	switch n := w.r.IntN(100); {
	case n < 34:
		return w.copy()
	case n < 42:
		return w.add()
	case n < 66 && w.shell:
		return w.run()
	case n < 73:
		return "WORKDIR " + w.pick("/w", "q", "..", "/x", "/", "./a/b", "$A", "/w//z/", "${B:-dd}", "/lnk/in", "../../t")
	case n < 79:
		return "ENV " + w.name() + "=" + w.word() + w.pick("", " "+w.name()+"="+w.word())
	case n < 84:
		return "ARG " + w.name() + w.pick("", "="+w.word(), "="+w.pick("v1", "v2"))
	case n < 88 && w.shell:
		return "USER " + w.pick("5:5", "nobody", "root", "0", "www-data:www-data", "1000", "daemon", "$A", "${NO:-nobody}")
	}
	return w.config()
}

func (w *stageWriter) name() string { return w.pick("A", "B", "C", "E1", "PATHS") }

// word is a value with variables in it.
func (w *stageWriter) word() string {
	return w.pick("1", "v.1.tar", "a/b/c", `"$A b"`, "'$A'", "$A", "${B}", "${A:-x}", "${B-x}", "${A:+y}", "${C:-$A}", "${A#*.}", "${A##*.}", "${A%.*}", "${A%%.*}", "${A/v/w}", "${A//./_}", `\$A`, `"a\"b"`, `a\ b`, "x$A-y",
		`${NO:-a\ b}`, `"${NO:-q q}"`, `${NO:-'s s'}`, `${A:-"d d"}`, "$A$B", "${B:+${A}}", `"$NO"`, "''", `'it'"'"'s'`, "${A%/*}", "${A#a}", `"\$A"`, "$$", "é", "${PATH}:/x", `"two  blanks"`, `${A/\//-}`, "${A?}", "${NO+set}", "a=b", "#no")
}

func (w *stageWriter) config() string {
	switch w.r.IntN(12) {
	case 0:
		return "LABEL " + w.pick("k="+w.word(), `"a b"=`+w.word(), "k=1 l=2", "old style", "k."+w.name()+"=$A", `m="x \
 y"`)
	case 1:
		return "EXPOSE " + w.pick("80", "80/udp", "8000-8003", "53/UDP 54", "$NO 9", "443/tcp 80", "7-7/sctp")
	case 2:
		return "VOLUME " + w.pick("/v", `["/v", "/w/x y"]`, "/x /d", "$A/v", `["/a","/b"]`)
	case 3:
		return "CMD " + w.pick("echo hi", `["a", "b c"]`, `["$A"]`, "exec  two   blanks", `[]`, `["a" "b"]`, `["x", 'y']`)
	case 4:
		return "ENTRYPOINT " + w.pick("top -b", `["/e", "-x"]`, "[]", "exec $A")
	case 5:
		return "HEALTHCHECK " + w.pick("NONE", "CMD curl -f http://localhost", `--interval=5s --timeout=1m30s --retries=3 CMD ["a","b"]`, "--start-period=1h --start-interval=100ms CMD true")
	case 6:
		return "STOPSIGNAL " + w.pick("SIGTERM", "9", "USR1", "RTMIN+3", "sigint")
	case 7:
		return "SHELL " + w.pick(`["/bin/sh", "-ec"]`, `["/bin/ash","-c"]`, `["/bin/sh", "-x", "-c"]`)
	case 8:
		return "MAINTAINER " + w.pick("me", "Some One <a@b>")
	case 9:
		return "ONBUILD " + w.pick("ENV OB=1", "COPY a /ob", "RUN echo ob > /obr", "WORKDIR obw", "LABEL ob=$A", "ARG OBA=1")
	case 10:
		return w.pick("# a comment", "", "LABEL x=1", "expose 99", "Env lower=case")
	}
	return "LABEL t=" + w.word()
}

// flags is flags of COPY or ADD, each rarely.
func (w *stageWriter) flags(add bool) string {
	out := ""
	flag := func(n int, f string) {
		if w.one(n) {
			out += f + " "
		}
	}
	if w.one(8) {
		out += "--link "
		flag(5, "--chown="+w.pick("5:6", "7", "root", "0:0", "9:"))
	} else {
		flag(5, "--chown="+w.owner())
	}
	flag(5, "--chmod="+w.mode())
	flag(8, "--exclude="+w.pick("*.txt", "**/*.txt", "s", "**/s", "d", "a", "!d/a", "*", "s/t", "**/.*"))
	if w.one(20) {
		out += "--exclude=" + w.pick("!*.txt", "x*", "s/*", "**/y.txt") + " "
	}
	if !add {
		flag(10, "--parents")
	}
	return out
}

func (w *stageWriter) copy() string {
	if w.one(8) {
		return w.inline("COPY " + w.flags(false))
	}
	if len(w.names) > 0 && w.one(3) {
		from := w.pick(w.names...)
		if w.one(6) {
			from = "busybox:1.36"
		}
		// The root is always there; of the rest, those paths are likely that the
		// stages above have made.
		src := w.pick("/", "/", "/*", "/[a-e]*", "/?", "/d*", "/x*", ".", "/./", w.path(), pick(w.r, w.likely), pick(w.r, w.likely), pick(w.r, w.likely))
		return "COPY --from=" + from + " " + w.flags(false) + src + " " + w.dest()
	}
	out := "COPY " + w.flags(false)
	if w.one(12) {
		return out + `["sp ace", "a", "/j s/"]`
	}
	out += w.source()
	if w.one(4) {
		out += " " + w.source()
		if w.one(2) {
			return out + " " + w.pick("/x/", "./", "/m/", "/d/", "/")
		}
	}
	if strings.Contains(out, "--parents") && w.one(2) {
		out = strings.Replace(out, " e/s", " e/./s", 1)
	}
	return out + " " + w.dest()
}

func (w *stageWriter) add() string {
	out := "ADD " + w.flags(true)
	if w.one(10) {
		out += w.pick("--unpack=false ", "--unpack=true ", "--unpack ")
	}
	if w.tars && !w.one(5) {
		return out + w.pick("t.tar", "t.tgz", "t.tar.bz2", "t.tar.xz", "t.tar.zst", "bad.tar", "t.*", "t.tar t.tgz", "b*.tar", "t.tar.bz2") + " " + w.dest()
	}
	return out + w.source() + " " + w.dest()
}

// inline is a COPY with here-documents.
func (w *stageWriter) inline(out string) string {
	body := w.pick("hello $A\n", "a\n\tb\n", "", "${B:-x} \\$A\n", "'q' \"r\"\n", "two\n\nlines\\\n")
	switch w.r.IntN(5) {
	case 0:
		return out + `<<"EOF" ` + w.dest() + "\n" + body + "EOF"
	case 1:
		return out + "<<-EOF " + w.dest() + "\n\t" + body + "\tEOF"
	case 2:
		return out + "<<f1 <<f2 /hd/\n" + body + "f1\nsecond\nf2"
	case 3:
		return out + "<<f1 a /hd/\n" + body + "f1"
	}
	return out + "<<EOF " + w.dest() + "\n" + body + "EOF"
}

// run is a RUN of several commands.
func (w *stageWriter) run() string {
	var cmds []string
	for range 1 + w.r.IntN(5) {
		cmds = append(cmds, w.command())
	}
	mounts := ""
	if w.one(6) {
		m := w.pick("type=cache,target=/c", "type=cache,target=/x/c,id=k,mode=700,uid=5", "type=bind,target=/m", "type=bind,source=d,target=/m/d", "type=bind,source=a,target=/x/b", "type=tmpfs,target=/t", "type=tmpfs,target=/d", "type=bind,source=e,target=/m,rw", "type=secret,id=nosuch", "type=cache,target=c,gid=4", "type=bind,from=busybox:1.36,target=/bb", "target=/m,source=e/s", "type=secret,id=no,env=SEC")
		mounts = "--mount=" + m + " "
		cmds = append(cmds, w.pick("echo 1 >> /c/n; cat /c/n > /cn", "ls -A /m > /lm", "cp -r /m/. /mm", "ls /x/c > /lxc", "echo t > /t/f; ls /t", "cat /x/b", "ls -a /m/d"))
	}
	switch w.r.IntN(10) {
	case 0:
		return "RUN " + mounts + "<<EOF\n" + strings.Join(cmds, "\n") + "\nEOF"
	case 1:
		return "RUN " + mounts + "<<EOF\n#!/bin/sh\n" + strings.Join(cmds, "\n") + "\nEOF"
	case 2:
		return fmt.Sprintf("RUN %s[\"/bin/sh\", \"-c\", %q]", mounts, strings.Join(cmds, "; "))
	case 3:
		return "RUN " + mounts + strings.Join(cmds, " && \\\n    ") + " || echo failed"
	case 4:
		return "RUN " + mounts + strings.Join(cmds, "; \\\n# note\n  ") + "; true"
	}
	return "RUN " + mounts + strings.Join(cmds, "; ") + "; true"
}

func (w *stageWriter) command() string {
	p, q := w.path(), w.path()
	switch w.r.IntN(30) {
	case 0, 1:
		return "echo " + w.pick("1", "$A", `"$B"`, "$((1+2))", "'x y'") + " > " + p
	case 2:
		return "echo more >> " + p
	case 3, 4:
		return "rm -rf " + p
	case 5:
		return "mv " + p + " " + q
	case 6:
		return "mkdir -p " + p + "/new/deep"
	case 7:
		return "rm -rf " + p + " && mkdir " + p + " && echo in > " + p + "/in"
	case 8:
		return "ln -s " + w.pick(q, "x", "../x", "/d") + " " + w.pick("/lnk", p+"/sl")
	case 9:
		return "ln " + p + " " + q + ".hl"
	case 10:
		return "chmod -R " + w.pick("go-rwx", "a+rX", "700", "u=rwX,g=rX,o=") + " " + p
	case 11:
		return "chmod " + w.mode() + " " + p
	case 12:
		return "chown " + w.pick("-R ", "") + w.pick("5:6", "nobody", "www-data:www-data", "7") + " " + p
	case 13:
		return "touch " + p
	case 14:
		return "touch -d '2001-02-03 04:05:06' " + p
	case 15:
		return "cp -a " + p + " " + q
	case 16:
		return "cp -r " + p + " " + q
	case 17:
		return "sed -i 's/a/A/' " + p
	case 18:
		return "mkdir -p /un; tar cf - -C " + p + " . | tar xf - -C /un"
	case 19:
		return "find " + p + " -name '*.txt' -delete"
	case 20:
		return "for i in 1 2 3; do echo $i > " + p + "$i; done"
	case 21:
		return "env | sort > /env"
	case 22:
		return "stat -c '%a %u %g %F %n' " + p + " >> /st"
	case 23:
		return "ls -a " + p + " >> /ls"
	case 24:
		return "pwd > /pwd; id >> /pwd"
	case 25:
		return "cat " + p + " " + q + " > /cat"
	case 26:
		return "mkdir " + p + "; rmdir " + q
	case 27:
		return "(umask 077; mkdir -p /um/" + w.pick("a", "b/c") + "; echo x > /um/f)"
	case 28:
		return ": > " + p
	}
	return "find " + p + " | sort >> /found"
}
