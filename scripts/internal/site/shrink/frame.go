package shrink

// A frame is how the compiler builds a function (cmd/internal/obj/wasm). Code of
// a goroutine must be able to begin in the middle of a function, after a call, so
// the code is cut into pieces and a table at its head goes to one of them:
//
//	block unwind             ;; left when a call says that the stack is unwound
//	  loop again             ;; gone to for a jump: the piece is in variable 0
//	    block blocks[n] … block blocks[0]
//	      local.get 0
//	      br_table …
//	    end                  ;; of blocks[0]: piece 0
//	    …
//	    end                  ;; of blocks[1]: piece 1
//	    …
//	  end
//	  unreachable
//	end
//	i32.const 1
//
// unwind and again are there when something branches to them.
type frame struct {
	*body
	unwind, again int   // labels, bodyLabel where they are not there
	blocks        []int // labels
	table         int   // where in the code the br_table is
}

// findFrame is how a function is built; ok is false when it is not built like
// that, as the few that are written by hand and those that call nothing.
func findFrame(f *body) (fr frame, ok bool) {
	fr = frame{body: f}
	at := 2
	if len(f.code) < 8 || !f.code[0].is(opGlobalGet, 0) || !f.code[1].is(opLocalSet, 1) {
		return fr, false
	}
	n := len(f.code)
	if f.code[n-2].is(opI32Const, 1) && f.code[n-3].op == opEnd && f.code[n-3].label == f.code[at].label {
		fr.unwind = f.code[at].label
		at++
	}
	if f.code[at].op == opLoop {
		fr.again = f.code[at].label
		at++
	}
	for ; f.code[at].op == opBlock; at++ {
		fr.blocks = append(fr.blocks, f.code[at].label)
	}
	for i, j := 0, len(fr.blocks)-1; i < j; i, j = i+1, j-1 {
		fr.blocks[i], fr.blocks[j] = fr.blocks[j], fr.blocks[i]
	}
	if len(fr.blocks) == 0 || !f.code[at].is(opLocalGet, 0) || f.code[at+1].op != opBrTable || f.code[at+2].op != opEnd {
		return fr, false
	}
	fr.table = at + 1
	return fr, fr.sound()
}

// is reports whether an instruction has this opcode and number.
func (in *instruction) is(op byte, a int64) bool { return in.op == op && in.a == a }

// sound reports whether the pieces follow each other in the order of blocks and
// the table goes to nothing else.
func (fr *frame) sound() bool {
	piece := fr.pieces()
	next := 0
	for _, in := range fr.code[fr.table:] {
		if in.op != opEnd {
			continue
		}
		if p, ok := piece[in.label]; ok {
			if p != next {
				return false
			}
			next++
		}
	}
	for _, l := range fr.code[fr.table].targets {
		if _, ok := piece[l]; !ok {
			return false
		}
	}
	return next == len(fr.blocks)
}

// pieces is the number of the piece that begins where a block ends, by label.
func (fr *frame) pieces() map[int]int {
	out := make(map[int]int, len(fr.blocks))
	for i, l := range fr.blocks {
		out[l] = i
	}
	return out
}
