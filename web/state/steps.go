package state

import (
	"strconv"
	"strings"
)

// A TextStep is one instruction of a Dockerfile as it stands in the text: its
// first and last line, from 1, and those lines joined.
type TextStep struct {
	Line, EndLine int
	Text          string
}

// Steps finds the instructions of a Dockerfile for the page's own use: comments
// and blank lines are none, a line that ends in \ goes on in the next, and
// a here-document belongs to its step. The build has a parser of its own.
func Steps(text string) []TextStep {
	lines := strings.Split(text, "\n")
	var out []TextStep
	for i := 0; i < len(lines); {
		if t := strings.TrimSpace(lines[i]); t == "" || t[0] == '#' {
			i++
			continue
		}
		end := stepEnd(lines, i)
		out = append(out, TextStep{i + 1, end + 1, strings.Join(lines[i:end+1], "\n")})
		i = end + 1
	}
	return out
}

// stepEnd is the index of the last line of the step that starts at index i.
func stepEnd(lines []string, i int) int {
	var docs []string
	for {
		docs = append(docs, hereDocs(lines[i])...)
		if !strings.HasSuffix(strings.TrimRight(lines[i], " \t"), "\\") || i+1 >= len(lines) {
			break
		}
		i++
		for i+1 < len(lines) && strings.HasPrefix(strings.TrimSpace(lines[i]), "#") {
			i++ // a comment does not end the step
		}
	}
	for _, end := range docs {
		for i+1 < len(lines) {
			i++
			if strings.TrimLeft(lines[i], "\t") == end {
				break
			}
		}
	}
	return i
}

// hereDocs is the closing words of the here-documents that a line opens.
func hereDocs(line string) []string {
	word, _, _ := strings.Cut(strings.TrimSpace(line), " ")
	switch strings.ToUpper(word) {
	case "RUN", "COPY", "ADD":
	default:
		return nil
	}
	var out []string
	for _, f := range strings.Fields(line) {
		at := strings.Index(f, "<<")
		if at < 0 || strings.HasPrefix(f[at:], "<<<") {
			continue
		}
		w := strings.Trim(strings.TrimPrefix(f[at+2:], "-"), `'"`)
		if w != "" && strings.IndexFunc(w, func(r rune) bool { return r != '_' && !alnum(r) }) < 0 {
			out = append(out, w)
		}
	}
	return out
}

func alnum(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

// stepText is lines of a text, joined.
func stepText(text string, line, end int) string {
	lines := strings.Split(text, "\n")
	if line < 1 || end < line || end > len(lines) {
		return ""
	}
	return strings.Join(lines[line-1:end], "\n")
}

func itoa(n int) string { return strconv.Itoa(n) }

// A PaletteStep is a well-formed step for someone who has never written one.
type PaletteStep struct {
	ID    string
	Text  string // the line that is inserted
	About string // one sentence: what it does to the image
	Layer bool   // it makes a layer
}

// Palette is the steps that can be added, in the order in which a Dockerfile
// usually has them.
var Palette = []PaletteStep{
	{"from", "FROM busybox:1.36", "Starts from another image: its layers are the bottom of yours, shared, not copied.", false},
	{"workdir", "WORKDIR /app", "Makes the folder if need be, and the steps below work in it. A layer, even when the folder was there.", true},
	{"copy", "COPY app.txt .", "Takes a file from the build context into the image. Missed in the cache when its content changes.", true},
	{"copyall", "COPY . .", "Takes the whole build context, the Dockerfile itself too, unless .dockerignore says otherwise.", true},
	{"run", "RUN echo hello > hello.txt", "Runs a command on the layers below; what it changed in files becomes the next layer.", true},
	{"runrm", "RUN rm app.txt", "Deletes a file. Its bytes stay in the layer below; this layer only hides the name.", true},
	{"chmod", "RUN chmod +x app.txt", "Changes a mode. The whole file is stored again, because layers hold whole files.", true},
	{"add", "ADD app.txt /data/", "Like COPY, but a tar archive is unpacked on the way.", true},
	{"env", "ENV GREETING=hello", "Sets a variable for the steps below and for the container. No files change: no layer.", false},
	{"arg", "ARG VERSION=1", "A variable for the build only. Its value is part of the cache key of every RUN below.", false},
	{"user", "USER 1000", "The steps below and the container run as this user. Configuration only.", false},
	{"label", `LABEL org.opencontainers.image.title="demo"`, "A note in the image’s configuration. No layer.", false},
	{"expose", "EXPOSE 8080", "Says which port the program listens on. It opens nothing. Configuration only.", false},
	{"cmd", `CMD ["cat", "app.txt"]`, "What a container of this image runs when nothing else is asked for.", false},
	{"entrypoint", `ENTRYPOINT ["cat"]`, "The program a container always runs; CMD becomes its arguments.", false},
	{"stage", "FROM busybox:1.36 AS final", "Starts another stage. Only what is copied over with COPY --from comes along.", false},
	{"copyfrom", "COPY --from=0 /app/hello.txt .", "Takes a file from the first stage, and leaves the rest of that stage behind.", true},
}

// StepByID finds a step of the palette.
func StepByID(id string) (PaletteStep, bool) {
	for _, p := range Palette {
		if p.ID == id {
			return p, true
		}
	}
	return PaletteStep{}, false
}
