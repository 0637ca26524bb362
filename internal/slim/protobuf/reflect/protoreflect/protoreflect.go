// Package protoreflect declares the names that generated code refers to.
package protoreflect

type (
	// Message is any value.
	Message any
	// FileDescriptor is any value.
	FileDescriptor any
)
