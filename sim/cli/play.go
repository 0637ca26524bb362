package cli

import (
	"context"
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/layerlab/layerlab/sim/engine"
)

// A transcript is a txtar file: a comment, the files of the project, and a member
// named transcript with what is typed.
type transcript struct {
	comment string
	files   []struct{ name, text string }
}

var member = regexp.MustCompile(`^-- (.+) --\n?$`)

func parseTranscript(text string) transcript {
	var t transcript
	for line := range strings.Lines(text) {
		if m := member.FindStringSubmatch(line); m != nil {
			t.files = append(t.files, struct{ name, text string }{m[1], ""})
			continue
		}
		if n := len(t.files); n > 0 {
			t.files[n-1].text += line
		} else {
			t.comment += line
		}
	}
	return t
}

// typed is the commands of a transcript: the lines that begin with "$ ", with
// those after them that begin with "> ".
func typed(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if l, ok := strings.CutPrefix(line, "$ "); ok {
			out = append(out, l)
		} else if l, ok := strings.CutPrefix(line, "> "); ok && len(out) > 0 {
			out[len(out)-1] += "\n" + l
		}
	}
	return out
}

// Play plays a transcript on an engine and gives it back with the engine's
// answers. Every command is typed into a shell of its own, in the project
// directory, with nobody at the terminal.
func Play(e *engine.Engine, text string) (string, error) {
	t := parseTranscript(text)
	for _, f := range t.files {
		if f.name == "transcript" {
			continue
		}
		if err := e.WriteFile(path.Join(engine.Project, f.name), []byte(f.text), 0o644); err != nil {
			return "", err
		}
	}
	s := New(e)
	var out strings.Builder
	out.WriteString(t.comment)
	for _, f := range t.files {
		fmt.Fprintf(&out, "-- %s --\n", f.name)
		if f.name != "transcript" {
			out.WriteString(f.text)
			continue
		}
		for _, cmd := range typed(f.text) {
			s.ResetShell()
			out.WriteString("$ " + strings.ReplaceAll(cmd, "\n", "\n> ") + "\n")
			var answer strings.Builder
			exit := s.Run(context.Background(), cmd, &answer)
			got := strings.ReplaceAll(answer.String(), "\r", "")
			if got != "" && !strings.HasSuffix(got, "\n") {
				got += "\n"
			}
			out.WriteString(got)
			if exit != 0 {
				fmt.Fprintf(&out, "[exit %d]\n", exit)
			}
		}
	}
	return out.String(), nil
}
