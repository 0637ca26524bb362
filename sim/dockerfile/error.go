package dockerfile

// An Error is a mistake in a Dockerfile, in the parser's words.
type Error struct {
	Name          string // of the Dockerfile
	Line, EndLine int    // from 1; 0 when it is about no line
	Msg           string // "dockerfile parse error on line 2: unknown instruction: FOO (did you mean FROM?)"
	Excerpt       string // the source around it as `docker build` prints it, "" without a line
}

func (e *Error) Error() string { return e.Msg }
