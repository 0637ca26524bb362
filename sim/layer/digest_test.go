package layer

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/layerlab/layerlab/sim/content"
	"github.com/layerlab/layerlab/sim/tree"
)

// file, dir, link and white are inodes for trees made by hand.
func file(mode uint32, body string) tree.Inode {
	return tree.Inode{Mode: tree.Regular | mode, Body: content.String(body), MTime: now}
}
func dir(mode uint32) tree.Inode { return tree.Inode{Mode: tree.Directory | mode, MTime: now} }
func symlink(target string) tree.Inode {
	return tree.Inode{Mode: tree.Symlink | 0o777, Target: target, MTime: now}
}
func owned(n tree.Inode, uid, gid uint32) tree.Inode {
	n.UID, n.GID = uid, gid
	return n
}

// now is later than every epoch in these tests.
var now = tree.Time{Sec: 1_750_000_000, Nsec: 123_456_789}

type placed struct {
	path string
	n    tree.Inode
}

func treeOf(entries ...placed) *tree.Tree {
	t := tree.New(now)
	for _, e := range entries {
		parent, name := split("/" + e.path)
		t.Add(t.MkdirAll(parent, dir(0o755)), name, e.n)
	}
	return t
}

// TestDigestsAreBuildKits holds the tar and gzip bytes of layers made by hand
// against the digests that Docker Engine 29's BuildKit gave for the same layers
// with SOURCE_DATE_EPOCH and rewrite-timestamp=true.
func TestDigestsAreBuildKits(t *testing.T) {
	for _, test := range []struct {
		name         string
		tree         *tree.Tree
		epoch        int64
		blob, diffID digest.Digest
		size         int64
	}{
		{"one file", treeOf(placed{"a.txt", file(0o644, "alpha\n")}), 0,
			"sha256:1f76db196dd6c6983a8fb122f443ddbcf534c069cfb1010cab8ebb0372375558",
			"sha256:c86927f99b743815477b7d1c7a7281d4b026b38435d1b592eb2526a92f35abe7", 2048},
		{"a folder", treeOf(placed{"etc/app/deep/two", file(0o644, "22\n")}, placed{"etc/app/one", file(0o644, "1\n")}), 0,
			"sha256:8f176e9d966f619b9166629d2c3ee98981f3b94fd3d135567c5527f88d4389fb",
			"sha256:efd765fbbcc18f0244dd95f58c18a2cc2b51510df400f41714a3632439976b0e", 4608},
		{"chown and chmod", treeOf(placed{"secret", owned(dir(0o600), 5, 6)}, placed{"secret/key", owned(file(0o600, "alpha\n"), 5, 6)}), 0,
			"sha256:a966b10cfc21c89a0a5e6c370c75d27d100a82ff2ccd46e4c838c6e5c0fec79d",
			"sha256:ed90b3f59f8d82093d66ad3872dcb1e53cf78a7b739e2d89d3d2dd6b0f38c5aa", 2560},
		{"an empty folder", treeOf(placed{"app", dir(0o755)}), 1_700_000_000,
			"sha256:b41c1ba42d315a9768410d6af1688b1eea791990e8a28205f104c96f72fe2c0d",
			"sha256:8102f9539f30466d2765282855b67b200a05c388d7b0233d20a6c7a543fbfb60", 1536},
		{"files of several modes", treeOf(placed{"app/a.ini", file(0o644, "a=1\n")}, placed{"app/b.ini", file(0o644, "b=2\n")},
			placed{"app/run.sh", file(0o755, "#!/bin/sh\necho run\n")}), 1_700_000_000,
			"sha256:e9bf29d354f8c8680c015d48fdc3ae6701a197d922fcb6baa42f7f35bb27b0ff",
			"sha256:8dde42e85fee61d15b1d3b8a5fb96a8fc10a33d2584c0a2012925a8128e54863", 4608},
		{"a symbolic link", treeOf(placed{"app/cache", dir(0o700)}, placed{"app/cache/tmp", dir(0o755)},
			placed{"app/latest", symlink("stamp")}, placed{"app/stamp", file(0o644, "built\n")}), 1_700_000_000,
			"sha256:dafb36d78e04d8a8ddf12c8c78907364fc0adfc5bb48a8d2c9a8fa2f1b0724e1",
			"sha256:71be3241608e955cf6fd3c8a15bfd3279e1d4526a37098dd449b8881d5b8a031", 4096},
		{"a whiteout", treeOf(placed{"app/cache/tmp", tree.Whiteout(now)}, placed{"app/cache/x", file(0o644, "again\n")}), 1_700_000_000,
			"sha256:28519a25cb1c2f98048c4a25d6ad9e18f9de4090f08536d77ba586e74c98ec62",
			"sha256:8172f0edadf8d119ea29adeeb59b0351e56fe9028c2f28e0901482ae498d93c5", 3584},
		{"nothing", treeOf(), 0, "sha256:4f4fb700ef54461cfa02571ae0db9a0dc1e0cdb5577484a6d75e68dc38e8acc1", emptyDiffID, 1024},
	} {
		t.Run(test.name, func(t *testing.T) {
			epoch := time.Unix(test.epoch, 0)
			l, err := New(context.Background(), test.tree, WriteOptions{Epoch: &epoch})
			if err != nil {
				t.Fatal(err)
			}
			if l.DiffID != test.diffID || l.Size != test.size {
				t.Errorf("tar is %s of %d bytes, BuildKit's %s of %d", l.DiffID, l.Size, test.diffID, test.size)
			}
			blob, d, err := GzipBlob(context.Background(), l.Tar(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if d != test.blob {
				t.Errorf("blob is %s, BuildKit's %s", d, test.blob)
			}
			rc, err := blob.Open()
			if err != nil {
				t.Fatal(err)
			}
			again, err := digest.FromReader(rc)
			if err != nil || again != d {
				t.Errorf("reading the blob gives %s, %v; its digest is %s", again, err, d)
			}
			if n, err := io.Copy(io.Discard, must(t, blob)); n != blob.Size() || err != nil {
				t.Errorf("blob has %d bytes, %v; its size is %d", n, err, blob.Size())
			}
		})
	}
}

func must(t *testing.T, b content.Body) io.Reader {
	t.Helper()
	rc, err := b.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { rc.Close() })
	return rc
}
