package shrink

// A bucket (runtime.findfuncbucket) says for 4096 addresses which function is
// the first in there. A function of a WebAssembly program takes 65536.
const (
	bucketSize    = 20
	bucketsOfFunc = 16
)

// dropBuckets leaves the table of buckets, two fifths of a program's data, to the
// start function: bucket b belongs to function b/16. A table that says something
// else stays, and is reported as not dropped.
func (t *table) dropBuckets(start *function) bool {
	n := (t.end - t.buckets) / bucketSize
	if n == 0 {
		return false
	}
	for b := range n {
		at := t.buckets + b*bucketSize
		if t.u32(at) != b/bucketsOfFunc {
			return false
		}
		for _, c := range t.image[at+4 : at+bucketSize] {
			if c != 0 {
				return false
			}
		}
	}
	for b := range n {
		t.setU32(t.buckets+b*bucketSize, 0)
	}
	start.count(varI, n, func() {
		start.op(opLocalGet, varI)
		start.constant(bucketSize)
		start.op(opI32Mul)
		start.op(opLocalGet, varI)
		start.constant(4)
		start.op(opI32ShrU)
		start.op(opI32Store, 2, t.buckets)
	})
	return true
}
