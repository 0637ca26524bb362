package shrink

import (
	"errors"
	"fmt"
	"slices"
)

// An instruction of a function's body (5.4). What a branch goes to is a label,
// not a count of blocks, so that blocks can be put in and taken out.
type instruction struct {
	op      byte
	sub     byte   // which of the instructions that share the prefix 0xfc
	a, b    int64  // immediate numbers: an index, a constant, alignment and offset
	label   int    // of block, loop, if: its own; of else, end: of what it belongs to; of br, br_if: where to
	targets []int  // of br_table: labels
	raw     []byte // of constants that are floating-point numbers
}

// body is the label of the function itself.
const bodyLabel = 0

// Opcodes.
const (
	opUnreachable  = 0x00
	opBlock        = 0x02
	opLoop         = 0x03
	opIf           = 0x04
	opElse         = 0x05
	opEnd          = 0x0b
	opBr           = 0x0c
	opBrIf         = 0x0d
	opBrTable      = 0x0e
	opReturn       = 0x0f
	opCall         = 0x10
	opCallIndirect = 0x11
	opLocalGet     = 0x20
	opLocalSet     = 0x21
	opLocalTee     = 0x22
	opGlobalGet    = 0x23
	opGlobalSet    = 0x24
	opI32Load      = 0x28
	opI32Load8U    = 0x2d
	opI32Store     = 0x36
	opI64Store     = 0x37
	opI64Store32   = 0x3e
	opMemorySize   = 0x3f
	opMemoryGrow   = 0x40
	opI32Const     = 0x41
	opI64Const     = 0x42
	opF32Const     = 0x43
	opF64Const     = 0x44
	opI32Eqz       = 0x45
	opI32LtU       = 0x49
	opI32GtU       = 0x4b
	opI32Add       = 0x6a
	opI32Sub       = 0x6b
	opI32Mul       = 0x6c
	opI32And       = 0x71
	opI32Or        = 0x72
	opI32Xor       = 0x73
	opI32Shl       = 0x74
	opI32ShrU      = 0x76
	opI64Extend32S = 0xc4
	opPrefix       = 0xfc
	subMemoryCopy  = 10
	subMemoryFill  = 11
)

// A body is a function's code taken apart.
type body struct {
	locals []byte // their declarations as they are in the file
	code   []instruction
	labels int // how many are used
}

// newLabel is a label that no instruction has.
func (f *body) newLabel() int {
	f.labels++
	return f.labels - 1
}

// readBody takes the code of a function apart, which must be all of b.
func readBody(b []byte) (*body, error) {
	r := reader{b}
	for range r.unsigned() {
		r.unsigned() // how many
		r.byte()     // of which type
	}
	f := &body{locals: b[:len(b)-len(r.b)], labels: 1}
	open := []int{bodyLabel}
	target := func() (int, error) {
		depth := r.unsigned()
		if depth >= uint64(len(open)) {
			return 0, fmt.Errorf("a branch leaves %d blocks of %d", depth+1, len(open))
		}
		return open[len(open)-1-int(depth)], nil
	}
	for len(open) > 0 {
		if len(r.b) == 0 {
			return nil, errors.New("the code has no end")
		}
		in := instruction{op: r.byte()}
		var err error
		switch in.op {
		case opBlock, opLoop, opIf:
			in.a, in.label = int64(r.byte()), f.newLabel()
			open = append(open, in.label)
		case opElse:
			in.label = open[len(open)-1]
		case opEnd:
			in.label = open[len(open)-1]
			open = open[:len(open)-1]
		case opBr, opBrIf:
			in.label, err = target()
		case opBrTable:
			for range r.unsigned() + 1 {
				var l int
				if l, err = target(); err != nil {
					break
				}
				in.targets = append(in.targets, l)
			}
		default:
			err = in.readPlain(&r)
		}
		if err != nil {
			return nil, err
		}
		f.code = append(f.code, in)
	}
	if len(r.b) > 0 {
		return nil, errors.New("the code goes on after its end")
	}
	return f, nil
}

// readPlain reads the immediates of an instruction that is no branch or block.
func (in *instruction) readPlain(r *reader) (err error) {
	switch op := in.op; {
	case op == opCall || opLocalGet <= op && op <= opGlobalSet:
		in.a = int64(r.unsigned())
	case op == opCallIndirect || opI32Load <= op && op <= opI64Store32:
		in.a, in.b = int64(r.unsigned()), int64(r.unsigned())
	case op == opMemorySize || op == opMemoryGrow:
		in.a = int64(r.byte())
	case op == opI32Const || op == opI64Const:
		in.a = r.signed()
	case op == opF32Const:
		in.raw, err = r.take(4)
	case op == opF64Const:
		in.raw, err = r.take(8)
	case op == opPrefix:
		switch in.sub = r.byte(); {
		case in.sub == subMemoryCopy:
			in.a, in.b = int64(r.byte()), int64(r.byte())
		case in.sub == subMemoryFill:
			in.a = int64(r.byte())
		case in.sub > 7:
			err = fmt.Errorf("instruction %#x %d is not known here", op, in.sub)
		}
	case op <= 0x01 || op == opReturn || op == 0x1a || op == 0x1b || opI32Eqz <= op && op <= opI64Extend32S:
	default:
		err = fmt.Errorf("instruction %#x is not known here", op)
	}
	return err
}

// bytes is the function's code as it is in a file.
func (f *body) bytes() []byte {
	out := slices.Clone(f.locals)
	open := []int{bodyLabel}
	depth := func(label int) uint64 {
		return uint64(len(open) - 1 - slices.Index(open, label))
	}
	for _, in := range f.code {
		out = append(out, in.op)
		switch in.op {
		case opBlock, opLoop, opIf:
			out = append(out, byte(in.a))
			open = append(open, in.label)
		case opEnd:
			open = open[:len(open)-1]
		case opBr, opBrIf:
			out = appendUnsigned(out, depth(in.label))
		case opBrTable:
			out = appendUnsigned(out, uint64(len(in.targets)-1))
			for _, l := range in.targets {
				out = appendUnsigned(out, depth(l))
			}
		default:
			out = in.appendPlain(out)
		}
	}
	return out
}

func (in *instruction) appendPlain(out []byte) []byte {
	switch op := in.op; {
	case op == opCall || opLocalGet <= op && op <= opGlobalSet:
		out = appendUnsigned(out, uint64(in.a))
	case op == opCallIndirect || opI32Load <= op && op <= opI64Store32:
		out = appendUnsigned(appendUnsigned(out, uint64(in.a)), uint64(in.b))
	case op == opMemorySize || op == opMemoryGrow:
		out = append(out, byte(in.a))
	case op == opI32Const || op == opI64Const:
		out = appendSigned(out, in.a)
	case op == opF32Const || op == opF64Const:
		out = append(out, in.raw...)
	case op == opPrefix:
		out = append(out, in.sub)
		switch in.sub {
		case subMemoryCopy:
			out = append(out, byte(in.a), byte(in.b))
		case subMemoryFill:
			out = append(out, byte(in.a))
		}
	}
	return out
}
