// Package proto declares the one name that generated code refers to.
package proto

// Message is any value: no message is ever serialised.
type Message = any
