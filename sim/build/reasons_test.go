package build

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
)

// A change is one thing that is done after a first build, and what is then said
// of the step on a line.
type change struct {
	name   string
	file   string // the Dockerfile of the first build; "" is the one of the case above
	now    string // the Dockerfile after it, "" for the same
	args   string // build arguments after it: "V=2"
	do     func(*lab)
	line   int
	kind   ReasonKind
	reason string
}

// Each reason, by what alone brings it about. A case fails if another reason
// were given: the class and the sentence are held.
var changes = []change{
	{"nothing kept yet", "FROM scratch\nCOPY a /\n", "", "", func(l *lab) { l.b.Cache = NewCache() }, 2, FirstBuild, "first build: nothing to reuse yet"},
	{"nothing", "", "", "", nil, 2, Same, "hit: nothing that this step depends on has changed"},
	{"a time", "", "", "", func(l *lab) { l.touch("a") }, 2, SameTouched, "hit although a was touched: times are not part of the key"},
	{"bytes", "", "", "", func(l *lab) { l.write("a", "2") }, 2, FilesChanged, "missed: a changed (sha256 6b86b273… → d4735e3a…)"},
	{"a mode", "", "", "", func(l *lab) { l.chmod("a", 0o755) }, 2, FilesChanged, "missed: a has another mode (0644 → 0755)"},
	{"the path of the destination", "", "FROM scratch\nCOPY a /b\n", "", nil, 2, TextChanged, `missed: the text of the step changed, it was "COPY a /"`},
	{"the same in other words", "", "FROM scratch\nCOPY ./a /\n", "", nil, 2, SameText, "hit although it is written in another way: it does the same to the same files"},
	{"a step before it", "", "FROM scratch\nCOPY b /b\nCOPY a /\n", "", nil, 2, StepAdded, "missed: the step is new, the last build did not have it"},
	{"a step before it, what follows", "", "FROM scratch\nCOPY b /b\nCOPY a /\n", "", nil, 3, ParentChanged, "missed because line 2 (COPY b /b) missed and this COPY starts from its result"},
	{"the cache is pruned", "", "", "", func(l *lab) { l.b.Cache.records.Clear() }, 2, NotKept, "missed: its result of the last build is no longer in the cache"},
	{"a LABEL above", "", "FROM scratch\nLABEL x=y\nCOPY a /\n", "", nil, 3, SameConfig, `hit although "LABEL x=y" above it is another than last time: it changes only the configuration`},
	{"an ENV above", "", "FROM scratch\nENV E=1\nCOPY a /\n", "", nil, 3, SameEnv, `hit although "ENV E=1" above it is another than last time: COPY does not see the environment`},
	{"the LABEL itself", "", "FROM scratch\nLABEL x=y\nCOPY a /\n", "", nil, 2, ConfigOnly, "changes the image's configuration only: no layer, and nothing to reuse"},
	{"the source is gone", "", "", "", func(l *lab) { l.host.Root().Unlink("/ctx/a") }, 2, SourceMissing, "missed: what it copies from is not there, so there is nothing to compare"},

	{"a file more", "FROM scratch\nCOPY d /d\n", "", "", func(l *lab) { l.write("d/new", "n") }, 2, FilesChanged, "missed: d/new was added"},
	{"a file less", "", "", "", func(l *lab) { l.host.Root().Unlink("/ctx/d/x") }, 2, FilesChanged, "missed: d/x was removed"},
	{"a file of another kind", "", "", "", func(l *lab) { l.host.Root().Unlink("/ctx/d/x"); l.write("d/x -> y", "") }, 2, FilesChanged, "missed: d/x became another kind of file (file → symbolic link)"},
	{"a link elsewhere", "", "", "", func(l *lab) { l.host.Root().Unlink("/ctx/d/l"); l.write("d/l -> z", "") }, 2, FilesChanged, "missed: d/l links to another place (x → z)"},
	{"another name", "", "", "", func(l *lab) { l.host.Root().Rename("/ctx/d/x", "/ctx/d/w", 0) }, 2, FilesChanged, "missed: d/w was added and d/x was removed"},
	{"an attribute", "", "", "", func(l *lab) { l.host.Root().Setxattr("/ctx/d/x", "user.k", "v") }, 2, FilesChanged, "missed: d/x has other attributes"},
	{"the directory's own mode", "", "", "", func(l *lab) { l.chmod("d", 0o700) }, 2, Same, "hit: nothing that this step depends on has changed"},
	{"a file that is kept out", "", "", "", func(l *lab) { l.write(".dockerignore", "d/x\n") }, 2, FilesChanged, "missed: d/x was removed"},
	{"two touched", "", "", "", func(l *lab) { l.touch("d/x").touch("d/y") }, 2, SameTouched, "hit although d/x and d/y were touched: times are not part of the key"},

	{"a variable's value", "FROM scratch\nENV E=1 F=1\nRUN a\n", "FROM scratch\nENV E=2 F=1\nRUN a\n", "", nil, 3, EnvChanged, "missed: ENV E=1 became E=2, and RUN sees the environment"},
	{"a variable less", "", "FROM scratch\nENV E=1\nRUN a\n", "", nil, 3, EnvChanged, "missed: ENV F=1 is gone, and RUN sees the environment"},
	{"a variable more", "", "FROM scratch\nENV E=1 F=1 G=\nRUN a\n", "", nil, 3, EnvChanged, "missed: ENV G= is new, and RUN sees the environment"},
	{"the order of variables", "", "FROM scratch\nENV F=1 E=1\nRUN a\n", "", nil, 3, EnvChanged, "missed: the order of the environment changed, and RUN sees the environment"},
	{"an argument", "FROM scratch\nARG V=1\nRUN a\n", "", "V=2", nil, 3, ArgChanged, "missed: ARG V=1 became V=2, and RUN sees every ARG above it, even one that it does not use"},
	{"an argument less", "", "FROM scratch\nRUN a\n", "", nil, 2, ArgChanged, "missed: ARG V=1 is gone, and RUN sees every ARG above it, even one that it does not use"},
	{"an argument that is not declared", "", "", "W=2", nil, 3, Same, "hit: nothing that this step depends on has changed"},
	{"a proxy", "", "", "HTTP_PROXY=p", nil, 3, Same, "hit: nothing that this step depends on has changed"},
	{"an argument below", "", "FROM scratch\nARG V=1\nRUN a\nARG X=1\n", "", nil, 3, Same, "hit: nothing that this step depends on has changed"},
	{"an argument that COPY uses", "FROM scratch\nARG V=a\nCOPY $V /\n", "", "V=b", nil, 3, FilesChanged, "missed: a was removed and b was added"},
	{"an argument in the destination", "FROM scratch\nARG V=1\nCOPY a /$V\n", "", "V=2", nil, 3, ArgChanged, `missed: with its variables it now says "COPY a /2", it was "COPY a /1"`},
	{"an argument that COPY does not use", "FROM scratch\nARG V=1\nCOPY a /\n", "", "V=2", nil, 3, SameEnv, `hit although "ARG V=2" above it is another than last time: COPY does not see the environment`},

	{"the directory", "FROM scratch\nWORKDIR /w\nRUN a\n", "FROM scratch\nWORKDIR /w\nWORKDIR /\nRUN a\n", "", nil, 4, WorkdirChanged, "missed: it runs in /, it was /w"},
	{"the user of a RUN", "FROM scratch\nUSER 1\nRUN a\n", "FROM scratch\nUSER 2\nRUN a\n", "", nil, 3, UserChanged, "missed: user 2 runs it, it was user 1"},
	{"the user of a WORKDIR", "FROM scratch\nWORKDIR /w\n", "FROM scratch\nUSER 2\nWORKDIR /w\n", "", nil, 3, UserChanged, "missed: the directory would belong to user 2, it was root"},
	{"the user of a COPY", "FROM scratch\nUSER 1\nCOPY a /\n", "FROM scratch\nUSER 2\nCOPY a /\n", "", nil, 3, SameConfig, `hit although "USER 2" above it is another than last time: it changes only the configuration`},
	{"the shell", "FROM scratch\nRUN a\n", "FROM scratch\nSHELL [\"/bin/bash\", \"-c\"]\nRUN a\n", "", nil, 3, ShellChanged, `missed: the command is run as "/bin/bash -c a", it was "/bin/sh -c a"`},
	{"the command", "", "FROM scratch\nRUN b\n", "", nil, 2, TextChanged, `missed: the text of the step changed, it was "RUN a"`},
	{"the network", "", "FROM scratch\nRUN --network=none a\n", "", nil, 2, TextChanged, `missed: the text of the step changed, it was "RUN a"`},
	{"a comment within", "FROM scratch\nRUN a \\\n b\n", "FROM scratch\nRUN a \\\n # why\n b\n", "", nil, 2, Same, "hit: nothing that this step depends on has changed"},
	{"a mounted file", "FROM scratch\nRUN --mount=type=bind,source=d,target=/m a\n", "", "", func(l *lab) { l.write("d/x", "2") }, 2, FilesChanged, "missed: d/x changed (sha256 2d711642… → d4735e3a…)"},
	{"a file that is not mounted", "", "", "", func(l *lab) { l.write("a", "2") }, 2, Same, "hit: nothing that this step depends on has changed"},
	{"a document", "FROM scratch\nCOPY <<E /f\none\nE\n", "FROM scratch\nCOPY <<E /f\ntwo\nE\n", "", nil, 2, TextChanged, "missed: the text of its here-document changed"},
	{"a script", "FROM scratch\nRUN <<E\none\nE\n", "FROM scratch\nRUN <<E\ntwo\nE\n", "", nil, 2, TextChanged, "missed: the text of its here-document changed"},
	{"a variable of a document", "FROM scratch\nARG V=1\nCOPY <<E /f\n$V\nE\n", "", "V=2", nil, 3, ArgChanged, "missed: with its variables its here-document says something else"},

	{"what a secret says", "FROM scratch\nRUN --mount=type=secret,id=s a\n", "", "secret", nil, 2, Same, "hit: nothing that this step depends on has changed"},
	{"which secret", "", "FROM scratch\nRUN --mount=type=secret,id=t a\n", "", nil, 2, TextChanged, `missed: the text of the step changed, it was "RUN --mount=type=secret,id=s a"`},
	{"the name of a cache", "FROM scratch\nRUN --mount=type=cache,id=s,target=/c a\n", "FROM scratch\nRUN --mount=type=cache,id=t,target=/c a\n", "", nil, 2, SameText, "hit although it is written in another way: it does the same to the same files"},

	{"it failed", "FROM scratch\nRUN fail\n", "", "", nil, 2, FailedLastTime, "missed: the step failed last time, and failed steps are not kept"},
	{"the bytes of a stage", "FROM scratch AS s\nARG V=1\nRUN put /f 1\nFROM scratch\nCOPY --from=s /f /\n", "FROM scratch AS s\nARG V=1\nRUN put /f 2\nFROM scratch\nCOPY --from=s /f /\n", "", nil, 5, FilesChanged, "missed: f changed (sha256 6b86b273… → d4735e3a…)"},
	{"the same bytes of a stage", "FROM scratch AS s\nARG V=1\nRUN put /f 1\nFROM scratch\nCOPY --from=s /f /\n", "", "V=2", nil, 5, SameContent, "hit although the stage s ran anew: what is copied from it has the same bytes"},
	{"what another stage does too", "FROM scratch\nCOPY a /\n", "FROM scratch AS x\nCOPY a /\nFROM scratch\nCOPY a /\nCOPY --from=x /a /b\n", "", nil, 4, Shared, "hit: line 2 has done exactly this in the same build"},
	{"what another Dockerfile did", "FROM scratch\nCOPY a /\n", "", "", func(l *lab) { l.host.Root().Rename("/ctx/Dockerfile", "/ctx/Dockerfile2", 0) }, 2, Shared, "hit: another build or stage made exactly this before"},
	{"what is below --link", "FROM scratch\nCOPY a /\nCOPY --link b /l/\n", "", "", func(l *lab) { l.write("a", "2") }, 3, SameLinked, "hit although line 2 (COPY a /) missed: --link makes this layer apart from what is below it"},
	{"back to an earlier build", "FROM scratch\nCOPY a /\n", "", "", func(l *lab) { l.write("a", "2"); l.build(Options{}); l.write("a", "1") }, 2, SameAgain, "hit: everything is again as it was in an earlier build; the cache keeps all results, not only the last"},
	{"another base", "FROM base:1\nRUN a\n", "", "", func(l *lab) { l.name("docker.io/library/base:1", l.other) }, 2, BaseChanged, "missed: the base image on line 1 is another one than last time"},
	{"no base any more", "", "FROM scratch\nRUN a\n", "", nil, 2, BaseChanged, "missed: it starts from another base than last time"},
	{"--no-cache", "FROM scratch\nCOPY a /\n", "", "--no-cache", nil, 2, NoCache, "missed: --no-cache says to run every step anew"},
}

