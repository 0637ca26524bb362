package build

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The transcript config_instructions, on a base that is built here.
func TestConfigInstructions(t *testing.T) {
	l := newLab(t)
	res := l.dockerfile("FROM scratch", `LABEL maintainer="ops" version=1`, "ENV A=1", "EXPOSE 80/tcp 443", "VOLUME /data", "USER 1000:1000",
		"WORKDIR /srv/app", "STOPSIGNAL SIGQUIT", "HEALTHCHECK --interval=5s CMD true", `ENTRYPOINT ["echo","entry"]`, `CMD ["default","args"]`)
	want := []string{
		"LABEL maintainer=ops version=1", "ENV A=1", "EXPOSE [443/tcp 80/tcp]", "VOLUME [/data]", "USER 1000:1000", "WORKDIR /srv/app (layer)", "STOPSIGNAL SIGQUIT",
		"HEALTHCHECK {Test:[CMD-SHELL true] Interval:5s Timeout:0s StartPeriod:0s StartInterval:0s Retries:0}", `ENTRYPOINT ["echo" "entry"]`, `CMD ["default" "args"]`,
	}
	if diff := cmp.Diff(want, history(res.Image)); diff != "" {
		t.Errorf("history:\n%s", diff)
	}
	raw, err := json.Marshal(res.Image.Config.Config)
	if err != nil {
		t.Fatal(err)
	}
	wantConfig := `{"User":"1000:1000","ExposedPorts":{"443/tcp":{},"80/tcp":{}},"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin","A=1"],"Entrypoint":["echo","entry"],"Cmd":["default","args"],"Volumes":{"/data":{}},"WorkingDir":"/srv/app","Labels":{"maintainer":"ops","version":"1"},"StopSignal":"SIGQUIT","ArgsEscaped":true,"Healthcheck":{"Test":["CMD-SHELL","true"],"Interval":5000000000}}`
	if diff := cmp.Diff(wantConfig, string(raw)); diff != "" {
		t.Errorf("config (-Docker +ours):\n%s", diff)
	}
	if diff := cmp.Diff([][]string{{"d 0755 1000:1000 /srv", "d 0755 1000:1000 /srv/app"}}, made(res, 0)); diff != "" {
		t.Errorf("layers:\n%s", diff)
	}
}

// What instructions leave in the configuration.
func TestConfigOf(t *testing.T) {
	path := "PATH=" + defaultPath
	for _, c := range []struct {
		steps string
		want  string // of the config's JSON
	}{
		{"ENV A=1 B=$A C=\"$A x\"", `"Env":["` + path + `","A=1","B=","C= x"]`},
		{"ENV A one two", `"Env":["` + path + `","A=one two"]`},
		{"ENV A=1\nENV A=2 B=$A", `"Env":["` + path + `","A=2","B=1"]`},
		{"ARG V=late\nENV V=env\nENV W=$V", `"V=env","W=env"`},
		{"ENV V=env\nARG V=late\nENV W=$V", `"V=env","W=late"`},
		{"ARG V\nENV W=${V:-none}", `"W=none"`},
		{"ENV P=/q\nWORKDIR $P/$Z/r", `"WorkingDir":"/q//r"`},
		{"WORKDIR /a\nWORKDIR b", `"WorkingDir":"/a/b"`},
		{"CMD echo $HOME", `"Cmd":["/bin/sh","-c","echo $HOME"]`},
		{"SHELL [\"/bin/ash\",\"-x\"]\nCMD a\nENTRYPOINT b", `"Entrypoint":["/bin/ash","-x","b"],"Cmd":["/bin/ash","-x","a"]`},
		{"CMD [\"a\"", `"Cmd":["/bin/sh","-c","[\"a\""]`},
		{"CMD [\"a\"]\nENTRYPOINT [\"b\"]", `"Entrypoint":["b"],"Cmd":["a"]`},
		{"EXPOSE 8000-8002/udp 53", `"ExposedPorts":{"53/tcp":{},"8000/udp":{},"8001/udp":{},"8002/udp":{}}`},
		{"HEALTHCHECK NONE", `"Healthcheck":{"Test":["NONE"]}`},
		{"LABEL a=1 b=\"x y\"\nLABEL a=2", `"Labels":{"a":"2","b":"x y"}`},
		{"ONBUILD RUN echo hi", `"OnBuild":["RUN echo hi"]`},
		{"MAINTAINER me <me@x>", `"author":"me \u003cme@x\u003e"`},
	} {
		l := newLab(t)
		res := l.dockerfile("FROM scratch", c.steps)
		if !strings.Contains(string(res.Image.ConfigRaw), c.want) {
			t.Errorf("%s:\n got %s\nwant %s", c.steps, res.Image.ConfigRaw, c.want)
		}
	}
}

