package build

import (
	"context"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	l := newLab(t).write("Dockerfile", "FROM scratch\nCMD echo hi\nRUN never\nFROM nosuch\nMAINTAINER x\n")
	l.name("docker.io/library/nosuch:latest", newLab(t).write("f", "").dockerfile("FROM scratch", "COPY f /"))
	check := func(o Options) *Checked {
		t.Helper()
		c, err := l.b.Check(context.Background(), l.host.Root(), "/ctx", o, nil)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	c := check(Options{})
	want := `Check complete, 2 warnings have been found!

WARNING: JSONArgsRecommended - https://docs.docker.com/go/dockerfile/rule/json-args-recommended/
JSON arguments recommended for CMD to prevent unintended behavior related to OS signals
Dockerfile:2
--------------------
   1 |     FROM scratch
   2 | >>> CMD echo hi
   3 |     RUN never
   4 |     FROM nosuch
--------------------

WARNING: MaintainerDeprecated - https://docs.docker.com/go/dockerfile/rule/maintainer-deprecated/
Maintainer instruction is deprecated in favor of using label
Dockerfile:5
--------------------
   3 |     RUN never
   4 |     FROM nosuch
   5 | >>> MAINTAINER x
   6 |     
--------------------
`
	if c.Text() != want || c.Clean() || c.Failure() != "" {
		t.Errorf("got\n%s%s", c.Text(), c.Failure())
	}
	l.write("Dockerfile", "FROM scratch\nCOPY . /\n")
	if c := check(Options{}); !c.Clean() || c.Text() != "Check complete, no warnings found.\n" {
		t.Errorf("got\n%s%s", c.Text(), c.Failure())
	}
	l.write("Dockerfile", "FROM scratch\nEXPOSE x\n")
	if c := check(Options{}); c.Clean() || !strings.HasPrefix(c.Failure(), "\nERROR: invalid containerPort: x\nDockerfile:2\n") {
		t.Errorf("got\n%s%s", c.Text(), c.Failure())
	}
	if l.b.Cache.Records() != 0 {
		t.Error("a check built something")
	}
}
