package dockerfile

import (
	"errors"
	"strings"
	"testing"
)

func TestParseStagesAndLines(t *testing.T) {
	src := "# syntax=docker/dockerfile:1\nARG V=1\nFROM busybox:$V AS Build\nRUN echo a \\\n  # comment\n  b\nCOPY <<EOF /x\nhi\nEOF\n\nFROM scratch\nCOPY --from=build /x /x\n"
	f, err := Parse([]byte(src), "Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	if f.Syntax != "docker/dockerfile:1" || f.Escape != '\\' {
		t.Errorf("syntax %q escape %q", f.Syntax, f.Escape)
	}
	if len(f.MetaArgs) != 1 || f.MetaArgs[0].Line != 2 {
		t.Errorf("meta args %+v", f.MetaArgs)
	}
	if len(f.Stages) != 2 || f.Stages[0].Name != "build" || f.Stages[0].Base != "busybox:$V" || f.Stages[0].Line != 3 {
		t.Fatalf("stages %+v", f.Stages)
	}
	run, cp := f.Stages[0].Steps[0], f.Stages[0].Steps[1]
	if run.Line != 4 || run.EndLine != 6 || run.Text != "RUN echo a   b" {
		t.Errorf("RUN %d–%d %q", run.Line, run.EndLine, run.Text)
	}
	if cp.Line != 7 || cp.EndLine != 9 {
		t.Errorf("here-document on lines %d–%d", cp.Line, cp.EndLine)
	}
	if st, s := f.StepAt(8); st.Name != "build" || s == nil || s.Line != 7 {
		t.Errorf("line 8 belongs to %v, %v", st, s)
	}
	if st, s := f.StepAt(11); st.Index != 1 || s != nil {
		t.Errorf("line 11 belongs to %v, %v", st, s)
	}
	if len(f.Warnings) != 1 || f.Warnings[0].Short() != "StageNameCasing: Stage name 'Build' should be lowercase (line 3)" {
		t.Errorf("warnings %+v", f.Warnings)
	}
}

func TestErrorsInTheParsersWords(t *testing.T) {
	for _, c := range []struct {
		src, msg  string
		line      int
		noExcerpt bool
	}{
		{"FROM busybox:1.36\nFOO bar\n", "dockerfile parse error on line 2: unknown instruction: FOO (did you mean FROM?)", 2, false},
		{"RUN echo hi\n", "no build stage in current context", 1, false},
		{"", "the Dockerfile cannot be empty", 0, true},
		{"# nothing\n", "file with no instructions", 1, false},
		{"FROM a\nCOPY x\n", "dockerfile parse error on line 2: COPY requires at least two arguments, but only one was provided. Destination could not be determined", 2, false},
		{"FROM a\nCOPY --nosuch x /\n", "dockerfile parse error on line 2: unknown flag: --nosuch", 2, false},
		{"ARG X=1\n", "dockerfile contains no stages to build", 0, true},
	} {
		_, err := Parse([]byte(c.src), "Dockerfile")
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%q: error %v", c.src, err)
			continue
		}
		if e.Msg != c.msg || e.Line != c.line || (e.Excerpt == "") != c.noExcerpt {
			t.Errorf("%q: line %d %q\n%s", c.src, e.Line, e.Msg, e.Excerpt)
		}
	}
}

// The excerpts of the recorded builds (transcript errors_build).
func TestExcerpt(t *testing.T) {
	_, err := Parse([]byte("FROM busybox:1.36\nFOO bar\n"), "three")
	want := "three:2\n--------------------\n   1 |     FROM busybox:1.36\n   2 | >>> FOO bar\n   3 |     \n--------------------\n"
	if got := err.(*Error).Excerpt; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	_, err = Parse([]byte("RUN echo hi\n"), "four")
	want = "four:1\n--------------------\n   1 | >>> RUN echo hi\n   2 |     \n--------------------\n"
	if got := err.(*Error).Excerpt; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("FROM a\nRUN <<EOF\nx\nEOF\n")
	f.Add("# escape=`\nFROM a AS b\nONBUILD COPY x y\n")
	f.Fuzz(func(t *testing.T, src string) {
		file, err := Parse([]byte(src), "Dockerfile")
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without words")
			}
			return
		}
		last := strings.Count(src, "\n") + 1
		for _, st := range file.Stages {
			for _, s := range st.Steps {
				if s.Line < 1 || s.EndLine < s.Line || s.EndLine > last {
					t.Errorf("step on lines %d–%d of %d", s.Line, s.EndLine, last)
				}
			}
		}
	})
}