// A global ARG, one with a default, one given to the build, and what they leave
// in the history (transcript args_env).
func TestArgs(t *testing.T) {
	l := newLab(t).write("f", "f")
	l.name("docker.io/library/base:9", l.dockerfile("FROM scratch", "COPY f /", `CMD ["x"]`))
	l.write("Dockerfile", "ARG BASE=base:8\nARG G=glob\nFROM $BASE\nARG VERSION=1\nARG TOKEN\nARG G\nENV APP=$VERSION-$G\nENTRYPOINT [\"e\"]\n")
	res := l.build(Options{BuildArgs: map[string]*string{"BASE": ptr("base:9"), "VERSION": ptr("2"), "TOKEN": ptr("s3cret"), "NIL": nil}})
	want := []string{"COPY f / # buildkit (layer)", `CMD ["x"]`, "ARG VERSION=2", "ARG TOKEN=s3cret", "ARG G=glob", "ENV APP=2-glob", `ENTRYPOINT ["e"]`}
	if diff := cmp.Diff(want, history(res.Image)); diff != "" {
		t.Errorf("history:\n%s", diff)
	}
	if c := res.Image.Config.Config; len(c.Cmd) != 0 {
		t.Errorf("the base's CMD is still there beside a new ENTRYPOINT: %q", c.Cmd)
	}
}

// An image that only names its base has the base's very configuration.
func TestFromAlone(t *testing.T) {
	l := newLab(t).write("f", "f")
	base := l.dockerfile("FROM scratch", "COPY f /")
	l.name("docker.io/library/base:latest", base)
	if res := l.dockerfile("FROM base"); res.Image.ConfigDigest != base.Image.ConfigDigest {
		t.Errorf("config %s\nbase   %s", res.Image.ConfigRaw, base.Image.ConfigRaw)
	}
}

// Rows of the configuration have the time of a layer beside them.
func TestHistoryTimes(t *testing.T) {
	l := newLab(t).write("f", "f")
	res := l.dockerfile("FROM scratch", "ENV A=1", "COPY f /a", "LABEL x=y", "COPY f /b")
	h := res.Image.Config.History
	for i, h := range h {
		if h.Created == nil {
			t.Fatalf("row %d has no time", i)
		}
	}
	if !h[0].Created.Equal(*h[1].Created) || !h[2].Created.Equal(*h[1].Created) || !h[3].Created.After(*h[2].Created) {
		t.Errorf("times %v %v %v %v", h[0].Created, h[1].Created, h[2].Created, h[3].Created)
	}
	if c := res.Image.Config.Created; c == nil || !c.Equal(*h[3].Created) {
		t.Errorf("created %v", c)
	}
}

