package build

// An Error is a build that failed, in BuildKit's words.
type Error struct {
	Line, EndLine int    // in the Dockerfile, from 1; 0 when it is about no line
	Msg           string // what follows "ERROR: failed to build: failed to solve: "
	Excerpt       string // the source around it as `docker build` prints it, with its frame
	Exit          int    // of the RUN that failed
	Err           error  // what it was caused by
}

func (e *Error) Error() string { return e.Msg }

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }
