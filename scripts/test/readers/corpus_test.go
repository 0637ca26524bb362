//go:build readers

package readers_test

import (
	"fmt"
	"strings"
)

// A recipe is an image that somebody makes in the simulator's terminal.
type recipe struct {
	name  string
	files map[string]func() []byte // of the project, beside the Dockerfile
	// dockerfile is built as readers/NAME:1, unless script says what is typed.
	dockerfile string
	script     string
	save       string // what docker save is given; readers/NAME:1
	unnamed    bool   // it is saved by its ID, so that the archive does not name it
	devices    bool   // it has device files
	// cannot says for a reader why it cannot be asked, and views what it does
	// not tell.
	cannot map[string]string
	views  map[string]view
}

func (r recipe) image() string { return "readers/" + r.name + ":1" }

// Docker gives these a container of its own making.
const everything = `FROM busybox:1.36
LABEL plain=1 "with space"="a b" unicode="grüß 🐳" html="<b>&amp;</b>" json="{\"a\":1}" empty=""
ENV A=1 B="two words" C="quo\"te" D='$A' PATH=/opt/bin:$PATH
EXPOSE 80 443/tcp 53/udp 8000-8002
VOLUME /data
VOLUME ["/with space", "/other"]
USER 1000:1001
WORKDIR /srv/dir
STOPSIGNAL SIGQUIT
SHELL ["/bin/sh", "-ec"]
HEALTHCHECK --interval=30s --timeout=1m --start-period=5s --start-interval=2s --retries=4 CMD test -f /ok || exit 1
ONBUILD RUN echo later
ONBUILD COPY . /src
MAINTAINER Somebody <somebody@example.org>
ARG NOT_KEPT=1
ENTRYPOINT ["/bin/echo", "<&>"]
CMD echo "$A" && true
`

// whiteouts takes away, replaces and brings back, each in a layer of its own.
const whiteouts = `FROM busybox:1.36
RUN mkdir -p /d/sub/deep /keep && echo 1 > /d/f && echo 2 > /d/sub/g && echo 3 > /d/sub/deep/h && ln -s d /link && ln /d/f /d/same && echo x > /file
RUN rm /d/f
RUN rm -r /d/sub
RUN mkdir -p /d/sub && echo new > /d/sub/only
RUN rm -rf /d && mkdir /d && echo again > /d/f
RUN rm /link && mkdir /link && echo now a directory > /link/f
RUN rm -r /keep && echo now a file > /keep
RUN rm /file && ln -s d/f /file
RUN echo short-lived > /gone && rm /gone
RUN mv /d/f /moved && chmod 600 /moved
RUN rm /etc/group && rmdir /home
RUN mkdir /home && touch -d '2001-02-03 04:05:06' /home /home/.
RUN chown 7:8 /keep && chmod 4711 /bin/busybox
`

// old are files from before 1970, which engines make files of 1970.
var old = view{skip: []string{"/1902", "/before"}}

func corpus() []recipe {
	only := "FROM scratch\nADD nasty.tar /\n"
	nasty := func(f func() []byte) map[string]func() []byte { return map[string]func() []byte{"nasty.tar": f} }
	all := []recipe{
		{name: "scratch", dockerfile: "FROM scratch\nCOPY Dockerfile /a/b/\n"},
		{name: "nothing", dockerfile: "FROM scratch\nCMD [\"/none\"]\n"},
		{name: "links", files: nasty(links), dockerfile: only},
		{name: "modes", devices: true, files: nasty(modes), dockerfile: only},
		{name: "names", files: nasty(names), dockerfile: only},
		{name: "drives", files: nasty(drives), dockerfile: only, cannot: map[string]string{registry: `it calls the names "c:x" and "back\\slash" unsafe, which only Windows does`}},
		{name: "times", files: nasty(times), dockerfile: only, views: map[string]view{"buildah": old, "docker": old}},
		{name: "config", dockerfile: everything, cannot: map[string]string{"buildah": "it runs ONBUILD instructions when it makes a container"}},
		{name: "whiteouts", dockerfile: whiteouts},
		{name: "empty", dockerfile: "FROM busybox:1.36\nWORKDIR /\nRUN true\nWORKDIR /tmp\nENV A=1\nCOPY --chmod=600 Dockerfile /f\nCOPY --chmod=600 Dockerfile /f\n"},
		{name: "deep", dockerfile: deep(100)},
		{name: "committed", devices: true, script: `docker run --name box busybox:1.36 sh -c 'echo hi > /hi; rm /etc/passwd; mkdir -m 2775 /new; mkfifo /new/p; ln /hi /new/hi; mknod /new/n c 1 3'
docker commit -a 'An Author <a@example.org>' -m 'what I did' -c 'CMD ["cat", "/hi"]' -c 'ENV X=1' -c 'EXPOSE 81' box readers/committed:1`},
		{name: "imported", script: `docker run --name box busybox:1.36 sh -c 'echo hi > /hi; chmod 4755 /hi; ln -s hi /link; chown 5:6 /hi'
docker export box | docker import -m 'from a container' -c 'CMD ["sh"]' - readers/imported:1`},
		{name: "tags", script: `printf 'FROM busybox:1.36\nRUN echo 1 > /1\n' | docker build -q -t readers/tags:1 -
printf 'FROM readers/tags:1\nRUN echo 2 > /2\n' | docker build -q -t readers/tags:2 -
docker tag readers/tags:1 readers/tags:latest
docker tag readers/tags:1 example.org:5000/readers/elsewhere:v1.0_x-y
docker tag readers/tags:2 readers/other`, save: "readers/tags example.org:5000/readers/elsewhere:v1.0_x-y readers/other"},
		{name: "shapes", dockerfile: "FROM scratch\nCOPY Dockerfile /shapes/\nCOPY Dockerfile /shapes/\nCOPY --chmod=4755 Dockerfile /shapes/again\nWORKDIR /shapes\n"},
		{name: "unnamed", unnamed: true, cannot: map[string]string{"umoci": "it knows images by names only"}, script: `printf 'FROM busybox:1.36\nRUN echo nobody > /f\n' | docker build -q -t readers/unnamed:1 -`, save: "$(docker images -q --no-trunc readers/unnamed:1)"},
	}
	return all
}

// deep has n layers; each takes away what the one before brought.
func deep(n int) string {
	var b strings.Builder
	b.WriteString("FROM busybox:1.36\nRUN echo 0 > /f0\n")
	for i := 1; i < n-1; i++ {
		fmt.Fprintf(&b, "RUN rm /f%d && echo %d > /f%d && echo %d >> /log\n", i-1, i, i, i)
	}
	return b.String()
}
