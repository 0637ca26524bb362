package overlay_test

import (
	"fmt"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/tree"
)

// Appending to a file of an image copies it into the container's own layer first.
func Example() {
	image := tree.New(tree.Time{})
	etc := image.MkdirAll("etc", tree.Inode{Mode: tree.Directory | 0o755})
	image.Add(etc, "motd", tree.Inode{Mode: tree.Regular | 0o644, Body: content.String("hello\n")})

	m := overlay.New([]*tree.Tree{image}, tree.New(tree.Time{}), overlay.Options{
		Trace: func(e overlay.Event) {
			if up, ok := e.(overlay.CopiedUp); ok {
				fmt.Printf("copied up %s from layer %d: %d bytes, to %s\n", up.Path, up.From, up.Bytes, up.Why)
			}
		},
	})
	if err := m.Root().Chmod("/etc/motd", 0o600); err != nil {
		fmt.Println(err)
	}
	for _, v := range m.XRay("/etc/motd") {
		fmt.Println("layer", v.Layer, v.State, v.Cause, v.Dead)
	}
	for _, c := range m.Changes() {
		fmt.Printf("%c %s\n", c.Kind, c.Path)
	}
	// Output:
	// copied up /etc/motd from layer 0: 6 bytes, to chmod
	// layer 1 wins  0
	// layer 0 hidden overwritten 6
	// C /etc
	// C /etc/motd
}
