package engine

// A State is everything the engine has at one moment: store, containers, build
// cache, the learner's machine, clock and ids. It is immutable. The zero State
// is none.
type State struct{ s *state }

type state struct{}

// An Engine is a Docker daemon and the machine it runs on.
type Engine struct{}
