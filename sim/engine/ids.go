package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
)

// draw is the next 32 bytes that are drawn from the seed.
func (e *Engine) draw() [32]byte {
	e.drawn++
	return sha256.Sum256([]byte("layerlab " + e.o.Seed + " " + strconv.FormatUint(e.drawn, 10)))
}

// newID is a new ID of 64 hexadecimal digits, not all of its first twelve
// decimal, as Docker has it (a short ID must not look like a number).
func (e *Engine) newID() string {
	for {
		b := e.draw()
		id := hex.EncodeToString(b[:])
		if _, err := strconv.ParseInt(id[:12], 10, 64); err != nil {
			return id
		}
	}
}

// newRef is a new ID as BuildKit makes them: 25 digits and lower case letters.
func (e *Engine) newRef() string {
	const digits = "0123456789abcdefghijklmnopqrstuvwxyz"
	b := e.draw()
	out := make([]byte, 25)
	for i := range out {
		out[i] = digits[int(b[i])%len(digits)]
	}
	return string(out)
}

// newName is a generated container name that is free.
func (e *Engine) newName() string {
	for try := 0; ; try++ {
		b := e.draw()
		name := adjectives[int(b[0])%len(adjectives)] + "_" + surnames[int(b[1])%len(surnames)]
		if try > 5 {
			name += strconv.Itoa(int(b[2]) % 10)
		}
		if e.byName(name) == nil {
			return name
		}
	}
}

// The words of generated names: a manner, and somebody who built machines or
// the science of them.
var (
	adjectives = []string{
		"agile", "bold", "brave", "bright", "calm", "clever", "cosy", "curious", "eager", "fair", "fond", "gentle",
		"happy", "hopeful", "keen", "kind", "lively", "lucid", "merry", "modest", "nimble", "patient", "quiet", "quick",
		"serene", "sharp", "silent", "steady", "sunny", "tidy", "vivid", "wise",
	}
	surnames = []string{
		"babbage", "backus", "bartik", "boole", "church", "curie", "dijkstra", "engelbart", "euler", "floyd", "gauss",
		"hamilton", "hamming", "hoare", "hopper", "kay", "kernighan", "knuth", "lamport", "liskov", "lovelace", "mcilroy",
		"meitner", "milner", "noether", "perlman", "ritchie", "shannon", "thompson", "turing", "wilkes", "wirth",
	}
)
