package cli_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"testing"
)

// TestLoadCompressedLayers loads what crane and kaniko write, a docker archive
// whose layers are gzip: they stay as they came, and saved and loaded again the
// image is the same.
func TestLoadCompressedLayers(t *testing.T) {
	var plain, packed [][]byte
	for i := range 2 {
		l := tarOf(t, fmt.Sprintf("f%d", i), "x")
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		z.Write(l)
		z.Close()
		plain, packed = append(plain, l), append(packed, b.Bytes())
	}
	s := newTerm(t)
	s.give("crane.tar", savedOf(t, "crane:1", plain, packed))
	s.want("docker load -i crane.tar", "Loaded image: crane:1\n")
	for i := range packed {
		s.want(fmt.Sprintf("lab ids crane:1 | grep ^layer | sed -n %dp", i+1), fmt.Sprintf("layer sha256:%x sha256:%x\n", sha256.Sum256(packed[i]), sha256.Sum256(plain[i])))
	}
	ids := s.run("lab ids crane:1")
	s.run("docker save -o again.tar crane:1 && docker rmi crane:1 && docker load -i again.tar")
	s.want("lab ids crane:1", ids)
}