func (c change) play(t *testing.T, file string) {
	l := newLab(t).fakeShell().write("a", "1", "b", "b", "d/x", "x", "d/y", "y", "d/l -> x", "")
	l.write("Dockerfile", "FROM scratch\nCOPY a /\n")
	l.name("docker.io/library/base:1", l.build(Options{}))
	l.write("Dockerfile", "FROM scratch\nCOPY b /\n")
	l.other = l.build(Options{})
	l.b.Cache = NewCache()
	l.write("Dockerfile", file)
	l.try(Options{})
	if c.now != "" {
		l.write("Dockerfile", c.now)
	}
	if c.do != nil {
		c.do(l)
	}
	o := Options{BuildArgs: map[string]*string{}}
	if _, err := l.host.Root().Lstat("/ctx/Dockerfile2"); err == nil {
		o.Dockerfile = "Dockerfile2"
	}
	if k, v, ok := strings.Cut(c.args, "="); ok {
		o.BuildArgs[k] = &v
	}
	o.NoCache = c.args == "--no-cache"
	if c.args == "secret" {
		o.Secrets = map[string][]byte{"s": []byte("x")}
	}
	l.try(o)
	for _, e := range l.events {
		d, ok := e.(StepDecided)
		if !ok || d.Decision.Line != c.line {
			continue
		}
		got := d.Decision
		if got.Reason.Kind != c.kind || got.Reason.Text != c.reason {
			t.Errorf("\n got %q: %s\nwant %q: %s", got.Reason.Kind, got.Reason.Text, c.kind, c.reason)
		}
		if got.Hit != c.kind.Hit() {
			t.Errorf("hit %v for %q", got.Hit, c.kind)
		}
		if !got.Hit && got.Parts() != nil && c.kind != FirstBuild && c.kind != NoCache && c.kind != NotKept && c.kind != FailedLastTime && c.kind != StepAdded && len(Differing(got.Parts())) == 0 {
			t.Error("it missed, and no part of its key differs")
		}
		if got.Hit && (c.kind != Shared && c.kind != SameAgain) && len(Differing(got.Parts())) > 0 {
			t.Errorf("it hit, and %v differ", Differing(got.Parts()))
		}
		return
	}
	t.Errorf("nothing was said of line %d", c.line)
}

func TestReasons(t *testing.T) {
	file := ""
	held := map[ReasonKind]bool{NotKnown: true} // of a preview: TestPreviewDoesNotGuess
	for _, c := range changes {
		if c.file != "" {
			file = c.file
		}
		at := file
		held[c.kind] = true
		t.Run(c.name, func(t *testing.T) { c.play(t, at) })
	}
	for _, k := range reasonKinds(t) {
		if !held[k] {
			t.Errorf("no case for the reason %q", k)
		}
	}
}

// reasonKinds is all reasons that the package declares.
func reasonKinds(t *testing.T) []ReasonKind {
	f, err := parser.ParseFile(token.NewFileSet(), "reason.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []ReasonKind
	ast.Inspect(f, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && v.Type != nil {
			if id, ok := v.Type.(*ast.Ident); ok && id.Name == "ReasonKind" {
				text, _ := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
				out = append(out, ReasonKind(text))
			}
		}
		return true
	})
	return out
}
