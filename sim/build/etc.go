package build

import (
	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/overlay"
	"github.com/layerlab/layerlab/sim/shell"
	"github.com/layerlab/layerlab/sim/tree"
)

// The files that BuildKit mounts into every RUN, whatever the image has there;
// hosts is BuildKit's own text, the name server is the machine's.
const (
	hosts  = "127.0.0.1\tlocalhost buildkitsandbox\n::1\tlocalhost ip6-localhost ip6-loopback\n"
	resolv = "nameserver 192.168.65.7\n"
)

// etc is /etc/hosts and /etc/resolv.conf as mounts: they can be read and copied,
// are busy, and are in no layer.
func (r *run) etc() []shell.Mounted {
	t := tree.New(r.clock())
	for name, text := range map[string]string{"hosts": hosts, "resolv.conf": resolv} {
		t.Add(tree.Root, name, tree.Inode{Mode: tree.Regular | 0o644, MTime: r.clock(), Body: content.String(text)})
	}
	v := overlay.New(nil, t, overlay.Options{Now: r.clock}).Root()
	return []shell.Mounted{
		{Path: "/etc/hosts", View: v, Root: "/hosts"},
		{Path: "/etc/resolv.conf", View: v, Root: "/resolv.conf"},
	}
}
