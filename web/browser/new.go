//go:build !js

package browser

// New is a browser for native programs: an empty Stub.
func New() Browser { return &Stub{} }
