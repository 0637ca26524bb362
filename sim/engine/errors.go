package engine

import "fmt"

// A NotFound is a container that does not exist. (For images, see package store.)
type NotFound struct{ Name string }

func (e *NotFound) Error() string { return "No such container: " + e.Name }

// A Conflict is a request that the state of something forbids. Its text is Docker's.
type Conflict struct{ Msg string }

func (e *Conflict) Error() string { return e.Msg }

func conflict(format string, args ...any) error { return &Conflict{fmt.Sprintf(format, args...)} }

// A PullError is an image that cannot be had: the catalogue does not hold it.
type PullError struct {
	Ref string // normalised
	Msg string // in Docker's words
}

func (e *PullError) Error() string { return e.Msg }
