package cli

import "fmt"

// A statusError ends a command with a message on the standard error and an exit
// status.
type statusError struct {
	msg  string
	code int
}

func (e *statusError) Error() string { return e.msg }

// daemon is an error as the daemon's answers are shown.
func daemon(err error) error {
	if err == nil {
		return nil
	}
	return &statusError{"Error response from daemon: " + err.Error(), 1}
}

// plain is an error of the client: its text alone.
func plain(format string, args ...any) error {
	return &statusError{fmt.Sprintf(format, args...), 1}
}

// silent ends a command with a status and without a word.
func silent(code int) error { return &statusError{"", code} }