func TestOnbuild(t *testing.T) {
	l := newLab(t).write("f", "f")
	res := l.dockerfile("FROM scratch AS ob", "ONBUILD COPY f /of", "ONBUILD ENV Q=1", "FROM ob", "ENV R=$Q")
	if diff := cmp.Diff([]string{"COPY f /of # buildkit (layer)", "ENV Q=1", "ENV R=1"}, history(res.Image)); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(l.plain(nil), "[stage-1 1/2] ONBUILD COPY f /of\n") {
		t.Errorf("progress:\n%s", l.plain(nil))
	}
	l.name("docker.io/library/ob:latest", l.dockerfile("FROM scratch", "ONBUILD COPY f /of"))
	res = l.dockerfile("FROM ob")
	if diff := cmp.Diff([]string{"COPY f /of # buildkit (layer)"}, history(res.Image)); diff != "" || len(res.Image.Config.Config.OnBuild) != 0 {
		t.Errorf("%s %q", diff, res.Image.Config.Config.OnBuild)
	}
}

func TestStagesAndTargets(t *testing.T) {
	l := newLab(t).write("f", "f", "g", "g", "Dockerfile", "FROM scratch AS a\nCOPY f /f\nFROM scratch AS unused\nCOPY nosuch /\nFROM scratch\nCOPY --from=A /f /x\nCOPY --from=0 /f /y\n")
	if diff := cmp.Diff([]string{"/x", "/y"}, keys(merged(l.build(Options{})))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"/f"}, keys(merged(l.build(Options{Target: "a"})))); diff != "" {
		t.Error(diff)
	}
	_, err := l.try(Options{Target: "unusedd"})
	if err == nil || err.Error() != `target stage "unusedd" could not be found (did you mean unused?)` {
		t.Errorf("error %v", err)
	}
	l.write("Dockerfile", "FROM b AS a\nCOPY --from=c /x /\nFROM scratch AS c\nCOPY --from=a / /\n")
	if _, err := l.try(Options{}); err == nil || err.Error() != "circular dependency detected on stage: c" {
		t.Errorf("error %v", err)
	}
}

func TestDockerignore(t *testing.T) {
	l := newLab(t).write(".dockerignore", "node_modules\n*.log\n!keep.log\n", "README.md", "r", "a.log", "a", "keep.log", "k", "src/main.c", "int", "src/deep/x.tmp", "t", "node_modules/p/index.js", "js")
	res := l.dockerfile("FROM scratch", "COPY . /ctx")
	want := []string{"/ctx/.dockerignore", "/ctx/Dockerfile", "/ctx/README.md", "/ctx/keep.log", "/ctx/src/deep/x.tmp", "/ctx/src/main.c"}
	if diff := cmp.Diff(want, keys(merged(res))); diff != "" {
		t.Error(diff)
	}
	l.write(".dockerignore", "*\n!src\n!README.md\nsrc/**/*.tmp\n")
	res = l.build(Options{})
	if diff := cmp.Diff([]string{"/ctx/README.md", "/ctx/src/main.c"}, keys(merged(res))); diff != "" {
		t.Error(diff)
	}
	l.write("Dockerfile.dockerignore", "*\n!keep.log\n")
	res = l.build(Options{})
	if diff := cmp.Diff([]string{"/ctx/keep.log"}, keys(merged(res))); diff != "" {
		t.Error(diff)
	}
	l.write("Dockerfile.dockerignore", "!\n")
	if _, err := l.try(Options{}); err == nil || err.Error() != `illegal exclusion pattern: "!"` {
		t.Errorf("error %v", err)
	}
}

func TestBadConfig(t *testing.T) {
	for _, c := range []struct{ step, msg string }{
		{"STOPSIGNAL FOO", "invalid signal: FOO"},
		{"EXPOSE abc", "invalid containerPort: abc"},
		{"EXPOSE 80/xyz", `invalid port: "80/xyz": invalid proto: xyz`},
		{"EXPOSE 70000", "invalid containerPort: 70000"},
		{`ENV A="${X:?must}"`, "X: must"},
	} {
		l := newLab(t).write("Dockerfile", "FROM scratch\n"+c.step+"\n")
		_, err := l.try(Options{})
		e, ok := err.(*Error)
		if !ok || !strings.Contains(e.Msg, c.msg) || e.Line != 2 || !strings.Contains(e.Excerpt, ">>> "+c.step) {
			t.Errorf("%s: %v", c.step, err)
		}
	}
}
