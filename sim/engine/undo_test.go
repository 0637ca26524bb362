package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/layerlab/layerlab/sim/cli"
	"github.com/layerlab/layerlab/sim/engine"
)

// commands is what the property below types: %c a container, %i an image, %f a
// file, %t a text, each of a few.
var commands = []string{
	"docker build -q -t %i .", "docker build -q .", "docker build --no-cache -t %i .", "docker build -q -t %i -f Other . 2>&1", "docker build -q --target one -t %i .",
	"printf 'FROM busybox:1.36 AS one\\nRUN echo %t > %f\\nFROM one\\nCOPY . /src\\nRUN rm -f %f; echo %t >> /src/n\\n' > Dockerfile",
	"printf 'FROM %i\\nRUN --mount=type=cache,target=/k echo %t >> /k/log; cp /k/log /log\\n' > Other",
	"echo %t > n", "touch n; chmod 600 n", "mkdir -p d%f; ln -s n d%f/l", "X=%t; cd d 2>/dev/null || cd ..", "echo $X; pwd", "rm -rf d", "sleep 3",
	"docker run -d --name %c %i sleep 600", "docker run -d --name %c busybox:1.36 sh -c 'echo %t; sleep 5; echo %t >&2'", "docker run --rm %i sh -c 'cat %f; ls -la /'",
	"docker run --name %c busybox:1.36 sh -c 'echo %t > %f'", "docker create --name %c %i true", "docker run -d -v /home/learner/project:/p --name %c %i sh -c 'echo %t > /p/bound; sleep 1000'",
	"docker exec %c sh -c 'echo %t >> %f; chmod 640 /etc/passwd; mv /home /house'", "docker exec %c sh -c 'rm -rf /etc; mkdir /etc; ln %f /hard; truncate -s 70000 %f'",
	"docker exec %c sh -c 'cp -a /bin/vi /bin/vi2; chown -R 3:4 /root /home; touch /bin/vi; stat /bin/vi %f'", "docker exec -w /tmp %c sh -c 'tar cf x.tar -C / etc/passwd; rm -f /bin/ls; mknod p p; ls -lai . /etc'",
	"docker commit %c %i", "docker commit -m %t -c 'CMD [\"x\"]' %c", "docker diff %c", "docker logs %c", "docker inspect -s %c %i", "docker history %i", "docker ps -as; docker images -a; docker system df",
	"docker start %c", "docker stop -t 1 %c", "docker kill %c", "docker pause %c", "docker unpause %c", "docker rename %c %c", "docker rm %c", "docker rm -f %c", "docker wait %c",
	"docker tag %i %i", "docker rmi %i", "docker rmi -f %i", "docker rmi -f $(docker images -aq)", "docker image prune -f", "docker image prune -af", "docker container prune -f",
	"docker builder prune -af", "docker system prune -af", "docker pull %i",
	"docker save -o s.tar %i", "docker load -i s.tar", "docker export -o e.tar %c", "docker import -m %t e.tar %i", "docker save %i | docker load",
	"docker cp %c:%f got", "docker cp n %c:%f", "docker cp %c:/etc - | tar t", "docker cp d %c:/", "lab waste %i", "lab xray %c %f", "docker build -q -t",
}

// line draws one command.
func line(t *rapid.T) string {
	var b strings.Builder
	rest := rapid.SampledFrom(commands).Draw(t, "command")
	for {
		before, after, found := strings.Cut(rest, "%")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		of := map[byte][]string{
			'c': {"one", "two", "three"}, 'i': {"app", "app:2", "busybox:1.36", "other"}, 't': {"a", "bb"}, 'f': {"/f", "/etc/motd", "/new/g"},
		}[after[0]]
		b.WriteString(rapid.SampledFrom(of).Draw(t, "word"))
		rest = after[1:]
	}
}

// TestUndoIsExact runs random commands, goes back and forth between the moments,
// and finds each as it was; and the same commands again give the same again, down
// to ids, inode numbers and times.
func TestUndoIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := cli.New(engine.New(engine.Options{}))
		s.Run(context.Background(), "printf 'FROM busybox:1.36\\nCOPY . /src\\n' > Dockerfile; docker build -q -t app .; docker run -d --name one app sleep 100000", &strings.Builder{})
		type moment struct{ line, output, dump string }
		moments := []moment{{dump: dump(s)}}
		run := func(line string) moment {
			var out strings.Builder
			exit := s.Run(context.Background(), line, &out)
			return moment{line, fmt.Sprint(out.String(), exit), dump(s)}
		}
		for range rapid.IntRange(1, 12).Draw(t, "commands") {
			moments = append(moments, run(line(t)))
		}
		same := func(what string, got, want moment) {
			if got != want {
				t.Fatalf("%s: %q is not what it was (-was +is)\n%s\n%s", what, want.line, cmp.Diff(want.output, got.output), cmp.Diff(strings.Split(want.dump, "\n"), strings.Split(got.dump, "\n")))
			}
		}
		at := func(n int) moment { return moment{moments[n].line, moments[n].output, dump(s)} }
		last := len(moments) - 1
		for range rapid.IntRange(1, 6).Draw(t, "travels") {
			n := rapid.IntRange(0, last).Draw(t, "to")
			s.Goto(n + 1)
			same(fmt.Sprint("going to ", n, " of ", last), at(n), moments[n])
			if len(s.Journal()) != last+1 {
				t.Fatalf("the journal has %d entries, want %d", len(s.Journal()), last+1)
			}
		}
		for i, e := range s.Journal()[1:] {
			if m := moments[i+1]; e.Line != m.line || fmt.Sprint(e.Output, e.Exit) != m.output {
				t.Fatalf("the journal has %q: %q", e.Line, e.Output)
			}
		}
		from := rapid.IntRange(0, last).Draw(t, "again from")
		s.Goto(from + 1)
		for i := from + 1; i <= last; i++ {
			same("once more", run(moments[i].line), moments[i])
		}
	})
}
