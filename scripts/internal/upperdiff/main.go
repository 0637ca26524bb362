// Command upperdiff makes layers of upper directories with BuildKit's own code, for
// the tests of sim/overlay to compare with. It is a module of its own because
// BuildKit's mount package wants the real protobuf, for which the project's module
// has an empty stand-in.
//
// Each line on its input is directories separated by tabs, the lowest layer first
// and the upper last. For each it answers with the length of the layer's tar, 8
// bytes with the lowest first, and the tar. An empty line makes no layer, of length 0.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/containerd/containerd/v2/core/mount"
	"github.com/moby/buildkit/util/overlay"
)

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		dirs := strings.Split(in.Text(), "\t")
		var tar bytes.Buffer
		if len(dirs) < 2 {
			os.Stdout.Write(make([]byte, 8))
			continue
		}
		if err := overlay.WriteUpperdir(context.Background(), &tar, dirs[len(dirs)-1], lower(dirs[:len(dirs)-1])); err != nil {
			fmt.Fprintln(os.Stderr, "upperdiff:", err)
			os.Exit(1)
		}
		size := binary.LittleEndian.AppendUint64(nil, uint64(tar.Len()))
		os.Stdout.Write(append(size, tar.Bytes()...))
	}
}

// lower is how containerd's snapshotter would mount the layers below the upper.
func lower(dirs []string) []mount.Mount {
	if len(dirs) == 1 {
		return []mount.Mount{{Type: "bind", Source: dirs[0], Options: []string{"ro", "rbind"}}}
	}
	top := slices.Clone(dirs)
	slices.Reverse(top)
	return []mount.Mount{{Type: "overlay", Source: "overlay", Options: []string{"index=off", "lowerdir=" + strings.Join(top, ":")}}}
}
