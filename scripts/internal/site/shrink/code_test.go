package shrink

import (
	"bytes"
	"testing"
)

// Every function of a program comes out of readBody as it went in, and nearly
// all are built as findFrame knows it.
func TestCodeIsTakenApartAndPutTogether(t *testing.T) {
	m, err := parse(program(t, "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(1) }\n", "GOOS=js", "-gcflags="))
	if err != nil {
		t.Fatal(err)
	}
	code, err := m.section(codeSection)
	if err != nil {
		t.Fatal(err)
	}
	bodies, n := split(code.body)
	r := reader{bodies}
	frames := 0
	for i := range n {
		b, err := r.take(r.unsigned())
		if err != nil {
			t.Fatal(err)
		}
		f, err := readBody(b)
		if err != nil {
			t.Fatalf("function %d: %v", i, err)
		}
		// The linker writes the index of a callee longer than it needs to be.
		if got := f.bytes(); !bytes.Equal(got, b) && len(got) >= len(b) {
			t.Fatalf("function %d of %d bytes became one of %d", i, len(b), len(got))
		}
		if _, ok := findFrame(f); ok {
			frames++
		}
	}
	if frames < int(n)*9/10 {
		t.Errorf("%d of %d functions are built as expected", frames, n)
	}
}

func TestCodeThatIsNotKnownIsRefused(t *testing.T) {
	for name, b := range map[string][]byte{
		"nothing":              nil,
		"no end":               {0, opI32Const, 1},
		"more after the end":   {0, opEnd, opEnd},
		"a branch to nowhere":  {0, opBr, 3, opEnd},
		"an unknown opcode":    {0, 0xfd, 1, opEnd},
		"an unknown extension": {0, opPrefix, 17, opEnd},
	} {
		if _, err := readBody(b); err == nil {
			t.Errorf("%s is taken for code", name)
		}
	}
}
