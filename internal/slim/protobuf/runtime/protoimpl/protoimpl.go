// Package protoimpl declares what generated code calls when it is initialised,
// and does nothing.
package protoimpl

import (
	"unsafe"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// The generations of generated code that compile against this package.
const (
	MinVersion = 20
	MaxVersion = 20
)

type (
	// EnforceVersion fails to compile with a negative constant.
	EnforceVersion uint
	// SizeCache is a field of generated messages.
	SizeCache = int32
	// UnknownFields is a field of generated messages.
	UnknownFields = []byte
	// Pointer is the address of a message.
	Pointer = unsafe.Pointer
)

// MessageInfo stands for what is known of a message type.
type MessageInfo struct{}

// MessageOf is nil.
func (*MessageInfo) MessageOf(any) protoreflect.Message { return nil }

// MessageState is a field of generated messages.
type MessageState struct{}

// LoadMessageInfo is nil.
func (*MessageState) LoadMessageInfo() *MessageInfo { return nil }

// StoreMessageInfo does nothing.
func (*MessageState) StoreMessageInfo(*MessageInfo) {}

// DescBuilder describes a file of messages.
type DescBuilder struct {
	GoPackagePath                                     string
	RawDescriptor                                     []byte
	NumEnums, NumMessages, NumExtensions, NumServices int32
}

// TypeBuilder describes the types of a file.
type TypeBuilder struct {
	File              DescBuilder
	GoTypes           []any
	DependencyIndexes []int32
	MessageInfos      []MessageInfo
}

// Out is what Build gives.
type Out struct{ File protoreflect.FileDescriptor }

// Build is a file that is known to be there.
func (TypeBuilder) Build() Out { return Out{File: struct{}{}} }

type export struct{}

// X has the functions that generated code calls.
var X export

// MessageStateOf is nil.
func (export) MessageStateOf(Pointer) *MessageState { return nil }

// MessageStringOf is empty.
func (export) MessageStringOf(any) string { return "" }

// CompressGZIP gives back what it is given.
func (export) CompressGZIP(b []byte) []byte { return b }
