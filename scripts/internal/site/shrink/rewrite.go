package shrink

import "slices"

// callHead is what the compiler puts before each call: room on the goroutine's
// stack for the address to return to. The address, a constant, and callStore
// follow.
var callHead = []instruction{
	{op: opLocalGet, a: 1}, {op: opI32Const, a: 8}, {op: opI32Sub}, {op: opLocalTee, a: 1}, {op: opGlobalSet},
	{op: opLocalGet, a: 1},
}

// callStore stores the address and says that the callee is to begin at its
// beginning.
var callStore = []instruction{{op: opI64Store, a: 3}, {op: opI32Const}}

// callTail is what comes after a call: the stack may have moved.
var callTail = []instruction{{op: opGlobalGet}, {op: opLocalSet, a: 1}}

// leave is what comes after a constant, the size of the function's frame, where
// it returns: the frame is given back, then the address to return to.
var leave = []instruction{
	{op: opI32Add}, {op: opLocalTee, a: 1}, {op: opGlobalSet},
	{op: opLocalGet, a: 1}, {op: opI32Const, a: 8}, {op: opI32Add}, {op: opLocalTee, a: 1}, {op: opGlobalSet},
}

// at reports whether the code has these instructions at i.
func (f *body) at(i int, want []instruction) bool {
	if i < 0 || i+len(want) > len(f.code) {
		return false
	}
	for k, w := range want {
		if in := f.code[i+k]; in.op != w.op || in.a != w.a || in.b != w.b {
			return false
		}
	}
	return true
}

// replace goes through the code: rule says how many instructions at i are
// replaced, and by what; none are when n is 0.
func (f *body) replace(rule func(i int) (n int, by []instruction)) {
	out := make([]instruction, 0, len(f.code))
	for i := 0; i < len(f.code); {
		n, by := rule(i)
		if n == 0 {
			n, by = 1, f.code[i:i+1]
		}
		out = append(out, by...)
		i += n
	}
	f.code = out
}

// rewrite makes the function smaller, and a little faster.
func (fr *frame) rewrite(neverBack map[int64]int64) {
	fr.jumpForward()
	fr.jumpIf()
	fr.endWith(neverBack)
	fr.unwindInPlace()
	fr.replace(fr.leaveOnce)
}

// jump reports whether the code at i is a jump, as the compiler makes them: the
// number of the piece for the table, and back to the table.
func (fr *frame) jump(i int) bool {
	return i > fr.table && i+2 < len(fr.code) && fr.code[i].op == opI32Const && fr.code[i+1].is(opLocalSet, 0) &&
		fr.code[i+2].op == opBr && fr.code[i+2].label == fr.again && fr.again != bodyLabel
}

// jumpForward makes jumps to later pieces branches out of the blocks that end
// there, which need no table.
func (fr *frame) jumpForward() {
	piece := fr.pieces()
	targets := fr.code[fr.table].targets
	now := 0
	fr.replace(func(i int) (int, []instruction) {
		if in := fr.code[i]; in.op == opEnd {
			if p, ok := piece[in.label]; ok {
				now = p
			}
		}
		if !fr.jump(i) {
			return 0, nil
		}
		to := targets[min(int(fr.code[i].a), len(targets)-1)]
		if piece[to] <= now {
			return 0, nil
		}
		return 3, []instruction{{op: opBr, label: to}}
	})
}

// jumpIf makes an if that holds nothing but a jump a conditional branch. For one
// to an earlier piece the variable is set in any case; nothing but the table
// reads it.
func (fr *frame) jumpIf() {
	fr.replace(func(i int) (int, []instruction) {
		c := fr.code[i:]
		switch {
		case c[0].op != opIf:
			return 0, nil
		case c[1].op == opBr && c[2].op == opEnd:
			return 3, []instruction{{op: opBrIf, label: c[1].label}}
		case fr.jump(i+1) && c[4].op == opEnd:
			return 5, []instruction{c[1], c[2], {op: opBrIf, label: fr.again}}
		}
		return 0, nil
	})
}

// endWith makes calls that never come back, as those that panic, a call of
// a function that makes the call. neverBack is these functions by callee.
func (fr *frame) endWith(neverBack map[int64]int64) {
	head, store := len(callHead), len(callHead)+1
	call := store + len(callStore)
	unwind := call + 1 + len(callTail)
	fr.replace(func(i int) (int, []instruction) {
		if !fr.at(i, callHead) || !fr.at(i+store, callStore) || !fr.at(i+call+1, callTail) || i+unwind >= len(fr.code) {
			return 0, nil
		}
		c := fr.code[i:]
		by, ok := neverBack[c[call].a]
		if !ok || c[head].op != opI64Const || c[call].op != opCall || c[unwind].op != opBrIf || c[unwind].label != fr.unwind {
			return 0, nil
		}
		return unwind + 1, []instruction{c[head], {op: opCall, a: by}, {op: opReturn}}
	})
}

// unwindInPlace makes the function return where a call says so, not at its end:
// the way there is one number that is different for every call.
func (fr *frame) unwindInPlace() {
	if fr.unwind == bodyLabel {
		return
	}
	fr.replace(func(i int) (int, []instruction) {
		switch in := fr.code[i]; {
		case in.label != fr.unwind:
			return 0, nil
		case in.op == opBrIf:
			l := fr.newLabel()
			return 1, []instruction{{op: opIf, a: noType, label: l}, {op: opI32Const, a: 1}, {op: opReturn}, {op: opEnd, label: l}}
		case in.op == opBr:
			return 1, []instruction{{op: opI32Const, a: 1}, {op: opReturn}}
		case in.op == opBlock || in.op == opEnd:
			return 1, nil
		}
		return 0, nil
	})
	end := len(fr.code) - 2 // the i32.const 1 after the block, which nothing reaches
	fr.code = slices.Delete(fr.code, end, end+1)
}

// leaveOnce gives the frame and the address back in one go.
func (fr *frame) leaveOnce(i int) (int, []instruction) {
	if fr.code[i].op != opI32Const || !fr.at(i+1, leave) {
		return 0, nil
	}
	n := len(leave) + 1
	if i+n+1 >= len(fr.code) || fr.code[i+n].op != opI32Const || fr.code[i+n+1].op != opReturn {
		return 0, nil
	}
	return n, []instruction{{op: opI32Const, a: fr.code[i].a + 8}, {op: opI32Add}, {op: opGlobalSet}}
}
