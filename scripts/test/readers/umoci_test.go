//go:build readers

package readers_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestUmociUnpack unpacks every image with umoci, as root: modes, owners, times,
// links, devices and capabilities are those that we see.
func TestUmociUnpack(t *testing.T) {
	need(t, true, "umoci", "tar")
	devices := mayMakeDevices(t)
	each(t, "umoci", func(t *testing.T, s *sample) {
		if s.devices && !devices {
			t.Skip("this root may not make devices")
		}
		for _, n := range s.different() {
			layout, bundle := unpacked(t, s.oci[n]), filepath.Join(t.TempDir(), "bundle")
			tool(t, "umoci", "unpack", "--image", layout+":"+tagOf(n), bundle)
			got, err := ofDir(filepath.Join(bundle, "rootfs"))
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range differences(s.trees[n], got, s.views["umoci"]) {
				t.Errorf("%s: %s", n, d)
			}
		}
	})
}

// TestUmociRepack changes an unpacked image, has umoci write the layer, and loads
// the result.
func TestUmociRepack(t *testing.T) {
	need(t, true, "umoci", "tar")
	devices := mayMakeDevices(t)
	each(t, "umoci", func(t *testing.T, s *sample) {
		if s.devices && !devices {
			t.Skip("this root may not make devices")
		}
		for _, n := range s.different() {
			im := s.images[n]
			layout, bundle := unpacked(t, s.oci[n]), filepath.Join(t.TempDir(), "bundle")
			ref, root := layout+":"+tagOf(n), filepath.Join(bundle, "rootfs")
			tool(t, "umoci", "unpack", "--image", ref, bundle)
			if err := changed(root); err != nil {
				t.Fatal(err)
			}
			want, err := ofDir(root)
			if err != nil {
				t.Fatal(err)
			}
			tool(t, "umoci", "repack", "--image", ref, bundle)
			l := newLab(t, true)
			l.run("docker load -i " + l.give(packed(t, layout)))
			all := l.Engine().Store().Images()
			if len(all) != 1 || len(all[0].Layers) != len(im.Layers)+1 {
				t.Fatalf("%s: %d images loaded", n, len(all))
			}
			for _, d := range differences(treeOf(t, all[0]), want, s.views["umoci"]) {
				t.Errorf("%s: %s", n, d)
			}
			savesTheSame(t, l)
		}
	})
}

// changed does to a directory what a container might.
func changed(root string) error {
	entries, err := os.ReadDir(root)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		if err := os.RemoveAll(filepath.Join(root, entries[len(entries)-1].Name())); err != nil {
			return err
		}
	}
	name := filepath.Join(root, "by umoci")
	if err := os.WriteFile(name, []byte("changed\n"), 0o640); err != nil {
		return err
	}
	if err := os.Chmod(name, 0o750|os.ModeSetgid); err != nil {
		return err
	}
	if err := os.Chtimes(name, time.Time{}, time.Unix(1650000000, 0)); err != nil { // umoci's layers have whole seconds
		return err
	}
	return os.Link(name, filepath.Join(root, "by umoci too"))
}
